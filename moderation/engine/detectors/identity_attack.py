"""Identity attack: a people, faith, sex or orientation degraded, generalised about or wished away.

The name of a group alone is never an offence; it takes a predicate that degrades, a call, or a slur of the lexicon.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import chain

from moderation.engine.cues import is_of_a_herd_or_a_stage
from moderation.engine.phrasebook import IDENTITY_ATTACKS
from moderation.engine.phrases import Index, Phrase, Phrases, any_of
from moderation.engine.policy import Policy
from moderation.engine.targets import is_quoted, is_spoken_of
from moderation.engine.text import Text
from moderation.engine.types import Context, Signal, Target

_GRAVE = 0.9  # what degrades, or calls for harm; below it, what generalises
# "We Armenians are stubborn" is of one's own people; "not all", "if all" claim nothing of a people.
_NOT_CLAIMED = ("we ", "not all ", "if all ", "not every ")
# What children are taught of a people is told of the teacher; what I was taught may be what I think.
_NEAR = 60  # characters before a sentence about a people in which it is told who teaches it
_TAUGHT = re.compile(
    r"(?<!i )(?<!we )(?:taught|teaches|preached|preaches|brainwashed|indoctrinated) (?!me |us )(?:\w+ ){0,3}?that \Z"
)
_SLUR = {"mild": 0.6, "strong": 0.9, "extreme": 1.0}
_DEGRADING = (
    r"animals?|dogs?|pigs?|rats?|vermin|cockroach(?:es)?|insects?|maggots?|leech(?:es)?|parasites?|monkeys?|apes?|beasts?|snakes?|"
    r"savages?|sub ?humans?|untermenschen|not human|not even human|filth|filthy|scum|trash|garbage|dirt|disease|"
    r"cancer|plague|virus|degenerates?|inferior|mongrels?|swine(?! (?:fever|flu))|demons?|evil|worthless|disgusting|primitive|uncivili[sz]ed|"
    r"genetically \w+|born (?:killers|murderers|liars|thieves|terrorists)"
)
_GENERAL = (
    r"liars?|thieves|thief|criminals?|murderers?|killers|rapists|terrorists?|cowards?|traitors?|stupid|idiots?|morons?|lazy|dirty|"
    r"greedy|cheats?|cheaters|violent|backward|fanatics|fascists?|nazis|cruel|the same|alike|enem(?:y|ies)|untrustworthy|"
    r"jealous|nomads|barbarians?|vandals?|ignorant|fools|sick|crazy|dumb|clowns|losers|hypocrites|"
    r"crooks?|drunks?|drunkards?|swindlers?|cheapskates?|cheap(?! labou?r)|stingy|misers?|backstabbers?|two-faced|treacherous|dishonest|bloodthirsty|"
    r"brutes?|uncultured|uneducated peasants|illiterate|perverts?|predators|groomers|pedophiles|paedophiles|mentally ill|unnatural|"
    r"born (?:liars|thieves|killers|cheats|criminals|traitors)|ungrateful|gold ?diggers?|rapists at heart"
)
_MANNER = r"(?:(?:all|just|nothing but|nothing more than|such|really|truly|mostly|always|still|like|only|a bunch of|worse than|no better than|basically|simply|literally|really just|a|an|the|and will always be|so|very|dirty|filthy|fucking) )*"
_BE = r"(?:are|r|were|is|was|be|being|remain|act like|behave like|live like|have always been|will always be)"
_KILL = r"(?:kill|exterminate|eradicate|eliminate|annihilate|wipe out|wipe off|get rid of|gas|burn|slaughter|butcher|purge|cleanse|shoot|bomb|nuke|hang|deport|expel|destroy|hunt(?: down)?|round up)"

_PRAISES = "Praises or wishes mass murder."
_SENDS = "Tells people to go back where they came from."
_WISHES = Phrases(
    (
        *(
            (words, pattern, 0.95, _PRAISES)
            for words, pattern in {
                "finish finished completed & should could must let have": r"(?:should|could|must|let them|have to)(?: have)? "
                r"(?:finish|finished|completed) (?:the job|what (?:they|you|we) started|them(?: all| off)?|it)",
                "genocide holocaust sumgait pogrom pogroms massacre massacres & was were": r"(?:genocide|holocaust|sumgait|"
                r"pogroms?|massacres?) (?:was|were) (?:a )?(?:the )?(?:best|good|great|right|justified|necessary|deserved|"
                r"well deserved|beautiful|not enough)",
                "genocide holocaust massacre & deserve deserved earned had": r"(?:deserved?|earned|had) (?:the|their|your|that|"
                r"every bit of the|another) (?:genocide|holocaust|massacre)",
                "finished killed wiped exterminated gassed burned slaughtered annihilated drowned & should should've & been": r"(?:you|"
                r"your (?:people|kind|race|tribe|nation|ancestors|grandparents))(?: all)? should(?:'ve| have)(?: all)? been "
                r"(?:finished|killed|wiped|exterminated|gassed|burned|slaughtered|annihilated|drowned)",
                "genocide holocaust & need needs time want do": r"(?:need|needs|time for|want|do) (?:a|another|a second|a new) "
                r"(?:genocide|holocaust)",
                "genocide holocaust 1915 & should must will": r"(?:genocide|holocaust|1915) (?:should|must|will) "
                r"(?:be repeated|happen again|come again)",
                "1915 & repeat do": r"(?:repeat|do) 1915(?: again)?",
                "talaat enver hitler & live": r"long live (?:talaat|enver|hitler)",
                "hitler & right should": r"hitler (?:was right|should have)",
                "talaat enver djemal hitler stalin & wrong hero knew": r"(?:talaat|enver|djemal|hitler|stalin) (?:pasha )?"
                r"(?:did nothing wrong|was a hero|knew how to (?:deal|handle))",
            }.items()
        ),
        *(
            (words, pattern, 0.6, _SENDS)
            for words, pattern in {
                "country countries turkey armenia azerbaijan baku ankara africa mexico desert cave caves steppes mongolia altai "
                "& go send & home back": r"(?:go|send (?:them|you|him|her|all)?) ?(?:home|back) to (?:your|their|his|her)? ?(?:own )?"
                r"(?:country|countries|turkey|armenia|azerbaijan|baku|ankara|africa|mexico|desert|caves?|steppes|mongolia|altai)",
                "where & from & send ship kick throw deport pack": r"(?:send|ship|kick|throw|deport|pack) (?:them|him|her|you|those|"
                r"these)(?: all| \w+)? (?:all )?(?:back )?(?:to )?where (?:they|he|she|you) (?:all )?came from",
                "where wherever & from & go": r"go (?:back )?(?:to )?where(?:ver)? you (?:all )?(?:came|come|crawled) from",
                "country & get go & out": r"(?:get|go)(?: the hell)? out of (?:our|my) country",
                "country homeland village cave caves & go & back": r"go back to your (?:own )?(?:country|homeland|village|caves?)",
            }.items()
        ),
    )
)
_DENIAL = Phrase(
    re.compile(
        r"(?:there (?:was|is) no|no such thing as (?:an? |the )?|so[- ]called|alleged|fake|fabricated|imaginary|invented|myth of the|the) "
        r"(?:armenian )?(?:genocide|holocaust)(?: (?:never happened|did not happen|didn't happen|is a (?:lie|hoax|myth|fairy ?tale|fabrication)|was a (?:lie|hoax|myth)|is fake|is an invention))?|"
        r"genocide (?:lie|hoax|myth|fairy ?tale|industry)"
    ),
    0.6,
    "Denies a genocide.",
)
_DENIES = re.compile(
    r"there (?:was|is) no|no such thing|so[- ]called|alleged|fake|fabricated|imaginary|invented|myth|never happened|did ?n[o']t happen|lie|hoax|fairy|invention|industry|fabrication"
)


_DEGRADING_WORDS = (
    "animal animals dog dogs pig pigs rat rats vermin cockroach cockroaches insect insects maggot maggots leech leeches parasite "
    "parasites monkey monkeys ape apes beast beasts snake snakes savage savages subhuman subhumans sub untermenschen human filth "
    "filthy scum trash garbage dirt disease cancer plague virus degenerate degenerates inferior mongrel mongrels swine demon demons "
    "evil worthless disgusting primitive uncivilised uncivilized genetically born"
)
_GENERAL_WORDS = (
    "liar liars thieves thief criminal criminals murderer murderers killers rapists terrorist terrorists coward cowards traitor "
    "traitors stupid idiot idiots moron morons lazy dirty greedy cheat cheats cheaters violent backward fanatics fascist fascists "
    "nazis cruel same alike enemy enemies untrustworthy jealous nomads barbarian barbarians vandal vandals ignorant fools sick crazy "
    "dumb clowns losers hypocrites crook crooks drunk drunks drunkard drunkards swindler swindlers cheapskate cheapskates cheap "
    "stingy miser misers backstabber backstabbers two treacherous dishonest bloodthirsty brute brutes uncultured uneducated illiterate "
    "pervert perverts predators groomers pedophiles paedophiles mentally unnatural born ungrateful gold golddigger golddiggers"
)
_KILL_WORDS = (
    "kill exterminate eradicate eliminate annihilate wipe get gas burn slaughter butcher purge cleanse shoot bomb nuke hang deport "
    "expel destroy hunt round"
)
_KILLED_WORDS = (
    "die killed exterminated eradicated eliminated annihilated wiped gassed burn burned slaughtered shot bombed nuked hanged hung "
    "deported expelled destroyed sterilised sterilized rot disappear"
)
# Of a group that is named anywhere in the text.
_THEY = Phrases(
    [
        (
            f"they they're & {_DEGRADING_WORDS} {_GENERAL_WORDS}",
            rf"they(?: {_BE}|'re) {_MANNER}(?:{_DEGRADING}|{_GENERAL})",
            0.6,
            "Generalises about the group that is named.",
        )
    ]
)
_OF_A_STATE = (
    r"(?! (?:government|regime|war|army|attack|attacks|policy|state|propaganda|crimes?|weapons?|deal|role|act|acts|lies?|"
    r"response|answer|tactics?|style))"
)


def _sentences_about(names: Iterable[str]) -> Phrases:
    """Return what degrades, wishes away or generalises about one of these groups."""
    names = list(names)
    first = " ".join({name.removeprefix("the ").split()[0] for name in names})
    groups = any_of(names)
    group = rf"{groups}(?: people| men| women| soldiers)?(?: like (?:you|them|these|those))?"
    # Of a people, not of its coffee: names in the plural.
    many = rf"(?:all |every |those |these |the |you |any )*{any_of(n for n in names if n.endswith(('s', 'men', 'people')))}"
    every = r"(?:all |every |these |those |you |the |most |you all )*"
    insults = "Degrades a group of human beings."
    calls = "Calls for a group to be removed or killed."
    general = "Generalises about a group."
    hates = "Says hatred of a group."
    sexism = "Speaks down to a sex."
    return Phrases(
        (
            *IDENTITY_ATTACKS,
            (
                f"{first} & control controls own owns run runs rule rules",
                rf"{many} (?:all )?(?:secretly )?(?:control|own|run|rule)s? (?:the |all (?:the )?|our |every )?(?:banks?|media|papers|press|newspapers|hollywood|world|money|everything|congress|washington|economy)",
                0.65,
                general,
            ),
            (
                f"{first} & no & culture honor honour shame soul conscience moral morals brain brains manners dignity word god right place",
                rf"{many} (?:have|has|know|got|'ve) no (?:culture|honou?r|shame|soul|conscience|morals?|brains?|manners|dignity|word|god|right to (?:live|exist)|place in (?:this|our))(?! of)",
                0.6,
                general,
            ),
            (
                f"{first} & steal rob breed lie cheat beg smell smells stink stinks betray backstab stab leech live multiply take taking",
                rf"{many}(?: all| just| always| only)? (?:(?:steal|rob) (?:everything|anything|all|from (?:us|everyone|you|decent))|breed like|multiply like|lie (?:like|about everything|constantly|as|all)|"
                r"cheat (?:everyone|everybody|all|you|us)|beg(?: and|[.,!])|smells?(?! of)|stinks?(?! of)|betray (?:everyone|everybody|you)|backstab|stab you in the back|leech off|"
                r"live off (?:our|the|welfare|other)|(?:take|are taking) (?:our|your|american) (?:jobs|women))",
                0.6,
                general,
            ),
            (
                f"{first} & crime crimes problems problem disease diseases drugs trouble",
                rf"{many} (?:commit|cause|bring|spread|are behind|are responsible for) (?:all|most|every|half)(?: of)?(?: the| our)? (?:crimes?|problems?|diseases?|drugs|trouble)",
                0.6,
                general,
            ),
            (
                f"{first} & danger menace burden plague disgrace curse",
                rf"{many} are (?:all )?(?:a |an )?(?:danger|menace|burden|plague|disgrace|curse)(?! of)",
                0.6,
                general,
            ),
            (
                f"{first} & look same alike",
                rf"{many} (?:all )?(?:look (?:all )?(?:the same|alike)|are all the same)",
                0.6,
                general,
            ),
            (
                f"{first} & back blood heart",
                rf"an? (?:{groups}) is an? (?:{groups})[,.:;]|once an? {groups},? always an? {groups}|{many}[^.!?\n]{{0,40}} (?:treachery|lying|stealing|cheating|killing|violence|betrayal)[^.!?\n]{{0,10}} in (?:their|the) (?:blood|genes|nature)",
                0.6,
                general,
            ),
            (
                "homosexuality transgenderism islam judaism feminism gay trans lesbian christianity & disease sickness illness perversion abomination cancer evil plague filth unnatural poison disorder cult",
                r"(?:homosexuality|transgenderism|being (?:gay|trans|lesbian)|islam|judaism|christianity|feminism)(?: itself)? (?:is|are) (?:just |nothing but |like |simply )?(?:a |an |the )?"
                r"(?:mental |death )?(?:disease|sickness|illness|perversion|abomination|cancer|evil|plague|filth|unnatural|poison|disorder|cult)",
                0.65,
                insults,
            ),
            (
                "kitchen home place babies & woman woman's women women's females wife",
                r"(?:wom[ae]n(?:'s)?|females?|wife's|wives)(?: \w+)? (?:belongs?|place is|place remains|should (?:stay|be kept)|need to stay|must stay)(?: back)? (?:at|in) (?:the |a )?(?:home|house|kitchen|bedroom)|"
                r"place of (?:a |the )?wom[ae]n is|keep (?:women|your wife|females) (?:at home|in the kitchen)",
                0.65,
                sexism,
            ),
            (
                "women woman females girls & emotional hysterical irrational hormonal incapable unfit weak soft stupid drivers fit made suited built capable good",
                r"(?:women|females|girls|a woman is)(?: \w+)? (?:are |is )?(?:just |simply |far |way |all |much )*(?:too (?:emotional|hysterical|irrational|weak|hormonal|soft|stupid)|hysterical|irrational|hormonal|incapable of|unfit (?:to|for)|bad drivers|"
                r"not (?:made|fit|suited|built|capable)|only good (?:for|at|in)|good (?:only )?for (?:one thing|nothing))",
                0.65,
                sexism,
            ),
            (
                "women girls females woman female & want only just all always marry after think lead govern math trusted charge reason vote drive rule office let letting allow allowing typical",
                r"(?:women|girls|females) (?:only |just |all |always )+(?:want|care about|marry for|love|are after) (?:your |a man's |the )?(?:money|wallet|cash)|"
                r"(?:women|girls|females) (?:can't|cannot|can not|don't know how to) (?:think|lead|govern|do math|be trusted|be in charge|reason)|"
                r"(?:women|girls|females) should(?:n't| not| never) (?:be allowed to |be permitted to )?(?:vote|drive|lead|govern|rule|hold office|be in (?:charge|politics|parliament))|"
                r"(?:let|letting|allow|allowing) (?:women|females|girls) (?:to )?(?:run|lead|govern|rule|decide)|typical (?:woman|female)",
                0.65,
                sexism,
            ),
            (
                "girl woman housewife female & just only & what",
                r"(?:just|only) an? (?:\w+ )?(?:girl|woman|housewife|female)[^.!?\n]{0,12} what (?:does|do|can|could|would) (?:she|they|you)",
                0.6,
                sexism,
            ),
            (
                "kitchen sandwich & go back make get return",
                r"(?:go|get|run|return)(?: on)? (?:back )?(?:in)?to (?:the|your) kitchen(?! (?:and|to) (?:help|get|see|check))|make me a sandwich",
                0.65,
                sexism,
            ),
            (
                "asking asked begging dressed dress expect & it like that decently modestly",
                r"(?:she|they|girls?|women) (?:was|were|is|are)(?: \w+)? (?:asking|begging) for it|asked for it(?:,)? (?:dressed|with|by|wearing)|"
                r"(?:dressed?|dresses|dressing) (?:more )?(?:decently|modestly|properly|like (?:that|a \w+))[^.!?\n]{0,30} (?:would(?:n't| not)? (?:have )?happen(?:ed)?|asking|expect|deserve|whose fault)",
                0.65,
                "Blames a victim.",
            ),
            (
                "month hormones hormonal pms & time must her your",
                r"(?:must be|is it|it's|having)(?: that| your| her)? time of (?:the|her|your) month|(?:must be|blame) (?:the |her |your )?(?:hormones|pms)",
                0.6,
                sexism,
            ),
            (
                "feminists men & maids haters ugly bitter dogs pigs frustrated lesbians rapists",
                r"(?:feminists|men) are (?:all |just )?(?:\w+ ){0,2}(?:old maids|man[- ]?haters|ugly|bitter|dogs|pigs|frustrated|rapists)",
                0.6,
                sexism,
            ),
            (
                "taxes welfare jobs taxpayers benefits & come here live off take steal & they immigrants refugees migrants foreigners",
                r"(?:they|immigrants|refugees|migrants|foreigners)(?: all| just| only)? (?:come here|came here|are here)(?: just| only)? (?:and|to) (?:live off|take|steal|leech|get|collect) (?:our|the|your|free) (?:taxes|jobs|welfare|benefits|tax(?:payers?)? money)|"
                r"(?:immigrants|refugees|migrants|foreigners) (?:are |keep )?(?:live|living|take|taking|steal|stealing|leeching)(?: off)? (?:our|the|your) (?:taxes|jobs|welfare|benefits)",
                0.6,
                general,
            ),
            (
                "immigrants refugees migrants foreigners & ruining ruin destroying destroy invading flooding infesting",
                r"(?:immigrants|refugees|migrants|foreigners) (?:are |will )?(?:ruin(?:ing)?|destroy(?:ing)?|invad(?:e|ing)|flooding|infest(?:ing)?) (?:this|our|the|every|my)",
                0.6,
                general,
            ),
            (
                f"{first} & damn damned goddamn",
                rf"(?:god)?damn(?:ed)? {groups}s?(?!\w){_OF_A_STATE}",
                0.6,
                "Curses a group.",
            ),
            (
                f"{first} & {_DEGRADING_WORDS}",
                rf"{every}{group} {_BE} {_MANNER}(?:{_DEGRADING})",
                0.92,
                insults,
            ),
            (
                f"{first} & dirty filthy stinking subhuman savage barbaric inferior disgusting vile evil rotten fucking "
                "worthless primitive",
                r"(?:dirty|filthy|stinking|subhuman|savage|barbaric|inferior|disgusting|vile|evil|rotten|fucking|"
                rf"worthless|primitive) {groups}s?(?!\w){_OF_A_STATE}",
                0.92,
                insults,
            ),
            (
                f"{first} & dog dogs pig pigs vermin scum filth rat rats cockroach cockroaches animal animals swine trash parasite "
                "parasites savage savages monkey monkeys spawn seed bastard bastards",
                rf"{groups}(?:ish)? (?:dogs?|pigs?|vermin|scum|filth|rats?|cockroach(?:es)?|animals?|swine(?! (?:fever|flu))|trash|parasites?|"
                r"savages?|monkeys?|spawn|seed|bastards?)(?!\w)(?! (?:breeds?|shelters?|owners?|lovers?|food|shows?|park))",
                0.92,
                insults,
            ),
            (
                f"{first} & {_KILL_WORDS} & should must need needs have has let's lets let time gonna going we'll will i'll want ought",
                r"(?:should|must|need to|needs to|have to|has to|let's|lets|let us|time to|gonna|going to|we will|we'll|i will|i'll|"
                rf"want to|ought to) (?:all )?{_KILL} (?:off )?(?:all |every |every last |each |these |those |the |of |them |you )*{group}",
                0.97,
                calls,
            ),
            (
                f"{first} & {_KILL_WORDS} & all every these those the",
                rf"(?:^|[.!?\n] *){_KILL} (?:all |every |every last |these |those |the )+{group}",
                0.97,
                calls,
            ),
            (
                f"{first} & {_KILLED_WORDS} & should must need have deserve ought",
                rf"{group} (?:[^.!?\n]{{0,40}} )?(?:should|must|need to|have to|deserve to|ought to) (?:all |just )?(?:be )?"
                r"(?:die|killed|exterminated|eradicated|eliminated|annihilated|wiped (?:out|off)|gassed|burned?|slaughtered|shot|bombed|"
                r"nuked|hanged|hung|deported|expelled|destroyed|sterili[sz]ed|rot|disappear)",
                0.97,
                calls,
            ),
            (
                f"{first} & dead death deserve",
                rf"(?:the )?only good {group} is a dead|death to (?:all |the )*{group}|{group} (?:don't|do not) deserve to (?:live|exist)",
                0.97,
                calls,
            ),
            (
                f"{first} & all every you these those & are r were is was be being remain act behave live always do lie lies steal cheat hate kill want think",
                rf"(?<!not )(?:all|every|you|these|those) (?:of (?:the|you|these|those) )?(?:the )?{group} "
                rf"(?:{_BE} |do |lie|lies|steal|cheat|hate|kill|want|think)",
                0.6,
                general,
            ),
            (
                f"{first} & {_GENERAL_WORDS}",
                rf"{group} {_BE} {_MANNER}(?:{_GENERAL})",
                0.6,
                general,
            ),
            (
                f"{first} & hate despise loathe detest abhor resent",
                rf"(?:i|we|everyone|everybody)(?: \w+){{0,2}} (?:hate|despise|loathe|detest|abhor|resent) {many}",
                0.65,
                hates,
            ),
            (
                f"{first} & sick tired disgusted contempt disdain disgust compassion respect sympathy",
                r"(?:sick of|tired of|disgusted by|(?:contempt|disdain|disgust|no compassion|no respect|no sympathy)(?: at all)? for)"
                rf"(?: being around| seeing| hearing| having)? {many}",
                0.65,
                hates,
            ),
            (
                f"{first} & hate despise loathe detest & them",
                r"(?:i|we)(?: \w+)? (?:hate|despise|loathe|detest) (?:all of |every single one of |each of )?them",
                0.6,
                hates,
            ),
            (
                f"{first} & belong belongs",
                rf"{many} (?:all )?belongs? (?:in (?:a |the )?(?:zoo|cages?|kitchen|camps?|gas chambers?|ovens?|jungle|graves?)|behind bars)",
                0.9,
                insults,
            ),
            (
                f"{first} & suffer die burn rot bleed hang & see watch make want let",
                rf"(?:see|watch|make|want|let) {many} (?:all )?(?:to )?(?:suffer|die|burn|rot|bleed|hang)",
                0.9,
                calls,
            ),
            (
                f"{first} & trust",
                rf"(?:never|don't|do not|can't|cannot|can never) (?:ever )?trust (?:a |an |any |the |these )*{group}",
                0.6,
                general,
            ),
            (
                f"{first} & typical",
                rf"typical (?:of|for) (?:an? |the |these )?{groups}(?: person| people)? to (?:be|act|behave|think|lie)",
                0.6,
                general,
            ),
            (
                f"{first} & typical lying greedy cowardly stupid lazy dishonest treacherous murderous bloodthirsty",
                r"(?:typical|lying|greedy|cowardly|stupid|lazy|dishonest|treacherous|murderous|bloodthirsty) "
                rf"{groups}s?(?!\w){_OF_A_STATE}",
                0.6,
                general,
            ),
            (
                f"{first} & always never only can't will",
                rf"{group} (?:always|never|only (?:know|understand)|can't help but|will always|will never) \w+",
                0.6,
                general,
            ),
        ),
        index=Index(),  # it goes with its policy
    )


def _telling(name: str) -> str:
    """Return the word by which a name is looked for: "english" of "the english"."""
    return name.removeprefix("the ").split()[0]


class IdentityAttack:
    """Slurs of the lexicon; degrading, eliminating and generalising sentences about a group; denial and praise of genocide."""

    name, version = "identity_attack", "1"

    def __init__(self) -> None:
        self._compiled: tuple[str, Phrases, frozenset[str]] | None = None

    def _about(self, policy: Policy) -> tuple[Phrases, frozenset[str]]:
        """Return what is said of the policy's groups, and the first words of their names."""
        if self._compiled is None or self._compiled[0] != policy.version:
            groups = policy.people.groups
            names = frozenset(map(_telling, groups))
            self._compiled = (policy.version, _sentences_about(groups), names)
        return self._compiled[1:]

    def detect(self, text: Text, context: Context) -> Iterator[Signal]:
        """Yield a signal for each slur and each sentence that degrades a group."""
        for match in context.policy.lexicon.matches(text):
            if match.entry.kind == "slur":
                quoted = is_quoted(text, match.start, match.end, context)
                if is_spoken_of(text, match.start, match.end, context, explained=True):
                    continue
                if " " in match.form and _is_of_beasts(text, match.start, match.end):
                    continue
                yield Signal.of(
                    self,
                    "identity-attack",
                    _SLUR[match.entry.severity],
                    (text.original_span(match.start, match.end),),
                    target=Target.QUOTED if quoted else Target.GROUP,
                    matched_as=match.entry.lemma,
                    note=f"A slur against a group.{match.disguise}",
                    confirmed=match.confirmed,
                )
        about, groups = self._about(context.policy)
        found = chain(
            _WISHES.seen(text),
            _THEY.seen(text) if not groups.isdisjoint(text.vocabulary) else (),
            about.seen(text),
            _denials(text.folded),
        )
        for phrase, start, end in found:
            if _is_of_beasts(text, start, end):
                continue
            if phrase.score < _GRAVE and text.folded.endswith(_NOT_CLAIMED, 0, start):
                continue
            quoted = is_quoted(text, max(start, end - 1), end, context)
            quoted = quoted or _TAUGHT.search(text.folded, max(0, start - _NEAR), start) is not None
            target = Target.QUOTED if quoted else Target.GROUP
            span = text.original_span(start, end)
            yield Signal.of(self, "identity-attack", phrase.score, (span,), target=target, note=phrase.note)


def _is_of_beasts(text: Text, start: int, end: int) -> bool:
    """Tell whether "Georgian pigs" are pigs: the name stands right before them, and a herd's or a stage's word beside."""
    if text.folded.count(" ", start, end) > 1:
        return False
    first, last = text.sentence_around(start)
    words = text.plain[first : last + 2].split()
    return is_of_a_herd_or_a_stage(words)


def _denials(folded: str) -> Iterator[tuple[Phrase, int, int]]:
    """Yield (phrase, start, end) of each sentence that denies a genocide; the words for it alone are history."""
    if "genocide" in folded or "holocaust" in folded:
        for found in _DENIAL.pattern.finditer(folded):
            if _DENIES.search(found.group()):
                yield _DENIAL, found.start(), found.end()


DETECTOR = IdentityAttack()
