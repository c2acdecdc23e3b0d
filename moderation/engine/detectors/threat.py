"""Threat: violence announced, called for or wished, at somebody; violence that is reported is no threat."""

import re
from collections.abc import Iterator

from moderation.engine.phrasebook import THREATS
from moderation.engine.phrases import Phrases
from moderation.engine.targets import aim_of
from moderation.engine.text import Text
from moderation.engine.types import Context, Signal, Target

_KIN = r"(?:family|children|kids?|child|sons?|daughters?|mother|father|wife|husband|parents|house|home|shop|store|car|office|business)"
_SEEN = r"(?:live|lives|work|works|sleep|sleeps|park|parks|go|goes|take|takes|drive|drives|study|studies|hide|hides|drink|drinks|eat|eats|stay|stays)"
_NOT_AT_THE_POLLS = (
    r"(?! (?:at|in) the (?:polls?|ballot|elections?|vote|court|courts|final|debate|primary|primaries))"
)
# Verbs that mean death or injury whoever is their object, and verbs that sport and politics use as well.
_KILL = (
    r"(?:kill|murder|shoot|stab|slaughter|butcher|strangle|behead|hang|lynch|rape|execute|assassinate|poison)"
)
_HURT = r"(?:beat|hurt|burn|bomb|break|crush|bury|end|destroy|smash|slit|cut|hunt|find and \w+)"
_HARM = rf"(?:{_KILL}|{_HURT})"
_PART = (
    r"(?:family|children|kids|house|home|mother|wife|husband|head|face|throat|neck|legs?|bones|arms?|teeth|fingers|jaw|skull|nose|"
    r"knees|kneecaps|spine|tongue|eyes|ribs|back|brains|car|windows|shop|store|office)"
)
_YOU = rf"(?:you|u|your {_PART}|(?:his|her|their) {_PART})"
_THEM = r"(?:him|her|them|the (?:author|writer|journalist|editor|traitors?)|these (?:traitors|people)|this (?:man|guy|traitor|dog))"
# Games, portraits, courts and kindness: nobody is hurt by these.
_IN_PLAY = (
    r"(?! (?:at|in) (?:chess|poker|cards|tennis|backgammon|football|the (?:polls|election|debate|next game)|court)(?!\w))"
    r"(?! on (?:the|my|your|our) walls?(?!\w))(?! with (?:love|kindness|flowers|laughter|questions|praise|facts)(?!\w))"
)
_WILL = (
    r"(?:i|we)(?:'ll| will| shall| should| must| want to| wanna|'d love to| would love to|(?:'m| am|'re| are)? ?(?:going to|gonna))"
    r"(?: (?:personally|gladly|just|all|come and|find [^.!?\n]{1,40}? and))*"
)
# A natural death, what is borne and what may be burned: wished to people at deathbeds, in prayers, at the polls.
_DIES = (
    r"dies?(?! (?:in (?:peace|old age|(?:his|her|their|your) (?:own )?(?:sleep|beds?|home))|at home|peacefully|with (?:dignity|hono(?:u)?r|grace)|"
    r"old(?! and alone)(?!\w)|surrounded by (?:family|love|friends|his|her|their)|happy|a natural death))"
)
_SUFFERS = (
    r"suffers?(?! (?:(?:the|any) (?:\w+ )?consequences|in silence|no (?:more|longer)|a (?:loss|defeat)))"
)
_BURNS = (
    r"burns?(?! (?:(?:the|some|a few|those|these|off|their|his|her) )*"
    r"(?:midnight oil|candles?|calories|incense|bridges|flags?|papers|documents|letters|fuel|firewood|fat|effig(?:y|ies))(?!\w))"
)
_NOBODY_DESERVES = "".join(
    f"(?<!{before} )"
    for before in (
        "not",
        "n't",
        "never",
        "nobody",
        "no one",
        "no-one",
        *(
            f"no {who}"
            for who in (
                "child",
                "man",
                "woman",
                "mother",
                "human",
                "being",
                "family",
                "people",
                "person",
                "soldier",
                "civilian",
            )
        ),
    )
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
            rf"(?:{_WILL} {_KILL} (?:{_YOU}|{_THEM})|{_WILL} {_HURT} {_YOU}){_IN_PLAY}",
            0.95,
            "Announces violence.",
        ),
        (
            "beat hurt burn bomb break crush bury end destroy smash slit cut hunt find & you u your yours him her them his their the these this & i'll we'll will shall should must want wanna i'd we'd would going gonna",
            rf"{_WILL} {_HURT} {_THEM}{_NOT_AT_THE_POLLS}",
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
            rf"(?:^|[.!?\n,] *)(?:let's |lets |just |go |please )?{_KILL} (?:{_YOU}|{_THEM}|all (?:of )?(?:them|you)|their (?:women|men|daughters|wives)){_IN_PLAY}|"
            r"(?:^|[.!?\n,] *|(?:we|they|you|somebody|someone) (?:should|must|have to) )(?:let's |lets |just |go |please )?"
            r"(?:burn|blow|bomb)(?: down| up)? (?:down |up )?(?:the|their|his|her|your) "
            r"(?:embassy|consulate|church(?:es)?|mosques?|synagogues?|schools?|houses?|homes?|offices?|villages?)(?: (?:down|up))?",
            0.93,
            "Calls for violence.",
        ),
        *(
            (words, pattern, 0.92, "Threatens somebody.")
            for words, pattern in (
                (
                    "know found find & where",
                    r"i (?:know|found out|will find|'ll find) where (?:you|your family|he|she|they) (?:live|work|sleep)s?",
                ),
                ("back & your & watch mind", r"(?:watch|mind) your back"),
                (
                    "dead & you you're",
                    r"you(?:'re| are| r) (?:a )?dead(?: man| meat)?(?! (?:right|wrong|on|serious|set|tired|sure|center|certain|certainly|last|against))",
                ),
                ("days & numbered & your", r"your days are numbered"),
                (
                    "die dead bleed live regret & you you'll & will you'll",
                    r"you(?:'ll| will) (?:die|be dead|bleed|not live|regret being born)",
                ),
                (
                    "live & see & never won't & you you'll",
                    r"you(?:'ll never| won't| will never) live to see (?!the (?:day|train|stadium|end of))",
                ),
                ("coming & you & we we're i i'm", r"(?:we(?:'re| are)|i(?:'m| am)) coming for you"),
                ("sleep & eye", r"sleep with one eye open"),
                (
                    "bullet & in through for between",
                    r"(?:a|put a) bullet (?:in|through|for|between) (?:your|his|her|their|[a-z]+'s)(?: head| eyes)?",
                ),
            )
        ),
        (
            "kill go drink neck end kys & yourself urself yourselves kys die hang jump bleach your life",
            r"(?<!don't )(?<!not )(?<!never )kill (?:yourself|urself|yourselves)|kys|go (?:and )?(?:die|hang yourself|jump off)|drink bleach|"
            r"neck yourself|end your(?:self| life)",
            0.95,
            "Tells somebody to die.",
        ),
        (
            "hope wish pray may let off deserve deserves wait & die dies died rot rots burn burns suffer suffers bleed bleeds choke chokes drop drops get gets perish dead hang somebody someone anybody would",
            r"(?:i |we )?(?:hope|wish|pray)(?: that)? (?:you|he|she|they|all of you|(?:your|his|her) (?:family|children|kids|mother)|[a-z]+)"
            rf"(?: all| both| and your family)* (?:{_DIES}|died|rots?(?! in (?:jail|prison|a cell))|{_BURNS}|{_SUFFERS}|bleeds?|chokes?|drops? dead|"
            r"gets? (?:cancer|killed|shot|hit|raped|what))|"
            rf"(?:may|let) (?:you|he|she|they|him|her|them|(?:your|his) children) (?:all )?(?:{_DIES}|rot|{_BURNS}|{_SUFFERS}|perish)|"
            rf"wish (?:somebody|someone|anybody|they|he|she) would {_HARM} (?:{_YOU}|{_THEM})|"
            rf"would be better off dead|{_NOBODY_DESERVES}deserves? to (?:{_DIES}|rot|burn|suffer|hang)|"
            r"can't wait (?:until|till|for) (?:you|him|her|he|she|them|they)(?: to)? dies?",
            0.6,
            "Wishes somebody harm.",
        ),
        *(
            (words, pattern, 0.55, "May be a threat.")
            for words, pattern in (
                (
                    "pay suffer see get & you you'll & will you'll",
                    r"you(?:'ll| will) (?:pay|suffer|see what happens|get what)(?! (?:at|in) the (?:polls|election|ballot|court))",
                ),
                ("wait & you", r"just wait(?: and see)? what (?:happens|we do) to you"),
                ("someone & will & you", r"someone will (?:visit|deal with|take care of) you"),
                ("warned & been", r"you(?:'ve| have) been warned"),
                ("watch & you & what how", r"watch (?:what|how) you (?:write|say|post|talk)"),
                ("careful & you", r"be careful what you (?:write|say|post)"),
            )
        ),
        (
            "shame pity hate sad unfortunate & something anything accident fire burn burned burnt caught broke happen happened happens",
            rf"(?:shame|pity|sad|unfortunate|hate)(?: for| to see)?[^.!?\n]{{0,25}}? (?:something|anything|an accident|a fire)[^.!?\n]{{0,15}}? (?:happen(?:ed|s)?|befell) to (?:you|your|him|his|her|them|their)|"
            rf"(?:shame|pity) if (?:your|his|her|their) (?:\w+ )?{_KIN} (?:\w+ )?(?:burn(?:ed|t)?|caught fire|disappeared|got hurt|broke|had an accident)|"
            r"hate to see (?:it|your \w+|that|them) (?:\w+ )?(?:burn|go up in flames|get hurt|get broken)",
            0.7,
            "A veiled threat.",
        ),
        (
            f"know & where which what when & you your & {_SEEN[3:-1].replace('|', ' ')}",
            rf"(?:i|we|they|people)(?: all| also)? know (?:exactly |very well )?(?:where|which|what (?:car|bus|train|school|time|street)|when) "
            rf"(?:\w+ ){{0,3}}?(?:you|your \w+) {_SEEN}(?! (?:hard|well|with|on|for|from|too|in mind))",
            0.7,
            "A veiled threat.",
        ),
        (
            "accidents",
            r"accidents (?:do |can )?happen(?: to (?:people|those|anyone|journalists|writers|men|you)|,? (?:you know|my friend|don't they))",
            0.6,
            "A veiled threat.",
        ),
        (
            "careful check look watch shoulder & night dark car walking street shoulder home",
            r"(?:you(?:'d| had)? (?:should|better|might want to)|if i were you,?[^.!?\n]{0,12}|i(?:'d| would)|better) (?:really |be )*(?:careful|check|look|watch)"
            r"[^.!?\n]{0,25} (?:at night|in the dark|walking home|under your car|your car|crossing the street|on your way home|behind you|over your shoulder)|"
            r"look(?:ing)? over your shoulder",
            0.6,
            "A veiled threat.",
        ),
        (
            "daughter daughters son sons kids children wife family & think remember",
            r"you have (?:a |an |two |three |four |small |little |young |lovely |nice )*(?:daughters?|sons?|kids|children|wife|family)"
            r"[^.!?\n]{0,15}[,.!?]+ (?:\w+ )?(?:think|remember) (?:about|of|that|them|it)",
            0.7,
            "A veiled threat.",
        ),
        (
            "visit visitors & expect pay paying",
            r"(?:pay|paying) (?:you|your \w+) a (?:little |short |friendly )?visit(?! (?:after|for|with|on|at|next|this|when|and bring))|"
            r"(?:somebody|someone|we|i|boys|guys)[^.!?\n]{0,12} (?:should|ought to|needs? to|must|will|'ll) pay (?:him|her|them|this \w+|the (?:author|writer|editor|reporter)) a (?:little )?visit|"
            r"expect (?:a |some )?(?:visit|visitors) (?:from|at|tonight|soon)(?! the (?:census|election|inspector))(?=[^.!?\n]{0,20}(?:friends?|me|my|us|boys|tonight|home|house|soon))",
            0.6,
            "A veiled threat.",
        ),
        *(
            (words, pattern, 0.6, "A veiled threat.")
            for words, pattern in (
                (
                    "keep & talking writing posting lying barking it that & and then",
                    r"keep (?:talking|writing|posting|lying|it up|that up|barking)[^.!?\n]{0,25} (?:and|then) (?:see|you(?:'ll| will) (?:see|find out|learn|regret|end))",
                ),
                (
                    "one & more & word comment post lie article insult",
                    r"one more (?:word|comment|post|lie|article|insult)[^.!?\n]{0,25} and (?:you|i|we)(?:'ll| will| are|'re|'m| am)",
                ),
                ("say & face", r"say (?:that|it|this|so)(?: again)? to my face"),
                (
                    "regret sorry & you you'll",
                    r"you(?:'ll| will)(?: \w+)? (?:regret (?:it for|it one day|this for|ever|writing|saying|posting|the day|being)|be sorry (?:you|for what|when))(?! missed)",
                ),
            )
        ),
        (
            "snitches stitches",
            r"snitches (?:get|end|belong)|(?:get|need|deserve)s? stitches",
            0.6,
            "A veiled threat.",
        ),
        (
            "find track trace hunt address & you your where hard easy difficult",
            r"(?:your|his|her) (?:home |house )?(?:address|house|home) (?:is|was|'s)(?:n't| not)? (?:that |so |very |really )?(?:hard|easy|difficult) to find|"
            r"(?:we|i|somebody|someone)(?:'ll| will| can|'m going to| am going to|'re going to)(?: \w+)? (?:find|track|trace|hunt) (?:out )?(?:you(?: down)?(?=$|[.,!?;\n]| (?:and|sooner|one|eventually|anyway|wherever|soon|down))|where you live|your (?:address|ip|house|family|kids))",
            0.6,
            "A veiled threat.",
        ),
        (
            "lesson & teach",
            r"(?:should|must|ought to|needs? to|has to|have to|will|'ll|going to|gonna|'d better|wants? to|time to) (?:all )?teach (?:you|him|her|them|that|this|these|those)(?: \w+)? a lesson"
            + _NOT_AT_THE_POLLS,
            0.6,
            "May be a threat.",
        ),
        (
            "ceausescu mussolini gaddafi qaddafi saddam najibullah",
            r"(?:end(?:s|ed)? up|finish|end|go|die|hang)s? like (?:ceausescu|mussolini|gaddafi|qaddafi|saddam|najibullah)|"
            r"(?:ceausescu|mussolini|gaddafi|qaddafi|saddam)(?:'s)? (?:treatment|end|ending|fate|style|way)",
            0.55,
            "Wishes somebody a violent end.",
        ),
        (
            "dog cur mutt beast rat & put down",
            r"put (?:that|this|the) (?:\w+ )?(?:dog|cur|mutt|beast|rat|animal) (?:down|out of (?:its|his|her|our) misery)",
            0.6,
            "May call for somebody to be killed.",
        ),
        (
            "rope noose gallows guillotine lamppost lamp bullet bullets squad grave",
            r"(?:needs?|deserves?|earned|gets?) (?:a |the )?(?:rope|noose|gallows|guillotine|bullet|firing squad)(?!\w)|"
            r"(?:rope|noose|gallows|guillotine|lamp ?posts?|bullet|firing squad|grave)s?[^.!?\n]{0,15} (?:is |are |'s )?(?:waiting|ready|reserved|too good) for (?:you|him|her|them|people|all|these|those|this|that)|"
            r"(?:rope|noose|lamp ?post)s?(?: and a \w+(?: \w+)?)?,? (?:that(?:'s| is) )?(?:is )?(?:all|what) (?:\w+ ){1,3}(?:deserves?|needs?)|"
            r"(?:i|we)(?:'ve| have|'ve got)? (?:got )?(?:a |one |two )?bullets? (?:with|for) (?:you|your|him|his|her|them)",
            0.7,
            "Wishes somebody's execution.",
        ),
        (
            "stretcher box bag coffin hearse wheelchair ditch trunk morgue casket straw fishes daisies teeth ground underground",
            r"(?:you(?:'ll| will|'re going to| are going to|'re gonna))(?: \w+)? (?:be )?(?:leave|leaving|end(?:ing)? up|wind up|go(?:ing)? home|come home|walk out|be carried out|find yourself)[^.!?\n]{0,15} "
            r"(?:on a stretcher|in a (?:box|body ?bag|bag|coffin|hearse|wheelchair|ditch|trunk|casket)|in the (?:morgue|ground|river|trunk)|under ?ground|feet first)|"
            r"eat(?:ing)? (?:\w+ ){0,2}(?:through|with) a straw|(?:swim|swimming|sleep|sleeping) with the fishes|(?:picking|pick|counting|collecting) (?:up )?your teeth|push(?:ing)? up (?:the )?daisies",
            0.9,
            "Threatens somebody.",
        ),
        (
            "wall round lampposts poles string squad & them him her you all it these those traitors",
            r"(?:put|stand|line|shove|push|back)(?:ing)? (?:them|him|her|you|all of (?:them|you)|these \w+|those \w+|all traitors|traitors) (?:all )?(?:up )?against (?:the|a) wall(?! of)|round them (?:all )?up and|"
            r"string (?:him|her|them|you|these|those)(?: \w+)? up|(?:them|him|her|all|traitors) (?:all )?(?:from|on) (?:the )?(?:lamp ?posts?|poles)",
            0.88,
            "Calls for violence.",
        ),
        (
            "so let i'd would & break knock punch slap kick smash snap crush cut & your you",
            r"(?:so (?:that )?i can(?: finally| just)?|let me|i(?:'d| would)(?: gladly| happily| love to| like to| really like to)*) (?:break|knock|punch|slap|kick|smash|snap|crush|cut|rip|tear) "
            rf"(?:out |off )?(?:you(?=$|[.,!?;\n]| in| so| until| like)|your {_PART})",
            0.88,
            "Threatens somebody.",
        ),
        (
            "minister president author editor reporter journalist writer traitor senator mayor governor leader & kill shoot stab hang lynch execute assassinate poison murder",
            r"(?:somebody|someone|anybody)(?: please| just| should| must| needs? to| go| ought to| has to)* (?:kill|shoot|stab|hang|lynch|execute|assassinate|poison|murder) "
            r"(?:this|that|the|our|your) (?:\w+ )?(?:minister|president|author|editor|reporter|journalist|writer|traitor|senator|mayor|governor|leader)",
            0.93,
            "Calls for violence.",
        ),
        (
            "deserve deserves deserved should must need needs & beaten whipped flogged crucified skinned castrated impaled drowned slapped spanked punched",
            r"(?:should|must|deserves? to|needs? to|has to|have to|ought to)(?: all)? (?:be|get) (?:publicly |all |taken out and )?(?:beaten to death|crucified|skinned|castrated|impaled|drowned)",
            0.88,
            "Calls for somebody to be killed or hurt.",
        ),
        (
            "deserve deserves should must need needs & beaten whipped flogged slapped spanked punched",
            r"(?:should|must|deserves? to|needs? to|has to|have to|ought to)(?: all)? (?:be|get) (?:publicly |all )?(?:beaten(?! (?:at|by|in) (?:the )?(?:polls|\w+ team|ballot|election))|whipped|flogged|slapped|spanked|punched)",
            0.6,
            "Wishes somebody harm.",
        ),
        (
            "hope wish pray may & dies die died burn burns burned fire crash crashes wakes drown drowns suffocate suffocates blind everything over cancer bury",
            rf"(?:hope|wish|pray|may)(?: that| to god)? (?:you|he|she|(?:your|his|her|their) (?:\w+ )?{_KIN})(?: \w+){{0,2}}? "
            rf"(?:{_DIES}|{_BURNS}(?: down)?|catch(?:es)? fire|crash(?:es)?|never wakes? up|drowns?|suffocates?|goes? blind|loses? everything|bur(?:y|ies) (?:you|him|her|them))|"
            r"(?:wish|hope) (?:that )?(?:somebody|someone|anybody|a (?:bus|truck|car|train)|they) (?:would |will )?(?:runs?|hits?|ran) (?:you|him|her|them)(?: over| down|$|[.!,])",
            0.6,
            "Wishes somebody harm.",
        ),
        (
            "nobody who & miss mourn cry weep & you him her",
            r"(?:nobody|no one|who) (?:would|will|'d|'ll|is going to) (?:ever )?(?:miss|mourn|cry for|weep for) (?:you|him|her)(?: if you)?(?=$|[.,!?;\n]| (?:if|when|anyway|once|after))",
            0.55,
            "Wishes somebody gone.",
        ),
        (
            "why & end die disappear & you",
            r"why (?:don't|won't|not) you (?:just |all |please )*(?:die|end it(?: all| already)+|end it(?=$|[.!?\n])|drop dead|disappear (?:forever|for good|from (?:this|the) (?:earth|world)))",
            0.6,
            "Wishes somebody dead.",
        ),
        (
            "cry weep mourn tear sleep & if when & hit killed dies died dropped burned burns crashed fell choked shot",
            r"(?:wouldn't|won't|would not|will not|not) (?:even )?(?:cry|weep|mourn|shed a tear|lose (?:any )?sleep) (?:if|when)[^.!?\n]{0,40} "
            r"(?:hit|killed|dies|died|dropped|burned|burns|crashed|fell|choked|shot)",
            0.55,
            "Wishes somebody harm.",
        ),
        (
            "sooner faster quicker & dies die dead croaks croak bucket rots",
            r"(?:sooner|faster|quicker) (?:he|she|you|they|his \w+|these \w+|those \w+|(?:this|that|the) (?:old |fat |miserable )?(?:man|woman|dog|fool|tyrant|dictator|traitor|\w+ man|\w+ fool)|[a-z]+(?:yan|ev|oglu)|erdogan|putin|trump|biden)(?: finally| just)? (?:dies?|croaks?|drops? dead|kicks? the bucket|is dead|are dead|rots?)[^.!?\n]{0,8} better",
            0.6,
            "Wishes somebody dead.",
        ),
        (
            "should & died aborted drowned killed strangled born womb swallowed",
            r"(?:you|he|she) should(?:'ve| have)(?: all)? (?:died|been (?:aborted|drowned|strangled|smothered|swallowed|never born)|never been born|stayed in the womb)|"
            r"your (?:mother|mom|parents) should(?:'ve| have) (?:aborted|drowned|swallowed|strangled)",
            0.6,
            "Wishes somebody dead.",
        ),
        (
            "missed failed didn't & bomb bullet rocket shell truck sniper shooter drone knife assassin",
            r"(?:too bad|pity|shame|sorry|unfortunate(?:ly)?)[^.!?\n]{0,12} (?:the|that|a|his|her) (?:bomb|bullet|rocket|shell|truck|sniper|shooter|drone|knife|assassin) "
            r"(?:missed|failed|didn't (?:hit|kill|get|finish))",
            0.6,
            "Wishes somebody dead.",
        ),
        (
            "world place & better & without",
            r"(?:world|place|country|community|earth|page|city) (?:would be|'d be|will be|is) (?:a )?(?:much |far |so much )?better (?:place |off )?without (?:you|him|her|people like you|your kind)",
            0.6,
            "Wishes somebody gone.",
        ),
        (
            "grave graves & dance spit piss dancing celebrate party",
            r"(?:dance|dancing|spit|piss|celebrate|party) on (?:your|his|her|their) graves?",
            0.6,
            "Wishes somebody dead.",
        ),
    )
)
_OF_SPORT = 0.5  # up to which a phrase is one that sport uses as well
_SCORE = {"mild": 0.6, "strong": 0.9, "extreme": 0.97}
# Where only a game is lost, in the languages read; a match or a final is a place where people meet as well.
_GAMES = re.compile(
    r"(?<!\w)(?:(?:at|in|over|playing) (?:\w+ )?(?:chess|poker|cards|checkers|backgammon|tavloo|tavli|nardi|tennis|ping[- ]pong|football|soccer|basketball|"
    r"volleyball|scrabble|blitz|trivia|monopoly|golf|pool|bowling|uno|domino(?:es)?|video games?|karaoke|arm wrestling)|"
    r"(?:aux|à la) (?:échecs|cartes|dames|belote|pétanque)|au (?:tavli|tennis|ping-pong|football|foot|poker|scrabble|trictrac|billard)|"
    r"(?:в|на) (?:шахмат\w*|нард\w*|карты|картах|шашк\w*|теннис\w*|футбол\w*|домино|бильярд\w*)|"
    r"шахмат\w*|շախմատ\w*|ճատրակ\w*|նարդի\w*|նարտի\w*|ֆուտբոլ\w*|ֆութպոլ\w*|shaxmat\w*|shakhmat\w*|nardi\w*|satranç\w*|tavla\w*|futbol\w*)(?!\w)"
)
_TEAMS = frozenset(
    [
        "coach",
        "coaches",
        "team",
        "teams",
        "season",
        "league",
        "cup",
        "playoffs",
        "playoff",
        "quarterback",
        "goalkeeper",
        "midfielder",
        "striker",
        "referee",
        "halftime",
        "tournament",
        "opponents",
        "opponent",
        "under-twelves",
        "tryouts",
        "homecoming",
        "derby",
        "roster",
    ]
)
# "Mom is going to kill you when she sees the carpet", "you will die laughing": what nobody fears.
_SAYINGS = re.compile(
    r"(?<!\w)(?:(?:mom|mum|mother|momma|mama|mommy|grandma|grandmother|nana|wife|boss|teacher|aunt|dentist|doctor|editor|landlord)"
    r"(?:'s| is|'ll| will| would|'d)? (?:\w+ )?(?:going to |gonna )?kill (?:you|me|us|him|her) (?:when|if) (?:she|he|they) (?:sees?|finds? out|hears?|knows|comes home|gets home)|"
    r"die (?:laughing|of (?:laughter|boredom|embarrassment|envy|shame|curiosity|jealousy|happiness|thirst|heat)|for (?:this|these|that|it|the|her|his|my|our)(?= \w+ (?:cake|recipe|food|bread|soup|voice)))|"
    r"die when you (?:see|hear|taste|try|read)|be dead (?:right|wrong|tired|serious|set|sure|last|broke|beat|certain|center)|"
    r"(?:watch|mind) your back (?:when|while|if) (?:you )?(?:\w+ )?(?:lift|lifting|bend|bending|carry|carrying|shovel|shoveling|dig|digging|move|moving)|"
    r"hang (?:the |his |her |their |him |them |it |this |that )[^.!?\n]{0,40}(?:portraits?|paintings?|pictures?|posters?|photos?|banner|frames?)|"
    r"shoot (?:the|a|this|another|their|our) (?:\w+ )?(?:sequel|film|movie|scene|video|episode|wedding|pilot|documentary|series|commercial|short)|"
    r"shot (?:in (?:black|colou?r|\w+ studio)|on (?:film|location|digital|video|\d+ ?mm)|from (?:above|below|two|the same))|"
    r"(?:kill|execute|terminate|wipe out|eliminate) (?:\w+ ){0,3}(?:process(?:es)?|daemons?|threads?|jobs?|tasks?|servers?|sessions?|containers?|scripts?|queries|lights?|"
    r"engine|motor|weeds?|germs?|bacteria|mosquitoes|aphids|bugs|typos|errors|debts?|bill|story|amendment))(?!\w)"
)


