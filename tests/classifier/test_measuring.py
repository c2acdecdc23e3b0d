"""The figures mean what they say."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from moderation.classifier.measuring import (
    calibration_error,
    calibration_interval,
    interval,
    reliability,
)
from moderation.classifier.ranking import area, area_within
from moderation.classifier.tables import table


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 5)), min_size=4, max_size=40))
def test_the_area_is_that_of_scikit_learn(pairs):
    cases = np.array([True, False, *(case for case, _ in pairs)])
    scores = np.array([1, 2, *(score for _, score in pairs)], dtype=float)
    assert area(cases, scores) == pytest.approx(roc_auc_score(cases, scores))


def test_the_interval_holds_the_area():
    random = np.random.default_rng(1)
    cases = random.random(400) < 0.3
    scores = random.normal(size=400) + cases
    low, high = interval(cases, scores)
    assert low < area(cases, scores) < high
    assert high - low < 0.15


def test_scores_that_mean_what_they_say_have_no_calibration_error():
    scores = np.repeat([0.25, 0.75], 100)
    cases = np.arange(200) % 100 < np.where(scores == 0.25, 25, 75)
    assert calibration_error(cases, scores) == pytest.approx(0)
    assert reliability(cases, scores) == [(0.25, 0.25, 100), (0.75, 0.75, 100)]
    assert calibration_error(cases, np.full(200, 1.0)) == pytest.approx(0.5)


def test_tables_show_what_is_missing():
    assert table(("a", "b"), [("x", None), ("y", 0.5)]).splitlines()[2:] == ["| x | – |", "| y | 0.500 |"]


def test_the_calibration_error_lies_in_its_interval():
    random = np.random.default_rng(2)
    scores = random.random(500)
    cases = random.random(500) < scores**2
    low, high = calibration_interval(cases, scores)
    assert 0 < low < calibration_error(cases, scores) < high < 0.4


def test_comments_are_compared_within_their_source_only():
    """The second source scores higher as a whole; pooled, that would hide that cases rank first in both."""
    sources = np.array(["one"] * 4 + ["two"] * 4)
    cases = np.array([True, True, False, False] * 2)
    scores = np.array([0.4, 0.3, 0.2, 0.1, 0.9, 0.8, 0.7, 0.6])
    assert area(cases, scores) < 1
    assert area_within(cases, ~cases, scores, sources) == (1, 4, 4)


def test_a_source_without_both_sides_takes_no_part():
    sources = np.array(["one", "one", "two"])
    cases = np.array([True, True, False])
    assert area_within(cases, ~cases, np.zeros(3), sources) == (None, 0, 0)
