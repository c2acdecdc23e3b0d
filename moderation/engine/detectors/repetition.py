"""Repetition: the same text, or nearly the same, again, by its author or by others in the thread."""

from collections.abc import Iterator

from moderation.engine.text import Text, fold
from moderation.engine.types import Context, Signal, Span

_SHINGLE = 5
_SHORTEST = 20  # "Thank you" may be said twice
_SHORTEST_OF_OTHERS = 60  # a slogan or a prayer may be said by many
_NEARLY = 0.85  # Jaccard index of character shingles


def _shingles(joined: str) -> frozenset[str]:
    return frozenset(joined[i : i + _SHINGLE] for i in range(max(1, len(joined) - _SHINGLE + 1)))


def _joined(folded: str) -> str:
    return " ".join(folded.split())


class Repetition:
    """Compares with the author's recent comments, and a longer text with those of the others in the thread."""

    name, version = "repetition", "2"

    def detect(self, text: Text, context: Context) -> Iterator[Signal]:
        """Yield a signal when recent comments say the same, stronger when several of the author's do."""
        size = len(text.folded)
        if size < _SHORTEST or not (context.recent_bodies or context.thread_bodies):
            return
        own = _shingles(_joined(text.folded))
        alike = sum(_is_alike(own, body) for body in context.recent_bodies)
        whole = (Span(0, len(text.original)),)
        if alike:
            times = f"{alike} time{'s' if alike > 1 else ''}"
            note = f"The author's last comments hold this text {times} already."
            yield Signal.of(self, "spam", 0.6 if alike == 1 else 0.9, whole, note=note)
        elif size >= _SHORTEST_OF_OTHERS and any(_is_alike(own, body) for body in context.thread_bodies):
            yield Signal.of(self, "spam", 0.6, whole, note="Somebody else wrote this text here already.")


def _is_alike(own: frozenset[str], body: str) -> bool:
    """Tell whether a text has nearly the same shingles; most are told apart by their length or by how they begin."""
    joined = _joined(fold(body))
    if len(joined) - _SHINGLE + 1 < _NEARLY * len(own):
        return False  # not even all of its shingles would be enough
    most_others = len(own) * (1 / _NEARLY - 1)  # with more that are not ours the union is too large
    if len(_shingles(joined[: 2 * int(most_others) + _SHINGLE]) - own) > most_others:
        return False
    other = _shingles(joined)
    return len(own & other) >= _NEARLY * len(own | other)


DETECTOR = Repetition()
