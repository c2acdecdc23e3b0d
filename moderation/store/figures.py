"""Counts over decisions, for the figures, the monthly report and the brake; no text is read."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, aliased

from moderation.store.tables import IMPORT, NO_PERSONS, Appeal, Block, Comment, DecisionRow


@dataclass(frozen=True, slots=True)
class Judged:
    """A decision of the engine, what it saw, and what a moderator said of the comment since (None: nothing)."""

    verdict: str
    clause: str | None
    signals: list[dict[str, Any]]
    overruled_by: str | None


class Figures:
    """Numbers of a stretch of time, from `since` up to but without `until`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def _day(self, at: Any) -> ColumnElement[str]:
        if self._session.get_bind().dialect.name == "sqlite":
            return func.strftime("%Y-%m-%d", at)
        return func.to_char(func.timezone("UTC", at), "YYYY-MM-DD")

    def by_day(self, since: datetime, until: datetime) -> dict[str, dict[str, int]]:
        """Return how many comments were published, held and rejected at first sight, by day and verdict."""
        day = self._day(DecisionRow.decided_at)
        query = (
            select(day, DecisionRow.verdict, func.count())
            .where(
                DecisionRow.number == 1,
                DecisionRow.made_by != IMPORT,  # nobody decided on them here
                DecisionRow.decided_at >= since,
                DecisionRow.decided_at < until,
            )
            .group_by(day, DecisionRow.verdict)
            .order_by(day)
        )
        days: dict[str, dict[str, int]] = {}
        for name, verdict, number in self._session.execute(query):
            days.setdefault(name, {})[verdict] = number
        return days

    def by_clause(self, since: datetime, until: datetime) -> dict[str, dict[str, int]]:
        """Return how many comments were held and rejected at first sight, by clause and verdict."""
        query = (
            select(DecisionRow.clause, DecisionRow.verdict, func.count())
            .where(
                DecisionRow.number == 1,
                DecisionRow.made_by != IMPORT,
                DecisionRow.clause.is_not(None),
                DecisionRow.decided_at >= since,
                DecisionRow.decided_at < until,
            )
            .group_by(DecisionRow.clause, DecisionRow.verdict)
            .order_by(DecisionRow.clause)
        )
        clauses: dict[str, dict[str, int]] = {}
        for clause, verdict, number in self._session.execute(query):
            clauses.setdefault(str(clause), {})[verdict] = number
        return clauses

    def waits(self, since: datetime, until: datetime) -> list[float]:
        """Return in seconds how long comments that were held waited for a moderator's first decision, shortest first."""
        first, person = aliased(DecisionRow), aliased(DecisionRow)
        decided = func.min(person.decided_at, type_=person.decided_at.type)
        query = (
            select(first.decided_at, decided)
            .join(person, person.comment_id == first.comment_id)
            .where(
                first.number == 1,
                first.verdict == "hold",
                first.decided_at >= since,
                first.decided_at < until,
                person.made_by.not_in(NO_PERSONS),
            )
            .group_by(first.id, first.decided_at)
        )
        return sorted((end - begin).total_seconds() for begin, end in self._session.execute(query))

    def touched(self, since: datetime, until: datetime) -> tuple[int, int]:
        """Return how many comments came, and on how many of them a moderator decided."""
        mine = (Comment.received_at >= since, Comment.received_at < until)
        came = self._session.scalar(select(func.count()).select_from(Comment).where(*mine)) or 0
        decided = (
            select(func.count(DecisionRow.comment_id.distinct()))
            .join(Comment, Comment.id == DecisionRow.comment_id)
            .where(DecisionRow.made_by.not_in(NO_PERSONS), *mine)
        )
        return came, self._session.scalar(decided) or 0

    def judged(self, since: datetime, until: datetime, *, limit: int = 20_000) -> list[Judged]:
        """Return the engine's latest decisions on comments, each with a moderator's verdict since."""
        person = aliased(DecisionRow)
        query = (
            select(DecisionRow.verdict, DecisionRow.clause, DecisionRow.signals, person.verdict)
            .join(Comment, Comment.id == DecisionRow.comment_id)
            .join(
                person,
                (person.id == Comment.decision_id) & (person.made_by.not_in(NO_PERSONS)),
                isouter=True,
            )
            .where(
                DecisionRow.made_by == "engine",
                DecisionRow.decided_at >= since,
                DecisionRow.decided_at < until,
            )
            .order_by(DecisionRow.decided_at.desc(), DecisionRow.id.desc())
            .limit(limit)
        )
        return [Judged(*row) for row in self._session.execute(query)]

    def languages(self, since: datetime, until: datetime) -> dict[str, int]:
        """Return how many comments came in each language, most first; nothing stands for one not known."""
        number = func.count()
        language = func.coalesce(Comment.language, "")
        query = (
            select(language, number)
            .where(Comment.received_at >= since, Comment.received_at < until)
            .group_by(language)
            .order_by(number.desc(), language)
        )
        return dict(self._session.execute(query).all())

    def appeals(self, since: datetime, until: datetime) -> dict[str, int]:
        """Return how many appeals were made, by what became of them."""
        query = (
            select(Appeal.state, func.count())
            .where(Appeal.made_at >= since, Appeal.made_at < until)
            .group_by(Appeal.state)
            .order_by(Appeal.state)
        )
        return dict(self._session.execute(query).all())

    def penalties(self, since: datetime, until: datetime) -> dict[str, int]:
        """Return how many warnings, premoderations and blocks began, by kind."""
        query = (
            select(Block.penalty, func.count())
            .where(Block.starts_at >= since, Block.starts_at < until)
            .group_by(Block.penalty)
            .order_by(Block.penalty)
        )
        return dict(self._session.execute(query).all())
