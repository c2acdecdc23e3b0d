"""Namesakes of the lexicon's words: surnames, places, titles of works, initials, written as such with capitals."""

import re
from collections.abc import Collection

from moderation.engine import clauses
from moderation.engine.text import Text

_NEAR = 60  # characters before a word in which what introduces a name stands

_CAPITAL = r"[A-ZÀ-ÖØ-ÞĀĂČĎĐĒĚĞĢĪĶĻŁŃŅŇŌŐŘŚŞŠŤŪŮŰŹŻŽА-ЯЁԱ-Ֆ]"
_NAME = rf"{_CAPITAL}[\w'’-]*[^\W\d_]"
_TITLES = (
    r"(?:(?:Mr|Mrs|Ms|Mme|Dr|Prof|Rev|Fr|St|Hon|Sen|Rep|Gen|Col|Capt|Lt|Sgt|Gov|M)\.?|Miss|Sir|Lord|Lady|Judge|Justice|Doctor|"
    r"Professor|Senator|Councilman|Councilwoman|Mayor|Rabbi|Pastor|Father|Sister|Brother|Coach|Captain|Major|General|Monsieur|Madame|Herr|Frau|"
    r"[Dd]octeur|[Pp]rofesseur|Sayın|[Гг]осподин|[Гг]оспожа|[Дд]октор|[Пп]рофессор|[Тт]ренер|Պարոն|Տիկին|[Տտ]օքթ\.|Տոքթ\.|Դոկտոր)"
)
_PLACE_BEFORE = r"(?:Mount|Mt\.|Lake|Port|(?:village|town|hamlet|city|river|station|commune) of|[Рр]ека|[Гг]ора|[Оо]зеро|[Гг]ород|[Сс]ело|[Дд]еревня|[Пп]осёлок)"
# What stands before the name of a person or a place, and behind that of a place or a family.
_INTRODUCES = re.compile(rf"(?<!\w)(?:{_TITLES}|{_PLACE_BEFORE}) \Z")
_CALLED_SO = re.compile(
    r" (?:Street|Road|[Rr]iver|Lane|Avenue|Ave|Drive|Boulevard|Square|County|Creek|Lake|Mountain|Peak|Hill|Valley|Island|Bay|Inn|"
    r"[Ff]amily|[Kk]öyü|Sokağı|Caddesi)(?!\w)"
)
# Old maps have slurs on hills and streams; nobody else writes one so.
_ON_A_MAP = re.compile(
    r"(?:'s)? (?:River|Creek|Lake|Mountains?|Peak|Hill|Hollow|Valley|Islands?|Bay|Falls|Ridge|Canyon|Rapids|Point|Rocks?|Springs|Butte|Gulch)(?!\w)"
)
# Inside a title: "Never Mind the Bollocks".
_TITLE_BEFORE = re.compile(
    r"(?<=[^.!?] )[A-ZА-ЯԱ-Ֆ][^\W\dA-ZА-Я_]+(?:'s)? (?:(?:a|an|the|of|and|la|le|les|de|des) )?\Z"
)
_NAME_BEFORE = re.compile(r"(?<=[^.!?] )[A-ZА-ЯԱ-Ֆ][^\W\d_A-ZА-Я]+ \Z")
_MID_SENTENCE = re.compile(r"[^\W\d_],? \Z")
# A title with what may stand between it and the surname; initials; somebody named in a list.
_TITLED = re.compile(rf"(?<!\w){_TITLES} (?:(?:{_NAME}|{_CAPITAL}\.|(?:von|van|de|der|di|al)) ?){{0,3}}\Z")
_INITIALS = re.compile(rf"(?<![\w.]){_CAPITAL}\.(?: ?{_CAPITAL}\.)* ?\Z")
_GIVEN_NAMES = clauses.listed(
    "aaron abraham adam adrian agnes alan albert alex alexander alfred alice allen amanda amy andrea andrew angela "
    "ann anna anne anthony antonia antonina ara aram arthur ashley barbara ben benjamin bernard betty bill billy bob "
    "bobby bonnie brad bradley brandon brenda brian bruce carl carla carol caroline catherine charles charlotte chris "
    "christina christine christopher clara claire craig cynthia dan daniel david dawn deborah dennis diana diane don "
    "donald donna doris dorothy doug douglas ed eddie edgar edith edward eleanor elena eli elisabeth elizabeth ellen "
    "emil emily emma eric erik ernest esther eugene eva evelyn florence frances francis frank fred frederick gail "
    "gary george gerald gladys gloria grace greg gregory hannah harold harry hazel heather helen henry herbert howard "
    "hugh ian ida irene isaac ivan jack jacob jacqueline james jan jane janet janice jason jean jeff jeffrey jennifer "
    "jerry jessica jim jimmie jimmy joan joe john johnny jonathan jordan jose joseph joshua joyce juan judith judy "
    "julia julie justin karen karl kate katherine kathleen keith kelly ken kenneth kevin kim larry laura lauren lee "
    "leo leon leonard leslie levi lewis lillian linda lisa lloyd lois louis louise lucy luis luke margaret maria "
    "marie marilyn mark martha martin marta mary matt matthew maurice max megan melissa michael michelle mike mildred "
    "mitchell monica nancy natalie nathan nicholas nick nicole nina noah norman olga oliver otto pamela patricia "
    "patrick paul paula pauline peter phil philip phyllis rachel ralph randy ray raymond rebecca richard rick robert "
    "robin rod roger ron ronald rose roy ruby rudolf russell ruth ryan sally sam samuel sandra sara sarah scott sean "
    "sharon shirley simon sofia sophia sophie stanley stella stephanie stephen steve steven stuart sue susan sylvia "
    "tara ted teresa terry theodore theresa thomas tim timothy tina todd tom tommy tony tracy vera victor victoria "
    "vincent viola violet virginia walter wanda warren wayne wendy will william willie zoe"
)
_FIRST_NAME = re.compile(rf"(?:\A|[^\w])([A-Z]{_NAME[len(_CAPITAL) :]}) \Z")
_JOINED = r"(?:and|&|und|et|y|e|ve|и|և|եւ|ու)"
_LISTED_AFTER = re.compile(rf"(?:, {_NAME}){{2}}|(?:, {_NAME}){{0,5}},? {_JOINED} (?:{_CAPITAL}\. ?)*{_NAME}")
_LISTED_BEFORE = re.compile(
    rf"(?:{_NAME}(?:,? {_JOINED}|,)|(?:Jury|Present|Absent|Ayes|Noes|Photos?|Text|Credits?|Winners?|Officers|Cast|Signed):) (?:{_CAPITAL}\. ?)*\Z"
)
_NICKNAME = re.compile(rf"{_NAME} [\"“'‘]\Z")
_NICKNAMED = re.compile(rf"[\"”'’] {_NAME}")
_OWNS = re.compile(r"['’]s [a-z]")
_NAMED_AFTER = re.compile(rf" {_NAME}")
_PLACED = re.compile(
    r"(?<!\w)(?:at|near|from|in|to|via|by|outside|toward|towards|between|в|во|из|под|près de|à|en)\s\Z"
)
_ACCENTED_AFTER = re.compile(rf" {_CAPITAL}\w*[áéíóúñüÁÉÍÓÚÑ]\w*")  # "Kike Maíllo"
# An age, a score, a court's "v.", a maiden name, a house of that name, what the paper says is somebody's.
_SCORED = re.compile(
    r",? (?:\(|\d)| (?:vs?\.?|née|nee|né|beat|brothers|sisters|twins|[Ff]amily|& Sons|& Co|Bros) ?| (?:de|del|di|du|an der|am|sur|upon) (?:la |los |las )?[A-Z]"
)
# Before a word that is meant: "that Coon", "a Schmuck".
_POINTED = re.compile(
    r"(?<!\w)(?:an?|you|u|this|that|these|those|such|some|any|every|no|your|his|her|their|what|one|another|"
    r"ты|вы|эта?|этот|դու|un|une|ce|cette|bir|bu|şu|sen|el|la) \Z",
    re.IGNORECASE,
)
# "Pussy is a village in Savoy": whatever the word, it is said what bears it.
_IS_A_PLACE = re.compile(
    r" (?:is|was|est|это|[—-])(?: (?:not|in fact|really))?(?: an?| the name of a| une?| le nom d['’]une?)? (?:\w+ ){0,2}?"
    r"(?:village|town|hamlet|commune|municipality|township|river|tributary|creek|island|lake|mountain|hill|butte|parish|county|clan|surname|(?:old |\w+ )?name|family|family name|first name|"
    r"ville|rivière|montagne|посёлок|поселок|деревня|село|город|река|гора|фамилия)(?![\w'’])"
)
_PLACE_NAMED = re.compile(
    r"(?<!\w)(?:village|town|hamlet|commune|township|road to|train to|bus to|ferry to|near)(?: of| called| named)? \Z"
)
_SPEAKS_OF_NAMES = clauses.listed(
    "surname surnames lastname namesake village hamlet town township commune mountain фамилия фамилии фамилию посёлок "
    "поселок деревня село город ազգանուն ազգանունը գյուղ գիւղ soyadi köyü nom"
)

