"""Turns of phrase: tried only where their words stand, and found wherever they stand."""

import re
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from moderation.engine.detectors import identity_attack, links, personal_attack, sexual, threat
from moderation.engine.golden import read_golden
from moderation.engine.phrases import Phrases, any_of
from moderation.engine.text import Text

PHRASES = Phrases(
    [("pay pays & you", r"(?:who|what) pays? you", 0.6, "Paid."), ("rot", "rot in hell", 0.7, "Hell.")]
)


def seen(body):
    return [(phrase.note, body[start:end]) for phrase, start, end in PHRASES.seen(Text(body))]


def test_a_phrase_is_found_where_it_stands():
    assert seen("tell me who pays you today") == [("Paid.", "who pays you")]
    assert seen("rot in hell") == [("Hell.", "rot in hell")]


def test_a_phrase_stands_on_its_own():
    assert seen("carrot in hello") == []


def test_a_long_comment_hides_no_phrase():
    padding = "It rained all week. " * 50
    assert seen(f"{padding}who pays you? {padding}") == [("Paid.", "who pays you")]


@given(st.sets(st.text("abc ", min_size=1, max_size=5), min_size=1, max_size=12), st.text("abc ", max_size=6))
def test_any_of_matches_exactly_its_words(words, other):
    pattern = re.compile(any_of(words))
    assert all(pattern.fullmatch(word) for word in words)
    assert bool(pattern.fullmatch(other)) is (other in words)


def test_no_pattern_matches_where_its_telling_words_are_missing(rules):
    about, _ = identity_attack.DETECTOR._about(rules.policy)
    tables = (
        personal_attack._TURNS,
        threat._THREATS,
        sexual._OFFERS,
        links._COMMERCE,
        identity_attack._WISHES,
        identity_attack._THEY,
        about,
    )
    phrases = {phrase for table in tables for phrase in table.phrases}
    for case in read_golden(Path("config/decisions"), rules.policy):
        if case.aside:
            continue
        text = Text(case.body)
        for phrase in phrases:
            if phrase.pattern.search(text.folded):
                assert all(not some.isdisjoint(text.vocabulary) for some in phrase.needs), (
                    phrase.pattern.pattern,
                    case.body,
                )
