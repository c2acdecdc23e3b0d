"""The discussion of an article as its readers see it.

A thread is a comment and everything below it, flat and in order of time; a reply to a reply says whom it answers.
Every list goes on from a place, not from a number, so that its thousandth page costs what its first does.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Literal

from sqlalchemy import ColumnElement, Select, bindparam, func, literal, select, tuple_, union_all
from sqlalchemy.orm import Session, aliased

from moderation.errors import InvalidInput
from moderation.store.columns import UtcDateTime
from moderation.store.paging import LIMIT, cursor, keyset, place
from moderation.store.tables import PUBLISHED, Article, Author, Comment

Order = Literal["newest", "oldest", "discussed"]
ORDERS: tuple[Order, ...] = ("newest", "oldest", "discussed")
_SHOWN_BEFORE = 3  # replies that a page shows before the one it was opened for
REPLIES_AT_ONCE = 3  # below each comment of an article's page; a page of its own has them all


# Asked of every comment that arrives, and written once: to write a question costs more than to answer it.
_LATEST = (
    select(Comment.body)
    .where(
        Comment.article_id == bindparam("article_id"),
        Comment.author_id.is_distinct_from(bindparam("other_than")),
    )
    .order_by(Comment.received_at.desc(), Comment.id.desc())
    .limit(bindparam("limit"))
)
_PEOPLE = (
    select(Author.name)
    .where(
        Author.id.in_(
            select(Comment.author_id)
            .where(Comment.article_id == bindparam("article_id"), Comment.state == PUBLISHED)
            .order_by(Comment.received_at.desc(), Comment.id.desc())
            .limit(bindparam("among"))
        ),
        Author.name != "",
    )
    .distinct()
    .order_by(Author.name)
)


@dataclass(frozen=True, slots=True)
class ThreadEntry:
    """One comment in a thread; a `removed` one keeps the place of its replies, without text or name."""

    id: str
    parent_id: str | None
    top_id: str | None
    author_id: str
    author_name: str
    author_role: str
    body: str
    language: str | None
    received_at: datetime
    published_at: datetime | None
    pinned_at: datetime | None
    replies: int
    removed: bool

    @property
    def place(self) -> str:
        """Return where a list by time goes on after this comment."""
        return cursor(self.received_at, self.id)


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply, and the name of whom it answers where that is not the comment on top."""

    entry: ThreadEntry
    answered_id: str | None = None
    answered_name: str = ""
    answered_removed: bool = False


@dataclass(frozen=True, slots=True)
class Thread:
    """A comment with some of its replies, and the places from which the others go on (None: there are none)."""

    top: ThreadEntry
    replies: tuple[Reply, ...] = ()
    before: str | None = None
    after: str | None = None


@dataclass(frozen=True, slots=True)
class ThreadPage:
    """Some threads, and the places from which the page before and the page after go on."""

    threads: tuple[Thread, ...]
    before: str | None = None
    after: str | None = None

    @property
    def items(self) -> list[ThreadEntry]:
        """Return all comments of the page in reading order."""
        return [
            entry for thread in self.threads for entry in (thread.top, *(r.entry for r in thread.replies))
        ]


