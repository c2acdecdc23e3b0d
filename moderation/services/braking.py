"""The brake: a rule that stops too much, or is overturned too often, goes back into shadow and says so.

A rule is a detector of a clause. What is in shadow is seen and counted, so that what it would do can be read before it does it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from moderation.engine.policy import Clause, Policy
from moderation.engine.rates import interval
from moderation.engine.types import Target, Verdict
from moderation.errors import Conflict
from moderation.services import Tools, alerting, governing
from moderation.store.figures import Judged

BRAKE = "brake"
_TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Rule:
    """What a rule did in the hours that the brake counts over; in shadow, what it would have done."""

    clause: str
    detector: str
    in_shadow: bool
    decisions: int  # of all comments
    fired: int
    reviewed: int  # of those it stopped
    overturned: int

    @property
    def share(self) -> float:
        """Return the share of all comments that it stopped."""
        return self.fired / self.decisions if self.decisions else 0.0

    @property
    def between(self) -> tuple[float, float]:
        """Return between which shares of what it stopped is surely overturned."""
        return interval(self.overturned, self.reviewed)


def rules(tools: Tools) -> list[Rule]:
    """Return every rule of the policy in force with what it did lately, what stopped most first."""
    policy, now = tools.engine.policy, tools.now()
    with tools.database.read() as store:
        since = now - timedelta(hours=policy.brake.hours)
        if (last := store.policies.published()) is not None:
            since = max(since, last.at)  # a rule is judged by what it does as it is now
        judged = store.figures.judged(since, now + _TICK)
    found = [
        _counted(clause, detector, judged)
        for clause in policy.clauses.values()
        for detector in clause.detectors
    ]
    return sorted(found, key=lambda rule: (-rule.fired, rule.clause, rule.detector))


def _counted(clause: Clause, detector: str, judged: Iterable[Judged]) -> Rule:
    decisions = fired = reviewed = overturned = 0
    for one in judged:
        decisions += 1
        if not fires(clause, detector, one):
            continue
        fired += 1
        if one.overruled_by is not None and one.verdict != Verdict.PUBLISH:
            reviewed += 1
            overturned += one.overruled_by == Verdict.PUBLISH
    return Rule(clause.id, detector, detector in clause.in_shadow, decisions, fired, reviewed, overturned)


def fires(clause: Clause, detector: str, one: Judged) -> bool:
    """Tell whether what the detector saw is enough to hold a comment under the clause."""
    return any(
        signal["clause"] == clause.id
        and signal["detector"] == detector
        and not signal.get("failed")
        and clause.would_weigh(detector, Target(signal["target"])) * float(signal["score"]) >= clause.hold_at
        for signal in one.signals
    )


def brake(tools: Tools) -> list[Rule]:
    """Return the rules that were sent back into shadow, each by a policy published for it and an alert."""
    limits = tools.engine.policy.brake
    braked = []
    for rule in rules(tools):
        if rule.in_shadow or rule.decisions < limits.decisions:
            continue
        too_much = rule.share > limits.share
        too_wrong = rule.reviewed >= limits.reviewed and rule.overturned / rule.reviewed > limits.overturned
        if not (too_much or too_wrong):
            continue
        why = (
            f"It stopped {rule.fired} of {rule.decisions} comments."
            if too_much
            else f"Moderators published {rule.overturned} of {rule.reviewed} comments it had stopped."
        )
        text = into_shadow(tools.engine.policy, rule.clause, rule.detector)
        try:
            governing.publish(
                tools,
                text,
                f"{rule.detector} of {rule.clause} is back in shadow. {why}",
                BRAKE,
                action="policy.braked",
            )
        except Conflict:  # another process was quicker
            continue
        alerting.note(
            tools, "rule-braked", f"rule:{rule.clause}.{rule.detector}:{tools.engine.policy.version}"
        )
        braked.append(rule)
    return braked


def into_shadow(policy: Policy, clause_id: str, detector: str) -> str:
    """Return the text of the policy with this rule in shadow, comments and order kept."""
    clause = policy.clauses[clause_id]
    names = ", ".join(f'"{name}"' for name in (*clause.in_shadow, detector))
    text = policy.source
    head = re.search(rf"(?m)^\[clauses\.{re.escape(clause_id)}\][^\n]*\n", text)
    if head is None:
        raise ValueError(f"clauses.{clause_id}: stands in no table of its own")
    following = re.compile(r"(?m)^\[").search(text, head.end())
    end = following.start() if following else len(text)
    body = re.sub(r"(?m)^in_shadow\s*=\s*\[[^\]]*\][^\n]*\n", "", text[head.end() : end])
    return f"{text[: head.end()]}in_shadow = [{names}]\n{body}{text[end:]}"
