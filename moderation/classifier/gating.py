"""The gate: a candidate and the live models on the same comments; only one that is better and harms nothing passes.

Three questions. Does it rank decisions that trained neither better (area under the ROC curve, by label), and does the
whole engine with it let no more bad comments pass and stop no more good ones? Does it turn no golden decision that
held? Do sentences that differ only in the group they name fare no worse? Needs numpy alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from moderation.classifier.bias import Filled, gaps
from moderation.classifier.ranking import Floats, Mask, area
from moderation.engine import Engine
from moderation.engine.golden import Case, run_golden
from moderation.engine.text import Text
from moderation.engine.types import Context, Submission, Verdict

# With fewer decisions an interval is too wide to tell anything, and a label with fewer on either side is not asked.
FEWEST, FEWEST_OF_LABEL = 50, 10
# What the mean gap between groups may rise by: scores are shown with two digits.
GAP_TOLERANCE = 0.01
_RESAMPLES, _SEED, _BATCH = 500, 20261123, 256
Rows = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class HeldOut:
    """A comment a moderator decided on that never trained: its label values (0 or 1, by label) and the verdict."""

    submission: Submission
    context: Context
    values: Mapping[str, float]
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Check:
    """One question of the gate, its answer in words and in figures."""

    name: str
    passed: bool
    reason: str
    figures: Mapping[str, Any]


def checks(
    live: Engine,
    candidate: Engine,
    held_out: Sequence[HeldOut],
    cases: Sequence[Case],
    sentences: Sequence[Filled],
    now: datetime,
) -> list[Check]:
    """Return what the gate found, question by question; a candidate passes when all are passed."""
    return [
        *on_decisions(live, candidate, held_out),
        on_golden(live, candidate, cases, now),
        on_groups(live, candidate, sentences, now),
    ]


def on_decisions(live: Engine, candidate: Engine, held_out: Sequence[HeldOut]) -> list[Check]:
    """Return whether the candidate ranks held-out decisions better, and what its verdicts cost."""
    if len(held_out) < FEWEST:
        few = f"There are {len(held_out)} held-out decisions; {FEWEST} are needed to compare by."
        return [Check("ranking", False, few, {"decisions": len(held_out)})]
    random = np.random.default_rng(_SEED)
    draws = [random.integers(0, len(held_out), len(held_out)) for _ in range(_RESAMPLES)]
    return [_ranking(live, candidate, held_out, draws), *_verdicts(live, candidate, held_out, draws)]


def _ranking(live: Engine, candidate: Engine, held_out: Sequence[HeldOut], draws: Sequence[Rows]) -> Check:
    texts = [row.submission.body for row in held_out]
    scores = [_scores(engine, texts) for engine in (live, candidate)]
    asked = {}
    for label in sorted({label for row in held_out for label in row.values}):
        values = np.array([row.values.get(label, np.nan) for row in held_out])
        known, case = ~np.isnan(values), values >= 0.5
        enough = min(int((known & case).sum()), int((known & ~case).sum())) >= FEWEST_OF_LABEL
        if enough and all(label in of_engine for of_engine in scores):
            asked[label] = (known, case)
    if not asked:
        few = f"No label has {FEWEST_OF_LABEL} held-out decisions on either side; there is nothing to compare by."
        return Check("ranking", False, few, {"decisions": len(held_out)})
    found: dict[str, Any] = {}
    rises = []
    for label, (known, case) in asked.items():
        before, after = (of_engine[label] for of_engine in scores)
        drawn = [
            _rise(before, after, known, case, rows)
            for rows in draws
            if 0 < case[rows][known[rows]].sum() < known[rows].sum()
        ]
        rises.append(drawn)
        found[label] = {
            "decisions": int(known.sum()),
            "cases": int((known & case).sum()),
            "live": _rounded(area(case[known], before[known])),
            "candidate": _rounded(area(case[known], after[known])),
            **_middle(drawn),
        }
    means = [float(np.mean(of_draw)) for of_draw in zip(*rises, strict=False)]
    mean = {
        who: _rounded(float(np.mean([of[who] for of in found.values()]))) for who in ("live", "candidate")
    }
    whole = {**mean, **_middle(means)}
    worse = [label for label, of in found.items() if of["high"] < 0]
    better = whole["low"] > 0
    said = (
        f"Mean area under the ROC curve on {len(held_out)} held-out decisions: {whole['candidate']:.3f}, "
        f"live {whole['live']:.3f}; the difference lies between {whole['low']:+.3f} and {whole['high']:+.3f}"
    )
    if worse:
        said += f"; worse on {', '.join(worse)}"
    elif not better:
        said += ", so it is not shown to be better"
    figures = {"decisions": len(held_out), "mean": whole, "labels": found}
    return Check("ranking", better and not worse, f"{said}.", figures)


def _rise(before: Floats, after: Floats, known: Mask, case: Mask, rows: Rows) -> float:
    kept = rows[known[rows]]
    return area(case[kept], after[kept]) - area(case[kept], before[kept])


def _verdicts(
    live: Engine, candidate: Engine, held_out: Sequence[HeldOut], draws: Sequence[Rows]
) -> list[Check]:
    passes = [_published(engine, held_out) for engine in (live, candidate)]
    refused = np.array([row.verdict is Verdict.REJECT for row in held_out])
    found = []
    for name, which, wrong, said in (
        ("passed", refused, passes, "rejected by moderators that pass"),
        ("stopped", ~refused, [~one for one in passes], "approved by moderators that are held or rejected"),
    ):
        counts = [int((one & which).sum()) for one in wrong]
        change = (wrong[1] & which).astype(float) - (wrong[0] & which)
        low, high = _interval([float(change[rows].sum()) for rows in draws])
        figures = {
            "of": int(which.sum()),
            "live": counts[0],
            "candidate": counts[1],
            "low": low,
            "high": high,
        }
        reason = f"Of {which.sum()} {said}: {counts[1]}, live {counts[0]}."
        found.append(Check(name, low <= 0, reason, figures))
    return found


def on_golden(live: Engine, candidate: Engine, cases: Sequence[Case], now: datetime) -> Check:
    """Return whether every golden decision that held still does."""
    before, after = run_golden(live, cases, now), run_golden(candidate, cases, now)
    turned = [
        {"file": later.case.file, "body": later.case.body, "before": earlier.got, "after": later.got}
        for earlier, later in zip(before, after, strict=True)
        if earlier.holds and not later.holds
    ]
    held = [sum(outcome.holds for outcome in of) for of in (before, after)]
    reason = f"{held[1]} of {len(cases)} golden decisions hold, live {held[0]}"
    reason += f"; {len(turned)} that held no longer do." if turned else "; none that held is turned."
    figures = {"cases": len(cases), "live": held[0], "candidate": held[1], "turned": turned}
    return Check("golden", not turned, reason, figures)


def on_groups(live: Engine, candidate: Engine, sentences: Sequence[Filled], now: datetime) -> Check:
    """Return whether sentences that say nothing bad fare no worse, whichever group they name."""
    stopped, spread = [], []
    texts, weighing = [one.text for one in sentences], _weighing(live)
    for engine in (live, candidate):
        pairs = [
            (Submission("", one.text, received_at=now), Context(engine.policy, now)) for one in sentences
        ]
        decisions = engine.decide_many(pairs)
        stopped.append(sum(decision.verdict is not Verdict.PUBLISH for decision in decisions))
        said = [scores for label, scores in _scores(engine, texts).items() if label in weighing]
        spread.append(gaps(sentences, np.max([np.zeros(len(texts)), *said], axis=0), None))
    rise = spread[1].mean - spread[0].mean
    reason = (
        f"Of {len(sentences)} sentences that say nothing bad of a group, {stopped[1]} are held or rejected, live "
        f"{stopped[0]}; scores part by {spread[1].mean:.3f} between groups, live {spread[0].mean:.3f}."
    )
    figures = {
        "sentences": len(sentences),
        "stopped": {"live": stopped[0], "candidate": stopped[1]},
        "mean_gap": {"live": _rounded(spread[0].mean), "candidate": _rounded(spread[1].mean)},
        "largest_gap": {"live": _rounded(spread[0].largest), "candidate": _rounded(spread[1].largest)},
        "worst_groups": [{"group": group, "above_mean": _rounded(by)} for group, by in spread[1].worst],
    }
    return Check("groups", stopped[1] <= stopped[0] and rise <= GAP_TOLERANCE, reason, figures)


def _weighing(engine: Engine) -> set[str]:
    """Return the labels by which a model can hold, and `toxicity`, which is shown."""
    clauses = engine.policy.clauses
    able = {
        label for label, clause in engine.policy.learned.items() if clauses[clause].detectors.get("learned")
    }
    return {*able, "toxicity"}


def _scores(engine: Engine, bodies: Sequence[str]) -> dict[str, Floats]:
    """Return by label what the models say of each text, the highest where several know the label."""
    texts = [Text(body) for body in bodies]
    found: dict[str, Floats] = {}
    for scorer in engine.scorers.values():
        for start in range(0, len(texts), _BATCH):
            rows = scorer.score(texts[start : start + _BATCH], ())
            for number, row in enumerate(rows, start):
                for label, score in row.items():
                    of_label = found.setdefault(label, np.zeros(len(texts)))
                    of_label[number] = max(of_label[number], score)
    return found


def _published(engine: Engine, held_out: Sequence[HeldOut]) -> Mask:
    verdicts = []
    for start in range(0, len(held_out), _BATCH):
        batch = held_out[start : start + _BATCH]
        decisions = engine.decide_many([(row.submission, row.context) for row in batch])
        verdicts += [decision.verdict is Verdict.PUBLISH for decision in decisions]
    return np.array(verdicts, dtype=bool)


def _middle(drawn: Sequence[float]) -> dict[str, float]:
    low, high = _interval(drawn)
    return {"low": _rounded(low), "high": _rounded(high)}


def _interval(drawn: Sequence[float]) -> tuple[float, float]:
    """Return the middle 95 % of a figure over resampled decisions, the same for both engines."""
    low, high = np.quantile(drawn, (0.025, 0.975))
    return float(low), float(high)


def _rounded(value: float) -> float:
    return round(float(value), 4)
