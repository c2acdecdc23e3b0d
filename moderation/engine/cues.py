"""Words from which one guesses whom a sentence is about when it names nobody: the newspaper's trade, a thread's, an office's.

A cue is weaker than any mention: it is asked for only when grammar and names have said nothing. Cues of a language in
Latin letters are asked for only in that language; Russian and Armenian words can be no one else's.
"""

import re
from collections.abc import Mapping, Sequence

from moderation.engine.types import Target

_WORD = re.compile("[a-z]+")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _singulars(text: str) -> list[str]:
    return [word.rstrip("s") for word in _WORD.findall(text)]


_GIVES = (
    " by",
    "employ",
    "hire",
    "hired",
    "publish",
    "print",
    "писал",
    "написал",
    "сочинил",
    "строчил",
)  # whom, is said next
_CLOSE = 25  # characters between "written by" and the insult

# What only a newspaper does or has; "article", "title" and "page" are too common and stand for things.
_PAPER = _words(
    "headline headlines editorial editorials byline newsroom columnist columnists journalist journalists reporter reporters editor "
    "editors newspaper newspapers typewriter subscription journalism proofreader copywriter correspondent stenographer "
    "photographer cartoonist interviewer staff reviewer reviewers moderator moderators scribbler scribe scribes penned typeset "
    "заголовок заголовка заголовке статью статейку статейки редакция редакции писака писаки журналистика журналистики "
    "վերնագիրը վերնագիր խորագիր խորագիրը հոդվածը յօդուածը խմբագրությունը խմբագրութիւնը"
)
_THREAD = _words(
    "thread commenter commenters comment comments post posts posting nickname username user troll trolls keyboard replied reply "
    "комментатор комментаторы комментарий комментарии ветке ник аноним անանուն մեկնաբան մեկնաբանությունը մեկնաբանութիւնը"
)
_OFFICE = _words(
    "elected cabinet ministry ministries ballot reelected re-elected office throne campaign speech mandate coalition councilman "
    "councilwoman councilmember commissioner commission speaker secretary chairman sheikh emir ayatollah tsar prosecutor sheriff "
    "delegate envoy warlord decree signed ceasefire cabinet's officials official "
    "кабинет кабинете указ спикер мандат кортеж трон նախարարություն նախարարութիւն պաշտոն պաշտոնյա պաշտօնեայ"
)
_ANIMALS = _words(
    "puppy puppies pups litter breed breeds bred breeding kennel kennels vet vets veterinarian leash collar barn stable coop farm "
    "farmer farms zoo paw paws tail tails fur wool milk milked shepherd pasture feeder feeders adopted shelter stray strays species "
    "hunter hunting trap traps cage nest nests eggs hay grazing bloodline pedigree bark barks barked barking hiss porch garden yard "
    "toy museum circus costume cartoon fair carnival rodeo parade balloons performance recipe meat grilled carried bite bit stung plow ploughed harness saddle "
    "щенки щенков ветеринар хвост ферма ферме приют приюта породы молоко աքիս լակոտներ անասնաբույժ պոչը գյուղում այգուց ֆերմա"
)
_BEASTS = _words(
    "dog dogs mutt mutts cur bitch bitches snake snakes rat rats pig pigs swine hog sow cow cows sheep goat goats donkey donkeys ass asses mule "
    "mules ox monkey monkeys ape apes parrot parrots jackal jackals hyena hyenas weasel weasels skunk skunks leech leeches worm worms vulture "
    "vultures vermin cockroach cockroaches insect insects beast beasts animal animals toad toads chicken chickens lamb fox wolf clown clowns "
    "puppet puppets собака собаки пес осел козел козлы свинья свиньи крыса крысы змея баран корова շուն շուն շունը շներ ավանակ ավանակը էշ խոզ խոզեր "
    "կով ոչխար âne chien chienne cochon porc vache köpek eşek domuz inek esh shun"
)
_KENNEL = _words(
    "whelp whelps whelped whelping pup pups puppy puppies litter litters kennel kennels breed breeds breeder breeders bred spayed neutered vet "
    "crufts dane danes spaniel spaniels setter setters dachshund hound hounds kangal kangals schnauzer collie collies vaccinated "
    "veterinarian bloodline bloodlines pedigree gampr gamprs shepherd retriever poodle terrier mastiff hip champion sire sired"
)
# What is said of herds and breeds, and of works; nobody says it of people.
_HERD_OR_STAGE = _words(
    "roam roams roamed roaming graze grazes grazed grazing flock flocks herd herds pasture pastures sheepdog sheepdogs livestock kennel "
    "breeders veterinarian species subspecies fleece quartet quintet composer sonata symphony orchestra opera ballet exhibit zoological"
)
_SPEAKS_TO = _words("you your you're u ur she's she he son")
_LATIN: Mapping[str, Mapping[Target, frozenset[str]]] = {
    "tr": {
        Target.WRITER: _words(
            "haberi yazıyı yaziyi başlık başlik başlığı başliği gazete gazetenin köşe muhabir editör"
        ),
        Target.READER: _words("yorum yorumu yorumcu"),
        Target.PUBLIC_FIGURE: _words("bakan vekil milletvekili belediye koltuk seçim"),
    },
    "fr": {
        Target.WRITER: _words(
            "titre article journaliste rédaction chronique éditorial journal plume rédacteur pondu"
        ),
        Target.READER: _words("commentaire commentaires pseudo"),
        Target.PUBLIC_FIGURE: _words("ministre député députés élu élus sénateur maire mandat"),
    },
    "hy-latn": {
        Target.WRITER: _words("hodvac hodvacy hodvats groxy groghy grogh vernagir vernagiry terty lragrox"),
        Target.READER: _words("koment komenty mekhnabanutyun"),
        Target.PUBLIC_FIGURE: _words("varchapety naxagahy patgamavor naxarar naxarary"),
    },
}
_EVERYWHERE: Mapping[Target, frozenset[str]] = {
    Target.WRITER: _PAPER,
    Target.READER: _THREAD,
    Target.PUBLIC_FIGURE: _OFFICE,
}

