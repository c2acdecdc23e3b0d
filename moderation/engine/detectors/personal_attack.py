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
# Somebody felt for or envied, if no name follows; a spectacle, not who is in it.
_PITIED = ("poor ", "lucky ", "unlucky ")
_SPECTACLE = re.compile(r" (?:show|car|world|parade)s?(?!\w)")
_UNSURE = 0.76  # an insult near a reader's mention that grammar does not tie to it: for a person to judge

_YOU = frozenset(["you", "your", "ur", "u"])
_SECOND = "you u r your ur yours you're youre yourself yo"
_CRUEL_WORDS = (
    "pathetic ignorant stupid miserable lying filthy worthless brainless dirty disgusting lousy rotten spineless gutless shameless heartless "
    "clueless witless arrogant pompous sanctimonious deranged vile cowardly treacherous hypocritical spiteful bitter nasty wretched slimy "
    "sniveling snivelling two-faced backstabbing toothless mindless senile useless"
)
_CREATURES = (
    "man woman boy girl creature peasant cow pig snake rat dog worm toad weasel goat donkey sheep monkey parrot puppet bastard fool thing cretin "
    "insect cockroach vermin coward liar traitor thug bully slob hag crone brute savage hypocrite fraud wretch maggot leech parasite vulture "
    "piece excuse people humans loser losers amateur clown fools liars hypocrites cowards snakes rats pigs sheep"
)
_DULL_THINGS = (
    "doorknob doorknobs rock rocks brick bricks potato potatoes houseplant houseplants toaster toasters turnip turnips cucumber fencepost goldfish "
    "plankton amoeba amoebas stone stones lamppost lampposts shoe spoon broomstick cabbage sandwich"
)
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
                        f"nobody one body & {_SECOND} & likes cares wants": r"(?:nobody|no one|no body) (?:likes|cares about|wants) you(?! to(?!\w))",
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
                        "homework": r"(?:do|does|did|doing) (?:your|his|her|their) homework(?!,? (?:kids|children|students|class|boys|girls|and then|with|at|after))",
                        "learn": r"learn (?:how )?to (?:read|spell|write|think)(?! (?:and write|armenian|western|eastern|classical|music|the|our|in armenian|hebrew|arabic|poetry))",
                        "school kindergarten & back": r"go back to (?:school|kindergarten)",
                        "grow & up": r"grow up",
                        "get & life clue brain grip": r"get a (?:life|clue|brain|grip)(?! (?:membership|insurance|sentence|vest|jacket|on|changing))",
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
                        r"(?:'s)? (?:is|was|should|must|sucks|would be ashamed)(?! (?:be |have been |feel )?(?:so |very |surely )?(?:proud of you(?!r)|happy|delighted|right|well|better|missed|welcome|an? (?:wonderful|great|saint|good|strong|hero)))",
                        "mama momma": r"(?:yo|ur) (?:mama|momma)",
                    },
                ),
                (
                    0.7,
                    "Sends somebody away.",
                    {
                        "away hell & go just": r"(?:go|just) (?:away|to hell)(?= (?:you|and(?! back)|troll))|go to hell(?! and back)",
                        "rot burn & hell": r"(?:rot|burn) in hell",
                        "drop & dead": "drop dead(?! (?:gorgeous|beautiful|funny|date|serious))",
                        "piss & off": "piss off",
                    },
                ),
                (
                    0.88,
                    "Degrades a reader.",
                    {
                        "dumber stupider thicker denser uglier & than & you you're": r"you(?: are|'re)?(?: \w+){0,2} (?:dumber|stupider|thicker|denser|uglier) than",
                        "iq brain intelligence intellect wit brains & you your": r"you(?:'ve)? (?:have|got|have got|possess) the (?:iq|brains?|intelligence|intellect|wit) of an? \w+|your (?:iq|brain|intellect) is (?:\w+ ){0,3}(?:size of|lower|smaller|below|a single)",
                        "waste thief & oxygen space air skin breath sperm carbon": r"(?:you(?:'re| are)|such|what) (?:just |nothing but |only )?a (?:complete |total |sad )?(?:waste|thief) of (?:oxygen|space|air|skin|breath|good air|sperm|carbon)",
                        "born & ashamed & you": r"(?:you|he|she) should be ashamed (?:of |to )?(?:having been|have been|being|ever being) (?:born|alive)",
                        "nobody & you're you & always": r"you(?:'re| are) a nobody",
                        "asylum madhouse zoo loony nuthouse straitjacket straightjacket & you": r"you (?:all )?belong (?:in|back in) (?:an? |the )?(?:asylum|madhouse|zoo|loony bin|nuthouse|mental (?:hospital|ward|institution)|strai(?:gh)?tjacket|padded)",
                    },
                ),
                (
                    0.89,
                    "An insult said to a reader's face.",
                    {
                        f"{_CRUEL_WORDS} & you": rf"(?<!are )(?<!were )(?<!makes )(?<!make )(?<!made )(?<!find )(?<!think )(?<!call )(?<!calls )you (?:\w+ )?(?:{_CRUEL_WORDS.replace(' ', '|')})"
                        rf"(?:,? (?:{_CRUEL_WORDS.replace(' ', '|')}|little|old|fat|big))*,? (?:{_CREATURES.replace(' ', '|')})",
                    },
                ),
                (
                    0.6,
                    "Belittles a reader.",
                    {
                        f"{_DULL_THINGS} & smarter brighter brains brain sense wit iq intelligence intelligent knows & than seen met more of": rf"(?:smarter|brighter|wittier|more (?:intelligent|brains?|sense|wit|intelligence|iq))(?: than| in)?(?: an?| my| the)? (?:{_DULL_THINGS.replace(' ', '|')})|"
                        rf"(?:{_DULL_THINGS.replace(' ', '|')})s? (?:\w+ )?(?:has|have|had|is|are|knows?) (?:\w+ )?(?:more (?:brains?|sense|wit|intelligence)|smarter|brighter|better)[^.!?\n]{{0,15}} than (?:you|him|her|this)|(?:iq|brain|brains|intelligence|wit) of an? (?:{_DULL_THINGS.replace(' ', '|')})",
                        "sharpest brightest smartest & knife tool bulb crayon pencil drawer box shed": r"not (?:exactly )?the (?:sharpest|brightest|smartest)[^.!?\n]{0,12} (?:knife|tool|bulb|crayon|pencil)",
                        "dropped & head": r"dropped on (?:your|his|her) heads?",
                        "short & brick bricks sandwich sandwiches picnic deck cards load shingles beer": r"(?:few|couple of|several|one|two) \w+ short of a (?:full |six|happy )?\w+",
                        "ears upstairs & your his her little nothing empty nobody": r"(?:nothing|little|wind|air|space|empty|vacuum|straw|sawdust|water|what(?:'s| is))[^.!?\n]{0,15} between (?:your|his|her) ears|(?:so |very |too )?little upstairs|(?:nothing|empty|nobody home) upstairs",
                        "refund money degree & parents mother school university college should must": r"(?:parents?|mother|school|university|college) (?:should|must|ought to|could) (?:ask for|get|demand|want|sue for) (?:a |their |your )?(?:refund|money back)",
                        "if & brains stupidity ignorance idiocy brain": r"if (?:your )?(?:brains?|stupidity|ignorance|idiocy) (?:was|were|could|had|hurt|paid|ached)",
                        "village circus zoo & called missing wants lost looking": r"(?:village|circus|zoo) (?:called|is missing|wants|lost|has lost|is looking)[^.!?\n]{0,25}(?:idiot|clown|monkey|you|back)",
                        "crawl crawled & rock hole cave sewer swamp gutter": r"(?:what|which|whatever) (?:rock|hole|cave|sewer|swamp|gutter) did (?:you|he|she|they) (?:crawl|come)|crawl(?:ed)? (?:out )?(?:from|of|out of) (?:under )?(?:your|a|some|the|which|what|whatever) (?:rock|hole|cave|sewer|swamp|gutter)",
                        "embarrassed ashamed & you & dog mother family parents even": r"(?:dog|mother|father|family|parents|ancestors|grandfather|wife) (?:is|are|must be|would be) (?:embarrassed|ashamed) (?:by|of|for) you",
                        "wrong & community country people page & what what's & you you're": r"you(?:'re| are| people are) (?:exactly |all )?what(?:'s| is) wrong with",
                        "failure disgrace loser embarrassment & proud raising raised having mother parents": r"proud of (?:raising|having raised|having|such) [^.!?\n]{0,12}(?:failure|disgrace|loser|embarrassment|child|son|daughter)|raised (?:such )?an? (?:failure|disgrace|loser)",
                        "basement mommy mommy's & your mother's mom's mommy mommy's": r"(?:your |in )?(?:mother|mom|mommy|parents)(?:'s|') basement|does (?:your )?mommy",
                        "honor honour shame brain decency & no & you": r"you have no (?:\w+, )*(?:honou?r|shame|decency|brains?)(?!\w)",
                        "couldn't can't cannot wouldn't could & list lemonade boot bag brewery ass flashlight & you him her author writer he she": r"(?:you|he|she|author|writer|him|her) (?:couldn't|could not|can't|cannot|wouldn't|run)[^.!?\n]{0,25} (?:shopping list|lemonade stand|out of a boot|paper bag|brewery|flashlight)|run a lemonade stand",
                        "cells & brain lost": r"(?:lost|lose|losing|killed) (?:\w+ )?brain cells",
                        "smell stink & you like": r"you (?:smell|stink)(?! (?:it|the|a rat|something))",
                        "ashamed embarrassed & people like you & armenian armenians community": r"(?:people like you|you) (?:make|makes) (?:me|us) (?:ashamed|embarrassed)",
                    },
                ),
                (
                    0.5,
                    "Condescends to a reader.",
                    {
                        "adults grownups grown & talking speaking let leave": r"(?:the )?(?:adults|grown ?-?ups) (?:are|have been) (?:talking|speaking)|(?:let|leave (?:it|this|that) to) the (?:adults|grown ?-?ups)",
                        "small short simple little & words & i'll use you let": r"(?:use|using|in) (?:very )?(?:small|short|simple|little) words",
                        "slowly simple like & explain say repeat spell": r"(?:i'll|i will|let me|shall i|somebody|someone)[^.!?\n]{0,12} (?:explain|say|repeat|spell) (?:this|it|that)(?: out)?(?: to you| for you)? (?:very |more |really )*(?:slowly|in simple|like you're)",
                        "heart & bless": r"bless your (?:little )?heart[,.!]* (?:you|but|dear|honey|if|sweetie)",
                        "too & hard difficult complicated complex & you": r"too (?:hard|difficult|complicated|complex) for you to (?:understand|grasp|follow|comprehend|see)",
                        "come & when & back": r"come back when you(?:'ve| have| can)? (?:\w+ )?(?:learn|learned|grow|grown|finish|finished|read|passed|spell)",
                        "run & along": r"(?:run|trot) along(?: now)?,? (?:little|kid|sonny|dear|child|boy|girl|now)",
                        "idea clue & no & you you're": r"(?:have|has|got) (?:absolutely |clearly )?no (?:idea|clue) what you(?:'re| are) talking about",
                        "mother mommy mom & know does": r"(?:does|do) your (?:mother|mommy|mom|parents) know (?:that )?(?:you|where you)",
                        "bedtime bed & past go pills": r"past your bedtime|go to bed,? (?:grandpa|grandma|old man|kid|boomer|child)",
                        "pills meds medication medications medicine & take took forgot forgotten forget missed need adjust off": r"(?:take|took|forgot(?:ten)?|forget|missed?|need|adjust|off)(?: to take)? your (?:meds?|medications?|medicine|pills)(?!\w)(?! (?:with|as|every|before|after|on|regularly|at|when|daily))",
                        "help therapist shrink psychiatrist & you": r"(?<!if )you (?:\w+ )?(?:need|should (?:seek|get|see)|require) (?:some |a |serious )*(?:professional help|psychiatric help|help,? seriously|shrink|therapist|psychiatrist)",
                        "someone & like & you expect surprised typical": r"(?:expect|typical of|surprised by|coming from) (?:\w+ ){0,2}someone like you",
                        "asked & who nobody one & you your": r"(?:who|nobody|no one) asked (?:you|for your opinion)(?=$|[.,!?])",
                        "book & read pick": r"(?:read|pick up) a (?:history )?book(?: for once| sometime| once in|[.!?]|$)",
                        "kindergarten diapers finish finished & you school": r"(?:did|have) you (?:even )?(?:finish|finished|pass|passed|graduate\w*) (?:from )?(?:high school|elementary|kindergarten|grade school|school)|still in diapers",
                        "sweetie honey sonny kiddo & talking explain listen read calm hush adults": r"(?:listen|calm down|hush|read again|wrong),? (?:sweetie|honey|sonny|kiddo)",
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
        vague = aim.guessed or (aim.target is Target.GROUP and not aim.sure)
        if (vague or aim.target is Target.NOBODY) and _is_pitied(match, text):
            return _HARMLESS, "Pity or envy, at nobody who is named."
        if aim.target not in (Target.READER, Target.WRITER) and _SPECTACLE.match(text.folded, match.end):
            return _HARMLESS, "Said of a spectacle."
        if vague and match.entry.severity == "mild":
            return _HARMLESS, "A mild insult at nobody who is named."
    return (score, note) if aim.sure else (min(score, _UNSURE), note)


def _is_pitied(match: Match, text: Text) -> bool:
    """Tell whether "poor" or "lucky" stands before the word, and no name behind."""
    behind = text.original[text.original_span(match.start, match.end).end :][:2]
    return text.folded.endswith(_PITIED, 0, match.start) and not behind.strip().isupper()


def _plays_on_a_name(match: Match, text: Text) -> bool:
    """Tell whether a vulgar word is made part of a name ("Mr. Ass-lanian")."""
    before, after = text.folded[max(0, match.start - 8) : match.start], text.folded[match.end : match.end + 2]
    return (
        re.search(r"\b(?:mr|mrs|ms|dr|prof)\.? $", before) is not None and re.match(r"-\w", after) is not None
    )


DETECTOR = PersonalAttack()