class Threat:
    """Fixed phrases of the lexicon and sentences that announce, call for or wish violence."""

    name, version = "threat", "1"

    def detect(self, text: Text, context: Context) -> Iterator[Signal]:
        """Yield a signal for each threat, call or wish, with its target."""
        harmless = Harmless(text)
        for match in context.policy.lexicon.matches(text):
            if match.entry.kind == "threat" and not harmless.around(match.start):
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
            if harmless.around(start, of_sport=phrase.score <= _OF_SPORT):
                continue
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


class Harmless:
    """The sentences of a text that announce only a lost game or a saying; teams are crushed and beaten, not killed.

    Each is looked at once, however many threats it holds: one sentence may be as long as the comment.
    """

    def __init__(self, text: Text) -> None:
        self._text = text
        self._sayings: dict[tuple[int, int], bool] = {}
        self._teams: dict[tuple[int, int], bool] = {}

    def around(self, start: int, *, of_sport: bool = False) -> bool:
        """Tell whether the sentence around a place is one."""
        sentence = self._text.sentence_around(start)
        if sentence not in self._sayings:
            self._sayings[sentence] = any(
                said.search(self._text.folded, *sentence) for said in (_GAMES, _SAYINGS)
            )
        if of_sport and sentence not in self._teams:
            begin, end = sentence
            self._teams[sentence] = not _TEAMS.isdisjoint(self._text.plain[begin : end + 2].split())
        return self._sayings[sentence] or (of_sport and self._teams[sentence])


DETECTOR = Threat()
