"""Every step of a moderator can be taken back: a real inverse, in one transaction, with all that followed from it.

What a step led to is read from the audit events of its own transaction, by id. A mail that has left cannot be called
back; the site hears of the comment as it stands again, and an author of a block that holds again.
"""

from datetime import datetime, timedelta

from moderation.errors import Conflict, NotFound, StaleVersion
from moderation.services import Tools, informing, penalising, permissions
from moderation.services.delivering import tell_of_block, tell_of_comment
from moderation.services.recording import digest_of_state
from moderation.store.tables import Comment, Moderator, Step
from moderation.store.unit_of_work import Store

_LEADS_TO = {"approve": "published", "reject": "rejected", "remove": "removed", "restore": "published"}
SESSION = timedelta(hours=12)  # as long as a session at the desk lasts


def last_step(tools: Tools, moderator: Moderator) -> Step | None:
    """Return the last step of this moderator's shift that stands, for the key `u`."""
    with tools.database.read() as store:
        return store.steps.latest(moderator.id, since=tools.now() - SESSION)


def undo(tools: Tools, step_id: str, moderator: Moderator, request_id: str = "") -> Step:
    """Return the step, undone: what it changed stands as before.

    Raises:
        NotFound, Forbidden; Conflict: it was undone before; StaleVersion: something was decided since, with that.
    """
    permissions.require(moderator, "decide")
    now = tools.now()
    with tools.database.begin() as store:
        step = store.steps.get(step_id)
        if step is None:
            raise NotFound("There is no such step.")
        block = store.penalties.get_block(step.block_id) if step.block_id else None
        if block is not None:  # undoing a lifting is to block again
            permissions.require(moderator, penalising.permission_for(block))
        return take_back(tools, store, step, moderator.id, now, request_id)


def take_back(tools: Tools, store: Store, step: Step, by: str, now: datetime, request_id: str = "") -> Step:
    """Return the step, undone in the open transaction."""
    if not store.steps.take_back(step.id, by, now):
        raise Conflict("This was undone already.")
    comment = store.comments.get(step.comment_id) if step.comment_id else None
    if comment is not None and not stands(step, comment):
        raise _stale(store, comment)
    _undo_penalties(tools, store, step, by, now, request_id)
    if comment is not None and step.kind == "review":
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
    _audit(store, now, by, "step.undone", f"step:{step.id}", request_id, kind=step.kind, action=step.action)
    step.undone_at, step.undone_by = now, by
    return step


def stands(step: Step, comment: Comment) -> bool:
    """Tell whether the comment is as the step left it, whatever was done and undone since."""
    if step.kind == "review":
        left = step.effects.get("decision"), _LEADS_TO[step.action]
    elif step.kind == "let-stand":
        left = step.decision_before, step.state_before
    else:
        return True
    return (comment.decision_id, comment.state) == left


def _stale(store: Store, comment: Comment) -> StaleVersion:
    decision = store.comments.decision(comment)
    return StaleVersion(
        "Something else was decided on this comment since; undo that first.",
        current=comment.version,
        decision={**decision.public, "made_by": decision.made_by, "action": decision.action}
        if decision
        else None,
    )


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


def _audit(
    store: Store, now: datetime, by: str, event: str, subject: str, request_id: str, **detail: object
) -> None:
    store.audit.append(at=now, actor=by, action=event, subject=subject, detail=detail, request_id=request_id)
