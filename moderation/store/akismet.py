"""Comments that clients of the Akismet API asked about, and judgements they sent."""

from datetime import datetime, timedelta

from sqlalchemy import case, func, select, update
from sqlalchemy.orm import Session

from moderation.store.tables import AkismetCall, Comment
from moderation.store.writing import changed, insert_if_absent


class Akismet:
    """Calls by their guid and by a keyed hash of what was sent."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def remember(self, call: AkismetCall, *, within: timedelta | None) -> AkismetCall:
        """Return the call of the same content that came before, or this one, stored.

        One that is older than `within` is another comment of the same words; None: however old.
        Of two that arrive together on PostgreSQL the second waits here until the first has committed.
        """
        known = self.find(call.site_id, call.kind, call.digest or "")
        if known is not None and (within is None or call.at - known.at <= within):
            return known
        if known is not None:
            known.digest = None
            self._session.flush()
        if insert_if_absent(self._session, call):
            return call
        known = self.find(call.site_id, call.kind, call.digest or "")
        assert known is not None
        return known

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

    def answered_spam(self, guid: str) -> bool:
        """Note that the answer was spam; return whether that is new."""
        note = (
            update(AkismetCall).where(AkismetCall.id == guid, AkismetCall.spam.is_(False)).values(spam=True)
        )
        return changed(self._session, note) == 1

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
