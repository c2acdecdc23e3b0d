"""Whether something was decided since a step, so that undoing it would undo a colleague's work: then that is told."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from moderation.errors import StaleVersion
from moderation.services import acting, publishing
from moderation.services.penalising import place_of
from moderation.store.tables import Comment, Step
from moderation.store.unit_of_work import Store

_SAID = "Something else was decided since; undo that first."


def refuse_superseded(store: Store, step: Step, comment: Comment | None, now: datetime) -> None:
    """Raise StaleVersion, with what was decided and by whom, where a step is not the last word any more."""
    if comment is not None and not acting.stands(step, comment):
        raise _stale_comment(store, step, comment)
    since = _since_block(store, step, now) or _since_appeal(store, step) or _since_discussion(store, step)
    if since is not None:
        raise StaleVersion(_SAID, current=0, decision=since)


def _stale_comment(store: Store, step: Step, comment: Comment) -> StaleVersion:
    if step.kind == "pin":
        pinned = comment.pinned_at is not None
        event = "comment.pinned" if pinned else "comment.unpinned"
        decision: Mapping[str, Any] = {
            "action": "pin" if pinned else "unpin",
            "made_by": _last(store, f"comment:{comment.id}", event),
        }
    else:
        row = store.comments.decision(comment)
        decision = {**row.public, "made_by": row.made_by, "action": row.action} if row else {}
    return StaleVersion(_SAID, current=comment.version, decision=decision)


def _since_block(store: Store, step: Step, now: datetime) -> Mapping[str, Any] | None:
    """Return who lifted the block that a step gave, or gave anew the one that it lifted."""
    block = store.penalties.get_block(step.block_id) if step.block_id else None
    if block is None:
        return None
    if step.kind == "block":
        return {"action": "lift", "made_by": block.lifted_by} if block.lifted_at is not None else None
    lifts = step.kind == "lift" or (step.kind == "appeal" and "blocks_lifted" in step.effects)
    if not lifts or block.penalty != "block":
        return None
    other = store.penalties.active_block(site_id=block.site_id, now=now, **place_of(block))
    if other is None or other.starts_at < step.at:
        return None
    return {"action": "block", "made_by": other.given_by}


def _since_appeal(store: Store, step: Step) -> Mapping[str, Any] | None:
    """Return who answered an appeal anew that a step had answered, and that was reopened since."""
    if step.kind != "appeal":
        return None
    appeal = store.appeals.get(step.subject.partition(":")[2])
    if appeal is None or (appeal.settled_at, appeal.settled_by) == (step.at, step.by):
        return None
    return {"action": appeal.state, "made_by": appeal.settled_by or ""}


def _since_discussion(store: Store, step: Step) -> Mapping[str, Any] | None:
    """Return who opened or closed a discussion since, or deleted its article."""
    if step.kind != "discussion":
        return None
    article = store.articles.get(step.subject.partition(":")[2])
    if article is None:
        return {}
    if article.deleted_at is not None:
        return {"action": "deleted", "made_by": _last(store, step.subject, "article.deleted")}
    if publishing.stands_as(article, step.effects["left"]):
        return None
    return {
        "action": article.discussion,
        "made_by": _last(store, step.subject, "discussion.changed", "article.changed"),
    }


def _last(store: Store, subject: str, *events: str) -> str:
    """Return who did one of these last."""
    found = store.audit.of([subject])
    return next((event.actor for event in found if event.action in events), "")
