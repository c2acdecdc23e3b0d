"""Thresholds from error rates: what a clause may get wrong, and labelled decisions, give the scores to hold and reject at.

A clause states `reject_precision` (of the comments it rejects by itself, at least so many must be ones an editor
rejects) and `publish_miss_rate` (of the comments it lets pass, at most so many may break it). Both hold with 95 %
certainty for comments like those that were labelled, over all cuts tried together; a threshold the rows cannot
support is refused, with how many would be needed.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Literal

from moderation.engine import Engine
from moderation.engine.deciding import decide
from moderation.engine.policy import Clause, Policy
from moderation.engine.rates import SURE, interval, rows_needed, upper_limit
from moderation.engine.types import Context, Signal, Submission, Verdict

# So many cuts are tried at most: each one more asks for more certainty of all (Bonferroni).
_MOST_CUTS = 20
_NEVER = 1.01  # no score reaches it
_BATCH = 256  # comments decided together


@dataclass(frozen=True, slots=True)
class Judged:
    """A comment's signals, and which clause it breaks in an editor's eyes; None may be published."""

    signals: tuple[Signal, ...]
    context: Context
    offence: str | None


@dataclass(frozen=True, slots=True)
class Tuned:
    """One threshold: what it may get wrong, what it got wrong in the rows, and why it is refused if it is."""

    clause: str
    key: Literal["hold_at", "reject_at"]
    limit: float
    threshold: float | None
    errors: int = 0
    rows: int = 0
    upper: float = 1.0
    refusal: str = ""

    def __str__(self) -> str:
        """Return the finding as a sentence."""
        what = "rejections are wrong" if self.key == "reject_at" else "published comments break it"
        if self.threshold is None:
            return f"{self.clause}: {self.key} refused: {self.refusal}"
        low, high = interval(self.errors, self.rows)
        return (
            f"{self.clause}: {self.key} = {self.threshold:g}: {self.errors} of {self.rows} {what}"
            f" ({_percent(low)} to {_percent(high)}; surely at most {_percent(self.upper)}, allowed"
            f" {_percent(self.limit)})"
        )


def judge(
    engine: Engine, labelled: Iterable[tuple[Submission, Context, Verdict, str | None]]
) -> list[Judged]:
    """Return the signals of labelled comments beside their labels; a label `hold` says neither and is left out."""
    rows = (row for row in labelled if row[2] is not Verdict.HOLD)
    judged = []
    while batch := list(islice(rows, _BATCH)):
        decisions = engine.decide_many([(submission, context) for submission, context, _, _ in batch])
        judged += [
            Judged(decision.signals, context, clause if verdict is Verdict.REJECT else None)
            for decision, (_, context, verdict, clause) in zip(decisions, batch, strict=True)
        ]
    return judged


def tune(policy: Policy, judged: Sequence[Judged]) -> list[Tuned]:
    """Return a threshold, or why there is none, for each rate that a clause of the policy states."""
    found = []
    for clause in policy.clauses.values():
        if clause.publish_miss_rate is not None:
            found.append(_hold(clause, clause.publish_miss_rate, judged))
        if clause.reject_precision is not None:
            found.append(_reject(clause, 1 - clause.reject_precision, judged))
    return found


def applied(policy: Policy, tuned: Iterable[Tuned]) -> Policy:
    """Return the policy with the thresholds that were found; a clause never holds above where it rejects."""
    clauses = dict(policy.clauses)
    for one in tuned:
        if one.threshold is not None:
            clauses[one.clause] = clauses[one.clause].model_copy(update={one.key: one.threshold})
    for id_, clause in clauses.items():
        if clause.hold_at > clause.reject_at:
            clauses[id_] = clause.model_copy(update={"hold_at": clause.reject_at})
    changed = policy.model_copy(update={"clauses": clauses})
    changed.__dict__.update(lexicon=policy.lexicon, readings=policy.readings, languages=policy.languages)
    return changed


def shares(policy: Policy, judged: Sequence[Judged]) -> dict[Verdict, int]:
    """Return how many of the comments get each verdict under the policy's thresholds."""
    counts = dict.fromkeys(Verdict, 0)
    for one in judged:
        counts[decide(one.signals, replace(one.context, policy=policy)).verdict] += 1
    return counts


