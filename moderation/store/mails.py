"""Messages to readers on their way: written with the change they tell of, sent after it, then emptied."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from moderation.store.tables import Mail
from moderation.store.writing import added, changed


@dataclass(frozen=True, slots=True)
class MailClaim:
    """A message in the hands of one sender; `attempt` tells this sending from all others."""

    id: str
    attempt: int
    to: str
    subject: str
    text: str


class Mails:
    """Messages by when they are due."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, mail: Mail) -> Mail:
        """Store a message, due at once."""
        mail.next_attempt_at = mail.next_attempt_at or mail.created_at
        return added(self._session, mail)

    def has_due(self, now: datetime) -> bool:
        """Tell whether a message is due."""
        return self._session.scalar(select(Mail.id).where(Mail.next_attempt_at <= now).limit(1)) is not None

    def claim_due(self, now: datetime, *, lease: timedelta, limit: int) -> list[MailClaim]:
        """Return what is due, oldest first, for this sender alone until the lease ends."""
        due = (
            select(Mail)
            .where(Mail.next_attempt_at <= now)
            .order_by(Mail.next_attempt_at, Mail.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        claims = []
        for mail in self._session.scalars(due):
            mail.attempts += 1
            mail.next_attempt_at = now + lease
            claims.append(MailClaim(mail.id, mail.attempts, mail.to, mail.subject, mail.text))
        self._session.flush()
        return claims

    def sent(self, claim: MailClaim, at: datetime) -> bool:
        """Record that the mail server took it; address and text are not kept."""
        return self._record(claim, sent_at=at, last_error="", **_EMPTIED)

    def failed(self, claim: MailClaim, retry_at: datetime | None, error: str) -> bool:
        """Record a failure and when to try again, or (None) that it is given up."""
        if retry_at is None:
            return self._record(claim, last_error=error, **_EMPTIED)
        return self._record(claim, next_attempt_at=retry_at, last_error=error)

    def _record(self, claim: MailClaim, **values: object) -> bool:
        mine = (Mail.id == claim.id, Mail.attempts == claim.attempt, Mail.sent_at.is_(None))
        return changed(self._session, update(Mail).where(*mine).values(**values)) == 1

    def forget_author(self, author_id: str) -> int:
        """Empty every message to an author that still waits; return how many."""
        waiting = update(Mail).where(Mail.author_id == author_id, Mail.to != "")
        return changed(
            self._session,
            waiting.values(**_EMPTIED),
            execution_options={"synchronize_session": False},
        )


_EMPTIED: dict[str, object] = {"to": "", "subject": "", "text": "", "next_attempt_at": None}
