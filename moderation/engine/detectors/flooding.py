"""Flooding: capitals, walls of signs, noise and piled-up marks that keep others from reading."""

import re
from collections.abc import Iterator

from moderation.engine.text import Text
from moderation.engine.types import Context, Signal, Span

_SHORTEST_SHOUT = 30  # letters; a shorter line of capitals is a headline or an abbreviation
_RUN = re.compile(r"(\S)\1{14,}")
_RUNS = 5  # of three signs each in a run of fifteen
_SIGNS_IN_A_ROW = 30
_SIGNS = re.compile(rf"[!-/:-@\[-`{{-~]{{{_SIGNS_IN_A_ROW},}}")
# In the shape of a text, where letters, digits and blanks stand as `a`, `1` and ` `.
_SIGNS_OF_SHAPE = str.maketrans(dict.fromkeys("-$!('*#%?", "-"))
_IN_A_ROW = _SIGNS_IN_A_ROW * "-"
_CONSONANTS = re.compile(r"[bcdfghjklmnpqrstvwxz]{12,}")
_LONG_WORD, _LONGEST_WORD = 12, 40
_LONG_IN_LETTERS = _LONG_WORD * "a"  # in the shape of a text
_SAME_WORDS = 20  # words, from which a text is a wall when each is said four times or more
_MARK = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
)
_PICTURE = re.compile("[\u2190-\u2bff\U0001f000-\U0001faff]")
_MANY_PICTURES = 12
_ALONE = 0.5  # share of the text that noise must fill before it is unreadable
_NEARLY_ALL = 0.85  # share from which nothing is left to read
_UPPER, _LOWER = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ", b"abcdefghijklmnopqrstuvwxyz"


class Flooding:
    """What the eye cannot read, whatever it says."""

    name, version = "flooding", "1"

    def detect(self, text: Text, context: Context) -> Iterator[Signal]:  # noqa: ARG002
        """Yield a signal for a comment in capitals, a wall of signs or emoji, long noise, and piled-up marks."""
        original = text.original
        if len(original) >= _SHORTEST_SHOUT and _is_shouted(original):
            yield Signal.of(self, "flooding", 0.6, _whole(original), note="The whole comment is in capitals.")
        runs = (
            [Span(m.start(), m.end()) for m in _RUN.finditer(original)]
            if len(text.runs_of_three) >= _RUNS
            else []
        )
        if (
            not runs
            and len(original) >= _SIGNS_IN_A_ROW
            and _IN_A_ROW in text.shape.translate(_SIGNS_OF_SHAPE)
        ):
            runs = [Span(m.start(), m.end()) for m in _SIGNS.finditer(original)]
        if runs:
            filled = sum(span.end - span.start for span in runs)
            score = 0.9 if filled > max(40, _NEARLY_ALL * len(original)) else 0.5
            yield Signal.of(self, "flooding", score, tuple(runs), note="The same signs again and again.")
        said = text.folded.count(" ")
        if len(original) > 4 * _SAME_WORDS and said >= _SAME_WORDS and said >= 4 * len(text.vocabulary):
            yield Signal.of(self, "flooding", 0.9, _whole(original), note="The same words again and again.")
        if text.beyond_ascii:
            yield from self._marks_and_pictures(original, text.beyond_ascii)
        if _LONG_IN_LETTERS in text.shape and "http" not in text.folded:
            long = [word for word in text.vocabulary if len(word) >= _LONG_WORD]
            enough = _ALONE * len(original)
            if sum(map(len, long)) > enough and sum(map(len, filter(_is_noise, long))) > enough:
                yield Signal.of(self, "flooding", 0.9, _whole(original), note="Letters that make no words.")

    def _marks_and_pictures(self, original: str, beyond_ascii: str) -> Iterator[Signal]:
        marks = len(_MARK.findall(beyond_ascii))
        # Vocalised Arabic and Hebrew carry at most about one and a half marks a letter.
        if marks > 10 and marks > 2 * sum(map(str.isalpha, original)):
            yield Signal.of(
                self, "flooding", 0.95, (Span(0, len(original)),), note="Marks piled up over the letters."
            )
        if len(_PICTURE.findall(beyond_ascii)) < _MANY_PICTURES:
            return
        pictures = [match.start() for match in _PICTURE.finditer(original)]
        if len(pictures) > sum(map(str.isalpha, original)) / 2:
            spans = (Span(pictures[0], pictures[-1] + 1),)
            yield Signal.of(self, "flooding", 0.6, spans, note="A wall of emoji.")


def _whole(original: str) -> tuple[Span]:
    return (Span(0, len(original)),)


def _is_shouted(original: str) -> bool:
    """Tell whether nine of ten letters are capitals, and enough of them for a sentence."""
    raw = original.encode("ascii", "ignore")
    lower = len(raw) - len(raw.translate(None, _LOWER))
    if 10 * lower >= len(original):
        return False
    if len(raw) == len(original):
        upper = len(raw) - len(raw.translate(None, _UPPER))
    else:
        upper, lower = sum(map(str.isupper, original)), sum(map(str.islower, original))
    return upper >= _SHORTEST_SHOUT and upper > 9 * lower


def _is_noise(word: str) -> bool:
    return len(word) > _LONGEST_WORD or _CONSONANTS.search(word) is not None


DETECTOR = Flooding()
