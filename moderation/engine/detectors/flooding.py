"""Flooding: capitals, walls of signs, noise and piled-up marks that keep others from reading."""

import re
import unicodedata
from collections.abc import Iterator

from moderation.engine.text import Text
from moderation.engine.types import Context, Signal, Span

_SHORTEST_SHOUT = 30  # letters; a shorter line of capitals is a headline or an abbreviation
_RUN = re.compile(r"(\S)\1{14,}|(\S{1,4})\2{9,}")
_NOISE = re.compile(r"[^\W\d_]{41,}|[bcdfghjklmnpqrstvwxz]{12,}", re.IGNORECASE)
_ALONE = 0.5  # share of the text that noise must fill before it is unreadable


class Flooding:
    """What the eye cannot read, whatever it says."""

    name, version = "flooding", "1"

    def detect(self, text: Text, context: Context) -> Iterator[Signal]:  # noqa: ARG002
        """Yield a signal for a comment in capitals, a wall of signs or emoji, long noise, and piled-up marks."""
        original = text.original
        whole = (Span(0, len(original)),)
        upper, lower = sum(map(str.isupper, original)), sum(map(str.islower, original))
        if upper >= _SHORTEST_SHOUT and upper > 9 * lower:
            yield Signal.of(self, "flooding", 0.6, whole, note="The whole comment is in capitals.")
        runs = [Span(m.start(), m.end()) for m in _RUN.finditer(original)]
        filled = sum(span.end - span.start for span in runs)
        if runs:
            score = 0.9 if filled > max(60, _ALONE * len(original)) else 0.5
            yield Signal.of(self, "flooding", score, tuple(runs), note="The same signs again and again.")
        if not original.isascii():
            yield from self._marks_and_pictures(original)
        noise = [Span(m.start(), m.end()) for m in _NOISE.finditer(original) if "http" not in m.group()]
        if noise and sum(s.end - s.start for s in noise) > _ALONE * len(original):
            yield Signal.of(self, "flooding", 0.9, tuple(noise), note="Letters that make no words.")

    def _marks_and_pictures(self, original: str) -> Iterator[Signal]:
        categories = [unicodedata.category(char) for char in original]
        marks = sum(category in ("Mn", "Me") for category in categories)
        letters = sum(category[0] == "L" for category in categories)
        # Vocalised Arabic and Hebrew carry at most about one and a half marks a letter.
        if marks > 10 and marks > 2 * letters:
            yield Signal.of(
                self, "flooding", 0.95, (Span(0, len(original)),), note="Marks piled up over the letters."
            )
        pictures = [i for i, category in enumerate(categories) if category == "So"]
        if len(pictures) >= 12 and len(pictures) > letters / 2:
            spans = (Span(pictures[0], pictures[-1] + 1),)
            yield Signal.of(self, "flooding", 0.6, spans, note="A wall of emoji.")


DETECTOR = Flooding()
