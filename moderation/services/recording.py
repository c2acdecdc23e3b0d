"""A decision as a row: the one shape for the engine's and the moderators' decisions."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from moderation.engine.types import Decision, Signal
from moderation.store.tables import Comment, DecisionRow, LabelledDecision
from moderation.store.unit_of_work import Store


def decision_row(
    decision: Decision, *, made_by: str = "engine", action: str | None = None, note: str | None = None
) -> DecisionRow:
    """Return the row of a decision, not yet tied to its comment."""
    return DecisionRow(
        comment_id="",
        made_by=made_by,
        action=action,
        verdict=decision.verdict.value,
        clause=decision.clause,
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


def _signal(signal: Signal) -> dict[str, Any]:
    return {
        **asdict(signal),
        "score": round(signal.score, 4),
        "target": signal.target.value,
        "spans": [[span.start, span.end] for span in signal.spans],
    }
