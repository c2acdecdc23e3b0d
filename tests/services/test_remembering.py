"""Erasing a person: what was written goes from every table, what was done stays and still verifies."""

import json
from dataclasses import replace

import pytest

from moderation.errors import AuthorBlocked, NotFound
from moderation.services.delivering import deliver_due
from moderation.services.linking import ask_for_link
from moderation.services.penalising import block_author, expire_due
from moderation.services.remembering import erase_author, export_author
from moderation.services.submitting import Writer
from moderation.store.tables import AuditEvent, Block, Comment, Delivery, Strike, Table
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


@pytest.mark.parametrize(
    "writer", [WRITER, Writer("Zabel Quillfeather", "zabel@quillfeather.example")], ids=["known", "guest"]
)
def test_who_is_blocked_and_erased_comes_back_when_the_block_is_over_and_not_before(
    tools, clock, submit, writer
):
    comment = submit("My quince orchard says otherwise.", writer=writer).comment
    block_author(tools, comment.author_id, "cli", "spam", 7)
    erase_author(tools, comment.author_id, "cli")
    for again in (writer, replace(writer, name="Somebody Else")):
        with pytest.raises(AuthorBlocked):
            submit("Here I am again.", writer=again)
    clock.advance(days=8)
    expire_due(tools)
    assert [block.erased_key for block in rows(tools.database, Block)] == [None]
    assert submit("Here I am again.", writer=writer).status == "published"


def test_an_erased_person_who_is_not_blocked_leaves_no_key(tools, submit):
    erase_author(tools, submit("My quince orchard says otherwise.", writer=WRITER).comment.author_id, "cli")
    assert submit("Here I am again.", writer=WRITER).status == "published"


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


def test_who_comes_back_is_somebody_new(tools, clock, submit, person):
    erase_author(tools, person, "cli")
    clock.advance(days=8)  # the block is over
    assert submit("I am back.", writer=WRITER, external_id="zabel-0").comment.author_id != person


def test_all_that_is_kept_of_a_person_is_given_out(tools, person):
    given = export_author(tools, person, f"author:{person}", "req-3")
    assert given["author"]["email"] == WRITER.email
    assert [comment["body"] for comment in given["comments"]] == [*BODIES]
    first, second = given["comments"]
    assert [decision["made_by"] for decision in first["decisions"]] == ["engine", "moderator"]
    assert (
        first["decisions"][0]["reasons"][0]["sentence"] == "Argue with what was said, not with who said it."
    )
    assert second["article"]["title"]
    assert [strike["clause"] for strike in given["strikes"]] == ["personal-attack", "spam"]
    assert {block["penalty"] for block in given["blocks"]} == {"warn", "block"}
    json.dumps(given)
    (event,) = [row for row in rows(tools.database, AuditEvent) if row.action == "author.exported"]
    assert (event.subject, event.request_id, event.detail) == (f"author:{person}", "req-3", {"comments": 2})


def test_what_is_given_out_has_no_secret_and_nothing_of_anybody_else(tools, newsroom, submit, person):
    submit("I agree with Zabel.", by="Bedros")
    given = json.dumps(export_author(tools, person, "cli"))
    kept = everything(tools.database)
    secret = [
        value for row in kept["authors"] for name, value in row.items() if name in ("email_key", "salt")
    ]
    for trace in ("scribbled", 'Bedros"', newsroom.moderator.id, *map(repr, filter(None, secret))):
        assert trace not in given


def test_every_table_that_names_an_author_is_given_out(tools, person):
    """A table made tomorrow is in the file tomorrow."""
    given = export_author(tools, person, "cli")
    naming = {
        table.name
        for table in Table.metadata.sorted_tables
        if any(key.column.table.name == "authors" for key in table.foreign_keys)
    }
    assert naming <= {*given}


def test_an_erased_person_is_given_nothing(tools, person):
    erase_author(tools, person, "cli")
    with pytest.raises(NotFound):
        export_author(tools, person, "cli")


def test_with_the_person_go_watches_mails_sessions_and_the_confirmed_address(tools, newsroom, submit):
    author_id = submit("I see it otherwise.", notify=True).comment.author_id
    ask_for_link(tools, newsroom.site.id, "ann@example.com")
    with tools.database.begin() as store:
        store.readers.confirm(author_id, tools.now())
    erase_author(tools, author_id, "cli")
    kept = everything(tools.database)
    assert kept["mails"] == kept["reply_watches"] == []
    (author,) = kept["authors"]
    assert (author["confirmed_at"], author["session_epoch"]) == (None, 1)
