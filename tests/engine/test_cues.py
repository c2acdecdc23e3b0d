"""Who is meant where nobody is named: a deed told, a word of a trade, a saying, a beast."""

import pytest

from moderation.engine import cues
from moderation.engine.types import Target


@pytest.mark.parametrize(
    ("clause", "target"),
    [
        ("the clown who wrote this headline", Target.WRITER),
        ("written by a child", Target.WRITER),
        ("the man who signed away kars", Target.PUBLIC_FIGURE),
        ("whoever posted this above", Target.READER),
    ],
)
def test_a_deed_gives_away_who_did_it(clause, target):
    told = cues.deed_in(clause)
    assert told is not None
    assert told[0] is target


def test_a_deed_told_of_somebody_else_gives_nobody_away():
    assert cues.deed_in("my uncle wrote a poem and sold his car") is None


def test_a_deed_counts_beside_the_insult_only():
    folded = "a fool and the editor who wrote this"
    words = folded.split()
    assert cues.deed_beside(folded, 0, 2, 6, len(folded), words) is None
    start = folded.index("editor")
    beside = cues.deed_beside(folded, 0, start, start + 6, len(folded), words)
    assert beside is not None
    assert beside[0] is Target.WRITER


def test_cues_of_a_language_in_latin_letters_count_in_that_language_only():
    assert cues.cue_among(["titre"], "fr") == (Target.WRITER, "titre")
    assert cues.cue_among(["titre"], "en") is None


def test_a_saying_is_about_nobody():
    folded = "we are flogging a dead horse"
    assert cues.is_idiom(folded, folded.index("horse"), len(folded))
    assert not cues.is_idiom("you are a horse", 10, 15)


def test_a_beast_is_real_where_its_like_are_spoken_of():
    assert cues.speaks_of_animals(["snake"], ["the", "snake", "in", "the", "garden"])
    assert not cues.speaks_of_animals(["moron"], ["the", "moron", "in", "the", "garden"])


def test_a_breeder_may_name_his_dog_and_nobody_else():
    assert cues.is_of_a_kennel(frozenset(["litter"]), ["the", "bitch", "had", "a", "litter"])
    assert not cues.is_of_a_kennel(frozenset(["litter"]), ["you", "bitch"])
