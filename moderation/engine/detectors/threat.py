"""Threat: violence announced, called for or wished, at somebody; violence that is reported is no threat."""

from collections.abc import Iterator

from moderation.engine.phrasebook import THREATS
from moderation.engine.phrases import Phrases
from moderation.engine.targets import aim_of
from moderation.engine.text import Text
from moderation.engine.types import Context, Signal, Target

# Verbs that mean death or injury whoever is their object, and verbs that sport and politics use as well.
_KILL = (
    r"(?:kill|murder|shoot|stab|slaughter|butcher|strangle|behead|hang|lynch|rape|execute|assassinate|poison)"
)
_HURT = r"(?:beat|hurt|burn|bomb|break|crush|bury|end|destroy|smash|slit|cut|hunt|find and \w+)"
_HARM = rf"(?:{_KILL}|{_HURT})"
_PART = r"(?:family|children|kids|house|home|mother|wife|husband|head|face|throat|neck|legs|bones|arms|teeth|fingers)"
_YOU = rf"(?:you|u|your {_PART}|(?:his|her|their) {_PART})"
_THEM = r"(?:him|her|them|the (?:author|writer|journalist|editor|traitors?)|these (?:traitors|people)|this (?:man|guy|traitor|dog))"
_WILL = (
    r"(?:i|we)(?:'ll| will| shall| should| must| want to| wanna|'d love to| would love to|(?:'m| am|'re| are)? ?(?:going to|gonna))"
    r"(?: (?:personally|gladly|just|all|come and|find [^.!?\n]{1,40}? and))*"
)
_OUGHT = r"(?:should|must|deserves? to|needs? to|has to|have to|ought to)"
_DONE = (
    r"(?:killed|shot|hanged|hung|executed|lynched|stabbed|beheaded|slaughtered|burn(?:ed|t)(?: alive)?|murdered|"
    r"assassinated|put down|put to death|strung up|stoned|raped)"
)

