"""Misspelt words: one edit inside a word is undone, and no honest word is taken for a vulgar one."""

import pytest

from moderation.engine.misspellings import Misspellings
from moderation.engine.text import Text

HONEST = frozenset(["shot", "count", "brith", "birth"])


@pytest.fixture(scope="module")
def misspellings():
    return Misspellings(["fuck", "idiot", "asshole", "motherfucker"], HONEST.__contains__)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("idot", "idiot"),
        ("idoit", "idiot"),
        ("idioot", "idiot"),
        ("idiit", "idiot"),
        ("fcuk", "fuck"),
        ("assjole", "asshole"),
        ("motherfcker", "motherfucker"),
    ],
)
def test_one_edit_inside_a_word_is_undone(misspellings, written, meant):
    assert misspellings.meant_by(written) == meant


@pytest.mark.parametrize("written", ["fck", "fack", "diot", "idio", "idwot", "mdioot", "mothrefcker", "xyz", "", "fu'k"])
def test_short_words_other_ends_and_other_letters_are_not(misspellings, written):
    assert misspellings.meant_by(written) is None


def test_what_is_as_near_to_an_honest_word_is_meant_to_be_that():
    assert Misspellings(["bitch"], HONEST.__contains__).meant_by("birtch") is None
    assert Misspellings(["bitch"], frozenset().__contains__).meant_by("birtch") == "bitch"


@pytest.mark.parametrize(
    ("body", "as_listed"),
    [
        ("What an asshloe you are, sir.", "asshole"),
        ("Stop being such a stpuid liar.", "stupid"),
        ("This is fukcing nonsense and you know it.", "fuking"),
        ("What an ashl0ole you are, sir.", None),
    ],
)
def test_a_misspelt_word_of_the_lexicon_is_found_and_named(policy, body, as_listed):
    found = [match.form for match in policy.lexicon.matches(Text(body)) if match.trick == "misspelt"]
    assert found == ([as_listed] if as_listed else [])


@pytest.mark.parametrize(
    "body",
    [
        "He turned on the flashlight and found the britches on the grid.",
        "The Shiites and the Bavarians sent tractors to the port.",
        "Idoit is the name of that village, they say.",
        "Murat wrote the recital for bassoon, that is, for fagott.",
        "Who're they to tell us, and what're we to say?",
    ],
)
def test_rare_words_and_names_are_not_taken_for_misspelt_ones(policy, body):
    assert [match.form for match in policy.lexicon.matches(Text(body)) if match.trick == "misspelt"] == []
