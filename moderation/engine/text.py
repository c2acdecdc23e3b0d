"""Text as the engine reads it: the original, its folded form, words, sentences, scripts, and the way back."""

import re
import string
import unicodedata
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Mapping
from itertools import accumulate
from operator import itemgetter, sub
from typing import Any, Generic, NamedTuple, TypeVar

from ahocorasick_rs import AhoCorasick, Implementation

from moderation.engine.disguises import Disguise, readings, shape_of, suspicions
from moderation.engine.folding import (
    FEW,
    SCRIPT_OF,
    digits_as_letters,
    fold_ascii,
    fold_unicode,
    is_visible,
    odd_characters,
    way_back,
)
from moderation.engine.types import Span

T = TypeVar("T")

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_ASCII_LETTERS = string.ascii_letters.encode()
# Three of a sign in a row; of ASCII in one pass without looking back.
_OTHER_RUN = re.compile(r"([^\x00-\x7f])\1\1")
_SIGNS_IN_RUNS = [chr(point) for point in range(0x21, 0x7F)]
_RUNS = AhoCorasick([3 * sign for sign in _SIGNS_IN_RUNS], implementation=Implementation.DFA)
_BEYOND_ASCII = re.compile("[^\x00-\x7f’“”‘]+")
_SENTENCE = re.compile(r"[^.!?;\n։]+[.!?;\n։]*")
_SURROGATE = re.compile("[\ud800-\udfff]")
_DRAWN_OUT, _FOREIGN = frozenset(["drawn out"]), frozenset(["foreign"])
_SHORT = 200  # characters, up to which it does not pay to tell sentences apart
_MARGIN = 40  # characters, longer than any abbreviation with what follows it


def _word_sign(point: int) -> str:
    char = chr(point)
    return char if char.isalnum() or char == "'" else " "


class remembered(Generic[T]):  # noqa: N801  a decorator
    """Work out an attribute when it is first asked for, and keep it.

    As `functools.cached_property`, without the lock that costs more than most of what is kept here (until Python 3.12).
    """

    def __init__(self, work: Callable[[Any], T]) -> None:
        self._work = work
        self.__doc__ = work.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, owner: Any, _: type) -> T:
        value = owner.__dict__[self._name] = self._work(owner)
        return value


class _WordTable(dict[int, str]):
    """Code point to itself where it can stand in a word, else to a blank; remembered as they come."""

    def __missing__(self, point: int) -> str:
        sign = self[point] = _word_sign(point)
        return sign


_WORD_SIGN = _WordTable()
_ASCII_WORD_SIGN = "".join(map(_word_sign, range(128))).encode() + bytes(128)


def fold(original: str) -> str:
    """Return the folded form of `original`; folding twice equals folding once."""
    folded = fold_ascii(original) if original.isascii() else fold_unicode(original)
    if folded.isalpha() or "digits inside" not in suspicions(f" {shape_of(folded)} "):
        return folded
    return digits_as_letters(folded)


def words_only(folded: str) -> str:
    """Return the folded text with a blank for all that cannot stand in a word; same length."""
    if folded.isascii():
        return folded.encode().translate(_ASCII_WORD_SIGN).decode("ascii")
    odd = odd_characters(folded)
    if len(odd) > FEW or any(map(str.isalnum, odd)):
        return folded.translate(_WORD_SIGN)
    for char in odd:
        folded = folded.replace(char, " ")
    return words_only(folded)


class Stretch(NamedTuple):
    """The part `[start, end)` of a folded text, and its words."""

    start: int
    end: int
    words: frozenset[str]


