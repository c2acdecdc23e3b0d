"""Text as the engine reads it: the original, its folded form, words, sentences, scripts, and the way back."""

import re
import string
import unicodedata
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cached_property

from ahocorasick_rs import AhoCorasick, Implementation

from moderation.engine.disguises import Disguise, readings, shape_of, suspicions
from moderation.engine.folding import (
    SCRIPT_OF,
    digits_as_letters,
    fold_ascii,
    fold_unicode,
    folded_offsets,
    is_visible,
)
from moderation.engine.types import Span

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_ASCII_LETTERS = string.ascii_letters.encode()
# Three of a sign in a row; of ASCII in one pass without looking back.
_OTHER_RUN = re.compile(r"([^\x00-\x7f])\1\1")
_RUNS = AhoCorasick([3 * chr(point) for point in range(0x21, 0x7F)], implementation=Implementation.DFA)
_SENTENCE = re.compile(r"[^.!?;\n։]+[.!?;\n։]*")
_SURROGATE = re.compile("[\ud800-\udfff]")
_MARGIN = 40  # characters, longer than any abbreviation with what follows it


def _word_sign(point: int) -> str:
    char = chr(point)
    return char if char.isalnum() or char == "'" else " "


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
        return folded.encode().translate(_ASCII_WORD_SIGN).decode()
    return folded.translate(_WORD_SIGN)


class Text:
    """One comment, folded once; positions of the folded form lead back to the original.

    `plain` is the folded text with blanks for all signs, framed in blanks; `shape` (see `disguises`) is framed too, and
    `suspected` says what it gives reason to look for.
    `opinions` are the learned scores by model and label, filled in by the engine.
    `word_list` has the words of the folded text in order, `vocabulary` each of them once.
    """

    __slots__ = (
        "__dict__",
        "folded",
        "opinions",
        "original",
        "plain",
        "shape",
        "suspected",
        "vocabulary",
        "word_list",
    )

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
        self.plain = plain = f" {words_only(folded)} "
        if " '" in plain or "' " in plain or "''" in plain:  # quotation marks, not apostrophes
            self.word_list: list[str] = _WORD.findall(folded)
        else:
            self.word_list = plain.split()
        self.vocabulary = frozenset(self.word_list)

    @cached_property
    def _offsets(self) -> list[int] | None:
        """The position in the original of each folded character, worked out when a span is asked for."""
        return folded_offsets(self.original, self.folded)

    def original_span(self, start: int, end: int) -> Span:
        """Return the stretch of the original that the folded stretch `[start, end)` came from."""
        offsets = self._offsets
        if offsets is None or end <= start:
            return Span(start, max(start, end))
        first, last = offsets[start], offsets[end - 1] + 1
        while last < len(self.original) and unicodedata.combining(self.original[last]):
            last += 1
        return Span(first, last)

    @cached_property
    def words(self) -> list[tuple[str, int, int]]:
        """Return the words of the folded text as (word, start, end)."""
        placed, end, folded = [], 0, self.folded
        for word in self.word_list:
            start = folded.find(word, end)
            end = start + len(word)
            placed.append((word, start, end))
        return placed

    @cached_property
    def runs_of_three(self) -> int:
        """How often any sign stands three times in a row, as it must before anything is drawn out."""
        runs = len(_RUNS.find_matches_as_indexes(self.folded))
        return runs if self.folded.isascii() else runs + len(_OTHER_RUN.findall(self.folded))

    @cached_property
    def sentences(self) -> list[tuple[int, int]]:
        """Return the sentences of the folded text as (start, end)."""
        return [(m.start(), m.end()) for m in _SENTENCE.finditer(self.folded)]

    def sentences_with(self, words: Iterable[str]) -> list[tuple[int, int]]:
        """Return the stretches around the sentences that hold one of these words, by position, none over another.

        A margin on both sides, to the end of a word, lets a full stop of an abbreviation stand inside a phrase.
        """
        found = set()
        for word in words:
            at = self.folded.find(word)
            while at >= 0:
                first, last = self.sentence_around(at)
                end = self.folded.find(" ", last + _MARGIN)
                found.add((max(0, first - _MARGIN), end if end >= 0 else len(self.folded)))
                at = self.folded.find(word, max(last, at + 1))
        merged: list[tuple[int, int]] = []
        for first, last in sorted(found):
            if merged and first <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(merged[-1][1], last))
            else:
                merged.append((first, last))
        return merged

    def sentence_around(self, start: int) -> tuple[int, int]:
        """Return the sentence that holds the folded position `start`."""
        place = bisect_right(self.sentences, (start, len(self.folded))) - 1
        if place >= 0 and self.sentences[place][0] <= start < self.sentences[place][1]:
            return self.sentences[place]
        return 0, len(self.folded)

    @cached_property
    def scripts(self) -> Counter[str]:
        """Return how many letters of the original each script has."""
        if self.original.isascii():
            others = self.original.encode().translate(None, _ASCII_LETTERS)
            return Counter(LATIN=len(self.original) - len(others))
        counts: Counter[str] = Counter()
        for char in set(self.original):
            counts[SCRIPT_OF[char]] += self.original.count(char)
        del counts[""]
        return counts

    @property
    def signs(self) -> int:
        """How many characters are neither letters, digits nor blanks."""
        shape = self.shape
        return len(shape) - shape.count("a") - shape.count("1") - shape.count(" ")

    @property
    def has_digits(self) -> bool:
        """Whether there is a digit in it that is not read as a letter."""
        return "1" in self.shape or (not self.original.isascii() and any(map(str.isdigit, self.original)))

    @cached_property
    def disguises(self) -> tuple[Disguise, ...]:
        """Return the other readings of words that look disguised; empty for nearly every honest comment."""
        suspected = self.suspected
        if self.runs_of_three:
            suspected |= {"drawn out"}
        if not self.plain.isascii() and self.scripts["LATIN"]:
            suspected |= {"foreign"}
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
