"""Key ranges of comments that processes, on however many hosts, have in hand: each is given out once and counted once.

Who gives out holds the row of the job locked, so that no range is given out twice. A process that dies lets its lease run
out, and another gets the range; should both come to an end, what the first found is counted, and the other one's is dropped.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from moderation.store.tables import Range
from moderation.store.writing import added, changed


class Ranges:
    """Ranges in hand, by job: `replay:<id>` or `import:<id>`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def take_over(self, job: str, now: datetime, until: datetime, count: int) -> list[Range]:
        """Return up to `count` ranges whose lease ran out, in hand of this process until then."""
        left = select(Range).where(Range.job == job, Range.leased_until <= now).order_by(Range.id)
        found = [*self._session.scalars(left.limit(count))]
        for one in found:
            one.leased_until = until
        self._session.flush()
        return found

    def give_out(self, job: str, parts: Iterable[tuple[str, str, int]], until: datetime) -> list[Range]:
        """Return new ranges (place before the first comment, place of the last, comments), in hand until then."""
        return [
            added(
                self._session, Range(job=job, after=after, until=last, comments=comments, leased_until=until)
            )
            for after, last, comments in parts
        ]

    def in_hand(self, job: str) -> bool:
        """Tell whether a range was given out and is not counted."""
        return self._session.scalar(select(Range.id).where(Range.job == job).limit(1)) is not None

    def count_once(self, range_id: str) -> bool:
        """Take a range off the list; return False where another process, which had it too, counted it."""
        return changed(self._session, delete(Range).where(Range.id == range_id)) == 1

    def give_back(self, range_ids: Sequence[str], now: datetime) -> None:
        """Let anybody have these ranges from now on."""
        changed(self._session, update(Range).where(Range.id.in_(range_ids)).values(leased_until=now))

    def forget(self, job: str) -> None:
        """Drop the ranges of a job that begins anew."""
        changed(self._session, delete(Range).where(Range.job == job))
