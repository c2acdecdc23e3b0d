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
            r"(?:hot|sexy|horny|naked) (?:girls?|singles|women|babes)",
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
    )
)


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
            yield Signal.of(self, "sexual", phrase.score, (text.original_span(start, end),), note=phrase.note)


DETECTOR = Sexual()
