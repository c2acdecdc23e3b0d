"""Comments that clients of the Akismet API asked about, and judgements they sent."""

from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from moderation.errors import Raced
from moderation.store.tables import AkismetCall, Comment
from moderation.store.writing import insert_if_absent


class Akismet:
    """Calls by their guid and by a keyed hash of what was sent."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, call: AkismetCall, *, since: datetime) -> None:
        """Store a call; one of the same content before `since` is known by it no more.

        Raises:
            Raced: one of the same content came since. On PostgreSQL that is waited for until the other has committed.
        """
        known = self.find(call.site_id, call.kind, call.digest or "")
        if known is not None:
            if known.at >= since:
                raise Raced("The same call came at this moment. Send it again.")
            known.digest = None
            self._session.flush()
        if not insert_if_absent(self._session, call):
            raise Raced("The same call came at this moment. Send it again.")

    def find(self, site_id: str, kind: str, digest: str) -> AkismetCall | None:
        """Return the latest call of this content."""
        found = select(AkismetCall).where(
            AkismetCall.site_id == site_id, AkismetCall.kind == kind, AkismetCall.digest == digest
        )
        return self._session.scalar(found)

    def get(self, guid: str) -> AkismetCall | None:
        """Return the call with this guid."""
        return self._session.get(AkismetCall, guid)

    def of_comment(self, comment: Comment) -> AkismetCall | None:
        """Return the call by which a comment came."""
        call = self.get(comment.external_id) if comment.external_id else None
        return call if call is not None and call.site_id == comment.site_id else None

    def forget(self, site_id: str, kind: str, digest: str) -> None:
        """Know calls of this content no more: somebody judged otherwise since."""
        known = self.find(site_id, kind, digest)
        if known is not None:
            known.digest = None
            self._session.flush()

    def counts(self, site_id: str, since: datetime, until: datetime) -> dict[str, int]:
        """Return how many calls of a kind came in [since, until), and how many checks were answered spam."""
        counted = (
            select(AkismetCall.kind, func.count(), func.sum(case((AkismetCall.spam, 1), else_=0)))
            .where(AkismetCall.site_id == site_id, AkismetCall.at >= since, AkismetCall.at < until)
            .group_by(AkismetCall.kind)
        )
        found = {"check": 0, "spam": 0, "ham": 0, "answered_spam": 0}
        for kind, count, spam in self._session.execute(counted):
            found[kind] = count
            found["answered_spam"] += int(spam or 0)
        return found
