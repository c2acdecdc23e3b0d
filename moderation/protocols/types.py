"""The events every protocol speaks, and what a protocol must offer.

The dataclasses are the schema: pydantic checks incoming payloads against them, unknown fields are refused.
A field that may be left out is None when it was: "not said" differs from "empty".
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, ClassVar, Literal, Protocol

from pydantic import BeforeValidator, ConfigDict, Field, StrictInt, StringConstraints
from pydantic_core import PydanticCustomError

from moderation.errors import BadSignature

_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.ASCII)
_FORBID = ConfigDict(extra="forbid")


def _moment(value: object) -> datetime:
    """Return the moment that an RFC 3339 text with a zone names, in UTC."""
    try:
        if isinstance(value, str) and _RFC_3339.fullmatch(value):
            return datetime.fromisoformat(value).astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise PydanticCustomError(
        "moment", "Not a moment with a time zone. Write it as RFC 3339, such as 2026-11-23T12:50:00Z."
    )


Moment = Annotated[datetime, BeforeValidator(_moment)]
ExternalId = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Line = Annotated[str, StringConstraints(max_length=500)]
Slug = Annotated[str, StringConstraints(max_length=200, pattern=r"^[a-z0-9]+(-[a-z0-9]+)*\z")]
# Shown as a link, so only what a browser opens as a page.
Link = Annotated[str, StringConstraints(max_length=2000, pattern=r"^https?://[^\s\x00-\x20]+\z")]
Language = Annotated[str, StringConstraints(max_length=35, pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*\z")]
Discussion = Literal["open", "held-first", "closed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleFields:
    """An article as its CMS tells it; an update leaves unchanged what is None."""

    __pydantic_config__: ClassVar[ConfigDict] = _FORBID

    external_id: ExternalId
    title: Annotated[str, StringConstraints(min_length=1, max_length=500)]
    slug: Slug | None = None
    url: Link | None = None
    summary: Annotated[str, StringConstraints(max_length=20_000)] | None = None
    text: Annotated[str, StringConstraints(max_length=200_000)] | None = None
    byline: Line | None = None
    people: Annotated[tuple[Line, ...], Field(max_length=200)] | None = None
    language: Language | None = None
    published_at: Moment | None = None
    discussion: Discussion | None = None
    closes_after_days: Annotated[StrictInt, Field(ge=0, le=3650)] | Literal["site"] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleKey:
    """Which article is meant, by the id its CMS gave it."""

    __pydantic_config__: ClassVar[ConfigDict] = _FORBID

    external_id: ExternalId


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorFields:
    """Who wrote a comment; `external_id` or `email` lets strikes follow the author."""

    __pydantic_config__: ClassVar[ConfigDict] = _FORBID

    name: Line
    external_id: ExternalId | None = None
    email: Annotated[str, StringConstraints(min_length=3, max_length=320)] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentFields:
    """A comment as the CMS tells it; a changed body comes with a higher `revision`."""

    __pydantic_config__: ClassVar[ConfigDict] = _FORBID

    external_id: ExternalId
    body: str  # its limits are those of every comment, and checked where every comment is
    author: AuthorFields
    revision: Annotated[StrictInt, Field(ge=1, le=2_147_483_647)] = 1
    parent_external_id: ExternalId | None = None
    language: Language | None = None
    submitted_at: Moment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentKey:
    """Which comment is meant, by the id its CMS gave it."""

    __pydantic_config__: ClassVar[ConfigDict] = _FORBID

    external_id: ExternalId


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticlePublished:
    """A new article, or one whose announcement is repeated; `elsewhere`: its sender shows the discussion."""

    __pydantic_config__: ClassVar[ConfigDict] = _FORBID

    timestamp: Moment
    article: ArticleFields
    elsewhere: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleUpdated:
    """An article that changed; what is None stays as it was."""

    __pydantic_config__: ClassVar[ConfigDict] = _FORBID

    timestamp: Moment
    article: ArticleFields


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleClosed:
    """An article that takes no more comments."""

    __pydantic_config__: ClassVar[ConfigDict] = _FORBID

    timestamp: Moment
    article: ArticleKey


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleDeleted:
    """An article that its site took back: neither it nor its discussion is shown."""

    __pydantic_config__: ClassVar[ConfigDict] = _FORBID

    timestamp: Moment
    article: ArticleKey


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentSubmitted:
    """A comment, or a new revision of one."""

    __pydantic_config__: ClassVar[ConfigDict] = _FORBID

    timestamp: Moment
    article: ArticleKey
    comment: CommentFields


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentDeleted:
    """A comment that was deleted at its site; no later revision brings it back."""

    __pydantic_config__: ClassVar[ConfigDict] = _FORBID

    timestamp: Moment
    comment: CommentKey


@dataclass(frozen=True, slots=True)
class NothingForUs:
    """What a CMS tells besides: taken, so that it is not sent again, and nothing follows from it."""


Event = (
    ArticlePublished
    | ArticleUpdated
    | ArticleClosed
    | ArticleDeleted
    | CommentSubmitted
    | CommentDeleted
    | NothingForUs
)


class SignatureMissing(BadSignature):
    """A message without a usable id, time or signature."""

    code, title = "signature-missing", "The message is not signed"


class SignatureWrong(BadSignature):
    """A message that none of the site's secrets signed."""

    code = "signature-wrong"


class TimestampOld(BadSignature):
    """A well-signed message that was under way too long, or is played again."""

    code, title = "timestamp-old", "The message is too old"


class TimestampAhead(BadSignature):
    """A well-signed message from the future."""

    code, title = "timestamp-ahead", "The message is from the future"


class WebhookProtocol(Protocol):
    """What a file in this folder binds to `PROTOCOL`: pure functions of bytes and time."""

    name: str

    def verify(
        self, headers: Mapping[str, str], body: bytes, secrets: Sequence[str], now: datetime, path: str = ""
    ) -> str:
        """Return the sender's message id, or raise BadSignature; `path` is the one asked for, as it was sent."""
        ...

    def read(self, body: bytes) -> Event:
        """Return what the verified message says, or raise InvalidInput."""
        ...
