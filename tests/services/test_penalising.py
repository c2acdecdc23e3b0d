"""Blocks given, lifted and expired: each is recorded, and each can be undone."""

import json
from datetime import timedelta

import pytest

from moderation.errors import AuthorBlocked, InvalidInput, NotFound
from moderation.services import penalising
from moderation.services.penalising import block_author, block_domain, expire_due, lift_block
from moderation.services.remembering import erase_author
from moderation.store.tables import AuditEvent, Block, Delivery, Mail
from tests.workbench import everything, rows


def last_event(tools) -> AuditEvent:
    return rows(tools.database, AuditEvent)[-1]


def test_a_block_is_recorded_with_clause_evidence_giver_and_end_and_told(tools, newsroom, submit, clock):
    comment = submit().comment
    block = block_author(
        tools, comment.author_id, newsroom.moderator.id, "spam", 7, "Again.", [comment.id], "req-1"
    )
    (listed,) = rows(tools.database, Block)
    assert (listed.subject, listed.clause, listed.comment_ids) == (comment.author_id, "spam", [comment.id])
    assert (listed.given_by, listed.note) == (newsroom.moderator.id, "Again.")
    assert (listed.starts_at, listed.ends_at) == (clock(), clock() + timedelta(days=7))
    event = last_event(tools)
    assert (event.action, event.subject, event.actor, event.request_id) == (
        "author.blocked",
        f"block:{block.id}",
        newsroom.moderator.id,
        "req-1",
    )
    delivery = rows(tools.database, Delivery)[-1]
    assert (delivery.event, delivery.comment_id) == ("author.blocked", comment.id)


def test_a_lifted_block_lets_its_author_in_and_is_recorded(tools, newsroom, submit, clock):
    author_id = submit().comment.author_id
    block = block_author(tools, author_id, "cli", None, None)
    with pytest.raises(AuthorBlocked):
        submit("One more.")
    lifted = lift_block(tools, block.id, newsroom.moderator.id, "A mistake.")
    assert (lifted.lifted_at, lifted.lifted_by, lifted.note) == (clock(), newsroom.moderator.id, "A mistake.")
    assert (last_event(tools).action, last_event(tools).subject) == ("block.lifted", f"block:{block.id}")
    assert submit("One more.").status == "published"


def test_a_block_is_lifted_once(tools, submit):
    block = block_author(tools, submit().comment.author_id, "cli", None, None)
    lift_block(tools, block.id, "cli")
    before = everything(tools.database)
    for block_id in (block.id, "nowhere"):
        with pytest.raises(NotFound):
            lift_block(tools, block_id, "cli")
    assert everything(tools.database) == before


def test_a_block_that_has_ended_is_recorded_once_and_cannot_be_lifted(tools, submit, clock):
    block = block_author(tools, submit().comment.author_id, "cli", None, 7)
    clock.advance(days=6, hours=23)
    assert expire_due(tools) == 0
    clock.advance(hours=1)
    assert (expire_due(tools), expire_due(tools)) == (1, 0)
    event = last_event(tools)
    assert (event.action, event.subject, event.actor) == ("block.expired", f"block:{block.id}", "clock")
    with pytest.raises(NotFound):
        lift_block(tools, block.id, "cli")
    assert submit("One more.").status == "published"


def test_the_end_of_hold_everything_is_recorded_and_a_warning_has_none(tools, submit, clock):
    submit("You are an idiot.")
    submit("You are a pathetic moron.")
    clock.advance(days=14)
    assert expire_due(tools) == 1
    assert last_event(tools).detail == {"penalty": "premoderate"}


def test_a_domain_is_blocked_on_its_site_and_recorded(tools, newsroom, submit):
    block = block_domain(tools, "@Bad.example", "cli", "spam", 7, "A farm.", newsroom.site.id)
    assert (block.subject_kind, block.subject, block.site_id) == (
        "email_domain",
        "bad.example",
        newsroom.site.id,
    )
    assert (last_event(tools).action, last_event(tools).subject) == ("domain.blocked", f"block:{block.id}")
    assert block_domain(tools, "worse.example", "cli", None, None).site_id == newsroom.site.id


@pytest.mark.parametrize(
    "domain", ["", "@", "localhost", "bad example.com", "a@b.example", "-bad.example", "é\0.example"]
)
def test_what_is_no_domain_is_not_blocked(tools, newsroom, domain):
    before = everything(tools.database)
    with pytest.raises(InvalidInput) as refusal:
        block_domain(tools, domain, "cli", None, 7)
    assert [*refusal.value.fields] == ["domain"]
    assert everything(tools.database) == before


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("clause", {"clause": "no-such-clause"}),
        ("clause", {"clause": "unread-language"}),
        ("days", {"days": 0}),
        ("days", {"days": -1}),
        ("days", {"days": 3651}),
        ("note", {"note": "x" * 2001}),
        ("note", {"note": "a\0b"}),
        ("note", {"note": "half \ud800"}),
        ("comment_ids", {"comment_ids": ["nowhere"]}),
    ],
)
def test_a_block_with_a_wrong_field_is_not_given(tools, submit, field, given):
    author_id = submit().comment.author_id
    before = everything(tools.database)
    with pytest.raises(InvalidInput) as refusal:
        block_author(tools, author_id, "cli", **{"clause": "spam", "days": 7} | given)
    assert [*refusal.value.fields] == [field]
    assert everything(tools.database) == before


def test_another_authors_comment_is_no_evidence(tools, submit):
    mine, theirs = submit().comment, submit(by="Bedros").comment
    with pytest.raises(InvalidInput):
        block_author(tools, mine.author_id, "cli", "spam", 7, "", [theirs.id])


def test_nobody_and_an_erased_person_cannot_be_blocked(tools, submit):
    author_id = submit().comment.author_id
    erase_author(tools, author_id, "cli")
    for gone in ("nowhere", author_id):
        with pytest.raises(NotFound):
            block_author(tools, gone, "cli", "spam", 7)
    assert rows(tools.database, Block) == []


def test_an_id_that_no_database_can_hold_is_nobodys(tools, newsroom):
    with pytest.raises((NotFound, InvalidInput)):
        block_author(tools, "a\0", "cli", "spam", 7)


@pytest.mark.parametrize("note", ["x" * 2001, "a\0b"])
def test_a_note_that_cannot_be_kept_lifts_nothing(tools, submit, note):
    block = block_author(tools, submit().comment.author_id, "cli", None, 7)
    with pytest.raises(InvalidInput):
        lift_block(tools, block.id, "cli", note)
    (listed,) = rows(tools.database, Block)
    assert listed.lifted_at is None


def test_the_end_of_a_block_is_told_to_the_site_and_the_author(tools, submit, clock):
    comment = submit().comment
    penalising.block_author(tools, comment.author_id, "m1", "spam", 1)
    clock.advance(days=1)
    assert penalising.expire_due(tools) == 1
    assert json.loads(rows(tools.database, Delivery)[-1].payload)["data"]["because"] == "expired"
    assert [mail.kind for mail in rows(tools.database, Mail)][-2:] == ["author.block", "author.unblocked"]
