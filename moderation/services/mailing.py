"""Mail to readers: written with the change it tells of, sent after commit, tried again, given up."""

from datetime import datetime, timedelta

import structlog

from moderation.mail import MailFailed
from moderation.services import Tools
from moderation.services.letters import Letter
from moderation.store.mails import MailClaim
from moderation.store.tables import Mail
from moderation.store.unit_of_work import Store

log = structlog.get_logger()
_BATCH = 10
_LEASE = timedelta(minutes=5)  # ten messages to a server that needs all its seconds, and some
# After attempt 1, 2, ...: a mail server is away for minutes, sometimes for a night.
_PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 360, 720))


def queue_mail(
    tools: Tools,  # noqa: ARG001
    store: Store,
    letter: Letter,
    *,
    site_id: str,
    author_id: str | None,
    kind: str,
    to: str,
    now: datetime,
) -> Mail:
    """Put a mail on its way in the open transaction."""
    return store.mails.add(
        Mail(
            site_id=site_id,
            author_id=author_id,
            kind=kind,
            to=to,
            subject=letter.subject,
            text=letter.text,
            created_at=now,
        )
    )


def send_due(tools: Tools, limit: int = _BATCH) -> int:
    """Send the messages that are due; return how many were tried."""
    with tools.database.read() as store:
        if not store.mails.has_due(tools.now()):
            return 0
    with tools.database.begin() as store:
        claims = store.mails.claim_due(tools.now(), lease=_LEASE, limit=limit)
    for claim in claims:
        _send(tools, claim)
    return len(claims)


def _send(tools: Tools, claim: MailClaim) -> None:
    error = ""
    try:
        tools.mailer.send(claim.to, claim.subject, claim.text)
    except MailFailed as failure:
        error = str(failure.private.get("kind", "")) or failure.code
    now = tools.now()
    with tools.database.begin() as store:
        if not error:
            store.mails.sent(claim, now)
        else:
            again = now + _PAUSES[claim.attempt - 1] if claim.attempt <= len(_PAUSES) else None
            store.mails.failed(claim, again, error)
    log.info("mail_tried", mail=claim.id, error=error, attempt=claim.attempt)