def draft(policy: Policy) -> str:
    """Return the text of the policy's file with the thresholds of its clauses, comments and order kept."""
    text = policy.source
    for clause in policy.clauses.values():
        head = re.search(rf"(?m)^\[clauses\.{re.escape(clause.id)}\][^\n]*\n", text)
        if head is None:  # written in another style of TOML
            raise ValueError(f"clauses.{clause.id}: stands in no table of its own")
        following = re.compile(r"(?m)^\[").search(text, head.end())
        end = following.start() if following else len(text)
        body = text[head.end() : end]
        for key, value in (("hold_at", clause.hold_at), ("reject_at", clause.reject_at)):
            line = f"{key} = {value:g}"
            body, replaced = re.subn(rf"(?m)^{key}\s*=\s*[\d.]+", line, body)
            body = body if replaced else f"{line}\n{body}"
        text = text[: head.end()] + body + text[end:]
    return text


def _score(clause: Clause, signals: Iterable[Signal], *, confirmed: bool) -> float:
    """Return the clause's score; with `confirmed`, of the signals alone that may reject."""
    return max(
        (
            clause.weight(signal.detector, signal.target) * signal.score
            for signal in signals
            if signal.clause == clause.id and not signal.failed and (signal.confirmed or not confirmed)
        ),
        default=0.0,
    )


def _reject(clause: Clause, limit: float, judged: Sequence[Judged]) -> Tuned:
    """Return the lowest score from which rejections are surely right often enough."""
    # Below this a model could reject by itself.
    floor = clause.detectors.get("learned", 0.0) * max([1.0, *clause.targets.values()])
    scored = [(_score(clause, one.signals, confirmed=True), one.offence is None) for one in judged]
    scored = [(score, wrong) for score, wrong in scored if score > floor]
    cuts = sorted({score for score, _ in scored})
    return _lowest_risk(
        clause,
        "reject_at",
        limit,
        cuts=_thinned(cuts),
        counted=lambda cut: [wrong for score, wrong in scored if score >= cut],
        place=lambda cut: _between(max([floor, *(c for c in cuts if c < cut)]), cut),
        seen="reach a score at which it could reject",
    )


def _hold(clause: Clause, limit: float, judged: Sequence[Judged]) -> Tuned:
    """Return the highest score below which comments surely break the clause seldom enough."""
    scored = [(_score(clause, one.signals, confirmed=False), one.offence == clause.id) for one in judged]
    cuts = sorted({score for score, _ in scored if score > 0} | {_NEVER})
    return _lowest_risk(
        clause,
        "hold_at",
        limit,
        cuts=_thinned(cuts)[::-1],
        counted=lambda cut: [breaks for score, breaks in scored if score < cut],
        place=lambda cut: min(1.0, _between(max([0.0, *(c for c in cuts if c < cut)]), cut)),
        seen="would be published",
    )


def _lowest_risk(
    clause: Clause,
    key: Literal["hold_at", "reject_at"],
    limit: float,
    *,
    cuts: Sequence[float],
    counted: Callable[[float], list[bool]],
    place: Callable[[float], float],
    seen: str,
) -> Tuned:
    """Return the first cut, of those that lead from many comments to few, whose errors are surely few enough."""
    sure = 1 - (1 - SURE) / max(len(cuts), 1)
    best: tuple[float, int, int] | None = None
    for cut in cuts:
        errors = counted(cut)
        wrong, rows = sum(errors), len(errors)
        if not rows:
            continue
        upper = upper_limit(wrong, rows, sure)
        if upper <= limit:
            return Tuned(clause.id, key, limit, place(cut), wrong, rows, upper)
        if best is None or upper < best[0]:
            best = upper, wrong, rows
    needed = rows_needed(0, limit, sure)
    if best is None:
        return Tuned(
            clause.id,
            key,
            limit,
            None,
            refusal=f"none of the labelled comments {seen}; at least {needed} are needed.",
        )
    upper, wrong, rows = best
    said = f"at the best of {len(cuts)} cuts {wrong} of {rows} are wrong, which may be {_percent(upper)} and must not be above {_percent(limit)}"
    more = rows_needed(wrong / rows, limit, sure)
    remedy = (
        f"about {more} such comments are needed ({needed} if none were wrong)."
        if more is not None
        else "more labels of the same kind would not help: the detectors or the rate must change."
    )
    return Tuned(clause.id, key, limit, None, wrong, rows, upper, f"{said}; {remedy}")


def _thinned(cuts: Sequence[float]) -> list[float]:
    """Return at most so many of the cuts, evenly by rank, the first and the last among them."""
    if len(cuts) <= _MOST_CUTS:
        return list(cuts)
    step = (len(cuts) - 1) / (_MOST_CUTS - 1)
    return [cuts[round(number * step)] for number in range(_MOST_CUTS)]


def _between(below: float, cut: float) -> float:
    """Return a short number that parts the two scores and goes with the upper one."""
    for digits in range(2, 7):
        middle = round((below + cut) / 2, digits)
        if below < middle <= cut:
            return middle
    return cut


def _percent(share: float) -> str:
    return f"{100 * share:.2f} %"
