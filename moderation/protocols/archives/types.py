"""What an archive says, whoever wrote it: pages, persons, comments, and what could not be read."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, BinaryIO, Literal, Protocol, get_args

from moderation.protocols.plain_text import line_of

State = Literal["published", "held", "rejected", "removed", "withdrawn", "spam"]
Format = Literal["wxr", "disqus", "isso", "jsonl"]
FORMATS: tuple[Format, ...] = get_args(Format)
LONGEST_ID, LONGEST_NAME, LONGEST_TITLE, LONGEST_ADDRESS = 200, 80, 500, 2000
LONGEST_TEXT = 200_000  # characters: more than any form takes, so nobody's words are cut or left behind
REASONS: Mapping[str, str] = MappingProxyType(
    {
        "not-a-comment": "A pingback, an order's note or the like: no reader wrote it.",
        "no-id": "It has no id, so it could not be known again.",
        "no-page": "Nothing says which page it was written on.",
        "page-deleted": "Its whole discussion was deleted there.",
        "no-text": "It has no text.",
        "too-long": f"Its text has more than {LONGEST_TEXT:,} characters.",
        "unknown-state": "Its state is none that is known here, so nobody can tell whether it may show.",
        "not-a-record": "The line is not a record as documented.",
        "repeated-id": "The file has another comment with this id before it.",
        "other-archive": "Another comment with this id was imported before. Name each archive with --source.",
        "id-taken": "Another comment of the site has the same external id.",
    }
)


@dataclass(frozen=True, slots=True, repr=False)
class Page:
    """An article as an archive tells of it.

    `id` is the archive's own. `address` may be a path. `own` holds columns of ours, where JSON Lines tell of them.
    """

    id: str
    address: str
    title: str = ""
    published_at: datetime | None = None
    closed: bool = False
    own: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, repr=False)
class Person:
    """Who wrote a comment; `id` is the archive's own, where it has one. Addresses of networks are not read."""

    name: str
    email: str = ""
    url: str = ""
    id: str = ""
    own: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, repr=False)
class Record:
    """A comment. It does not print its words, for what is printed may reach a log."""

    id: str
    page: Page
    person: Person
    body: str
    state: State
    posted_at: datetime | None
    parent: str = ""
    place: str = ""
    top: str = ""  # what its thread begins with, where that is known
    own: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Skip:
    """A record that is left out: where it stands, its id there, and a reason of REASONS."""

    place: str
    id: str
    reason: str


@dataclass(frozen=True, slots=True)
class About:
    """What an archive says of the site it was written from."""

    name: str
    address: str
    language: str
    at: datetime


class Broken(Exception):
    """The file cannot be read from here on; what was read before is as it should be."""


Entry = Record | Skip


class Writer(Protocol):
    """How a format is written: `records` come page by page, `pages` are all of them."""

    def __call__(self, file: BinaryIO, about: About, pages: Iterable[Page], records: Iterable[Record]) -> int:
        """Write the archive; return how many comments there are in it."""


class Numbers:
    """Numbers from 1 for ids of ours, as other systems want them: the same for an id until the page is over."""

    def __init__(self) -> None:
        self._highest = 0
        self._of: dict[str, int] = {}

    def of(self, key: str) -> int:
        """Return the number of an id, which may be met first as a parent's; 0 for none."""
        if key and key not in self._of:
            self._highest += 1
            self._of[key] = self._highest
        return self._of.get(key, 0)

    def next_page(self) -> None:
        """Forget the ids of a page: no other page's comment answers one of its."""
        self._of.clear()


def moment(text: str) -> datetime | None:
    """Return the moment that a text names, in UTC where it names no zone; None where it names none."""
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return within(found if found.tzinfo else found.replace(tzinfo=UTC))


def within(found: datetime) -> datetime | None:
    """Return the moment if a comment can have been written then: WordPress writes year 0 for none."""
    try:
        found = found.astimezone(UTC)
    except OverflowError:
        return None
    return found if 1970 < found.year < 2200 else None


def entry(record: Record) -> Entry:
    """Return the record, or why it is left out."""
    if not record.id or len(record.id) > LONGEST_ID:
        return Skip(record.place, record.id[:LONGEST_ID], "no-id")
    if not record.page.address and not record.page.own.get("slug"):
        return Skip(record.place, record.id, "no-page")
    if not record.body and record.state not in ("removed", "withdrawn"):
        return Skip(record.place, record.id, "no-text")
    if len(record.body) > LONGEST_TEXT:
        return Skip(record.place, record.id, "too-long")
    return record


def name_of(markup: str) -> str:
    """Return a name as one line of plain text; a nameless writer is anonymous."""
    return line_of(markup, LONGEST_NAME) or "Anonymous"
