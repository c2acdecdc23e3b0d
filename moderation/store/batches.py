"""Actions on many comments, on their way: which comments in which versions, how far, and how far taken back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, insert, select, update
from sqlalchemy.orm import Session

from moderation.store.tables import Batch, BatchItem, Claim, Comment, Strike
from moderation.store.writing import added, changed

_UNSYNCHRONISED = {"synchronize_session": False}


@dataclass(frozen=True, slots=True)
class Count:
    """What a bulk action is about: by clause in force, how many authors, how many have a strike, are in other hands."""

    clauses: tuple[tuple[str, int], ...]
    authors: int
    struck: int
    claimed: int


class Batches:
    """Bulk actions."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, batch: Batch) -> Batch:
        """Store a bulk action."""
        return added(self._session, batch)

    def add_items(self, batch: Batch, comments: Sequence[tuple[str, int]]) -> None:
        """Add comments, by id and version, after those a bulk action is about already."""
        rows = [
            {"batch_id": batch.id, "number": number, "comment_id": key, "version": version}
            for number, (key, version) in enumerate(comments, batch.total)
        ]
        if rows:
            self._session.execute(insert(BatchItem), rows)
        batch.total += len(rows)
        self._session.flush()

    def items(self, batch_id: str, *, start: int, limit: int) -> list[tuple[int, str, int]]:
        """Return place, comment and version of up to so many comments, from a place on."""
        items = select(BatchItem.number, BatchItem.comment_id, BatchItem.version).where(
            BatchItem.batch_id == batch_id, BatchItem.number >= start
        )
        found = self._session.execute(items.order_by(BatchItem.number).limit(limit)).all()
        return [(number, key, version) for number, key, version in found]

    def sample(self, batch: Batch, number: int) -> list[str]:
        """Return about so many of the comments of a bulk action, spread over all of it."""
        places = [*range(0, batch.total, max(1, -(-batch.total // number)))]
        found = select(BatchItem.comment_id).where(
            BatchItem.batch_id == batch.id, BatchItem.number.in_(places)
        )
        return [*self._session.scalars(found.order_by(BatchItem.number))]

    def count(self, batch_id: str, moderator_id: str, now: datetime) -> Count:
        """Return what a bulk action is about, in four queries however long it is."""
        mine = select(BatchItem.comment_id).where(BatchItem.batch_id == batch_id)
        ids = mine.scalar_subquery()
        number = func.count()
        clauses = select(func.coalesce(Comment.clause, ""), number).where(Comment.id.in_(ids))
        clauses = clauses.group_by(Comment.clause).order_by(number.desc(), Comment.clause)
        authors = select(func.count(Comment.author_id.distinct())).where(Comment.id.in_(ids))
        struck = select(func.count(Strike.comment_id.distinct())).where(
            Strike.comment_id.in_(ids), Strike.overruled_at.is_(None)
        )
        claimed = select(func.count()).where(
            Claim.comment_id.in_(ids), Claim.moderator_id != moderator_id, Claim.until > now
        )
        return Count(
            tuple((clause, times) for clause, times in self._session.execute(clauses)),
            self._session.scalar(authors) or 0,
            self._session.scalar(struck) or 0,
            self._session.scalar(claimed) or 0,
        )

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
        if changed(self._session, take, execution_options=_UNSYNCHRONISED) == 0:
            return None
        return self.get(batch_id)

    def went_on(self, batch_id: str, *, place: int, refused: bool, leased_until: datetime) -> bool:
        """Count the comment at this place; return False where it was stopped, or another worker counted it."""
        went = update(Batch).where(Batch.id == batch_id, Batch.state == "waiting", Batch.done == place)
        went = went.values(done=place + 1, refused=Batch.refused + int(refused), leased_until=leased_until)
        return changed(self._session, went, execution_options=_UNSYNCHRONISED) == 1

    def went_back(
        self, batch_id: str, *, before: str, place: str, undone: int, leased_until: datetime
    ) -> bool:
        """Note at which step the undoing is; return False where another worker went on from there."""
        went = update(Batch).where(Batch.id == batch_id, Batch.state == "undoing", Batch.place == before)
        went = went.values(place=place, undone=Batch.undone + undone, leased_until=leased_until)
        return changed(self._session, went, execution_options=_UNSYNCHRONISED) == 1

    def move(self, batch_id: str, before: Sequence[str], after: str, **values: object) -> bool:
        """Bring a bulk action from one of these states to the next; return False where it is in another."""
        go = update(Batch).where(Batch.id == batch_id, Batch.state.in_(before))
        go = go.values(state=after, leased_until=None, **values)
        return changed(self._session, go, execution_options=_UNSYNCHRONISED) == 1

    def forget_previews(self, *, by: str | None = None, until: datetime | None = None) -> int:
        """Delete previews that were not confirmed, of one moderator or made until then; return how many."""
        previews = select(Batch.id).where(Batch.state == "previewed")
        if by is not None:
            previews = previews.where(Batch.by == by)
        if until is not None:
            previews = previews.where(Batch.at <= until)
        ids = [*self._session.scalars(previews)]
        if ids:
            for rows in (
                delete(BatchItem).where(BatchItem.batch_id.in_(ids)),
                delete(Batch).where(Batch.id.in_(ids)),
            ):
                self._session.execute(rows, execution_options=_UNSYNCHRONISED)
        return len(ids)

    def last(self, *, limit: int = 20) -> list[Batch]:
        """Return the latest bulk actions that were begun, latest first."""
        begun = select(Batch).where(Batch.state != "previewed")
        return [*self._session.scalars(begun.order_by(Batch.id.desc()).limit(limit))]


def _due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    free = Batch.leased_until.is_(None) | (Batch.leased_until <= now)
    return Batch.state.in_(("waiting", "undoing")), free