# Words of works: one of them stands where a title is spoken of.
_WORKS = (
    r"(?:films?|movies?|songs?|radio|albums?|books?|novels?|novellas?|poems?|plays?|played|staged?|sang|sung|singing|published|"
    r"translated|theat(?:er|re)|concerts?|bands?|operas?|musicals?|sequel|episodes?|seasons?|shows?|screen(?:ed|ing)|directed|starr?(?:s|ed|ing)|"
    r"filmed|titled|paintings?|posters?|encore|chorus|lyrics|jukebox|playlist|sonnet|symphony|documentary|premiered?|cinema|cannes|oscars?|"
    r"netflix|broadway|chapters?|rereads?|library|soundtrack|comics?|manga|cartoon|sitcom|series|television|tracks?|covered|remake|"
    r"re-?released?|course|lecture|exhibition|memoirs?|essays?|podcast|magazine|bestseller|copies|tour|watched|streamed|syllabus|vinyl|"
    r"read aloud|monologues?|lines|dvd|"
    r"роман\w{0,2}|фильм\w{0,2}|пьес\w|песн\w{1,2}|повест\w|рассказ\w?|книг\w{1,2}|спектакл\w|поставил\w?|режисс[её]р\w?|читал\w?|"
    r"ֆիլմ\w*|վեպ\w*|երգ(?:ը|ն|ի)?|պիես\w*|թատրոն\w*|բեմադր\w+|գիրք\w*|հատոր\w*|կարդացի\w*|"
    r"roman(?:i|ı|ini|ını)?|kitab(?:i|ı)|film(?:i|ini|inde)?|şark[ıi]s[ıi]|oyunu?|dizi|"
    r"chansons?|pièce|livres?|théâtre|se lit|télévision)"
)
# One of these stands in every English text that speaks of a work.
_WORK_WORDS = clauses.listed(
    "film films movie movies song songs radio album albums book books novel novels novella novellas poem poems play "
    "plays played stage staged sang sung singing published translated theater theatre concert concerts band bands "
    "opera operas musical musicals sequel episode episodes season seasons show shows screened screening directed "
    "starred stars starring star filmed titled painting paintings poster posters encore chorus lyrics jukebox "
    "playlist sonnet symphony documentary premiere premiered cinema cannes oscar oscars netflix broadway chapter "
    "chapters reread rereads library soundtrack comic comics manga cartoon sitcom series television track tracks "
    "covered remake released rereleased re-released course lecture exhibition memoir memoirs essay essays podcast "
    "magazine bestseller copies tour watched streamed syllabus vinyl aloud monologue monologues line lines dvd roman "
    "kitabi filmi oyunu dizi chanson chansons livre livres lit"
)
_LINKS = r"(?:of|the|a|an|and|in|on|is|to|for|are|from|de|la|le|les|des|du|et|в|и|на|с)"
_LEFT = re.compile(rf"(?:(?:(?<![\w'’]){_NAME}|(?<!\w){_CAPITAL})(?:['’]s)?:? (?:{_LINKS} ){{0,2}}|L['’])+\Z")
_RIGHT = re.compile(rf"(?:'s)?(?::? (?:{_LINKS} ){{0,2}}{_NAME})+")
_WORK_BEFORE = re.compile(
    rf"(?<!\w){_WORKS}(?: called| titled| named|,|:)? (?:the )?[\"«“'‘]?\Z", re.IGNORECASE
)
_WORK_NEAR = re.compile(
    rf"[^.!?;]{{0,60}}?(?<!\w){_WORKS}(?!\w)|,? (?:by|от) {_CAPITAL}| [(]?(?:19|20)\d\d", re.IGNORECASE
)
_SAID_OF = re.compile(
    r"[\"»”'’]?(?:: (?:A|An|The) \w+)? (?:is|was|are|were|by|won|made|played|plays|opened|sold|has|had|ran|lasted|stars|[—-] (?:это|a|the)?|de [A-Z]|d['’][A-Z]|adlı|romanı)"
)
# "Putain de toi est une chanson": of a title in small letters it must be said that it is a work.
_IS_A_WORK = re.compile(
    r"(?: (?!this|that|you|it|he|she|they|i)[\w'’-]+){0,3}[\"»]? (?:is|was|est|fut|était|—|–|-) (?:an? |the |une? |la |le |l'|это )?(?:\w+ ){0,2}?"
    r"(?:films?|movie|song|novel|novella|play|opera|poem|album|musical|documentary|sitcom|band|"
    r"chanson|roman|pièce|film|роман|фильм|повесть|пьеса|песня|рассказ)(?!\w)",
    re.IGNORECASE,
)
_EMPHATIC = clauses.listed("that this such what you these those your")
_INITIAL_LETTERS = re.compile(rf"(?:{_CAPITAL}\. ?){{1,4}}")
_SMALL = 3  # letters of words that stand without a capital in a title
_ACRONYM = clauses.listed("acronym acronyms abbreviation initialism monogram")
_LONGEST_TITLE = 80  # characters on each side


