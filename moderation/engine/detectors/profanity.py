"""Profanity: vulgar words of the lexicon, plain or disguised."""

from collections.abc import Iterator

from moderation.engine.cues import is_of_a_kennel
from moderation.engine.disguises import MASKED
from moderation.engine.lexicon import Match
from moderation.engine.targets import is_quoted, is_spoken_of
from moderation.engine.text import Text, words_only
from moderation.engine.types import Context, Signal, Span, Target

_BEASTS = frozenset(["bitch", "bitches"])
_SCORE = {"mild": 0.3, "strong": 0.9, "extreme": 1.0}


class Profanity:
    """Entries of kind `profanity`; severity sets the score, a quotation the target."""

    name, version = "profanity", "1"

    def detect(self, text: Text, context: Context) -> Iterator[Signal]:
        """Yield a signal for each vulgar word, with every place where it is used in the same way."""
        seen: dict[tuple[str, str, bool, bool], tuple[Match, list[Span]]] = {}
        for match in context.policy.lexicon.matches(text):
            if (
                match.entry.kind == "profanity"
                and not _is_a_beast(match, text)
                and not is_spoken_of(text, match.start, match.end, context)
            ):
                quoted = is_quoted(text, match.start, match.end, context)
                key = (match.entry.lemma, match.trick, match.confirmed, quoted)
                seen.setdefault(key, (match, []))[1].append(text.original_span(match.start, match.end))
        for (lemma, trick, confirmed, quoted), (match, spans) in seen.items():
            # Somebody else's word, already struck out: nothing is left to hide.
            severity = "mild" if quoted and trick == MASKED else match.entry.severity
            yield Signal.of(
                self,
                "profanity",
                _SCORE[severity],
                tuple(spans),
                target=Target.QUOTED if quoted else Target.NOBODY,
                matched_as=lemma,
                note=f"{match.entry.severity.capitalize()} profanity.{match.disguise}",
                confirmed=confirmed,
            )


def _is_a_beast(match: Match, text: Text) -> bool:
    """Tell whether the word is an animal's name here, as breeders use it."""
    if match.form not in _BEASTS:
        return False
    begin, end = text.sentence_around(match.start)
    return is_of_a_kennel(text.vocabulary, words_only(text.folded[begin:end]).split())


DETECTOR = Profanity()
