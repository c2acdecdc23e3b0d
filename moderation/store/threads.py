"""The discussion of an article as its readers see it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, literal, select
from sqlalchemy.orm import Session, aliased

from moderation.store.paging import LIMIT, Page, keyset, page_of
from moderation.store.tables import Author, Comment

PUBLISHED = "published"


@dataclass(frozen=True, slots=True)
class ThreadEntry:
    """One comment in a thread; a `removed` one keeps the place of its replies, without text or name."""

    id: str
    parent_id: str | None
    depth: int
    author_id: str
    author_name: str
    author_role: str
    body: str
    language: str | None
    received_at: datetime
    published_at: datetime | None
    removed: bool


class Threads:
    """Published comments, with replies under what they answer."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def page(
        self, article_id: str, *, after: str | None = None, limit: int = LIMIT, newest_first: bool = False
    ) -> Page[ThreadEntry]:
        """Return up to `limit` top-level comments, each followed by all its replies in reading order.

        A comment that was visible once and is no longer leaves a mark where replies to it are visible, and
        nothing elsewhere; so a page may hold fewer than `limit`. Two queries, however many comments.
        """
        reply = aliased(Comment)
        answered = select(reply.id).where(reply.parent_id == Comment.id, _seen(reply)).exists()
        top = select(Comment, Author).join(Author, Author.id == Comment.author_id)
        top = top.where(
            Comment.article_id == article_id,
            Comment.parent_id.is_(None),
            (Comment.state == PUBLISHED) | (_seen(Comment) & answered),
        )
        query = keyset(
            top, Comment.received_at, Comment.id, after=after, limit=limit, newest_first=newest_first
        )
        found = [(comment, author, 0) for comment, author in self._session.execute(query)]
        page = page_of(found, limit, lambda row: (row[0].received_at, row[0].id))
        replies = self._session.execute(_replies([comment.id for comment, _, _ in page.items]))
        return Page(_in_reading_order(page.items, replies), page.next)

    def recent_bodies(self, article_id: str, *, other_than: str | None, limit: int = 20) -> tuple[str, ...]:
        """Return the latest comments of other authors under an article, whatever became of them, newest first."""
        newest = (
            select(Comment.body)
            .where(Comment.article_id == article_id, Comment.author_id.is_distinct_from(other_than))
            .order_by(Comment.received_at.desc(), Comment.id.desc())
            .limit(limit)
        )
        return tuple(body for body in self._session.scalars(newest) if body)

    def count(self, article_id: str) -> int:
        """Return how many comments readers can see under an article."""
        return self.counts([article_id]).get(article_id, 0)

    def counts(self, article_ids: Iterable[str]) -> dict[str, int]:
        """Return how many comments readers can see, by article; articles without any are left out."""
        visible = (
            select(Comment.article_id, func.count())
            .where(Comment.article_id.in_(set(article_ids)), Comment.state == PUBLISHED)
            .group_by(Comment.article_id)
        )
        return dict(self._session.execute(visible).all())

    def people(self, article_id: str, *, limit: int = 500) -> tuple[str, ...]:
        """Return the display names of those whose comments readers can see under an article."""
        names = (
            select(Author.name)
            .join(Comment, Comment.author_id == Author.id)
            .where(Comment.article_id == article_id, Comment.state == PUBLISHED, Author.name != "")
            .distinct()
            .order_by(Author.name)
            .limit(limit)
        )
        return tuple(self._session.scalars(names))


def _seen(comment: type[Comment]) -> ColumnElement[bool]:
    return (comment.state == PUBLISHED) | comment.published_at.is_not(None)


def _replies(top_ids: list[str]) -> Select[Comment, Author, int]:
    below = (
        select(Comment.id, literal(1).label("depth"))
        .where(Comment.parent_id.in_(top_ids), _seen(Comment))
        .cte("below", recursive=True)
    )
    below = below.union_all(
        select(Comment.id, below.c.depth + 1)
        .join(below, Comment.parent_id == below.c.id)
        .where(_seen(Comment))
    )
    return (
        select(Comment, Author, below.c.depth)
        .join(below, Comment.id == below.c.id)
        .join(Author, Author.id == Comment.author_id)
        .order_by(Comment.received_at, Comment.id)
    )


def _in_reading_order(
    top: Iterable[tuple[Comment, Author, int]], replies: Iterable[tuple[Comment, Author, int]]
) -> list[ThreadEntry]:
    below: dict[str, list[tuple[Comment, Author, int]]] = {}
    deepest_first = []
    for row in replies:
        below.setdefault(row[0].parent_id or "", []).append(row)
        deepest_first.append(row)
    deepest_first.sort(key=lambda row: -row[2])
    visible = {row[0].id for row in deepest_first if row[0].state == PUBLISHED}
    for comment, _, _ in deepest_first:  # a mark is shown where something below it is
        if comment.id in visible and comment.parent_id:
            visible.add(comment.parent_id)

    entries = []
    waiting = [row for row in reversed([*top]) if row[0].state == PUBLISHED or row[0].id in visible]
    while waiting:  # not recursive: a thread may be deeper than Python's stack
        comment, author, depth = waiting.pop()
        entries.append(_entry(comment, author, depth))
        waiting += [row for row in reversed(below.get(comment.id, [])) if row[0].id in visible]
    return entries


def _entry(comment: Comment, author: Author, depth: int) -> ThreadEntry:
    removed = comment.state != PUBLISHED
    return ThreadEntry(
        id=comment.id,
        parent_id=comment.parent_id,
        depth=depth,
        author_id="" if removed else author.id,
        author_name="" if removed else author.name,
        author_role="" if removed else author.role,
        body="" if removed else comment.body,
        language=None if removed else comment.language,
        received_at=comment.received_at,
        published_at=comment.published_at,
        removed=removed,
    )
