"""Curated words: TOML entries in, one compiled automaton out, matches with the words as written.

A match is evidence of a kind and a severity; it decides nothing. Words match whole: a form inside a longer word never
counts, except inside letters that were set apart (`f u c k y o u`). A stem counts with an ending of its class.
"""

import re
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import chain
from pathlib import Path
from typing import Literal, NamedTuple

from ahocorasick_rs import AhoCorasick, Implementation, MatchKind
from pydantic import BaseModel, ConfigDict, ValidationError

from moderation.engine import clauses
from moderation.engine.disguises import DRAWN_OUT, LOOK_ALIKE, MASKED, SET_APART, squeeze
from moderation.engine.folding import SCRIPT_OF
from moderation.engine.languages import Languages
from moderation.engine.misspellings import Misspellings
from moderation.engine.namesakes import (
    are_initials,
    is_a_name,
    is_in_a_title,
    is_like_a_name,
    is_of_a_name,
    is_on_a_map,
)
from moderation.engine.text import Text, fold, words_only
from moderation.errors import PolicyInvalid

Kind = Literal["profanity", "insult", "accusation", "slur", "sexual", "threat"]
Severity = Literal["mild", "strong", "extreme"]

_SHORTEST_INSIDE = 4  # a form inside letters set apart must be this long, or initials would match
_BEGINNING = 3  # letters by which it is told that no stem begins a word; the shortest stems have one less
_SHORT = 5  # letters below which a form needs a recorded check for false hits
# Languages in which two public sources confirm an entry; in the others only a native reader can.
_CONFIRMED_BY_SOURCES = frozenset(["en", "ru", "tr", "fr"])
_NONE: frozenset[str] = frozenset()
_VOWELS = frozenset("aeiouy")
_BACKWARDS, _IN_TWO, _MOSTLY_MASKED = "spelled backwards", "cut in two", "most letters masked"
_MISSPELT = "misspelt"
# Kinds whose words are also names of people and places; a vulgar word is hardly one.
_LIKE_NAMES = frozenset(["slur", "sexual", "insult"])
_UNCONFIRMED, _CONFIRMED = b"\1", b"\2"
_GUESSES = (_BACKWARDS, _IN_TWO, _MOSTLY_MASKED)  # disguises that an honest text may look like


