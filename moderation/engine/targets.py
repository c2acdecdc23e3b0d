"""Whom a sentence is about: a reader of the thread, the article's writer, a public figure, a group, oneself, nobody.

Rules over the sentence around the words in question, in this order: quotation, a direct grammatical tie ("X is a ...",
"you ...", "... like you"), a call ("..., idiot!"), then the nearest mention. Each answer says why.
"""

import re
from bisect import bisect_left
from typing import NamedTuple

from moderation.engine import clauses
from moderation.engine.cues import cue_among, deed_beside, deed_in, has_written, is_idiom, speaks_of_animals
from moderation.engine.folding import SCRIPT_OF
from moderation.engine.mentions import NAMED, Mention
from moderation.engine.pronouns import grammar_of
from moderation.engine.reporting import (
    is_attributed,
    is_attributed_behind,
    is_discussed,
    is_turkish_report,
    studies_words,
)
from moderation.engine.subjects import Subjects
from moderation.engine.text import Text, remembered
from moderation.engine.types import Context, Target

_NEAR = 40  # characters within which a mention counts as near
_REPORTED = 6  # words after a verb of saying that are still what was said
_CALLED = frozenset([Target.PUBLIC_FIGURE, Target.WRITER, Target.GROUP])
_SET_OFF = (", ", " - ", " – ", " — ", "՝ ")  # what sets off a name that is called
_PLURAL = {  # endings of nouns in the plural
    "CYRILLIC": ("и", "ы"),
    "ARMENIAN": ("ները", "ներն", "ներ", "երը", "երն"),
    "tr": ("ler", "lar", "ları", "leri"),
    "fr": ("s", "x"),
    "hy-latn": ("nery", "nern", "ery", "ner"),
}
_DEED = 4  # words between "I" and "like an idiot"
_NEVER_SAID = re.compile(
    r"(?:never|n't|not|nobody|no one|no-one) (?:\w+ )?(?:said|say|saying|says|called|call|calling|think|thought|thinks|meant|mean|implied|"
    r"implying|claimed|claiming|suggested|suggesting)(?: that)? (?:you|he|she|they)(?: (?:were|was|are|is)|'re|'s)? (?:(?:an?|all|some) )?\Z"
)
_BUT = re.compile(r"\W{1,3}(?:but|just|only|though|although|merely)(?!\w)")
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


def is_spoken_of(text: Text, start: int, end: int, context: Context, *, explained: bool = False) -> bool:
    """Tell whether the folded stretch is spoken of as a word, to nobody, and explained if it must be: "it comes from Latin"."""
    if not clauses.SPOKEN_TO.isdisjoint(text.vocabulary):
        return False
    return _scene(text, context).is_spoken_of(start, end, explained=explained)


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


def _scene(text: Text, context: Context) -> "_Aims":
    scene: _Aims | None = text.__dict__.get("scene")
    if scene is None or scene.context is not context:
        scene = text.__dict__["scene"] = _Aims(text, context)
    return scene


class _Aims(Subjects):
    """Whom the stretches of a text are aimed at."""

    @remembered
    def studied(self) -> bool:
        """Return whether the text has a sentence of those who study words."""
        return studies_words(self.text.folded, self.text.vocabulary)

    @remembered
    def aims(self) -> dict[tuple[int, int], Aim]:
        """Return the answers given so far; several detectors ask the same."""
        return {}

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

    def _called(self, first: int, last: int) -> Mention | None:
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
        quoted = self._quotation(start, end, first, last, here)
        subject = self._subject(first, here, mentions) or self._by_ending(first, last, here, after, mentions)
        if quoted and not (subject and subject.target is Target.READER and not self._in_quotes(start, end)):
            if self._is_a_title(start, end, first, last):
                return Aim(Target.NOBODY, "it is the title of a work", of_thing=True)
            return Aim(Target.QUOTED, quoted)
        if subject and subject.name == "someone":
            tied = self._tied(first, here, after, mentions)
            subject = tied if tied and tied.target in NAMED else subject
        if subject:
            aim = self._named(
                subject,
                "is its subject",
                negated=self._is_denied(first, here) or self._was_never_said(first, start, end),
            )
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
        later = next((m for m in self._between(last, last + 4) if m.target in NAMED), None)
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

    def _is_only_me(self, first: int) -> bool:
        """Tell whether the sentence before is hardly more than "Me?"."""
        if not first:
            return False
        begin, _, _ = self._sentence(self.starts[first - 1])
        return first - begin <= 3 and any(m.target is Target.SELF for m in self._between(begin, first))

    def _is_oneself(
        self, first: int, here: int, after: int, last: int, named: bool, near: list[Mention]
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
        like = next((at for at in range(here - 1, max(first, here - 3), -1) if words[at] in clauses.LIKE), 0)
        if like:  # "I cried like an idiot"
            doer = next(iter(self._between(first, like)), None)
            done = words[doer.last : like] if doer else []
            if doer and doer.target is Target.SELF and len(done) <= _DEED and clauses.THE.isdisjoint(done):
                return True
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

    def _group_before(self, first: int) -> Mention | None:
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
            return Mention(Target.GROUP, begin, first, word)  # "Britons? Hypocrites ..."
        return next(
            (m for m in self._between(begin, first) if m.target is Target.GROUP or m.name in ("he", "she")),
            None,
        )

    def _rank(self, mention: Mention, start: int, end: int) -> tuple[bool, int, int]:
        at, until = self.starts[mention.first], self._end(mention)
        gap = start - until if until <= start else at - end
        return gap > _NEAR, _RANK.get(mention.target, 5), gap

    def _named(self, mention: Mention, how: str, *, negated: bool = False) -> Aim:
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

    def _was_never_said(self, first: int, start: int, end: int) -> bool:
        """Tell whether it is denied to have said so ("I never said you were a fool"), with no "but" behind."""
        folded = self.text.folded
        said = _NEVER_SAID.search(folded, self._start_of(first, 0), start)
        return said is not None and _BUT.match(folded, end) is None

    def quotation(self, start: int, end: int) -> str:
        """Return why the stretch is somebody else's word, or nothing."""
        first, last, here = self._sentence(start)
        return self._quotation(start, end, first, last, here)

    def is_spoken_of(self, start: int, end: int, *, explained: bool) -> bool:
        """Tell whether the stretch is named as a word."""
        first, last, here = self._sentence(start)
        begin, until = self._start_of(first, 0), self._end_of(last)
        return is_discussed(
            self.text.folded,
            begin,
            start,
            end,
            until,
            self.words[first:here],
            studied=self.studied,
            explained=explained,
        )

    def _quotation(self, start: int, end: int, first: int, last: int, here: int) -> str:
        if self.quotes and self._in_quotes(start, end):
            return "it stands between quotation marks"
        folded, begin = self.text.folded, self._start_of(first, 0)
        clause, before = folded[begin:start], self.words[first:here]
        if is_attributed(clause, before) or is_discussed(
            folded, begin, start, end, self._end_of(last), before, studied=self.studied
        ):
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

    def _is_call(self, start: int, end: int, first: int, here: int, after: int, last: int) -> bool:
        """Tell whether the words are set off by a comma where a sentence begins or ends ("Read it again, fool!")."""
        folded = self.text.folded
        gap = folded[self.text.words[here - 1][2] : start] if here > first else ""
        set_off_before = gap.startswith(_SET_OFF)
        set_off_after = folded[end : end + 1] in (",", "՝", "!") and after < last
        return (set_off_before and after >= last) or (here == first and set_off_after)
