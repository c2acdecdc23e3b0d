"""Disguises: what folding must not do to honest words, such as reading `1` as `i`, offered as other readings of a word.

Each search runs only where the shape of the text shows that it can find something. A shape is the folded text with
every letter as `a`, every digit as `1`, signs that pass for letters as `$`, and what can join letters as `-`.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick, Implementation

from moderation.engine.folding import FEW, LEET, TO_LATIN, odd_characters, without_marks

MASKED, SET_APART = "masked letters", "letters set apart"
DRAWN_OUT, LOOK_ALIKE = "letters repeated", "look-alike letters"
_SIGN_LETTERS = "@$€£¢+|"
_OWN = "!('*#%? "  # signs that the searches ask for by themselves

_LEET_L = str.maketrans({"1": "l", "!": "l", "|": "l"})
_RUN = re.compile(r"(.)\1+")
_THRICE = re.compile(r"([^\W\d_])\1\1+")
_LONGEST_TOKEN = 100  # without a blank; what is longer is no disguised word, and `_LEETED` would look back
_LEETED = re.compile(r"(?<![^\W_@$])(?=[^\s]*[^\W\d_])[^\W_@$!|+€£¢(]*[0134578@$!|+€£¢(9][^\s\"',.;:?#*)]*")
# Numbers with what they count: no disguise, and the most frequent words with a digit.
_COUNTED = re.compile(
    r"[$€£]?\d+(?:st|nd|rd|th|s|k|m|b|am|pm|bn|x|hr|hrs|yr|yrs|km|kg|lbs|ft|mph|d|%|\+)?[.,;:?!)]*$"
)
_MASKED = re.compile(r"(?<![^\W_])[^\W\d_]+(?:[*#%@$!?]{1,5}[^\W\d_]+|[*#%]{1,5}(?![^\W_]))")
_JOINER = r"(?:[^\w'\"]|_)"
_SPACED = re.compile(rf"(?<![^\W_])[^\W\d_](?:{_JOINER}{{1,3}}[^\W\d_](?![^\W_])){{2,}}")
_SPLIT = re.compile(r"(?<![^\W_])[^\W\d_]+(?:(?:[^\w\s'\"]|_){1,2}[^\W\d_]+)+(?![^\W_])")
_JOINERS = re.compile(rf"{_JOINER}+")


class Disguise(NamedTuple):
    """A stretch of the folded text that can be read as another word, and by which trick."""

    word: str
    start: int
    end: int
    trick: str


def _sign_of(char: str) -> str:
    if char.isalpha():
        return "a"
    if char.isdigit():
        return "1"
    if char in _SIGN_LETTERS:
        return "$"
    return " " if char == "\n" else char if char in _OWN else "-"


class _ShapeTable(dict[int, str]):
    """Code point to the sign of its kind, remembered as they come."""

    def __missing__(self, point: int) -> str:
        sign = self[point] = _sign_of(chr(point))
        return sign


_SHAPE = _ShapeTable()
_STAND_IN = {"$": "@"} | {sign: sign for sign in "a1 -!('*#%?"}  # ASCII characters of each kind
_ASCII_SHAPE = bytes(ord(_sign_of(chr(point))) for point in range(128)) + bytes(128)


def shape_of(folded: str) -> str:
    """Return the shape of a folded text, a sign for each character."""
    if folded.isascii():
        return folded.encode().translate(_ASCII_SHAPE).decode("ascii")
    odd = odd_characters(folded)
    if len(odd) > FEW:
        return folded.translate(_SHAPE)
    for char in odd:
        folded = folded.replace(char, _STAND_IN[_SHAPE[ord(char)]])
    return shape_of(folded)


def squeeze(word: str) -> str:
    """Return the word with every run of one letter as one letter."""
    return _RUN.sub(r"\1", word)


# Shapes that tell, for the price of one search, that hardly any honest comment needs the costly ones.
_SHAPES = {
    " a a ": ["apart"],
    " a-a": ["apart"],
    "-a a ": ["apart"],
    "-a-a": ["apart"],
    "- a- a": ["apart"],
    " a - a": ["apart"],
    "--a--a": ["apart"],
    " a$a$a": ["apart"],
    "a-a": ["joined"],
    "a--a": ["joined"],
    "1-1": ["numbers joined"],
    "1a": ["leet"],
    "a1": ["leet"],
    "$a": ["leet"],
    "a$": ["leet"],
    "!a": ["leet"],
    "a(": ["leet"],
    "a1a": ["digits inside"],
    "a11a": ["digits inside"],
    "a$a": ["digits inside", "masked"],
    "a*": ["masked"],
    "a#": ["masked"],
    "a%": ["masked"],
    "a?a": ["masked"],
    "a!a": ["masked"],
}
_SUSPECTS = AhoCorasick(list(_SHAPES), implementation=Implementation.DFA)
_KINDS = list(_SHAPES.values())
_NONE: frozenset[str] = frozenset()


def suspicions(shape: str) -> frozenset[str]:
    """Return what the shape of a text gives reason to look for: kinds of the table above."""
    found = _SUSPECTS.find_matches_as_indexes(shape, overlapping=True)
    return frozenset([kind for index, _, _ in found for kind in _KINDS[index]]) if found else _NONE


def readings(folded: str, shape: str, suspected: frozenset[str]) -> Iterator[Disguise]:
    """Yield the other readings of words that look disguised; none for nearly every honest comment.

    Args:
        folded: a folded text.
        shape: its shape, framed in blanks.
        suspected: its `suspicions`, with "drawn out" where a letter stands three times in a row and "foreign" where
            words of other letters stand among Latin ones.
    """
    if "apart" in suspected:
        yield from _spaced(folded)
    if "joined" in suspected:
        yield from _split(folded, shape)
    if "leet" in suspected:
        yield from _leeted(folded, shape)
    if "drawn out" in suspected:
        yield from _repeated(folded)
    if "foreign" in suspected:
        yield from _foreign_letters(folded)
    if "masked" in suspected:
        yield from _masked(folded)


def _masked(folded: str) -> Iterator[Disguise]:
    """Yield words with letters struck out, each hidden letter as `*` (`f**k`)."""
    for match in _MASKED.finditer(folded):
        word = re.sub(r"[^\w]|_", "*", match.group())
        if word.count("*") <= len(word) - 2 or len(word) <= 4:
            yield Disguise(word, match.start(), match.end(), MASKED)


def _spaced(folded: str) -> Iterator[Disguise]:
    for match in _SPACED.finditer(folded):
        yield Disguise(_JOINERS.sub("", match.group()), match.start(), match.end(), SET_APART)


def _split(folded: str, shape: str) -> Iterator[Disguise]:
    for first, last in _places(shape, "a-a", "a--a"):
        for match in _SPLIT.finditer(folded, first, last):
            yield Disguise(_JOINERS.sub("", match.group()), match.start(), match.end(), "a word split apart")


def _leeted(folded: str, shape: str) -> Iterator[Disguise]:
    for first, last in _places(shape, "1a", "a1", "$a", "a$", "!a", "a("):
        if last - first > _LONGEST_TOKEN:
            continue
        if _COUNTED.match(folded, first, last):
            continue
        for match in _LEETED.finditer(folded, first, last):
            token = match.group().rstrip("!")
            words = dict.fromkeys((token.translate(LEET), token.translate(_LEET_L).translate(LEET)))
            for word in words:
                if word.isalpha() and word != token:
                    end = match.start() + len(token)
                    yield Disguise(word, match.start(), end, "digits and signs as letters")


def _repeated(folded: str) -> Iterator[Disguise]:
    for match in _THRICE.finditer(folded):
        first, last = _word_around(folded, match.start(), match.end())
        yield Disguise(squeeze(folded[first:last]), first, last, DRAWN_OUT)


def _foreign_letters(folded: str) -> Iterator[Disguise]:
    """Yield Latin readings of words whose every letter is a look-alike, and accented words without accents."""
    for match in re.finditer(r"[^\W\d_]+", folded):
        word = match.group()
        if word.isascii():
            continue
        plain = word.translate(TO_LATIN)
        if not plain.isascii():
            plain = without_marks(plain)
        if plain.isascii() and plain.isalpha():
            yield Disguise(plain, match.start(), match.end(), LOOK_ALIKE)


def _places(shape: str, *wanted: str) -> list[tuple[int, int]]:
    """Return the stretches of the folded text between blanks that hold one of these shapes."""
    found = {}
    for part in wanted:
        at = shape.find(part)
        while at >= 0:
            first, last = shape.rfind(" ", 0, at + 1), shape.find(" ", at + 1)
            found[first] = (first, last - 1)  # the shape begins with a blank that the text has not
            at = shape.find(part, last)
    return sorted(found.values())


def _word_around(folded: str, start: int, end: int) -> tuple[int, int]:
    """Return the borders of the letters and digits around `[start, end)`, 40 on each side at most."""
    first, last = start, end
    while first > max(0, start - 40) and folded[first - 1].isalnum():
        first -= 1
    while last < min(len(folded), end + 40) and folded[last].isalnum():
        last += 1
    return first, last
