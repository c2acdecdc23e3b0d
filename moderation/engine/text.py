"""Text as the engine reads it: the original, its folded form, disguises, scripts, and the way back.

Folding undoes what changes the look of a word and not its meaning: compatibility forms, case, invisible
characters, marks that Armenian writes inside words, look-alike letters inside one word (order and facts: Unicode
TR15, TR39; Armenian marks U+055A-055F). What folding must not do to honest words, such as reading `1` as `i`,
is offered beside it as a `Disguise` of one word. Every position leads back to the original.
"""

import re
import unicodedata
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from moderation.engine.types import Span

# Armenian stress, exclamation, question, abbreviation marks and apostrophe stand inside the word they belong to.
_IN_WORD = "\u055a\u055b\u055c\u055e\u055f"
_SMALL_CAPITALS = dict(zip("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ", "abcdefghijklmnoprstuvwyz", strict=True))
_PUNCTUATION = {
    "’": "'",
    "‘": "'",
    "ʼ": "'",
    "`": "'",
    "´": "'",
    "“": '"',
    "”": '"',
    "„": '"',
    "«": '"',
    "»": '"',
}
_DOTTED = {"İ": "i", "ı": "i", "ё": "е", "Ё": "е"}
# U+1F130.. squared, U+1F150.. negative circled, U+1F170.. negative squared capitals: NFKC leaves the last two.
_ENCLOSED = {chr(base + n): chr(97 + n) for base in (0x1F130, 0x1F150, 0x1F170) for n in range(26)}
_FILLERS = "\u115f\u1160\u2800\u3164\uffa0"  # letters and signs that show nothing
_ZALGO_MARKS = 2  # marks that may pile on one letter in any orthography we read


def _fold_character(char: str) -> str:
    """Return what one character folds to; nothing for what cannot be seen."""
    if char in _IN_WORD:
        return ""
    for table in (_PUNCTUATION, _DOTTED, _SMALL_CAPITALS, _ENCLOSED):
        if char in table:
            return table[char]
    category = unicodedata.category(char)
    if category in ("Cf", "Mn", "Me") or "\ufe00" <= char <= "\ufe0f" or char in _FILLERS:
        return ""
    if char.isspace() or category in ("Zs", "Zl", "Zp"):
        return "\n" if char in "\n\r\u2028\u2029" else " "
    folded = unicodedata.normalize("NFKC", char).casefold()
    folded = "".join(_DOTTED.get(c, c) for c in folded if unicodedata.category(c) not in ("Mn", "Cf"))
    return unicodedata.normalize("NFC", folded)


class _FoldTable(dict[str, str]):
    """Character to folded character, remembered as they come (at most one entry per code point)."""

    def __missing__(self, char: str) -> str:
        folded = self[char] = _fold_character(char)
        return folded


_FOLD = _FoldTable()


class _FoldPointTable(dict[int, str]):
    """The same by code point, as `str.translate` asks for it."""

    def __missing__(self, point: int) -> str:
        folded = self[point] = _FOLD[chr(point)]
        return folded


_FOLD_POINT = _FoldPointTable()
_ASCII_LETTERS = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_SPACES = re.compile(r"\s{2,}|[\t\r\v\f\x1c-\x1f]")

# Look-alikes of Latin letters after case folding (from the Unicode confusables, kept to what readers can type).
_CONFUSABLES = {
    **dict(zip("асеорхуіјѕһԁԛԝкмтнвпгиьъяз", "aceopxyijshdqwkmthbnrnbbr3", strict=True)),
    **dict(zip("αβεικνορτυχωηγσρ", "abeiknoptuxwnyop", strict=True)),
    **dict(zip("օսհոռցգզքյատնկլպէեծըի", "ouhnnggqfjwsnulntebeh", strict=True)),
}
_TO_LATIN = str.maketrans(_CONFUSABLES)

_LEET = str.maketrans(
    {
        "0": "o",
        "1": "i",
        "3": "e",
        "4": "a",
        "5": "s",
        "7": "t",
        "8": "b",
        "9": "g",
        "@": "a",
        "$": "s",
        "!": "i",
        "|": "i",
        "+": "t",
        "€": "e",
        "£": "l",
        "¢": "c",
        "(": "c",
    }
)
_LEET_L = str.maketrans({"1": "l", "!": "l", "|": "l"})

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_SPACED = re.compile(r"(?<![^\W_])[^\W\d_](?:([\s.\-_*·•,/|~+]{1,3})[^\W\d_](?![^\W_])){2,}")
_THRICE = re.compile(r"([^\W\d_])\1\1+")
_RUN_OF_THREE = re.compile(r"([^ \n])\1\1")


