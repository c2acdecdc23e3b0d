"""Personal attack: insults of the lexicon and turns of phrase, weighed by whom they are aimed at.

Harsh criticism (liar, traitor, coward) is what a fellow reader must not be called and a public figure may be.
"""

import re
from collections.abc import Iterator

from moderation.engine.lexicon import Match
from moderation.engine.phrases import Phrases
from moderation.engine.targets import Aim, aim_of
from moderation.engine.text import Text
from moderation.engine.types import Context, Signal, Target

_INSULT = {"mild": 0.45, "strong": 0.92, "extreme": 1.0}
_ACCUSATION = {"mild": 0.6, "strong": 0.9, "extreme": 0.95}
_HARMLESS = 0.2  # recorded for the moderator, of no effect
_UNSURE = 0.76  # an insult near a reader's mention that grammar does not tie to it: for a person to judge

_YOU = frozenset(["you", "your", "ur", "u"])
_PERSON = frozenset(
    [
        "man",
        "woman",
        "men",
        "women",
        "person",
        "people",
        "guy",
        "guys",
        "boy",
        "girl",
        "kid",
        "child",
        "fool",
        "idiot",
        "liar",
        "human",
        "beings",
        "being",
        "creature",
        "reader",
        "commenter",
        "troll",
        "writer",
        "author",
        "journalist",
        "fellow",
        "bunch",
        "lot",
        "crowd",
        "folks",
        "one",
        "ones",
        "excuse",
    ]
)

# (words one of which must be there, pattern, score, what it is): attacks on a reader that need no bad word.
_TURNS = Phrases(
    (
        (
            "shut stfu",
            r"shut (?:the (?:hell|fuck) )?up|stfu|shut your (?:mouth|trap|face)",
            0.87,
            "Tells a reader to be silent.",
        ),
        (
            "crawl back",
            r"(?:go |please )?(?:crawl|go) back (?:under|to) your (?:rock|hole|cave|bridge|cage)",
            0.88,
            "Degrades a reader.",
        ),
        (
            "brain brains braindead brainless brainwashed brainwash",
            r"(?:you|u) (?:have|got|must have) (?:no|zero|half a|a pea for a|"
            r"a tiny) brains?(?: cells?)?|you(?:'re| are) brain ?(?:dead|less|washed)|"
            r"brainwashed like you",
            0.87,
            "Denies a reader a mind.",
        ),
        (
            "nobody one body & you u r your ur yours you're youre yourself yo",
            r"(?:nobody|no one|no ?body) (?:likes|cares about|wants) you",
            0.87,
            "Degrades a reader.",
        ),
        (
            "people kind & you u r your ur yours you're youre yourself yo",
            r"people like you (?:are|should|deserve|make me|disgust|ruin\w*|need)|you(?:r kind|"
            r" people) (?:are (?:all )?(?:the|a|an|so|just)|make me sick|disgust)",
            0.6,
            "Speaks of a reader's kind.",
        ),
        (
            "sick disgust nothing nobody waste embarrassment embarassment embarrasment disgrace joke & you u r your ur yours you're youre yourself yo",
            r"you (?:make me sick|disgust me|are (?:a )?(?:nothing|nobody|waste of (?:space|oxygen|air|time|skin)))|"
            r"you(?: are|'re) an? (?:embarrass?ment|disgrace|joke)(?: to \w+)?",
            0.87,
            "Degrades a reader.",
        ),
        (
            "mentally insane deranged sick delusional psycho nuts crazy ill senile",
            r"(?:you|u) (?:are|r|re) (?:mentally (?:ill|sick|retarded|deranged|challenged)|insane|"
            r"deranged|sick in the head|delusional|psycho|nuts|crazy)|you(?:'re) (?:mentally (?:ill|"
            r"sick|deranged)|insane|deranged|delusional|crazy|nuts|sick in the head)|is (?:mentally (?:ill|sick)|senile|deranged)",
            0.85,
            "Calls a reader ill.",
        ),
        (
            "stupid dumb retarded mental & you u r your ur yours you're youre yourself yo",
            r"(?:are you|r u) (?:really |just |all )?(?:this |that |so )?(?:stupid|dumb|retarded|mental)",
            0.87,
            "Questions a reader's mind.",
        ),
        (
            "drugs crack meth drunk high blind deaf wrong smoking & you u r your ur yours you're youre yourself yo",
            r"(?:are you|r u) (?:really |just |all )?(?:this |that |so )?(?:on (?:drugs|crack|meth)|drunk|high|blind|deaf)|what(?:'s| is) wrong with you|what are you smoking",
            0.6,
            "Questions a reader's mind.",
        ),
        (
            "homework learn school kindergarten grow life clue brain grip book head clueless child baby bright smart know pity poor",
            r"(?:do|does|did|doing) (?:your|his|her|their) homework|learn (?:how )?to (?:read|spell|write|think)|go back to (?:school|"
            r"kindergarten)|grow up|get a (?:life|clue|brain|grip)|use your brain|open a (?:book|"
            r"history book)|get your head (?:out|examined|checked)\w*|you(?:'re| are) (?:clueless|"
            r"a child|a baby|not very (?:bright|smart))|you (?:clearly |obviously )?(?:don't|"
            r"do not) know (?:anything|what you(?:'re| are) talking about)|i pity you|poor little",
            0.5,
            "Condescends to a reader.",
        ),
        (
            "author writer journalist reporter editor whoever",
            r"(?:the |this )?(?:author|writer|journalist|reporter|editor) (?:should be (?:fired|"
            r"ashamed)|(?:can't|cannot|can not) (?:write|read|think)|has no brain|must be (?:drunk|"
            r"on drugs|high|blind))|whoever wrote this (?:is|should|must be) [^.!?]{0,30}(?:drunk|fired|"
            r"drugs|school)",
            0.6,
            "Speaks of the writer, not of the article.",
        ),
        (
            "mother mom mama momma sister wife daughter father mother's & you u r your ur yours you're youre yourself yo",
            r"your (?:mother|mom|mama|sister|wife|daughter|father)(?:'s)? (?:is|was|should|must|sucks|"
            r"would be ashamed)|(?:yo|ur) (?:mama|momma)",
            0.7,
            "Draws in a reader's family.",
        ),
        (
            "away hell lost rot burn drop piss",
            r"(?:go|just) (?:away|to hell)(?= (?:you|and|troll))|go to hell|rot in hell|"
            r"burn in hell|drop dead|piss off",
            0.7,
            "Sends somebody away.",
        ),
        (
            "troll bot shill agent puppet pay pays paying paid payroll",
            r"(?:how much|who|is \w+|are they|does \w+ \w+) (?:is |does |do |are )?(?:\w+ ){0,4}(?:pay|pays|paying|paid) you|"
            r"paid troll|(?:azeri|turkish|russian|armenian|kremlin|western|soros)(?:-paid|"
            r" paid)? (?:troll|bot|shill|agent|puppet)",
            0.6,
            "Calls somebody an agent.",
        ),
    )
)


