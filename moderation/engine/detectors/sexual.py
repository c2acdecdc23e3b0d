"""Sexual content: explicit words of the lexicon and solicitation; health and reporting are no part of it."""

import re
from collections.abc import Iterator

from moderation.engine.targets import is_quoted
from moderation.engine.text import Text
from moderation.engine.types import Context, Signal, Target

_SCORE = {"mild": 0.5, "strong": 0.9, "extreme": 1.0}
_SOLICITATION = re.compile(
    r"\b(?:(?:send|dm|trade|swap) (?:me )?(?:your )?(?:nudes?|nude pics?)|(?:hot|sexy|horny|naked) (?:girls?|singles|women|babes)"
    r"|(?:escort|call ?girls?|sex) (?:service|services|near you|available)|looking for (?:sex|hookups?|a hookup)"
    r"|(?:watch|free) (?:live )?(?:sex|porn|xxx)|(?:sex|adult) (?:cam|cams|chat|dating)|(?:want|wanna) (?:to )?(?:have sex|fuck) with you)\b"
)
_TRIGGERS = frozenset(
    "nude nudes horny sexy naked escort escorts sex hookup hookups porn xxx callgirl girls singles adult".split()
)


class Sexual:
    """Entries of kind `sexual`, and offers."""

    name, version = "sexual", "1"

    def detect(self, text: Text, context: Context) -> Iterator[Signal]:
        """Yield a signal for each explicit word and each solicitation."""
        for match in context.policy.lexicon.matches(text):
            if match.entry.kind == "sexual":
                quoted = is_quoted(text, match.start, match.end)
                yield Signal.of(
                    self,
                    "sexual",
                    _SCORE[match.entry.severity],
                    (text.original_span(match.start, match.end),),
                    target=Target.QUOTED if quoted else Target.NOBODY,
                    matched_as=match.entry.lemma,
                    note="An explicit sexual word.",
                )
        if not _TRIGGERS.isdisjoint(text.vocabulary):
            for found in _SOLICITATION.finditer(text.folded):
                span = text.original_span(found.start(), found.end())
                yield Signal.of(self, "sexual", 0.95, (span,), note="Sexual solicitation.")


DETECTOR = Sexual()