# "the fool who wrote this", "a monkey that you hired", "run by clowns": what was done tells who did it.
_MAKES = (
    r"(?:wrote|writes|penned|drew|drafted|edits?|edited|publish(?:es|ed)|prints?|printed|typed|composed|translated|translates|approved|"
    r"captioned|chose|picked|runs?|manages?|owns?|moderates?|censors|censored|deletes?|deleted|signed|concocted|came up with|dreamed up)"
)
_PIECE = (
    r"(?:article|headline|column|editorial|piece|caption|map|photo|picture|title|op-ed|story|report|page|poll|translation|thing|"
    r"trash|garbage|drivel|nonsense|paper|site|newspaper|website|lines|words|tripe|rubbish|rag)"
)
_WRITERS = re.compile(
    rf"(?:who|that|whoever|which) (?:\w+ ){{0,2}}?{_MAKES} (?:(?:this|the|that|these|those|such|your|an?|up) (?:\w+ ){{0,2}}?{_PIECE}|this|my comments?|our comments?)(?!\w)|"
    rf"(?:written|penned|edited|typed|drawn|translated|composed|published|dictated) by|"
    r"(?:who|that|whom) you (?:hired|hire|employ|pay|publish|print)|(?:do |did )?you (?:only |really |always |just )?(?:hired?|employ|publish|print)(?!\w)|"
    r"(?:at|by|of|from|in) (?:the|this|your|our) (?:\w+ )?(?:paper|desk|newsroom|newspaper|magazine)(?!\w)|deleted my comments?|"
    r"(?:did|could|would) (?:an?|the) \w+ write this|(?:статью|заметку|текст|заголовок|это) (?:\w+ )?(?:писал|написал|сочинил|строчил)|"
    rf"(?:responsible for|behind) (?:this|the|that) {_PIECE}(?!\w)|"
    r"(?:author|writer) of this(?!\w)|"
    r"написа[лв]\w{0,9} (?:эту|этот|это)|сочини[лв]\w{0,9} (?:эту|этот|это)|настроч\w+|накропа\w+|"
    r"(?:է |ա )?(?:գրել|գրեց|գրած|գրող|գրեր) |yazdiysa|yazmiş|(?:a|ont) (?:écrit|pondu|rédigé) (?:ce|cet|cette|ça)"
)
_READERS = re.compile(
    r"(?:who|that|whoever) (?:\w+ )?(?:posted|posts|commented|comments|replied|typed) (?:this|that|above|here|below)|"
    r"(?:comment|post|poster|commenter|user|man|guy|gentleman|lady|person|fellow|one)s? (?:(?:right |just |two |three |a few |some )?(?:comments? |posts? )?)?(?:above|below|up)(?! the| my head)|(?<!\w)\w+ above:|"
    r"(?:on|in) (?:this|the) thread|(?:his|her|their) (?:comments?|posts?|nickname|username|reply)(?!\w)|(?:first|last|previous) commenter"
)
_FIGURES = re.compile(
    r"(?:who|that) (?:\w+ )?(?:runs? (?:this|our|the) (?:country|city|state|nation|government)|signed away|gave away|gave up|surrendered|sold|rules|governs|leads|represents|vetoed|ordered) |"
    r"(?:this|that|our) (?:cabinet|ministry|coalition|ruling party)|in (?:the (?:ministry|palace|cabinet)|office|parliament)|"
    r"(?:his|her) (?:cabinet|ministers?|voters|throne|palace|motorcade|presidency|term|speech)(?!\w)"
)
_YOU_WROTE = re.compile(
    rf"you (?:who |have |just |even |actually )*{_MAKES} (?:this|the|that|these|your|such an?) (?:\w+ )?{_PIECE}(?!\w)|you who wrote|"
    r"(?:pay|pays|paid|paying) you to (?:write|print|publish)|you call (?:this|that|yourselves) (?:a )?(?:journalis\w+|newspaper|reporting)|"
    r"your (?:article|headline|column|editorial|newspaper|paper|newsroom|byline|readers)(?!\w)"
)
_IDIOMS = (
    r"beggars can(?:'t| ?not)",
    r"(?:flog\w*|beat\w*) (?:a )?dead horses?",
    r"devil's advocate",
    r"(?:play|be) the devil",
    r"black sheep",
    r"dog's life",
    r"wild goose",
    r"cash cows?",
    r"scapegoats?",
    r"guinea pigs?",
    r"cats and dogs",
    r"fool's (?:gold|errand|paradise|day)",
    r"april fool\w*",
    r"monkey (?:wrench|business|bars?)",
    r"snake oil",
    r"rat race",
    r"smell a rat",
    r"lame ducks?",
    r"paper tigers?",
    r"early bird",
    r"hot dogs?",
    r"bull in a china",
    r"elephant in the room",
    r"crying? wolf",
    r"wolf in sheep",
    r"idiot[- ]proof",
    r"fool[- ]?proof",
    r"dumb (?:luck|waiter)",
    r"dummy run",
    r"thick of it",
    r"jackass penguin",
    r"crazy (?:about|busy|good)",
    r"sick (?:leave|days?|child|people in)",
    r"let sleeping dogs",
    r"top dogs?",
    r"underdogs?",
    r"dog days",
    r"ass,? (?:mule|horse|ox)",
    r"(?:an? )?(?:idiots?|dummies|dummy|fool)'?s? guide",
    r"shoot (?:first|the messenger|me an? (?:e-?mail|line|note|message))",
    r"stupid questions?",
    r"no fool like",
    r"fools? rush",
    r"ship of fools",
    r"feast of fools",
    r"court jester",
    r"class clown",
    r"clown ?fish",
    r"rag doll",
    r"scape ?goat",
    r"sour grapes",
    r"sitting ducks?",
    r"swan song",
    r"pet peeve",
)
# The sayings by each of their words, a plural's ending taken off: which of them a word can be part of.
_SAYINGS_WITH = {
    word: re.compile("|".join(saying for saying in _IDIOMS if word in _singulars(saying)))
    for word in {word for saying in _IDIOMS for word in _singulars(saying)}
}
# One of these stands beside whomever such a deed is told of, in English.
_TELL_DEEDS = _words(
    "who that whom whoever which by you do did responsible behind author writer yazdiysa yazmis ont above below up his her their"
)
_BY_PATTERN = ((Target.WRITER, _WRITERS), (Target.READER, _READERS), (Target.PUBLIC_FIGURE, _FIGURES))