class _ShapeTable(dict[int, str]):
    """Code point to the sign of its kind, remembered as they come."""

    def __missing__(self, point: int) -> str:
        char = chr(point)
        kind = "a" if char.isalpha() else "1" if char.isdigit() else char
        self[point] = kind
        return kind


_SHAPE = _ShapeTable({ord(c): "-" for c in ".-_*·•,/|~+"} | {ord(c): "$" for c in "@$€£¢"} | {10: " "})
_RUN = re.compile(r"(.)\1+")
_LEETED = re.compile(r"(?<![^\W_@$])(?=[^\s]*[^\W\d_])[^\W_@$!|+€£¢(]*[0134578@$!|+€£¢(9][^\s\"',.;:?#*)]*")
_ODD = re.compile(r"[^\x21-\x7e]{2,}|[^\x20-\x7e]")  # where folding may change the number of characters
_SURROGATE = re.compile("[\ud800-\udfff]")
_FOREIGN_WORD = re.compile(r"[^\W_]*[^\W\d_a-z][^\W_]*")  # with a letter that is not one of the English
_LONGEST_TOKEN = (
    100  # without a blank; what is longer is no disguised word, and the pattern above would look back
)
_MARGIN = 40  # characters, longer than any abbreviation with what follows it
_DIGIT_INSIDE = re.compile(r"[a-z][013457$]{1,2}[a-z]")
_DIGIT_WORD = re.compile(r"(?<![\w$@./-])[a-z0134578$]+(?![\w@./])")
_MASKED = re.compile(r"(?<![^\W_])[^\W\d_]+(?:[*#%@$!?]{1,5}[^\W\d_]+|[*#%]{1,5}(?![^\W_]))")
_SPLIT = re.compile(r"(?<![^\W_])[^\W\d_]+(?:[.\-_*·~][^\W\d_]+)+(?![^\W_])")
_JOINERS = re.compile(r"[\s.\-_*·•,/|~+]+")
_SENTENCE = re.compile(r"[^.!?;\n։]+[.!?;\n։]*")

_SCRIPT_OF_PREFIX = ("LATIN", "CYRILLIC", "ARMENIAN", "GREEK", "ARABIC", "HEBREW", "GEORGIAN")


class _ScriptTable(dict[str, str]):
    """Letter to the name of its script, remembered as they come; empty for what is no letter."""

    def __missing__(self, char: str) -> str:
        script = ""
        if char.isalpha() and unicodedata.category(char) != "Lm":
            name = unicodedata.name(char, "")
            script = next((s for s in _SCRIPT_OF_PREFIX if name.startswith(s)), "OTHER")
        self[char] = script
        return script


_SCRIPT = _ScriptTable()


@dataclass(frozen=True, slots=True)
class Disguise:
    """A stretch of the folded text that can be read as another word, and by which trick."""

    word: str
    start: int
    end: int
    trick: str


def fold(original: str) -> str:
    """Return the folded form of `original`; folding twice equals folding once."""
    return Text(original).folded


