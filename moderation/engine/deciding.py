"""Signals + policy + standing -> verdict with reasons. The one place that decides."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from moderation.engine.policy import Clause, Policy
from moderation.engine.types import (
    BLOCK_EVASION,
    DETECTOR_FAILED,
    HELD_FIRST,
    PREMODERATED,
    UNCONFIRMED_ADDRESS,
    UNREAD_LANGUAGE,
    Context,
    Reason,
    Signal,
    Span,
    Verdict,
)

_SHORT_OF = 0.01  # by which an unconfirmed signal stays below the score that rejects


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the signals come to under the policy."""

    verdict: Verdict
    reasons: tuple[Reason, ...]
    scores: Mapping[str, float]


def decide(signals: Iterable[Signal], context: Context, policy: Policy | None = None) -> Ruling:
    """Return the verdict, its reasons (the gravest first) and the score of every clause, under the context's policy or another.

    A clause's score is the highest detector weight x target weight x signal score. Holds without an offence turn a
    publish into a hold and never soften a rejection. Without a confirmed address, where one is wanted, nothing is decided.
    """
    policy = policy or context.policy
    signals = tuple(signals)
    scores = dict.fromkeys(policy.clauses, 0.0)
    by_clause: dict[str, list[tuple[float, Signal]]] = {}
    for signal in signals:
        clause = policy.clauses.get(signal.clause)
        if clause is None or signal.failed:
            continue
        score = clause.weight(signal.detector, signal.target) * signal.score
        if score >= clause.reject_at and not signal.confirmed:
            score = max(clause.hold_at, clause.reject_at - _SHORT_OF)
        scores[clause.id] = max(scores[clause.id], score)
        if score >= clause.hold_at:
            by_clause.setdefault(clause.id, []).append((score, signal))

    if context.unconfirmed:
        # Whoever typed somebody else's address must not bring that person a strike: decided once it is confirmed.
        return Ruling(Verdict.HOLD, (_reserved(policy, UNCONFIRMED_ADDRESS, ()),), scores)

    ruled = [(_verdict(scores[id_], policy.clauses[id_]), policy.clauses[id_]) for id_ in by_clause]
    ruled.sort(key=lambda pair: (pair[0].order, pair[1].severity), reverse=True)
    verdict = ruled[0][0] if ruled else Verdict.PUBLISH
    if verdict is Verdict.REJECT:
        # A model's suspicion needs a person's look; beside what a rule has shown it would only blur the reason.
        ruled = [pair for pair in ruled if any(s.detector != "learned" for _, s in by_clause[pair[1].id])]
    reasons = [_reason(clause, by_clause[clause.id]) for _, clause in ruled]

    # A rejection needs no reason to hold beside it.
    holds = _holds(signals, context, policy) if verdict is not Verdict.REJECT else ()
    reserved = [_reserved(policy, clause, spans) for clause, spans in holds]
    if reserved:
        verdict = Verdict.HOLD
    return Ruling(verdict, tuple(reasons + reserved), scores)


def _verdict(score: float, clause: Clause) -> Verdict:
    if score >= clause.reject_at:
        return Verdict.REJECT
    return Verdict.HOLD if score >= clause.hold_at else Verdict.PUBLISH


def _reason(clause: Clause, seen: list[tuple[float, Signal]]) -> Reason:
    """Return one reason for a clause: target and words of the strongest signal (of equals the first in the text), all spans."""
    seen.sort(key=lambda pair: (-pair[0], pair[1].spans))
    score, strongest = seen[0]
    # A learned signal marks what raised its score; where a rule named the words, the rule's spans are the reason.
    by_rule = [signal for _, signal in seen if signal.detector != "learned"]
    spans = _merged(span for signal in by_rule or [strongest] for span in signal.spans)
    return Reason(
        clause.id, clause.title, score, clause.sentence, spans, strongest.target, strongest.matched_as
    )


def _merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Return the spans by position, those that overlap as one."""
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.start < merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return tuple(merged)


def _reserved(policy: Policy, clause_id: str, spans: tuple[Span, ...]) -> Reason:
    words = policy.reserved[clause_id]
    return Reason(clause_id, words.title, 1.0, words.sentence, spans)


def _holds(
    signals: tuple[Signal, ...], context: Context, policy: Policy
) -> Iterable[tuple[str, tuple[Span, ...]]]:
    """Yield the reasons to hold that are no offence, with the spans they rest on."""
    if any(signal.failed for signal in signals):
        yield DETECTOR_FAILED, ()
    said = {signal.clause for signal in signals if not signal.failed}
    if UNREAD_LANGUAGE in said:
        unread = (signal for signal in signals if signal.clause == UNREAD_LANGUAGE and not signal.failed)
        yield UNREAD_LANGUAGE, tuple(span for signal in unread for span in signal.spans)
    if BLOCK_EVASION in said:
        yield BLOCK_EVASION, ()
    standing = context.standing
    if standing.premoderated_until is not None and standing.premoderated_until > context.now:
        yield PREMODERATED, ()
    first = policy.limits.hold_first_comments
    known = standing.approved_comments
    if context.held_first or (known is not None and known < first and standing.role == "reader"):
        yield HELD_FIRST, ()
