"""Somebody else's words: what others say or think, and a word that is spoken of."""

import re

import pytest

from moderation.engine import reporting


@pytest.mark.parametrize(
    "clause",
    [
        "they think we are ",
        "he compared us to ",
        "according to the clerk i am a ",
        "she was accused of being a ",
        "her first husband, she told us, had been a ",
        "говорят, что мы ",
    ],
)
def test_what_others_say_is_theirs(clause):
    assert reporting.is_attributed(clause, clause.replace(",", " ").split())


@pytest.mark.parametrize(
    "clause", ["i think that you are a ", "you are a ", "we believe that the mayor is a "]
)
def test_what_one_says_oneself_is_ones_own(clause):
    assert not reporting.is_attributed(clause, clause.split())


def test_a_word_may_be_spoken_of():
    folded = "please stop using the word moron here"
    assert discussed(folded, "moron")
    assert discussed("moron is not a word for the paper", "moron")


def discussed(folded, word, *, explained=False):
    start, words = folded.index(word), re.findall(r"\w+", folded)
    return reporting.is_discussed(
        folded,
        0,
        start,
        start + len(word),
        len(folded),
        folded[:start].split(),
        studied=reporting.studies_words(folded, frozenset(words)),
        explained=explained,
    )


@pytest.mark.parametrize(
    ("folded", "word"),
    [
        ("moron was coined in 1910 from the greek for dull", "moron"),
        ("idiot is from greek idiotes, a private person", "idiotes"),
        ("the slur wop is often explained as guappo", "wop"),
        ("lexicographers disagree on whether fuck is germanic", "fuck"),
        ("in danish, slut means the end", "slut"),
        ("the hungarian word kurva entered german slang", "kurva"),
        ('слово "хач" по-армянски значит крест', "хач"),
        ('"պոռնիկ" բառը հունական ծագում ունի', "պոռնիկ"),
    ],
)
def test_a_word_that_is_explained_is_spoken_of(folded, word):
    assert discussed(folded, word, explained=True)


def test_a_word_that_is_only_called_one_is_not_explained():
    folded = 'erdogan used the phrase "leftovers of the sword" in may'
    assert discussed(folded, "leftovers of the sword")
    assert not discussed(folded, "leftovers of the sword", explained=True)


@pytest.mark.parametrize("folded", ["kikes come from hell", "you moron", "the old fuck lied in may"])
def test_a_word_that_is_used_is_not_spoken_of(folded):
    assert not discussed(folded, next(w for w in ("kikes", "moron", "fuck") if w in folded))


def test_who_said_it_may_come_behind():
    folded = "liars, he said, and left"
    assert reporting.is_attributed_behind(folded, 5)
    assert not reporting.is_attributed_behind("liars, i said, and left", 5)
