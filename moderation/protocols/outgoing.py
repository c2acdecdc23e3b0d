"""What we send, and when it is tried again; docs/webhooks.md shows an example of each."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Literal, cast

from pydantic import ConfigDict, with_config
from typing_extensions import TypedDict  # pydantic reads no other before Python 3.12

from moderation.engine.types import Verdict

CommentEventName = Literal["comment.published", "comment.held", "comment.rejected", "comment.withdrawn"]
Penalty = Literal["warn", "premoderate", "block"]

EVENT_OF: Mapping[Verdict, CommentEventName] = {
    Verdict.PUBLISH: "comment.published",
    Verdict.HOLD: "comment.held",
    Verdict.REJECT: "comment.rejected",
}
AppealEventName = Literal["appeal.received", "appeal.answered"]
Unblocked = Literal["lifted", "overruled", "expired"]
WITHDRAWN: CommentEventName = "comment.withdrawn"
EVENTS = (
    *EVENT_OF.values(),
    WITHDRAWN,
    "author.blocked",
    "author.unblocked",
    "appeal.received",
    "appeal.answered",
)

# Before attempt 1, 2, ... 10: the standard's example, over 75 hours in all.
SCHEDULE = tuple(
    timedelta(seconds=seconds) for seconds in (0, 5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400)
)
_LONGEST_WISH = timedelta(hours=24)  # a receiver cannot put us off for longer
_JITTER = 0.2  # the largest part added to a pause, so that a receiver coming back is not met by a wave

FAILURES_TO_REST = (
    5  # in a row at one endpoint, whatever was sent: from then on it is asked with one message at a time
)
_REST, _LONGEST_REST = timedelta(minutes=1), timedelta(hours=1)

_LARGEST = 20_000  # bytes; the standard asks for less than 20 KB
_STRICT = ConfigDict(extra="forbid", strict=True)


@with_config(_STRICT)
class ReasonObject(TypedDict):
    """One reason of a decision; spans are [start, end) in code points of the body."""

    clause: str
    score: float
    sentence: str
    spans: list[list[int]]
    target: str
    matched_as: str | None


@with_config(_STRICT)
class DecisionObject(TypedDict):
    """A decision as everyone outside sees it (`Decision.as_public`)."""

    verdict: Literal["publish", "hold", "reject"]
    clause: str | None
    reasons: list[ReasonObject]
    scores: dict[str, float]
    policy_version: str
    model_versions: dict[str, str]


@with_config(_STRICT)
class ArticleRef(TypedDict):
    """The article, by the id its CMS gave it (null: written here)."""

    external_id: str | None


@with_config(_STRICT)
class CommentRef(TypedDict):
    """The comment; a receiver drops news of a lower revision than it knows."""

    id: str
    external_id: str | None
    revision: int


@with_config(_STRICT)
class AuthorRef(TypedDict):
    """The author, by our id and the CMS's."""

    id: str
    external_id: str | None


@with_config(_STRICT)
class BlockRef(TypedDict):
    """What the author may not do, why, until when (null: until lifted), and on which evidence."""

    id: str
    penalty: Penalty
    clause: str | None
    starts_at: str
    ends_at: str | None
    comments: list[str]


@with_config(_STRICT)
class CommentData(TypedDict):
    """What a comment event tells."""

    site: str
    article: ArticleRef
    comment: CommentRef
    decision: DecisionObject


@with_config(_STRICT)
class BlockData(TypedDict):
    """What author.blocked tells; no article, comment and decision if no single comment led to it."""

    site: str
    article: ArticleRef | None
    comment: CommentRef | None
    decision: DecisionObject | None
    author: AuthorRef
    block: BlockRef


@with_config(_STRICT)
class UnblockedData(TypedDict):
    """What author.unblocked tells: which block is over, and because of what."""

    site: str
    author: AuthorRef
    block: BlockRef
    because: Unblocked


@with_config(_STRICT)
class AppealRef(TypedDict):
    """An appeal; what was written in it stays here."""

    id: str
    state: Literal["open", "granted", "refused", "withdrawn"]
    made_at: str
    settled_at: str | None


@with_config(_STRICT)
class AppealData(TypedDict):
    """What an appeal event tells; either the comment whose decision is appealed, or the id of the block."""

    site: str
    appeal: AppealRef
    comment: CommentRef | None
    block: str | None


@with_config(_STRICT)
class CommentEvent(TypedDict):
    """The payload of comment.published, comment.held, comment.rejected and comment.withdrawn."""

    type: CommentEventName
    timestamp: str
    data: CommentData


@with_config(_STRICT)
class AuthorBlockedEvent(TypedDict):
    """The payload of author.blocked."""

    type: Literal["author.blocked"]
    timestamp: str
    data: BlockData


@with_config(_STRICT)
class AuthorUnblockedEvent(TypedDict):
    """The payload of author.unblocked."""

    type: Literal["author.unblocked"]
    timestamp: str
    data: UnblockedData


@with_config(_STRICT)
class AppealEvent(TypedDict):
    """The payload of appeal.received and appeal.answered."""

    type: AppealEventName
    timestamp: str
    data: AppealData


