"""Languages: which words are read, and what language a text in Latin letters is in.

No language identifier knows Armenian in Latin letters, so the test is whether the words stand in one of our lists
(`config/languages/<language>.txt`, most frequent first; `<language>-names.txt` adds names).
"""

import math
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path

from moderation.engine.text import Text, fold
from moderation.errors import PolicyInvalid

CORE_WORDS = 200  # of the most frequent words, hardly a sentence has none
_PLAINLY = 7  # one word of so many that is very frequent in English alone, and the text needs no counting
_NEARLY_ALL = 0.8  # of the words: a text of so many English ones is in no other language
_NONE: frozenset[str] = frozenset()
_SHARE = 0.5  # of a text's words that must stand in a list
# Armenian in Latin letters has too many spellings to list: its other words may have the letters of those in the list.
_FREELY_SPELLED = "hy-latn"
_LISTED = 0.2  # of the words of such a text that must stand in the list itself
_LIKELIER = 0.4  # by which the other words' letters must be likelier than in English (mean log-ratio of three letters)
_SHORTEST = 3  # letters of a word whose spelling says something
# Turkish endings, one behind the other, as folded: derivation, verb (voice, negation, tense), plural, possessive, case, copula.
_TURKISH_ENDINGS = re.compile(
    r"(?:l[iuü][kğ]|s[iuü]z|l[iuü]|[cç][iuü])?"
    r"(?:(?:[iuü]?[ln]|[iuü]?t|[dt][iuü]r|[iuü]ş)?(?:y?[ae]m)?(?:m[aeiuü])?(?:y?[ae]bil)?(?:[iuü]?yor|[aeiuü]?r|m?[ae]z|"
    r"y?[ae]c[ae][kğ]|m[iuü]ş|[dt][iuü][kğ]?|m[ae]l[iuü]|m[ae][kğ]?|y?[ae]n|y?[iuü]p|y?[iuü]nc[ae]|y?[ae]r[ae]k|m[ae]d[ae]n|s[ae])?)"
    r"(?:l[ae]r)?(?:[iuü]?m(?:[iuü]z)?|[iuü]?n(?:[iuü]z)?|s?[iuü]|k)?"
    r"(?:n?[iuü]n|y?[iuü]|n[iuü]|n?y?[ae]|n?[dt][ae](?:n|ki)?|y?l[ae]|c[ae])?"
    r"(?:[dt][iuü]r|y?[dt][iuü]|y?s[ae]|s[iuü]n|y?[iuü]z|y?[iuü]m)?"
)
_STEM, _SHARED_STEM = (
    3,
    4,
)  # fewest letters of a listed word before its endings, of a stem that no list has by itself
# Armenian in Russian letters, as the list of Armenian in Latin letters spells it.
_LATIN = str.maketrans(
    dict(
        zip(
            "абвгдеэзийклмнопрстуфхцжшчы",
            ["a", "b", "v", "g", "d", "e", "e", "z", "i", "y", *"klmnoprstufxc", "zh", "sh", "ch", "y"],
            strict=True,
        )
    )
)
# Languages that have a script to themselves here, as BCP 47 writes them; Arabic letters may be Arabic or Persian.
_TAG_OF_SCRIPT = {"ARMENIAN": "hy", "CYRILLIC": "ru", "GREEK": "el", "GEORGIAN": "ka", "HEBREW": "he"}
# Letters of Ukrainian, Serbian, Kazakh and others, which Russian does not have; two of them are no slip.
NOT_RUSSIAN = re.compile("[ієїґўјљњћђџѓќѕәғқңөұүһҷӣӯ]")
_SMOOTH = 0.05  # added to every count of three letters


