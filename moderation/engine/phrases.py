"""Turns of phrase: patterns that are tried only on texts that hold one of their words."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from moderation.engine.text import Text


@dataclass(frozen=True, slots=True)
class Phrase:
    """A pattern over folded text, how much it says, and what it is called; without one of `words` it cannot match."""

    words: frozenset[str]
    pattern: re.Pattern[str]
    score: float
    note: str


def phrases(rows: Iterable[tuple[str, str, float, str]]) -> tuple[Phrase, ...]:
    """Return the compiled phrases of (words, pattern, score, note) rows; a pattern matches whole words."""
    return tuple(
        Phrase(frozenset(words.split()), re.compile(rf"(?<!\w)(?:{pattern})(?!\w)"), score, note)
        for words, pattern, score, note in rows
    )


def seen(known: Iterable[Phrase], text: Text) -> Iterator[tuple[Phrase, int, int]]:
    """Yield (phrase, start, end) for each place of the folded text where a phrase stands."""
    vocabulary = text.vocabulary
    for phrase in known:
        if not phrase.words.isdisjoint(vocabulary):
            for match in phrase.pattern.finditer(text.folded):
                yield phrase, match.start(), match.end()
