"""Languages: which words are read, and what language a text in Latin letters is in.

No language identifier knows Armenian in Latin letters, so the test is whether the words stand in one of our lists
(`config/languages/<language>.txt`, most frequent first; `<language>-names.txt` adds names).
"""

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

from moderation.engine.text import Text, fold
from moderation.errors import PolicyInvalid

CORE_WORDS = 200  # of the most frequent words, hardly a sentence has none
_SHARE = 0.5  # of a text's words that must stand in a list


class Languages:
    """The word lists by language.

    Args:
        lists: folded words by language, the most frequent first.
    """

    def __init__(self, lists: Mapping[str, Sequence[str]]) -> None:
        self.known = {language: frozenset(words) for language, words in lists.items()}
        self.core = {language: frozenset(words[:CORE_WORDS]) for language, words in lists.items()}
        self.others = tuple(language for language in self.known if language != "en")

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
            lists.setdefault(path.stem.removesuffix("-names"), []).extend(words)
        if "en" not in lists:
            raise PolicyInvalid(f"{folder}: no words found. Put en.txt there, or nothing counts as English.")
        return cls(lists)

    @cached_property
    def _all(self) -> frozenset[str]:
        return frozenset().union(*self.known.values())

    def is_word(self, folded: str) -> bool:
        """Tell whether all parts of a folded word or phrase stand in one of the lists."""
        return all(part in self._all for part in folded.split())

    def language_of(self, text: Text) -> str:
        """Return the language most of a text's words belong to, the first list's where they are even; or nothing."""
        known: str | None = text.__dict__.get("language")
        if known is None:
            words = text.vocabulary
            counts = {language: len(words & listed) for language, listed in self.known.items()}
            best = max(counts, key=counts.__getitem__, default="")
            known = best if best and counts[best] >= _SHARE * len(words) else ""
            text.__dict__["language"] = known
        return known
