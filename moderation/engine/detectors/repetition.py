"""Repetition: the author's same text, or nearly the same, again."""

from collections.abc import Iterator

from moderation.engine.text import Text, fold
from moderation.engine.types import Context, Signal, Span

_SHINGLE = 5
_SHORTEST = 20  # "Thank you" may be said twice
_NEARLY = 0.85  # Jaccard index of character shingles


def _shingles(folded: str) -> frozenset[str]:
    joined = " ".join(folded.split())
    return frozenset(joined[i : i + _SHINGLE] for i in range(max(1, len(joined) - _SHINGLE + 1)))


class Repetition:
    """Compares with the author's recent comments; an unknown author has none."""

    name, version = "repetition", "1"

    def detect(self, text: Text, context: Context) -> Iterator[Signal]:
        """Yield one signal when a recent comment says the same, stronger when several do."""
        if not context.recent_bodies or len(text.folded) < _SHORTEST:
            return
        own = _shingles(text.folded)
        alike = 0
        for body in context.recent_bodies:
            other = _shingles(fold(body))
            alike += len(own & other) >= _NEARLY * len(own | other)
        if alike:
            score = 0.6 if alike == 1 else 0.9
            note = (
                f"The author's last comments hold this text {alike} time{'s' if alike > 1 else ''} already."
            )
            yield Signal.of(self, "spam", score, (Span(0, len(text.original)),), note=note)


DETECTOR = Repetition()