def has_written(sentence: str) -> bool:
    """Tell whether the one a folded sentence speaks to is told to have written what is commented on."""
    return _YOU_WROTE.search(sentence) is not None


def is_idiom(folded: str, start: int, end: int) -> bool:
    """Tell whether the stretch is part of a saying that is about nobody."""
    return any(
        found.start() < end and found.end() > start
        for word in _singulars(folded[start:end])
        if word in _SAYINGS_WITH
        for found in _SAYINGS_WITH[word].finditer(folded, max(0, start - _CLOSE), end + _CLOSE)
    )


def deed_beside(
    folded: str, begin: int, start: int, end: int, until: int, words: Sequence[str]
) -> tuple[Target, str] | None:
    """Return whom a deed told right beside the stretch `[start, end)` of a sentence gives away: "the fool who wrote this"."""
    if folded.isascii() and _TELL_DEEDS.isdisjoint(words):
        return None
    ahead = any(giver in folded[begin:start] for giver in _GIVES)
    for target, pattern in _BY_PATTERN:
        for place in range(end, end + 3):  # a blank, a comma, or both between
            behind = pattern.match(folded, place, until)
            if behind:
                return target, behind.group().strip()
        for found in pattern.finditer(folded, begin, start) if ahead else ():
            if found.group().endswith(_GIVES) and start - found.end() <= _CLOSE:
                return target, found.group().strip()
    return None


