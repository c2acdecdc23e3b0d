"""A guest's address is confirmed once, by a link that works once; what waited for it is decided then."""

from dataclasses import replace
from datetime import timedelta

import pytest

from moderation.errors import InvalidInput, NotFound
from moderation.services.confirming import open_link, withdraw_unconfirmed
from moderation.services.connecting import set_confirmation
from moderation.services.linking import CONFIRM_LASTS, OPEN_LASTS, ask_for_link
from moderation.services.mailing import send_due
from moderation.services.remembering import erase_author
from moderation.services.submitting import Writer
from moderation.store.tables import AuditEvent, Author, Comment, DecisionRow, Delivery, Mail, Strike
from tests.services.test_at_once import TOGETHER, at_once
from tests.workbench import everything, rows

UNREAD = "არცახი სომხეთია და მორჩა"  # held: nothing here reads Georgian
ATTACK, CLEAN = "You are an idiot.", "I see it otherwise, and here is why."


@pytest.fixture
def tools(tools, mailbox):
    return replace(tools, mailer=mailbox.mailer)


@pytest.fixture
def strict(tools, newsroom):
    """The same newsroom, which wishes addresses confirmed."""
    with tools.database.begin() as store:
        store.sites.get(newsroom.site.id).confirms_addresses = True
    return newsroom


@pytest.fixture
def ask(tools, newsroom):
    """Ask for the link to one's own comments."""
    return lambda email, **more: ask_for_link(tools, newsroom.site.id, email, **more)


def states(tools):
    return [comment.state for comment in rows(tools.database, Comment)]


def test_without_the_wish_nobody_is_asked(tools, submit):
    assert submit().status == "published"
    assert rows(tools.database, Mail) == []


def test_a_comment_waits_for_the_address_with_a_sentence_that_says_so(tools, strict, submit, mailbox):
    outcome = submit()
    assert (outcome.status, outcome.decision["clause"]) == ("held", "unconfirmed-address")
    assert send_due(tools) == 1
    (mail,) = mailbox.came
    assert mail["To"] == "ann@example.com"
    assert "/mine/open/" in mail.get_content()
    assert outcome.comment.body not in mail.get_content()


def test_the_link_lets_it_go_to_its_verdict(tools, strict, submit, mailbox):
    submit(CLEAN), submit(ATTACK), submit(UNREAD)
    send_due(tools)
    author = open_link(tools, mailbox.token())
    assert states(tools) == ["published", "rejected", "held"]
    assert rows(tools.database, Author)[0].confirmed_at == tools.now()
    assert [strike.author_id for strike in rows(tools.database, Strike)] == [author.id]
    numbers = [(row.number, row.revision) for row in rows(tools.database, DecisionRow)]
    assert sorted(numbers) == [(1, 1), (1, 1), (1, 1), (2, 1), (2, 1), (2, 1)]
    events = [row.event for row in rows(tools.database, Delivery)]
    assert sorted(events) == ["comment.held"] * 4 + ["comment.published", "comment.rejected"]


def test_an_insult_under_a_strangers_address_costs_the_stranger_nothing(tools, strict, submit):
    assert submit(ATTACK).status == "held"
    assert rows(tools.database, Strike) == []


def test_confirmed_once_is_confirmed(tools, strict, submit, mailbox):
    submit()
    send_due(tools)
    open_link(tools, mailbox.token())
    assert submit("And one thing more, if I may.").status == "published"
    assert len(mailbox.came) == len(rows(tools.database, Mail)) == 1


def test_what_the_site_itself_hands_in_waits_for_no_link(tools, strict, submit):
    assert submit(source="api").status == "published"
    assert submit("Another.", writer=Writer("Zabel", "z@example.com", "user-1")).status == "published"


def test_a_link_works_once(tools, strict, submit, mailbox):
    submit()
    send_due(tools)
    open_link(tools, mailbox.token())
    before = everything(tools.database)
    with pytest.raises(NotFound):
        open_link(tools, mailbox.token())
    assert everything(tools.database) == before


def test_of_many_who_open_a_link_at_once_one_does(tools, strict, submit, mailbox):
    submit()
    send_due(tools)
    came = at_once(lambda _: open_link(tools, mailbox.token()))
    assert [isinstance(one, NotFound) for one in came].count(False) == 1
    assert len(came) == TOGETHER
    assert [event.action for event in rows(tools.database, AuditEvent)].count("author.confirmed") == 1
    assert len(rows(tools.database, DecisionRow)) == 2


def test_a_link_expires(tools, strict, submit, mailbox, clock):
    submit()
    send_due(tools)
    clock.advance(seconds=CONFIRM_LASTS.total_seconds())
    with pytest.raises(NotFound):
        open_link(tools, mailbox.token())
    assert states(tools) == ["held"]


@pytest.mark.parametrize(
    "spoil", [lambda t: t[:-1], lambda t: "A" + t[1:], lambda t: "", lambda t: t + "\ud800"]
)
def test_a_link_that_was_not_made_here_opens_nothing(tools, strict, submit, mailbox, spoil):
    submit()
    send_due(tools)
    with pytest.raises(NotFound):
        open_link(tools, spoil(mailbox.token()))


