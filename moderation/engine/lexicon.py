"""Curated words: TOML entries in, one compiled automaton out, matches with the words as written.

A match is evidence of a kind and a severity; it decides nothing. Words match whole: a form inside a longer word
never counts, except inside letters that were set apart (`f u c k y o u`).
"""

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ahocorasick_rs import AhoCorasick, Implementation, MatchKind
from pydantic import BaseModel, ConfigDict, ValidationError

from moderation.engine.text import Text, fold, squeeze
from moderation.errors import PolicyInvalid

Kind = Literal["profanity", "insult", "accusation", "slur", "sexual", "threat"]
Severity = Literal["mild", "strong", "extreme"]

_SHORTEST_INSIDE = 4  # a form inside letters set apart must be this long, or initials would match


class Entry(BaseModel):
    """One word with all its forms, as written in `config/lexicon/<language>.toml`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    lemma: str
    kind: Kind
    severity: Severity
    forms: tuple[str, ...] = ()
    exceptions: tuple[str, ...] = ()
    adjective: bool = False
    sources: tuple[str, ...] = ()
    checked: str = ""
    note: str = ""
    language: str = ""


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    language: str
    entry: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """An entry seen at `[start, end)` of the folded text; `trick` names the disguise, if there was one."""

    entry: Entry
    form: str
    start: int
    end: int
    trick: str = ""


class Lexicon:
    """All entries of all languages, compiled once."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.entries = tuple(entries)
        self.languages = frozenset(entry.language for entry in self.entries)
        self._entry_of: dict[str, Entry] = {}
        self._squeezed: dict[str, str] = {}
        self._by_shape: dict[tuple[int, str], list[str]] = defaultdict(list)
        exceptions: dict[str, list[str]] = defaultdict(list)
        for entry in self.entries:
            for form in (entry.lemma, *entry.forms):
                folded = fold(form)
                self._entry_of.setdefault(folded, entry)
                if folded.isalpha() and len(folded) >= _SHORTEST_INSIDE:
                    self._squeezed.setdefault(squeeze(folded), folded)
                if folded.isalpha():
                    self._by_shape[len(folded), folded[0]].append(folded)
            for phrase in entry.exceptions:
                exceptions[entry.lemma].append(fold(phrase))
        self._exceptions = {
            lemma: re.compile("|".join(rf"(?<!\w){re.escape(p)}(?!\w)" for p in phrases))
            for lemma, phrases in exceptions.items()
        }
        self._forms = list(self._entry_of)
        self._automaton = AhoCorasick(self._forms, implementation=Implementation.DFA)
        inside = [f for f in self._forms if f.isalpha() and len(f) >= _SHORTEST_INSIDE]
        self._inside = AhoCorasick(inside, matchkind=MatchKind.LeftmostLongest)
        self._inside_forms = inside

    @classmethod
    def load(cls, folder: Path) -> "Lexicon":
        """Return the lexicon of every `*.toml` in `folder`.

        Raises:
            PolicyInvalid: a file cannot be read, has an unknown key, or gives one form to two entries.
        """
        entries: list[Entry] = []
        for path in sorted(folder.glob("*.toml")):
            try:
                read = _File.model_validate(tomllib.loads(path.read_text("utf-8")))
            except (tomllib.TOMLDecodeError, UnicodeDecodeError, ValidationError) as error:
                raise PolicyInvalid(
                    f"{path}: {error}. Correct the entry; the lexicon in use stays."
                ) from error
            entries += [entry.model_copy(update={"language": read.language}) for entry in read.entry]
        if not entries:
            raise PolicyInvalid(
                f"{folder}: no lexicon file *.toml found. Name the folder that holds en.toml."
            )
        seen: dict[str, Entry] = {}
        for entry in entries:
            for form in {fold(f) for f in (entry.lemma, *entry.forms)}:
                if form in seen and seen[form].language == entry.language:
                    raise PolicyInvalid(
                        f"{folder / entry.language}.toml: the form {form!r} stands in both {seen[form].lemma!r} and "
                        f"{entry.lemma!r}. Keep it in one of them."
                    )
                seen[form] = entry
        return cls(entries)

    def has(self, folded: str) -> bool:
        """Tell whether a folded word is a form of an entry."""
        return folded in self._entry_of

    def matches(self, text: Text) -> tuple[Match, ...]:
        """Return every entry seen in `text`, plain or disguised, by position; overlaps keep the first found.

        The answer is kept with the text, for several detectors ask.
        """
        known = text.__dict__.get("matches")
        if known is not None and known[0] is self:
            return known[1]  # type: ignore[no-any-return]
        found = list(self._plain(text)) + list(self._disguised(text))
        kept: list[Match] = []
        for match in found:
            if not any(
                match.start < other.end and other.start < match.end for other in kept
            ) and not self._excepted(match, text):
                kept.append(match)
        matches = tuple(sorted(kept, key=lambda m: m.start))
        text.__dict__["matches"] = (self, matches)
        return matches

    def _plain(self, text: Text) -> Iterator[Match]:
        """Yield the forms that stand as whole words, of those that overlap the longest."""
        folded = text.folded
        hits = [
            (start, -end, index)
            for index, start, end in self._automaton.find_matches_as_indexes(folded, overlapping=True)
            if _is_whole(folded, start, end)
        ]
        for start, end, index in sorted(hits):
            form = self._forms[index]
            yield Match(self._entry_of[form], form, start, -end)

    def _disguised(self, text: Text) -> Iterator[Match]:
        for reading in text.disguises:
            if reading.trick == "letters repeated":
                form = self._squeezed.get(squeeze(reading.word))
                if form:
                    yield Match(self._entry_of[form], form, reading.start, reading.end, reading.trick)
            elif reading.word in self._entry_of:
                yield Match(
                    self._entry_of[reading.word], reading.word, reading.start, reading.end, reading.trick
                )
            elif reading.trick == "letters set apart":
                for index, _, _ in self._inside.find_matches_as_indexes(reading.word):
                    form = self._inside_forms[index]
                    yield Match(self._entry_of[form], form, reading.start, reading.end, reading.trick)
            elif (form := self._squeezed.get(squeeze(reading.word))) and len(reading.word) > len(form):
                yield Match(self._entry_of[form], form, reading.start, reading.end, reading.trick)
        for hidden in text.masked:
            form = self._unmask(hidden.word)
            if form:
                yield Match(self._entry_of[form], form, hidden.start, hidden.end, hidden.trick)

    def _unmask(self, word: str) -> str | None:
        """Return the one entry's form that fits the letters left standing, or None when several entries fit."""
        fits = [
            form
            for form in self._by_shape.get((len(word), word[0]), ())
            if all(c in ("*", f) for c, f in zip(word, form, strict=True))
        ]
        strong = [form for form in fits if self._entry_of[form].severity != "mild"]
        if len({self._entry_of[form].lemma for form in strong}) == 1:
            return strong[0]
        return strong[0] if strong and word.count("*") < len(word) / 2 else None

    def _excepted(self, match: Match, text: Text) -> bool:
        """Tell whether the match stands in one of the entry's innocent phrases."""
        pattern = self._exceptions.get(match.entry.lemma)
        if pattern is None:
            return False
        return any(
            m.start() <= match.start and match.end <= m.end()
            for m in pattern.finditer(text.folded, max(0, match.start - 60), match.end + 60)
        )


def _is_whole(folded: str, start: int, end: int) -> bool:
    """Tell whether `[start, end)` begins and ends at the border of a word."""
    before = start == 0 or not (folded[start - 1].isalnum() or folded[start - 1] == "_")
    after = end == len(folded) or not (folded[end].isalnum() or folded[end] == "_")
    return before and after
