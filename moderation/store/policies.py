"""The policies that ever decided something, so that an old decision can be read beside its rules."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from moderation.store.tables import PolicyVersion
from moderation.store.writing import insert_if_absent


class Policies:
    """Policy texts by version."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def remember(self, version: str, text: str, now: datetime) -> bool:
        """Keep the text of a policy; return False if it is known already."""
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
