"""Sessions at the desk: a row for every browser that is signed in."""

from datetime import datetime

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session

from moderation.store.tables import DeskSession, Moderator
from moderation.store.writing import added, changed


class Sessions:
    """Browsers that are signed in, and those that were."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, row: DeskSession) -> DeskSession:
        """Store a session that begins."""
        return added(self._session, row)

    def find(self, digest: str) -> tuple[DeskSession, Moderator] | None:
        """Return the session of a token that was not ended, alone or with all others, and whose it is."""
        found = self._session.execute(
            select(DeskSession, Moderator)
            .join(Moderator, Moderator.id == DeskSession.moderator_id)
            .where(DeskSession.digest == digest, *_goes_on())
        ).first()
        return (found[0], found[1]) if found else None

    def of(self, moderator_id: str, *, seen_since: datetime, began_since: datetime) -> list[DeskSession]:
        """Return an account's sessions that go on, the one used last first."""
        going = (
            select(DeskSession)
            .join(Moderator, Moderator.id == DeskSession.moderator_id)
            .where(
                DeskSession.moderator_id == moderator_id,
                DeskSession.seen_at >= seen_since,
                DeskSession.began_at >= began_since,
                *_goes_on(),
            )
        )
        return [*self._session.scalars(going.order_by(DeskSession.seen_at.desc(), DeskSession.id.desc()))]

    def saw(self, session_id: str, at: datetime) -> None:
        """Note that a session is in use."""
        seen = update(DeskSession).where(DeskSession.id == session_id, DeskSession.seen_at < at)
        self._session.execute(seen.values(seen_at=at))

    def end(self, session_id: str, moderator_id: str, at: datetime) -> bool:
        """End one session of an account; return False where it has no such session or it had ended."""
        end = update(DeskSession).where(
            DeskSession.id == session_id,
            DeskSession.moderator_id == moderator_id,
            DeskSession.ended_at.is_(None),
        )
        return changed(self._session, end.values(ended_at=at)) == 1

    def has_old(self, before: datetime) -> bool:
        """Tell whether a session began before then."""
        old = select(DeskSession.id).where(DeskSession.began_at < before).limit(1)
        return self._session.scalar(old) is not None

    def forget(self, before: datetime) -> int:
        """Delete the sessions that began before then; return how many."""
        return changed(self._session, delete(DeskSession).where(DeskSession.began_at < before))


def _goes_on() -> tuple[ColumnElement[bool], ...]:
    """Return what holds for a session that nobody ended; how long it may last is not asked."""
    return (
        DeskSession.ended_at.is_(None),
        DeskSession.epoch == Moderator.session_epoch,
        Moderator.deactivated_at.is_(None),
    )
