"""Threat: violence announced, called for or wished, at somebody; violence that is reported is no threat."""

import re
from collections.abc import Iterator

from moderation.engine.targets import aim_of
from moderation.engine.text import Text
from moderation.engine.types import Context, Signal, Target

_HARM = r"(?:kill|murder|shoot|stab|slaughter|butcher|strangle|behead|hang|lynch|burn|bomb|hunt (?:you|him|her|them) down|beat (?:you|him|her|them) up|beat|hurt|break your|cut your|slit your|smash your|rape|destroy|crush|bury|end)"
_WHOM = r"(?:you|u|him|her|them|your (?:family|children|kids|house|mother|wife|husband|head|face|throat|neck|legs|bones)|his family|her family|their (?:families|children)|the (?:author|writer|journalist|editor|traitors?)|these (?:traitors|people)|this (?:man|guy|traitor|dog))"
_DONE = r"(?:killed|shot|hanged|hung|executed|lynched|stabbed|beheaded|slaughtered|burn(?:ed|t)(?: alive)?|beaten|murdered|assassinated|eliminated|put down|put to death|strung up|stoned|raped)"

_THREATS: tuple[tuple[re.Pattern[str], float, str], ...] = tuple(
    (re.compile(rf"(?<!\w)(?:{pattern})(?!\w)"), score, note)
    for pattern, score, note in (
        (
            rf"(?:i|we)(?:'ll| will|'m going to| am going to|'re going to| are going to|'m gonna|'re gonna| gonna| shall| want to| wanna|'d love to| would love to| should| must)(?: (?:personally|gladly|find you and|come and|just|all))* {_HARM} {_WHOM}",
            0.95,
            "Announces violence.",
        ),
        (
            rf"(?:somebody|someone|anybody|people|armenians|patriots|everyone|they|we|you)(?: all)? (?:should|must|needs? to|has to|have to|ought to|better) (?:just |please |finally )?(?:kill|shoot|hang|lynch|stab|behead|assassinate|burn|beat|murder|execute) (?:{_WHOM}|the \w+|[a-z]+yan|aliyev|erdogan|putin|pashinyan|trump|biden)",
            0.93,
            "Calls for violence.",
        ),
        (
            rf"(?:should|must|deserves? to|needs? to|has to|have to|ought to|will|gonna|going to|better)(?: all)? (?:be|get) (?:taken out and )?{_DONE}",
            0.88,
            "Calls for somebody to be killed or hurt.",
        ),
        (
            rf"(?:^|[.!?\n,] *)(?:let's |lets |just |go |please )?(?:kill|shoot|hang|lynch|behead|stab|execute|assassinate) (?:{_WHOM}|all (?:of )?(?:them|you)|them all)",
            0.93,
            "Calls for violence.",
        ),
        (
            r"i (?:know|found out|will find|'ll find) where (?:you|your family|he|she|they) (?:live|lives|work|works|sleep)|(?:watch|mind) your back|you(?:'re| are| r) (?:a )?dead(?: man| meat)?|you(?:'ll| will) (?:die|be dead|bleed|not live|regret being born)|your days are numbered|we(?:'re| are) coming for you|i(?:'m| am) coming for you|sleep with one eye open|(?:a|put a) bullet (?:in|through|for|between) (?:your|his|her|their)(?: head| eyes)?",
            0.92,
            "Threatens somebody.",
        ),
        (
            r"kill (?:yourself|urself|yourselves)|kys|go (?:and )?(?:die|hang yourself|jump off)|drink bleach|neck yourself|end your(?:self| life)",
            0.95,
            "Tells somebody to die.",
        ),
        (
            r"(?:i |we )?(?:hope|wish|pray)(?: that)? (?:you|he|she|they|your (?:family|children|kids|mother)|his family|all of you|[a-z]+)(?: all| both| and your family)* (?:die|dies|died|get cancer|gets cancer|rot|rots|burn|burns|suffer|suffers|drop dead|bleed|get killed|gets killed|gets shot|get shot|get hit|gets hit|choke|get raped|gets raped|get what)|(?:may|let) (?:you|he|she|they|him|her|them|your children|his children) (?:all )?(?:die|rot|burn|suffer|perish)|would be better off dead|deserves? to (?:die|rot|burn|suffer)|can't wait (?:until|till|for) (?:you|him|her|he|she|them|they)(?: to)? (?:die|dies)",
            0.6,
            "Wishes somebody harm.",
        ),
        (
            r"you(?:'ll| will) (?:pay|suffer|see what happens|get what)(?! (?:at|in) the (?:polls|election|ballot|court))|just wait(?: and see)? what (?:happens|we do) to you|someone will (?:visit|deal with|take care of) you|you(?:'ve| have) been warned",
            0.55,
            "May be a threat.",
        ),
    )
)
_TRIGGERS = frozenset(
    "kill kills killed murder murdered shoot shot stab slaughter slaughtered butcher strangle behead beheaded hang hanged hung lynch lynched "
    "burn burned burns bomb hunt beat beaten hurt break cut slit smash rape raped destroy crush bury end executed execute assassinate "
    "assassinated eliminated stoned strung live lives back dead die dies died bleed regret days numbered coming sleep bullet kys "
    "yourself yourselves urself bleach hope wish pray may rot suffer deserve deserves pay wait warned visit cancer choke perish let".split()
)
_SCORE = {"mild": 0.6, "strong": 0.9, "extreme": 0.97}


class Threat:
    """Fixed phrases of the lexicon and sentences that announce, call for or wish violence."""

    name, version = "threat", "1"

    def detect(self, text: Text, context: Context) -> Iterator[Signal]:
        """Yield a signal for each threat, call or wish, with its target."""
        for match in context.policy.lexicon.matches(text):
            if match.entry.kind == "threat":
                yield self._signal(
                    text,
                    match.start,
                    match.end,
                    _SCORE[match.entry.severity],
                    "A threat.",
                    context,
                    match.entry.lemma,
                )
        if text.vocabulary.isdisjoint(_TRIGGERS):
            return
        for pattern, score, note in _THREATS:
            for found in pattern.finditer(text.folded):
                yield self._signal(text, found.start(), found.end(), score, note, context)

    def _signal(
        self,
        text: Text,
        start: int,
        end: int,
        score: float,
        note: str,
        context: Context,
        lemma: str | None = None,
    ) -> Signal:
        aim = aim_of(text, start, end, context)
        # "I" in "I will kill you" announces; it is never the target of the threat.
        target = Target.READER if aim.target is Target.SELF else aim.target
        return Signal.of(
            self,
            "threat",
            score,
            (text.original_span(start, end),),
            target=target,
            matched_as=lemma,
            note=note,
        )


DETECTOR = Threat()