def deed_in(clause: str) -> tuple[Target, str] | None:
    """Return whom a deed that is told in a folded clause gives away, with the words that tell it."""
    for target, pattern in _BY_PATTERN:
        found = pattern.search(clause)
        if found:
            return target, found.group().strip()
    return None


def cue_among(words: list[str], language: str) -> tuple[Target, str] | None:
    """Return whom one of these words gives away, with the word: a writer before a reader before a public figure."""
    own = _LATIN.get(language, {})
    for target, cues in _EVERYWHERE.items():
        here = own.get(target, frozenset())
        for word in words:
            if word in cues or word in here:
                return target, word
    return None


def is_of_a_kennel(vocabulary: frozenset[str], sentence: list[str]) -> bool:
    """Tell whether a text has words of a kennel, and a sentence of it speaks to nobody and of no man or woman."""
    return not _KENNEL.isdisjoint(vocabulary) and _SPEAKS_TO.isdisjoint(sentence)


def is_of_a_herd_or_a_stage(sentence: list[str]) -> bool:
    """Tell whether a sentence has words of herds, breeds or works, and speaks to nobody and of no man or woman."""
    return not _HERD_OR_STAGE.isdisjoint(sentence) and _SPEAKS_TO.isdisjoint(sentence)


def speaks_of_animals(named: list[str], words: list[str]) -> bool:
    """Tell whether one of these words makes the beast that is named (a dog, a snake, a rat) a real one."""
    return not _BEASTS.isdisjoint(named) and not _ANIMALS.isdisjoint(words)
