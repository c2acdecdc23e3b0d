"""Strikes + ladder + now -> the penalty they call for."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from moderation.engine.policy import Rung


@dataclass(frozen=True, slots=True)
class CountedStrike:
    """A strike as the ladder sees it."""

    points: int
    given_at: datetime
    expires_at: datetime
    overruled: bool = False


def active_points(strikes: Iterable[CountedStrike], now: datetime) -> int:
    """Return the points that count at `now`."""
    return sum(s.points for s in strikes if not s.overruled and s.given_at <= now < s.expires_at)


def next_penalty(strikes: Iterable[CountedStrike], ladder: Iterable[Rung], now: datetime) -> Rung | None:
    """Return the highest rung that the strikes active at `now` reach within its days, or None."""
    strikes = tuple(strikes)
    reached = [
        rung
        for rung in ladder
        if active_points((s for s in strikes if s.given_at > now - rung.within), now) >= rung.at_points
    ]
    return max(reached, key=lambda rung: rung.order, default=None)
