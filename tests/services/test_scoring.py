"""Scores for those who decide themselves."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.engine import Engine
from moderation.engine.policy import load_policy
from moderation.engine.types import Signal, Target
from moderation.services.scoring import (
    NotScored,
    equivalents,
    rank_correlation,
    score_texts,
    sentences_of,
)
from moderation.settings import Settings
from tests.builders import NOW


@pytest.fixture(scope="module")
def policy():
    return load_policy(Settings().policy_path)


class Says:
    """A detector that always says the same."""

    name, version = "says", "1"

    def __init__(self, *signals):
        self._signals = signals

    def detect(self, text, context):
        yield from self._signals


def evidence(policy, *signals):
    (found,) = score_texts(Engine(policy, {}, [Says(*signals)]), ["Hello there."], NOW)
    return found


def signal(clause, score, target=Target.NOBODY, **changes):
    return Signal("says", "1", clause, score, target=target, **changes)


def test_the_strongest_sign_of_an_offence_counts_and_feeds_the_whole(policy):
    found = evidence(policy, signal("threat", 0.4), signal("threat", 0.7), signal("spam", 0.9))
    assert (found.scores["threat"], found.scores["toxicity"]) == (0.7, 0.7)


@pytest.mark.parametrize("target", [Target.SELF, Target.QUOTED])
def test_what_is_quoted_or_said_of_oneself_is_no_evidence(policy, target):
    assert evidence(policy, signal("personal-attack", 0.9, target)).scores == {"toxicity": 0.0}


def test_an_attack_counts_by_whom_it_is_aimed_at(policy):
    found = evidence(policy, signal("personal-attack", 0.9, Target.WRITER))
    assert found.scores["attack-on-writer"] == 0.9
    assert "attack-on-reader" not in found.scores


def test_a_failed_check_gives_no_score(policy):
    with pytest.raises(NotScored):
        evidence(policy, signal("threat", 0.0, failed=True))


def test_a_text_that_is_not_read_says_so(policy):
    assert not evidence(policy, signal("unread-language", 1.0)).read


@given(st.text("aB .!?\n", max_size=60))
def test_sentences_hold_all_letters_and_do_not_overlap(body):
    spans = sentences_of(body)
    said = "".join(body[start:end] for start, end in spans)
    assert [*filter(str.isalpha, said)] == [*filter(str.isalpha, body)]
    assert all(first[1] <= second[0] for first, second in pairwise(spans))


def test_our_equivalent_lets_as_many_pass():
    (one,) = equivalents([0.1, 0.2, 0.8, 0.9], [0.0, 0.3, 0.4, 0.5], [0.7])
    assert (one.new, one.share, one.agreement) == (0.4, 0.5, 1.0)
    (none,) = equivalents([0.1, 0.2], [0.3, 0.4], [0.7])
    assert (none.new, none.share) == (1.0, 0.0)


def test_rank_correlation_knows_order_and_nothing_else():
    assert rank_correlation([1, 2, 3], [10, 20, 900]) == pytest.approx(1)
    assert rank_correlation([1, 2, 3], [3, 2, 1]) == pytest.approx(-1)
    assert rank_correlation([1, 1, 1], [1, 2, 3]) == 0