class Text:
    """One comment, folded once; positions of the folded form lead back to the original.

    `word_list` has the words of the folded text in order, `vocabulary` each of them once.
    """

    __slots__ = ("__dict__", "_shape", "folded", "original", "vocabulary", "word_list")

    def __init__(self, original: str) -> None:
        self.original = original
        if original.isascii():
            folded = original.lower()
            if "`" in folded:
                folded = folded.replace("`", "'")
        elif unicodedata.is_normalized("NFC", original):
            folded = original.translate(_FOLD_POINT)
        else:
            folded = "".join(_fold_cluster(original[start:end]) for start, end in _clusters(original))
        if "  " in folded or "\n" in folded or not folded.isprintable():
            folded = _SPACES.sub(_one_space, folded)
        if not folded.isascii():
            folded = _unmix(folded.replace("եվ", "եւ"))
        shape = folded.translate(_SHAPE)
        if "a1a" in shape or "a11a" in shape or "a$a" in shape:
            folded = _DIGIT_WORD.sub(_digits_as_letters, folded)
            shape = folded.translate(_SHAPE)
        self.folded = folded
        # The folded text with letters as `a`, digits as `1`, signs that pass for letters as `$`, joiners as `-`: a
        # look at it tells, for the price of one translation, that hardly any honest comment needs costly searches.
        self._shape = f" {shape} "
        self.word_list: list[str] = _WORD.findall(folded)
        self.vocabulary = frozenset(self.word_list)

    @cached_property
    def _offsets(self) -> list[int] | None:
        """The position in the original of each folded character; None where they are the same.

        Worked out only when a span is asked for, which most comments never need.
        """
        if self.original.isascii() and len(self.original) == len(self.folded):
            return None
        offsets: list[int] = []
        if self.original.isascii():
            after = 0
            for run in _SPACES.finditer(self.original):
                offsets.extend(range(after, run.start() + 1))
                after = run.end()
            offsets.extend(range(after, len(self.original)))
            return offsets
        if unicodedata.is_normalized("NFC", self.original):
            after = 0
            for run in _ODD.finditer(self.original):
                offsets.extend(range(after, run.start()))
                pieces = ((at, _FOLD[char]) for at, char in enumerate(run.group(), run.start()))
                offsets.extend(_places_of(pieces))
                after = run.end()
            offsets.extend(range(after, len(self.original)))
        else:
            offsets.extend(
                _places_of((at, _fold_cluster(self.original[at:end])) for at, end in _clusters(self.original))
            )
        return offsets

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
        return [(m.group(), m.start(), m.end()) for m in _WORD.finditer(self.folded)]

    @cached_property
    def has_run_of_three(self) -> bool:
        """Whether any sign stands three times in a row, as it must before anything is drawn out."""
        return _RUN_OF_THREE.search(self.folded) is not None

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
            return Counter(
                LATIN=len(self.original) - len(self.original.encode().translate(None, _ASCII_LETTERS))
            )
        counts = Counter(map(_SCRIPT.__getitem__, self.original))
        del counts[""]
        return counts

    @property
    def signs(self) -> int:
        """How many characters are neither letters, digits nor blanks."""
        shape = self._shape
        return len(shape) - shape.count("a") - shape.count("1") - shape.count(" ")

    @property
    def has_digits(self) -> bool:
        """Whether there is a digit in it."""
        return "1" in self._shape or (not self.original.isascii() and any(map(str.isdigit, self.original)))

    @cached_property
    def disguises(self) -> tuple[Disguise, ...]:
        """Return the other readings of words that look disguised; empty for nearly every honest comment."""
        readings = (self._spaced(), self._split(), self._leeted(), self._repeated(), self._foreign_letters())
        return tuple(reading for some in readings for reading in some)

    @cached_property
    def masked(self) -> tuple[Disguise, ...]:
        """Return words with letters struck out, each hidden letter as `*` (`f**k`)."""
        found = []
        shape = self._shape
        if not (
            "*" in self.folded
            or "#" in self.folded
            or "%" in self.folded
            or "a$a" in shape
            or "a?a" in shape
            or "a!a" in shape
        ):
            return ()
        for match in _MASKED.finditer(self.folded):
            word = re.sub(r"[^\w]|_", "*", match.group())
            if word.count("*") <= len(word) - 2 or len(word) <= 4:
                found.append(Disguise(word, match.start(), match.end(), "masked letters"))
        return tuple(found)

    def _spaced(self) -> Iterator[Disguise]:
        shape = self._shape
        if not (
            " a a " in shape or " a-a" in shape or "-a a " in shape or "-a-a" in shape or "- a- a" in shape
        ):
            return
        for match in _SPACED.finditer(self.folded):
            letters = _JOINERS.sub("", match.group())
            yield Disguise(letters, match.start(), match.end(), "letters set apart")

    def _places(self, *shapes: str) -> list[tuple[int, int]]:
        """Return the stretches of the folded text between blanks that hold one of these shapes."""
        shape, found = self._shape, {}
        for wanted in shapes:
            at = shape.find(wanted)
            while at >= 0:
                first, last = shape.rfind(" ", 0, at + 1), shape.find(" ", at + 1)
                found[first] = (first, last - 1)  # the shape begins with a blank that the text has not
                at = shape.find(wanted, last)
        return sorted(found.values())

    def _split(self) -> Iterator[Disguise]:
        for first, last in self._places("a-a"):
            for match in _SPLIT.finditer(self.folded, first, last):
                yield Disguise(
                    _JOINERS.sub("", match.group()), match.start(), match.end(), "a word split apart"
                )

    def _leeted(self) -> Iterator[Disguise]:
        for first, last in self._places("1a", "a1", "$a", "a$", "!a", "a("):
            if last - first > _LONGEST_TOKEN:
                continue
            for match in _LEETED.finditer(self.folded, first, last):
                token = match.group().rstrip("!")
                words = dict.fromkeys((token.translate(_LEET), token.translate(_LEET_L).translate(_LEET)))
                for word in words:
                    if word.isalpha() and word != token:
                        end = match.start() + len(token)
                        yield Disguise(word, match.start(), end, "digits and signs as letters")

    def _repeated(self) -> Iterator[Disguise]:
        for match in _THRICE.finditer(self.folded) if self.has_run_of_three else ():
            first, last = _word_around(self.folded, match.start(), match.end())
            yield Disguise(squeeze(self.folded[first:last]), first, last, "letters repeated")

    def _foreign_letters(self) -> Iterator[Disguise]:
        """Yield Latin readings of words whose every letter is a look-alike, and accented words without accents."""
        if self.folded.isascii() or self.scripts["LATIN"] == 0:
            return
        for word, start, end in self.words:
            if word.isascii():
                continue
            plain = word.translate(_TO_LATIN)
            if not plain.isascii():
                plain = "".join(
                    c for c in unicodedata.normalize("NFD", plain) if not unicodedata.combining(c)
                )
            if plain.isascii() and plain.isalpha():
                yield Disguise(plain, start, end, "look-alike letters")


