"""Words that are somebody else's: what others say, write, think, what a word is called."""

import re
from collections.abc import Sequence

from moderation.engine import clauses

_FAR = 80  # characters of a clause after "they say that" that are still what they say

_MOUTH = r"(?:said|says|told|wrote|writes|shouted|screamed|yelled|added|claimed|claims|insisted|called|muttered|complained|warned|announced|declared|replied)"
_ASIDE_SAID = re.compile(
    rf",\s+(?!i |we |as i |as we )(?:\w+ ){{1,3}}{_MOUTH}(?: (?:me|us|him|her|them|the \w+))?,"
)
_THEN_SAID = re.compile(
    rf"[,\"]+\s*(?:(?!i |we |you )(?:(?:\w+ ){{1,3}}{_MOUTH}(?!\w)|{_MOUTH} (?:the |a |my )?\w+)|according to|in the words of|(?:to quote|quoting) )|"
    r",\s*(?:сказал|говорит|пишет|заявил|кричал|ասաց|ասում|գրում|ըսաւ|dit-il|dit-elle|a-t-il)"
)
_VIEWED = re.compile(
    r"(?:according to|in the (?:words|eyes|opinion|view) of|in their eyes|to them,? we|rumou?r has it|legend has it|по словам|по мнению|для них мы|"
    r"ըստ |selon |d'après |göre)|"
    r"(?:compare[sd]?|comparing|likened?|likens|treat(?:s|ed)?|portray(?:s|ed)?|paint(?:s|ed)?|depict(?:s|ed)?|describe[sd]?|regard(?:s|ed)?|"
    r"consider(?:s|ed)?|see(?:s|n)?|saw|view(?:s|ed)?|brand(?:s|ed)?|denounce[sd]?|dub(?:s|bed)?|mock(?:s|ed)?) (?:us|me|my \w+|our \w+|all of us|armenians|the victims?|the opposition|the \w+) "
    r"(?:all )?(?:as|to|like|a|an)(?!\w)|"
    r"(?:read|reads|said|says|wrote|writes): |"
    r"(?:taught|teach(?:es)?|told|tell(?:s)?|claim(?:s|ed)?|print|prints|printed|suggest(?:s|ed)?|impl(?:y|ies|ied)|insist(?:s|ed)?|believe[ds]?|think(?:s)?|thought|says?|said|wrote|writes?|alleged?|allegations|heard|hears) "
    r"(?:[^.!?;]{0,30} )?(?:that |how )(?:we|i|my|our|the|a|you|he|she|armenians)(?!\w)"
)
_OTHERS_SAY = re.compile(
    r"(?:they|people|some|others|everybody|everyone|he|she|it's said|turks|azeris|outsiders|\w+s) (?:\w+ )?"
    r"(?:think|thinks|thought|believe|believes|believed|say|says|said|claim|claims|claimed|wrote|write) (?:that )?(?:we|i)(?!\w)|"
    r"(?:accused|suspected|convicted|guilty) of being|(?:reputed|said|rumou?red|believed|alleged) to be|"
    r"(?:говорят|пишут|считают|думают|кричат|заявляют|утверждают),? (?:что )?(?:мы|я|нас)(?!\w)|(?:нас|меня) (?:\w+ )?(?:считают|называют|обзывают|зовут)|"
    r"(?:ասում են|գրում են|կարծում են|կ'ըսեն|կըսեն)[՝,]? ?(?:որ |թե |թէ )?(?:մենք|ես|մեզ)|(?:մեզ|ինձ) (?:\w+ )?(?:անվանում|կոչում|համարում)|"
    r"(?:on|ils|elle|il) (?:nous|me|m') ?(?:ont |a )?(?:traite\w*|appelle\w*|appelé\w*)|(?:on|ils) (?:dit|disent|pensent) que (?:nous|je)"
)
_OWN_VIEW = re.compile(r"(?<!\w)(?:i|we|i'll|i'd|let me)(?: \w+){0,2}$")
_DEFINED = re.compile(
    r"(?:what (?:is|does|do|are) (?:an?|the (?:word|term))?|(?:the|this|that|which|what|of the|as a) (?:(?!very )\w+ )?(?:word|term|epithet|slur|insult|expression|phrase|label|nickname|adjective)(?: \w+)?|"
    r"(?:the|of) (?:surname|family name|verb|noun|etymology of)|(?:entry|entries|definition|synonyms?|euphemisms?|etymology|spelling|pronunciation|cognates?) (?:for|of|with)|(?<!\w)(?:слов[оа]|термин|букв[ауы]|фамили[яюи])|"
    r"(?<!\w)(?:le|du|un|ce) (?:mot|terme|nom de famille)|(?<!\w)(?:բառը|բառի|բառն))[ ,:\"]*$"
)
# What scholars say of a word: "derived from Old French", "etymologists derive".
_SCHOLARS = re.compile(
    r"(?:(?:citations?|attestations?|occurrences?|(?:earliest|first) (?:\w+ )?(?:uses?|record|mention|instance)) of (?:the word )?|"
    r"(?:is|comes?|came|derives?|derived|stems?|borrowed)(?: \w+)? from (?:the )?(?:(?:old|middle|ancient|vulgar|medieval) )?"
    r"(?:greek|latin|french|norse|dutch|german|arabic|persian|sanskrit|hebrew|yiddish|italian|spanish|russian|armenian|turkish|slavic)|"
    r"(?:etymolog\w+|linguists?|philologists?|lexicographers?|dictionar(?:y|ies)) (?:\w+ ){0,4}?(?:derives?|connects?|explains?|traces?|marks?|lists|labels?|spells?|glosse[sd]|whether|of|for))[ ,:\"]*$"
)
_A_WORD = re.compile(
    r'"? (?:is|was|means|isn\'t|meant)(?: not| never)? (?:an?|the|no)? ?(?:\w+ )?(?:word|term|slur|insult|expression|curse|phrase|surname)(?!\w)|'
    r'"?,? (?:an?|the|is a|was a) (?:\w+ )?(?:phrase|word|term|epithet|expression|nickname)(?!\w)|'
    r'"? (?:kelime|sözcük|sözcüğ|kelimes)\w*|"?,? [-—] (?:это )?(?:\w+ )?(?:слово|фамилия|термин|буква)(?!\w)|"? (?:[\w-]+ )?(?:значит|означает|происходит от)(?!\w)|"? (?:բառ(?!\w)|բառ(?:ը|ն|ի|ին|էն|ով)(?!\w))|'
    r'"? (?:(?:is|was|may be|has been)(?: \w+)? (?:coined|attested|recorded|derived|explained|borrowed|cognate)|(?:once|originally|literally|first) (?:meant|means|denoted)|'
    r"in (?:old |middle )?(?:greek|latin|french|english|norse|dutch|german|arabic|persian|sanskrit|hebrew|yiddish|italian|spanish|russian|armenian|turkish|hungarian|polish|serbian|japanese|korean|vietnamese)(?=[,:;.]| means| is(?! an?(?!\w)))|is (?:the )?(?:greek|latin|french|english|norse|dutch|german|arabic|persian|sanskrit|hebrew|yiddish|italian|spanish|russian|armenian|turkish|hungarian|polish|serbian|japanese|korean|vietnamese) for|"
    r"(?:goes|went) back to (?:the |an? )?(?:old|middle|latin|greek|french|persian|arabic|word|bulgar\w+))(?!\w)"
)
# Words of those who study words; a sentence that has one speaks of the others as words.
_LINGUISTIC = re.compile(
    r"(?<!\w)(?:etymolog\w+|philolog\w+|linguists?|linguistics|lexicograph\w+|cognates?|attested|loan ?words?|proto-(?:indo|germanic|slavic|armenian|turkic|semitic)\w*|indo-european|vulgar latin|oed|"
    r"(?:old|middle|ancient|medieval) (?:english|dutch|norse|french|german|high german|turkish|armenian|latin|greek)|(?:swear|dirty|curse|cuss|four-letter) words?|"
    r"in (?:\w+ )?english, |rhymes with|dialects?|ancien français|du latin|le verbe|"
    r"филолог\w*|этимолог\w*|праславянск\w*|индоевропейск\w*|глагол\w{0,2}|буквой|медицински\w+ термин\w*|"
    r"kelimesi\w*|sözcüğ\w*|(?:eski|orta) türkçe\w*)(?!\w)"
)
_LANGUAGE = (
    r"(?:greek|latin|french|english|norse|dutch|german|arabic|persian|sanskrit|hebrew|yiddish|italian|spanish|russian|armenian|turkish|hungarian|"
    r"polish|serbian|croatian|czech|ukrainian|georgian|japanese|korean|chinese|vietnamese|danish|swedish|norwegian|finnish|romanian|portuguese|"
    r"algonquian|afrikaans|swahili|hindi|irish|welsh|scots|slavic|germanic)"
)
# One of these stands in every sentence that the two patterns of linguists can find, in English.
_LINGUISTS_WORDS = clauses.listed(
    "etymology etymologies etymologist etymologists etymologically etymological philology philologist philologists philological linguist "
    "linguists linguistics lexicographer lexicographers lexicography cognate cognates attested loan loanword loanwords proto indo oed old middle ancient "
    "medieval vulgar swear dirty curse cuss four rhymes dialect dialects ancien latin verbe kelimesi kelimesinin eski orta "
    + _LANGUAGE[3:-1].replace("|", " ")
)
# What a sentence begins with that is about the next word.
_BARE = re.compile(
    r'[" ]*(?:(?:the |this )?(?:ethnic )?(?:word|term|slur|epithet|name|insult|noun|verb|surname|nickname|expression))?[ "]*'
)
# "Cretin comes from a Swiss dialect": where the word comes from, or what it means.
_DERIVED = re.compile(
    r'"? meant? (?:an? |the )?\w+|'
    r'"?,?(?: (?:some|many|they|scholars) say,)? (?:(?:may|might|could|probably|perhaps|possibly|likely|simply|originally|is|was|has been|be) )*'
    r"(?:derives? from|derived from|stems? from|traced (?:\w+ ){0,3}?to|stands? for|"
    rf"(?:(?:an? |the )?(?:old |middle )?{_LANGUAGE} (?:for|word))|"
    r"(?:comes?|came|is|vient|dérive)(?: \w+)? (?:from|d[eu]) (?:an? |the |un |le )?"
    rf"(?:\w+ )?(?:{_LANGUAGE}|old|middle|dialect|word|verb|grec|arabe|mot|\"))(?!\w)"
)
# What is said of a language's word for something.
_ITS_WORD = re.compile(
    rf"(?<!\w)(?:in (?:old |middle |modern )?{_LANGUAGE}, |{_LANGUAGE} (?:word|term|verb|noun) |(?:is|was|are) (?:\w+ )?{_LANGUAGE} for )"
)
# One of these stands in every clause that the patterns above can find.
_TELLS = clauses.listed(
    "according words eyes opinion view them rumor rumour legend словам мнению них ըստ selon d'après göre "
    "compare compares compared comparing liken likens likened treat treats treated portray portrays "
    "portrayed paint paints painted depict depicts depicted describe describes described regard regards "
    "regarded consider considers considered see sees seen saw view views viewed brand brands branded "
    "denounce denounces denounced dub dubs dubbed mock mocks mocked read reads said says say wrote write "
    "writes taught teach teaches told tell tells claim claims claimed print prints printed suggest "
    "suggests suggested imply implies implied insist insists insisted believe believes believed think "
    "thinks thought allege alleged allegations heard hears accused suspected convicted guilty reputed "
    "говорят пишут считают думают кричат заявляют утверждают называют обзывают зовут ասում գրում կարծում "
    "կ'ըսեն կըսեն անվանում կոչում համարում on ils elle il shouted screamed yelled added called muttered "
    "complained warned announced declared replied"
)
_NAMES_A_WORD = clauses.listed(
    "what word term epithet slur insult expression phrase label nickname adjective surname family verb noun "
    "from citation citations attestation occurrence occurrences earliest first entry entries definition synonym synonyms euphemism euphemisms spelling pronunciation cognate cognates etymology etymologist etymologists linguist linguists philologist philologists lexicographer lexicographers dictionary "
    "dictionaries բառը բառի բառն слово слова термин буква букву буквы фамилия фамилию фамилии mot terme nom"
)
_TURKISH = re.compile(r"(?<!\w)(?:bize|bana|bizi|beni)(?!\w)")


