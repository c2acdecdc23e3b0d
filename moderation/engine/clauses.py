"""Small words by their work in a clause: what begins and ends it, who its subject can be, what turns it back on oneself."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


ME = _words("me я")
THINGS = _words(
    "this that it these those that's it's это этот эта սա դա այս ce cette cet ça c'est bu şu ays ayd ayn "
    "sa da այն էս էդ էն"
)
HE = _words("he she he's she's him his her он она его ее նա ան il elle o")
THAT_MAN = _words("man man's guy guy's fellow fellow's")
# Before a verb of saying: words that are the writer's own ("I say you are"), or no saying at all ("whoever wrote this").
OWN_SAYING = _words("who whoever i i'll i'd me we let я մենք")
THEIR_PEOPLE = _words("people nation voters supporters soldiers fans generals народ ժողովուրդը")
THE = _words("the this that these those my our a your his her their some le la les ce cette cet")
WITHIN = _words("of in for behind to above below before than with from about like de du")
LIKE = _words("like as как comme")
# languages in Latin letters that say "the author fool"
NO_COPULA = _words("tr az hy-latn")
# languages in Latin letters that say "a fool he called me"
VERB_LAST = _words("tr hy-latn")
BREAKS = _words("because but since while although но потому բայց mais ama")
THEY = _words("they they're them their они նրանք անոնք ils onlar")
FORGIVE = _words("excuse forgive pardon простите извините ներեցեք ներեցէք excusez")
ARE = _words("are were aren't weren't sont étaient")
# "he struck me as a fraud", "she came across as a snob", "will be remembered as a turncoat"
SEEMS = _words(
    "strike strikes struck across off remembered known goes went acted acts behaves posing poses "
    "recognized exposed revealed proven proved serves qualifies passes regarded"
)
# words that begin a clause
CLAUSES = _words(
    "because but since while although if when so whether unless than then why how что если но потому որ "
    "եթե que mais si quand ama çünkü"
)
OPENERS = _words(
    "and so well oh yes no now today then or that maybe perhaps sadly frankly honestly sorry please look "
    "listen also once"
)
SUBJECTS = _words("i he she we they it you i'm i've you've he's she's we've they've")
THINKS = _words(
    "think thinks thought know knows knew tell agree believe believes hope bet guess swear feel feels see "
    "hear understand suspect admit find realize means mean prove proves shows show"
)
OF_YOU = _words("like of")
THE_ONE = _words("this that the")
BY = _words("by from to against with for because par pour")
TRADE_OF_WRITING = _words(
    "author writer reporter journalist editor columnist reviewer correspondent photographer cartoonist "
    "interviewer"
)
EVERYONE = _words("everyone everybody nobody somebody someone you i he she we they")
# what ends a noun and goes on about it
AFTER_NOUN = _words(
    "of in for behind to above below before than with from about like who that which at on there here "
    "these nowadays today always never still just really all both run will would must has have had may "
    "might can should could up two three once under over by after responsible de du des qui à dans"
)
THINGS_MANY = _words(
    "roads arguments words ideas comments posts headlines articles rules laws prices taxes results claims "
    "excuses policies reports news politics things talks negotiations statements facts numbers maps books "
    "movies films cars phones weapons borders times days years reasons opinions sources questions answers "
    "promises elections sanctions speeches lines links ads schools bridges streets"
)
NOUNS_OF_SAYING = _words("word term slur insult phrase nickname слово բառը mot kelimesi")
CALLS = _words("call consider label brand name")
WHO = _words("who that which who's who're")
AND = _words("and or nor и или եւ և ու et ou ve")
WHOEVER = _words("whoever anyone anybody those everyone everybody кто тот те ով ովքեր quiconque ceux")
ALL = _words(
    "all every most any все всех каждый любой вся բոլոր ամեն ամէն bütün tüm her tous toutes chaque bolor"
)
ANY = _words("a an every any all most все всякий любой բոլոր bütün tous")
MINE = _words("my our me i i'm i've мой моя իմ mon ma")
OWN_PARTS = _words("head heads fingers finger thumbs thumb brain brains mouth hands skull eyes inner own")
CONFESSES = _words(
    "admit confess plead guilty ashamed sorry oops apologies apologize apologise mea ugh forgive pray "
    "lord truly me myself признаю признаюсь каюсь виноват виновата խոստովանում ներեցեք ներողություն "
    "ներողութիւն avoue pardon pişmanim utaniyorum itiraf"
)
BE_I = _words("am are were was can could have had must really always turned became become will")
