"""A second look: some decisions of the engine and of moderators go blind to another moderator, to measure both.

Which decisions is a matter of their id alone, so that nobody can choose; the second one sees the comment and neither
the verdict nor what was marked. What he says changes nothing for the comment.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from moderation.engine.rates import interval
from moderation.engine.types import Verdict
from moderation.errors import Conflict, Forbidden, InvalidInput, NotFound
from moderation.services import Tools
from moderation.store.tables import DecisionRow, Moderator, SecondLook

_BATCH = 5000
_LOOKS_BACK = timedelta(days=1)
VERDICTS = (Verdict.PUBLISH.value, Verdict.REJECT.value)


@dataclass(frozen=True, slots=True)
class Agreement:
    """How often a second look agreed; of `strict` errors the first was too strict, of `lenient` ones too lenient."""

    looks: int
    agreed: int
    strict: int
    lenient: int

    @property
    def between(self) -> tuple[float, float]:
        """Return Wilson's 95 % interval of the share that agrees."""
        return interval(self.agreed, self.looks)


@dataclass(frozen=True, slots=True)
class Measured:
    """Agreement over all, by who decided first (engine or moderator), by clause and by detector of the first decision."""

    total: Agreement
    by_who: Mapping[str, Agreement]
    by_clause: Mapping[str, Agreement]
    by_detector: Mapping[str, Agreement]


def is_chosen(decision_id: str, percent: float) -> bool:
    """Tell whether a decision is among those looked at again: so many in a hundred, evenly by digest of the id."""
    number = int.from_bytes(hashlib.sha256(f"second-look:{decision_id}".encode()).digest()[:8], "big")
    return number < percent / 100 * 2**64


def choose(tools: Tools) -> int:
    """Return how many decisions of the last day were chosen now."""
    now, percent = tools.now(), tools.settings.second_look_percent
    after: tuple[datetime, str] | None = (now - _LOOKS_BACK, "")
    chosen = 0
    while after is not None:
        with tools.database.read() as store:
            made = store.second_looks.decisions_since(after, _BATCH)
        after = made[-1][:2] if len(made) == _BATCH else None
        wanted = [(key, comment) for _, key, comment in made if is_chosen(key, percent)]
        if wanted:
            with tools.database.begin() as store:
                chosen += sum(
                    store.second_looks.add(SecondLook(decision_id=key, comment_id=comment, chosen_at=now))
                    for key, comment in wanted
                )
    return chosen


def look(
    tools: Tools,
    look_id: str,
    verdict: str,
    clause: str | None,
    moderator: Moderator,
    request_id: str = "",
) -> None:
    """Record what a moderator says of a comment whose decision he does not know.

    Raises:
        NotFound, InvalidInput; Forbidden where he decided on it himself; Conflict where another was quicker.
    """
    clauses, now = tools.engine.policy.clauses, tools.now()
    if verdict not in VERDICTS:
        raise InvalidInput("Nothing was recorded.", {"verdict": [f"Choose one of {', '.join(VERDICTS)}."]})
    clause = clause if verdict == Verdict.REJECT else None
    if verdict == Verdict.REJECT and clause not in clauses:
        raise InvalidInput("Nothing was recorded.", {"clause": ["Name the clause that was broken."]})
    with tools.database.begin() as store:
        found = store.second_looks.get(look_id)
        if found is None:
            raise NotFound("There is no such second look.")
        if store.second_looks.has_decided(found.comment_id, moderator.id):
            raise Forbidden("You decided on this comment yourself. A second look is another's.")
        if not store.second_looks.give(look_id, moderator.id, verdict, clause, now):
            raise Conflict("Somebody else looked at it in the meantime.")
        store.audit.append(
            at=now,
            actor=moderator.id,
            action="decision.second-look",
            subject=f"comment:{found.comment_id}",
            detail={"decision": found.decision_id, "verdict": verdict, "clause": clause},
            request_id=request_id,
        )


def measured(tools: Tools, since: datetime, until: datetime) -> Measured:
    """Return how far second looks given in a time agree with the first decisions."""
    with tools.database.read() as store:
        given = store.second_looks.given(since, until)
    by_who: dict[str, list[tuple[SecondLook, DecisionRow]]] = {}
    by_clause: dict[str, list[tuple[SecondLook, DecisionRow]]] = {}
    by_detector: dict[str, list[tuple[SecondLook, DecisionRow]]] = {}
    for look_, decision in given:
        pair = (look_, decision)
        by_who.setdefault("engine" if decision.made_by == "engine" else "moderator", []).append(pair)
        if clause := decision.clause or look_.clause:
            by_clause.setdefault(clause, []).append(pair)
        for name in {s["detector"] for s in decision.signals if s["clause"] == decision.clause}:
            by_detector.setdefault(name, []).append(pair)
    return Measured(
        _agreement(given),
        {name: _agreement(pairs) for name, pairs in sorted(by_who.items())},
        {name: _agreement(pairs) for name, pairs in sorted(by_clause.items())},
        {name: _agreement(pairs) for name, pairs in sorted(by_detector.items())},
    )


def _agreement(pairs: Iterable[tuple[SecondLook, DecisionRow]]) -> Agreement:
    said = [(decision.verdict, look_.verdict) for look_, decision in pairs]
    return Agreement(
        len(said),
        sum(first == second for first, second in said),
        said.count((Verdict.REJECT, Verdict.PUBLISH)),
        said.count((Verdict.PUBLISH, Verdict.REJECT)),
    )
