"""Whom a sentence is about: a reader of the thread, the article's writer, a public figure, a group, oneself, nobody.

Rules over the sentence around the words in question, in this order: quotation, a direct grammatical tie ("X is a ...",
"you ...", "... like you"), a call ("..., idiot!"), then the nearest mention. Each answer says why.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator
from typing import NamedTuple

from moderation.engine import clauses
from moderation.engine.cues import cue_among, deed_beside, deed_in, has_written, is_idiom, speaks_of_animals
from moderation.engine.folding import SCRIPT_OF
from moderation.engine.names import names_of
from moderation.engine.pronouns import AM_OR_ART, ROLES, Grammar, grammar_of, pronouns_of
from moderation.engine.reporting import is_attributed, is_attributed_behind, is_discussed, is_turkish_report
from moderation.engine.text import Text, remembered
from moderation.engine.types import Context, Target

_QUOTES = re.compile(r'"([^"\n]{1,400})"|(?<!\w)\'([^\'\n]{3,400})\'(?!\w)')
_REACH = 30  # words on each side of the words in question, in the same sentence
_NEAR = 40  # characters within which a mention counts as near
_REPORTED = 6  # words after a verb of saying that are still what was said
_SECOND_PERSON = re.compile(r"(?:s[iu]n|sün|s[iu]n[iu]z|sünüz)$")  # Turkish: "aptalsın", you are stupid
_FIRST_PERSON = re.compile(r"(?:[ai]|l[aeiu]r|s[iu]z)?[iuü]m$")  # Turkish: "aptalım", I am stupid
_ONESELF = frozenset([Target.SELF, Target.NOBODY])
_NAMED = frozenset([Target.READER, Target.WRITER, Target.PUBLIC_FIGURE])
_CALLED = frozenset([Target.PUBLIC_FIGURE, Target.WRITER, Target.GROUP])
_SET_OFF = (", ", " - ", " – ", " — ", "՝ ")  # what sets off a name that is called
_BETWEEN = (" ", ", ")  # what may stand between adjectives
_QUALITY = ("ness", "nce", "ity", "cy")  # endings of a quality that one has
_PHRASE = 14  # words that a subject may have
_PLURAL = {  # endings of nouns in the plural
    "CYRILLIC": ("и", "ы"),
    "ARMENIAN": ("ները", "ներն", "ներ", "երը", "երն"),
    "tr": ("ler", "lar", "ları", "leri"),
    "fr": ("s", "x"),
    "hy-latn": ("nery", "nern", "ery", "ner"),
}
_RANK = {Target.READER: 0, Target.WRITER: 1, Target.PUBLIC_FIGURE: 2, Target.GROUP: 3}


class Aim(NamedTuple):
    """A target and the reason why it was taken.

    `sure` where grammar ties the words to the target, not mere nearness; `of_thing` where they are said of a thing
    ("your argument is idiotic"); `negated` where they are denied ("you are no fool"); `guessed` where no mention but a
    cue, or a kind of people, tells.
    """

    target: Target
    why: str
    sure: bool = True
    of_thing: bool = False
    negated: bool = False
    guessed: bool = False


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
    if "scene" not in text.__dict__ and not _may_quote(text, context):
        return False
    return bool(_scene(text, context).quotation(start, end))


def is_spoken_of(text: Text, start: int, end: int, context: Context) -> bool:
    """Tell whether the folded stretch is spoken of as a word, to nobody: "the word comes from Old English"."""
    if not clauses.SPOKEN_TO.isdisjoint(text.vocabulary):
        return False
    return _scene(text, context).is_spoken_of(start, end)


def _may_quote(text: Text, context: Context) -> bool:
    """Tell whether a text has a quotation mark or a verb of saying at all."""
    if '"' in text.folded or " '" in text.plain:
        return True
    return not grammar_of(context.policy.languages.language_of(text)).says.isdisjoint(text.vocabulary)


def qualifies_a_thing(text: Text, end: int, context: Context) -> bool:
    """Tell whether the adjective that ends here stands before a noun that is no person ("a stupid war")."""
    return _scene(text, context).qualifies_a_thing(end)


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


def _is_role(noun: str, grammar: Grammar) -> bool:
    return noun in ROLES or noun in grammar.persons or noun.removesuffix("s") in ROLES


class _Scene:
    """The mentions of a text in its context, found once."""

    def __init__(self, text: Text, context: Context) -> None:
        self.text, self.context = text, context
        language = self.language = context.policy.languages.language_of(text)
        self.grammar: Grammar = grammar_of(language)
        self.words = text.word_list
        self.starts = [start for _, start, _ in text.words]
        self.names = names_of(context, language)
        self.pronouns = pronouns_of(language)
        self.aims: dict[tuple[int, int], Aim] = {}
        folded = text.folded
        self.quotes = [m.span() for m in _QUOTES.finditer(folded)] if '"' in folded or "'" in folded else []

    @remembered
    def mentions(self) -> list[_Mention]:
        """Return everybody the text speaks of, by position."""
        return list(self._mentions())

    @remembered
    def firsts(self) -> list[int]:
        """Return the first word of each mention."""
        return [mention.first for mention in self.mentions]

    def aim_of(self, start: int, end: int) -> Aim:
        """Return whom the stretch is aimed at."""
        first, last, here = self._sentence(start)
        aim = self._aim(start, end, first, last, here)
        if aim.target is Target.READER:
            called = self._called(first, last)
            if called and called.target in _CALLED:
                return aim._replace(target=called.target, why=f"'{called.name}' is called by name")
            if self.context.parent is None and has_written(
                self.text.folded[self._start_of(first, 0) : self._end_of(last)]
            ):
                return aim._replace(target=Target.WRITER, why="the one who wrote it is spoken to")
        return aim

    def _called(self, first: int, last: int) -> _Mention | None:
        """Return who is called at the beginning of a sentence that goes on to say "you" ("Nikol, you are a traitor!")."""
        begin = first
        if first:  # "Moderator! You are ..."
            fragment, _, _ = self._sentence(self.starts[first - 1])
            begin = fragment if first - fragment <= 3 else first
        for mention in self._between(begin, last):
            if mention.target not in _CALLED:
                continue
            before, after = self.words[begin : mention.first], self._after(mention)
            opens = all(word in self.grammar.title or word in self.grammar.you for word in before)
            if opens and (
                after.startswith((",", "՝")) or (mention.last == first and after[:1] in ("!", ",", ".", "?"))
            ):
                return mention
            if (
                after.startswith(",")
                and self.text.folded[: self.starts[mention.first]].endswith(", ")
                and mention.target is not Target.GROUP
            ):
                aside = self.words[mention.first - 1 : mention.first]
                if not clauses.AND.intersection(
                    self.words[mention.last : mention.last + 1]
                ) and aside not in (
                    ["and"],
                    ["or"],
                ):
                    return mention  # "Resign, Nikol, you ..."
        return None

    def _aim(self, start: int, end: int, first: int, last: int, here: int) -> Aim:
        after = bisect_left(self.starts, end, here)
        if is_idiom(self.text.folded, start, end):
            return Aim(Target.NOBODY, "it is a saying", of_thing=True)
        mentions = self._between(first, last)
        folded, until = self.text.folded, self._end_of(last)
        doer = deed_beside(folded, self._start_of(first, 0), start, end, until, self.words[first:last])
        if doer and not self._in_quotes(start, end):
            return Aim(doer[0], f"'{doer[1]}' tells who it is")
        quoted = self._quotation(start, end, first, here)
        subject = self._subject(first, here, mentions) or self._by_ending(first, last, here, after, mentions)
        if quoted and not (subject and subject.target is Target.READER and not self._in_quotes(start, end)):
            if self._is_a_title(start, end, first, last):
                return Aim(Target.NOBODY, "it is the title of a work", of_thing=True)
            return Aim(Target.QUOTED, quoted)
        if subject and subject.name == "someone":
            tied = self._tied(first, here, after, mentions)
            subject = tied if tied and tied.target in _NAMED else subject
        if subject:
            aim = self._named(subject, "is its subject", negated=self._is_denied(first, here))
            return (
                aim._replace(guessed=True, sure=False)
                if aim.target is Target.GROUP and subject.name in clauses.WHOEVER
                else aim
            )
        tied = self._tied(first, here, after, mentions)
        if tied:
            return self._named(tied, "stands next to it", negated=self._is_denied(first, here, words=2))
        offices = self.context.policy.people.offices
        near = [
            m
            for m in mentions
            if (m.last <= here or m.first >= after)
            and m.target is not Target.SELF
            and m.name not in clauses.THINGS
            and not (m.name in clauses.THAT_MAN and self.words[m.first - 1 : m.first] in (["a"], ["an"], []))
            and not (m.last == here and m.name in offices)  # "a Kremlin parrot"
        ]
        named = [m for m in near if m.target is not Target.NOBODY]
        if self._is_oneself(first, here, after, last, bool(named), near):
            return Aim(Target.SELF, "the one who writes speaks of oneself")
        plural = folded[start:end].endswith("s")  # one who is called so is none of many
        if self._is_call(start, end, first, here, after, last) and not any(
            m.target in (Target.PUBLIC_FIGURE, Target.GROUP, Target.NOBODY)
            and (plural or m.target is not Target.GROUP or not m.name.endswith("s"))
            for m in near
        ):
            return Aim(Target.READER, "somebody is called so")
        if not named and speaks_of_animals(self.words[here:after], self.words[first:last]):
            return Aim(Target.NOBODY, "it is an animal or a thing", of_thing=True)
        if near:
            many = folded[start:end].endswith("s") and any(m.target is Target.GROUP for m in near)
            nearest = min(
                near, key=lambda m: (many and m.target is not Target.GROUP, *self._rank(m, start, end))
            )
            aim = self._named(
                nearest, "is the nearest mention", negated=self._is_denied(first, here, words=2)
            )
            return aim._replace(sure=False)
        # "Don't be a fool" tells somebody that he is one.
        denied = self._is_denied(first, here, words=2) and "be" not in self.words[max(first, here - 3) : here]
        told = deed_in(folded[self._start_of(first, 0) : until]) or cue_among(
            self.words[first:last], self.language
        )
        if told:
            return Aim(
                told[0], f"'{told[1]}' gives away who is meant", sure=False, negated=denied, guessed=True
            )
        if not clauses.ALL.isdisjoint(self.words[first:here]) or self._follows_many(first, here):
            return Aim(Target.GROUP, "all of a kind are meant", sure=False, negated=denied, guessed=True)
        if self.words[max(first, here - 1) : here] in (["those"], ["these"]) and folded[start:end].endswith(
            "s"
        ):
            earlier = self._last_named(first)
            named_so = earlier.target if earlier else Target.GROUP
            return Aim(named_so, "many are pointed at", sure=False, negated=denied, guessed=True)
        if (
            self.words[after : after + 1]
            and self.words[after] in ("would", "could")
            and self.words[first:here] in (["a"], ["an"])
        ):
            return Aim(Target.NOBODY, "anybody of the kind would", sure=False)
        if self.context.parent is not None and here == first:
            return Aim(Target.READER, "it opens the answer to another reader")
        earlier = self._last_named(first)
        if earlier:
            return Aim(earlier.target, f"'{earlier.name}' was named before", sure=False, negated=denied)
        before = self._group_before(first)
        if before:
            aim = self._named(before, "was spoken of before", negated=denied)
            return aim._replace(sure=False, guessed=True)
        if self._is_only_me(first):
            return Aim(Target.SELF, "the sentence before named oneself")
        later = next((m for m in self._between(last, last + 4) if m.target in _NAMED), None)
        if later and not self.pronouns.keys() & {later.name}:
            return Aim(
                later.target, f"'{later.name}' is named after", sure=False, negated=denied, guessed=True
            )
        if self.context.parent is not None:
            return Aim(Target.READER, "it is an answer to another reader, and names nobody", sure=False)
        return Aim(Target.NOBODY, "nobody is named in the sentence", sure=False, negated=denied)

    def _follows_many(self, first: int, here: int) -> bool:
        """Tell whether an unknown noun in the plural stands before the insult, in a language that needs no "are"."""
        place = self._back_over_fillers(first, here, 0)
        if place < 0 or place > first + 2:
            return False
        word = self.words[place]
        if word in self.grammar.copula and place > first:
            word = self.words[place - 1]
        endings = _PLURAL.get(self.language) or _PLURAL.get(SCRIPT_OF[word[0]], ())
        gap = self.text.folded[self.text.words[place][2] : self._start_of(place + 1, self._end_of(here))]
        if gap.startswith(":") and word.endswith("s"):
            return True  # "Real estate agents: vultures"
        return len(word) > 4 and word.endswith(tuple(endings)) and word not in self.pronouns

    def _end_of(self, last: int) -> int:
        return self.text.words[last - 1][2] if last else 0

    def _is_only_me(self, first: int) -> bool:
        """Tell whether the sentence before is hardly more than "Me?"."""
        if not first:
            return False
        begin, _, _ = self._sentence(self.starts[first - 1])
        return first - begin <= 3 and any(m.target is Target.SELF for m in self._between(begin, first))

    def _is_oneself(
        self, first: int, here: int, after: int, last: int, named: bool, near: list[_Mention]
    ) -> bool:
        """Tell whether the writer of the comment means oneself without saying "I am a"."""
        words = self.words
        place = self._back_over_fillers(first, here, 0)
        if place >= 0 and words[place] in ("me", "myself", "us"):
            return True
        behind = words[after : after + 5]
        for at, word in enumerate(behind[:2]):
            tied = at == 0 or behind[0] in ("that", "as", "than", "which")
            if tied and word in ("i", "we") and not clauses.BE_I.isdisjoint(behind[at + 1 : at + 2]):
                return not named
        if behind[:2] == ["of", "me"] or {"yours", "truly"} <= set(words[first : last + 4]):
            return True
        if "guess" in words[first:here] and "who" in words[first:here]:
            return not named
        if named:
            return False
        if any(
            word in clauses.MINE for word in words[max(first, here - 3) : here]
        ) and not clauses.OWN_PARTS.isdisjoint(words[max(first, here - 2) : after + 1]):
            return True
        others = any(
            m.name in clauses.HE or m.name in clauses.THEY or m.name in clauses.THAT_MAN for m in near
        )
        speaks = any(m.target is Target.SELF for m in self._between(first, last))
        return speaks and not others and not clauses.CONFESSES.isdisjoint(words[first:last])

    def _is_a_title(self, start: int, end: int, first: int, last: int) -> bool:
        """Tell whether the quoted words are a title: every one with a capital, and nobody says them."""
        inside = next(((a, b) for a, b in self.quotes if a < start and end < b), None)
        if inside is None or not self.grammar.says.isdisjoint(self.words[first:last]):
            return False
        span = self.text.original_span(inside[0] + 1, inside[1] - 1)
        written = self.text.original[span.start : span.end]
        parts = [part for part in written.split() if len(part) > 3 or part == written.split()[0]]
        return (
            bool(parts)
            and all(part[:1].isupper() for part in parts)
            and written[-1:].isalpha()
            and not written.isupper()
        )

    def _last_named(self, first: int) -> _Mention | None:
        """Return whom the sentence before named, where it named one."""
        earlier = [m for m in self.mentions[: bisect_left(self.firsts, first)] if m.target in _NAMED]
        if earlier and first - earlier[-1].first <= _REACH and earlier[-1].name not in self.pronouns:
            return earlier[-1]
        return None

    def _group_before(self, first: int) -> _Mention | None:
        """Return the group or the "he" that the sentence before is about."""
        if not first:
            return None
        begin, _, _ = self._sentence(self.starts[first - 1])
        word = self.words[first - 1]
        if (
            first - begin <= 2
            and word.endswith("s")
            and len(word) > 4
            and self.words[begin] not in self.names.words
        ):
            return _Mention(Target.GROUP, begin, first, word)  # "Britons? Hypocrites ..."
        return next(
            (m for m in self._between(begin, first) if m.target is Target.GROUP or m.name in ("he", "she")),
            None,
        )

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
        if mention.name in clauses.HE or mention.name in clauses.THAT_MAN:
            earlier = self._last_named(mention.first)
            if earlier:
                why = f"'{mention.name}' {how}, and means '{earlier.name}'"
                return Aim(earlier.target, why, negated=negated)
        if mention.name in clauses.THEY:
            groups = [
                m
                for m in self.mentions[: bisect_left(self.firsts, mention.first)]
                if m.target is Target.GROUP
            ]
            if groups:
                why = f"'{mention.name}' {how}, and means '{groups[-1].name}'"
                return Aim(Target.GROUP, why, negated=negated)
            earlier = self._last_named(mention.first)
            return Aim(
                earlier.target if earlier else Target.GROUP,
                f"'{mention.name}' {how}",
                sure=False,
                negated=negated,
                guessed=True,
            )
        if (
            mention.name in clauses.HE or mention.name in clauses.THAT_MAN
        ) and self.context.parent is not None:
            told = cue_among(self.words, self.language)
            if told and told[0] is Target.READER:
                return Aim(
                    Target.READER, f"'{mention.name}' {how}, and '{told[1]}' tells who it is", negated=negated
                )
        if mention.name in clauses.HE and self.context.article.people:
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

    def is_spoken_of(self, start: int, end: int) -> bool:
        """Tell whether the stretch is named as a word."""
        first, _, here = self._sentence(start)
        return is_discussed(self.text.folded, self._start_of(first, 0), start, end, self.words[first:here])

    def _quotation(self, start: int, end: int, first: int, here: int) -> str:
        if self.quotes and self._in_quotes(start, end):
            return "it stands between quotation marks"
        folded, begin = self.text.folded, self._start_of(first, 0)
        clause, before = folded[begin:start], self.words[first:here]
        if is_attributed(clause, before) or is_discussed(folded, begin, start, end, before):
            return "it is what others say or think"
        if self.language == "tr" and is_turkish_report(clause) and self._says_after(end):
            return "it is reported speech"
        if not self.quotes and is_attributed_behind(folded, end):
            return "it is reported speech"
        says = self.grammar.says
        said = self.words[max(first, here - _REPORTED) : here]
        if not says.isdisjoint(said):
            for place in range(here - 1, here - len(said) - 1, -1):
                word = self.words[place]
                if (
                    word in clauses.BREAKS
                    or "," in self.text.folded[self.starts[place] : self._start_of(place + 1, start)]
                ):
                    break
                by, what = self.words[max(first, place - 2) : place], self.words[place + 1 : place + 2]
                own = not clauses.OWN_SAYING.isdisjoint(by) and by[-1] not in self.grammar.copula
                own = own or (
                    not self.grammar.copula.isdisjoint(what) and word not in clauses.NOUNS_OF_SAYING
                )  # "what he said is"
                own = own or what == ["it"]  # "come and say it"
                own = (
                    own
                    or by[-1:] == ["so"]
                    or (word in clauses.CALLS and what == ["me"] and not (by and place > first))
                )
                own = own or (place == first and what in (["the"], ["a"]))  # "Said the fool who ..."
                if (
                    word in says and not own and clauses.LIKE.isdisjoint(what)
                ):  # not "I say", not "writes like a fool"
                    return "it is reported speech"
        after = bisect_left(self.starts, end, here)
        armenian = here < len(self.words) and SCRIPT_OF[self.words[here][0]] == "ARMENIAN"
        behind = self.words[after : after + 2] if armenian or self.language in clauses.VERB_LAST else ()
        return "it is reported speech" if not says.isdisjoint(behind) else ""

    def _says_after(self, end: int) -> bool:
        after = bisect_left(self.starts, end)
        return not self.grammar.says.isdisjoint(self.words[after : after + 3])

    def _start_of(self, place: int, default: int) -> int:
        return self.starts[place] if place < len(self.starts) else default

    def _back_over_fillers(self, first: int, here: int, adjectives: int) -> int:
        """Return the place of the last word before `here` that is no filler, nor one of so many adjectives; or -1."""
        folded, place = self.text.folded, here - 1
        while place >= first:
            word = self.words[place]
            if word not in self.grammar.filler:
                known = (
                    word in self.names.words
                    or word in self.grammar.copula
                    or not adjectives
                    or place == first
                )
                gap = folded[self.text.words[place][2] : self._start_of(place + 1, len(folded))]
                tied = any(
                    self._ties(before) for before in self.words[max(first, place - adjectives) : place]
                )
                if known or gap not in _BETWEEN or not tied or word in clauses.BY:
                    break
                adjectives -= 1
            place -= 1
        return place if place >= first else -1

    def _ties(self, word: str) -> bool:
        """Tell whether a word can tie what follows to somebody: a filler, a copula or "you"."""
        return word in self.grammar.filler or word in self.grammar.copula or word in self.grammar.you

    def _subject(self, first: int, here: int, mentions: list[_Mention]) -> _Mention | None:
        """Return who `... is a` is said of, when the words before the insult end so."""
        after = bisect_left(self.starts, self.text.words[here][1] + 1) if here < len(self.words) else here
        if self.words[after : after + 1] == ["as"] and "as" in self.words[max(first, here - 2) : here]:
            alike = next((m for m in mentions if m.first == after + 1 and m.name == "you"), None)
            if alike:
                return alike
        seeming = self._seeming(first, here, mentions)
        if seeming:
            return seeming
        place = self._back_over_fillers(first, here, 2)
        if place >= 0 and self.words[place] not in self.grammar.copula:
            place = self._copula_of_a_list(first, here, place, mentions)
        if place < 0 or self.words[place] not in self.grammar.copula:
            return None
        related = self._related(first, place, mentions)
        if related:
            return related
        itself = next((m for m in mentions if m.first <= place < m.last), None)
        if itself:
            return itself._replace(of_thing=True) if itself.name in clauses.THINGS else itself
        before = self._outside_commas([m for m in mentions if m.last <= place], place)
        if not before:
            following = [m for m in mentions if place < m.first < here]
            if following and place == first:
                return following[0]  # "Are you a ..."
        return self._head(first, place, before)

    def _head(self, first: int, place: int, before: list[_Mention]) -> _Mention | None:
        """Return what the noun phrase before a copula stands for: its head is its first noun, not its last."""
        words, folded, grammar = self.words, self.text.folded, self.grammar
        end = place
        if place and folded[self.text.words[place - 1][2] : self.starts[place]].startswith(",") and before:
            end = before[-1].last  # an aside between commas
        if end <= first:
            return None
        begin = self._opening(first, end)
        inside = [m for m in before if begin <= m.first < end]
        reader = next(
            (m for m in inside if m.target is Target.READER and m.name not in grammar.possessive), None
        )
        if reader and (
            reader.first == begin
            or words[reader.first - 1] in clauses.OF_YOU
            or words[reader.last : reader.last + 1] == ["and"]
        ):
            would = words[reader.last : place]
            if "have" in would and (reader.name == "you'd" or "would" in would):
                return reader._replace(target=Target.NOBODY)  # "you would have to be a fool to ...": anybody
            return reader
        if end > begin + 1 and words[end - 2] == "and" and inside and inside[-1].target is Target.SELF:
            return inside[-1]  # "my wife and I are ..."
        doer = next((m for m in inside if m.name in clauses.SUBJECTS and m.name != "it"), None)
        beside = doer is not None and all(word in grammar.filler for word in words[doer.last : place])
        if (
            doer
            and (beside or words[begin] not in clauses.THE | clauses.ALL)
            and (doer.first == begin or doer is inside[-1])
        ):
            return doer  # "I used to be", "had I been"
        owner = next((m for m in inside if m.first <= begin + 1 and words[m.last - 1].endswith("'s")), None)
        past = begin + 1
        while past < end and (
            words[past] not in clauses.AFTER_NOUN or (past == begin + 1 and words[begin] in clauses.THE)
        ):
            if (
                words[past] in clauses.EVERYONE
                and past > begin + 1
                and words[begin] in clauses.THE | clauses.ALL
            ):
                break  # "the general everyone praised"
            past += 1
        known = [m for m in inside if m.first < past]
        head = words[past - 1] if past > begin else ""
        if owner and owner.last < past:
            if head in grammar.kin:
                return owner
            return (
                self._person(begin, past, end, head)
                if _is_role(head, grammar)
                else owner._replace(of_thing=True, name=f"{owner.name} {head}")
            )
        whole = next(
            (
                m
                for m in reversed(known)
                if m.last == past and m.name not in grammar.possessive and m.name not in clauses.THINGS
            ),
            None,
        )
        if whole and whole.name not in clauses.THAT_MAN:
            return whole
        named = next((m for m in known if m.target in _NAMED and m.name not in grammar.possessive), None)
        if named and (_is_role(head, grammar) or named.first == begin):
            return named  # "this Kevork fellow"
        mine = next((m for m in known if m.name in grammar.possessive), None)
        if mine:
            if head in clauses.THEIR_PEOPLE:
                return mine._replace(target=Target.GROUP, name=f"{mine.name} {head}")
            if head in grammar.kin or mine.last == past:
                return mine
            if not _is_role(head, grammar):
                return mine._replace(of_thing=True, name=f"{mine.name} {head}")
        if head in ("one", "ones") and past > begin + 1 and words[begin] in ("no", "not"):
            return _Mention(Target.NOBODY, begin, end, head)
        if head == "one":
            return self._person(begin, past, end, "he" if words[begin] in clauses.THE_ONE else "someone")
        if _is_role(head, grammar) or head in clauses.THAT_MAN:
            return self._person(begin, past, end, head)
        group = next((m for m in known if m.target is Target.GROUP), None)
        if group and (head.endswith("s") or (group.first == begin and group.last == past)):
            return group
        if group or (known and known[0].name in clauses.THINGS and past == begin + 1):
            return (group or known[0])._replace(of_thing=True)  # "the Turkish lira is ...", "this is ..."
        return self._noun(begin, end, head, place)

    def _opening(self, first: int, end: int) -> int:
        """Return where the clause begins whose subject ends before word `end`."""
        words, folded = self.words, self.text.folded
        begin = end - 1
        while begin > first:
            word, previous = words[begin], words[begin - 1]
            gap = folded[self.text.words[begin - 1][2] : self.starts[begin]]
            if previous in clauses.CLAUSES or gap.strip(" '\"-") or "- " in gap or end - begin >= _PHRASE:
                break
            told = previous in self.grammar.says or previous in clauses.THINKS
            if (
                told
                and clauses.WHO.isdisjoint(words[max(first, begin - 4) : begin - 1])
                and words[begin - 2 : begin - 1] != ["whoever"]
            ) or (previous == "that" and word in clauses.THE | self.names.words.keys()):
                break
            if word in clauses.SUBJECTS and not (
                word == "you" and previous in clauses.WITHIN | clauses.OF_YOU
            ):
                reduced = (
                    previous not in clauses.AND | clauses.OPENERS
                    and gap == " "
                    and words[first] in clauses.THE | clauses.ALL
                    and begin - first <= 4
                )
                if reduced and previous not in self.grammar.copula:
                    begin -= 1  # "every politician I ever met"
                    continue
                joined = previous == "and" and begin - 2 >= first
                if not joined or any(
                    w in self.grammar.copula or w in self.grammar.says for w in words[first : begin - 1]
                ):
                    break
            begin -= 1
        while (
            begin < end - 1
            and words[begin] in clauses.OPENERS
            and not (words[begin] == "that" and end - begin <= 2)
        ):
            begin += 1
        return begin

    def _person(self, begin: int, past: int, end: int, noun: str) -> _Mention:
        """Return who a person is whom no name tells, from the words of the phrase."""
        told = deed_in(self.text.folded[self.starts[begin] : self.text.words[end - 1][2]]) or cue_among(
            self.words[begin:end], self.language
        )
        if told:
            return _Mention(told[0], begin, end, told[1])
        if noun in clauses.TRADE_OF_WRITING:
            return _Mention(Target.WRITER, begin, end, noun)
        if self.words[begin] in ("a", "an", "every", "any") and noun in ROLES and past - begin <= 3:
            return _Mention(Target.GROUP, begin, end, noun)  # "a landlord is a leech"
        them = self.words[begin] in clauses.THE and past - begin <= 2 and noun in clauses.THAT_MAN
        many = noun.endswith(("s", "men", "people")) and noun not in self.grammar.third
        return _Mention(
            Target.GROUP if many else Target.NOBODY, begin, end, noun if them or noun == "he" else "someone"
        )

    def _noun(self, begin: int, end: int, noun: str, place: int) -> _Mention | None:
        """Return what an unknown noun stands for: many are a group, one is a thing."""
        told = cue_among([noun], self.language) if noun not in self.grammar.says else None
        if told and told[0] is not Target.PUBLIC_FIGURE:
            return _Mention(told[0], begin, end, told[1], of_thing=noun in clauses.THINGS_MANY)
        if noun in clauses.THINGS_MANY:
            return _Mention(Target.NOBODY, begin, end, noun, of_thing=True)
        many = noun.endswith(("s", "men", "people", "folk")) or (
            self.words[begin] == "the" and end - begin > 1
        )
        if many and self.words[place] in clauses.ARE:
            return _Mention(Target.GROUP, begin, end, noun)
        if end - begin > 1 and self.words[begin] in clauses.THE:
            return _Mention(Target.NOBODY, begin, end, noun, of_thing=True)
        return None

    def _seeming(self, first: int, here: int, mentions: list[_Mention]) -> _Mention | None:
        """Return who "strikes me as a", "will be remembered as a" is said of."""
        for place in range(here - 1, max(first, here - 5) - 1, -1):
            if (
                self.words[place] == "into"
                and self.words[place - 1 : place]
                and self.words[place - 1].startswith("turn")
            ):
                return next((m for m in reversed(mentions) if m.last <= place - 1), None)
            if self.words[place] == "as" and not clauses.SEEMS.isdisjoint(
                self.words[max(first, place - 3) : place]
            ):
                verb = next(p for p in range(place - 1, first - 1, -1) if self.words[p] in clauses.SEEMS)
                return next((m for m in reversed(mentions) if m.last <= verb), None)
        return None

    def _copula_of_a_list(self, first: int, here: int, place: int, mentions: list[_Mention]) -> int:
        """Return the copula before "a liar, a thief and a ..." when the insult goes on such a list; else the place given."""
        gap = self.text.folded[self.text.words[place][2] : self._start_of(place + 1, len(self.text.folded))]
        listed = gap.startswith(",") or not clauses.AND.isdisjoint(self.words[place : place + 2])
        if not listed or not clauses.BREAKS.isdisjoint(self.words[place + 1 : here]):
            return place
        for copula in range(place, max(first, place - 10) - 1, -1):
            word = self.words[copula]
            if word in self.grammar.copula:
                between = [m for m in mentions if copula < m.first < here]
                return copula if all(m.name in self.grammar.possessive for m in between) else place
            if word in clauses.BREAKS or word in clauses.WHO:
                break
        return place

    def _related(self, first: int, place: int, mentions: list[_Mention]) -> _Mention | None:
        """Return whom "who is a" goes back to, or whom "whoever did it is a" means."""
        words = self.words
        if (place - 1 > first and words[place - 1] in ("who", "that")) or words[place] in ("who's", "who're"):
            head = place - 2 if words[place] not in ("who's", "who're") else place - 1
            known = next((m for m in mentions if m.first <= head < m.last), None)
            if known and known.target is not Target.NOBODY:
                return known
            if words[head] in (
                "one",
                "anyone",
                "someone",
                "nobody",
                "somebody",
                "those",
                "people",
                "everyone",
                "everybody",
            ):
                group = next(
                    (
                        m
                        for m in reversed(self.mentions[: bisect_left(self.firsts, place)])
                        if m.target is Target.GROUP
                    ),
                    None,
                )
                return group or _Mention(Target.NOBODY, head, head + 1, words[head])
        opener = next((at for at in range(first, place) if words[at] in clauses.WHOEVER), -1)
        if (
            opener < 0
            or opener > first + 1
            or words[place - 1] in clauses.SUBJECTS
            or any(
                m.target in _NAMED and m.name not in self.grammar.you
                for m in mentions
                if opener < m.first < place
            )
        ):
            return None
        told = deed_in(self.text.folded[self.starts[opener] : self.starts[place]])
        meant = told[0] if told and told[0] is not Target.PUBLIC_FIGURE else Target.GROUP
        return _Mention(meant, opener, opener + 1, words[opener])

    def _outside_commas(self, before: list[_Mention], place: int) -> list[_Mention]:
        """Return the mentions before a copula without those in an aside: "The author, like his editor, is ..."."""
        folded, words = self.text.folded, self.text.words
        if place and folded[words[place - 1][2] : self.starts[place]].startswith(","):
            comma = folded.rfind(",", 0, words[place - 1][1])
            outside = [m for m in before if self._end(m) <= comma]
            if outside and comma >= 0:
                return outside
        return before

    def qualifies_a_thing(self, end: int) -> bool:
        """Tell whether an adjective that ends here has a noun right behind it that is no person."""
        after = bisect_left(self.starts, end)
        if after >= len(self.words) or self.text.folded[end : self.starts[after]] != " ":
            return False
        word, grammar = self.words[after], self.grammar
        if word in clauses.AND and after + 2 < len(self.words) and not self._begins(self.words[after + 1]):
            word = self.words[after + 2]  # "those disgusting and treacherous comments"
            return word in clauses.THINGS_MANY or word.removesuffix("s") + "s" in clauses.THINGS_MANY
        return not (
            word in grammar.persons or word in grammar.copula or word in grammar.you or word in grammar.third
        )

    def _begins(self, word: str) -> bool:
        """Tell whether a word begins a noun phrase or is one, and so is no adjective."""
        return word in clauses.THE or word in self.names.words

    def _by_ending(
        self, first: int, last: int, here: int, after: int, mentions: list[_Mention]
    ) -> _Mention | None:
        """Return the reader or the writer of the comment where a word close by, or an ending, says "you are" or "I am"."""
        words, copula = self.words, self.grammar.copula
        follow = words[after] if after < len(words) else ""
        what = after + 1 + (words[after : after + 2] == ["that", "is"])
        if words[what : what + 1] == ["what"] and words[after] in ("that's", "that", "thats"):
            said_of = next((m for m in mentions if m.first == what + 1), None)
            if said_of and what + 2 < len(words) and words[what + 2] in copula:
                return said_of
        if (
            words[after : after + 1] == ["that"]
            and words[after + 2 : after + 3]
            and words[after + 2] in ("am", "are", "is", "was", "were")
        ):
            said_of = next((m for m in mentions if m.first == after + 1), None)
            if said_of:
                return said_of
        if here < after - 1 and words[after - 1] in AM_OR_ART:
            return _Mention(Target.READER, after - 1, after, words[after - 1])
        if follow in AM_OR_ART:
            return next((m for m in mentions if m.first == after), None)
        if follow in self.grammar.first_person or follow in clauses.ME:
            return _Mention(Target.SELF, after, after + 1, follow)
        before = words[max(first, here - 3) : here]
        opens = {"as", "being", "for", "like"} & set(words[first : first + 2])
        if opens and here - first <= 5:
            said_of = next((m for m in mentions if m.first == after), None)
            comma = self.text.folded[self.text.words[after - 1][2] :].startswith(",")
            if (
                said_of
                and (comma or said_of.name in clauses.SUBJECTS)
                and said_of.name not in self.grammar.possessive
            ):
                return said_of  # "As a former bully, I can tell you ..."
        oneself = next((m for m in mentions if m.target is Target.SELF), None)
        if oneself and "as" in before[:-1] and all(m.target in _ONESELF for m in mentions):
            return oneself
        if (
            ("my" in before[-1:] and words[after - 1].endswith(_QUALITY))
            or "myself" in words[max(first, here - 2) : after + 1]
            or not clauses.FORGIVE.isdisjoint(before)
        ):
            return _Mention(Target.SELF, here, after, "my")
        if last - 1 > after and words[last - 1] == "me" and words[last - 2] in copula:
            return _Mention(Target.SELF, last - 1, last, "me")
        if here < after and self.language == "tr":
            if _SECOND_PERSON.search(self.words[after - 1]):
                return _Mention(Target.READER, here, after, self.words[after - 1])
            if _FIRST_PERSON.search(self.words[after - 1]):
                return _Mention(Target.SELF, here, after, self.words[after - 1])
        return None

    def _tied(self, first: int, here: int, after: int, mentions: list[_Mention]) -> _Mention | None:
        """Return who stands right beside the insult: "you idiot", "that idiot Putin", "scum like you"."""
        place = self._back_over_fillers(first, here, 0)
        if place >= 0:
            before = next((m for m in mentions if m.first <= place < m.last), None)
            gap = self.text.folded[self.text.words[place][2] : self._start_of(here, len(self.text.folded))]
            bare = not self.words[place].isascii() or self.language in clauses.NO_COPULA
            if before and before.name not in self.grammar.possessive:
                named = before.target is not Target.NOBODY and before.target is not Target.SELF
                if "," not in gap and (before.target is Target.READER or (bare and named)):
                    return before
                if (
                    named and gap.startswith(", ") and before.name not in self.grammar.you
                ):  # "Vicken, the village idiot"
                    return before
                if named and self.words[place].endswith("'s"):
                    return before
                if before.target is Target.SELF and (self.words[place] == "me" or bare) and "," not in gap:
                    return before
                if before.target is Target.SELF and gap.startswith(
                    ", "
                ):  # "we, the clowns who stood in the rain"
                    return before
        if here > first and self.text.folded[self.text.words[here - 1][2] : self.starts[here]].strip() in (
            "—",
            "–",
        ):
            dashed = [m for m in mentions if m.last <= here and m.target is not Target.NOBODY]
            if dashed:  # "the author of the article — a fool": the Russian copula
                return dashed[-1]
        follow = after
        while follow < len(self.words) and follow < after + 2 and self.words[follow] in self.grammar.like:
            follow += 1
        close = next(
            (m for m in mentions if after <= m.first <= follow and m.name not in self.grammar.like), None
        )
        is_said_of = close is not None and (
            close.target is not Target.SELF
            or (close.last < len(self.words) and self.words[close.last] in self.grammar.copula)
        )
        if close and is_said_of:
            gap = self.text.folded[self.text.words[max(after - 1, 0)][2] : self.starts[close.first]]
            if not set(gap) & set(";:\n"):
                return close
        return None

    def _is_call(self, start: int, end: int, first: int, here: int, after: int, last: int) -> bool:
        """Tell whether the words are set off by a comma where a sentence begins or ends ("Read it again, fool!")."""
        folded = self.text.folded
        gap = folded[self.text.words[here - 1][2] : start] if here > first else ""
        set_off_before = gap.startswith(_SET_OFF)
        set_off_after = folded[end : end + 1] in (",", "՝", "!") and after < last
        return (set_off_before and after >= last) or (here == first and set_off_after)

    def _mentions(self) -> Iterator[_Mention]:
        """Yield everybody the text speaks of, by position; a longer name covers a shorter one."""
        names, folded = self.names, self.text.folded
        single, beginning = names.words, names.phrases
        suffixed = ("'s", "y", "n", "in") if self.language == "hy-latn" else "'s"
        others = "@" in folded or not folded.isascii()
        covered = 0
        named = names.known & self.text.vocabulary
        for place, word in enumerate(self.words):
            if word not in named and not others and not word.endswith(suffixed):
                continue
            if place < covered:
                continue
            if word in beginning:
                second = self.words[place + 1].removesuffix("'s") if place + 1 < len(self.words) else ""
                for phrase, length, target in beginning[word].get(second, ()):
                    if self._stands_here(phrase, length, place):
                        covered = place + length
                        yield _Mention(target, place, covered, phrase)
                        break
                if place < covered:
                    continue
            whom = self._i_or_art(place) if word in AM_OR_ART else single.get(word)
            if whom is None and word.endswith("'s"):
                whom = single.get(word[:-2])
            if whom is None and self.language == "hy-latn" and len(word) > 4:
                whom = next(
                    (single[word[:-cut]] for cut in (1, 2) if single.get(word[:-cut]) in _NAMED), None
                )
            if others and whom is None:
                whom = self._other(place, word)
            if word == "un" and whom is Target.PUBLIC_FIGURE:
                span = self.text.original_span(self.starts[place], self.starts[place] + 2)
                whom = whom if self.text.original[span.start : span.end] == "UN" else None
            if whom is not None:
                before = self.words[place - 1] if place else ""
                if (
                    whom is Target.READER
                    and word in self.grammar.possessive
                    and (cue_among(self.words[place + 1 : place + 2], self.language) or ("",))[0]
                    is Target.WRITER
                ):
                    whom = Target.WRITER  # "your newsroom"
                elif before == "по" and word in self.pronouns:
                    continue  # "по-моему"
                elif whom is Target.GROUP and before in ("we", "us", "our"):
                    whom = Target.SELF
                elif (
                    whom is Target.PUBLIC_FIGURE
                    and before in clauses.ANY
                    and word in self.context.policy.people.offices
                ):
                    whom = Target.GROUP  # "what is a politician?"
                yield _Mention(whom, place, place + 1, word)

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
