"""Who is spoken of in a text: names, pronouns and peoples, found once and placed in its sentences."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from operator import itemgetter
from typing import NamedTuple

from moderation.engine import clauses
from moderation.engine.cues import cue_among
from moderation.engine.names import names_of
from moderation.engine.pronouns import AM_OR_ART, Grammar, grammar_of, pronouns_of
from moderation.engine.text import Text, remembered
from moderation.engine.types import Context, Target

_QUOTES = re.compile(r'"([^"\n]{1,400})"|(?<!\w)\'([^\'\n]{3,400})\'(?!\w)')
_REACH = 30  # words on each side of the words in question, in the same sentence
NAMED = frozenset([Target.READER, Target.WRITER, Target.PUBLIC_FIGURE])


class Mention(NamedTuple):
    """Somebody spoken of, as words `[first, last)` of the text."""

    target: Target
    first: int
    last: int
    name: str
    of_thing: bool = False


class Scene:
    """The mentions of a text in its context."""

    def __init__(self, text: Text, context: Context) -> None:
        self.text, self.context = text, context
        language = self.language = context.policy.languages.language_of(text)
        self.grammar: Grammar = grammar_of(language)
        self.words = text.word_list
        self.starts = list(map(itemgetter(1), text.words))
        self.names = names_of(context, language)
        self.pronouns = pronouns_of(language)
        folded = text.folded
        self.quotes = [m.span() for m in _QUOTES.finditer(folded)] if '"' in folded or "'" in folded else []

    @remembered
    def mentions(self) -> list[Mention]:
        """Return everybody the text speaks of, by position."""
        return list(self._mentions())

    @remembered
    def firsts(self) -> list[int]:
        """Return the first word of each mention."""
        return [mention.first for mention in self.mentions]

    def _end_of(self, last: int) -> int:
        return self.text.words[last - 1][2] if last else 0

    def _last_named(self, first: int) -> Mention | None:
        """Return whom the sentence before named, where it named one."""
        earlier = [m for m in self.mentions[: bisect_left(self.firsts, first)] if m.target in NAMED]
        if earlier and first - earlier[-1].first <= _REACH and earlier[-1].name not in self.pronouns:
            return earlier[-1]
        return None

    def _sentence(self, start: int) -> tuple[int, int, int]:
        """Return the first word of the sentence around a place and the one after its last, and the word at the place.

        Of a very long sentence only the words within reach count.
        """
        begin, end = self.text.sentence_around(start)
        starts = self.starts
        here = bisect_left(starts, start)
        first = bisect_left(starts, begin, 0, here)
        last = bisect_left(starts, end, here)
        return max(first, here - _REACH), min(last, here + _REACH), here

    def _between(self, first: int, last: int) -> list[Mention]:
        return self.mentions[bisect_left(self.firsts, first) : bisect_left(self.firsts, last)]

    def _end(self, mention: Mention) -> int:
        return self.text.words[mention.last - 1][2]

    def _after(self, mention: Mention) -> str:
        end = self._end(mention)
        return self.text.folded[end : end + 2]

    def _in_quotes(self, start: int, end: int) -> bool:
        return any(first < start and end < last for first, last in self.quotes)

    def _start_of(self, place: int, default: int) -> int:
        return self.starts[place] if place < len(self.starts) else default

    def _mentions(self) -> Iterator[Mention]:
        """Yield everybody the text speaks of, by position; a longer name covers a shorter one."""
        words, folded, grammar = self.words, self.text.folded, self.grammar
        single, beginning = self.names.words, self.names.phrases
        offices = self.context.policy.people.offices
        freely_spelled = self.language == "hy-latn"
        others = "@" in folded or not folded.isascii()
        covered = 0
        for place in self._places_of_names(others=others):
            if place < covered:
                continue
            word = words[place]
            if word in beginning:
                second = words[place + 1].removesuffix("'s") if place + 1 < len(words) else ""
                for phrase, length, target in beginning[word].get(second, ()):
                    if self._stands_here(phrase, length, place):
                        covered = place + length
                        yield Mention(target, place, covered, phrase)
                        break
                if place < covered:
                    continue
            whom = self._i_or_art(place) if word in AM_OR_ART else single.get(word)
            if whom is None:
                if word.endswith("'s"):
                    whom = single.get(word[:-2])
                if whom is None and freely_spelled and len(word) > 4:
                    whom = next(
                        (single[word[:-cut]] for cut in (1, 2) if single.get(word[:-cut]) in NAMED), None
                    )
                if whom is None and others:
                    whom = self._other(place, word)
                if whom is None:
                    continue
            if word == "un" and whom is Target.PUBLIC_FIGURE:
                span = self.text.original_span(self.starts[place], self.starts[place] + 2)
                if self.text.original[span.start : span.end] != "UN":
                    continue
            before = words[place - 1] if place else ""
            if (
                whom is Target.READER
                and word in grammar.possessive
                and (cue_among(words[place + 1 : place + 2], self.language) or ("",))[0] is Target.WRITER
            ):
                whom = Target.WRITER  # "your newsroom"
            elif whom is Target.WRITER and self._is_of_a_people(place):
                whom = Target.GROUP  # "a Turkish journalist" is not the one who wrote here
            elif before == "по" and word in self.pronouns:
                continue  # "по-моему"
            elif whom is Target.GROUP and before in ("we", "us", "our"):
                whom = Target.SELF
            elif whom is Target.PUBLIC_FIGURE and before in clauses.ANY and word in offices:
                whom = Target.GROUP  # "what is a politician?"
            yield Mention(whom, place, place + 1, word)

    def _is_of_a_people(self, place: int) -> bool:
        """Tell whether the people's name before a word tells another person from "this Armenian journalist" here."""
        if not place:
            return False
        before = self.words[place - 1]
        people = self.names.words.get(before) or (None if before.isascii() else self.names.inflected(before))
        if people is not Target.GROUP:
            return False
        return place < 2 or self.words[place - 2] not in clauses.THIS

    def _places_of_names(self, *, others: bool) -> Iterable[int]:
        """Return the places at which a name can begin; where there are `others` than plain ones, all."""
        words = self.words
        if others:
            return range(len(words))
        named = self.names.known & self.text.vocabulary
        if self.language == "hy-latn":
            return [
                at for at, word in enumerate(words) if word in named or word.endswith(("'s", "y", "n", "in"))
            ]
        if "'s " in self.text.plain:
            return [at for at, word in enumerate(words) if word in named or word.endswith("'s")]
        return [at for at, word in enumerate(words) if word in named]

    def _other(self, place: int, word: str) -> Target | None:
        """Return whom an inflected name or an @name stands for."""
        start = self.starts[place]
        if start and self.text.folded[start - 1] == "@":
            return Target.READER
        return None if word.isascii() else self.names.inflected(word)

    def _stands_here(self, phrase: str, length: int, place: int) -> bool:
        """Tell whether a name of several words stands at this place, whole."""
        start, after = self.starts[place], place + length
        if not self.text.folded.startswith(phrase, start):
            return False
        return after >= len(self.starts) or self.starts[after] > start + len(phrase)

    def _i_or_art(self, place: int) -> Target | None:
        """Return what Armenian "es" means: "I" at the beginning, "art" behind something."""
        if self.words[place] == "es" and self.context.policy.languages.language_of(self.text) != "hy-latn":
            return None
        first, _, _ = self._sentence(self.starts[place])
        return Target.SELF if place == first else Target.READER
