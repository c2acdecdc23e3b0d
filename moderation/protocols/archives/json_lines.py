"""Our own format, which loses nothing: a first line that says what it is, each article before its comments.

    {"archive": "moderation", "version": 1, "site": "...", "exported_at": "2026-11-25T10:00:00+00:00"}
    {"article": {"id": "...", "title": "...", "url": "...", ...}}
    {"comment": {"id": "...", "article": "...", "parent": null, "author": {...}, "body": "...", ...}}

A line that is wrong is left out by itself. `docs/moving.md` names every field.
"""

import json
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from gzip import BadGzipFile
from typing import Annotated, Any, BinaryIO, ClassVar, Literal

from pydantic import ConfigDict, Field, StrictBool, StrictInt, StringConstraints, TypeAdapter, ValidationError

from moderation.errors import InvalidInput
from moderation.protocols.archives.types import (
    LONGEST_ADDRESS,
    LONGEST_ID,
    LONGEST_NAME,
    LONGEST_TITLE,
    About,
    Broken,
    Entry,
    Page,
    Person,
    Record,
    Skip,
    entry,
)
from moderation.protocols.strict_json import parse
from moderation.protocols.types import Discussion, Moment

VERSION = 1
_LONGEST_LINE = 4_000_000  # bytes: an article's text may have 500,000 characters
Id = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_ID)]
Word = Annotated[str, StringConstraints(max_length=LONGEST_TITLE)]
Text = Annotated[str, StringConstraints(max_length=500_000)]


@dataclass(frozen=True, kw_only=True, repr=False)
class ArticleLine:
    """An article: every column that says something of it."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    id: Id
    external_id: Id | None = None
    slug: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*\z", max_length=200)] | None = (
        None
    )
    title: Word = ""
    source: Word = ""
    byline: Word = ""
    url: Annotated[str, StringConstraints(max_length=LONGEST_ADDRESS)] = ""
    summary: Text = ""
    text: Text = ""
    people: Annotated[tuple[Word, ...], Field(max_length=200)] = ()
    language: Annotated[str, StringConstraints(max_length=35)] = "en"
    published_at: Moment | None = None
    discussion: Discussion = "open"
    closed_at: Moment | None = None
    closes_after_days: Annotated[StrictInt, Field(ge=0, le=3650)] | None = None
    deleted_at: Moment | None = None
    elsewhere: StrictBool = False
    told_at: Moment | None = None


@dataclass(frozen=True, kw_only=True, repr=False)
class AuthorLine:
    """Who wrote it; a person who was erased has neither name nor address."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    id: Annotated[str, StringConstraints(max_length=LONGEST_ID)] = ""
    external_id: Id | None = None
    name: Annotated[str, StringConstraints(max_length=LONGEST_NAME)] = ""
    email: Annotated[str, StringConstraints(max_length=320)] | None = None
    role: Literal["reader", "trusted", "staff"] = "reader"
    created_at: Moment | None = None
    confirmed_at: Moment | None = None
    erased_at: Moment | None = None


@dataclass(frozen=True, kw_only=True, repr=False)
class DecisionLine:
    """The decision in force; imported, it is kept as one made elsewhere."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    made_by: Literal["engine", "moderator", "import"] = "import"
    verdict: Literal["publish", "hold", "reject"]
    clause: Annotated[str, StringConstraints(max_length=100)] | None = None
    action: Literal["approve", "reject", "remove", "restore"] | None = None
    policy_version: Word = ""
    engine_version: Word = ""
    decided_at: Moment | None = None


@dataclass(frozen=True, kw_only=True, repr=False)
class CommentLine:
    """A comment with who wrote it and the decision in force."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    id: Id
    article: Id
    parent: Id | None = None
    author: AuthorLine = field(default_factory=AuthorLine)
    external_id: Id | None = None
    body: str
    language: Annotated[str, StringConstraints(max_length=35)] | None = None
    source: Literal["form", "embed", "api", "hook", "import"] = "import"
    state: Literal["published", "held", "rejected", "removed", "withdrawn", "spam"]
    revision: Annotated[StrictInt, Field(ge=1, le=2_147_483_647)] = 1
    received_at: Moment | None = None
    published_at: Moment | None = None
    pinned_at: Moment | None = None
    decision: DecisionLine | None = None


