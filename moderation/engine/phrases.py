"""Turns of phrase: patterns that are tried only on texts that hold one of their words."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from moderation.engine.text import Text

# The words most often written in English comments, the most frequent first: what a phrase is looked for by should be rarer.
_FREQUENT_WORDS = (
    "the to a and you of i is in that it for are on this be have not with they but as all was your so if just we or he do "
    "what no about people at can who from will their an like by don't my one would there up out get when them more has his "
    "how should why because think only our she me know now want us go even were then her him had these too you're make need "
    "it's right been other say never way any that's going could good i'm those than over every must always same does back "
    "man well see men women black white let look time still take find"
)
_FREQUENT = {word: 100 / rank for rank, word in enumerate(_FREQUENT_WORDS.split(), 2)}


def _frequency(words: frozenset[str]) -> float:
    """Return how often, in comments, one of these words may stand there; only good for comparing."""
    return sum(_FREQUENT.get(word, 0.05) for word in words)


@dataclass(frozen=True, slots=True, eq=False)
class Phrase:
    """A pattern over folded text, how much it says, and what it is called.

    One word of each of `needs` must stand in a text before the pattern can match; it is looked for by the first, the
    rarest. `others` are the rest of them.
    """

    pattern: re.Pattern[str]
    score: float
    note: str
    needs: tuple[frozenset[str], ...] = ()
    others: tuple[frozenset[str], ...] = ()


class Index:
    """The words by which the phrases of several tables are looked for, so that a text is asked for all of them once."""

    def __init__(self) -> None:
        self._by_word: dict[str, list[tuple[Phrases, Phrase]]] = defaultdict(list)
        self._words: frozenset[str] = frozenset()
        self._key = f"phrases of {id(self)}"

    def add(self, table: "Phrases") -> None:
        """Take in the phrases of a table."""
        for phrase in table.phrases:
            for word in phrase.needs[0]:
                self._by_word[word].append((table, phrase))
        self._words = frozenset(self._by_word)

    def possible(self, text: Text, table: "Phrases") -> Mapping[Phrase, list[str]]:
        """Return the phrases of a table that a text has the words for, with those of them it is looked for by."""
        kept: dict[Phrases, dict[Phrase, list[str]]] | None = text.__dict__.get(self._key)
        if kept is None:
            kept = text.__dict__[self._key] = self._all_possible(text.vocabulary)
        return kept.get(table, _NOTHING)

    def _all_possible(self, vocabulary: frozenset[str]) -> dict["Phrases", dict[Phrase, list[str]]]:
        possible: dict[Phrases, dict[Phrase, list[str]]] = {}
        for word in vocabulary & self._words:
            for table, phrase in self._by_word[word]:
                for need in phrase.others:
                    if need.isdisjoint(vocabulary):
                        break
                else:
                    possible.setdefault(table, {}).setdefault(phrase, []).append(word)
        return possible


_NOTHING: Mapping[Phrase, list[str]] = {}
_COMMON = Index()


class Phrases:
    """Phrases by the words that must stand in a text before the pattern can match.

    Args:
        rows: (words, pattern, score, note) of each; a pattern matches whole words. One of `words` must be there;
            where `&` parts them, one of each part.
        index: where they are looked for; a table that does not live as long as the program needs its own.
    """

    def __init__(self, rows: Iterable[tuple[str, str, float, str]], index: Index = _COMMON) -> None:
        self.phrases = [_phrase(*row) for row in rows]
        self._index = index
        index.add(self)

    def seen(self, text: Text) -> Iterator[tuple[Phrase, int, int]]:
        """Yield (phrase, start, end) for each place of the folded text where a phrase stands."""
        for phrase, words in self._index.possible(text, self).items():
            yield from _places(phrase, words, text)


def _phrase(words: str, pattern: str, score: float, note: str) -> Phrase:
    needs = tuple(sorted((frozenset(part.split()) for part in words.split("&")), key=_frequency))
    return Phrase(re.compile(rf"(?<!\w)(?:{pattern})(?!\w)"), score, note, needs, needs[1:])


def _places(phrase: Phrase, words: list[str], text: Text) -> Iterator[tuple[Phrase, int, int]]:
    """Yield each place of a phrase in the sentences that hold one of these words and all that it needs."""
    if text.is_short:
        for match in phrase.pattern.finditer(text.folded):
            yield phrase, match.start(), match.end()
        return
    found: set[int] = set()  # stretches may overlap, and hold several of a phrase's words
    for word in words:
        for first, last, here in text.stretches_with(word):
            if any(map(here.isdisjoint, phrase.needs)):
                continue
            for match in phrase.pattern.finditer(text.folded, first, last):
                if match.start() not in found:
                    found.add(match.start())
                    yield phrase, match.start(), match.end()


def any_of(words: Iterable[str]) -> str:
    """Return a pattern for any of these words, common beginnings written once: `re` tries alternatives one by one."""
    endings: dict[str, list[str]] = defaultdict(list)
    for word in sorted(set(words)):
        endings[word[:1]].append(word[1:])
    branches = [
        re.escape(first) + (rest[0] and re.escape(rest[0]) if len(rest) == 1 else any_of(rest))
        for first, rest in endings.items()
        if first
    ]
    if not branches:
        return ""
    return f"(?:{'|'.join(branches)}){'?' if '' in endings else ''}"
