"""Somebody else's words: what others say or think, and a word that is spoken of."""

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
    start = folded.index("moron")
    assert reporting.is_discussed(folded, 0, start, start + 5, folded[:start].split())
    folded = "moron is not a word for the paper"
    assert reporting.is_discussed(folded, 0, 0, 5, [])


def test_who_said_it_may_come_behind():
    folded = "liars, he said, and left"
    assert reporting.is_attributed_behind(folded, 5)
    assert not reporting.is_attributed_behind("liars, i said, and left", 5)