def is_visible(char: str) -> bool:
    """Tell whether a character leaves something to see: no blank, mark, control, filler or private sign."""
    return unicodedata.category(char)[0] not in "ZMC" and char not in _FILLERS


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


def _word_around(folded: str, start: int, end: int) -> tuple[int, int]:
    """Return the borders of the letters and digits around `[start, end)`, 40 on each side at most."""
    first, last = start, end
    while first > max(0, start - 40) and folded[first - 1].isalnum():
        first -= 1
    while last < min(len(folded), end + 40) and folded[last].isalnum():
        last += 1
    return first, last


def squeeze(word: str) -> str:
    """Return the word with every run of one letter as one letter."""
    return _RUN.sub(r"\1", word)


def _places_of(pieces: Iterable[tuple[int, str]]) -> Iterator[int]:
    """Yield, for each folded character of the pieces, where its piece began; a run of white space is one."""
    space = False
    for at, piece in pieces:
        if piece in (" ", "\n"):
            if not space:
                yield at
            space = True
        elif piece:
            space = False
            for _ in piece:
                yield at


def _clusters(original: str) -> Iterator[tuple[int, int]]:
    """Yield (start, end) of each character with the marks that follow it."""
    index, length = 0, len(original)
    while index < length:
        end = index + 1
        while end < length and unicodedata.combining(original[end]):
            end += 1
        yield index, end
        index = end


def _fold_cluster(cluster: str) -> str:
    """Return the fold of a letter with the marks that follow it: composed where an orthography does, else bare."""
    composed = unicodedata.normalize("NFC", cluster[: 1 + _ZALGO_MARKS]) if len(cluster) > 1 else cluster
    return "".join(map(_FOLD.__getitem__, composed))


def _digits_as_letters(match: re.Match[str]) -> str:
    """Return a word that has a digit between two letters with its digits read as letters; same length."""
    word = match.group()
    return word.replace("11", "ll").translate(_LEET) if _DIGIT_INSIDE.search(word) else word


def _one_space(match: re.Match[str]) -> str:
    """Return a run of white space as one line end or one space."""
    return "\n" if "\n" in match.group() or "\r" in match.group() else " "


def _unmix(folded: str) -> str:
    """Return the text with look-alikes replaced inside words that mix scripts; same length."""

    def undo(match: re.Match[str]) -> str:
        word = match.group()
        if word.isascii():
            return word
        scripts = {s for s in map(_SCRIPT.__getitem__, word) if s}
        if "LATIN" not in scripts or len(scripts) == 1:
            return word
        plain = word.translate(_TO_LATIN)
        return plain if plain.isascii() else word

    return _FOREIGN_WORD.sub(undo, folded)
