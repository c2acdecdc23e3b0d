"""Second factors of accounts, and the recovery codes that stand in for them."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from moderation.store.tables import Moderator, RecoveryCode
from moderation.store.writing import changed


class SecondFactors:
    """What is kept of second factors: an encrypted secret with the account, hashes of recovery codes."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def propose(self, moderator_id: str, secret: str) -> bool:
        """Keep a secret that its owner has to confirm by a code; return False where the factor is on already."""
        keep = update(Moderator).where(Moderator.id == moderator_id, Moderator.second_factor_at.is_(None))
        return changed(self._session, keep.values(second_factor_secret=secret)) == 1

    def turn_on(self, moderator_id: str, secret: str, step: int, at: datetime) -> bool:
        """Turn on the factor with this secret and end all sessions; return False where it is not the one proposed."""
        turn = update(Moderator).where(
            Moderator.id == moderator_id,
            Moderator.second_factor_at.is_(None),
            Moderator.second_factor_secret == secret,
        )
        values = {"second_factor_at": at, "second_factor_step": step}
        return changed(self._session, turn.values(values | _ending_sessions())) == 1

    def turn_off(self, moderator_id: str) -> bool:
        """Forget secret and recovery codes and end all sessions; return whether the factor was on."""
        turn = update(Moderator).where(Moderator.id == moderator_id, Moderator.second_factor_at.is_not(None))
        values = {"second_factor_secret": None, "second_factor_at": None, "second_factor_step": 0}
        was_on = changed(self._session, turn.values(values | _ending_sessions())) == 1
        self._forget_codes(moderator_id)
        return was_on

    def use_step(self, moderator_id: str, step: int) -> bool:
        """Note that the code of a time step was used; return False where it or a later one was used before."""
        use = update(Moderator).where(Moderator.id == moderator_id, Moderator.second_factor_step < step)
        return changed(self._session, use.values(second_factor_step=step)) == 1

    def keep_codes(self, moderator_id: str, digests: Iterable[str]) -> None:
        """Keep new recovery codes; the earlier ones are gone."""
        self._forget_codes(moderator_id)
        self._session.add_all(RecoveryCode(moderator_id=moderator_id, digest=digest) for digest in digests)
        self._session.flush()

    def use_code(self, moderator_id: str, digest: str, at: datetime) -> bool:
        """Use up a recovery code; return False where there is none such, or it was used: of two who use it one does."""
        use = update(RecoveryCode).where(
            RecoveryCode.moderator_id == moderator_id,
            RecoveryCode.digest == digest,
            RecoveryCode.used_at.is_(None),
        )
        return changed(self._session, use.values(used_at=at)) == 1

    def codes_left(self, moderator_id: str) -> int:
        """Return how many recovery codes still work."""
        left = select(func.count()).where(
            RecoveryCode.moderator_id == moderator_id, RecoveryCode.used_at.is_(None)
        )
        return self._session.scalar(left) or 0

    def _forget_codes(self, moderator_id: str) -> None:
        self._session.execute(delete(RecoveryCode).where(RecoveryCode.moderator_id == moderator_id))


def _ending_sessions() -> dict[str, object]:
    return {"session_epoch": Moderator.session_epoch + 1}
