"""Whom a sentence is about: a reader of the thread, the article's writer, a public figure, a group, oneself, nobody.

Rules over the sentence around the words in question, in this order: quotation, a direct grammatical tie ("X is a ...",
"you ...", "... like you"), a call ("..., idiot!"), then the nearest mention. Each answer says why.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from moderation.engine.policy import People
from moderation.engine.pronouns import Grammar, grammar_of, pronouns_of
from moderation.engine.text import Text, fold
from moderation.engine.types import Context, Target

_QUOTES = re.compile(r'"([^"\n]{1,400})"|(?<!\w)\'([^\'\n]{3,400})\'(?!\w)')
_REACH = 40  # words on each side of the words in question, in the same sentence
_NEAR = 40  # characters within which a mention counts as near
_REPORTED = 6  # words after a verb of saying that are still what was said
_KEPT = 256  # threads whose names are kept
_SUFFIX = 5  # letters that an inflected name may add to its stem
_SECOND_PERSON = re.compile(r"(?:s[iu]n|sün|s[iu]n[iu]z|sünüz)$")  # Turkish: "aptalsın", you are stupid
_THINGS = frozenset(
    [
        "this",
        "that",
        "it",
        "these",
        "those",
        "that's",
        "it's",
        "это",
        "этот",
        "эта",
        "սա",
        "դա",
        "այս",
        "ce",
        "cette",
        "bu",
    ]
)
_HE = frozenset(["he", "she", "he's", "she's", "him", "он", "она", "նա", "ան", "il", "elle", "o"])
# Before a verb of saying: words that are the writer's own ("I say you are"), or no saying at all ("whoever wrote this").
_OWN_SAYING = frozenset(["who", "whoever", "i", "i'll", "i'd", "me", "we", "я", "մենք"])
_AM_OR_ART = frozenset(["ես", "es"])  # Armenian: "I" where a sentence begins, else "art"
_WITHIN = frozenset(["of", "in", "for", "behind", "to"])
_RANK = {Target.READER: 0, Target.WRITER: 1, Target.PUBLIC_FIGURE: 2, Target.GROUP: 3}


class Aim(NamedTuple):
    """A target and the reason why it was taken.

    `sure` where grammar ties the words to the target, not mere nearness; `of_thing` where they are said of a thing
    ("your argument is idiotic"); `negated` where they are denied ("you are no fool").
    """

    target: Target
    why: str
    sure: bool = True
    of_thing: bool = False
    negated: bool = False


class _Mention(NamedTuple):
    """Somebody spoken of, as words `[first, last)` of the text."""

    target: Target
    first: int
    last: int
    name: str
    of_thing: bool = False


def aim_of(text: Text, start: int, end: int, context: Context) -> Aim:
    """Return whom the folded stretch `[start, end)` is aimed at, and why; several detectors ask the same."""
    scene = _scene(text, context)
    known = scene.aims.get((start, end))
    if known is None:
        known = scene.aims[start, end] = scene.aim_of(start, end)
    return known


def is_quoted(text: Text, start: int, end: int, context: Context) -> bool:
    """Tell whether the folded stretch is somebody else's word: between quotation marks or reported."""
    return bool(_scene(text, context).quotation(start, end))


def addressee_of(text: Text, context: Context) -> Aim:
    """Return whom a text as a whole speaks to or of: a reader before the writer, a public figure, a group, nobody."""
    targets: dict[Target, str] = {}
    for mention in _scene(text, context).mentions:
        targets.setdefault(mention.target, mention.name)
    for target in _RANK:
        if target in targets:
            return Aim(target, f"'{targets[target]}' is mentioned", sure=False)
    return Aim(Target.NOBODY, "nobody is named", sure=False)


def _scene(text: Text, context: Context) -> "_Scene":
    scene: _Scene | None = text.__dict__.get("scene")
    if scene is None or scene.context is not context:
        scene = text.__dict__["scene"] = _Scene(text, context)
    return scene


