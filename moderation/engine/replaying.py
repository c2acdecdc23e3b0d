"""Two policies over the same comments: whose verdict changes, in which direction, beside what moderators decided."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from moderation.engine import Engine
from moderation.engine.deciding import decide
from moderation.engine.policy import Policy
from moderation.engine.types import Context, Signal, Submission

EXAMPLES = 50
_MODULUS = 1 << 128


@dataclass(frozen=True, slots=True)
class Case:
    """A stored comment: its id, how the engine reads it, and a moderator's verdict (empty: none decided)."""

    id: str
    submission: Submission
    context: Context
    moderator: str = ""


def compared(engine: Engine, live: Policy, draft: Policy, cases: Sequence[Case]) -> dict[str, Any]:
    """Return what a draft changes on these comments, as JSON values that `together` adds up.

    `verdicts` counts live and draft verdicts as `publish>hold`; `moderators` counts what moderators decided of those
    that change; `clauses` those that change by the deciding clause of the stricter one; `examples` are those with the
    lowest ids; `digest` stands for every single pair of verdicts. None depends on the order they were decided in.
    """
    verdicts: dict[str, int] = {}
    moderators: dict[str, dict[str, int]] = {}
    clauses: dict[str, dict[str, int]] = {}
    examples: list[list[str]] = []
    digest = 0
    for case, (before, after) in zip(cases, _rulings(engine, live, draft, cases), strict=True):
        change = f"{before[0]}>{after[0]}"
        verdicts[change] = verdicts.get(change, 0) + 1
        line = "|".join((case.id, *before, *after)).encode()
        digest += int.from_bytes(hashlib.sha256(line).digest()[:16], "big")
        if before[0] == after[0]:
            continue
        said = moderators.setdefault(change, {})
        said[case.moderator or "none"] = said.get(case.moderator or "none", 0) + 1
        clause = after[1] or before[1]
        of_clause = clauses.setdefault(clause, {})
        of_clause[change] = of_clause.get(change, 0) + 1
        examples.append([case.id, change, clause, case.moderator])
    return {
        "verdicts": verdicts,
        "moderators": moderators,
        "clauses": clauses,
        "examples": sorted(examples)[:EXAMPLES],
        "digest": f"{digest % _MODULUS:032x}",
    }


def together(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
    """Return the sum of what was found on two sets of comments, the same in any order; the first may be empty."""
    if not first:
        return dict(second)
    digest = (int(first["digest"], 16) + int(second["digest"], 16)) % _MODULUS
    return {
        "verdicts": _added(first["verdicts"], second["verdicts"]),
        "moderators": {
            name: _added(first["moderators"].get(name, {}), second["moderators"].get(name, {}))
            for name in {**first["moderators"], **second["moderators"]}
        },
        "clauses": {
            name: _added(first["clauses"].get(name, {}), second["clauses"].get(name, {}))
            for name in {**first["clauses"], **second["clauses"]}
        },
        "examples": sorted([*first["examples"], *second["examples"]])[:EXAMPLES],
        "digest": f"{digest:032x}",
    }


def _added(first: Mapping[str, int], second: Mapping[str, int]) -> dict[str, int]:
    return {name: first.get(name, 0) + second.get(name, 0) for name in {**first, **second}}


def _rulings(
    engine: Engine, live: Policy, draft: Policy, cases: Sequence[Case]
) -> list[tuple[tuple[str, str], tuple[str, str]]]:
    """Return verdict and clause under both policies; the signals are looked for once where both see the same."""
    found = []
    if _see_the_same(live, draft):
        for case, signals in zip(cases, _signals(engine, _keener(live, draft), cases), strict=True):
            found.append((_ruled(signals, case, live), _ruled(signals, case, draft)))
        return found
    sides = [
        [
            _ruled(signals, case, policy)
            for case, signals in zip(cases, _signals(engine, policy, cases), strict=True)
        ]
        for policy in (live, draft)
    ]
    return [*zip(*sides, strict=True)]


def _signals(engine: Engine, policy: Policy, cases: Sequence[Case]) -> list[list[Signal]]:
    pairs = [(case.submission, replace(case.context, policy=policy)) for case in cases]
    return engine.signals_of(pairs)


def _ruled(signals: Sequence[Signal], case: Case, policy: Policy) -> tuple[str, str]:
    ruling = decide(signals, case.context, policy)
    return ruling.verdict.value, ruling.reasons[0].clause if ruling.reasons else ""


def _see_the_same(live: Policy, draft: Policy) -> bool:
    """Tell whether detectors see the same under both: they read words, people and which head stands for what."""
    return (
        live.people == draft.people
        and live.learned == draft.learned
        and live.lexicon is draft.lexicon
        and live.languages is draft.languages
    )


def _keener(live: Policy, draft: Policy) -> Policy:
    """Return the draft with thresholds at which a learned signal is looked at that either would look at.

    What the keener one sees and the other would not is too weak to count there, so the rulings are its own.
    """
    clauses = {}
    for id_, clause in draft.clauses.items():
        other = live.clauses.get(id_, clause)
        weight = max(clause.detectors.get("learned", 0.0), other.detectors.get("learned", 0.0))
        clauses[id_] = clause.model_copy(
            update={
                "hold_at": min(clause.hold_at, other.hold_at),
                "detectors": {**clause.detectors, "learned": weight},
            }
        )
    return draft.model_copy(update={"clauses": clauses})
