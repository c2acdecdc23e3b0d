"""The figures of a stretch of time: what was decided, how quickly, by whom, and how often it was overturned."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from moderation.engine.rates import interval
from moderation.engine.types import Verdict
from moderation.errors import InvalidInput
from moderation.services import Tools, braking
from moderation.services.listing import safe_cell
from moderation.store.figures import Judged

VERDICTS = tuple(verdict.value for verdict in Verdict)


@dataclass(frozen=True, slots=True)
class Share:
    """Some of a number, with Wilson's 95 % interval."""

    hits: int
    of: int

    @property
    def share(self) -> float:
        """Return the share, 0 of nothing."""
        return self.hits / self.of if self.of else 0.0

    @property
    def between(self) -> tuple[float, float]:
        """Return between which shares the true one surely is."""
        return interval(self.hits, self.of)


@dataclass(frozen=True, slots=True)
class Figures:
    """All figures of a time; waits are in seconds."""

    since: datetime
    until: datetime
    days: Mapping[str, Mapping[str, int]]
    clauses: Mapping[str, Mapping[str, int]]
    waits: Sequence[float]
    automatic: Share
    detectors: Mapping[str, Share]  # how often moderators published what the detector had stopped
    appeals: Mapping[str, int]
    penalties: Mapping[str, int]
    languages: Mapping[str, int]
    rewordings: Mapping[str, int]

    @property
    def verdicts(self) -> dict[str, int]:
        """Return how many comments were published, held and rejected at first sight."""
        return {name: sum(day.get(name, 0) for day in self.days.values()) for name in VERDICTS}

    def wait(self, share: float) -> float | None:
        """Return within how many seconds this share of held comments was decided; None where none was."""
        if not self.waits:
            return None
        return self.waits[min(len(self.waits) - 1, int(share * len(self.waits)))]


def month_of(text: str, now: datetime) -> tuple[datetime, datetime]:
    """Return beginning and end of a month written YYYY-MM, of this one where nothing is written.

    Raises:
        InvalidInput: it is none.
    """
    try:
        begin = datetime.strptime(text or f"{now:%Y-%m}", "%Y-%m").replace(tzinfo=UTC)
    except ValueError:
        raise InvalidInput(
            "There is no such month.", {"month": ["Write it as year and month: 2026-11."]}
        ) from None
    return begin, (begin + timedelta(days=32)).replace(day=1)


def figures(tools: Tools, since: datetime, until: datetime) -> Figures:
    """Return the figures from `since` up to but without `until`."""
    with tools.database.read() as store:
        found = store.figures
        came, by_hand = found.touched(since, until)
        judged = found.judged(since, until)
        days = found.by_day(since, until)
        return Figures(
            since,
            until,
            {day: days.get(day, {}) for day in _days(since, min(until, tools.now()))},
            found.by_clause(since, until),
            found.waits(since, until),
            Share(came - by_hand, came),
            _overturned(tools, judged),
            found.appeals(since, until),
            found.penalties(since, until),
            found.languages(since, until),
            _rewordings(store.rewordings.since(since.date()), until),
        )


def _days(since: datetime, until: datetime) -> list[str]:
    count = (until.date() - since.date()).days + 1
    return [f"{since.date() + timedelta(days=number)}" for number in range(max(count, 0))]


def _rewordings(days: Mapping[str, Mapping[str, int]], until: datetime) -> dict[str, int]:
    counted: dict[str, int] = {}
    for day, numbers in days.items():
        for what, number in numbers.items() if day < f"{until:%Y-%m-%d}" else ():
            counted[what] = counted.get(what, 0) + number
    return dict(sorted(counted.items()))


def _overturned(tools: Tools, judged: Sequence[Judged]) -> dict[str, Share]:
    counted: dict[str, list[int]] = {}
    clauses = tools.engine.policy.clauses
    for one in judged:
        if one.verdict == Verdict.PUBLISH or one.overruled_by is None:
            continue
        for clause, detector in braking.fired_by(clauses, one):
            if clause == one.clause:
                hits = counted.setdefault(detector, [0, 0])
                hits[0] += one.overruled_by == Verdict.PUBLISH
                hits[1] += 1
    return {name: Share(*hits) for name, hits in sorted(counted.items())}


def as_csv(found: Figures) -> str:
    """Return the figures as one table of CSV: table, row, column, number; no cell is taken for a formula."""
    rows: list[tuple[str, str, str, object]] = []
    for table, values in (("day", found.days), ("clause", found.clauses)):
        rows += [
            (table, row, verdict, numbers.get(verdict, 0))
            for row, numbers in values.items()
            for verdict in VERDICTS
        ]
    for share in (0.5, 0.9):
        wait = found.wait(share)
        rows.append(("wait", f"{share:.0%}", "seconds", "" if wait is None else round(wait)))
    rows.append(("automatic", "comments", "decided by nobody", found.automatic.hits))
    rows.append(("automatic", "comments", "all", found.automatic.of))
    for detector, one in found.detectors.items():
        rows += [
            ("overturned", detector, "overturned", one.hits),
            ("overturned", detector, "reviewed", one.of),
        ]
    for table, counted in (
        ("appeals", found.appeals),
        ("penalties", found.penalties),
        ("languages", found.languages),
        ("rewordings", found.rewordings),
    ):
        rows += [(table, row, "number", number) for row, number in counted.items()]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(("table", "row", "column", "number"))
    writer.writerows([safe_cell(cell) for cell in row] for row in rows)
    return out.getvalue()
