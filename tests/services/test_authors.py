"""Who wrote it, how the ladder treats them, and that a block keeps them out."""

from datetime import timedelta

import pytest

from moderation.errors import AuthorBlocked
from moderation.services.penalising import block_domain
from moderation.services.submitting import Writer
from moderation.store.tables import Author, Block, Strike
from tests.builders import a_site, an_article, stored
from tests.workbench import everything, rows

ATTACKS = ("You are an idiot.", "Shut up, you pathetic moron.", "You are a stupid clown.")


def penalties(tools) -> list[tuple[str, str | None]]:
    return [(block.penalty, block.clause) for block in rows(tools.database, Block)]


def test_a_guest_is_known_again_by_the_address_in_whatever_case(tools, submit):
    first = submit(writer=Writer("Ann", "Ann@Example.com")).comment
    second = submit("Another thought.", writer=Writer("Anna", " ann@example.COM ")).comment
    assert first.author_id == second.author_id
    (author,) = rows(tools.database, Author)
    assert author.name == "Anna"


def test_the_same_address_on_another_site_is_another_author(tools, newsroom, submit):
    other = a_site()
    elsewhere = an_article(other)
    with tools.database.begin() as store:
        stored(store, other, elsewhere)
    here, there = submit(), submit(site_id=other.id, article=elsewhere)
    assert here.comment.author_id != there.comment.author_id


def test_the_key_of_an_address_is_not_the_address_nor_its_plain_hash(tools, submit):
    submit(writer=Writer("Ann", "ann@example.com"))
    (author,) = rows(tools.database, Author)
    assert "ann" not in author.email_key
    assert len(author.email_key) == 64


def test_whom_the_site_knows_by_its_own_id_is_not_the_guest_with_the_same_address(tools, submit):
    guest = submit(writer=Writer("Ann", "ann@example.com")).comment
    member = submit("Another thought.", writer=Writer("Ann", "ann@example.com", "user-7")).comment
    again = submit("A third one.", writer=Writer("Ann", None, "user-7"), source="api").comment
    assert guest.author_id != member.author_id == again.author_id


def test_three_personal_attacks_lead_to_warning_premoderation_and_block(tools, newsroom, submit, clock):
    notices = [submit(body).notice for body in ATTACKS]
    assert penalties(tools) == [(rung, "personal-attack") for rung in ("warn", "premoderate", "block")]
    assert notices == [rung.sentence for rung in tools.engine.policy.ladder[:3]]
    block = rows(tools.database, Block)[-1]
    assert (block.given_by, block.starts_at, block.ends_at) == (
        "ladder",
        clock(),
        clock() + timedelta(days=30),
    )
    assert block.strike_ids == [strike.id for strike in rows(tools.database, Strike)]
    assert len(block.comment_ids) == 3


def test_a_blocked_authors_next_comment_is_refused_with_reason_and_end_and_costs_nothing(
    tools, submit, clock
):
    for body in ATTACKS:
        submit(body)
    before = everything(tools.database)
    with pytest.raises(AuthorBlocked) as refusal:
        submit("You are an idiot, again.")
    assert everything(tools.database) == before
    assert refusal.value.clause == "personal-attack"
    assert refusal.value.until == clock() + timedelta(days=30)
    assert "until 23 December 2026, 12:00 UTC" in str(refusal.value)
    assert "No personal attacks" in str(refusal.value)
    assert submit(by="Bedros").status == "published"


def test_after_a_block_has_ended_its_author_may_comment(tools, submit, clock):
    for body in ATTACKS:
        submit(body)
    clock.advance(days=30)
    assert submit().status == "published"


def test_hold_everything_holds_what_is_clean_and_keeps_a_rejection_a_rejection(submit):
    for body in ATTACKS[:2]:
        submit(body)
    held = submit()
    assert (held.status, held.decision["clause"]) == ("held", "premoderated")
    assert (held.notice, submit(ATTACKS[2]).status) == (None, "rejected")


def test_hold_everything_ends_with_its_days(submit, clock):
    for body in ATTACKS[:2]:
        submit(body)
    clock.advance(days=14)
    assert submit().status == "published"


def test_strikes_that_have_expired_lead_to_nothing(tools, submit, clock):
    submit(ATTACKS[0])
    clock.advance(days=90)
    submit(ATTACKS[1])
    assert [penalty for penalty, _ in penalties(tools)] == ["warn", "warn"]


def test_the_first_block_for_ever_follows_nine_points(tools, submit, clock):
    for body in ATTACKS:
        submit(body)
    clock.advance(days=30)
    submit("You are an idiot, I said.")
    clock.advance(days=30)
    submit("You are an idiot, I say.")
    assert [(block.penalty, block.ends_at is None) for block in rows(tools.database, Block)] == [
        ("warn", False),
        ("premoderate", False),
        ("block", False),
        ("block", False),
        ("block", True),
    ]
    with pytest.raises(AuthorBlocked, match="until the block is lifted"):
        submit()


@pytest.mark.parametrize(
    "email",
    [
        "ann@bad.example",
        "Bedros@BAD.example",
        "carmen@ｂａｄ.example",
        "dikran@bad。example",
        " ella@bad.example",
    ],
)
def test_a_blocked_domain_keeps_out_whoever_has_an_address_there(tools, newsroom, submit, email):
    block_domain(tools, "@Bad.Example", "cli", "spam", 7)
    with pytest.raises(AuthorBlocked) as refusal:
        submit(writer=Writer("Ann", email))
    assert refusal.value.clause == "spam"
    assert submit(writer=Writer("Ann", "ann@notbad.example")).status == "published"


def test_an_address_in_latin_letters_of_an_international_domain_is_the_same_address(tools, newsroom, submit):
    first = submit(writer=Writer("Ann", "ann@bücher.example")).comment
    second = submit("Another thought.", writer=Writer("Ann", "ann@xn--bcher-kva.example")).comment
    assert first.author_id == second.author_id
    block_domain(tools, "bücher.example", "cli", "spam", 7)
    with pytest.raises(AuthorBlocked):
        submit(writer=Writer("Carmen", "carmen@xn--bcher-kva.example"))
