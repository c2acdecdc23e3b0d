"""Every step of a moderator can be taken back: a real inverse, in one transaction, with all that followed from it.

What a step led to is read from the audit events of its own transaction, by id. A mail that has left cannot be called
back; the site hears of the comment as it stands again, and an author of a block that holds again. Whether anything was
decided since: `superseding.py`.
"""

from datetime import datetime, timedelta

from moderation.errors import Conflict, InvalidInput, NotFound
from moderation.services import Tools, acting, appealing, informing, penalising, permissions, publishing
from moderation.services.curating import PINS
from moderation.services.delivering import tell_of_block, tell_of_comment
from moderation.services.recording import digest_of_state
from moderation.services.superseding import refuse_superseded
from moderation.store.tables import Comment, Moderator, Step
from moderation.store.unit_of_work import Store

SESSION = timedelta(hours=12)  # as long as a session at the desk lasts


def last_step(tools: Tools, moderator: Moderator) -> Step | None:
    """Return the last step of this moderator's shift that stands, for the key `u`."""
    with tools.database.read() as store:
        return store.steps.latest(moderator.id, since=tools.now() - SESSION)


def undo(tools: Tools, step_id: str, moderator: Moderator, request_id: str = "") -> Step:
    """Return the step, undone: what it changed stands as before.

    Raises:
        NotFound, Forbidden; Conflict: it was undone before; StaleVersion: something was decided since, with that;
            InvalidInput: what it took away finds no room any more.
    """
    now = tools.now()
    with tools.database.begin() as store:
        step = store.steps.get(step_id)
        if step is None:
            permissions.require(moderator, "decide")
            raise NotFound("There is no such step.")
        permissions.require(moderator, acting.permission_to_undo(step))
        return take_back(tools, store, step, moderator.id, now, request_id)


def take_back(tools: Tools, store: Store, step: Step, by: str, now: datetime, request_id: str = "") -> Step:
    """Return the step, undone in the open transaction."""
    if not store.steps.take_back(step.id, by, now):
        raise Conflict("This was undone already.")
    comment = store.comments.get(step.comment_id) if step.comment_id else None
    refuse_superseded(store, step, comment, now)
    _carry_back(store, step, by, now, request_id)
    _undo_penalties(tools, store, step, by, now, request_id)
    if comment is not None and step.effects.get("decision"):
        comment = _undo_decision(store, step, comment, by, now, request_id)
    if comment is not None:
        store.comments.forget_label(comment.id, step.by, step.at)
    if comment is not None and (reports := step.effects.get("reports")):
        store.reports.reopen(reports, comment.id)
        _audit(store, now, by, "reports.reopened", f"comment:{comment.id}", request_id, reports=reports)
        store.comments.rank_anew(comment.id)
    for appeal_id in step.effects.get("appeals", ()):
        store.appeals.reopen(appeal_id)
        _audit(store, now, by, "appeal.reopened", f"appeal:{appeal_id}", request_id, step=step.id)
    for note_id in step.effects.get("notes", ()):
        store.notes.delete(note_id)
        _audit(store, now, by, "author.note_deleted", step.subject, request_id, note=note_id)
    if comment is not None and step.kind == "pin":
        _undo_pin(store, step, comment, by, now, request_id)
    if step.kind == "discussion":
        _undo_discussion(store, step, by, now, request_id)
    _audit(store, now, by, "step.undone", f"step:{step.id}", request_id, kind=step.kind, action=step.action)
    step.undone_at, step.undone_by = now, by
    return step


def _carry_back(store: Store, step: Step, by: str, now: datetime, request_id: str) -> None:
    """Let appeals that went over to another block be about their own again, before that other one is lifted."""
    for appeal_id, block_id in step.effects.get("appeals_carried", ()):
        waiting, before = store.appeals.get(appeal_id), store.penalties.get_block(block_id)
        if waiting is not None and before is not None and waiting.state == "open":
            appealing.carry(store, waiting, before, by, now, request_id)