def comment_event(
    event: CommentEventName,
    timestamp: datetime,
    *,
    site: str,
    article: ArticleRef,
    comment: CommentRef,
    decision: Mapping[str, Any],
) -> bytes:
    """Return the body that tells what became of a comment at `timestamp`."""
    payload: CommentEvent = {
        "type": event,
        "timestamp": moment(timestamp),
        "data": {"site": site, "article": article, "comment": comment, "decision": _shape(decision)},
    }
    return _within_limit(payload)


def author_blocked(
    timestamp: datetime,
    *,
    site: str,
    author: AuthorRef,
    block: BlockRef,
    article: ArticleRef | None = None,
    comment: CommentRef | None = None,
    decision: Mapping[str, Any] | None = None,
) -> bytes:
    """Return the body that tells of a penalty, with the comment that led to it, if one did."""
    payload: AuthorBlockedEvent = {
        "type": "author.blocked",
        "timestamp": moment(timestamp),
        "data": {
            "site": site,
            "article": article,
            "comment": comment,
            "decision": _shape(decision) if decision is not None else None,
            "author": author,
            "block": block,
        },
    }
    return _within_limit(payload)


def author_unblocked(
    timestamp: datetime, *, site: str, author: AuthorRef, block: BlockRef, because: Unblocked
) -> bytes:
    """Return the body that tells that an author's block is over."""
    payload: AuthorUnblockedEvent = {
        "type": "author.unblocked",
        "timestamp": moment(timestamp),
        "data": {"site": site, "author": author, "block": block, "because": because},
    }
    return _as_json(payload)


def appeal_event(
    event: AppealEventName,
    timestamp: datetime,
    *,
    site: str,
    appeal: AppealRef,
    comment: CommentRef | None = None,
    block: str | None = None,
) -> bytes:
    """Return the body that tells of an appeal and of its answer."""
    payload: AppealEvent = {
        "type": event,
        "timestamp": moment(timestamp),
        "data": {"site": site, "appeal": appeal, "comment": comment, "block": block},
    }
    return _as_json(payload)


def block_ref(
    block_id: str,
    *,
    penalty: Penalty,
    clause: str | None,
    starts_at: datetime,
    ends_at: datetime | None,
    comments: Sequence[str],
) -> BlockRef:
    """Return a block as events tell it."""
    return {
        "id": block_id,
        "penalty": penalty,
        "clause": clause,
        "starts_at": moment(starts_at),
        "ends_at": moment(ends_at) if ends_at else None,
        "comments": list(comments),
    }


def moment(at: datetime) -> str:
    """Return an aware datetime as RFC 3339 in UTC."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def next_attempt(
    attempts: int, now: datetime, retry_after: str | None = None, jitter: float = 0.0
) -> datetime | None:
    """Return when to try again after `attempts` attempts, or None to give up.

    Args:
        attempts: how many have been made; 0 gives the time of the first.
        now: when the last of them ended.
        retry_after: the header of the last answer as it came; pauses are never shorter than it asks.
        jitter: a random number from 0 to 1, drawn by the caller.
    """
    if attempts >= len(SCHEDULE):
        return None
    pause = max(SCHEDULE[attempts], _wish(retry_after, now))
    return now + pause * (1 + _JITTER * jitter)


def rest_after(failures: int) -> timedelta | None:
    """Return how long an endpoint is left alone after so many failures in a row, or None while it is not."""
    beyond = failures - FAILURES_TO_REST
    return None if beyond < 0 else min(_REST * 2 ** min(beyond, 10), _LONGEST_REST)


def _wish(retry_after: str | None, now: datetime) -> timedelta:
    """Return the pause that a Retry-After header asks for, in seconds or as a date; none if unreadable."""
    text = (retry_after or "").strip()
    if text.isascii() and text.isdigit():
        # Nine digits are over thirty years: longer numbers mean the same to us.
        wish = timedelta(seconds=int(text[:9]))
    else:
        try:
            wish = parsedate_to_datetime(text).astimezone(UTC) - now
        except (ValueError, TypeError, OverflowError):
            return timedelta()
    return min(max(wish, timedelta()), _LONGEST_WISH)


def _shape(decision: Mapping[str, Any]) -> DecisionObject:
    """Return the decision object, which every writer of decisions makes with `Decision.as_public`."""
    return cast("DecisionObject", decision)


def _within_limit(payload: CommentEvent | AuthorBlockedEvent) -> bytes:
    """Return the payload as bytes; where it is too large, with the first spans of each reason only."""
    body, decision = _as_json(payload), payload["data"]["decision"]
    for kept in (100, 30, 10, 3, 1, 0):
        if len(body) <= _LARGEST or decision is None:
            break
        reasons = [{**reason, "spans": reason["spans"][:kept]} for reason in decision["reasons"]]
        body = _as_json(
            {**payload, "data": {**payload["data"], "decision": {**decision, "reasons": reasons}}}
        )
    return body


def _as_json(payload: object) -> bytes:
    return json.dumps(payload, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
