"""Answers to calls with an Idempotency-Key, kept for a time so that the call sent again is done once."""

from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from moderation.store.tables import KeptAnswer
from moderation.store.writing import changed, insert_if_absent


class Answers:
    """Calls by site and by the key that the caller gave them."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def begin(self, *, site_id: str, name: str, digest: str, now: datetime) -> KeptAnswer | None:
        """Remember that a call came; return None if it is new, else what is kept of the earlier one.

        Of two that arrive together on PostgreSQL the second waits here until the first has committed.
        """
        call = KeptAnswer(site_id=site_id, name=name, digest=digest, at=now)
        return None if insert_if_absent(self._session, call) else self.get(site_id=site_id, name=name)

    def get(self, *, site_id: str, name: str) -> KeptAnswer | None:
        """Return what is kept under this key."""
        return self._session.get(KeptAnswer, (site_id, name))

    def begin_anew(self, earlier: KeptAnswer, *, digest: str, now: datetime) -> bool:
        """Put a call in the place of an earlier one; return False where somebody else did."""
        anew = (
            update(KeptAnswer)
            .where(
                KeptAnswer.site_id == earlier.site_id,
                KeptAnswer.name == earlier.name,
                KeptAnswer.at == earlier.at,
                KeptAnswer.status == earlier.status,
            )
            .values(digest=digest, at=now, status=0, body=None)
        )
        return changed(self._session, anew, execution_options={"synchronize_session": False}) == 1

    def keep(self, *, site_id: str, name: str, status: int, body: dict[str, Any]) -> None:
        """Keep what was answered."""
        keep = update(KeptAnswer).where(KeptAnswer.site_id == site_id, KeptAnswer.name == name)
        changed(self._session, keep.values(status=status, body=body))

    def forget(self, *, site_id: str, name: str) -> None:
        """Forget a call of which nothing came, so that it may come again; one that was answered stays."""
        mine = (KeptAnswer.site_id == site_id, KeptAnswer.name == name, KeptAnswer.status == 0)
        changed(self._session, delete(KeptAnswer).where(*mine))

    def has_due(self, before: datetime) -> bool:
        """Tell whether an answer is kept that was given before `before`."""
        due = select(KeptAnswer.name).where(KeptAnswer.at < before).limit(1)
        return self._session.scalar(due) is not None

    def forget_before(self, moment: datetime) -> int:
        """Delete what came before `moment`; return how many."""
        return changed(self._session, delete(KeptAnswer).where(KeptAnswer.at < moment))