_ARTICLE: TypeAdapter[ArticleLine] = TypeAdapter(ArticleLine)
_COMMENT: TypeAdapter[CommentLine] = TypeAdapter(CommentLine)


def read(file: BinaryIO) -> Iterator[Entry]:
    """Yield the comments of an archive.

    Raises:
        InvalidInput: it is no archive of ours. Broken: it cannot be read on.
    """
    page: Page | None = None
    lines = _lines(file)
    _check_header(next(lines, (1, b""))[1])
    for number, line in lines:
        place = f"line {number}"
        if not line.strip():
            continue
        try:
            told = parse(line)
            if told.keys() == {"article"}:
                page = _page(_ARTICLE.validate_python(told["article"]))
                continue
            said = _COMMENT.validate_python(told.get("comment"))
        except (InvalidInput, ValidationError):
            if not line.endswith(b"\n"):
                raise Broken(f"{place}: the file ends in the middle of it") from None
            yield Skip(place, "", "not-a-record")
            continue
        if page is None or page.id != said.article:
            yield Skip(place, said.id, "no-page")
        else:
            yield entry(_record(said, page, place))


def _lines(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Yield number and bytes of each line; of one that is too long its beginning alone, which is no JSON."""
    number = 0
    while True:
        number += 1
        try:
            line = file.readline(_LONGEST_LINE)
            whole = line
            while len(whole) == _LONGEST_LINE and not whole.endswith(b"\n"):
                whole, line = file.readline(_LONGEST_LINE), line[:100] + b"\n"
        except (EOFError, BadGzipFile, zlib.error, OSError):
            raise Broken(f"line {number}: the compressed file ends early") from None
        if not line:
            return
        yield number, line


def _check_header(line: bytes) -> None:
    try:
        header = parse(line)
    except InvalidInput:
        header = {}
    if header.get("archive") != "moderation":
        raise InvalidInput("The file is no archive of ours: its first line does not say so.")
    if header.get("version") != VERSION:
        raise InvalidInput(f"The archive is of another version than {VERSION}. Export it with this one.")


def _page(said: ArticleLine) -> Page:
    own = _own(said, "id", "title", "url", "published_at")
    return Page(said.id, said.url, said.title, said.published_at, said.discussion == "closed", own)


def _record(said: CommentLine, page: Page, place: str) -> Record:
    author = said.author
    return Record(
        id=said.id,
        page=page,
        person=Person(author.name, author.email or "", "", author.id, _own(author, "id", "name", "email")),
        body=said.body,
        state=said.state,
        posted_at=said.received_at,
        parent=said.parent or "",
        place=place,
        own=_own(said, "id", "article", "parent", "author", "body", "state", "received_at"),
    )


def _own(said: Any, *without: str) -> dict[str, Any]:
    return {one.name: getattr(said, one.name) for one in fields(said) if one.name not in without}


def write(file: BinaryIO, about: About, pages: Iterable[Page], records: Iterable[Record]) -> int:
    """Write the comments with all that is kept of them; return how many."""
    del pages  # each stands before its comments
    written, page = 0, ""

    def put(line: dict[str, Any]) -> None:
        file.write(json.dumps(line, ensure_ascii=False, default=_plain).encode("utf-8") + b"\n")

    put({"archive": "moderation", "version": VERSION, "site": about.name, "exported_at": about.at})
    for record in records:
        if record.page.id != page:
            page = record.page.id
            put({"article": asdict(_article_line(record.page))})
        put({"comment": asdict(_comment_line(record))})
        written += 1
    return written


def _article_line(page: Page) -> ArticleLine:
    return ArticleLine(
        id=page.id, url=page.address, title=page.title, published_at=page.published_at, **page.own
    )


def _comment_line(record: Record) -> CommentLine:
    person = record.person
    return CommentLine(
        id=record.id,
        article=record.page.id,
        parent=record.parent or None,
        author=AuthorLine(id=person.id, name=person.name, email=person.email or None, **person.own),
        body=record.body,
        state=record.state,
        received_at=record.posted_at,
        **record.own,
    )


def _plain(value: object) -> str:
    assert isinstance(value, datetime)
    return value.isoformat()