class Text:
    """One comment, folded once; positions of the folded form lead back to the original.

    `plain` is the folded text with blanks for all signs, framed in blanks; `shape` (see `disguises`) is framed too, and
    `suspected` says what it gives reason to look for.
    `opinions` are the learned scores by model and label, filled in by the engine.
    """

    __slots__ = ("__dict__", "folded", "opinions", "original", "plain", "shape", "suspected")

    def __init__(self, original: str) -> None:
        self.original = original
        self.opinions: Mapping[str, Mapping[str, float]] = {}
        folded = fold_ascii(original) if original.isascii() else fold_unicode(original)
        self.shape = f" {shape_of(folded)} "
        self.suspected = suspicions(self.shape)
        if "digits inside" in self.suspected:
            folded = digits_as_letters(folded)
            self.shape = f" {shape_of(folded)} "
            self.suspected = suspicions(self.shape)
        self.folded = folded
        self.plain = f" {words_only(folded)} "

    def forget(self) -> None:
        """Drop what was remembered: it refers back to the text, which only the collector would free."""
        self.__dict__.clear()

    @property
    def _has_quotes_in_words(self) -> bool:
        """Whether an apostrophe is a quotation mark, and no part of a word."""
        plain = self.plain
        return "'" in plain and (" '" in plain or "' " in plain or "''" in plain)

    @remembered
    def word_list(self) -> list[str]:
        """Return the words of the folded text in order."""
        return _WORD.findall(self.folded) if self._has_quotes_in_words else self.plain.split()

    @remembered
    def vocabulary(self) -> frozenset[str]:
        """Return each of the words once."""
        return frozenset(self.word_list)

    @remembered
    def _way_back(self) -> Callable[[int], int] | None:
        """What leads from a folded position to the original one, worked out when a span is asked for."""
        return way_back(self.original, self.folded)

    def original_span(self, start: int, end: int) -> Span:
        """Return the stretch of the original that the folded stretch `[start, end)` came from."""
        origin = self._way_back
        if origin is None or end <= start:
            return Span(start, max(start, end))
        first, last = origin(start), origin(end - 1) + 1
        while last < len(self.original) and unicodedata.combining(self.original[last]):
            last += 1
        return Span(first, last)

    @remembered
    def words(self) -> list[tuple[str, int, int]]:
        """Return the words of the folded text as (word, start, end)."""
        if self._has_quotes_in_words:
            return [(m.group(), m.start(), m.end()) for m in _WORD.finditer(self.folded)]
        parts = self.plain.split(" ")
        lengths = list(map(len, parts))
        # Behind each part stands a blank; the blank in front of all is the frame's, and not of the folded text.
        ends = list(accumulate(map((1).__add__, lengths), initial=-2))[1:]
        words = list(zip(parts, map(sub, ends, lengths), ends, strict=True))
        return list(filter(itemgetter(0), words))

    @remembered
    def runs_of_three(self) -> list[str]:
        """Return the signs that stand three times in a row, as they must before anything is drawn out; each time anew."""
        found = _RUNS.find_matches_as_indexes(self.folded)
        runs = [_SIGNS_IN_RUNS[index] for index, _, _ in found] if found else []
        return runs if self.folded.isascii() else runs + _OTHER_RUN.findall(self.folded)

    @remembered
    def sentences(self) -> list[tuple[int, int]]:
        """Return the sentences of the folded text as (start, end)."""
        return [(m.start(), m.end()) for m in _SENTENCE.finditer(self.folded)]

    @property
    def is_short(self) -> bool:
        """Whether it does not pay to tell the sentences apart."""
        return len(self.folded) <= _SHORT

    def stretches_with(self, word: str) -> list[Stretch]:
        """Return the sentences that hold a word, with what stands around them.

        A margin on both sides, to the end of a word, lets a full stop of an abbreviation stand inside a phrase.
        """
        found = self._stretches_by_word.get(word)
        if found is None:
            found = self._stretches_by_word[word] = []
            at = self.folded.find(word)
            while at >= 0:
                sentence = self.sentence_around(at)
                found.append(self._stretches.get(sentence) or self._stretch_around(sentence))
                at = self.folded.find(word, max(sentence[1], at + 1))
        return found

    @remembered
    def _stretches_by_word(self) -> dict[str, list[Stretch]]:
        return {}

    @remembered
    def _stretches(self) -> dict[tuple[int, int], Stretch]:
        return {}

    def _stretch_around(self, sentence: tuple[int, int]) -> Stretch:
        first, last = max(0, sentence[0] - _MARGIN), self.folded.find(" ", sentence[1] + _MARGIN)
        last = last if last >= 0 else len(self.folded)
        # The plain form is framed, so that what stands at `first` in the folded one stands behind it there.
        stretch = Stretch(first, last, frozenset(self.plain[first : last + 2].split()))
        self._stretches[sentence] = stretch
        return stretch

    def sentence_around(self, start: int) -> tuple[int, int]:
        """Return the sentence that holds the folded position `start`."""
        place = bisect_right(self.sentences, (start, len(self.folded))) - 1
        if place >= 0 and self.sentences[place][0] <= start < self.sentences[place][1]:
            return self.sentences[place]
        return 0, len(self.folded)

    @remembered
    def beyond_ascii(self) -> str:
        """Return the characters of the original that are neither ASCII nor quotation marks that keyboards put there."""
        return "" if self.original.isascii() else "".join(_BEYOND_ASCII.findall(self.original))

    @remembered
    def scripts(self) -> Counter[str]:
        """Return how many letters of the original each script has."""
        plain = self.original.encode("ascii", "ignore")
        counts = Counter(LATIN=len(plain) - len(plain.translate(None, _ASCII_LETTERS)))
        for char in set(self.beyond_ascii):
            counts[SCRIPT_OF[char]] += self.beyond_ascii.count(char)
        del counts[""]
        return counts

    @property
    def has_digits(self) -> bool:
        """Whether there is a digit in it that is not read as a letter."""
        return "1" in self.shape or any(map(str.isdigit, self.beyond_ascii))

    @remembered
    def disguises(self) -> tuple[Disguise, ...]:
        """Return the other readings of words that look disguised; empty for nearly every honest comment."""
        suspected = self.suspected
        if self.runs_of_three and any(map(str.isalpha, self.runs_of_three)):
            suspected |= _DRAWN_OUT
        if self.beyond_ascii and not self.plain.isascii() and self.scripts["LATIN"]:
            suspected |= _FOREIGN
        return tuple(readings(self.folded, self.shape, suspected)) if suspected else ()


def unreadable_because(body: str, longest: int) -> str:
    """Return what keeps a body from being read at all, or nothing: it is empty, too long, or no Unicode text."""
    if len(body) > longest:
        return f"has {len(body):,} characters. Shorten it to {longest:,}"
    if not body.isascii() and _SURROGATE.search(body):
        return "has half of a surrogate pair, which is no character. Remove it"
    if "\0" in body:
        return "has a NUL character. Remove it"
    if not any(map(is_visible, body)):
        return "is empty. Write something"
    return ""
