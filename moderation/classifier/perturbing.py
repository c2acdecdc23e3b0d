"""Comments as somebody writes them who wants to be read by people and not by us, and what that costs.

The moves are the character moves of TextBugger (Li et al. 2018) and DeepWordBug (Gao et al. 2018), written anew; an
attacked word gets two of them. TextBugger's fifth move, a near-synonym, is left out: it needs word vectors.
"""

import random
from collections.abc import Callable, Mapping, Sequence

from moderation.engine.lexicon import Lexicon
from moderation.engine.text import Text
from moderation.engine.types import Scorer, Span

Move = Callable[[str, random.Random], str]

EDITS = 2
_SHORTEST = 3  # a shorter word cannot be changed twice and still be read
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
# The look-alikes within a keyboard's and a phone's reach.
_LOOK_ALIKES = {
    "a": "@а", "b": "8", "c": "(с", "e": "3е", "g": "9", "i": "1!", "l": "1|", "o": "0о", "p": "р", "s": "$5",
    "t": "7+", "u": "υ", "x": "х", "y": "у", "z": "2",
}  # fmt: skip


def blank_inserted(word: str, chance: random.Random) -> str:
    """Return the word with a blank inside."""
    place = chance.randrange(1, len(word))
    return f"{word[:place]} {word[place:]}"


def letter_dropped(word: str, chance: random.Random) -> str:
    """Return the word without one of its inner letters."""
    place = chance.randrange(1, len(word) - 1)
    return word[:place] + word[place + 1 :]


def neighbours_swapped(word: str, chance: random.Random) -> str:
    """Return the word with two neighbours exchanged, inner ones where there are two."""
    place = chance.randrange(1, len(word) - 2) if len(word) > 3 else 1
    return word[:place] + word[place + 1] + word[place] + word[place + 2 :]


def look_alike(word: str, chance: random.Random) -> str:
    """Return the word with one letter as a sign or a foreign letter that looks like it; as it is where none does."""
    places = [place for place, letter in enumerate(word.lower()) if letter in _LOOK_ALIKES]
    if not places:
        return word
    place = chance.choice(places)
    return word[:place] + chance.choice(_LOOK_ALIKES[word[place].lower()]) + word[place + 1 :]


def letter_inserted(word: str, chance: random.Random) -> str:
    """Return the word with a letter more."""
    place = chance.randrange(1, len(word))
    return word[:place] + chance.choice(_LETTERS) + word[place:]


def letter_changed(word: str, chance: random.Random) -> str:
    """Return the word with another inner letter."""
    place = chance.randrange(1, len(word) - 1)
    return word[:place] + chance.choice(_LETTERS) + word[place + 1 :]


MOVES: Mapping[str, Move] = {
    "blank inserted": blank_inserted,
    "letter dropped": letter_dropped,
    "neighbours swapped": neighbours_swapped,
    "look-alike": look_alike,
    "letter inserted": letter_inserted,
    "letter changed": letter_changed,
}


def attacked_words(text: Text, scorer: Scorer | None, lexicon: Lexicon, label: str) -> list[Span]:
    """Return the words that somebody who knows us would change: those of the lexicon, else of the explanation."""
    spans = [text.original_span(match.start, match.end) for match in lexicon.matches(text)]
    if scorer is not None and not spans:
        spans = list(scorer.explain(text, label))
    apart: list[Span] = []
    for span in sorted(spans):
        if not apart or span.start >= apart[-1].end:
            apart.append(span)
    return apart


def some_words(original: str, number: int, chance: random.Random) -> list[Span]:
    """Return some of the words long enough to be changed, by position."""
    text = Text(original)
    words = [text.original_span(start, end) for word, start, end in text.words if len(word) > _SHORTEST]
    return sorted(chance.sample(words, min(number, len(words))))


def perturbed(
    original: str, spans: Sequence[Span], moves: Sequence[Move], chance: random.Random, edits: int = EDITS
) -> str:
    """Return the text with so many edits, drawn of these moves, in each of the spans, which lie apart and in order."""
    changed = original
    for span in reversed(spans):
        word = original[span.start : span.end]
        for _ in range(edits):
            if len(word) >= _SHORTEST:
                word = chance.choice(moves)(word, chance)
        changed = changed[: span.start] + word + changed[span.end :]
    return changed


def rewrapped(original: str, chance: random.Random, edits: int = 20) -> str:
    """Return the text after edits that mean nothing: blanks doubled, blanks as line ends, first letters' case."""
    changed = original
    for _ in range(edits):
        blanks = [place for place, sign in enumerate(changed) if sign == " "]
        if not blanks:
            return changed
        place = chance.choice(blanks)
        kind = chance.randrange(3)
        if kind == 0:
            changed = changed[:place] + "  " + changed[place + 1 :]
        elif kind == 1:
            changed = changed[:place] + "\n" + changed[place + 1 :]
        else:
            changed = changed[: place + 1] + changed[place + 1 : place + 2].swapcase() + changed[place + 2 :]
    return changed