def test_a_link_of_somebody_erased_opens_nothing(tools, strict, submit, mailbox):
    comment = submit().comment
    send_due(tools)
    erase_author(tools, comment.author_id, "cli")
    with pytest.raises(NotFound):
        open_link(tools, mailbox.token())


def test_what_a_moderator_decided_meanwhile_stays(tools, strict, submit, review, mailbox):
    comment = submit(ATTACK).comment
    review(comment, "approve")
    send_due(tools)
    open_link(tools, mailbox.token())
    assert states(tools) == ["published"]


def test_the_link_to_ones_own_comments_goes_to_who_has_written(tools, submit, ask, mailbox, clock):
    author_id = submit().comment.author_id
    ask(" ANN@example.com ")
    assert send_due(tools) == 1
    clock.advance(seconds=OPEN_LASTS.total_seconds() - 1)
    assert open_link(tools, mailbox.token()).id == author_id


def test_a_strangers_address_is_sent_nothing_and_nobody_learns_which(tools, submit, ask, mailbox):
    submit()
    assert ask("nobody@example.com") is None
    assert send_due(tools) == 0
    (row,) = rows(tools.database, Mail)
    assert (row.to, row.text, row.author_id, row.next_attempt_at) == ("", "", None, None)


def test_what_is_no_address_is_named(ask):
    with pytest.raises(InvalidInput) as refused:
        ask("not an address")
    assert "email" in refused.value.fields


def test_an_address_is_not_bombed(tools, submit, ask, mailbox, clock):
    submit()
    for network in range(10):
        ask("ann@example.com", network=f"n{network}")
    send_due(tools)
    assert len(mailbox.came) == 4
    clock.advance(hours=1)
    ask("ann@example.com", network="n1")
    send_due(tools)
    assert len(mailbox.came) == 5


def test_a_network_cannot_bomb_many_addresses(tools, strict, submit, mailbox):
    for number in range(25):
        submit(f"Thought number {number}.", by=f"Ann{number}", network="one")
    while send_due(tools):
        pass
    assert len(mailbox.came) == 20
    assert submit("From elsewhere.", by="Zoe", network="two").status == "held"
    send_due(tools)
    assert len(mailbox.came) == 21


def test_strangers_addresses_count_for_the_network_that_asks(tools, submit, ask, mailbox):
    submit()
    for number in range(20):
        ask(f"nobody{number}@example.com", network="one")
    ask("ann@example.com", network="one")
    assert send_due(tools) == 0


def test_what_nobody_confirms_is_withdrawn_when_its_days_are_over_and_no_sooner(
    tools, strict, submit, clock, mailbox
):
    comment, held = submit().comment, submit(UNREAD, source="api").comment
    days = tools.engine.policy.limits.unconfirmed_days
    clock.advance(days=days, seconds=-1)
    assert withdraw_unconfirmed(tools) == 0
    clock.advance(seconds=1)
    assert withdraw_unconfirmed(tools) == 1
    assert withdraw_unconfirmed(tools) == 0
    states = {row.id: row.state for row in rows(tools.database, Comment)}
    assert states == {comment.id: "withdrawn", held.id: "held"}
    (event,) = [row for row in rows(tools.database, AuditEvent) if row.action == "comment.withdrawn"]
    assert (event.actor, event.subject) == ("clock", f"comment:{comment.id}")
    assert event.detail == {"author": comment.author_id, "because": "unconfirmed"}
    assert [row.event for row in rows(tools.database, Delivery)].count("comment.withdrawn") == 1
    with tools.database.read() as store:
        assert store.comments.count_withdrawn("unconfirmed-address", clock() - timedelta(days=30)) == 1
        assert store.comments.count_withdrawn("unconfirmed-address", clock()) == 0
    assert rows(tools.database, Strike) == []


def test_what_was_withdrawn_unconfirmed_stays_so_when_the_address_is_confirmed_later(
    tools, strict, submit, ask, clock, mailbox
):
    submit()
    clock.advance(days=tools.engine.policy.limits.unconfirmed_days)
    withdraw_unconfirmed(tools)
    ask("ann@example.com")
    send_due(tools)
    open_link(tools, mailbox.token())
    assert states(tools) == ["withdrawn"]


def test_of_many_clocks_at_once_one_withdraws(tools, strict, submit, clock):
    submit()
    clock.advance(days=tools.engine.policy.limits.unconfirmed_days)
    assert sum(at_once(lambda _: withdraw_unconfirmed(tools))) == 1
    assert [event.action for event in rows(tools.database, AuditEvent)].count("comment.withdrawn") == 1


def test_a_site_that_wishes_no_confirmation_any_more_leaves_it_to_its_moderators(
    tools, strict, submit, clock
):
    submit()
    set_confirmation(tools, strict.site.id, False, "cli")
    clock.advance(days=400)
    assert withdraw_unconfirmed(tools) == 0


def test_a_policy_may_let_them_wait_for_ever(tools, strict, submit, clock, monkeypatch):
    submit()
    policy = tools.engine.policy
    limits = policy.limits.model_copy(update={"unconfirmed_days": 0})
    monkeypatch.setattr(tools.engine, "policy", policy.model_copy(update={"limits": limits}))
    clock.advance(days=400)
    assert withdraw_unconfirmed(tools) == 0
