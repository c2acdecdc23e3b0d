"""Which moderator has which comment in hand, under a lease."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from moderation.errors import Claimed
from moderation.store.tables import Claim, Moderator
from moderation.store.writing import changed, insert_if_absent


@dataclass(frozen=True, slots=True)
class Held:
    """A claim in force, with the name of who has it."""

    comment_id: str
    moderator_id: str
    name: str
    until: datetime


class Claims:
    """Claims on comments."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def take(self, comment_id: str, moderator_id: str, now: datetime, until: datetime) -> bool:
        """Claim a comment, or prolong one's claim; return False where a colleague's lease is not over.

        Of two who claim at once one gets it: the row is unique, and is taken over under its old lease only.
        """
        claim = Claim(comment_id=comment_id, moderator_id=moderator_id, until=until)
        if insert_if_absent(self._session, claim):
            return True
        take_over = (
            update(Claim)
            .where(
                Claim.comment_id == comment_id,
                (Claim.moderator_id == moderator_id) | (Claim.until <= now),
            )
            .values(moderator_id=moderator_id, until=until)
        )
        return changed(self._session, take_over, execution_options={"synchronize_session": False}) == 1

    def refuse_other(self, comment_id: str, moderator_id: str, now: datetime) -> None:
        """Raise Claimed where a colleague has the comment in hand."""
        held = next(iter(self.in_force(now, [comment_id])), None)
        if held is not None and held.moderator_id != moderator_id:
            raise Claimed(
                f"{held.name} has this comment in hand until {held.until:%H:%M} UTC.",
                by=held.moderator_id,
                until=held.until,
            )

    def release(self, comment_id: str) -> None:
        """Let go of a comment."""
        self._session.execute(delete(Claim).where(Claim.comment_id == comment_id))

    def release_all(self, moderator_id: str) -> None:
        """Let go of all that a moderator had in hand."""
        self._session.execute(delete(Claim).where(Claim.moderator_id == moderator_id))

    def in_force(self, now: datetime, comment_ids: Iterable[str] | None = None) -> Sequence[Held]:
        """Return the claims whose lease is not over, on these comments or on all."""
        query = (
            select(Claim.comment_id, Claim.moderator_id, Moderator.name, Claim.until)
            .join(Moderator, Moderator.id == Claim.moderator_id)
            .where(Claim.until > now)
            .order_by(Claim.until)
        )
        if comment_ids is not None:
            query = query.where(Claim.comment_id.in_(set(comment_ids)))
        return [Held(*row) for row in self._session.execute(query).all()]
