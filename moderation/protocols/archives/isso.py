"""Isso's database: read as it lies there, never written to; and a new one, as Isso makes it."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from urllib.parse import quote, urlsplit

from moderation.errors import InvalidInput
from moderation.protocols.archives.types import (
    LONGEST_ADDRESS,
    LONGEST_TITLE,
    Broken,
    Entry,
    Numbers,
    Page,
    Person,
    Record,
    Skip,
    State,
    entry,
    name_of,
    within,
)
from moderation.protocols.plain_text import line_of, typed

_TABLES = frozenset({"threads", "comments"})
_STATES: MappingProxyType[object, State] = MappingProxyType({1: "published", 2: "held", 4: "withdrawn"})
_MODES = MappingProxyType({"published": 1, "held": 2})
_DELETED = 4  # Isso keeps the row while somebody answered it, and shows its text: so it is given none
_NOBODY_VOTED = bytes(256)
_VERSION = 5
_SCHEMA = """
CREATE TABLE preferences (key VARCHAR PRIMARY KEY, value VARCHAR);
CREATE TABLE threads (id INTEGER PRIMARY KEY, uri VARCHAR(256) UNIQUE, title VARCHAR(256));
CREATE TABLE comments (tid REFERENCES threads(id), id INTEGER PRIMARY KEY, parent INTEGER, created FLOAT NOT NULL,
    modified FLOAT, mode INTEGER, remote_addr VARCHAR, text VARCHAR NOT NULL, author VARCHAR, email VARCHAR,
    website VARCHAR, likes INTEGER DEFAULT 0, dislikes INTEGER DEFAULT 0, voters BLOB NOT NULL,
    notification INTEGER DEFAULT 0);
"""
_READ = """
SELECT c.id, c.parent, c.created, c.mode, c.text, c.author, c.email, c.website, t.id, t.uri, t.title
FROM comments c LEFT JOIN threads t ON t.id = c.tid ORDER BY c.id
"""
_ADD = """
INSERT INTO comments (tid, id, parent, created, mode, remote_addr, text, author, email, website, voters)
VALUES (?, ?, ?, ?, ?, '0.0.0.0', ?, ?, ?, ?, ?)
"""


def count(path: Path) -> int:
    """Return how many comments a database has.

    Raises:
        InvalidInput: it is none of Isso's, or Isso is still writing to it.
    """
    if (journal := path.with_name(f"{path.name}-wal")).exists() and journal.stat().st_size:
        raise InvalidInput(f"{journal.name} holds comments that are not in {path.name} yet. Stop Isso first.")
    try:
        with closing(_open(path)) as database:
            tables = {
                name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            }
            if not tables >= _TABLES:
                raise InvalidInput("The database is not Isso's: it has no tables threads and comments.")
            database.execute(f"{_READ} LIMIT 0")
            return int(database.execute("SELECT count(*) FROM comments").fetchone()[0])
    except sqlite3.Error as error:
        raise InvalidInput(f"The database is not Isso's, or is damaged ({error}).") from None


def read(path: Path) -> Iterator[Entry]:
    """Yield the comments of a database, oldest first.

    Raises:
        Broken: it cannot be read on.
    """
    key: object = 0
    try:
        with closing(_open(path)) as database:
            for row in database.execute(_READ):
                key = row[0]
                yield _entry(row)
    except sqlite3.Error as error:
        raise Broken(f"comment {key}: the database is damaged after it ({error})") from None


def _open(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(f"file:{quote(str(path.resolve()))}?mode=ro&immutable=1", uri=True)
    database.text_factory = lambda raw: raw.decode("utf-8", "replace")
    database.execute("PRAGMA trusted_schema = OFF")
    return database


def _entry(row: tuple[object, ...]) -> Entry:
    """Return a row as a record; SQLite lets any column hold anything."""
    key, parent, created, mode, text, author, email, website, page, uri, title = row
    place = f"comment {key}"
    if (state := _STATES.get(mode)) is None:
        return Skip(place, str(key), "unknown-state")
    return entry(
        Record(
            id=str(key),
            page=Page(
                id=_text(page),
                address=_text(uri)[:LONGEST_ADDRESS],
                title=line_of(_text(title), LONGEST_TITLE),
            ),
            person=Person(name=name_of(_text(author)), email=_text(email).strip(), url=_text(website)),
            body=typed(_text(text)),
            state=state,
            posted_at=_moment(created),
            parent=_text(parent),
            place=place,
        )
    )


def _text(value: object) -> str:
    return str(value) if isinstance(value, str | int) else ""


def _moment(value: object) -> datetime | None:
    try:
        return within(datetime.fromtimestamp(value, UTC)) if isinstance(value, int | float) else None
    except (ValueError, OverflowError, OSError):
        return None


def write(path: Path, records: Iterable[Record]) -> int:
    """Write a new database in Isso's schema; return how many comments are in it.

    Raises:
        OSError: the file cannot be written.

    Isso knows pages by path, answers of one level, and no rejected comments: what readers do not see and does not wait
    is a deleted one, without text and name.
    """
    try:
        with closing(sqlite3.connect(path)) as database, database:
            return _fill(database, records)
    except sqlite3.Error as error:
        raise OSError(str(error)) from None


def _fill(database: sqlite3.Connection, records: Iterable[Record]) -> int:
    written = 0
    pages: dict[str, int] = {}
    numbers = Numbers()
    page = ""

    database.executescript(_SCHEMA)
    database.execute(f"PRAGMA user_version = {_VERSION}")
    for record in records:
        if record.page.id != page:
            page = record.page.id
            numbers.next_page()
        uri = _path_of(record.page)
        if uri not in pages:
            pages[uri] = len(pages) + 1
            database.execute("INSERT INTO threads VALUES (?, ?, ?)", (pages[uri], uri, record.page.title))
        mode = _MODES.get(record.state, _DELETED)
        shown = mode != _DELETED
        person = (record.person.name, record.person.email or None, record.person.url or None)
        database.execute(
            _ADD,
            (
                pages[uri],
                numbers.of(record.id),
                numbers.of(record.top or record.parent) or None,
                record.posted_at.timestamp() if record.posted_at else 0.0,
                mode,
                record.body if shown else "",
                *(person if shown else (None, None, None)),
                _NOBODY_VOTED,
            ),
        )
        written += 1
    return written


def _path_of(page: Page) -> str:
    """Return the path by which Isso knows a page, with its query: with plain permalinks that is all there is."""
    parts = urlsplit(page.address)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