class _Scene:
    """The mentions of a text in its context, found once."""

    def __init__(self, text: Text, context: Context) -> None:
        self.text, self.context = text, context
        language = context.policy.languages.language_of(text)
        self.grammar: Grammar = grammar_of(language)
        self.words = text.word_list
        self.starts = [start for _, start, _ in text.words]
        self.names = _names_of(context, language)
        self.mentions = list(self._mentions())
        self.firsts = [mention.first for mention in self.mentions]
        self.aims: dict[tuple[int, int], Aim] = {}
        folded = text.folded
        self.quotes = [m.span() for m in _QUOTES.finditer(folded)] if '"' in folded or "'" in folded else []

    def aim_of(self, start: int, end: int) -> Aim:
        """Return whom the stretch is aimed at."""
        first, last, here = self._sentence(start)
        aim = self._aim(start, end, first, last, here)
        if aim.target is Target.READER:  # "Nikol, you are a traitor!": called by name before it says "you"
            for mention in self._between(first, first + 3):
                if (
                    mention.target is Target.PUBLIC_FIGURE
                    and self._after(mention).startswith(",")
                    and mention.first == first
                ):
                    return aim._replace(
                        target=Target.PUBLIC_FIGURE, why=f"'{mention.name}' is called by name"
                    )
        return aim

    def _aim(self, start: int, end: int, first: int, last: int, here: int) -> Aim:
        after = bisect_left(self.starts, end, here)
        mentions = self._between(first, last)
        quoted = self._quotation(start, end, first, here)
        subject = self._subject(first, here, mentions) or self._second_person(here, after, mentions)
        if quoted and not (subject and subject.target is Target.READER and not self._in_quotes(start, end)):
            return Aim(Target.QUOTED, quoted)
        if subject:
            return self._named(subject, "is its subject", negated=self._is_denied(first, here))
        tied = self._tied(first, here, after, mentions)
        if tied:
            return self._named(tied, "stands next to it", negated=self._is_denied(first, here, words=2))
        near = [m for m in mentions if (m.last <= here or m.first >= after) and m.target is not Target.SELF]
        if self._is_call(start, end, first, here, after, last) and not any(
            m.target in (Target.PUBLIC_FIGURE, Target.GROUP, Target.NOBODY) for m in near
        ):
            return Aim(Target.READER, "somebody is called so")
        if near:
            nearest = min(near, key=lambda m: self._rank(m, start, end))
            aim = self._named(
                nearest, "is the nearest mention", negated=self._is_denied(first, here, words=2)
            )
            return aim._replace(sure=False)
        if self.context.parent is not None and here == first:
            return Aim(Target.READER, "it opens the answer to another reader")
        return Aim(Target.NOBODY, "nobody is named in the sentence", sure=False)

    def _rank(self, mention: _Mention, start: int, end: int) -> tuple[bool, int, int]:
        at, until = self.starts[mention.first], self._end(mention)
        gap = start - until if until <= start else at - end
        return gap > _NEAR, _RANK.get(mention.target, 5), gap

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

    def _between(self, first: int, last: int) -> list[_Mention]:
        return self.mentions[bisect_left(self.firsts, first) : bisect_left(self.firsts, last)]

    def _end(self, mention: _Mention) -> int:
        return self.text.words[mention.last - 1][2]

    def _after(self, mention: _Mention) -> str:
        end = self._end(mention)
        return self.text.folded[end : end + 2]

    def _named(self, mention: _Mention, how: str, *, negated: bool = False) -> Aim:
        """Return the aim of a mention; a bare 'he' or 'she' is the public figure the article is about."""
        if mention.of_thing:
            return Aim(Target.NOBODY, f"it is said of a thing: '{mention.name}'", of_thing=True)
        if mention.name in _HE and self.context.article.people:
            why = f"'{mention.name}' {how}, and the article is about a public figure"
            return Aim(Target.PUBLIC_FIGURE, why, negated=negated)
        return Aim(mention.target, f"'{mention.name}' {how}", negated=negated)

    def _is_denied(self, first: int, here: int, words: int = 4) -> bool:
        """Tell whether one of the last `words` before denies what follows."""
        return not self.grammar.denial.isdisjoint(self.words[max(first, here - words) : here])

    def _in_quotes(self, start: int, end: int) -> bool:
        return any(first < start and end < last for first, last in self.quotes)

    def quotation(self, start: int, end: int) -> str:
        """Return why the stretch is somebody else's word, or nothing."""
        first, _, here = self._sentence(start)
        return self._quotation(start, end, first, here)

    def _quotation(self, start: int, end: int, first: int, here: int) -> str:
        if self.quotes and self._in_quotes(start, end):
            return "it stands between quotation marks"
        said = self.words[max(first, here - _REPORTED) : here]
        if self.grammar.says.isdisjoint(said):
            return ""
        for place, word in enumerate(said, here - len(said)):
            before = self.words[place - 1] if place > first else ""
            if word in self.grammar.says and before not in _OWN_SAYING:
                return "it is reported speech"
        return ""

    def _back_over_fillers(self, first: int, here: int) -> int:
        """Return the place of the last word before `here` that is no filler, or -1."""
        filler = self.grammar.filler
        place = here - 1
        while place >= first and self.words[place] in filler:
            place -= 1
        return place if place >= first else -1

    def _subject(self, first: int, here: int, mentions: list[_Mention]) -> _Mention | None:
        """Return who `... is a` is said of, when the words before the insult end so."""
        place = self._back_over_fillers(first, here)
        if place < 0 or self.words[place] not in self.grammar.copula:
            return None
        itself = next((m for m in mentions if m.first <= place < m.last), None)
        if itself:
            return itself._replace(of_thing=True) if itself.name in _THINGS else itself
        before = [m for m in mentions if m.last <= place]
        if not before:
            following = [m for m in mentions if place < m.first < here]
            return following[0] if following and place == first else None
        nearest = before[-1]
        if len(before) > 1 and nearest.first > first and self.words[nearest.first - 1] in _WITHIN:
            nearest = before[-2]  # "the author of this piece is ...": said of the author
        between = self.words[nearest.last : place]
        if nearest.name in self.grammar.possessive and between and between[-1] not in self.grammar.kin:
            return nearest._replace(of_thing=True, name=f"{nearest.name} {between[-1]}")
        if nearest.name in _THINGS:
            return nearest._replace(of_thing=True)
        comma = "," in self.text.folded[self._end(nearest) : self.starts[place]]
        return nearest if len(between) <= 4 and not comma else None

    def _second_person(self, here: int, after: int, mentions: list[_Mention]) -> _Mention | None:
        """Return the reader where the ending or the word that follows says "you are": Armenian and Turkish."""
        if after < len(self.words) and self.words[after] in _AM_OR_ART:
            return next((m for m in mentions if m.first == after), None)
        turkish = self.context.policy.languages.language_of(self.text) == "tr"
        if turkish and here < after and _SECOND_PERSON.search(self.words[after - 1]):
            return _Mention(Target.READER, here, after, self.words[after - 1])
        return None

    def _tied(self, first: int, here: int, after: int, mentions: list[_Mention]) -> _Mention | None:
        """Return who stands right beside the insult: "you idiot", "that idiot Putin", "scum like you"."""
        place = self._back_over_fillers(first, here)
        if place >= 0:
            before = next((m for m in mentions if m.first <= place < m.last), None)
            gap = self.text.folded[self.starts[place] : self.starts[here]] if here < len(self.starts) else ""
            bare = not self.words[place].isascii()  # Russian and Armenian need no copula
            beside = before is not None and "," not in gap and before.name not in self.grammar.possessive
            if (
                before
                and beside
                and (before.target is Target.READER or (bare and before.target is not Target.NOBODY))
            ):
                return before
        follow = after
        while follow < len(self.words) and follow < after + 2 and self.words[follow] in self.grammar.like:
            follow += 1
        close = next((m for m in mentions if after <= m.first <= follow), None)
        if close and close.target is not Target.SELF:
            gap = self.text.folded[self.text.words[max(after - 1, 0)][2] : self.starts[close.first]]
            if not set(gap) & set(";:\n"):
                return close
        return None

    def _is_call(self, start: int, end: int, first: int, here: int, after: int, last: int) -> bool:
        """Tell whether the words are set off by a comma where a sentence begins or ends ("Read it again, fool!")."""
        folded = self.text.folded
        set_off_before = here > first and folded[self.text.words[here - 1][2] : start].strip() in (
            ",",
            "-",
            "–",
            "՛",
            "՝",
        )
        set_off_after = folded[end : end + 1] in (",", "՝", "!") and after < last
        return (set_off_before and after >= last) or (here == first and set_off_after)

    def _mentions(self) -> Iterator[_Mention]:
        """Yield everybody the text speaks of, by position; a longer name covers a shorter one."""
        names, folded = self.names, self.text.folded
        single, beginning = names.words, names.phrases
        others = "@" in folded or not folded.isascii()
        covered = 0
        for place, word in enumerate(self.words):
            if word not in single and word not in beginning and not others:
                continue
            if place < covered:
                continue
            if word in beginning:
                second = self.words[place + 1] if place + 1 < len(self.words) else ""
                for phrase, length, named in beginning[word].get(second, ()):
                    if self._stands_here(phrase, length, place):
                        covered = place + length
                        yield _Mention(named, place, covered, phrase)
                        break
                if place < covered:
                    continue
            target = self._i_or_art(place) if word in _AM_OR_ART else single.get(word)
            if others and target is None:
                target = self._other(place, word)
            if target is not None:
                yield _Mention(target, place, place + 1, word)

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