_THREATS = Phrases(
    (
        *THREATS,
        (
            "death & to",
            r"death to (?:all )?(?:the )?(?!(?:tyranny|fascism|corruption|the regime|this deal|the deal)(?!\w))\w+",
            0.9,
            "Calls for somebody to be killed.",
        ),
        (
            "kill exterminate eradicate eliminate annihilate wipe slaughter gas & all every out",
            r"(?:^|[.!?\n] *)(?:kill|exterminate|eradicate|eliminate|annihilate|slaughter|gas) (?:all|every|every last|each) (?!(?:hope|doubt|time|debate)(?!\w))"
            r"(?:of )?(?:the |these |those )?\w+|(?:^|[.!?\n] *)wipe out (?:all |every )?(?:the |these |those )\w+",
            0.9,
            "Calls for people to be killed.",
        ),
        (
            "kill murder shoot stab slaughter butcher strangle behead hang lynch rape execute assassinate poison beat hurt burn bomb break crush bury end destroy smash slit cut hunt find & you u your yours him her them his their the these this & i'll we'll will shall should must want wanna i'd we'd would going gonna",
            rf"{_WILL} {_KILL} (?:{_YOU}|{_THEM})|{_WILL} {_HURT} {_YOU}",
            0.95,
            "Announces violence.",
        ),
        (
            "beat hurt burn bomb break crush bury end destroy smash slit cut hunt find & you u your yours him her them his their the these this & i'll we'll will shall should must want wanna i'd we'd would going gonna",
            rf"{_WILL} {_HURT} {_THEM}",
            0.5,
            "May announce violence.",
        ),
        (
            "kill murder shoot stab slaughter butcher strangle behead hang lynch rape execute assassinate poison & should must need needs has have ought better",
            r"(?:somebody|someone|anybody|people|armenians|patriots|everyone|they|we|you)(?: all)? "
            r"(?:should|must|needs? to|has to|have to|ought to|better) (?:just |please |finally )?"
            rf"{_KILL} (?:{_YOU}|{_THEM}|the \w+|[a-z]+yan|aliyev|erdogan|putin|pashinyan|trump|biden)",
            0.93,
            "Calls for violence.",
        ),
        (
            "killed shot hanged hung executed lynched stabbed beheaded slaughtered burned burnt murdered assassinated put strung stoned raped & should must deserve deserves need needs has have ought",
            rf"{_OUGHT}(?: all)? (?:be|get) (?:taken out and )?{_DONE}",
            0.88,
            "Calls for somebody to be killed or hurt.",
        ),
        (
            "kill murder shoot stab slaughter butcher strangle behead hang lynch rape execute assassinate poison burn blow bomb",
            rf"(?:^|[.!?\n,] *)(?:let's |lets |just |go |please )?{_KILL} (?:{_YOU}|{_THEM}|all (?:of )?(?:them|you)|their (?:women|men|daughters|wives))|"
            r"(?:^|[.!?\n,] *|(?:we|they|you|somebody|someone) (?:should|must|have to) )(?:let's |lets |just |go |please )?"
            r"(?:burn|blow|bomb)(?: down| up)? (?:down |up )?(?:the|their|his|her|your) "
            r"(?:embassy|consulate|church(?:es)?|mosques?|synagogues?|schools?|houses?|homes?|offices?|villages?)(?: (?:down|up))?",
            0.93,
            "Calls for violence.",
        ),
        (
            "know found find back dead numbered die bleed live regret coming sleep bullet & you u r your you're you'll he she they his her their bullet",
            r"i (?:know|found out|will find|'ll find) where (?:you|your family|he|she|they) (?:live|work|sleep)s?|"
            r"(?:watch|mind) your back|you(?:'re| are| r) (?:a )?dead(?: man| meat)?|your days are numbered|"
            r"you(?:'ll| will) (?:die|be dead|bleed|not live|regret being born)|(?:we(?:'re| are)|i(?:'m| am)) coming for you|"
            r"sleep with one eye open|(?:a|put a) bullet (?:in|through|for|between) (?:your|his|her|their|[a-z]+'s)(?: head| eyes)?",
            0.92,
            "Threatens somebody.",
        ),
        (
            "kill go drink neck end kys & yourself urself yourselves kys die hang jump bleach your life",
            r"kill (?:yourself|urself|yourselves)|kys|go (?:and )?(?:die|hang yourself|jump off)|drink bleach|"
            r"neck yourself|end your(?:self| life)",
            0.95,
            "Tells somebody to die.",
        ),
        (
            "hope wish pray may let off deserve deserves wait & die dies died rot rots burn burns suffer suffers bleed bleeds choke chokes drop drops get gets perish dead hang somebody someone anybody would",
            r"(?:i |we )?(?:hope|wish|pray)(?: that)? (?:you|he|she|they|all of you|(?:your|his|her) (?:family|children|kids|mother)|[a-z]+)"
            r"(?: all| both| and your family)* (?:dies?|died|rots?|burns?|suffers?|bleeds?|chokes?|drops? dead|"
            r"gets? (?:cancer|killed|shot|hit|raped|what))|"
            r"(?:may|let) (?:you|he|she|they|him|her|them|(?:your|his) children) (?:all )?(?:die|rot|burn|suffer|perish)|"
            rf"wish (?:somebody|someone|anybody|they|he|she) would {_HARM} (?:{_YOU}|{_THEM})|"
            r"would be better off dead|deserves? to (?:die|rot|burn|suffer|hang)|"
            r"can't wait (?:until|till|for) (?:you|him|her|he|she|them|they)(?: to)? dies?",
            0.6,
            "Wishes somebody harm.",
        ),
        (
            "pay suffer see get wait someone warned watch careful & you you'll you've",
            r"you(?:'ll| will) (?:pay|suffer|see what happens|get what)(?! (?:at|in) the (?:polls|election|ballot|court))|"
            r"just wait(?: and see)? what (?:happens|we do) to you|someone will (?:visit|deal with|take care of) you|"
            r"you(?:'ve| have) been warned|watch (?:what|how) you (?:write|say|post|talk)|be careful what you (?:write|say|post)",
            0.55,
            "May be a threat.",
        ),
    )
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
                    f"A threat.{match.disguise}",
                    context,
                    match.entry.lemma,
                    confirmed=match.confirmed,
                )
        for phrase, start, end in _THREATS.seen(text):
            yield self._signal(text, start, end, phrase.score, phrase.note, context)

    def _signal(
        self,
        text: Text,
        start: int,
        end: int,
        score: float,
        note: str,
        context: Context,
        lemma: str | None = None,
        *,
        confirmed: bool = True,
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
            confirmed=confirmed,
        )


DETECTOR = Threat()