def is_like_a_name(text: Text, start: int, end: int, *, mild: bool) -> bool:
    """Tell whether one word is written with a capital beside another with one; of a mild one, inside a sentence is enough."""
    original = text.original
    span = text.original_span(start, end)
    written = original[span.start : span.end]
    if not written.istitle() or " " in written or original.istitle():
        return False
    if original[span.end : span.end + 2][1:].isupper() or _NAME_BEFORE.search(original, 0, span.start):
        return True
    return mild and _MID_SENTENCE.search(original, 0, span.start) is not None


def is_of_a_name(text: Text, start: int, end: int) -> bool:
    """Tell whether words with capitals may be a person's, a street's or a work's: "Mrs. Wank", "Big Cock Road"."""
    original = text.original
    span = text.original_span(start, end)
    if not original[span.start : span.end].istitle() or original.istitle():
        return False
    first = max(0, span.start - _NEAR)
    before = _INTRODUCES.search(original, first, span.start) or _TITLE_BEFORE.search(
        original, first, span.start
    )
    return before is not None or _CALLED_SO.match(original, span.end) is not None


def is_a_name(text: Text, start: int, end: int, *, known: Collection[str], foreign: bool) -> bool:
    """Tell whether a word that people or places bear as a name stands as one: "Prof. J. Coon", "Levi Coon", "at Wank".

    A word that is not `known` in the text's language is a first name before it. A word of another language than the
    text (`foreign`) may be a first name itself.
    """
    original = text.original
    span = text.original_span(start, end)
    if not original[span.start : span.end].istitle():
        return False
    first = max(0, span.start - _NEAR)
    if _POINTED.search(original, first, span.start):
        return False
    called = _FIRST_NAME.search(original, first, span.start)
    name = called.group(1).casefold() if called else ""
    if name and (name in _GIVEN_NAMES or name not in known):
        return True
    if original.istitle():
        return False
    return (
        (foreign and _NAMED_AFTER.match(original, span.end) is not None)
        or any(
            pattern.search(original, first, span.start)
            for pattern in (_TITLED, _INTRODUCES, _INITIALS, _NAME_BEFORE, _PLACED, _LISTED_BEFORE)
        )
        or any(
            pattern.match(original, span.end)
            for pattern in (_CALLED_SO, _LISTED_AFTER, _SCORED, _ACCENTED_AFTER)
        )
        or (
            _MID_SENTENCE.search(original, first, span.start) is not None
            and _OWNS.match(original, span.end) is not None
        )
        or (
            _NICKNAME.search(original, first, span.start) is not None
            and _NICKNAMED.match(original, span.end) is not None
        )
        or not _SPEAKS_OF_NAMES.isdisjoint(text.vocabulary)
    )


