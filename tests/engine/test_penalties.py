"""The ladder: points in, the next penalty out."""

from datetime import timedelta

import pytest

from moderation.engine.penalties import CountedStrike, active_points, next_penalty
from tests.builders import NOW


def strike(points=2, days_ago=1, *, overruled=False):
    given = NOW - timedelta(days=days_ago)
    return CountedStrike(points, given, given + timedelta(days=90), overruled)


@pytest.mark.parametrize(
    ("points", "penalty"),
    [(1, None), (2, "warn"), (3, "warn"), (4, "premoderate"), (6, "block"), (9, "block"), (40, "block")],
)
def test_points_lead_up_the_ladder(policy, points, penalty):
    rung = next_penalty([strike(points)], policy.ladder, NOW)
    assert (rung.penalty if rung else None) == penalty


def test_the_last_rung_has_no_end(policy):
    assert next_penalty([strike(9)], policy.ladder, NOW).lasts_days is None
    assert next_penalty([strike(6)], policy.ladder, NOW).lasts_days == 30


def test_an_overruled_strike_no_longer_counts(policy):
    assert next_penalty([strike(6, overruled=True)], policy.ladder, NOW) is None


def test_an_expired_strike_no_longer_counts(policy):
    assert next_penalty([strike(6, days_ago=90)], policy.ladder, NOW) is None
    assert next_penalty([strike(6, days_ago=89)], policy.ladder, NOW) is not None


def test_a_strike_of_the_future_does_not_count_yet():
    assert active_points([strike(6, days_ago=-1)], NOW) == 0


def test_a_breach_costs_by_clause_and_severity(policy):
    clause = policy.clauses["threat"].model_copy(update={"severe_from": 0.95})
    assert clause.points(score=0.9) == clause.strike_points
    assert clause.points(score=0.95) == clause.points(severe=True) == clause.severe_points
    plain = policy.clauses["flooding"]
    assert plain.points(score=1.0, severe=True) == plain.strike_points == 0
