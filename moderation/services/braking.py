"""The brake: a rule that stops too much, or is overturned too often, goes back into shadow and says so.

A rule is a detector of a clause. What is in shadow is seen and counted, so that what it would do can be read before it does it.
"""

import re
from collections.abc import Mapping
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
    found = {
        (clause.id, detector): _Count() for clause in policy.clauses.values() for detector in clause.detectors
    }
    for one in judged:
        for key in fired_by(policy.clauses, one):
            found[key].add(one)
    rules = [
        Rule(
            clause,
            detector,
            detector in policy.clauses[clause].in_shadow,
            len(judged),
            count.fired,
            count.reviewed,
            count.overturned,
        )
        for (clause, detector), count in found.items()
    ]
    return sorted(rules, key=lambda rule: (-rule.fired, rule.clause, rule.detector))


@dataclass(slots=True)
class _Count:
    fired: int = 0
    reviewed: int = 0
    overturned: int = 0

    def add(self, one: Judged) -> None:
        self.fired += 1
        if one.overruled_by is not None and one.verdict != Verdict.PUBLISH:
            self.reviewed += 1
            self.overturned += one.overruled_by == Verdict.PUBLISH


def fired_by(clauses: Mapping[str, Clause], one: Judged) -> set[tuple[str, str]]:
    """Return the rules, as clause and detector, of which each saw enough to hold the comment."""
    return {
        (clause.id, signal["detector"])
        for signal in one.signals
        if (clause := clauses.get(signal["clause"])) is not None
        and signal["detector"] in clause.detectors
        and not signal.get("failed")
        and clause.would_weigh(signal["detector"], Target(signal["target"])) * float(signal["score"])
        >= clause.hold_at
    }


def brake(tools: Tools) -> list[Rule]:
    """Return the rules that were sent back into shadow, each by a policy published for it and an alert.

    How much a rule stops counts only in the hours after a person published a policy, and only until moderators have
    found it right: else whoever sends enough insults would switch off the rule against them.
    """
    limits = tools.engine.policy.brake
    with tools.database.read() as store:
        by_people = [row.at for row in store.policies.publications() if row.published_by != BRAKE]
    is_new = bool(by_people) and tools.now() - max(by_people) < timedelta(hours=limits.hours)
    braked = []
    for rule in rules(tools):
        if rule.in_shadow or rule.decisions < limits.decisions:
            continue
        is_reviewed = rule.reviewed >= limits.reviewed
        too_wrong = is_reviewed and rule.overturned / rule.reviewed > limits.overturned
        too_much = rule.share > limits.share and is_new and not is_reviewed
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