def is_attributed(clause: str, words: Sequence[str]) -> bool:
    """Tell whether the folded words before an insult give it to others: "they say we are", "he compared us to"."""
    if _TELLS.isdisjoint(words):
        return False
    viewed = list(_VIEWED.finditer(clause))
    if viewed:
        last = viewed[-1]
        if len(clause) - last.end() < _FAR and not _OWN_VIEW.search(clause[: last.start()].rstrip()):
            return True
    others = _OTHERS_SAY.search(clause)
    if others:
        said = clause[others.end() :]
        if len(said) < _FAR and ";" not in said and clauses.BREAKS.isdisjoint(said.split()):
            return True
    return _ASIDE_SAID.search(clause) is not None


def is_discussed(
    folded: str,
    begin: int,
    start: int,
    end: int,
    until: int,
    words: Sequence[str],
    *,
    studied: bool,
    explained: bool = False,
) -> bool:
    """Tell whether the stretch `[start, end)` of a sentence of `[begin, until)` with these words before it is spoken of as a word.

    `studied` tells whether the text as a whole `studies_words`.

    If it must be `explained`, it is not enough that it is called one: where it comes from or what it means is said.
    """
    named = not _NAMES_A_WORD.isdisjoint(words) and (
        (not explained and _DEFINED.search(folded, begin, start) is not None)
        or _SCHOLARS.search(folded, begin, start) is not None
    )
    bare = _BARE.fullmatch(folded, begin, start) is not None
    return (
        named
        or _A_WORD.match(folded, end) is not None
        or (bare and _DERIVED.match(folded, end) is not None)
        or (
            studied
            and (
                _LINGUISTIC.search(folded, begin, until) is not None
                or _ITS_WORD.search(folded, begin, until) is not None
            )
        )
    )


def studies_words(folded: str, vocabulary: frozenset[str]) -> bool:
    """Tell whether a folded text has a sentence of those who study words."""
    if folded.isascii() and _LINGUISTS_WORDS.isdisjoint(vocabulary):
        return False
    return _LINGUISTIC.search(folded) is not None or _ITS_WORD.search(folded) is not None


def is_attributed_behind(folded: str, end: int) -> bool:
    """Tell whether the words behind an insult give it to others: "..., he said", "..., according to"."""
    return _THEN_SAID.match(folded, end) is not None


def is_turkish_report(clause: str) -> bool:
    """Tell whether a Turkish clause says to whom or of whom something is said: "us", "me"."""
    return _TURKISH.search(clause) is not None
