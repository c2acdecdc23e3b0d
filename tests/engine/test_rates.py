"""What a share counted over some rows can promise."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta, binomtest

from moderation.engine.rates import interval, rows_needed, upper_limit


@given(st.integers(1, 3000), st.floats(0, 1), st.sampled_from([0.9, 0.95, 0.9975]))
def test_the_upper_limit_is_clopper_and_pearson_s(rows, share, sure):
    hits = int(share * rows)
    expected = beta.ppf(sure, hits + 1, rows - hits) if hits < rows else 1.0
    assert upper_limit(hits, rows, sure) == pytest.approx(expected, abs=1e-9)


@given(st.integers(1, 3000), st.floats(0, 1))
def test_the_interval_is_wilson_s(rows, share):
    hits = int(share * rows)
    expected = binomtest(hits, rows).proportion_ci(method="wilson")
    assert interval(hits, rows) == pytest.approx((expected.low, expected.high), abs=1e-6)


def test_no_rows_say_nothing():
    assert interval(0, 0) == (0, 1)
    assert upper_limit(0, 0) == 1


@pytest.mark.parametrize(
    ("share", "limit", "needed"),
    [
        pytest.param(0, 0.01, 299, id="none wrong: the rule of three, nearly"),
        pytest.param(0, 0.005, 598, id="half as many allowed, twice the rows"),
        pytest.param(0.01, 0.01, None, id="as many wrong as allowed: no number of rows is enough"),
        pytest.param(0.02, 0.01, None, id="more wrong than allowed"),
    ],
)
def test_how_many_rows_a_limit_needs(share, limit, needed):
    assert rows_needed(share, limit) == needed


def test_the_rows_needed_suffice_and_fewer_do_not():
    needed = rows_needed(0.005, 0.01)
    assert upper_limit(-(-needed * 5 // 1000), needed) <= 0.01
    assert upper_limit(-(-(needed // 2) * 5 // 1000), needed // 2) > 0.01
