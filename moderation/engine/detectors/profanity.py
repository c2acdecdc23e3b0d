"""Profanity: vulgar words of the lexicon, plain or disguised."""

from collections.abc import Iterator

from moderation.engine.disguises import MASKED
from moderation.engine.targets import is_quoted
from moderation.engine.text import Text
from moderation.engine.types import Context, Signal, Target

_SCORE = {"mild": 0.3, "strong": 0.9, "extreme": 1.0}


class Profanity:
    """Entries of kind `profanity`; severity sets the score, a quotation the target."""

    name, version = "profanity", "1"

    def detect(self, text: Text, context: Context) -> Iterator[Signal]:
        """Yield a signal for each vulgar word."""
        for match in context.policy.lexicon.matches(text):
            if match.entry.kind != "profanity":
                continue
            quoted = is_quoted(text, match.start, match.end, context)
            score = _SCORE[match.entry.severity]
            if match.trick == MASKED and quoted:
                score = _SCORE["mild"]  # somebody else's word, already struck out: nothing is left to hide
            yield Signal.of(
                self,
                "profanity",
                score,
                (text.original_span(match.start, match.end),),
                target=Target.QUOTED if quoted else Target.NOBODY,
                matched_as=match.entry.lemma,
                note=f"{match.entry.severity.capitalize()} profanity.{match.disguise}",
                confirmed=match.confirmed,
            )


DETECTOR = Profanity()