class PersonalAttack:
    """Entries of kind `insult` and `accusation`, and the turns of phrase above."""

    name, version = "personal_attack", "1"

    def detect(self, text: Text, context: Context) -> Iterator[Signal]:
        """Yield a signal for each insult, accusation and attacking phrase, with its target."""
        for match in context.policy.lexicon.matches(text):
            if match.entry.kind in ("insult", "accusation"):
                yield self._judge(match, text, context)
            elif match.entry.kind == "profanity" and _plays_on_a_name(match, text):
                span = text.original_span(match.start, match.end)
                yield Signal.of(
                    self, "personal-attack", 0.6, (span,), target=Target.READER, note="A play on a name."
                )
        for phrase, start, end in _TURNS.seen(text):
            aim = aim_of(text, start, end, context)
            target = (
                aim.target
                if aim.target in (Target.QUOTED, Target.WRITER, Target.PUBLIC_FIGURE)
                else Target.READER
            )
            span = text.original_span(start, end)
            yield Signal.of(self, "personal-attack", phrase.score, (span,), target=target, note=phrase.note)

    def _judge(self, match: Match, text: Text, context: Context) -> Signal:
        aim = aim_of(text, match.start, match.end, context)
        if aim.target is not Target.QUOTED and not _YOU.isdisjoint(match.form.split()):
            aim = Aim(Target.READER, "the phrase itself says 'you'")
        score, note = _weigh(match, aim, text)
        return Signal.of(
            self,
            "personal-attack",
            score,
            (text.original_span(match.start, match.end),),
            target=aim.target,
            matched_as=match.entry.lemma,
            note=f"{note} Target: {aim.why}." + (f" Disguised: {match.trick}." if match.trick else ""),
        )


def _weigh(match: Match, aim: Aim, text: Text) -> tuple[float, str]:
    """Return the score of an insult or accusation before the policy weighs its target, and a note."""
    if aim.negated:
        return _HARMLESS, "Denied, not said."
    if aim.of_thing or (match.entry.adjective and _qualifies_a_thing(match, text)):
        return _HARMLESS, "Said of a thing, not of a person."
    if match.entry.kind == "accusation":
        if aim.target not in (Target.READER, Target.WRITER) or not aim.sure:
            return _HARMLESS, "Harsh criticism."
        score, note = _ACCUSATION[match.entry.severity], "An accusation at a person of the discussion."
    else:
        score, note = _INSULT[match.entry.severity], "An insult."
    return (score, note) if aim.sure else (min(score, _UNSURE), note)


def _qualifies_a_thing(match: Match, text: Text) -> bool:
    """Tell whether the adjective stands before a noun that is no person ("a stupid war")."""
    follow = re.match(r" ([^\W_]+)", text.folded[match.end : match.end + 40])
    if follow is None:
        return False
    word = follow.group(1)
    return word not in _PERSON and word not in (
        "and",
        "or",
        "but",
        "you",
        "to",
        "as",
        "enough",
        "if",
        "that",
        "because",
    )


def _plays_on_a_name(match: Match, text: Text) -> bool:
    """Tell whether a vulgar word is made part of a name ("Mr. Ass-lanian")."""
    before, after = text.folded[max(0, match.start - 8) : match.start], text.folded[match.end : match.end + 2]
    return (
        re.search(r"\b(?:mr|mrs|ms|dr|prof)\.? $", before) is not None and re.match(r"-\w", after) is not None
    )


DETECTOR = PersonalAttack()
