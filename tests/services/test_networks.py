"""Network addresses are known by keyed hashes alone; a newcomer from a blocked author's network is read first."""

from datetime import timedelta

import pytest

from moderation.errors import AuthorBlocked
from moderation.services import networks, penalising
from moderation.services.checking import Writer
from moderation.services.networks import network_of
from moderation.store.tables import AuditEvent, Block, Comment, DecisionRow, NetworkKey, NetworkSeen
from tests.workbench import everything, rows

HERE, THERE = "198.51.100.23", "203.0.113.5"
ATTACK = "You are an idiot"


def from_(name="Ann", address=HERE, **changes) -> Writer:
    return Writer(name, f"{name.lower()}@example.com", address=address, **changes)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        (" 192.0.2.7 ", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("::1", "::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        (None, ""),
        ("unknown", ""),
        ("192.0.2.7/24", ""),
        ("999.0.0.1", ""),
    ],
)
def test_a_network_is_an_ipv4_address_or_the_64_of_an_ipv6_one(address, network):
    assert network_of(address) == network


def test_an_address_is_never_stored_only_its_hash_under_a_key(tools, submit):
    submit(writer=from_())
    penalising.block_address(tools, THERE, "m1", None, None)
    (seen,), (key,), (block,) = (rows(tools.database, table) for table in (NetworkSeen, NetworkKey, Block))
    assert seen.key_id == block.network_key_id == key.id
    assert len(seen.hash) == len(block.subject) == 64
    assert seen.hash != block.subject
    assert not any(address in str(everything(tools.database)) for address in (HERE, THERE))


def test_a_blocked_network_keeps_everybody_out_whoever_writes(tools, newsroom, submit):
    block = penalising.block_address(tools, "2001:db8:1:2::7", "m1", "spam", 7)
    assert penalising.block_address(tools, "2001:db8:1:2::8", "m1", "spam", 7).id == block.id
    with pytest.raises(AuthorBlocked):
        submit("A calm remark.", writer=from_("Bo", "2001:db8:1:2:ffff::1"))
    assert submit("A calm remark.", writer=from_("Bo", "2001:db8:1:3::1")).status == "published"
    assert submit("Another calm remark.", writer=from_("Cy", None)).status == "published"


def test_a_block_covers_the_network_where_a_moderator_says_so_and_lifting_undoes_both(tools, submit):
    comment = submit(writer=from_()).comment
    block = penalising.block_author(
        tools,
        comment.author_id,
        "m1",
        "spam",
        30,
        comment_ids=(comment.id,),
        covers=("network", "email_domain"),
    )
    companions = [row for row in rows(tools.database, Block) if row.given_with == block.id]
    assert {row.subject_kind for row in companions} == {"network", "email_domain"}
    assert {row.ends_at for row in companions} == {block.ends_at}
    with pytest.raises(AuthorBlocked):
        submit("A calm remark.", writer=Writer("Bo", "bo@example.org", address=HERE))
    penalising.lift_block(tools, block.id, "m1")
    assert all(row.lifted_at is not None for row in rows(tools.database, Block))
    assert submit("A calm remark.", writer=Writer("Bo", "bo@example.org", address=HERE)).status == "published"


def test_a_newcomer_from_a_blocked_authors_network_is_held_and_shown_as_such(tools, submit, clock):
    known = submit("I was here before.", writer=from_("Old")).comment
    clock.advance(minutes=1)
    for end in ("", "!", "."):
        submit(f"{ATTACK}{end}", writer=from_())
        clock.advance(minutes=1)
    with pytest.raises(AuthorBlocked):
        submit("A calm remark.", writer=from_())
    held = submit("A calm remark.", writer=from_("Nova"))
    assert (held.status, held.decision["clause"]) == ("held", "block-evasion")
    decision = next(row for row in rows(tools.database, DecisionRow) if row.comment_id == held.comment.id)
    (signal,) = [signal for signal in decision.signals if signal["clause"] == "block-evasion"]
    blocked = next(row for row in rows(tools.database, Comment) if row.body == ATTACK).author_id
    assert signal["matched_as"] == blocked
    assert "network" in signal["note"]
    assert blocked not in str(held.decision), "the reader does not learn who else is blocked"
    assert submit("And I still am.", writer=from_("Old")).status == "published"
    assert submit("A calm remark from elsewhere.", writer=from_("Far", THERE)).status == "published"
    assert known.author_id != held.comment.author_id


def test_a_new_account_with_a_blocked_authors_e_mail_is_held(tools, submit, clock):
    comment = submit().comment
    clock.advance(minutes=1)
    penalising.block_author(tools, comment.author_id, "m1", "spam", None)
    clock.advance(minutes=1)
    again = Writer("Somebody Else", "ANN@example.com", external_id="u-77")
    held = submit("A calm remark.", writer=again, source="api")
    assert (held.status, held.decision["clause"]) == ("held", "block-evasion")
    penalising.lift_block(tools, rows(tools.database, Block)[0].id, "m1")
    assert submit("Another calm remark.", writer=again, source="api").status == "published"


def test_hashes_go_with_time_and_a_key_when_nothing_needs_it(tools, submit, clock):
    policy = tools.engine.policy.networks
    submit(writer=from_())
    block = penalising.block_address(tools, THERE, "m1", None, None)
    clock.advance(days=policy.kept_days)
    assert networks.forget_due(tools) == 0
    clock.advance(seconds=1)
    assert networks.forget_due(tools) == 1
    assert rows(tools.database, NetworkSeen) == []
    clock.advance(days=policy.key_days)
    assert networks.forget_due(tools) == 0, "a block uses the key"
    with pytest.raises(AuthorBlocked):
        submit("A calm remark.", writer=from_("Bo", THERE))
    submit("A calm remark.", writer=from_("Cy"))
    old, new = rows(tools.database, NetworkKey)
    assert new.created_at - old.created_at > timedelta(days=policy.key_days)
    penalising.lift_block(tools, block.id, "m1")
    assert networks.forget_due(tools) == 1
    old, new = rows(tools.database, NetworkKey)
    assert (old.secret, old.destroyed_at) == (b"", clock())
    assert new.destroyed_at is None
    assert rows(tools.database, AuditEvent)[-1].action == "network_key.destroyed"


def test_erasing_an_author_forgets_the_networks(tools, submit):
    comment = submit(writer=from_()).comment
    with tools.database.begin() as store:
        store.people.erase(comment.author_id, tools.now())
    assert rows(tools.database, NetworkSeen) == []
