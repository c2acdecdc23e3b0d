"""Small words by their work in a clause: what begins and ends it, who its subject can be, what turns it back on oneself."""


def listed(text: str) -> frozenset[str]:
    """Return the words of a text, each once."""
    return frozenset(text.split())


ME = listed("me я")
THINGS = listed(
    "this that it these those that's it's это этот эта սա դա այս ce cette cet ça c'est bu şu ays ayd ayn "
    "sa da այն էս էդ էն"
)
HE = listed("he she he's she's him his her он она его ее նա ան il elle o")
THAT_MAN = listed("man man's guy guy's fellow fellow's")
# Before a verb of saying: words that are the writer's own ("I say you are"), or no saying at all ("whoever wrote this").
OWN_SAYING = listed("who whoever i i'll i'd me we let я մենք")
YOU = listed(
    "you your you're yours u ur ты тебе тебя твой вы вас вам tu toi te vous sen sana seni siz size դու քեզ դուք ձեզ"
)
SPOKEN_TO = YOU | listed("he she him her them they")
THEIR_PEOPLE = listed("people nation voters supporters soldiers fans generals народ ժողովուրդը")
THIS = listed("this your այս ձեր ays dzer этот эта ваш ваша bu sizin ce cette votre")
THE = listed("the this that these those my our a your his her their some le la les ce cette cet")
WITHIN = listed("of in for behind to above below before than with from about like de du")
LIKE = listed("like as как comme")
# languages in Latin letters that say "the author fool"
NO_COPULA = listed("tr az hy-latn")
# languages in Latin letters that say "a fool he called me"
VERB_LAST = listed("tr hy-latn")
BREAKS = listed("because but since while although но потому բայց mais ama")
THEY = listed("they they're them their они նրանք անոնք ils onlar")
FORGIVE = listed("excuse forgive pardon простите извините ներեցեք ներեցէք excusez")
ARE = listed("are were aren't weren't sont étaient")
# "he struck me as a fraud", "she came across as a snob", "will be remembered as a turncoat"
SEEMS = listed(
    "strike strikes struck across off remembered known goes went acted acts behaves posing poses "
    "recognized exposed revealed proven proved serves qualifies passes regarded"
)
# words that begin a clause
CLAUSES = listed(
    "because but since while although if when so whether unless than then why how что если но потому որ "
    "եթե que mais si quand ama çünkü"
)
OPENERS = listed(
    "and so well oh yes no now today then or that maybe perhaps sadly frankly honestly sorry please look "
    "listen also once"
)
SUBJECTS = listed("i he she we they it you i'm i've you've he's she's we've they've")
THINKS = listed(
    "think thinks thought know knows knew tell agree believe believes hope bet guess swear feel feels see "
    "hear understand suspect admit find realize means mean prove proves shows show"
)
OF_YOU = listed("like of")
THE_ONE = listed("this that the")
BY = listed("by from to against with for because par pour")
TRADE_OF_WRITING = listed(
    "author writer reporter journalist editor columnist reviewer correspondent photographer cartoonist "
    "interviewer"
)
EVERYONE = listed("everyone everybody nobody somebody someone you i he she we they")
# what ends a noun and goes on about it
AFTER_NOUN = listed(
    "of in for behind to above below before than with from about like who that which at on there here "
    "these nowadays today always never still just really all both run will would must has have had may "
    "might can should could up two three once under over by after responsible de du des qui à dans"
)
THINGS_MANY = listed(
    "roads arguments words ideas comments posts headlines articles rules laws prices taxes results claims "
    "excuses policies reports news politics things talks negotiations statements facts numbers maps books "
    "movies films cars phones weapons borders times days years reasons opinions sources questions answers "
    "promises elections sanctions speeches lines links ads schools bridges streets"
)
NOUNS_OF_SAYING = listed("word term slur insult phrase nickname слово բառը mot kelimesi")
CALLS = listed("call consider label brand name")
WHO = listed("who that which who's who're")
AND = listed("and or nor и или եւ և ու et ou ve")
WHOEVER = listed("whoever anyone anybody those everyone everybody кто тот те ով ովքեր quiconque ceux")
ALL = listed(
    "all every most any все всех каждый любой вся բոլոր ամեն ամէն bütün tüm her tous toutes chaque bolor"
)
ANY = listed("a an every any all most все всякий любой բոլոր bütün tous")
MINE = listed("my our me i i'm i've мой моя իմ mon ma")
OWN_PARTS = listed("head heads fingers finger thumbs thumb brain brains mouth hands skull eyes inner own")
CONFESSES = listed(
    "admit confess plead guilty ashamed sorry oops apologies apologize apologise mea ugh forgive pray "
    "lord truly me myself признаю признаюсь каюсь виноват виновата խոստովանում ներեցեք ներողություն "
    "ներողութիւն avoue pardon pişmanim utaniyorum itiraf"
)
BE_I = listed("am are were was can could have had must really always turned became become will")
