"""What a text is, apart from what a policy makes of it: evidence for those who ask for scores and decide themselves."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import StatisticsError, correlation

from moderation.engine import Engine
from moderation.engine.policy import Policy
from moderation.engine.text import Text
from moderation.engine.types import UNREAD_LANGUAGE, Context, Decision, Submission, Target
from moderation.errors import ModerationError

LONGEST_SENTENCES = 500  # of a text that are scored one by one; the rest are its last one
# Said of oneself or by somebody else, it is no evidence against the one who writes.
_NOT_THE_WRITERS = (Target.SELF, Target.QUOTED)
_PEOPLE = {Target.READER: "attack-on-reader", Target.WRITER: "attack-on-writer"}
_OFFENCES = ("personal-attack", "profanity", "identity-attack", "threat")


class NotScored(ModerationError):
    """A check that should have answered did not: a score without it would be a guess."""

    code, status, title = "not-scored", 503, "Not available right now"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for each offence, from 0 to 1; of a text that is not `read`, nothing can be said.

    An offence is a clause of the policy, or `toxicity`, `attack-on-reader`, `attack-on-writer`.
    """

    scores: Mapping[str, float]
    read: bool


def score_texts(engine: Engine, texts: Sequence[str], now: datetime) -> list[Evidence]:
    """Return the evidence in each text, each read by itself; nothing is stored.

    Raises:
        NotScored: a detector or model failed.
    """
    policy = engine.policy
    context = Context(policy=policy, now=now)
    pairs = [(Submission(site_id="", body=body, source="check", received_at=now), context) for body in texts]
    return [_evidence(decision, policy) for decision in engine.decide_many(pairs)]


def languages_read(policy: Policy) -> frozenset[str]:
    """Return the languages whose words we know, as the first part of a BCP 47 tag."""
    return frozenset(language.partition("-")[0] for language in policy.lexicon.languages)


def sentences_of(body: str) -> list[tuple[int, int]]:
    """Return the sentences of a text as (start, end) without the blanks around them."""
    text = Text(body)
    spans = [text.original_span(*sentence) for sentence in text.sentences]
    found = []
    for start, end in spans:
        said = body[start:end]
        begin = start + len(said) - len(said.lstrip())
        if said.strip():
            found.append((begin, begin + len(said.strip())))
    if len(found) > LONGEST_SENTENCES:
        found[LONGEST_SENTENCES - 1 :] = [(found[LONGEST_SENTENCES - 1][0], found[-1][1])]
    return found


@dataclass(frozen=True, slots=True)
class Equivalent:
    """A threshold on other scores, ours over which as many texts lie, their share, and that of the texts on the same side."""

    old: float
    new: float
    share: float
    agreement: float


def equivalents(old: Sequence[float], new: Sequence[float], thresholds: Sequence[float]) -> list[Equivalent]:
    """Return our equivalent of each threshold on other scores of the same texts, which must not be none."""
    ascending = sorted(new)
    found = []
    for threshold in thresholds:
        over = sum(score >= threshold for score in old)
        # As many of ours lie at or over the score at this place; where scores are equal, more.
        ours = ascending[len(ascending) - over] if over else 1.0
        same = sum((a >= threshold) == (b >= ours) for a, b in zip(old, new, strict=True))
        found.append(Equivalent(threshold, ours, over / len(old), same / len(old)))
    return found


def rank_correlation(old: Sequence[float], new: Sequence[float]) -> float:
    """Return Spearman's rank correlation, equal scores sharing their rank; 0 where all scores of one side are equal."""
    try:
        return correlation(_ranks(old), _ranks(new))
    except StatisticsError:
        return 0.0


def _ranks(scores: Sequence[float]) -> list[float]:
    ascending = sorted(scores)
    return [(bisect_left(ascending, score) + bisect_right(ascending, score)) / 2 for score in scores]


def _evidence(decision: Decision, policy: Policy) -> Evidence:
    if any(signal.failed for signal in decision.signals):
        raise NotScored("A check did not answer, and without it there is no score. Ask again.")
    # A head counts where the policy relies on it; what is in shadow is not yet known to be right.
    scores = {
        label: score
        for label, score in decision.opinions.items()
        if (clause := policy.clauses.get(policy.learned.get(label, ""))) is not None
        and clause.detectors.get("learned")
    }
    for signal in decision.signals:
        clause = policy.clauses.get(signal.clause)
        if signal.detector == "learned" or signal.target in _NOT_THE_WRITERS or clause is None:
            continue
        # Whom it is aimed at counts as in the policy: a bare insult at a minister is less than one at a reader.
        score = signal.score * clause.targets.get(signal.target, 1.0)
        scores[signal.clause] = max(score, scores.get(signal.clause, 0.0))
        if signal.clause == "personal-attack" and signal.target in _PEOPLE:
            whom = _PEOPLE[signal.target]
            scores[whom] = max(score, scores.get(whom, 0.0))
    toxicity = decision.opinions.get("toxicity", 0.0)
    scores["toxicity"] = max(toxicity, *(scores.get(clause, 0.0) for clause in _OFFENCES))
    return Evidence(scores, read=all(signal.clause != UNREAD_LANGUAGE for signal in decision.signals))