def is_on_a_map(text: Text, start: int, end: int, *, slur: bool) -> bool:
    """Tell whether a place or a family is told to be called so: "Pussy is a village"; of a slur, a hill's or a stream's name is enough."""
    original = text.original
    span = text.original_span(start, end)
    if not original[span.start : span.end].istitle() or original.istitle():
        return False
    return (
        (slur and _ON_A_MAP.match(original, span.end) is not None)
        or _IS_A_PLACE.match(original, span.end) is not None
        or _PLACE_NAMED.search(original, max(0, span.start - _NEAR), span.start) is not None
    )


def is_in_a_title(text: Text, start: int, end: int) -> bool:
    """Tell whether a word with a capital stands in the title of a work that is spoken of: "The Bitch Is Back was on the radio"."""
    if text.folded.isascii() and _WORK_WORDS.isdisjoint(text.vocabulary):
        return False
    original = text.original
    span = text.original_span(start, end)
    written = original[span.start : span.end]
    if not written[:1].isupper() or written.isupper() or original.istitle() or original.isupper():
        return False
    if any(word.islower() and len(word) > _SMALL for word in written.split()):
        return False
    if _IS_A_WORK.match(original, span.end):
        return True
    left = _LEFT.search(original, max(0, span.start - _LONGEST_TITLE), span.start)
    right = _RIGHT.match(original, span.end, span.end + _LONGEST_TITLE)
    begin, last = left.start() if left else span.start, right.end() if right else span.end
    if left and left.group().split()[0].casefold() in _EMPHATIC:
        return False
    if _WORK_BEFORE.search(original, max(0, begin - _NEAR), begin):
        return True
    # A word that only begins its sentence may be an outcry: something must be said of the title.
    if not left and not _SAID_OF.match(original, last):
        return False
    return _WORK_NEAR.match(original, last) is not None or (
        left is not None and _WORK_NEAR.match(original, max(0, begin - _NEAR), begin) is not None
    )


def are_initials(text: Text, start: int, end: int) -> bool:
    """Tell whether letters set apart are the initials before a surname, "W. T. F. Aprahamian", or spoken of as an acronym."""
    original = text.original
    span = text.original_span(start, end)
    if not _ACRONYM.isdisjoint(text.vocabulary) and original[span.start : span.end].isupper():
        return True
    last = span.end + (original[span.end : span.end + 1] == ".")
    return (
        _INITIAL_LETTERS.fullmatch(original, span.start, last) is not None
        and re.match(rf" {_NAME}", original[last : last + 20]) is not None
    )
