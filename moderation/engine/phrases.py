"""Turns of phrase: patterns that are tried only on texts that hold one of their words."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from moderation.engine.text import Text

_LONG = 200  # characters, from which it pays to look only at the sentences that hold such a word


@dataclass(frozen=True, slots=True, eq=False)
class Phrase:
    """A pattern over folded text, how much it says, and what it is called."""

    pattern: re.Pattern[str]
    score: float
    note: str
    needs: tuple[frozenset[str], ...]


class Phrases:
    """Phrases by the words that must stand in a text before the pattern can match.

    Args:
        rows: (words, pattern, score, note) of each; a pattern matches whole words. One of `words` must be there;
            where `&` parts them, one of each part.

    `words` are all first parts together.
    """

    def __init__(self, rows: Iterable[tuple[str, str, float, str]]) -> None:
        self._by_word: dict[str, list[tuple[int, Phrase]]] = defaultdict(list)
        for number, (words, pattern, score, note) in enumerate(rows):
            first, *others = (frozenset(part.split()) for part in words.split("&"))
            phrase = Phrase(re.compile(rf"(?<!\w)(?:{pattern})(?!\w)"), score, note, tuple(others))
            for word in first:
                self._by_word[word].append((number, phrase))
        self.words = frozenset(self._by_word)

    def seen(self, text: Text) -> Iterator[tuple[Phrase, int, int]]:
        """Yield (phrase, start, end) for each place of the folded text where a phrase stands."""
        vocabulary, folded = text.vocabulary, text.folded
        here = self.words & vocabulary
        if not here:
            return
        tried: set[int] = set()
        places: list[tuple[int, int]] | None = None
        for word in here:
            for number, phrase in self._by_word[word]:
                if number in tried:
                    continue
                tried.add(number)
                for part in phrase.needs:
                    if part.isdisjoint(vocabulary):
                        break
                else:
                    if places is None:
                        places = text.sentences_with(here) if len(folded) > _LONG else [(0, len(folded))]
                    for first, last in places:
                        for match in phrase.pattern.finditer(folded, first, last):
                            yield phrase, match.start(), match.end()
