"""The policies that ever decided something, the draft, and which policy came into force when and why."""

from collections.abc import Container
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from moderation.errors import Conflict
from moderation.store.tables import PolicyDraft, PolicyPublication, PolicyVersion
from moderation.store.writing import insert_if_absent

_DRAFT = "draft"


class Policies:
    """Policy texts by version."""

    def __init__(self, session: Session, known: Container[str] = ()) -> None:
        self._session = session
        self._known = known  # stored for certain: every comment comes with the version it was decided by
        self.remembered: set[str] = set()

    def remember(self, version: str, text: str, now: datetime) -> bool:
        """Keep the text of a policy; return False if it is known already."""
        if version in self._known:
            return False
        self.remembered.add(version)
        return insert_if_absent(self._session, PolicyVersion(version=version, text=text, first_used_at=now))

    def get(self, version: str) -> PolicyVersion | None:
        """Return the policy of this version."""
        return self._session.get(PolicyVersion, version)

    def all(self) -> list[PolicyVersion]:
        """Return all policies that were in force, newest first."""
        newest_first = select(PolicyVersion).order_by(
            PolicyVersion.first_used_at.desc(), PolicyVersion.version
        )
        return [*self._session.scalars(newest_first)]

    def draft(self) -> PolicyDraft | None:
        """Return the draft, None where nobody works on one."""
        return self._session.get(PolicyDraft, _DRAFT)

    def save_draft(self, text: str, based_on: str, by: str, now: datetime) -> None:
        """Keep the draft in place of the one before."""
        self._session.merge(PolicyDraft(id=_DRAFT, text=text, based_on=based_on, saved_by=by, saved_at=now))
        self._session.flush()

    def drop_draft(self) -> None:
        """Forget the draft."""
        if (draft := self.draft()) is not None:
            self._session.delete(draft)
            self._session.flush()

    def publish(self, version: str, by: str, reason: str, now: datetime) -> PolicyPublication:
        """Put a remembered policy in force; of two at once one gets Conflict."""
        last = self._session.scalar(select(func.max(PolicyPublication.number))) or 0
        row = PolicyPublication(number=last + 1, version=version, published_by=by, reason=reason, at=now)
        if not insert_if_absent(self._session, row):
            raise Conflict("Somebody else published a policy in this moment. Look at it first.")
        return row

    def published(self) -> PolicyPublication | None:
        """Return the last publication, None where the policy file was never replaced."""
        last = select(PolicyPublication).order_by(PolicyPublication.number.desc()).limit(1)
        return self._session.scalar(last)

    def publications(self) -> list[PolicyPublication]:
        """Return all publications, the newest first."""
        return [*self._session.scalars(select(PolicyPublication).order_by(PolicyPublication.number.desc()))]
