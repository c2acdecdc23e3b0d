"""Mail to readers: queued with what it tells of, never more than an address or a network may cause, sent after commit."""

from datetime import datetime, timedelta

import limits
import structlog

from moderation.mail import MailFailed
from moderation.services import Tools, addresses
from moderation.services.letters import Letter
from moderation.store.mails import MailClaim
from moderation.store.tables import Mail
from moderation.store.unit_of_work import Store

log = structlog.get_logger()
_BATCH = 10
_LEASE = timedelta(minutes=5)  # ten conversations with a mail server that takes its whole time-out each
_PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 480))
_KEPT = timedelta(days=2)  # as long as a limit may look back, without address and text


def queue_mail(
    tools: Tools,
    store: Store,
    letter: Letter,
    *,
    site_id: str,
    author_id: str | None,
    kind: str,
    to: str,
    now: datetime,
    network: str = "",
) -> Mail:
    """Put a mail on its way in the open transaction; an empty `to` only counts as one."""
    return store.mails.add(
        Mail(
            site_id=site_id,
            author_id=author_id,
            kind=kind,
            to=to,
            subject=letter.subject if to else "",
            text=letter.text if to else "",
            headers=dict(letter.headers) if to else {},
            address_key=addresses.email_key(tools, to) if to else "",
            network_key=network,
            created_at=now,
        )
    )


def may_be_asked_for(tools: Tools, store: Store, to: str, network: str, now: datetime) -> bool:
    """Tell whether an address and a network may cause one more mail: nobody is bombed by links he did not ask for."""
    settings = tools.settings
    counted = (
        (settings.mail_per_address, {"address_key": addresses.email_key(tools, to)}),
        (settings.mail_per_network, {"network_key": network}),
    )
    for limit, who in counted:
        if not any(who.values()):
            continue
        for rate in limits.parse_many(limit):
            since = now - timedelta(seconds=rate.get_expiry())
            if store.mails.count_since(since, **who) >= rate.amount:
                return False
    return True


def send_due(tools: Tools, limit: int = _BATCH) -> int:
    """Send the mails that are due and return how many were tried; none is sent twice while its sender lives."""
    now = tools.now()
    with tools.database.read() as store:
        if not (store.mails.has_due(now) or store.mails.has_old(now - _KEPT)):
            return 0
    with tools.database.begin() as store:
        claims = store.mails.claim_due(now, lease=_LEASE, limit=limit)
        store.mails.forget(now - _KEPT)
        store.readers.forget_spent(now)
    for claim in claims:
        _send(tools, claim)
    return len(claims)


def _send(tools: Tools, claim: MailClaim) -> None:
    error = ""
    try:
        tools.mailer.send(claim.to, claim.subject, claim.text, claim.headers)
    except MailFailed as failure:
        error = str(failure.private.get("kind", failure.code))
    now = tools.now()
    pause = _PAUSES[claim.attempt - 1] if claim.attempt <= len(_PAUSES) else None
    with tools.database.begin() as store:
        if error:
            store.mails.failed(claim, now + pause if pause else None, error)
        else:
            store.mails.sent(claim, now)
    tools.metrics.mails.labels("sent" if not error else "retried" if pause else "given_up").inc()
    log.info("mail_tried", mail=claim.mail_id, kind=claim.kind, attempt=claim.attempt, error=error)
