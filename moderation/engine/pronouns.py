"""The small words that tie an insult to somebody, by language: pronouns, copulas, fillers, denials.

English, Russian and Armenian stand in one table, for no word of one can be one of another. Languages in Latin letters
have tables of their own, asked only for texts in that language.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from moderation.engine.types import Target

AM_OR_ART = frozenset(["ես", "es", "ес", "эс"])  # Armenian: "I" where a sentence begins, else "art"


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Nouns for one person whom nobody has named.
ROLES = _words(
    "man woman boy girl kid child person guy fellow gentleman lady neighbor neighbour boss manager coach teacher professor principal driver "
    "waiter cook chef baker barber doctor nurse dentist lawyer attorney accountant banker broker agent contractor plumber landlord tenant "
    "priest pastor bishop rabbi imam nun monk soldier officer sergeant captain colonel cop policeman sheriff guard guide pilot sailor farmer "
    "shepherd butcher tailor shopkeeper merchant dealer salesman cashier clerk secretary treasurer chairman president chairperson director "
    "owner founder trustee member delegate councilman councilwoman candidate winner loser opponent rival spokesman spokeswoman speaker "
    "photographer cartoonist translator interviewer host guest moderator commenter commentator poster user reader writer author reporter "
    "journalist editor columnist critic expert scholar historian professor scientist researcher student pupil classmate roommate cousin "
    "uncle aunt brother sister father mother dad mom son daughter husband wife grandfather grandmother nephew niece relative friend "
    "colleague partner stranger tourist refugee witness victim suspect thief judge juror referee umpire goalkeeper striker captain singer "
    "actor actress director musician composer painter poet artist dancer mayor governor senator minister ambassador consul general king"
)


@dataclass(frozen=True, slots=True)
class Grammar:
    """The small words of one or several languages.

    `copula` ties a subject to what is said of it, `filler` may stand between the two, `denial` turns it round.
    `your` are the possessives of the second person, `own` those of the others; `kin` are people when possessed.
    `says` are verbs of saying and calling, after which words are somebody else's. `persons` are nouns for people, and
    what may follow an insult without being what it qualifies. `first_person` are
    verbs that say "am" behind their complement; `title` may stand before a name that is called.
    """

    you: frozenset[str]
    me: frozenset[str]
    third: frozenset[str]
    possessive: frozenset[str]
    copula: frozenset[str]
    filler: frozenset[str]
    denial: frozenset[str]
    kin: frozenset[str]
    says: frozenset[str]
    like: frozenset[str]
    persons: frozenset[str]
    first_person: frozenset[str] = frozenset()
    title: frozenset[str] = frozenset()

    def target_of(self) -> dict[str, Target]:
        """Return whom each pronoun stands for; a third person is nobody in particular."""
        return {
            **dict.fromkeys(self.third, Target.NOBODY),
            **dict.fromkeys(self.me, Target.SELF),
            **dict.fromkeys(self.you, Target.READER),
        }


_ENGLISH = Grammar(
    you=_words(
        "you u ya your ur yours yourself yourselves you're youre you've you'd you'll y'all yall u're ure thou"
    ),
    me=_words("i i'm im me my mine myself i've i'd i'll we we're us our ourselves"),
    third=_words(
        "they they're them their these those he she he's she's him her his hers this that who's guy man it it's that's"
    ),
    possessive=_words("your ur my his her their our its"),
    copula=_words(
        "is are was were am be been being isn't aren't wasn't ain't he's she's you're youre u're ur r it's that's they're i'm "
        "im we're sounds sound sounded seems seem seemed looks look looked appears appeared acts act became becomes behave behaves remain remains feel felt feels"
    ),
    filler=_words(
        "a an the such so very really just still all nothing but clearly obviously truly simply only totally completely "
        "absolutely always also both another one of bunch pack gang piece as like what quite most more fucking damn bloody "
        "stupid pathetic little big old fat ugly dirty filthy complete total utter real true being not and or too pretty "
        "ignorant arrogant corrupt worthless disgusting miserable sick crazy even indeed actually literally again that "
        "nation country people known plain poor sad kind sort must slowest biggest greatest worst village among less more even half own inner bigger stupidest dumbest"
    ),
    denial=_words(
        "not no never isn't aren't wasn't weren't ain't don't doesn't didn't nobody neither nor without"
    ),
    kin=_words(
        "friends friend people kind lot family side gang ilk buddies folks brothers parents kids children fans mother father"
    ),
    says=_words(
        "called calls calling call labeled labelled named branded say says said saying wrote writes shouted screamed yelled "
        "told quote quoted quoting word term slur insult phrase chanted chanting scrawled spraypainted accuse accuses accused accusing "
        "muttering mutters muttered threatened threatens threatening allegedly supposedly nickname nicknamed rumor rumour refer refers "
        "referred referring dismissed dismiss dismisses asked wished sprayed painted"
    ),
    like=_words("like as of named called the this that"),
    title=_words("dear mr mrs ms dr sir madam miss hey oh look and so well"),
    persons=_words(
        "man woman men women person people guy guys boy girl kid child fool idiot liar human beings being creature reader commenter "
        "troll writer author journalist fellow bunch lot crowd folks one ones excuse and or but you to as enough if that because"
    ),
)
_RUSSIAN = Grammar(
    you=_words(
        "ты тебя тебе тобой тобою вы вас вам вами твой твоя твое твои твоего твоей твоих твоим твоими твоему твою ваш ваша ваше "
        "ваши вашего вашей ваших вашим вашими вашему вашу"
    ),
    me=_words(
        "я меня мне мной мною мы нас нам нами мой моя мое мои моего моей моих моим моими моему мою наш наша наше наши чувствую"
    ),
    third=_words("он она они его ее их им ему ей ими этот эта эти тот та те того этого этих тех"),
    possessive=_words(
        "твой твоя твое твои твоего твоей твоих ваш ваша ваше ваши вашего вашей ваших мой моя мое мои его ее их"
    ),
    copula=_words("это есть был была были являешься являетесь является оказался оказалась оказались"),
    filler=_words(
        "просто такой такая такие такое же ведь полный полная полные настоящий настоящая реально вообще и а как самый самая "
        "тупой тупая тупые жалкий жалкая конченый конченая последний последняя совсем еще все всего лишь то за ну вот или сам сама сами ты-то оба обе"
    ),
    denial=_words("не нет ни никогда никто"),
    kin=_words("друзья друг семья люди род мать отец братья дети"),
    says=_words(
        "назвал назвала назвали называл называет называют сказал сказала сказали говорит говорят говорил дразнили дразнил обзывали прозвали считает считают писал пишет пишут кричал "
        "кричали крикнул слово обозвал обозвали цитата прошептал заявил назвали обзывал "
        "обзывает прозвал прозвали словам якобы грозил грозился угрожал угрожали пригрозил"
    ),
    title=_words("господин госпожа уважаемый уважаемая дорогой эй товарищ"),
    like=_words("как вроде типа"),
    persons=_words("человек люди людей человека мужик баба парень тип народ и а но или чтобы если"),
)
_ARMENIAN = Grammar(
    you=_words(
        "դու դուք քեզ ձեզ քո ձեր քեզնից ձեզնից քեզի ձեզի քու ձու դուն քեզնով ձեզնով քոնը ձերը եք էք քեզմէ ձեզմէ քեզպեսներ ձեզպեսներ "
        "ду дук кез дзез дзер дун кези дзези ек эк"
    ),
    me=_words("ինձ իմ մեր մենք մեզ եմ ենք ինձի մեզի ինձնից մեզնից"),
    third=_words(
        "նա նրանք նրա նրանց նրան ան անոնք անոնց անոր իր իրենք իրենց սա դա սրանք դրանք էս էդ այս այդ այն սրա դրա"
    ),
    possessive=_words("քո քու ձեր իմ մեր նրա նրանց իր իրենց"),
    copula=_words("է են էր էին ես եք էք եմ ենք ա ес эс ен эн"),
    filler=_words(
        "մի մը շատ այնքան էնքան իսկական լրիվ ուղղակի պարզապես ինչ այ յ ամենա և եւ ու էլ ալ կատարյալ վերջին ախր չէ"
    ),
    denial=_words("չէ չեն չես չեք չեմ չենք ոչ երբեք մի"),
    kin=_words("ընկերներդ ընտանիքդ մարդիկ"),
    says=_words(
        "ասաց ասացին ասում ասել ասեց ըսաւ ըսին կոչեց կոչեցին անվանեց անվանեցին անվանում գրեց գրել գրում գոռաց գոռացին բառը խոսքը անուանեց "
        "անուանեցին կոչում կոչեցիր սպառնացել սպառնաց սպառնացին սպառնում"
    ),
    first_person=_words("եմ ենք էի էինք ем эм енк"),
    title=_words("պարոն տիկին հարգելի սիրելի էյ այ պրն"),
    like=_words("նման պես"),
    persons=_words(
        "մարդ մարդիկ մարդու տղա կին աղջիկ տղամարդ ու եւ բայց որ եթե ամեն միշտ նորից էլի այսօր երեկ վաղը այստեղ հոս կրկին"
    ),
)
_LATIN = {
    "fr": Grammar(
        you=_words("tu toi te vous ton ta tes votre vos t'es"),
        me=_words("je j'ai j'étais moi me mon ma mes nous notre nos j'suis"),
        third=_words("il elle ils elles ce cet cette ces lui leur leurs son sa ses eux c'est"),
        possessive=_words("ton ta tes votre vos mon ma mes son sa ses leur leurs notre nos"),
        copula=_words("est es êtes etes suis sont était étaient t'es c'est sommes étais"),
        filler=_words(
            "un une le la les des de vraiment très tres si qu'un que vrai vraie pauvre gros grosse sale espèce espece bande petit petite et ou bien tous"
        ),
        denial=_words("pas jamais ni non rien n'est n'es"),
        kin=_words("amis ami famille gens mère père copains"),
        says=_words(
            "dit a-t-il appelé appelée traité traitée traités écrit criait crié mot qualifié qualifiés dis"
        ),
        like=_words("comme"),
        persons=_words("homme femme gens type mec personne et ou mais qui que si"),
    ),
    "tr": Grammar(
        you=_words("sen seni sana senin sende senden siz sizi size sizin sizden sizler"),
        me=_words("ben beni bana benim bende benden biz bizi bizim bizler kendimi kendime hissediyorum"),
        third=_words("o onu ona onun onlar onlari onlarin bu şu bunlar şunlar"),
        possessive=_words("senin sizin benim onun onlarin bizim"),
        copula=_words("sin sin sun sün siniz siniz değilsin misin misin musun müsün"),
        filler=_words("bir çok tam gerçekten sadece ne kadar ve gibi resmen cok gercekten"),
        denial=_words("değil değilsin değilsiniz degil degilsin hiç asla yok"),
        kin=_words("arkadaşlarin ailen"),
        title=_words("sayin sayin bay bayan"),
        says=_words("dedi dediler diye demiş söyledi yazdi bağirdi kelimesi diyor diyorlar dedi:"),
        like=_words("gibi"),
        persons=_words("adam kadin insan insanlar herif çocuk biri birisin birisi birisiniz ve ama ki"),
    ),
    "hy-latn": Grammar(
        you=_words("du duq duk qez kez dzez qo ko dzer dun kezi dzezi eq qu"),
        me=_words("indz inc im mer menq menk mez em enq enk inci indzi"),
        third=_words("na nranq nrank nra nranc an anonq anonk ir irenq irenk sa da es ed ays ayd"),
        possessive=_words("qo ko qu dzer im mer nra nranc ir irenc"),
        copula=_words("e en er ein es eq ek em enq a"),
        filler=_words("mi my shat aynqan enqan iskakan lriv uxxaki inch ay u el al"),
        denial=_words("che chen ches cheq chem voch erbeq mi"),
        kin=_words("ynkernerd yntaniqd"),
        says=_words(
            "asac asacin asats asum asel asec ysav kochec kochets anvanec anvanets anvanetsin anvanecin grec grets grel sparnac"
        ),
        first_person=_words("em enq enk ei einq eink"),
        title=_words("paron tikin hargeli sireli ey ay"),
        like=_words("nman pes"),
        persons=_words("mard mardik txa tgha kin axjik u ev bayc vor"),
    ),
}


def _together(*grammars: Grammar) -> Grammar:
    fields = Grammar.__dataclass_fields__
    return Grammar(**{name: frozenset().union(*(getattr(g, name) for g in grammars)) for name in fields})


_COMMON = _together(_ENGLISH, _RUSSIAN, _ARMENIAN)
_BY_LANGUAGE: Mapping[str, Grammar] = {
    language: _together(_RUSSIAN, _ARMENIAN, grammar) for language, grammar in _LATIN.items()
}


def grammar_of(language: str) -> Grammar:
    """Return the small words to read a text with that is in this language (see `Languages.language_of`)."""
    return _BY_LANGUAGE.get(language, _COMMON)


@cache
def pronouns_of(language: str) -> dict[str, Target]:
    """Return whom each pronoun stands for in a text that is in this language."""
    return grammar_of(language).target_of()