def _undo_decision(
    store: Store, step: Step, comment: Comment, by: str, now: datetime, request_id: str
) -> Comment:
    """Return the comment in the state and under the decision it had before."""
    site, article = store.sites.get(comment.site_id), store.articles.get(comment.article_id)
    author = store.people.get(comment.author_id)
    assert site is not None and article is not None and author is not None  # noqa: PT018  foreign keys
    before = digest_of_state(comment)
    comment = store.comments.go_back(
        comment.id, version=comment.version, state=step.state_before, decision_id=step.decision_before
    )
    store.audit.append(
        at=now,
        actor=by,
        action="comment.undone",
        subject=f"comment:{comment.id}",
        before=before,
        after=digest_of_state(comment),
        salt=author.salt,
        detail={"step": step.id, "undone": step.effects.get("decision"), "author": author.id},
        request_id=request_id,
    )
    if (decision := store.comments.decision(comment)) is not None:
        tell_of_comment(store, site, article, comment, decision.public, now)
    return comment


def _undo_penalties(tools: Tools, store: Store, step: Step, by: str, now: datetime, request_id: str) -> None:
    """Lift what the step gave, and let hold again what it took back."""
    effects = step.effects
    for block_id in effects.get("blocks_given", ()):
        block = store.penalties.get_block(block_id)
        if block is not None and not block.is_over(now):
            penalising.lift(tools, store, block_id, by, now, None, request_id)
    for strike_id in effects.get("strikes_given", ()):
        for strike in store.penalties.overrule_strike(strike_id, by, now):
            _audit(
                store,
                now,
                by,
                "strike.overruled",
                f"author:{strike.author_id}",
                request_id,
                strike=strike.id,
                comment=strike.comment_id,
                points=strike.points,
            )
    if again := effects.get("strikes_overruled"):
        store.penalties.reinstate_strikes(again)
        _audit(store, now, by, "strikes.reinstated", f"step:{step.id}", request_id, strikes=again)
    for block_id in effects.get("blocks_lifted", ()):
        block = store.penalties.reinstate_block(block_id)
        if block is None or block.is_over(now):
            continue
        _audit(store, now, by, "block.reinstated", f"block:{block_id}", request_id, step=step.id)
        site = store.sites.get(block.site_id)
        author = store.people.get(block.subject) if block.subject_kind == "author" else None
        if site is not None and author is not None and author.erased_at is None:
            tell_of_block(store, site, author, block, now)
            informing.of_penalty(tools, store, site, author, block, None, now)


def _undo_pin(store: Store, step: Step, comment: Comment, by: str, now: datetime, request_id: str) -> None:
    """Let a pinned comment go, or pin one again where it was pinned: in its old place among the pins."""
    pinned_at = step.effects.get("pinned_at")
    if pinned_at and len(store.threads.pinned(comment.article_id)) >= PINS:
        raise InvalidInput(
            "The comment could not be pinned again.",
            {"pinned": [f"The article has {PINS} pinned comments already. Let one of them go first."]},
        )
    store.comments.pin(comment.id, datetime.fromisoformat(pinned_at) if pinned_at else None)
    event = "comment.pinned" if pinned_at else "comment.unpinned"
    _audit(store, now, by, event, f"comment:{comment.id}", request_id, article=comment.article_id)


def _undo_discussion(store: Store, step: Step, by: str, now: datetime, request_id: str) -> None:
    article = store.articles.get(step.subject.partition(":")[2])
    assert article is not None  # articles are marked as deleted, and then something was done since
    before = step.effects["before"]
    publishing.set_back(store, article, before, now)
    _audit(
        store,
        now,
        by,
        "discussion.changed",
        step.subject,
        request_id,
        before=step.action,
        after=before["discussion"],
    )


def _audit(
    store: Store, now: datetime, by: str, event: str, subject: str, request_id: str, **detail: object
) -> None:
    store.audit.append(at=now, actor=by, action=event, subject=subject, detail=detail, request_id=request_id)
