"""What the check before posting led to: numbers by day, and no text."""

from collections.abc import Mapping
from datetime import date

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from moderation.store.tables import RewordingCount


class Rewordings:
    """How often readers were told, and what they did then."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, site_id: str, day: date, what: str) -> None:
        """Count one more; on both databases in one statement, so that none is lost where many count."""
        dialect = sqlite if self._session.get_bind().dialect.name == "sqlite" else postgresql
        table = RewordingCount.__table__
        insert = dialect.insert(table).values(site_id=site_id, day=day.isoformat(), what=what, number=1)
        self._session.execute(
            insert.on_conflict_do_update(
                index_elements=["site_id", "day", "what"], set_={"number": table.c.number + 1}
            )
        )

    def since(self, first: date) -> Mapping[str, Mapping[str, int]]:
        """Return the numbers of all sites together, by day (newest first) and by what happened."""
        query = (
            select(RewordingCount)
            .where(RewordingCount.day >= first.isoformat())
            .order_by(RewordingCount.day.desc())
        )
        days: dict[str, dict[str, int]] = {}
        for row in self._session.scalars(query):
            counted = days.setdefault(row.day, {})
            counted[row.what] = counted.get(row.what, 0) + row.number
        return days