class Threads:
    """Published comments, with replies under what they answer."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def page(
        self,
        article_id: str,
        *,
        order: Order = "oldest",
        after: str | None = None,
        before: str | None = None,
        limit: int = LIMIT,
        replies: int = REPLIES_AT_ONCE,
    ) -> ThreadPage:
        """Return up to `limit` top-level comments, each with its first `replies` in order of time.

        A comment that was visible once and is no longer leaves a mark where replies to it are visible, and
        nothing elsewhere. Two queries, however many comments.
        """
        found = self._some(_tops(article_id), order, after, before, limit)
        first_replies = self._first_replies([top for top in found.items if top.replies], replies)
        threads = []
        for top in found.items:
            below = first_replies.get(top.id, [])
            following = below[replies - 1].entry.place if len(below) > replies else None
            threads.append(Thread(top, tuple(below[:replies]), after=following))
        return ThreadPage(tuple(threads), found.before, found.after)

    def thread(
        self, top_id: str, *, after: str | None = None, before: str | None = None, limit: int = LIMIT
    ) -> Thread | None:
        """Return a comment with up to `limit` of its replies, or None where readers see nothing of it."""
        row = self._session.execute(
            select(Comment, Author)
            .join(Author, Author.id == Comment.author_id)
            .where(Comment.id == top_id, Comment.parent_id.is_(None), _shown())
        ).first()
        if row is None:
            return None
        backwards = before is not None
        query = _replies().where(Comment.top_id == top_id)
        query = keyset(
            query,
            Comment.received_at,
            Comment.id,
            after=before if backwards else after,
            limit=limit,
            newest_first=backwards,
        )
        rows = [_reply(*found) for found in self._session.execute(query)]
        more, shown = len(rows) > limit, rows[:limit]
        if backwards:
            shown.reverse()
        first, last = (shown[0].entry.place, shown[-1].entry.place) if shown else (None, None)
        return Thread(
            _entry(*row),
            tuple(shown),
            before=first if (more if backwards else after is not None) else None,
            after=last if (more or backwards) else None,
        )

    def page_of_reply(self, reply: Comment, limit: int = LIMIT) -> str | None:
        """Return the place after which a page of its thread shows this reply (None: the thread's first page)."""
        earlier = select(Comment.received_at, Comment.id).where(
            Comment.top_id == reply.top_id,
            tuple_(Comment.received_at, Comment.id)
            < tuple_(literal(reply.received_at, UtcDateTime()), literal(reply.id)),
            _shown(),
        )
        latest = earlier.order_by(Comment.received_at.desc(), Comment.id.desc()).limit(limit)
        rows = self._session.execute(latest).all()
        return cursor(*rows[_SHOWN_BEFORE]) if len(rows) == limit > _SHOWN_BEFORE else None

    def pinned(self, article_id: str) -> list[ThreadEntry]:
        """Return the pinned comments of an article, the latest pin first."""
        pinned = (
            select(Comment, Author)
            .join(Author, Author.id == Comment.author_id)
            .where(
                Comment.article_id == article_id, Comment.pinned_at.is_not(None), Comment.state == PUBLISHED
            )
            .order_by(Comment.pinned_at.desc(), Comment.id)
        )
        return [_entry(comment, author) for comment, author in self._session.execute(pinned)]

    def latest(
        self, *, site_id: str | None = None, article_id: str | None = None, limit: int = 30
    ) -> list[tuple[ThreadEntry, Article]]:
        """Return the latest published comments of an article or of a site, each with its article."""
        query = (
            select(Comment, Author, Article)
            .join(Author, Author.id == Comment.author_id)
            .join(Article, Article.id == Comment.article_id)
            .where(Comment.state == PUBLISHED, Article.deleted_at.is_(None), Article.elsewhere.is_(False))
        )
        if site_id is not None:
            query = query.where(Comment.site_id == site_id)
        if article_id is not None:
            query = query.where(Comment.article_id == article_id)
        query = query.order_by(Comment.received_at.desc(), Comment.id.desc()).limit(limit)
        return [
            (_entry(comment, author), article) for comment, author, article in self._session.execute(query)
        ]

    def _some(
        self,
        query: Select[Comment, Author],
        order: Order,
        after: str | None,
        before: str | None,
        limit: int,
    ) -> "_Some":
        backwards = before is not None
        here = before if backwards else after
        descending = (order != "oldest") != backwards
        if order == "discussed":
            query = _by_replies(query, after=here, limit=limit, descending=descending)
        else:
            query = keyset(
                query, Comment.received_at, Comment.id, after=here, limit=limit, newest_first=descending
            )
        rows = [_entry(comment, author) for comment, author in self._session.execute(query)]
        more, shown = len(rows) > limit, rows[:limit]
        if backwards:
            shown.reverse()

        def place_of(entry: ThreadEntry) -> str:
            return f"{entry.replies:x}-{entry.place}" if order == "discussed" else entry.place

        first, last = (place_of(shown[0]), place_of(shown[-1])) if shown else (None, None)
        return _Some(
            shown,
            before=first if (more if backwards else after is not None) else None,
            after=last if (more or backwards) else None,
        )

    def _first_replies(self, tops: Sequence[ThreadEntry], limit: int) -> dict[str, list[Reply]]:
        """Return the first replies below each comment, one more than `limit` to see whether others follow."""
        found: dict[str, list[Reply]] = {}
        if not tops or not limit:
            return found
        query = _first_replies_below(len(tops), limit + 1)
        named = {f"top_{number}": top.id for number, top in enumerate(tops)}
        for row in self._session.execute(query, named):
            reply = _reply(*row)
            found.setdefault(reply.entry.top_id or "", []).append(reply)
        return found

    def recent_bodies(self, article_id: str, *, other_than: str | None, limit: int = 20) -> tuple[str, ...]:
        """Return the latest comments of other authors under an article, whatever became of them, newest first."""
        asked = {"article_id": article_id, "other_than": other_than, "limit": limit}
        return tuple(body for body in self._session.scalars(_LATEST, asked) if body)

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

    def people(self, article_id: str, *, among: int = 200) -> tuple[str, ...]:
        """Return the display names of those who wrote the latest comments, up to `among`, that readers can see."""
        return tuple(self._session.scalars(_PEOPLE, {"article_id": article_id, "among": among}))


@dataclass(frozen=True, slots=True)
class _Some:
    items: list[ThreadEntry]
    before: str | None
    after: str | None


_Answer = aliased(Comment, name="answer")
_Answered = aliased(Comment, name="answered")
_Asker = aliased(Author, name="asker")


def _shown() -> ColumnElement[bool]:
    """Return the condition of what stands in a discussion: published, or a mark where an answer to it is."""
    answered = select(_Answer.id).where(_Answer.parent_id == Comment.id, _Answer.state == PUBLISHED).exists()
    mark = Comment.published_at.is_not(None) & ((Comment.replies > 0) | answered)
    return (Comment.state == PUBLISHED) | mark


@cache
def _first_replies_below(tops: int, limit: int) -> Select[Comment, Author, Comment, Author]:
    """Return the query for the first replies below this many comments, named top_0, top_1 and so on.

    One short walk along the index for each: a window function would read every reply of the page. Built once, for
    to put it together costs more than to run it.
    """
    walks = []
    for number in range(tops):
        walk = select(Comment.id).where(Comment.top_id == bindparam(f"top_{number}"), _shown())
        walk = walk.order_by(Comment.received_at, Comment.id).limit(limit)
        walks.append(select(walk.subquery().c.id))
    found = _replies().where(Comment.id.in_(union_all(*walks)))
    return found.order_by(Comment.received_at, Comment.id)


def _tops(article_id: str) -> Select[Comment, Author]:
    return (
        select(Comment, Author)
        .join(Author, Author.id == Comment.author_id)
        .where(
            Comment.article_id == article_id,
            Comment.parent_id.is_(None),
            (Comment.state == PUBLISHED) | (Comment.published_at.is_not(None) & (Comment.replies > 0)),
        )
    )


def _replies() -> Select[Comment, Author, Comment, Author]:
    return (
        select(Comment, Author, _Answered, _Asker)
        .join(Author, Author.id == Comment.author_id)
        .join(_Answered, _Answered.id == Comment.parent_id)
        .join(_Asker, _Asker.id == _Answered.author_id)
        .where(_shown())
    )


def _by_replies(
    query: Select[Comment, Author], *, after: str | None, limit: int, descending: bool
) -> Select[Comment, Author]:
    key = tuple_(Comment.replies, Comment.received_at, Comment.id)
    if after is not None:
        rank, _, rest = after.partition("-")
        moment, last = place(rest)
        if re.fullmatch(r"[0-9a-f]{1,7}", rank) is None:
            raise InvalidInput(
                "This page does not exist. Start again at the first.", {"after": ["Not a known place."]}
            )
        here = tuple_(literal(int(rank, 16)), literal(moment, UtcDateTime()), literal(last))
        query = query.where(key < here if descending else key > here)
    columns = (Comment.replies, Comment.received_at, Comment.id)
    return query.order_by(*(c.desc() if descending else c for c in columns)).limit(limit + 1)


def _reply(comment: Comment, author: Author, answered: Comment, asker: Author) -> Reply:
    entry = _entry(comment, author)
    if answered.parent_id is None:
        return Reply(entry)
    removed = answered.state != PUBLISHED
    return Reply(entry, answered.id, "" if removed else asker.name, removed)


def _entry(comment: Comment, author: Author) -> ThreadEntry:
    removed = comment.state != PUBLISHED
    return ThreadEntry(
        id=comment.id,
        parent_id=comment.parent_id,
        top_id=comment.top_id,
        author_id="" if removed else author.id,
        author_name="" if removed else author.name,
        author_role="" if removed else author.role,
        body="" if removed else comment.body,
        language=None if removed else comment.language,
        received_at=comment.received_at,
        published_at=comment.published_at,
        pinned_at=None if removed else comment.pinned_at,
        replies=comment.replies,
        removed=removed,
    )
