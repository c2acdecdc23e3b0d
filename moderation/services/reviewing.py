"""A moderator decides: approve, reject, remove, restore; the buttons and the permission come from one list."""

from dataclasses import replace
from datetime import datetime

from moderation.engine import ENGINE_VERSION
from moderation.engine.types import Decision, Reason, Span, Target, Verdict
from moderation.errors import Forbidden, InvalidInput, NotFound, StaleVersion
from moderation.services import Tools, appealing, informing, permissions, reporting
from moderation.services.delivering import tell_of_comment
from moderation.services.penalising import check_note
from moderation.services.recording import decision_row, digest_of_state, keep_label, keep_step
from moderation.services.striking import overrule, penalise
from moderation.services.submitting import Outcome
from moderation.store.tables import Comment, DecisionRow, Moderator
from moderation.store.unit_of_work import Store

# What may be done in each state, and where it leads.
_ACTIONS: dict[str, dict[str, str]] = {
    "held": {"approve": "published", "reject": "rejected"},
    "rejected": {"approve": "published"},
    "published": {"remove": "removed"},
    "removed": {"restore": "published"},
    "withdrawn": {},
}


def actions_for(comment: Comment, moderator: Moderator) -> tuple[str, ...]:
    """Return what this moderator may do with the comment now; `review` refuses everything else."""
    if not permissions.may(moderator, "decide"):
        return ()
    return tuple(_ACTIONS[comment.state])


def review(
    tools: Tools,
    comment_id: str,
    action: str,
    moderator: Moderator,
    version: int,
    clause: str | None = None,
    note: str = "",
    request_id: str = "",
    *,
    severe: bool = False,
    batch_id: str | None = None,
) -> Outcome:
    """Return what became of the comment by a moderator's action on the `version` that was shown.

    Approving and restoring overrule the strike, lift what rested on it and grant an open appeal; rejecting and removing
    name a clause, give its strike (`severe`: with its higher points) and uphold the reports of readers.

    Raises:
        NotFound, Forbidden, InvalidInput; StaleVersion with the decision of whoever was first; Claimed where a
            colleague has the comment in hand.
    """
    now = tools.now()
    policy = tools.engine.policy
    with tools.database.begin() as store:
        comment = store.comments.get(comment_id)
        if comment is None:
            raise NotFound("There is no such comment.")
        previous = store.comments.decision(comment)
        if comment.version != version:
            raise StaleVersion(
                "Somebody else decided on this comment in the meantime.",
                current=comment.version,
                decision={**previous.public, "made_by": previous.made_by, "action": previous.action}
                if previous
                else None,
            )
        if action not in actions_for(comment, moderator):
            raise Forbidden(
                f"A comment that is {comment.state} cannot be changed by '{action[:20]}' in the role {moderator.role}."
            )
        against = action in ("reject", "remove")
        clause = (clause or (previous.clause if previous else None)) if against else None
        if against and clause not in policy.clauses:
            raise InvalidInput(
                "Name the clause that was broken.", {"clause": [f"One of {', '.join(policy.clauses)}."]}
            )
        check_note(note)
        store.claims.refuse_other(comment_id, moderator.id, now)
        state_before, decision_before = comment.state, comment.decision_id
        outcome = carry_out(
            tools,
            store,
            comment,
            action,
            moderator.id,
            now,
            request_id,
            clause=clause,
            note=note,
            severe=severe,
        )
        step = keep_step(
            store,
            "review",
            moderator.id,
            now,
            action=action,
            comment=outcome.comment,
            state_before=state_before,
            decision_before=decision_before,
            batch_id=batch_id,
        )
        store.claims.release(comment_id)
        return replace(outcome, step=step.id)


def carry_out(
    tools: Tools,
    store: Store,
    comment: Comment,
    action: str,
    by: str,
    now: datetime,
    request_id: str,
    *,
    clause: str | None = None,
    note: str = "",
    severe: bool = False,
    source: str = "moderator",
) -> Outcome:
    """Return what became of the comment: the decision with all that follows from it, in the open transaction."""
    policy, against = tools.engine.policy, action in ("reject", "remove")
    previous = store.comments.decision(comment)
    site, article = store.sites.get(comment.site_id), store.articles.get(comment.article_id)
    author = store.people.get(comment.author_id)
    assert site is not None and article is not None and author is not None  # noqa: PT018  foreign keys
    decision = _decision(tools, previous, clause, now)
    before = digest_of_state(comment)
    row = decision_row(decision, policy, made_by=by, action=action, note=note or None)
    state = _ACTIONS[comment.state][action]
    comment = store.comments.set_state(
        comment.id,
        version=comment.version,
        state=state,
        decision=row,
        published_at=now if state == "published" else None,
    )
    store.policies.remember(decision.policy_version, policy.source, now)
    keep_label(store, comment, by, decision.verdict.value, clause, source, now)
    store.audit.append(
        at=now,
        actor=by,
        action=f"comment.{_PAST[action]}",
        subject=f"comment:{comment.id}",
        before=before,
        after=digest_of_state(comment),
        salt=author.salt,
        detail={"clause": clause, "decision": row.id, "author": author.id},
        request_id=request_id,
    )
    notice = None
    tell_of_comment(store, site, article, comment, decision.as_public(), now)
    if against and clause is not None:
        score = float((previous.public.get("scores") or {}).get(clause, 0.0)) if previous else 0.0
        notice = penalise(
            tools,
            store,
            site,
            article,
            author,
            comment,
            clause,
            by,
            now,
            request_id,
            score=score,
            severe=severe,
        )
        informing.of_refusal(tools, store, site, article, author, comment, row, now)
    else:
        overrule(tools, store, comment, by, now, request_id)
        appealing.settle_with(
            tools, store, by, now, comment_id=comment.id, published=True, request_id=request_id
        )
    reporting.settle(store, comment, by, now, upheld=against, request_id=request_id)
    return Outcome(comment, decision.as_public(), comment.state, notice=notice)


_PAST = {"approve": "approved", "reject": "rejected", "remove": "removed", "restore": "restored"}


def _decision(tools: Tools, previous: DecisionRow | None, clause: str | None, now: datetime) -> Decision:
    """Return the moderator's decision: a Decision like the engine's, with the words the engine had marked."""
    policy = tools.engine.policy
    public = previous.public if previous else {}
    reasons: tuple[Reason, ...] = ()
    if clause is not None:
        seen = next((r for r in public.get("reasons", ()) if r["clause"] == clause), None)
        reasons = (
            Reason(
                clause,
                policy.clause_title(clause),
                1.0,
                policy.clause_sentence(clause),
                tuple(Span(*span) for span in seen["spans"]) if seen else (),
                Target(seen["target"]) if seen else Target.NOBODY,
                seen["matched_as"] if seen else None,
            ),
        )
    return Decision(
        verdict=Verdict.REJECT if clause is not None else Verdict.PUBLISH,
        clause=clause,
        reasons=reasons,
        signals=(),
        scores=public.get("scores", {}),
        policy_version=policy.version,
        model_versions=public.get("model_versions", {}),
        engine_version=ENGINE_VERSION,
        decided_at=now,
    )
