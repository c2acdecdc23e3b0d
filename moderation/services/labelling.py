"""Labelled rows: what moderators decided and what feedback said, and which of it may train a model."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import get_args

from moderation.classifier.recipe import Label
from moderation.engine.policy import Policy
from moderation.engine.text import Text, unreadable_because
from moderation.engine.types import Verdict
from moderation.errors import InvalidInput, NotFound
from moderation.services import Tools
from moderation.store.tables import Comment, LabelledDecision
from moderation.store.unit_of_work import Store

MODERATOR, APPEAL, FEEDBACK = "moderator", "appeal", "feedback"
BY_MODERATORS = (MODERATOR, APPEAL)  # an appeal is answered by a moderator too, and by another one
_LABELS: tuple[str, ...] = get_args(Label)
_LONGEST_WHO = 100
_CASE_FROM = 0.5  # of feedback's scores, as of raters' shares


@dataclass(frozen=True, slots=True)
class Limits:
    """What keeps learning honest.

    `fewest` rows are needed to train. A share `held_out` of the comments never trains. Of one author at most
    `of_author` rows train, the newest; of one person who judged at most `of_person`, or as many as of all others.
    """

    fewest: int = 200
    held_out: float = 0.2
    of_author: int = 20
    of_person: int = 500


@dataclass(frozen=True, slots=True)
class Row:
    """A labelled row: whose judgement counts on one text, and what it says of each label it answers."""

    label: LabelledDecision
    comment: Comment | None
    values: Mapping[str, float]

    @property
    def text(self) -> str:
        """Return the text judged."""
        return self.comment.body if self.comment is not None else self.label.body

    @property
    def key(self) -> str:
        """Return the comment's id, or that of the feedback."""
        return self.label.comment_id or self.label.id


@dataclass(frozen=True, slots=True)
class Lessons:
    """The rows that may train, those held out from training, and how many were left out, by reason."""

    training: tuple[Row, ...]
    held_out: tuple[Row, ...]
    left_out: Mapping[str, int]


def add_feedback(
    tools: Tools,
    text: str,
    scores: Mapping[str, float],
    who: str,
    *,
    comment_id: str | None = None,
    request_id: str = "",
) -> LabelledDecision:
    """Return what a program or reader said of a text, stored as a labelled row.

    Args:
        tools: the tools of this process.
        text: what was judged. A copy is kept for `feedback_days` unless it is the comment named.
        scores: by label of the models, 0 (surely not) to 1.
        who: whose judgement it is, an id: it is capped by it.
        comment_id: the comment judged, where it is stored here.
        request_id: the request it came in.

    Raises:
        InvalidInput, NotFound.
    """
    now = tools.now()
    policy = tools.engine.policy
    _check_feedback(text, scores, who, policy.limits.longest_comment)
    clause = _clause_of(scores, policy)
    with tools.database.begin() as store:
        comment = store.comments.get(comment_id) if comment_id is not None else None
        if comment_id is not None and comment is None:
            raise NotFound("There is no such comment.")
        if comment is not None and comment.body != text:
            raise InvalidInput(
                "The text is not that of the comment as it stands.", {"text": ["Send the comment's text."]}
            )
        label = store.comments.add_label(
            LabelledDecision(
                comment_id=comment.id if comment else None,
                revision=comment.revision if comment else None,
                who=who,
                verdict=(Verdict.REJECT if clause else Verdict.PUBLISH).value,
                clause=clause,
                source=FEEDBACK,
                scores={name: float(score) for name, score in scores.items()},
                body="" if comment else text,
                body_until=None if comment else now + timedelta(days=tools.settings.feedback_days),
                at=now,
            )
        )
        store.audit.append(
            at=now,
            actor=who,
            action="feedback.given",
            subject=f"feedback:{label.id}",
            detail={"scores": label.scores, "clause": clause},
            request_id=request_id,
        )
    return label


def _check_feedback(text: str, scores: Mapping[str, float], who: str, longest: int) -> None:
    problems: dict[str, list[str]] = {}
    if problem := unreadable_because(text, longest):
        problems["text"] = [f"The text {problem}."]
    if not scores or not all(name in _LABELS and 0 <= score <= 1 for name, score in scores.items()):
        problems["scores"] = [f"Give numbers from 0 to 1 for some of {', '.join(_LABELS)}."]
    if not (who.isprintable() and not any(map(str.isspace, who)) and 1 <= len(who) <= _LONGEST_WHO):
        problems["who"] = [f"who must be an id of 1 to {_LONGEST_WHO} characters."]
    if problems:
        raise InvalidInput("The feedback could not be taken. Correct what is named.", problems)


def _clause_of(scores: Mapping[str, float], policy: Policy) -> str | None:
    """Return the clause of the label that most speaks for a case, if one does."""
    cases = [
        (score, label) for label, score in scores.items() if score >= _CASE_FROM and label in policy.learned
    ]
    return policy.learned[max(cases)[1]] if cases else None


