"""Decisions chosen for a second look, and what the second moderator said."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session

from moderation.store.tables import IMPORT, Comment, DecisionRow, SecondLook
from moderation.store.writing import changed, insert_if_absent


class SecondLooks:
    """Second looks; who gave the first decision is never asked for the second."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def decisions_since(self, after: tuple[datetime, str], limit: int) -> list[tuple[datetime, str, str]]:
        """Return time, id and comment of the decisions made after this time and id that publish or reject, oldest first."""
        at, row_id = after
        later = and_(DecisionRow.decided_at == at, DecisionRow.id > row_id)
        query = (
            select(DecisionRow.decided_at, DecisionRow.id, DecisionRow.comment_id)
            .where(
                DecisionRow.verdict != "hold",
                DecisionRow.made_by != IMPORT,
                or_(DecisionRow.decided_at > at, later),
            )
            .order_by(DecisionRow.decided_at, DecisionRow.id)
        )
        return [(when, key, comment) for when, key, comment in self._session.execute(query.limit(limit))]

    def add(self, look: SecondLook) -> bool:
        """Choose a decision; return False where it was chosen already."""
        return insert_if_absent(self._session, look)

    def next_for(self, moderator_id: str) -> tuple[SecondLook, Comment] | None:
        """Return the oldest look that this moderator may give: not on what he ever decided on himself."""
        decided = select(DecisionRow.id).where(
            DecisionRow.comment_id == SecondLook.comment_id, DecisionRow.made_by == moderator_id
        )
        query = (
            select(SecondLook, Comment)
            .join(Comment, Comment.id == SecondLook.comment_id)
            .where(SecondLook.looked_at.is_(None), Comment.body != "", ~decided.exists())
            .order_by(SecondLook.chosen_at, SecondLook.id)
            .limit(1)
        )
        found = self._session.execute(query).first()
        return (found[0], found[1]) if found else None

    def get(self, look_id: str) -> SecondLook | None:
        """Return the look with this id."""
        return self._session.get(SecondLook, look_id)

    def has_decided(self, comment_id: str, moderator_id: str) -> bool:
        """Tell whether a moderator ever decided on a comment."""
        query = select(DecisionRow.id).where(
            DecisionRow.comment_id == comment_id, DecisionRow.made_by == moderator_id
        )
        return self._session.scalar(query.limit(1)) is not None

    def give(self, look_id: str, who: str, verdict: str, clause: str | None, at: datetime) -> bool:
        """Record what was said; return False where somebody else was quicker."""
        mine = update(SecondLook).where(SecondLook.id == look_id, SecondLook.looked_at.is_(None))
        return changed(self._session, mine.values(who=who, verdict=verdict, clause=clause, looked_at=at)) == 1

    def given(self, since: datetime, until: datetime) -> Sequence[tuple[SecondLook, DecisionRow]]:
        """Return the looks given in a time, each with the decision looked at."""
        query = (
            select(SecondLook, DecisionRow)
            .join(DecisionRow, DecisionRow.id == SecondLook.decision_id)
            .where(SecondLook.looked_at >= since, SecondLook.looked_at < until)
            .order_by(SecondLook.looked_at, SecondLook.id)
        )
        return [(look, decision) for look, decision in self._session.execute(query)]
