"""Which characters of a comment are marked as offending, against those that people marked (toxic_spans).

F1 is that of SemEval-2021 task 5: by character, for each comment, then the mean; where people marked nothing it is
1 if nothing is marked and 0 otherwise.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from moderation.classifier.artefact import LinearScorer
from moderation.engine.lexicon import Lexicon
from moderation.engine.text import Text
from moderation.engine.types import Span

SOURCE = "toxic_spans"
_LABEL = "toxicity"
_THRESHOLDS = (0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
_BONUSES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7)


@dataclass(frozen=True, slots=True)
class Marked:
    """A comment, the characters that people marked, what each word adds to the log-odds, and the lexicon's words."""

    original: str
    gold: frozenset[int]
    shares: Sequence[tuple[Span, float]]
    listed: Sequence[Span]


@dataclass(frozen=True, slots=True)
class Rule:
    """Mark words whose share, with a bonus where the lexicon has them, reaches the threshold; else the highest one."""

    threshold: float
    bonus: float

    def marks(self, row: Marked) -> list[Span]:
        """Return the marked stretches."""
        worth = [
            (
                share
                + self.bonus * any(span.start < other.end and other.start < span.end for other in row.listed),
                span,
            )
            for span, share in row.shares
        ]
        reached = [span for value, span in worth if value >= self.threshold]
        return reached or ([max(worth)[1]] if worth else [])


def read_marked(path: Path, scorer: LinearScorer, lexicon: Lexicon) -> list[Marked]:
    """Return the rows of a file that have marks, in order."""
    table = pq.read_table(path, columns=["source", "text", "spans"]).to_pydict()
    rows = []
    for source, original, spans in zip(table["source"], table["text"], table["spans"], strict=True):
        if source != SOURCE or spans is None:
            continue
        text = Text(original)
        shares = [
            (text.original_span(start, end), share)
            for start, end, share in scorer.contributions(text.folded, _LABEL)
        ]
        listed = [text.original_span(match.start, match.end) for match in lexicon.matches(text)]
        rows.append(Marked(original, frozenset(json.loads(spans)), shares, listed))
    return rows


def characters(spans: Iterable[Span]) -> set[int]:
    """Return the marked characters; a gap of one or two between words, a blank or a comma, is marked with them."""
    marked: set[int] = set()
    end = None
    for span in sorted(spans):
        joined = end is not None and end < span.start <= end + 2
        marked.update(range(end if joined and end is not None else span.start, span.end))
        end = span.end
    return marked


def f1(marked: set[int], gold: frozenset[int]) -> float:
    """Return the F1 of one comment."""
    if not gold or not marked:
        return float(not gold and not marked)
    return 2 * len(marked & gold) / (len(marked) + len(gold))


def mean_f1(rows: Sequence[Marked], marks: Callable[[Marked], Iterable[Span]]) -> float:
    """Return the mean F1 of a way of marking."""
    return float(np.mean([f1(characters(marks(row)), row.gold) for row in rows]))


def tuned(rows: Sequence[Marked]) -> Rule:
    """Return the rule that does best on these rows, which must be of the training file."""
    rules = [Rule(threshold, bonus) for threshold in _THRESHOLDS for bonus in _BONUSES]
    return max(rules, key=lambda rule: mean_f1(rows, rule.marks))
