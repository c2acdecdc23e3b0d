"""Personal attack: insults of the lexicon and turns of phrase, weighed by whom they are aimed at.

Harsh criticism (liar, traitor, coward) is what a fellow reader must not be called and a public figure may be.
"""

import re
from collections.abc import Iterator

from moderation.engine.lexicon import Match
from moderation.engine.phrasebook import PERSONAL_ATTACKS
from moderation.engine.phrases import Phrases
from moderation.engine.targets import Aim, aim_of, qualifies_a_thing
from moderation.engine.text import Text
from moderation.engine.types import Context, Signal, Target

_INSULT = {"mild": 0.45, "strong": 0.92, "extreme": 1.0}
_ACCUSATION = {"mild": 0.6, "strong": 0.9, "extreme": 0.95}
_HARMLESS = 0.2  # recorded for the moderator, of no effect
_UNSURE = 0.76  # an insult near a reader's mention that grammar does not tie to it: for a person to judge

_YOU = frozenset(["you", "your", "ur", "u"])
_SECOND = "you u r your ur yours you're youre yourself yo"
# (words one of which must be there, pattern, score, what it is): attacks on a reader that need no bad word.
_TURNS = Phrases(
    (
        *PERSONAL_ATTACKS,
        *(
            (words, pattern, score, note)
            for score, note, patterns in (
                (
                    0.87,
                    "Tells a reader to be silent.",
                    {"shut": r"shut (?:the (?:hell|fuck) )?up|shut your (?:mouth|trap|face)", "stfu": "stfu"},
                ),
                (
                    0.88,
                    "Degrades a reader.",
                    {
                        "rock hole cave bridge cage & back": r"(?:crawl|go) back (?:under|to) your (?:rock|hole|cave|bridge|cage)",
                        f"nobody one body & {_SECOND} & likes cares wants": r"(?:nobody|no one|no body) (?:likes|cares about|wants) you",
                        f"sick disgust nothing nobody waste & {_SECOND}": r"you (?:make me sick|disgust me|"
                        r"are (?:a )?(?:nothing|nobody|waste of (?:space|oxygen|air|time|skin)))",
                        f"embarrassment embarassment embarrasment disgrace joke & {_SECOND}": r"you(?: are|'re) an? "
                        r"(?:embarr?ass?ment|disgrace|joke)(?: to \w+)?",
                    },
                ),
                (
                    0.87,
                    "Denies a reader a mind.",
                    {
                        "brain brains & you u": r"(?:you|u) (?:have|got|must have) (?:no|zero|half a|a pea for a|a tiny) brains?(?: cells?)?",
                        "brain braindead brainless brainwashed": r"you(?:'re| are) brain ?(?:dead|less|washed)|brainwashed like you",
                    },
                ),
                (
                    0.6,
                    "Speaks of a reader's kind.",
                    {
                        f"people & like & {_SECOND}": r"people like you (?:are|should|deserve|make me|disgust|ruin\w*|need)",
                        f"people kind & {_SECOND} & are make disgust": r"your? (?:kind|people) (?:are (?:all )?(?:the|a|an|so|just)|"
                        r"make me sick|disgust)",
                    },
                ),
                (
                    0.85,
                    "Calls a reader ill.",
                    {
                        "mentally insane deranged sick delusional psycho nuts crazy ill & you u you're": r"(?:you|u)(?: are| r| re|'re) (?:mentally "
                        r"(?:ill|sick|retarded|deranged|challenged)|insane|deranged|sick in the head|delusional|psycho|nuts|crazy)",
                        "mentally senile deranged & is": r"is (?:mentally (?:ill|sick)|senile|deranged)",
                    },
                ),
                (
                    0.87,
                    "Questions a reader's mind.",
                    {
                        "stupid dumb retarded mental & are r & you u": r"(?:are you|r u) (?:really |just |all )?(?:this |that |so )?"
                        r"(?:stupid|dumb|retarded|mental)"
                    },
                ),
                (
                    0.6,
                    "Questions a reader's mind.",
                    {
                        "drugs crack meth drunk high blind deaf & are r & you u": r"(?:are you|r u) (?:really |just |all )?(?:this |that |so )?"
                        r"(?:on (?:drugs|crack|meth)|drunk|high|blind|deaf)",
                        "wrong & with & you": r"what(?:'s| is) wrong with you",
                        "smoking & you": r"what are you smoking",
                    },
                ),
                (
                    0.5,
                    "Condescends to a reader.",
                    {
                        "homework": r"(?:do|does|did|doing) (?:your|his|her|their) homework",
                        "learn": r"learn (?:how )?to (?:read|spell|write|think)",
                        "school kindergarten & back": r"go back to (?:school|kindergarten)",
                        "grow & up": r"grow up",
                        "get & life clue brain grip": r"get a (?:life|clue|brain|grip)",
                        "brain & use": r"use your brain",
                        "open & book": r"open a (?:book|history book)",
                        "head & your": r"get your head (?:out|examined|checked)\w*",
                        f"clueless child baby bright smart & {_SECOND}": r"you(?:'re| are) (?:clueless|a child|a baby|not very (?:bright|smart))",
                        f"know & {_SECOND} & don't do not": r"you (?:clearly |obviously )?(?:don't|do not) know "
                        r"(?:anything|what you(?:'re| are) talking about)",
                        "pity": r"i pity you",
                        "poor & little": r"poor little",
                    },
                ),
                (
                    0.6,
                    "Speaks of the writer, not of the article.",
                    {
                        "author writer journalist reporter editor": r"(?:the |this )?(?:author|writer|journalist|reporter|editor) (?:should be "
                        r"(?:fired|ashamed)|(?:can't|cannot|can not) (?:write|read|think)|has no brain|must be (?:drunk|on drugs|high|blind))",
                        "whoever": r"whoever wrote this (?:is|should|must be) [^.!?]{0,30}(?:drunk|fired|drugs|school)",
                    },
                ),
                (
                    0.7,
                    "Draws in a reader's family.",
                    {
                        f"mother mom mama sister wife daughter father mother's & {_SECOND}": r"your (?:mother|mom|mama|sister|wife|daughter|father)"
                        r"(?:'s)? (?:is|was|should|must|sucks|would be ashamed)",
                        "mama momma": r"(?:yo|ur) (?:mama|momma)",
                    },
                ),
                (
                    0.7,
                    "Sends somebody away.",
                    {
                        "away hell & go just": r"(?:go|just) (?:away|to hell)(?= (?:you|and|troll))|go to hell",
                        "rot burn & hell": r"(?:rot|burn) in hell",
                        "drop & dead": "drop dead",
                        "piss & off": "piss off",
                    },
                ),
                (
                    0.6,
                    "Calls somebody an agent.",
                    {
                        "pay pays paying paid & you": r"(?:how much|who|is \w+|are they|does \w+ \w+) (?:is |does |do |are )?(?:\w+ ){0,4}"
                        r"(?:pay|pays|paying|paid) you",
                        "troll trolls & paid": r"paid trolls?",
                        "troll bot shill agent puppet & azeri turkish russian armenian kremlin western soros": r"(?:azeri|turkish|russian|armenian|"
                        r"kremlin|western|soros)(?:-paid| paid)? (?:troll|bot|shill|agent|puppet)",
                    },
                ),
            )
            for words, pattern in patterns.items()
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
        score, note = _weigh(match, aim, text, context)
        return Signal.of(
            self,
            "personal-attack",
            score,
            (text.original_span(match.start, match.end),),
            target=aim.target,
            matched_as=match.entry.lemma,
            note=f"{note} Target: {aim.why}.{match.disguise}",
            confirmed=match.confirmed,
        )


def _weigh(match: Match, aim: Aim, text: Text, context: Context) -> tuple[float, str]:
    """Return the score of an insult or accusation before the policy weighs its target, and a note."""
    if aim.negated:
        return _HARMLESS, "Denied, not said."
    if aim.of_thing or (match.entry.adjective and qualifies_a_thing(text, match.end, context)):
        return _HARMLESS, "Said of a thing, not of a person."
    if match.entry.kind == "accusation":
        if aim.target not in (Target.READER, Target.WRITER) or not aim.sure:
            return _HARMLESS, "Harsh criticism."
        score, note = _ACCUSATION[match.entry.severity], "An accusation at a person of the discussion."
    else:
        score, note = _INSULT[match.entry.severity], "An insult."
        if aim.guessed and match.entry.severity == "mild":
            return _HARMLESS, "A mild insult at nobody who is named."
    return (score, note) if aim.sure else (min(score, _UNSURE), note)


def _plays_on_a_name(match: Match, text: Text) -> bool:
    """Tell whether a vulgar word is made part of a name ("Mr. Ass-lanian")."""
    before, after = text.folded[max(0, match.start - 8) : match.start], text.folded[match.end : match.end + 2]
    return (
        re.search(r"\b(?:mr|mrs|ms|dr|prof)\.? $", before) is not None and re.match(r"-\w", after) is not None
    )


DETECTOR = PersonalAttack()
