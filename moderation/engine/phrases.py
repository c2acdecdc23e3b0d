"""Turns of phrase: patterns that are tried only on texts that hold one of their words."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar

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
    """A pattern over folded text, how much it says, and what it is called."""

    pattern: re.Pattern[str]
    score: float
    note: str
    needs: tuple[frozenset[str], ...] = ()


class Phrases:
    """Phrases by the words that must stand in a text before the pattern can match.

    Args:
        rows: (words, pattern, score, note) of each; a pattern matches whole words. One of `words` must be there;
            where `&` parts them, one of each part.

    A phrase is looked for by its rarest part; `words` are these parts of all phrases together. The words of all phrases
    there are make one set, so that a text is asked for them once.
    """

    all_words: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, rows: Iterable[tuple[str, str, float, str]]) -> None:
        self._by_word: dict[str, list[Phrase]] = defaultdict(list)
        for words, pattern, score, note in rows:
            parts = tuple(sorted((frozenset(part.split()) for part in words.split("&")), key=_frequency))
            phrase = Phrase(re.compile(rf"(?<!\w)(?:{pattern})(?!\w)"), score, note, parts)
            for word in parts[0]:
                self._by_word[word].append(phrase)
        self.words = frozenset(self._by_word)
        Phrases.all_words |= self.words

    def seen(self, text: Text) -> Iterator[tuple[Phrase, int, int]]:
        """Yield (phrase, start, end) for each place of the folded text where a phrase stands."""
        known = text.__dict__.get("phrase words")
        if known is None or known[0] is not Phrases.all_words:
            known = text.__dict__["phrase words"] = (Phrases.all_words, text.vocabulary & Phrases.all_words)
        here = known[1] & self.words
        if not here:
            return
        folded, vocabulary = text.folded, text.vocabulary
        found: set[tuple[Phrase, int]] = set()  # stretches may overlap, and hold several of a phrase's words
        for word in here:
            phrases = [phrase for phrase in self._by_word[word] if _has_all(phrase.needs, vocabulary)]
            for first, last, words in text.stretches_with(word) if phrases else ():
                for phrase in phrases:
                    if words is not vocabulary and not _has_all(phrase.needs, words):
                        continue
                    for match in phrase.pattern.finditer(folded, first, last):
                        if (phrase, match.start()) not in found:
                            found.add((phrase, match.start()))
                            yield phrase, match.start(), match.end()


def _has_all(needs: tuple[frozenset[str], ...], words: frozenset[str]) -> bool:
    """Tell whether there is a word of each part."""
    return not any(map(words.isdisjoint, needs))


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
