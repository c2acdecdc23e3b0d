"""Turns of phrase: patterns that are tried only on texts that hold one of their words."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from moderation.engine.text import Text


@dataclass(frozen=True, slots=True, eq=False)
class Phrase:
    """A pattern over folded text, how much it says, and what it is called."""

    pattern: re.Pattern[str]
    score: float
    note: str


class Phrases:
    """Phrases by the words one of which must stand in a text before the pattern can match.

    Args:
        rows: (words, pattern, score, note) of each; a pattern matches whole words.
    """

    def __init__(self, rows: Iterable[tuple[str, str, float, str]]) -> None:
        self._by_word: dict[str, list[Phrase]] = defaultdict(list)
        for words, pattern, score, note in rows:
            phrase = Phrase(re.compile(rf"(?<!\w)(?:{pattern})(?!\w)"), score, note)
            for word in words.split():
                self._by_word[word].append(phrase)
        self._words = frozenset(self._by_word)

    def seen(self, text: Text) -> Iterator[tuple[Phrase, int, int]]:
        """Yield (phrase, start, end) for each place of the folded text where a phrase stands."""
        here = self._words & text.vocabulary
        if here:
            for phrase in dict.fromkeys(phrase for word in here for phrase in self._by_word[word]):
                for match in phrase.pattern.finditer(text.folded):
                    yield phrase, match.start(), match.end()
