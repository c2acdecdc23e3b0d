"""Erasing a person: what was written goes from every table, what was done stays and still verifies."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import JSON, LargeBinary

from moderation.errors import AuthorBlocked, NotFound
from moderation.services import retaining
from moderation.services.delivering import deliver_due
from moderation.services.linking import ask_for_link
from moderation.services.penalising import block_author, expire_due
from moderation.services.remembering import erase_author, export_author
from moderation.services.submitting import Writer
from moderation.store.tables import AuditEvent, Block, Comment, Delivery, Strike, Table
from tests.filling import fill
from tests.test_documentation import columns_of_privacy
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


# What makes the rows of the first two persons theirs, and their columns what the service reads.
MARK = "Zmrukhtyan"
OF_A_PERSON = {
    "audit_events.seq": lambda number, *_: 1000 + number,
    "authors.erased_at": None,
    # One comment was asked about by Akismet's client, the other has the id of its site.
    "akismet_calls.digest": lambda number, *_: f"{'Bystander' if number else MARK} digest {number}",
    "comments.external_id": lambda number, _, rows: (
        rows["akismet_calls"][0]["id"] if number == 0 else marked(number)
    ),
    "appeals.block_id": lambda number, _, rows: rows["blocks"][1]["id"] if number == 1 else None,
    "appeals.decision_id": lambda number, _, rows: rows["decisions"][number]["id"] if number != 1 else None,
    "blocks.subject_kind": "author",
    "blocks.subject": lambda number, _, rows: rows["authors"][number]["id"],
    "blocks.erased_key": None,
    "reports.reporter": lambda number, _, rows: f"author:{rows['authors'][number]['id']}",
    "labelled_decisions.body": lambda number, _, rows: rows["comments"][number]["body"],
    # An event may be about a comment, or about an author alone.
    "deliveries.comment_id": lambda number, _, rows: None if number else rows["comments"][0]["id"],
    "deliveries.payload": lambda number, _, rows: (
        f'{{"{marked(number)}": "{rows["authors"][number]["id"]}"}}'
    ),
    "decisions.public": lambda number, *_: {
        "verdict": "reject",
        "reasons": [
            {"clause": "spam", "sentence": marked(number), "matched_as": marked(number), "spans": []}
        ],
        "excerpt": marked(number),
    },
    "decisions.signals": lambda number, *_: [{"note": marked(number), "matched_as": marked(number)}],
}


def marked(number, name=""):
    return f"{MARK} {name} {number}" if number < 2 else f"Bystander {name}"


def marked_in(name):
    """Fill a column with the mark, in the type that it has."""
    table, column = name.split(".")
    kind = Table.metadata.tables[table].columns[column].type
    wrap = (
        str.encode
        if isinstance(kind, LargeBinary)
        else (lambda text: [text])
        if isinstance(kind, JSON)
        else str
    )
    return lambda number, *_: wrap(marked(number, name))


def test_a_mark_in_every_column_that_is_a_persons_is_gone_with_the_person(tools):
    """The columns are those of which docs/privacy.md says that an erasure takes them."""
    gone = columns_of_privacy("gone")
    given = {name: marked_in(name) for name in gone} | OF_A_PERSON
    with tools.database.engine.begin() as connection:
        filled = fill(connection, Table.metadata, given, count=3)
    columns = [name.split(".") for name in gone]
    assert all(MARK in repr([row[column] for row in filled[table]]) for table, column in columns)
    bystander = [
        row for rows in everything(tools.database).values() for row in rows if "Bystander" in repr(row)
    ]
    for author in filled["authors"][:2]:
        erase_author(tools, author["id"], "cli")
    left = everything(tools.database)
    found = {
        (table, name)
        for table, rows in left.items()
        for row in rows
        for name in row
        if MARK in repr(row[name])
    }
    assert found == set()
    assert [row for rows in left.values() for row in rows if "Bystander" in repr(row)] == bystander
    if tools.database.engine.dialect.name == "sqlite":
        path = Path(tools.database.engine.url.database)
        files = [*path.parent.glob(f"{path.name}*")]  # what is not folded in yet lies in another
        assert len(files) > 1
        assert [file for file in files if MARK.encode() in file.read_bytes()] == []


def test_the_log_of_sqlite_is_cut_off_later_where_somebody_reads_meanwhile(tools, submit):
    author_id = submit("My quince orchard says otherwise.", writer=WRITER).comment.author_id
    with tools.database.read() as store:
        store.people.get(author_id)
        erase_author(tools, author_id, "cli")
        assert tools.database.overwrite() == (tools.database.engine.dialect.name != "sqlite")
    assert tools.database.overwrite()


def test_a_domain_that_was_blocked_with_its_author_goes_when_the_author_is_erased_and_the_block_is_over(
    tools, clock, submit
):
    domain = WRITER.email.partition("@")[2]
    author_id = submit("My quince orchard says otherwise.", writer=WRITER).comment.author_id
    block_author(tools, author_id, "cli", "spam", 7, covers=["email_domain"])
    erase_author(tools, author_id, "cli")
    retaining.forget(tools, "cli")
    with pytest.raises(AuthorBlocked):
        submit("I live at the same place.", by="Bedros", writer=Writer("Bedros", f"bedros@{domain}"))
    clock.advance(days=8)
    assert retaining.forget(tools, "cli")["domains"] == 1
    assert domain not in json.dumps(everything(tools.database), default=repr)


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
