"""Disguised comments stay readable, and only the attacked words change."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.classifier.perturbing import MOVES, attacked_words, perturbed, rewrapped, some_words
from moderation.engine.lexicon import Lexicon
from moderation.engine.text import Text
from moderation.engine.types import Span

MOVED = {
    "blank inserted": lambda word, new: new.replace(" ", "") == word and new.count(" ") == 1,
    "letter dropped": lambda word, new: len(new) == len(word) - 1 and (new[0], new[-1]) == (word[0], word[-1]),
    "neighbours swapped": lambda word, new: sorted(new) == sorted(word) and new[0] == word[0],
    "look-alike": lambda word, new: len(new) == len(word) and sum(a != b for a, b in zip(word, new, strict=True)) == 1,
    "letter inserted": lambda word, new: len(new) == len(word) + 1,
    "letter changed": lambda word, new: len(new) == len(word) and sum(a != b for a, b in zip(word, new, strict=True)) <= 1,
}  # fmt: skip


@pytest.mark.parametrize("name", MOVES)
@pytest.mark.parametrize("word", ["idiot", "lie", "scum"])
def test_a_move_is_one_edit(name, word):
    for seed in range(30):
        assert MOVED[name](word, MOVES[name](word, random.Random(seed)))


def test_a_word_with_no_look_alike_stays():
    assert MOVES["look-alike"]("hmm", random.Random(1)) == "hmm"


@given(st.integers(0, 1000), st.sampled_from(sorted(MOVES)))
def test_only_the_attacked_words_change(seed, name):
    text = "You idiot, the council met, you fool."
    spans = [Span(4, 9), Span(32, 36)]
    changed = perturbed(text, spans, [MOVES[name]], random.Random(seed))
    assert changed.startswith("You ")
    assert ", the council met, you " in changed
    assert changed.endswith(".")


def test_more_edits_change_more():
    chance = random.Random(1)
    text, spans = "abcdefghij", [Span(0, 10)]
    assert len(perturbed(text, spans, [MOVES["letter inserted"]], chance, 1)) == 11
    assert len(perturbed(text, spans, [MOVES["letter inserted"]], chance)) == 12


def test_a_word_too_short_to_be_read_afterwards_is_left():
    assert perturbed("u r", [Span(0, 1), Span(2, 3)], list(MOVES.values()), random.Random(1)) == "u r"


def test_the_words_attacked_are_the_lexicon_s_or_else_the_explanation_s(toy, policy):
    listed = Text("You IDIOT, blorgo.")
    assert attacked_words(listed, toy, policy.lexicon, "personal-attack") == [Span(4, 9)]
    unlisted = Text("people came to blorgo the road")
    assert Span(15, 21) in attacked_words(unlisted, toy, policy.lexicon, "personal-attack")
    assert attacked_words(unlisted, None, Lexicon(()), "personal-attack") == []


def test_some_words_lie_in_the_original_by_position():
    text = "ＷＨＡＴ a long evening in the old town"
    spans = some_words(text, 3, random.Random(2))
    assert spans == sorted(spans)
    assert {text[span.start : span.end] for span in spans} <= {"ＷＨＡＴ", "long", "evening", "town"}


@given(st.integers(0, 200))
def test_edits_that_mean_nothing_keep_every_word(seed):
    text = "The council met again today about the new road"
    assert rewrapped(text, random.Random(seed)).lower().split() == text.lower().split()


def test_a_text_without_blanks_cannot_be_rewrapped():
    assert rewrapped("word", random.Random(1)) == "word"
