"""Replays of a draft, and the stored comments they read: columns alone, for a hundred thousand are read at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, literal, or_, select, tuple_, update
from sqlalchemy.orm import Session, aliased

from moderation.store.columns import UtcDateTime
from moderation.store.paging import cursor, place
from moderation.store.tables import Article, Author, Comment, DecisionRow, Replay
from moderation.store.writing import added, changed


@dataclass(frozen=True, slots=True)
class Stored:
    """A comment as a replay reads it; `verdict` is a moderator's where one decided."""

    id: str
    site_id: str
    body: str
    language: str | None
    received_at: datetime
    article_id: str
    author_name: str
    parent_body: str | None
    parent_author: str | None
    verdict: str | None
    made_by: str | None


class Replays:
    """Replays and the key ranges of comments they go through."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, replay: Replay) -> Replay:
        """Store a new replay."""
        return added(self._session, replay)

    def get(self, replay_id: str) -> Replay | None:
        """Return the replay with this id."""
        return self._session.get(Replay, replay_id)

    def latest(self, limit: int = 10) -> list[Replay]:
        """Return the latest replays, the newest first."""
        newest = select(Replay).order_by(Replay.started_at.desc(), Replay.id.desc()).limit(limit)
        return [*self._session.scalars(newest)]

    def ends_of_last(self, number: int) -> tuple[str, str, int]:
        """Return the place before the last `number` comments, that of the very last, and how many they are."""
        newest = select(Comment.received_at, Comment.id).order_by(
            Comment.received_at.desc(), Comment.id.desc()
        )
        last = self._session.execute(newest.limit(1)).first()
        if last is None:
            return "", "", 0
        before = self._session.execute(newest.offset(number).limit(1)).first()
        if before is not None:
            return cursor(*before), cursor(*last), number
        return "", cursor(*last), self._session.scalar(select(func.count()).select_from(Comment)) or 0

    def due(self, now: datetime) -> str | None:
        """Return the id of the oldest replay that nobody has in hand."""
        free = or_(Replay.leased_until.is_(None), Replay.leased_until <= now)
        oldest = select(Replay.id).where(Replay.state == "running", free).order_by(Replay.id).limit(1)
        return self._session.scalar(oldest)

    def claim(self, replay_id: str, now: datetime, lease: timedelta) -> bool:
        """Take a replay in hand; return False where somebody else has it or it is over."""
        free = or_(Replay.leased_until.is_(None), Replay.leased_until <= now)
        mine = update(Replay).where(Replay.id == replay_id, Replay.state == "running", free)
        return changed(self._session, mine.values(leased_until=now + lease)) == 1

    def lock(self, replay_id: str) -> Replay | None:
        """Return the replay as it stands, held against other transactions until this one ends."""
        query = select(Replay).where(Replay.id == replay_id).with_for_update()
        return self._session.scalar(query.execution_options(populate_existing=True))

    def ranges(self, after: str, last: str, size: int, count: int) -> list[tuple[str, str, int]]:
        """Return up to `count` key ranges of up to `size` comments: (place before, place of the last, comments)."""
        if count <= 0:
            return []
        query = self._between(select(Comment.received_at, Comment.id), after, last).limit(size * count)
        rows = self._session.execute(query).all()
        found = []
        for start in range(0, len(rows), size):
            part = rows[start : start + size]
            found.append((after, end := cursor(*part[-1]), len(part)))
            after = end
        return found

    def comments(self, after: str, last: str) -> list[Stored]:
        """Return the comments of a key range, oldest first; erased ones have no body."""
        parent, writer = aliased(Comment), aliased(Author)
        query: Any = (
            select(
                Comment.id,
                Comment.site_id,
                Comment.body,
                Comment.language,
                Comment.received_at,
                Comment.article_id,
                Author.name,
                parent.body,
                writer.name,
                DecisionRow.verdict,
                DecisionRow.made_by,
            )
            .join(Author, Author.id == Comment.author_id)
            .join(DecisionRow, DecisionRow.id == Comment.decision_id, isouter=True)
            .join(parent, parent.id == Comment.parent_id, isouter=True)
            .join(writer, writer.id == parent.author_id, isouter=True)
        )
        return [Stored(*row) for row in self._session.execute(self._between(query, after, last))]

    def articles(self, ids: Sequence[str]) -> dict[str, Article]:
        """Return these articles by id."""
        found = self._session.scalars(select(Article).where(Article.id.in_(ids)))
        return {article.id: article for article in found}

    @staticmethod
    def _between(query: Any, after: str, last: str) -> Any:
        at = tuple_(Comment.received_at, Comment.id)
        if after:
            query = query.where(at > _here(after))
        return query.where(at <= _here(last)).order_by(Comment.received_at, Comment.id)


def _here(where: str) -> Any:
    moment, row_id = place(where)
    return tuple_(literal(moment, UtcDateTime()), literal(row_id))