def forget_feedback(tools: Tools, text: str, by: str) -> int:
    """Empty the copies of exactly this text that came with feedback; return how many there were."""
    now = tools.now()
    with tools.database.begin() as store:
        count = store.comments.forget_feedback(text) if text else 0
        store.audit.append(
            at=now, actor=by, action="feedback.forgotten", subject="feedback", detail={"rows": count}
        )
    return count


def forget_due(tools: Tools) -> int:
    """Empty the copies whose time is over; return how many."""
    now = tools.now()
    with tools.database.read() as store:
        if not store.comments.has_due_feedback(now):
            return 0
    with tools.database.begin() as store:
        return store.comments.forget_due_feedback(now)


def lessons(tools: Tools, limits: Limits | None = None) -> Lessons:
    """Return the labelled rows there are: one for each text, capped, and a share of the comments held out.

    Of several judgements on one comment a moderator's counts before feedback, and the latest before others. What was
    erased or withdrawn, was changed since it was judged, or answers no label of a model is left out.
    """
    limits = limits or Limits()
    policy, left_out = tools.engine.policy, Counter[str]()
    chosen: dict[str, Row] = {}
    with tools.database.read() as store:
        for label, comment in _all_labels(store):
            if reason := _unusable_because(label, comment):
                left_out[reason] += 1
                continue
            row = Row(label, comment, _values(label, policy))
            before = chosen.get(row.key)
            if before is not None:
                left_out["judged again"] += 1
                if before.label.source in BY_MODERATORS and label.source not in BY_MODERATORS:
                    continue
            chosen[row.key] = row
    rows = [row for row in chosen.values() if row.values]
    left_out["answers no label"] += len(chosen) - len(rows)
    held_out = [row for row in rows if row.comment is not None and _is_held_out(row.key, limits.held_out)]
    # The same words under another id would train what is to be measured.
    kept = {Text(row.text).folded for row in held_out}
    apart = {row.key for row in held_out}
    rest = [row for row in rows if row.key not in apart]
    training = [row for row in rest if Text(row.text).folded not in kept]
    left_out["same words as one held out"] += len(rest) - len(training)
    capped = _capped(training, limits)
    left_out["capped"] += len(training) - len(capped)
    measured = [row for row in held_out if row.label.source in BY_MODERATORS]
    return Lessons(tuple(capped), tuple(measured), {name: n for name, n in left_out.items() if n})


def _all_labels(store: Store) -> Iterable[tuple[LabelledDecision, Comment | None]]:
    after: str | None = None
    while True:
        page = store.comments.labels(after=after)
        yield from page.items
        after = page.next
        if after is None:
            return


def _unusable_because(label: LabelledDecision, comment: Comment | None) -> str:
    if comment is None and (label.comment_id is not None or not label.body):
        return "text gone"
    if comment is not None and comment.state == "withdrawn":
        return "withdrawn"
    if comment is not None and comment.revision != label.revision:
        return "changed since"
    return "held" if label.verdict == Verdict.HOLD else ""


def _values(label: LabelledDecision, policy: Policy) -> dict[str, float]:
    """Return what the judgement says of each label.

    Approval answers for every clause; a rejection for the one named, and says nothing of the others. Nobody was asked
    about `toxicity`, which stands for no clause.
    """
    if label.source == FEEDBACK:
        return {name: float(score) for name, score in label.scores.items() if name in _LABELS}
    approved = label.verdict == Verdict.PUBLISH
    return {
        name: 0.0 if approved else 1.0
        for name, clause in policy.learned.items()
        if name in _LABELS and (approved or clause == label.clause)
    }


def _is_held_out(key: str, share: float) -> bool:
    return int(hashlib.sha256(f"held out {key}".encode()).hexdigest()[:8], 16) < share * 2**32


def _capped(rows: Sequence[Row], limits: Limits) -> list[Row]:
    """Return the rows without the oldest of whoever has too many."""
    newest_first = sorted(rows, key=lambda row: (row.label.at, row.label.id), reverse=True)
    of_author, kept = Counter[str](), []
    for row in newest_first:
        author = row.comment.author_id if row.comment is not None else ""
        of_author[author] += 1
        if not author or of_author[author] <= limits.of_author:
            kept.append(row)
    of_person = Counter(row.label.who for row in kept)
    most = {who: max(limits.of_person, len(kept) - count) for who, count in of_person.items()}
    seen, found = Counter[str](), []
    for row in kept:
        seen[row.label.who] += 1
        if seen[row.label.who] <= most[row.label.who]:
            found.append(row)
    return found[::-1]


def digest_of_rows(rows: Iterable[Row]) -> str:
    """Return the digest of ids and labels, which names the rows and holds no word of them."""
    lines = sorted(
        json.dumps(
            [row.key, row.label.id, row.label.revision, row.label.verdict, row.label.clause, row.values]
        )
        for row in rows
    )
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
