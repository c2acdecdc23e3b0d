"""Mail to readers on its way: written with what it tells of, sent after it, address and text gone once sent."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, literal_column, select, update
from sqlalchemy.orm import Session

from moderation.store.tables import Mail
from moderation.store.writing import added, changed

_GONE: dict[str, Any] = {"to": "", "subject": "", "text": "", "headers": {}, "next_attempt_at": None}


@dataclass(frozen=True, slots=True)
class MailClaim:
    """A mail in the hands of one sender; `attempt` tells this sending from all others."""

    mail_id: str
    attempt: int
    kind: str
    to: str
    subject: str
    text: str
    headers: dict[str, str]


class Mails:
    """Mails by when they are due."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, mail: Mail) -> Mail:
        """Store a mail; one with an address is due at once, one without only counts."""
        mail.next_attempt_at = mail.created_at if mail.to else None
        return added(self._session, mail)

    def count_since(self, since: datetime, *, address_key: str = "", network_key: str = "") -> int:
        """Return how many mails an address was sent, or a network asked for, since a moment."""
        mine = Mail.address_key == address_key if address_key else Mail.network_key == network_key
        return self._session.scalar(select(func.count()).where(mine, Mail.created_at > since)) or 0

    def claim_due(self, now: datetime, *, lease: timedelta, limit: int = 10) -> list[MailClaim]:
        """Return what is due, for this sender alone until the lease ends."""
        due = (
            select(Mail)
            .where(Mail.next_attempt_at <= now)
            .order_by(Mail.next_attempt_at, Mail.id)
            .limit(limit)
            .with_for_update(skip_locked=True)  # for PostgreSQL; SQLite has one writer anyway
        )
        claims = []
        for mail in self._session.scalars(due).all():
            mail.attempts += 1
            mail.next_attempt_at = now + lease  # where this sender dies, another goes on then
            claims.append(
                MailClaim(
                    mail.id, mail.attempts, mail.kind, mail.to, mail.subject, mail.text, {**mail.headers}
                )
            )
        self._session.flush()
        return claims

    def has_due(self, now: datetime) -> bool:
        """Tell whether a mail is due."""
        return self._session.scalar(select(Mail.id).where(Mail.next_attempt_at <= now).limit(1)) is not None

    def waiting(self, most: int) -> int:
        """Return how many mails wait to be sent, counted up to `most`."""
        waits = select(literal_column("1")).where(Mail.next_attempt_at.is_not(None)).limit(most).subquery()
        return self._session.scalar(select(func.count()).select_from(waits)) or 0

    def has_old(self, before: datetime) -> bool:
        """Tell whether a mail that was sent or given up is older than a moment."""
        old = select(Mail.id).where(Mail.created_at < before, Mail.next_attempt_at.is_(None)).limit(1)
        return self._session.scalar(old) is not None

    def sent(self, claim: MailClaim, at: datetime) -> None:
        """Record that the mail server took it; address and text go."""
        changed(
            self._session,
            update(Mail).where(Mail.id == claim.mail_id).values(sent_at=at, last_error="", **_GONE),
        )

    def failed(self, claim: MailClaim, retry_at: datetime | None, error: str) -> None:
        """Record a failure and when to try again; None gives it up, and address and text go."""
        values = {"next_attempt_at": retry_at} if retry_at else _GONE
        mine = update(Mail).where(
            Mail.id == claim.mail_id, Mail.attempts == claim.attempt, Mail.sent_at.is_(None), Mail.to != ""
        )
        changed(self._session, mine.values(last_error=error, **values))

    def forget(self, before: datetime) -> int:
        """Delete what was sent or given up before a moment; return how many."""
        old = delete(Mail).where(Mail.created_at < before, Mail.next_attempt_at.is_(None))
        return changed(self._session, old)
