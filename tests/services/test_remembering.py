"""Erasing a person: what was written goes from every table, what was done stays and still verifies."""

import json

import pytest

from moderation.errors import NotFound
from moderation.services.delivering import deliver_due
from moderation.services.penalising import block_author
from moderation.services.remembering import erase_author
from moderation.services.submitting import Writer
from moderation.store.tables import AuditEvent, Comment, Delivery, Strike
from tests.workbench import everything, rows

WRITER = Writer("Zabel Quillfeather", "zabel@quillfeather.example", "user-zabel")
BODIES = ("You are an idiot, Bedros.", "My quince orchard says otherwise.")
TRACES = ("zabel", "quillfeather", "idiot", "bedros", "quince", "orchard", "scribbled")


@pytest.fixture
def person(tools, submit, review) -> str:
    """Somebody with comments, decisions, a strike, a block, notes and events, some of them on their way."""
    rejected, clean = (
        submit(body, writer=WRITER, external_id=f"zabel-{number}").comment
        for number, body in enumerate(BODIES)
    )
    deliver_due(tools)
    review(rejected, "approve", note="Zabel scribbled this.")
    review(clean, "remove", clause="spam", note="Zabel scribbled that.")
    block_author(tools, clean.author_id, "cli", "spam", 7, "Zabel scribbled again.", [clean.id])
    return clean.author_id


def test_nothing_of_the_person_is_left_in_any_table(tools, person):
    kept = json.dumps(everything(tools.database), default=repr, ensure_ascii=False).lower()
    assert all(trace in kept for trace in TRACES)
    erase_author(tools, person, "cli")
    kept = json.dumps(everything(tools.database), default=repr, ensure_ascii=False).lower()
    assert [trace for trace in TRACES if trace in kept] == []


def test_what_was_done_stays_and_the_log_verifies(tools, person):
    before = rows(tools.database, AuditEvent)
    strikes = len(rows(tools.database, Strike))
    erased = erase_author(tools, person, "cli", "req-9")
    *kept, event = rows(tools.database, AuditEvent)
    assert [row.chain for row in kept] == [row.chain for row in before]
    assert (event.action, event.subject, event.request_id) == ("author.erased", f"author:{person}", "req-9")
    assert len(erased.comment_ids) == event.detail["comments"] == 2
    assert len(rows(tools.database, Strike)) == strikes
    with tools.database.read() as store:
        assert store.audit.verify() == []


def test_an_erased_persons_comments_are_withdrawn_and_their_news_are_not_sent(tools, person, receiver):
    erase_author(tools, person, "cli")
    assert {comment.state for comment in rows(tools.database, Comment)} == {"withdrawn"}
    sent = len(receiver.came)
    assert deliver_due(tools) == 0
    assert len(receiver.came) == sent
    assert all(delivery.payload == "" for delivery in rows(tools.database, Delivery))


def test_other_peoples_comments_stay(tools, submit, person):
    other = submit("I agree.", by="Bedros").comment
    erase_author(tools, person, "cli")
    kept = next(row for row in rows(tools.database, Comment) if row.id == other.id)
    assert (kept.body, kept.state) == ("I agree.", "published")


def test_a_person_is_erased_once_and_nobody_unknown(tools, person):
    erase_author(tools, person, "cli")
    before = everything(tools.database)
    for gone in (person, "nowhere"):
        with pytest.raises(NotFound):
            erase_author(tools, gone, "cli")
    assert everything(tools.database) == before


def test_who_comes_back_is_somebody_new(tools, submit, person):
    erase_author(tools, person, "cli")
    assert submit("I am back.", writer=WRITER, external_id="zabel-0").comment.author_id != person
