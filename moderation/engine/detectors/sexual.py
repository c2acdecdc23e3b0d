"""Sexual content: explicit words of the lexicon and solicitation; health and reporting are no part of it."""

from collections.abc import Iterator

from moderation.engine.phrases import Phrases
from moderation.engine.targets import is_quoted
from moderation.engine.text import Text
from moderation.engine.types import Context, Signal, Target

_SCORE = {"mild": 0.5, "strong": 0.9, "extreme": 1.0}
_OFFERS = Phrases(
    (
        (
            "nude nudes",
            r"(?:send|dm|trade|swap) (?:me )?(?:your )?(?:nudes?|nude pics?)",
            0.95,
            "Sexual solicitation.",
        ),
        (
            "hot sexy horny naked",
            r"(?:hot|sexy|horny|naked) (?:girls?|singles|women|babes)(?!'| in (?:menopause|art|the (?:museum|louvre|sun)))",
            0.95,
            "Sexual solicitation.",
        ),
        (
            "escort callgirl callgirls girls sex xxx porn adult hookup hookups",
            r"escort girls?|call ?girls (?:\d|near|in \w+|available)|(?:escort|call ?girls?|sex) (?:service|services|near you|available)|"
            r"looking for (?:sex|hookups?|a hookup)|(?:watch|free) (?:live )?(?:sex|porn|xxx)|"
            r"(?:sex|adult) (?:cam|cams|chat|dating)|(?:want|wanna) (?:to )?have sex with you",
            0.95,
            "Sexual solicitation.",
        ),
        (
            "massage massages",
            r"massages?[^.!?\n]{0,30} (?:happy endings?|full service|with extras|sensual|erotic)|(?:sensual|erotic|nuru|tantric|nude|body to body|happy ending) massages?|happy endings? massages?",
            0.95,
            "Sexual solicitation.",
        ),
        (
            "discreet generous sugar lonely intimate naughty kinky",
            r"(?:discreet|generous|naughty|kinky) (?:gentleman|man|lady|woman|ladies|girls?|guy|couple|fun|meetings?|encounters?)|"
            r"(?:i am|i'm) (?:very )?generous,? (?:send|and|write|with|to)|sugar (?:daddy|mommy|mama|baby|babies)(?! (?:watermelons?|melons?|tomatoes|pumpkins?))|lonely (?:tonight|housewives|hearts in)|"
            r"intimate (?:meetings?|services|encounters?)",
            0.9,
            "Sexual solicitation.",
        ),
        (
            "ladies girls women girl lady & hotel pic pics tonight evenings available",
            r"(?:ladies|girls|women),? [^.!?\n]{0,40}(?:send (?:me )?(?:a |your )?(?:pics?|photos?)|meet (?:me )?at (?:a|my|the) hotel)|(?:girls|women|ladies) available",
            0.9,
            "Sexual solicitation.",
        ),
        (
            "dress skirt blouse bra panties lingerie & under",
            r"under (?:that|your|her|the) (?:little |tight |short )?(?:dress|skirt|blouse|bra|panties)",
            0.55,
            "An innuendo.",
        ),
        (
            "how & much & night hour charge & honey baby sweetie darling gorgeous sexy sweetheart you",
            r"how much (?:for|per|a) (?:the |a |one |an )?(?:night|hour),? (?:honey|baby|sweetie|darling|gorgeous|sexy|sweetheart)|how much do you charge (?:for the night|per (?:night|hour))",
            0.6,
            "An innuendo.",
        ),
        (
            "bed naked sheets knees & bet sure imagine wonder good great wild & you you're her she she's he",
            r"(?:bet|sure|imagine|wonder)[^.!?\n]{0,20} (?:you|you're|she|she's|he)[^.!?\n]{0,20} (?:in bed|naked|between the sheets)|(?:you|you're|she's|she|are|is) (?:\w+ )?(?:good|great|wild|an animal) in bed(?! (?:linens?|sheets|and breakfast))",
            0.6,
            "An innuendo.",
        ),
        (
            "nice great sexy fine & legs ass tits rack boobs breasts",
            r"nice (?:legs|ass|tits|rack|boobs|breasts)(?=$|[.,!?\n])|(?:sexy|great) (?:legs|ass|tits|boobs|breasts)",
            0.6,
            "An innuendo.",
        ),
        (
            "slept sleeps sleeping & way",
            r"(?:slept|sleeps|sleeping) (?:her|his|your|their) way (?:to|into|up|through)",
            0.6,
            "An innuendo.",
        ),
        (
            "knees couch desk & under casting boss him his",
            r"on (?:her|his|your|their) knees (?:under|in front of|for) (?:his|the|her|him)|under (?:his|her|the boss's|the minister's) desk|casting couch",
            0.6,
            "An innuendo.",
        ),
        (
            "sit ride & face",
            r"(?:sit|ride) on my face",
            0.95,
            "Sexual solicitation.",
        ),
        (
            "taste lick spank undress ravish things & you her & night all long slowly would i'd do",
            r"(?:want to|wanna|would love to|let me|going to|gonna|'d) (?:taste|lick|spank|undress|ravish) (?:you|her|him)|(?:things|what) i(?:'d| would) (?:like to |love to )?do to (?:you|her)|do things to (?:you|her)",
            0.7,
            "An innuendo.",
        ),
    )
)  # fmt: skip


class Sexual:
    """Entries of kind `sexual`, and offers."""

    name, version = "sexual", "1"

    def detect(self, text: Text, context: Context) -> Iterator[Signal]:
        """Yield a signal for each explicit word and each solicitation."""
        for match in context.policy.lexicon.matches(text):
            if match.entry.kind == "sexual":
                quoted = is_quoted(text, match.start, match.end, context)
                yield Signal.of(
                    self,
                    "sexual",
                    _SCORE[match.entry.severity],
                    (text.original_span(match.start, match.end),),
                    target=Target.QUOTED if quoted else Target.NOBODY,
                    matched_as=match.entry.lemma,
                    note=f"An explicit sexual word.{match.disguise}",
                    confirmed=match.confirmed,
                )
        for phrase, start, end in _OFFERS.seen(text):
            target = Target.QUOTED if is_quoted(text, start, end, context) else Target.NOBODY
            span = text.original_span(start, end)
            yield Signal.of(self, "sexual", phrase.score, (span,), target=target, note=phrase.note)


DETECTOR = Sexual()