class Entry(BaseModel):
    """One word with all its forms, as written in `config/lexicon/<language>.toml`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    lemma: str
    kind: Kind
    severity: Severity
    forms: tuple[str, ...] = ()
    stems: tuple[str, ...] = ()
    inflection: str = ""
    exceptions: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    adjective: bool = False
    needs_language: bool = False
    sources: tuple[str, ...] = ()
    confirmed_by: str = ""
    checked: str = ""
    note: str = ""
    language: str = ""

    @cached_property
    def confirmed(self) -> bool:
        """Whether the entry may reject: a native reader, or two independent sources in a language that has them."""
        named = len({source for source in self.sources if source != "own"})
        return bool(self.confirmed_by) or (self.language in _CONFIRMED_BY_SOURCES and named >= 2)


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    language: str
    inflection: dict[str, dict[str, str]] = {}
    entry: tuple[Entry, ...]


class Match(NamedTuple):
    """An entry seen at `[start, end)` of the folded text; `trick` names the disguise, if there was one.

    `doubted` where it is written as a part of a name ("Kike Hernandez"), or stands in an Armenian text.
    """

    entry: Entry
    form: str
    start: int
    end: int
    trick: str = ""
    doubted: bool = False

    @property
    def confirmed(self) -> bool:
        """Whether the match may reject: a confirmed entry, seen by more than a guess, and nothing against it."""
        return self.entry.confirmed and self.trick not in _GUESSES and not self.doubted

    @property
    def disguise(self) -> str:
        """The sentence that names the disguise, or nothing."""
        return f" Disguised: {self.trick}." if self.trick else ""


@dataclass(frozen=True, slots=True)
class _Pattern:
    """What the automaton finds: a whole form, a stem whose word must end as `ending` says, or an innocent phrase."""

    entry: Entry
    form: str
    trick: str = ""
    ending: re.Pattern[str] | None = None
    excuses: bool = False


class _Needles:
    """Patterns by the string that is searched for, compiled once."""

    def __init__(self, needles: Mapping[str, list[_Pattern]], chosen: Callable[[str], bool]) -> None:
        kept = {needle: patterns for needle, patterns in needles.items() if chosen(needle)}
        self._patterns = list(kept.values())
        # Not a DFA: its tables would push everything else out of the processor's cache.
        self._automaton = AhoCorasick(list(kept), implementation=Implementation.ContiguousNFA)

    def find(self, searched: str) -> list[tuple[_Pattern, int, int]]:
        """Return (pattern, start, end) of everything found."""
        found = self._automaton.find_matches_as_indexes(searched, overlapping=True)
        if not found:
            return []
        patterns = self._patterns
        return [(pattern, start, end) for index, start, end in found for pattern in patterns[index]]


Inflections = Mapping[str, Mapping[str, Mapping[str, str]]]


class Lexicon:
    """All entries of all languages, compiled once.

    Args:
        entries: the words.
        inflections: by language and class, the pattern of endings for the stems of each script.
        languages: the word lists, which tell what language a text is in and which guesses at a disguise are words.
    """

    def __init__(
        self,
        entries: Iterable[Entry],
        inflections: Inflections | None = None,
        languages: Languages | None = None,
    ) -> None:
        self.entries = tuple(entries)
        self.languages = frozenset(entry.language for entry in self.entries)
        self._word_lists = languages or Languages({})
        self._entry_of: dict[str, Entry] = {}
        self._squeezed: dict[str, str] = {}
        self._by_shape: dict[tuple[int, str, str], list[str]] = defaultdict(list)
        needles: dict[str, list[_Pattern]] = defaultdict(list)
        for entry in self.entries:
            for form in (*entry.forms, *(() if entry.stems else (entry.lemma,))):
                folded = _words_of(form)
                needles[f" {folded} "].append(_Pattern(entry, folded))
                self._remember(folded, entry)
            endings = (inflections or {}).get(entry.language, {}).get(entry.inflection, {})
            for stem in map(_words_of, entry.stems):
                ending = re.compile(endings[SCRIPT_OF[stem[0]].lower()])
                needles[f" {stem}"].append(_Pattern(entry, stem, ending=ending))
                if ending.fullmatch(""):
                    self._remember(stem, entry)
            for phrase in map(_words_of, entry.exceptions):
                needles[f" {phrase} "].append(_Pattern(entry, phrase, excuses=True))
        for form, entry in self._entry_of.items():
            for guess, trick in _guesses(form, entry):
                if guess not in self._entry_of and not self._word_lists.is_word(guess):
                    needles[f" {guess} "].append(_Pattern(entry, form, trick))
        # Forms that are ordinary words of another language than their entry's.
        self._shared = frozenset(
            form
            for form, entry in self._entry_of.items()
            if self._word_lists.is_word(form, other_than=entry.language)
        )
        self._needles = _Needles(needles, str.isascii)
        self._of_other_letters = _Needles(needles, lambda needle: not needle.isascii())
        self._beginnings = frozenset(
            needle[1 : 1 + _BEGINNING]
            for needle, patterns in needles.items()
            if any(pattern.ending for pattern in patterns)
        )
        self._inside_forms = [f for f in self._entry_of if f.isalpha() and len(f) >= _SHORTEST_INSIDE]
        self._listed = self._word_lists.all_words.union(self._entry_of)
        self._misspellings = Misspellings(
            (form for form, entry in self._entry_of.items() if _is_told_when_misspelt(entry)),
            self._listed.difference(self._entry_of).__contains__,
        )
        self._inside = AhoCorasick(self._inside_forms, matchkind=MatchKind.LeftmostLongest)

    def _remember(self, form: str, entry: Entry) -> None:
        """Keep a form for the readings of disguised words."""
        self._entry_of.setdefault(form, entry)
        if form.isalpha():
            for last in (form[-1], "*"):
                self._by_shape[len(form), form[0], last].append(form)
            if len(form) >= _SHORTEST_INSIDE:
                self._squeezed.setdefault(squeeze(form), form)

    @classmethod
    def load(cls, folder: Path, languages: Languages | None = None) -> "Lexicon":
        """Return the lexicon of every `*.toml` in `folder`.

        Raises:
            PolicyInvalid: a file cannot be read, has an unknown key, gives one form to two entries, or has a stem
                without a bounded pattern for its endings.
        """
        entries: list[Entry] = []
        inflections: dict[str, dict[str, dict[str, str]]] = {}
        for path in sorted(folder.glob("*.toml")):
            try:
                read = _File.model_validate(tomllib.loads(path.read_text("utf-8")))
            except (tomllib.TOMLDecodeError, UnicodeDecodeError, ValidationError) as error:
                raise PolicyInvalid(
                    f"{path}: {error}. Correct the entry; the lexicon in use stays."
                ) from error
            problem = next(_problems(read), "")
            if problem:
                raise PolicyInvalid(f"{path}: {problem}")
            entries += [entry.model_copy(update={"language": read.language}) for entry in read.entry]
            inflections[read.language] = read.inflection
        if not entries:
            raise PolicyInvalid(
                f"{folder}: no lexicon file *.toml found. Name the folder that holds en.toml."
            )
        return cls(entries, inflections, languages)

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
        searched = text.plain
        if "'" in searched:
            searched = searched.replace("'", " ")
        found = self._found(searched)
        foreign = bool(found) and any(pattern.entry.needs_language for pattern, _, _ in found)
        if foreign and self._word_lists.language_of(text) == "en":
            # Words like Turkish "it" (dog) stand in every other English comment.
            found = [item for item in found if not item[0].entry.needs_language]
        kept: list[Match] = []
        unlisted = text.vocabulary - self._listed
        if found or unlisted or text.disguises:
            plain, excused = self._plain(found, searched)
            taken = bytearray(len(searched))
            for seen in chain(plain, self._disguised(text), self._misspelt(text, unlisted)):
                match = seen
                entry, form, start, end = match[:4]
                # What is confirmed hides what is not, but an unconfirmed phrase hides no confirmed word inside it.
                if taken.find(_CONFIRMED, start, end) >= 0 or self._is_of_another_language(text, entry, form):
                    continue
                if self._is_doubted(text, entry):
                    match = match._replace(doubted=True)
                confirmed = match.confirmed
                if (match.trick or not confirmed) and taken.find(_UNCONFIRMED, start, end) >= 0:
                    continue
                if any(first <= start and end <= last and entry is of for of, first, last in excused):
                    continue
                if self._is_innocent(text, match):
                    continue
                mild = entry.severity == "mild"
                if entry.kind in _LIKE_NAMES and is_like_a_name(text, start, end, mild=mild):
                    if mild:
                        continue
                    match = match._replace(doubted=True)
                elif confirmed and not mild and is_of_a_name(text, start, end):
                    match = match._replace(doubted=True)
                taken[start:end] = (_CONFIRMED if confirmed else _UNCONFIRMED) * (end - start)
                kept.append(match)
            if len(kept) > 1:
                kept.sort(key=_by_place)
        matches = tuple(kept)
        text.__dict__["matches"] = (self, matches)
        return matches

    def _found(self, searched: str) -> list[tuple[_Pattern, int, int]]:
        found = self._needles.find(searched)
        return found if searched.isascii() else found + self._of_other_letters.find(searched)

    def _plain(
        self, found: Iterable[tuple[_Pattern, int, int]], searched: str
    ) -> tuple[list[Match], list[tuple[Entry, int, int]]]:
        """Return the forms and inflected stems found, the longest first of those that begin together, and what excuses them."""
        matches: list[Match] = []
        excused: list[tuple[Entry, int, int]] = []
        for pattern, start, end in found:
            last = end - 1
            if pattern.ending is not None:
                last = searched.find(" ", end)
                if not pattern.ending.fullmatch(searched, end, last):
                    continue
            # The searched text begins with a blank that the folded text has not.
            if pattern.excuses:
                excused.append((pattern.entry, start, last - 1))
            else:
                matches.append(Match(pattern.entry, pattern.form, start, last - 1, pattern.trick))
        if len(matches) > 1:
            matches.sort(key=_longest_first)
        return matches, excused

    def _is_innocent(self, text: Text, match: Match) -> bool:
        """Tell whether the word is none here: a name, a title, initials, or what it plainly means beside its own kind."""
        entry, form, start, end, trick, _ = match
        if trick == SET_APART:
            return are_initials(text, start, end)
        if trick == _IN_TWO and "'" in text.folded[start:end]:
            return True  # "Fuk's", "he's": no blank parts the letters
        if entry.kind == "threat" or trick not in ("", LOOK_ALIKE, MASKED):
            return False
        if trick == MASKED:
            return is_in_a_title(text, start, end)
        beside = entry.beside and not text.vocabulary.isdisjoint(entry.beside)
        if beside and self._stands_beside(text, entry, start):
            return True
        at = text.original_span(start, start + 1).start
        if not text.original[at].isupper() or text.original[at + 1 : at + 2].isupper():
            return False
        if form in entry.names or trick == LOOK_ALIKE:
            language = self._word_lists.language_of(text)
            known = self._word_lists.known.get(language) or self._word_lists.known.get("en", _NONE)
            foreign = entry.language != language.partition("-")[0]
            if is_a_name(text, start, end, known=known, foreign=foreign):
                return True
        return is_on_a_map(text, start, end, slur=entry.kind == "slur") or is_in_a_title(text, start, end)

    @staticmethod
    def _stands_beside(text: Text, entry: Entry, start: int) -> bool:
        """Tell whether a word of the plain sense stands in the sentence, which speaks to no "you"."""
        begin, end = text.sentence_around(start)
        words = frozenset(text.plain[begin : end + 2].split())
        return not words.isdisjoint(entry.beside) and clauses.YOU.isdisjoint(words)

    def _is_of_another_language(self, text: Text, entry: Entry, form: str) -> bool:
        """Tell whether a word stands in a text of another language, where it is an ordinary one ("le train en retard")."""
        if not (entry.needs_language or form in self._shared):
            return False
        language = self._word_lists.language_of(text)
        if language.partition("-")[0] == entry.language:
            return False
        if entry.needs_language:
            return True
        listed = self._word_lists.known.get(language)
        return listed is not None and language != "en" and all(word in listed for word in form.split())

    def _is_doubted(self, text: Text, entry: Entry) -> bool:
        """Tell whether the word stands in an Armenian text, which borrows Russian words: none is confirmed there."""
        if entry.language in ("en", "hy"):
            return False
        if entry.language == "ru" and text.scripts["CYRILLIC"]:
            return self._word_lists.is_armenian_in_russian_letters(text.vocabulary)
        return self._word_lists.language_of(text) == "hy-latn"

    def _disguised(self, text: Text) -> Iterator[Match]:
        for seen in text.disguises:
            reading, word = seen, seen.word
            if reading.trick == MASKED:
                form = self._unmask(word)
                if word.count("*") > len(word) / 2:
                    reading = reading._replace(trick=_MOSTLY_MASKED)
                if form:
                    yield Match(self._entry_of[form], form, reading.start, reading.end, reading.trick)
            elif reading.trick == LOOK_ALIKE and self._is_written_so(
                text.folded[reading.start : reading.end]
            ):
                continue
            elif found := self._whole(word) or self._drawn_out(word, reading.trick):
                yield Match(found.entry, found.form, reading.start, reading.end, reading.trick)
            elif reading.trick == SET_APART:
                for index, _, _ in self._inside.find_matches_as_indexes(word):
                    form = self._inside_forms[index]
                    yield Match(self._entry_of[form], form, reading.start, reading.end, reading.trick)

    def _misspelt(self, text: Text, unlisted: Iterable[str]) -> Iterator[Match]:
        """Yield what the words in no list are meant to be, in English alone, of which nearly all words are listed."""
        meant = {word: form for word in unlisted if (form := self._misspellings.meant_by(word))}
        if not meant or self._word_lists.language_of(text) != "en":
            return
        for word, start, end in text.words:
            form = meant.get(word)
            if form and not _is_capitalised(text, start):
                yield Match(self._entry_of[form], form, start, end, _MISSPELT)

    def _whole(self, word: str) -> Match | None:
        """Return the entry of which a word is a form, inflected or not."""
        if word in self._entry_of:
            return Match(self._entry_of[word], word, 0, len(word))
        if word[:_BEGINNING] not in self._beginnings and word[: _BEGINNING - 1] not in self._beginnings:
            return None
        searched = f" {word} "
        plain, _ = self._plain(self._found(searched), searched)
        return next((match for match in plain if not match.trick and match.end == len(word)), None)

    def _drawn_out(self, word: str, trick: str) -> Match | None:
        """Return the entry of which a word is a form with letters repeated."""
        squeezed = squeeze(word)
        form = self._squeezed.get(squeezed)
        if form and (trick == DRAWN_OUT or len(word) > len(form)):
            return Match(self._entry_of[form], form, 0, len(form))
        return self._whole(squeezed) if trick == DRAWN_OUT and squeezed != word else None

    def _is_written_so(self, word: str) -> bool:
        """Tell whether a word has its accents by right."""
        return word in self._entry_of or self._word_lists.is_word(word)

    def _unmask(self, word: str) -> str | None:
        """Return a form that fits the letters left standing, or None."""
        fits = [
            form
            for form in self._by_shape.get((len(word), word[0], word[-1]), ())
            if all(c in ("*", f) for c, f in zip(word, form, strict=True))
        ]
        if word.count("*") == 1 and len({self._entry_of[form].lemma for form in fits}) == 1:
            return fits[0]
        strong = [form for form in fits if self._entry_of[form].severity != "mild"]
        if len({self._entry_of[form].lemma for form in strong}) == 1:
            return strong[0]
        # Several fit: whichever is meant, whoever strikes out most of a word means a vulgar one. It can only hold.
        vulgar = [form for form in strong if self._entry_of[form].kind == "profanity"]
        return next(iter(vulgar or strong), None)


def _is_told_when_misspelt(entry: Entry) -> bool:
    return (
        entry.language == "en"
        and entry.kind != "threat"
        and (entry.severity != "mild" or entry.kind == "insult")
    )


def _is_capitalised(text: Text, start: int) -> bool:
    """Tell whether a word is written with a capital alone, as names are: no list holds them all."""
    at = text.original_span(start, start + 1).start
    return text.original[at].isupper() and not text.original[at + 1 : at + 2].isupper()


def _by_place(match: Match) -> int:
    return match.start


def _longest_first(match: Match) -> tuple[int, int]:
    return match.start, -match.end


@lru_cache(maxsize=1 << 16)  # a file is checked, then compiled
def _words_of(form: str) -> str:
    """Return a form as the automaton sees it: folded, with a blank for every sign."""
    return words_only(fold(form)).replace("'", " ").strip()


def _guesses(form: str, entry: Entry) -> Iterator[tuple[str, str]]:
    """Yield (word, trick) for disguises of a form that look like no other."""
    # Only where there is a long list of honest words to compare with.
    if (
        entry.language != "en"
        or entry.severity == "mild"
        or len(form) < _SHORTEST_INSIDE
        or not form.isalpha()
    ):
        return
    yield form[::-1], _BACKWARDS
    for place, letter in enumerate(form):
        if letter in _VOWELS:
            yield form[:place] + letter + form[place:], "letters doubled"
    for place in range(1, len(form)):
        yield f"{form[:place]} {form[place:]}", _IN_TWO


def _problems(read: _File) -> Iterator[str]:
    """Yield what is wrong in a file beyond the shape of its entries."""
    for name, patterns in read.inflection.items():
        for script, pattern in patterns.items():
            unbounded = re.search(r"(?<!\\)(?:[*+]|\{\d*,\}|\{\d*,?\d{2,}\}|\)\{)", pattern)
            try:
                re.compile(pattern)
            except re.error as error:
                yield f"inflection.{name}.{script}: {error}. Correct the pattern."
            if unbounded:
                yield f"inflection.{name}.{script}: has {unbounded.group()!r}. Bound it: {{0,3}}, and repeat no group."
    seen: dict[str, Entry] = {}
    for entry in read.entry:
        if entry.stems and not entry.inflection:
            yield f"{entry.lemma}: has stems. Name their inflection class."
        words = (*entry.forms, *(entry.stems or (entry.lemma,)))
        short = [word for word in words if len(_words_of(word)) < _SHORT]
        if short and not entry.checked:
            yield f"{entry.lemma}: {short[0]!r} is short. Say in `checked` what it was checked against."
        for form in {_words_of(word) for word in (*entry.forms, *(() if entry.stems else (entry.lemma,)))}:
            if seen.setdefault(form, entry) is not entry:
                yield f"the form {form!r} stands in both {seen[form].lemma!r} and {entry.lemma!r}. Keep one."
        scripts = read.inflection.get(entry.inflection, {}) if entry.stems else {}
        for stem in entry.stems:
            script = SCRIPT_OF[_words_of(stem)[:1]].lower()
            if script not in scripts:
                yield f"{entry.lemma}: inflection.{entry.inflection}.{script} is missing for {stem!r}. Add its endings."
