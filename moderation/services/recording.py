"""A decision as a row, the one shape for the engine's and the moderators'; and a moderator's step, to be undone by."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from moderation.engine.policy import Policy
from moderation.engine.types import Decision, Signal
from moderation.store.tables import AuditEvent, Comment, DecisionRow, LabelledDecision, Step
from moderation.store.unit_of_work import Store

# Of the events a step wrote: the detail (or, for None, the subject) that names what followed -> kind of effect.
_EFFECTS: dict[str, tuple[str | None, str]] = {
    "strike.given": ("strike", "strikes_given"),
    "strike.overruled": ("strike", "strikes_overruled"),
    "author.warned": (None, "blocks_given"),
    "author.premoderated": (None, "blocks_given"),
    "author.blocked": (None, "blocks_given"),
    "domain.blocked": (None, "blocks_given"),
    "network.blocked": (None, "blocks_given"),
    "block.lifted": (None, "blocks_lifted"),
    "reports.upheld": ("reports", "reports"),
    "reports.dismissed": ("reports", "reports"),
    "appeal.granted": (None, "appeals"),
    "appeal.refused": (None, "appeals"),
    "author.noted": ("note", "notes"),
}


_NOTHING: Mapping[str, Any] = {}


def decision_row(
    decision: Decision,
    policy: Policy,
    *,
    made_by: str = "engine",
    action: str | None = None,
    note: str | None = None,
) -> DecisionRow:
    """Return the row of a decision under a policy, not yet tied to its comment."""
    broken = policy.clauses.get(decision.clause or "")
    return DecisionRow(
        comment_id="",
        made_by=made_by,
        action=action,
        verdict=decision.verdict.value,
        clause=decision.clause,
        severity=broken.severity if broken else 0,
        public=decision.as_public(),
        signals=[_signal(signal) for signal in decision.signals],
        policy_version=decision.policy_version,
        model_versions=dict(decision.model_versions),
        engine_version=decision.engine_version,
        decided_at=decision.decided_at,
        duration_ms=round(decision.duration_ms, 3),
        note=note,
    )


def digest_of_state(comment: Comment) -> dict[str, Any]:
    """Return what the audit log's salted digest is taken over: body, state, version."""
    return {
        "body": comment.body,
        "state": comment.state,
        "version": comment.version,
        "revision": comment.revision,
    }


def keep_label(
    store: Store, comment: Comment, by: str, verdict: str, clause: str | None, source: str, now: datetime
) -> None:
    """Keep what a moderator said of a comment, to learn from."""
    store.comments.add_label(
        LabelledDecision(
            comment_id=comment.id,
            revision=comment.revision,
            who=by,
            verdict=verdict,
            clause=clause,
            source=source,
            at=now,
        )
    )


def keep_step(
    store: Store,
    kind: str,
    by: str,
    now: datetime,
    *,
    action: str = "",
    comment: Comment | None = None,
    state_before: str = "",
    decision_before: str | None = None,
    block_id: str | None = None,
    batch_id: str | None = None,
    subject: str = "",
    more: Mapping[str, Any] = _NOTHING,
) -> Step:
    """Return what a moderator did in the open transaction, stored with what its audit events say followed.

    `more` is what besides must be known to undo it.
    """
    return store.steps.add(
        Step(
            kind=kind,
            action=action or kind,
            by=by,
            at=now,
            comment_id=comment.id if comment else None,
            block_id=block_id,
            state_before=state_before,
            decision_before=decision_before,
            effects={**_effects_of(store.audit.recorded()), **more},
            batch_id=batch_id,
            subject=subject,
        )
    )


def _effects_of(events: Sequence[AuditEvent]) -> dict[str, Any]:
    """Return the ids of what followed, by kind, from the audit events of a step."""
    found: dict[str, Any] = {}
    for event in events:
        if event.action.startswith("comment.") and "decision" in event.detail:
            found["decision"] = event.detail["decision"]
        if event.action == "appeal.carried":
            appeal_id = event.subject.partition(":")[2]
            found.setdefault("appeals_carried", []).append([appeal_id, event.detail["from"]])
        if event.action in _EFFECTS:
            name, kind = _EFFECTS[event.action]
            value = event.detail[name] if name else event.subject.partition(":")[2]
            found.setdefault(kind, []).extend(value if isinstance(value, list) else [value])
    return found


def _signal(signal: Signal) -> dict[str, Any]:
    return {
        **asdict(signal),
        "score": round(signal.score, 4),
        "target": signal.target.value,
        "spans": [[span.start, span.end] for span in signal.spans],
    }