@dataclass(frozen=True, slots=True)
class _Names:
    """Those a sentence can be about: single words, pronouns among them, names by their first two words, stems."""

    words: Mapping[str, Target]
    phrases: Mapping[str, Mapping[str, list[tuple[str, int, Target]]]]
    stems: Mapping[str, Target]

    def inflected(self, word: str) -> Target | None:
        """Return whom an inflected name stands for."""
        for length in range(len(word), max(2, len(word) - _SUFFIX - 1), -1):
            if word[:length] in self.stems:
                return self.stems[word[:length]]
        return None


def _readers(context: Context) -> tuple[str, ...]:
    return (*((context.parent.author,) if context.parent else ()), *context.thread_people)


def _names_of(context: Context, language: str) -> _Names:
    """Return the names of a policy, an article and a thread; kept with the policy, for most comments share them."""
    kept: dict[object, _Names] = context.policy.__dict__.setdefault("names", {})
    article = context.article
    key = (language, article.people, article.author, _readers(context))
    names = kept.get(key)
    if names is None:
        if len(kept) >= _KEPT:
            kept.clear()
        names = kept[key] = _gathered(context.policy.people, *key)
    return names


def _gathered(
    people: People, language: str, figures: tuple[str, ...], author: str, readers: tuple[str, ...]
) -> _Names:
    words: dict[str, Target] = {**dict.fromkeys(_AM_OR_ART, Target.SELF), **pronouns_of(language)}
    phrases: dict[str, dict[str, list[tuple[str, int, Target]]]] = {}
    stems: dict[str, Target] = {}

    def add(names: Iterable[str], target: Target) -> None:
        for name in names:
            parts = re.findall(r"[^\W_]+(?:'[^\W_]+)*", name)
            if name.endswith("-"):
                stems[name[:-1]] = target
            elif len(parts) == 1:
                words[parts[0]] = target
            elif parts:
                some = phrases.setdefault(parts[0], {}).setdefault(parts[1], [])
                some.append((name, len(parts), target))

    add(people.groups, Target.GROUP)
    add(people.offices, Target.PUBLIC_FIGURE)
    add(people.public_figures, Target.PUBLIC_FIGURE)
    add(people.writers, Target.WRITER)
    for name in figures:
        add(_parts(name), Target.PUBLIC_FIGURE)
    add(_parts(author), Target.WRITER)
    for name in readers:
        add(_parts(name), Target.READER)
    for by_second in phrases.values():
        for some in by_second.values():
            some.sort(key=lambda phrase: -len(phrase[0]))
    return _Names(words, phrases, stems)


def _parts(name: str) -> Iterator[str]:
    """Yield a name whole and by those parts that are long enough not to be ordinary short words."""
    folded = fold(name).strip()
    if len(folded) >= 2:
        yield folded
    for part in folded.split():
        if len(part) >= 3 and part != folded and part.strip(".").isalpha():
            yield part.strip(".")
