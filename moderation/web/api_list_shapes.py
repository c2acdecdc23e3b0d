"""The shapes of what is read over the API: which part of a list, and what stands in it."""

import re
from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from moderation.web.api_shapes import BlockOut, CommentOut, DecisionOut, Id, Told

_FIRST, _LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


def _moment(given: object) -> object:
    """Return a moment of RFC 3339, or raise ValueError; one whose zone leads out of the calendar is its last."""
    found = _MOMENT.fullmatch(given) if isinstance(given, str) else None
    if found is None:
        raise ValueError("Not a moment. Write one such as 2026-11-23T12:00:00Z")
    day, time, fraction, zone = found.groups()
    at = datetime.fromisoformat(f"{day}T{time}{(fraction or '')[:7]}{zone.upper()}")
    try:
        return at.astimezone(UTC)
    except OverflowError:
        return _FIRST if at.year == 1 else _LAST


Moment = Annotated[AwareDatetime, BeforeValidator(_moment)]
# Microseconds up to the year 2112, and an id.
Place = Annotated[str, StringConstraints(max_length=64, pattern=r"^[0-9a-f]{1,13}-[0-9A-Za-z]{1,50}$")]


class PageQuery(BaseModel):
    """How many at a time."""

    model_config = ConfigDict(extra="forbid")

    limit: Annotated[int, Field(ge=1, le=200, description="At most so many.")] = 50


class ListQuery(PageQuery):
    """Which part of a list that is kept by time."""

    since: Moment | None = Field(default=None, description="From then on.")
    until: Moment | None = Field(default=None, description="Before then.")
    order: Literal["newest", "oldest"] = Field(default="newest", description="Which come first.")
    after: Place | None = Field(default=None, description="The 'next' of the page before.")


class CommentsQuery(ListQuery):
    """Which comments."""

    state: Literal["published", "held", "rejected", "withdrawn", "removed"] | None = None
    article_id: Id | None = Field(default=None, description="Our id of the article.")
    article_external_id: Id | None = Field(default=None, description="Your id of the article.")
    author_id: Id | None = Field(default=None, description="Our id of the author.")
    author_external_id: Id | None = Field(default=None, description="Your id of the author.")


class DecisionsQuery(ListQuery):
    """Which decisions."""

    comment_id: Id | None = Field(default=None, description="On this comment alone.")


class ArticlesQuery(PageQuery):
    """Which articles."""

    external_id: Id | None = Field(default=None, description="Your id of the article.")
    after: Annotated[str, StringConstraints(max_length=50, pattern=r"^[0-9A-Za-z]+$")] | None = Field(
        default=None, description="The 'next' of the page before."
    )


class BlocksQuery(PageQuery):
    """Which part of the block list."""

    after: Place | None = Field(default=None, description="The 'next' of the page before.")
    in_force: bool = Field(default=True, description="Leave out lifted and past ones.")


class StoredComment(CommentOut):
    """A comment as it stands, the decision in force, and what it belongs to."""

    article_id: str
    author_id: str
    parent_id: str | None
    body: str
    language: str | None
    received_at: datetime
    published_at: datetime | None
    version: int


class CommentsOut(Told):
    """A page of comments."""

    comments: list[StoredComment]
    next: str | None = Field(description="Where the next page begins; null on the last one.")


class DecisionEntry(Told):
    """A decision on a comment, in force or not."""

    id: str
    comment_id: str
    comment_external_id: str | None
    number: int = Field(description="Counts the decisions on this comment from 1.")
    revision: int = Field(description="The revision of the comment that was decided on.")
    made_by: str = Field(description="engine, or the id of a moderator.")
    action: str | None = Field(description="What the moderator did.")
    decided_at: datetime
    decision: DecisionOut


class DecisionsOut(Told):
    """A page of decisions."""

    decisions: list[DecisionEntry]
    next: str | None = Field(description="Where the next page begins; null on the last one.")


class ArticleOut(Told):
    """An article under discussion."""

    id: str
    external_id: str | None
    slug: str
    title: str
    byline: str
    source: str
    url: str
    language: str
    published_at: datetime
    updated_at: datetime
    discussion: Literal["open", "held-first", "closed"]
    closed_at: datetime | None
    closes_after_days: int | None
    elsewhere: bool = Field(description="Another system shows the discussion, and no page of ours does.")


class ArticlesOut(Told):
    """A page of articles."""

    articles: list[ArticleOut]
    next: str | None = Field(description="Where the next page begins; null on the last one.")


class BlocksOut(Told):
    """A page of the block list."""

    blocks: list[BlockOut]
    next: str | None = Field(description="Where the next page begins; null on the last one.")
