"""Links and advertising: addresses counted and read, shorteners, commercial turns of phrase."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import tldextract
from linkify_it import LinkifyIt

from moderation.engine.phrasebook import SPAM
from moderation.engine.phrases import Phrases
from moderation.engine.text import Text
from moderation.engine.types import Context, Signal, Span

_MANY = 3  # one or two links are sources
_SHORTENERS = frozenset(
    [
        "bit.ly",
        "tinyurl.com",
        "goo.gl",
        "t.co",
        "ow.ly",
        "is.gd",
        "buff.ly",
        "rebrand.ly",
        "cutt.ly",
        "shorturl.at",
        "rb.gy",
        "tiny.cc",
        "bl.ink",
        "s.id",
        "t.ly",
        "v.gd",
        "qr.ae",
        "adf.ly",
        "soo.gd",
        "lnkd.in",
        "t.me",
        "wa.me",
    ]
)
_WAGES = (
    r"(?:earn|make|made|making|earning) (?:up to |over |at least |around )?"
    r"(?:[$€£] ?\d[\d,.]*k?|\d[\d,.]* ?(?:dollars|usd|euros|bucks)) ?(?:an?|per|every|each|/) ?(?:hour|day|week|month|hr)"
)
# What no employer says: the work is none, or the reader is to ask.
_EASILY = r"[^\n]{0,60}?(?:from home|from (?:my|your) (?:phone|laptop|couch|sofa)|online|ask me|text me|message me|dm me|no (?:skills?|experience)|part[- ]time|guaranteed)"
_COMMERCE = Phrases(
    (
        *SPAM,
        (
            "earn earned make made making earning & hour day week month hr",
            r"(?:earned|made|earning|making) (?:over |about |almost )?[$€£] ?\d[\d,.]*k? (?:last|this|in (?:a|one|my first)) (?:week|month)",
            0.93,
            "Get-rich offer.",
        ),
        *(
            ("earn made make making earning & hour day week month hr", _WAGES + more, score, note)
            for more, score, note in (
                (_EASILY, 0.93, "Get-rich offer."),
                ("", 0.3, "A sum by the hour or the month: an offer, or somebody's wages."),
            )
        ),
        (
            "work working job boss income freedom rich double guaranteed & home for opportunity opportunities own passive financial quick your returns profits return profit",
            r"work(?:ing)? from home (?:and|job|jobs|online|[$])|(?:online|part[- ]time|easy) (?:home )?job (?:for|from|opportunit)|be your own boss|passive income|financial freedom|get rich quick|double your (?:money|bitcoin|investment|btc)|guaranteed (?:returns?|profits?)",
            0.9,
            "Get-rich offer.",
        ),
        (
            "invest trade trading earn profit profiting profitable bitcoin crypto cryptocurrency forex recover recovered recovery binary btc eth nft",
            r"(?:invest|trade|trading|earn|profit\w*) (?:in |with |from )?(?:bitcoin|crypto\w*|forex|binary options|btc|eth|nft)|(?:bitcoin|crypto|forex) (?:investment|trading|recovery|expert|platform|giveaway|signals)|recover(?:ed|y)? (?:my|your|of|lost) (?:lost )?(?:bitcoin|crypto|funds|money)",
            0.9,
            "Crypto or trading offer.",
        ),
        *(
            (words, pattern, 0.92, "Commercial offer.")
            for words, pattern in (
                (
                    "cheap buy order discount free & viagra cialis levitra xanax tramadol valium steroids weight diet backlinks followers likes essay essays passport passports id ids replica rolex gift",
                    r"(?:cheap|buy|order|discount|free) (?:\w+ )?(?:viagra|cialis|levitra|xanax|tramadol|valium|steroids|weight loss|diet pills|backlinks|followers|likes|essays?|passports?|ids?|replica|rolex|gift cards?)",
                ),
                (
                    "viagra cialis casino poker slots betting & online bonus sale free pills site",
                    r"(?:viagra|cialis|casino|poker|slots|betting) (?:online|bonus|sale|free|pills|site)",
                ),
                ("online & casino pharmacy betting poker", r"online (?:casino|pharmacy|betting|poker)"),
            )
        ),
        (
            "herbal natural miracle permanent cured cure healed heal caster spell bring dr",
            r"(?:herbal|natural|miracle|permanent) (?:cure|remedy|doctor|healer)|(?:cured?|healed?) (?:my|me|of|from) (?:my )?(?:herpes|hiv|cancer|diabetes|hpv|copd|als)|(?:spell|love spell) ?caster|powerful spell|bring (?:back )?(?:your|my) (?:ex|lover|husband|wife) back|dr\.? \w+ (?:cured|healed|helped me)",
            0.92,
            "Miracle cure or spell.",
        ),
        *(
            (words, pattern, 0.88, "Draws readers to a messenger.")
            for words, pattern in (
                (
                    "contact whatsapp text message email call reach dm inbox & whatsapp whats telegram signal instagram ig",
                    r"(?:contact|whatsapp|text|message|email|call|reach|dm|inbox) (?:me |him |her |us |dr |now )?(?:on |at |via |through )?(?:whats ?app|telegram|signal|instagram|ig)",
                ),
                ("whatsapp whats", r"whats ?app (?:number|me|us|:|\+)"),
                (
                    "add text & whatsapp telegram kik snapchat",
                    r"(?:add|text) me on (?:whatsapp|telegram|kik|snapchat)",
                ),
            )
        ),
        *(
            (words, pattern, 0.7, "Self-promotion.")
            for words, pattern in (
                (
                    "check visit subscribe follow see join & my our & channel website site blog page shop store youtube instagram onlyfans group video videos music",
                    r"(?:check out|visit|subscribe to|follow|see|join) (?:my|our) (?:new )?(?:\w+ )?(?:channel|website|site|blog|page|shop|store|youtube|instagram|onlyfans|group|video|videos|music)",
                ),
                ("subscribe", r"(?:like and )?subscribe (?:to|for)"),
                ("sub sub4sub", r"sub ?(?:4|for) ?sub"),
                ("link & bio", r"link in (?:my )?bio"),
                ("code & promo discount referral", r"use (?:my )?(?:promo|discount|referral) code"),
            )
        ),
        (
            "limited act click buy order 100 risk credit lowest best free & offer now here link below guaranteed legit free check price prices trial shipping gift",
            r"(?:limited (?:time )?offer|act now|click (?:here|the link|on the link|below)|buy now|order now|100% (?:free|guaranteed|legit)|risk[- ]free|no credit check|lowest prices?|best prices?|free (?:trial|shipping|gift))",
            0.6,
            "Commercial turn of phrase.",
        ),
        (
            "invest trade trading doubled tripled multiplied & mr mrs dr him her my",
            r"(?:invest|trade|trading) (?:with|through) (?:mr|mrs|miss|dr|him|her)(?!\w)|(?:doubled|tripled|multiplied) my (?:bitcoin|btc|money|investment|savings|crypto|deposit)",
            0.9,
            "Crypto or trading offer.",
        ),
        (
            "passport passports licence licences license licenses diploma diplomas visa visas degree degrees certificate certificates & without sale fake genuine real contact buy",
            r"(?:passports?|driv\w+ licen[cs]es?|diplomas?|visas?|degrees?|certificates?)(?: or \w+(?: \w+)?)? (?:for sale|without (?:an? )?(?:exam|test|interview|ielts))|"
            r"(?:buy|get|need|order) (?:a |an |your )?(?:real|fake|genuine|registered) (?:\w+ )?(?:passports?|licen[cs]es?|diplomas?|degrees?|certificates?)",
            0.9,
            "Commercial offer.",
        ),
        (
            "lose drop lost burn & pounds kilos kg lbs fat & weeks days week month without tea trick pill",
            r"(?:lose|drop|lost|burn) \d+ (?:pounds|kilos|kg|lbs)[^.!?\n]{0,25} (?:in (?:\w+ )?(?:weeks?|days|a month)|without (?:any )?(?:diet|exercise|effort))",
            0.9,
            "Commercial offer.",
        ),
        (
            "loan loans escort seo web design marketing",
            r"(?:payday|personal|business|quick|instant|urgent) loans?(?: offer| available| at| with)|loan (?:offer|lender|company)|need (?:a|an) (?:urgent )?loan|escort (?:service|girls)|(?:seo|web design|marketing) (?:services|agency|expert)",
            0.9,
            "Commercial offer.",
        ),
    )
)
_AGAIN = re.compile(r"(?<!\w)((?:buy|order|click|call|visit|subscribe|act|join) \w+)(?:[\s!.,]+\1){3,}")
_SAID_AGAIN = 4  # times that the pattern above asks for
_TOKEN = re.compile(r"\S+")
_DOTTED = re.compile(r"\.([^\W\d_]{2,})(?![^\W_])")
_CALLS = frozenset(["buy", "order", "click", "call", "visit", "subscribe", "act", "join"])


@cache
def _linkifier() -> Any:
    return LinkifyIt(options={"fuzzy_email": False, "fuzzy_ip": False})


@cache
def _domain_reader() -> tldextract.TLDExtract:
    """Return a reader of registered domains that uses the list it was shipped with and never downloads one."""
    return tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)


@cache
def _top_level_domains() -> frozenset[str]:
    return frozenset(suffix for suffix in _domain_reader().tlds if "." not in suffix)


def _may_hold_a_link(original: str) -> bool:
    """Tell whether a dot stands before a top-level domain without a blank, as in every address."""
    if "://" in original or "www." in original:
        return True
    for match in _DOTTED.finditer(original):
        label = match.group(1)
        # A small letter: what begins with a capital is the next sentence, its blank forgotten.
        if (label[0].islower() or label[:2].isupper()) and label.lower() in _top_level_domains():
            return True
    return False


def _tokens_that_may_link(original: str) -> list[re.Match[str]]:
    """Return the stretches without a blank that may be an address."""
    if not _may_hold_a_link(original):
        return []
    return [token for token in _TOKEN.finditer(original) if _may_hold_a_link(token.group())]


def _may_be_shortened(tokens: list[re.Match[str]]) -> bool:
    return any(shortener in token.group().lower() for token in tokens for shortener in _SHORTENERS)


def _links(tokens: list[re.Match[str]]) -> list[tuple[str, Span]]:
    """Return (registered domain, span) for every address in these stretches of the original."""
    found = []
    for token in tokens:
        for match in _linkifier().match(token.group()) or ():
            if match.schema == "mailto:":
                continue
            domain = _domain_reader()(match.url).top_domain_under_public_suffix
            if domain:
                span = Span(token.start() + match.index, token.start() + match.last_index)
                found.append((domain.lower(), span))
    return found


class Links:
    """Addresses and offers."""

    name, version = "links", "1"

    def detect(self, text: Text, context: Context) -> Iterator[Signal]:
        """Yield a signal for many links, a shortened or an author's first link, and each offer."""
        tokens = []
        if "joined" in text.suspected or "://" in text.original:
            tokens = _tokens_that_may_link(text.original)
        first_comment = context.standing.approved_comments == 0
        # One or two links are sources, and need no reading unless something is held against them.
        if len(tokens) >= _MANY or (tokens and (first_comment or _may_be_shortened(tokens))):
            yield from self._judge_links(_links(tokens), first_comment=first_comment)
        calls = _CALLS & text.vocabulary
        if calls and max(map(text.word_list.count, calls)) >= _SAID_AGAIN:
            for found in _AGAIN.finditer(text.folded):
                span = text.original_span(found.start(), found.end())
                yield Signal.of(self, "spam", 0.9, (span,), note="The same call again and again.")
        for phrase, start, end in _COMMERCE.seen(text):
            score = min(1.0, phrase.score + 0.1 * bool(_links(tokens)))
            yield Signal.of(self, "spam", score, (text.original_span(start, end),), note=phrase.note)

    def _judge_links(self, links: list[tuple[str, Span]], *, first_comment: bool) -> Iterator[Signal]:
        spans = tuple(span for _, span in links)
        domains = {domain for domain, _ in links}
        if len(links) >= 2 * _MANY:
            yield Signal.of(self, "spam", 0.9, spans, note=f"{len(links)} links.")
        elif len(links) >= _MANY:
            yield Signal.of(self, "spam", 0.6, spans, note=f"{len(links)} links.")
        short = domains & _SHORTENERS
        if short:
            yield Signal.of(
                self, "spam", 0.6, spans, note=f"A shortened or messenger link ({', '.join(sorted(short))})."
            )
        if links and first_comment:
            yield Signal.of(self, "spam", 0.5, spans, note="The author's first comment has a link.")


DETECTOR = Links()