class Languages:
    """The word lists by language.

    Args:
        lists: folded words by language, the most frequent first.
    """

    def __init__(self, lists: Mapping[str, Sequence[str]]) -> None:
        self.known = {language: frozenset(words) for language, words in lists.items()}
        self.core = {language: frozenset(words[:CORE_WORDS]) for language, words in lists.items()}
        self.all_words = frozenset().union(*self.known.values())
        self.others = tuple(language for language in self.known if language not in ("en", _FREELY_SPELLED))

    @classmethod
    def load(cls, folder: Path) -> "Languages":
        """Return the lists of every `*.txt` in `folder`, English first.

        Raises:
            PolicyInvalid: there is none, or one cannot be read.
        """
        lists: dict[str, list[str]] = {}
        for path in sorted(
            folder.glob("*.txt"), key=lambda path: (not path.stem.startswith("en"), len(path.stem))
        ):
            try:
                lines = path.read_text("utf-8").splitlines()
            except UnicodeDecodeError as error:
                raise PolicyInvalid(f"{path}: is not UTF-8 ({error}). Save it as UTF-8.") from error
            words = [fold(line).strip() for line in lines if line.strip() and not line.startswith("#")]
            lists.setdefault(path.stem.removesuffix("-names").removesuffix("-rare"), []).extend(words)
        if "en" not in lists:
            raise PolicyInvalid(f"{folder}: no words found. Put en.txt there, or nothing counts as English.")
        return cls(lists)

    def is_word(self, folded: str, *, other_than: str = "") -> bool:
        """Tell whether all parts of a folded word or phrase stand in one of the lists, of another language if one is named."""
        parts = folded.split()
        if not self.all_words.issuperset(parts):
            return False
        return any(
            listed.issuperset(parts)
            for language, listed in self.known.items()
            if not other_than or language.partition("-")[0] not in (other_than, "en")
        )

    @cached_property
    def _plainly_english(self) -> frozenset[str]:
        return self.core.get("en", frozenset()).difference(
            *(self.known[language] for language in self.others)
        )

    def is_inflected(self, word: str, language: str) -> bool:
        """Tell whether a word is one of the language's list with other endings; only Turkish has too many to list."""
        if language != "tr" or language not in self.known:
            return False
        listed, stems = self.known[language], self._turkish_stems
        return any(
            (word[:cut] in listed or word[:cut] in stems) and _TURKISH_ENDINGS.fullmatch(word, cut)
            for cut in range(_STEM, len(word))
        )

    @cached_property
    def _turkish_stems(self) -> frozenset[str]:
        """What stands before an ending in the words of the list ("yakiş" of "yakişiyor")."""
        return frozenset(
            word[:cut]
            for word in self.known["tr"]
            for cut in range(_SHARED_STEM, len(word))
            if _TURKISH_ENDINGS.fullmatch(word, cut)
        )

    def language_of(self, text: Text) -> str:
        """Return the language most of a text's words belong to, the first list's where they are even; or nothing."""
        known: str | None = text.__dict__.get("language")
        if known is None:
            words = text.vocabulary
            plainly = len(words & self._plainly_english) * _PLAINLY > len(words)
            if plainly or len(words & self.known.get("en", _NONE)) > _NEARLY_ALL * len(words):
                text.__dict__["language"] = "en"
                return "en"
            counts = {language: len(words & listed) for language, listed in self.known.items()}
            # Where English is level with another language it has the words that all share ("on", "main", "sale").
            best = max(counts, key=lambda language: (counts[language], language != "en"), default="")
            known = best if best and counts[best] >= _SHARE * len(words) else ""
            if not known and self.is_freely_spelled(words):
                known = _FREELY_SPELLED
            text.__dict__["language"] = known
        return known

    def tag_of(self, text: Text) -> str:
        """Return the language of a text for `lang` (BCP 47: en, hy-Latn), or nothing where it is mixed or not known."""
        script, letters = max(text.scripts.items(), key=lambda item: item[1], default=("", 0))
        if 2 * letters <= text.scripts.total():
            return ""
        if script == "LATIN":
            language, _, letters_of = self.language_of(text).partition("-")
            return f"{language}-{letters_of.title()}" if letters_of else language
        if script == "CYRILLIC":
            if self.is_armenian_in_russian_letters(text.vocabulary):
                return "hy-Cyrl"
            if len(NOT_RUSSIAN.findall(text.folded)) > 1:
                return ""
        return _TAG_OF_SCRIPT.get(script, "")

    def is_freely_spelled(self, words: Collection[str]) -> bool:
        """Tell whether these words are Armenian in Latin letters, as everybody spells it."""
        if _FREELY_SPELLED not in self.known:
            return False
        listed, english = self.known[_FREELY_SPELLED], self.known["en"]
        known = [word for word in words if word in listed]
        others = [word for word in words if word not in listed and len(word) >= _SHORTEST]
        if known and len(known) >= _SHARE * len(words):
            return True
        if len(known) < _LISTED * len(words) or all(word in english for word in known):
            return False
        here, there = self._letters[_FREELY_SPELLED], self._letters["en"]
        return sum(here.score(word) - there.score(word) for word in others) >= _LIKELIER * len(others)

    def is_armenian_in_russian_letters(self, words: Collection[str]) -> bool:
        """Tell whether half of these words, two at least, are Armenian: "мек эл карда"."""
        listed = self.known.get(_FREELY_SPELLED, _NONE)
        armenian = sum(word.translate(_LATIN) in listed for word in words)
        return armenian >= 2 and armenian >= _SHARE * len(words)

    @cached_property
    def _letters(self) -> dict[str, "_Letters"]:
        return {language: _Letters(self.known[language]) for language in (_FREELY_SPELLED, "en")}


class _Letters:
    """How often three letters stand together in the words of a list."""

    def __init__(self, words: Iterable[str]) -> None:
        self._counts = Counter(three for word in words if word.isalpha() for three in _threes(word))
        self._total = math.log(self._counts.total() + _SMOOTH * 30**3)

    def score(self, word: str) -> float:
        """Return the mean log-probability of the word's letters, three by three."""
        found = [math.log(self._counts[three] + _SMOOTH) for three in _threes(word)]
        return sum(found) / len(found) - self._total


def _threes(word: str) -> list[str]:
    framed = f" {word} "
    return [framed[at : at + 3] for at in range(len(framed) - 2)]
