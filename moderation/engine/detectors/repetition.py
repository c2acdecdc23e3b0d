"""Repetition: the same text, or nearly the same, again, by its author or by others in the thread."""

from collections.abc import Iterator

from moderation.engine.text import Text, fold
from moderation.engine.types import Context, Signal, Span

_SHINGLE = 5
_SHORTEST = 20  # "Thank you" may be said twice
_SHORTEST_OF_OTHERS = 60  # a slogan or a prayer may be said by many
_NEARLY = 0.85  # Jaccard index of character shingles


def _shingles(folded: str) -> frozenset[str]:
    joined = " ".join(folded.split())
    return frozenset(joined[i : i + _SHINGLE] for i in range(max(1, len(joined) - _SHINGLE + 1)))


class Repetition:
    """Compares with the author's recent comments, and a longer text with those of the others in the thread."""

    name, version = "repetition", "2"

    def detect(self, text: Text, context: Context) -> Iterator[Signal]:
        """Yield a signal when recent comments say the same, stronger when several of the author's do."""
        size = len(text.folded)
        if size < _SHORTEST or not (context.recent_bodies or context.thread_bodies):
            return
        own = _shingles(text.folded)
        alike = sum(_is_alike(own, body) for body in context.recent_bodies)
        whole = (Span(0, len(text.original)),)
        if alike:
            times = f"{alike} time{'s' if alike > 1 else ''}"
            note = f"The author's last comments hold this text {times} already."
            yield Signal.of(self, "spam", 0.6 if alike == 1 else 0.9, whole, note=note)
        elif size >= _SHORTEST_OF_OTHERS and any(_is_alike(own, body) for body in context.thread_bodies):
            yield Signal.of(self, "spam", 0.6, whole, note="Somebody else wrote this text here already.")


def _is_alike(own: frozenset[str], body: str) -> bool:
    other = _shingles(fold(body))
    return len(own & other) >= _NEARLY * len(own | other)


DETECTOR = Repetition()
