"""Events out: written with the change they tell of, sent after commit, signed, retried, given up visibly."""

import random
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, cast

import structlog

from moderation.engine.types import Verdict
from moderation.errors import ModerationError
from moderation.protocols import akismet
from moderation.protocols.outgoing import (
    EVENT_OF,
    FAILURES_TO_REST,
    WITHDRAWN,
    AppealEventName,
    AppealRef,
    ArticleRef,
    BlockRef,
    CommentRef,
    Penalty,
    Unblocked,
    appeal_event,
    author_blocked,
    author_unblocked,
    block_ref,
    comment_event,
    moment,
    next_attempt,
    rest_after,
)
from moderation.protocols.standard_webhooks import sign
from moderation.safe_http import SECONDS, SendFailed
from moderation.services import Tools
from moderation.store.outbox import Claim
from moderation.store.tables import (
    AKISMET,
    Appeal,
    Article,
    Author,
    Block,
    Comment,
    Delivery,
    Site,
    new_id,
)
from moderation.store.unit_of_work import Store

log = structlog.get_logger()
_BATCH = 10  # sent one after the other under one lease
_LEASE = timedelta(seconds=(_BATCH + 2) * SECONDS)
_GONE = 410
BETWEEN_MAILS = timedelta(hours=1)  # about replies in one discussion to one author


def tell_of_comment(
    store: Store, site: Site, article: Article, comment: Comment, decision: Mapping[str, Any], now: datetime
) -> None:
    """Put the event of a decision in the outbox of the open transaction, for each endpoint that wants it.

    Where the comment shows now and answers another, the other's author is told too, if that was wished.
    """
    if comment.state == "published":
        store.readers.reply_shows(comment, now, pause=BETWEEN_MAILS)
    event = EVENT_OF[Verdict(str(decision["verdict"]))]
    body = comment_event(
        event, now, site=site.slug, article=_article(article), comment=_comment(comment), decision=decision
    )
    _enqueue(store, site.id, event, comment.id, body, now)
    if comment.version > 1 and event != EVENT_OF[Verdict.HOLD]:
        _tell_the_asker(store, comment, event, now)


def _tell_the_asker(store: Store, comment: Comment, event: str, now: datetime) -> None:
    """Put what a moderator decided in the outbox for the Akismet client that asked and wants to be called back."""
    call = store.akismet.of_comment(comment)
    if call is None or call.endpoint_id is None:
        return
    author = store.people.get(comment.author_id)
    payload = akismet.later_verdict(
        call.id,
        spam=event == EVENT_OF[Verdict.REJECT],
        post_id=call.post_id,
        email=(author.email if author else None) or "",
    )
    _put(store, comment.site_id, call.endpoint_id, event, comment.id, payload, now)


def tell_of_withdrawal(store: Store, site: Site, article: Article, comment: Comment, now: datetime) -> None:
    """Put in the outbox that its author withdrew a comment, with the decision that was in force."""
    decision = store.comments.decision(comment)
    if decision is None:
        return
    body = comment_event(
        WITHDRAWN,
        now,
        site=site.slug,
        article=_article(article),
        comment=_comment(comment),
        decision=decision.public,
    )
    _enqueue(store, site.id, WITHDRAWN, comment.id, body, now)


def tell_of_block(
    store: Store,
    site: Site,
    author: Author,
    block: Block,
    now: datetime,
    *,
    article: Article | None = None,
    comment: Comment | None = None,
) -> None:
    """Put the event of a block in the outbox, with the comment that led to it where one did."""
    decision = store.comments.decision(comment) if comment else None
    body = author_blocked(
        now,
        site=site.slug,
        author={"id": author.id, "external_id": author.external_id},
        block=_block(block),
        article=_article(article) if article else None,
        comment=_comment(comment) if comment else None,
        decision=decision.public if decision else None,
    )
    _enqueue(store, site.id, "author.blocked", comment.id if comment else None, body, now)


def tell_of_unblocking(
    store: Store, site: Site, author: Author, block: Block, because: Unblocked, now: datetime
) -> None:
    """Put the event of a block that is over in the outbox."""
    body = author_unblocked(
        now,
        site=site.slug,
        author={"id": author.id, "external_id": author.external_id},
        block=_block(block),
        because=because,
    )
    _enqueue(store, site.id, "author.unblocked", None, body, now)


def tell_of_appeal(store: Store, site: Site, appeal: Appeal, event: AppealEventName, now: datetime) -> None:
    """Put the event of an appeal or of its answer in the outbox."""
    comment = store.comments.get(appeal.comment_id) if appeal.comment_id else None
    state: AppealRef = {
        "id": appeal.id,
        "state": cast("Any", appeal.state),
        "made_at": moment(appeal.made_at),
        "settled_at": moment(appeal.settled_at) if appeal.settled_at else None,
    }
    body = appeal_event(
        event,
        now,
        site=site.slug,
        appeal=state,
        comment=_comment(comment) if comment else None,
        block=appeal.block_id,
    )
    _enqueue(store, site.id, event, comment.id if comment else None, body, now)


