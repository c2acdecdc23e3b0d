"""Folding: what changes the look of a word and not its meaning is undone; every position leads back.

Compatibility forms, case, invisible characters, marks that Armenian writes inside words, look-alike letters inside one
word (order and facts: Unicode TR15, TR39; Armenian marks U+055A-055F).
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator

# Armenian stress, exclamation, question, abbreviation marks and apostrophe stand inside the word they belong to.
_IN_WORD = "\u055a\u055b\u055c\u055e\u055f"
_SMALL_CAPITALS = dict(zip("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ", "abcdefghijklmnoprstuvwyz", strict=True))
_PUNCTUATION = dict(zip("’‘ʼ`´“”„«»", "'''''" + '"""""', strict=True))
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")
FEW = 12  # characters, up to which it is faster to replace them one by one than to translate a text
_DOTTED = {"İ": "i", "ı": "i", "ё": "е", "Ё": "е"}
# U+1F130.. squared, U+1F150.. negative circled, U+1F170.. negative squared capitals: NFKC leaves the last two.
_ENCLOSED = {chr(base + n): chr(97 + n) for base in (0x1F130, 0x1F150, 0x1F170) for n in range(26)}
# What NFKC and case folding may leave: a small capital of a raised one, the grave accent of a full-width one.
_AFTERWARDS = _DOTTED | _PUNCTUATION | _SMALL_CAPITALS
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
    folded = "".join(_AFTERWARDS.get(c, c) for c in folded if unicodedata.category(c) not in ("Mn", "Cf"))
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
_SPACES = re.compile(r"\s{2,}|[\t\r\v\f\x1c-\x1f]")
# The fold of each ASCII character, in one pass; a run of blanks is made one afterwards.
_ASCII_BLANKS = {**dict.fromkeys("\t\v\f\x1c\x1d\x1e\x1f", " "), "\r": "\n", "`": "'"}
_ASCII = bytes(ord(_ASCII_BLANKS.get(chr(point), chr(point).lower())) for point in range(128)) + bytes(128)
_ODD = re.compile(r"[^\x21-\x7e]{2,}|[^\x20-\x7e]")  # where folding may change the number of characters
_FOREIGN_WORD = re.compile(r"(?<![^\W_])[a-z0-9]*[^\x00-\x7f\W_][^\W_]*")  # with a letter that is not ASCII

# Look-alikes of Latin letters after case folding (from the Unicode confusables, kept to what readers can type).
_CYRILLIC = dict(zip("асеорхуіјѕһԁԛԝкмтнвпгиьъяз", "aceopxyijshdqwkmthbnrnbbr3", strict=True))
_GREEK = dict(zip("αβεικνορτυχωηγσρ", "abeiknoptuxwnyop", strict=True))
_ARMENIAN = dict(zip("օսհոռցգզքյատնկլպէեծըի", "ouhnnggqfjwsnulntebeh", strict=True))
TO_LATIN = str.maketrans({**_CYRILLIC, **_GREEK, **_ARMENIAN})
# The other way for words of another script with a Latin letter among theirs.
_FROM_LATIN = {
    "CYRILLIC": str.maketrans(dict(zip("aceopxykmthbn3064", "асеорхукмтнвпзобч", strict=True))),
    "ARMENIAN": str.maketrans(dict(zip("ouhnqfgj", "օսհոգքցյ", strict=True))),
}

LEET = str.maketrans(dict(zip("01345789@$!|+€£¢(", "oieastbgasiitelcc", strict=True)))
_DIGIT_INSIDE = re.compile(r"[a-z][013457$]{1,2}[a-z]")
_DIGIT_BETWEEN = re.compile(r"[^\W\d_]\d[^\W\d_]")
_DIGIT_WORD = re.compile(r"(?<![\w$@./-])[a-z0134578$]+(?![\w@./])")

_SCRIPTS = ("LATIN", "CYRILLIC", "ARMENIAN", "GREEK", "ARABIC", "HEBREW", "GEORGIAN")


class _ScriptTable(dict[str, str]):
    """Letter to the name of its script, remembered as they come; empty for what is no letter."""

    def __missing__(self, char: str) -> str:
        script = ""
        if char.isalpha() and unicodedata.category(char) != "Lm":
            name = unicodedata.name(char, "")
            script = next((s for s in _SCRIPTS if name.startswith(s)), "OTHER")
        self[char] = script
        return script


SCRIPT_OF = _ScriptTable()


