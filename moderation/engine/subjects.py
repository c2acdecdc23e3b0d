"""The subject of what is said: the head of a phrase before a copula, of a list, of a relative clause, by an ending."""

import re
from bisect import bisect_left

from moderation.engine import clauses
from moderation.engine.cues import cue_among, deed_in
from moderation.engine.mentions import NAMED, Mention, Scene
from moderation.engine.pronouns import AM_OR_ART, ROLES, Grammar
from moderation.engine.types import Target

_SECOND_PERSON = re.compile(r"(?:s[iu]n|sün|s[iu]n[iu]z|sünüz)$")  # Turkish: "aptalsın", you are stupid
_FIRST_PERSON = re.compile(r"(?:[ai]|l[aeiu]r|s[iu]z)?[iuü]m$")  # Turkish: "aptalım", I am stupid
_ONESELF = frozenset([Target.SELF, Target.NOBODY])
_BETWEEN = (" ", ", ")  # what may stand between adjectives
_QUALITY = ("ness", "nce", "ity", "cy")  # endings of a quality that one has
_PHRASE = 14  # words that a subject may have


class Subjects(Scene):
    """The grammar that ties words to a mention."""

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

    def _subject(self, first: int, here: int, mentions: list[Mention]) -> Mention | None:
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

    def _head(self, first: int, place: int, before: list[Mention]) -> Mention | None:
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
        named = next((m for m in known if m.target in NAMED and m.name not in grammar.possessive), None)
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
            return Mention(Target.NOBODY, begin, end, head)
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

    def _person(self, begin: int, past: int, end: int, noun: str) -> Mention:
        """Return who a person is whom no name tells, from the words of the phrase."""
        told = deed_in(self.text.folded[self.starts[begin] : self.text.words[end - 1][2]]) or cue_among(
            self.words[begin:end], self.language
        )
        if told:
            return Mention(told[0], begin, end, told[1])
        if noun in clauses.TRADE_OF_WRITING:
            return Mention(Target.WRITER, begin, end, noun)
        if self.words[begin] in ("a", "an", "every", "any") and noun in ROLES and past - begin <= 3:
            return Mention(Target.GROUP, begin, end, noun)  # "a landlord is a leech"
        them = self.words[begin] in clauses.THE and past - begin <= 2 and noun in clauses.THAT_MAN
        many = noun.endswith(("s", "men", "people")) and noun not in self.grammar.third
        return Mention(
            Target.GROUP if many else Target.NOBODY, begin, end, noun if them or noun == "he" else "someone"
        )

    def _noun(self, begin: int, end: int, noun: str, place: int) -> Mention | None:
        """Return what an unknown noun stands for: many are a group, one is a thing."""
        told = cue_among([noun], self.language) if noun not in self.grammar.says else None
        if told and told[0] is not Target.PUBLIC_FIGURE:
            return Mention(told[0], begin, end, told[1], of_thing=noun in clauses.THINGS_MANY)
        if noun in clauses.THINGS_MANY:
            return Mention(Target.NOBODY, begin, end, noun, of_thing=True)
        many = noun.endswith(("s", "men", "people", "folk")) or (
            self.words[begin] == "the" and end - begin > 1
        )
        if many and self.words[place] in clauses.ARE:
            return Mention(Target.GROUP, begin, end, noun)
        if end - begin > 1 and self.words[begin] in clauses.THE:
            return Mention(Target.NOBODY, begin, end, noun, of_thing=True)
        return None

    def _seeming(self, first: int, here: int, mentions: list[Mention]) -> Mention | None:
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

    def _copula_of_a_list(self, first: int, here: int, place: int, mentions: list[Mention]) -> int:
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

    def _related(self, first: int, place: int, mentions: list[Mention]) -> Mention | None:
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
                return group or Mention(Target.NOBODY, head, head + 1, words[head])
        opener = next((at for at in range(first, place) if words[at] in clauses.WHOEVER), -1)
        if (
            opener < 0
            or opener > first + 1
            or words[place - 1] in clauses.SUBJECTS
            or any(
                m.target in NAMED and m.name not in self.grammar.you
                for m in mentions
                if opener < m.first < place
            )
        ):
            return None
        told = deed_in(self.text.folded[self.starts[opener] : self.starts[place]])
        meant = told[0] if told and told[0] is not Target.PUBLIC_FIGURE else Target.GROUP
        return Mention(meant, opener, opener + 1, words[opener])

    def _outside_commas(self, before: list[Mention], place: int) -> list[Mention]:
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
        self, first: int, last: int, here: int, after: int, mentions: list[Mention]
    ) -> Mention | None:
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
            return Mention(Target.READER, after - 1, after, words[after - 1])
        if follow in AM_OR_ART:
            return next((m for m in mentions if m.first == after), None)
        if follow in self.grammar.first_person or follow in clauses.ME:
            return Mention(Target.SELF, after, after + 1, follow)
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
            return Mention(Target.SELF, here, after, "my")
        if last - 1 > after and words[last - 1] == "me" and words[last - 2] in copula:
            return Mention(Target.SELF, last - 1, last, "me")
        if here < after and self.language == "tr":
            if _SECOND_PERSON.search(self.words[after - 1]):
                return Mention(Target.READER, here, after, self.words[after - 1])
            if _FIRST_PERSON.search(self.words[after - 1]):
                return Mention(Target.SELF, here, after, self.words[after - 1])
        return None

    def _tied(self, first: int, here: int, after: int, mentions: list[Mention]) -> Mention | None:
        """Return who stands right beside the insult: "you idiot", "that idiot Putin", "scum like you"."""
        place = self._back_over_fillers(first, here, 0)
        if place >= 0:
            before = next((m for m in mentions if m.first <= place < m.last), None)
            gap = self.text.folded[self.text.words[place][2] : self._start_of(here, len(self.text.folded))]
            # A word or two tell no language, and may be in one that needs no "are".
            needs_copula = self.language and self.language not in clauses.NO_COPULA
            bare = not (needs_copula and self.words[place].isascii())
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


def _is_role(noun: str, grammar: Grammar) -> bool:
    return noun in ROLES or noun in grammar.persons or noun.removesuffix("s") in ROLES
