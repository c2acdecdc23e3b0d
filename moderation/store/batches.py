"""Actions on many comments, on their way."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from moderation.store.tables import Batch
from moderation.store.writing import added, changed


class Batches:
    """Bulk actions."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, batch: Batch) -> Batch:
        """Store a bulk action that was confirmed."""
        return added(self._session, batch)

    def get(self, batch_id: str) -> Batch | None:
        """Return the bulk action with this id, as it stands now."""
        return self._session.get(Batch, batch_id, populate_existing=True)

    def has_due(self, now: datetime) -> bool:
        """Tell whether a bulk action waits for a worker."""
        return self._session.scalar(select(Batch.id).where(*_due(now)).limit(1)) is not None

    def lease(self, now: datetime, lease: timedelta) -> Batch | None:
        """Return the bulk action that waits longest, in hand of one worker for so long; None where none waits."""
        batch_id = self._session.scalar(select(Batch.id).where(*_due(now)).order_by(Batch.id).limit(1))
        if batch_id is None:
            return None
        take = update(Batch).where(Batch.id == batch_id, *_due(now)).values(leased_until=now + lease)
        if changed(self._session, take, execution_options={"synchronize_session": False}) == 0:
            return None
        return self.get(batch_id)

    def went_on(self, batch_id: str, *, done: int, refused: int, leased_until: datetime) -> None:
        """Record how far a worker got, and prolong its lease."""
        went = update(Batch).where(Batch.id == batch_id)
        went = went.values(done=done, refused=refused, leased_until=leased_until)
        changed(self._session, went, execution_options={"synchronize_session": False})

    def move(self, batch_id: str, before: str, after: str, **values: str) -> bool:
        """Bring a bulk action from one state to the next; return False where it is in another."""
        go = update(Batch).where(Batch.id == batch_id, Batch.state == before)
        go = go.values(state=after, leased_until=None, **values)
        return changed(self._session, go, execution_options={"synchronize_session": False}) == 1

    def last(self, *, limit: int = 20) -> list[Batch]:
        """Return the latest bulk actions, latest first."""
        return [*self._session.scalars(select(Batch).order_by(Batch.id.desc()).limit(limit))]


def _due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    free = Batch.leased_until.is_(None) | (Batch.leased_until <= now)
    return Batch.state.in_(("waiting", "undoing")), free