def fold_ascii(original: str) -> str:
    """Return the folded form of a text that is ASCII."""
    folded = original.encode().translate(_ASCII).decode("ascii")
    while folded.find("  ") >= 0:
        folded = folded.replace("  ", " ")
    if "\n" in folded:
        folded = folded.replace(" \n", "\n").replace("\n ", "\n")
        while "\n\n" in folded:
            folded = folded.replace("\n\n", "\n")
    return folded


def fold_unicode(original: str) -> str:
    """Return the folded form of any text, digits inside words left as they are."""
    odd = odd_characters(original)
    if not unicodedata.is_normalized("NFC", original):
        folded = "".join(_fold_cluster(original[start:end]) for start, end in _clusters(original))
    elif len(odd) <= FEW:
        # A dash, an emoji, an accent or two in a text of ASCII: what is left of them is folded with the rest.
        folded = original
        for char in odd:
            folded = folded.replace(char, _FOLD[char])
        if folded.isascii():
            return fold_ascii(folded)
        folded = folded.translate(_FOLD_POINT)
    else:
        folded = original.translate(_FOLD_POINT)
    folded = _blanks(folded)
    if folded.isascii() or not any(map(str.isalnum, odd)):
        return folded
    return _FOREIGN_WORD.sub(_one_script, folded.replace("եվ", "եւ"))


def odd_characters(text: str) -> set[str]:
    """Return the characters of a text that are not ASCII."""
    return set("".join(_BEYOND_ASCII.findall(text)))


def digits_as_letters(folded: str) -> str:
    """Return the folded text with digits between two letters read as letters; same length."""
    return _DIGIT_WORD.sub(_read_digits, folded)


def way_back(original: str, folded: str) -> Callable[[int], int] | None:
    """Return what leads from a position in `folded` to that in `original`; None where they are the same."""
    if original.isascii():
        return None if len(original) == len(folded) else _over_blanks(original)
    offsets: list[int] = []
    if unicodedata.is_normalized("NFC", original):
        after = 0
        for run in _ODD.finditer(original):
            offsets.extend(range(after, run.start()))
            offsets.extend(_places_of((at, _FOLD[char]) for at, char in enumerate(run.group(), run.start())))
            after = run.end()
        offsets.extend(range(after, len(original)))
    else:
        pieces = ((at, _fold_cluster(original[at:end])) for at, end in _clusters(original))
        offsets.extend(_places_of(pieces))
    return offsets.__getitem__


def _over_blanks(original: str) -> Callable[[int], int]:
    """Return the way back where only runs of blanks, made one, have changed the number of characters."""
    behind, lost = [0], [0]  # from which folded position on how many characters are lost
    for run in _SPACES.finditer(original):
        behind.append(run.start() - lost[-1] + 1)
        lost.append(lost[-1] + run.end() - run.start() - 1)
    return lambda place: place + lost[bisect_right(behind, place) - 1]


def without_marks(word: str) -> str:
    """Return the word with its accents taken off."""
    return "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c))


def is_visible(char: str) -> bool:
    """Tell whether a character leaves something to see: no blank, mark, control, filler or private sign."""
    return unicodedata.category(char)[0] not in "ZMC" and char not in _FILLERS


def _blanks(folded: str) -> str:
    if "  " in folded or "\n" in folded or not folded.isprintable():
        return _SPACES.sub(_one_space, folded)
    return folded


def _one_space(match: re.Match[str]) -> str:
    """Return a run of white space as one line end or one space."""
    return "\n" if "\n" in match.group() or "\r" in match.group() else " "


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


def _read_digits(match: re.Match[str]) -> str:
    word = match.group()
    return word.replace("11", "ll").translate(LEET) if _DIGIT_INSIDE.search(word) else word


def _one_script(match: re.Match[str]) -> str:
    """Return a word that mixes scripts with its look-alikes read in one of them; same length."""
    word = match.group()
    scripts = {script for script in map(SCRIPT_OF.__getitem__, word) if script}
    if "LATIN" in scripts and len(scripts) > 1:
        plain = word.translate(TO_LATIN)
        if plain.isascii():
            return plain
    for script, table in _FROM_LATIN.items():
        if script in scripts and (len(scripts) > 1 or _DIGIT_BETWEEN.search(word)):
            plain = word.translate(table)
            if plain.isalpha() and {SCRIPT_OF[char] for char in plain} == {script}:
                return plain
    return word