def deliver_due(tools: Tools, limit: int = _BATCH) -> int:
    """Send what is due for one endpoint, up to its first failure; return how many were tried."""
    began = tools.now()
    with tools.database.begin() as store:
        claims = store.outbox.claim_due(began, lease=_LEASE, limit=limit, trial_after=FAILURES_TO_REST)
    for number, claim in enumerate(claims):
        if tools.now() - began >= _LEASE:
            return number  # slept meanwhile: others have the rest by now, and perhaps newer news
        if not _deliver(tools, claim):
            # The receiver is in trouble: what else was meant for it goes back, and this sender to another endpoint.
            with tools.database.begin() as store:
                for untried in claims[number + 1 :]:
                    store.outbox.release(untried)
            return number + 1
    return len(claims)


def replay(tools: Tools, delivery_id: str, by: str, request_id: str = "") -> None:
    """Put a delivery that was given up on its way again."""
    now = tools.now()
    with tools.database.begin() as store:
        delivery = store.outbox.replay(delivery_id, now)
        store.audit.append(
            at=now,
            actor=by,
            action="delivery.replayed",
            subject=f"delivery:{delivery.id}",
            detail={"event": delivery.event},
            request_id=request_id,
        )


def _deliver(tools: Tools, claim: Claim) -> bool:
    """Send once, record what came of it and tell whether it arrived; no transaction is open meanwhile."""
    body = claim.payload.encode()
    status, error, retry_after = None, "", None
    try:
        if claim.protocol == AKISMET:
            body, headers = akismet.keyed(claim.payload, claim.secret)
        else:
            headers = sign(
                claim.delivery_id, tools.now(), body, *filter(None, (claim.secret, claim.former_secret))
            )
        answer = tools.http.post(claim.url, body, headers)
        status, retry_after = answer.status, answer.headers.get("retry-after")
        error = "" if 200 <= status < 300 else f"answered {status}"
    except SendFailed as failure:
        error = failure.reason
    except (
        ModerationError
    ) as failure:  # an address or a secret that we do not use: trying again cannot help at once
        error = failure.code
    now = tools.now()
    with tools.database.begin() as store:
        outcome = _record(store, claim, now, status, error, retry_after)
    tools.metrics.deliveries.labels(outcome).inc()
    log.info(
        "delivery_tried", delivery=claim.delivery_id, outcome=outcome, status=status, attempt=claim.attempt
    )
    return outcome == "delivered"


def _record(
    store: Store, claim: Claim, now: datetime, status: int | None, error: str, retry_after: str | None
) -> str:
    if not error:
        store.outbox.delivered(claim, now, status)
        store.sites.endpoint_answered(claim.endpoint_id)
        return "delivered"
    if status == _GONE:
        store.sites.disable_endpoint(claim.endpoint_id, now, "The receiver answered 410 Gone.")
        store.outbox.give_up(claim, now, error, status)
        return "disabled"
    # A receiver that is down is not asked again for every message that waits: it rests, longer each time.
    rest = rest_after(store.sites.endpoint_failed(claim.endpoint_id))
    if rest is not None:
        store.sites.let_rest(claim.endpoint_id, now + rest)
    again = next_attempt(claim.attempt, now, retry_after, random.random())  # noqa: S311  jitter, no secret
    if again is None:
        store.outbox.give_up(claim, now, error, status)
        return "given_up"
    store.outbox.failed(claim, again, error, status)
    return "retried"


def _enqueue(
    store: Store, site_id: str, event: str, comment_id: str | None, body: bytes, now: datetime
) -> None:
    for endpoint in store.sites.endpoints_for(site_id, event):
        _put(store, site_id, endpoint.id, event, comment_id, body.decode(), now)


def _put(
    store: Store,
    site_id: str,
    endpoint_id: str,
    event: str,
    comment_id: str | None,
    payload: str,
    now: datetime,
) -> None:
    store.outbox.add(
        Delivery(
            id=f"msg_{new_id()}",
            site_id=site_id,
            endpoint_id=endpoint_id,
            event=event,
            comment_id=comment_id,
            payload=payload,
            created_at=now,
        )
    )


def _article(article: Article) -> ArticleRef:
    return {"external_id": article.external_id}


def _block(block: Block) -> BlockRef:
    penalties: dict[str, Penalty] = {"warn": "warn", "premoderate": "premoderate", "block": "block"}
    return block_ref(
        block.id,
        penalty=penalties[block.penalty],
        clause=block.clause,
        starts_at=block.starts_at,
        ends_at=block.ends_at,
        comments=block.comment_ids,
    )


def _comment(comment: Comment) -> CommentRef:
    return {"id": comment.id, "external_id": comment.external_id, "revision": comment.revision}
