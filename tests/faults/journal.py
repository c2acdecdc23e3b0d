"""Finished cycles in var/faults, a line for each block: a run that was cut goes on, and the table counts what was done."""

import json
from dataclasses import asdict
from pathlib import Path

from tests.faults.checking import Counts

_HEAD = (
    "fault",
    "cycles",
    "acknowledged",
    "decisions",
    "deliveries",
    "arrivals",
    "lost",
    "decided twice",
    "silent losses",
    "out of order",
    "else wrong",
    "slowest s",
)


class Journal:
    """What was done of each fault."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def done(self, fault: str) -> int:
        """How many cycles are finished."""
        return sum(line["units"] for line in self._lines(fault))

    def keep(self, fault: str, units: int, counts: Counts) -> None:
        with (self.folder / f"{fault}.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps({"units": units} | asdict(counts)) + "\n")

    def total(self, fault: str) -> Counts:
        found = Counts()
        for line in self._lines(fault):
            line.pop("units")
            found.add(Counts(**line))
        return found

    def table(self, faults: dict[str, str]) -> str:
        """All faults with their counts, as Markdown."""
        rows = [_HEAD, ("---", *("--:" for _ in _HEAD[1:]))]
        whole = Counts()
        for fault, title in faults.items():
            if self.done(fault):
                rows.append(_row(title, counts := self.total(fault)))
                whole.add(counts)
        rows.append(_row("all", whole))
        return "\n".join(f"| {' | '.join(row)} |" for row in rows)

    def _lines(self, fault: str) -> list[dict]:
        path = self.folder / f"{fault}.jsonl"
        if not path.exists():
            return []
        return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.endswith("}")]


def _row(title: str, counts: Counts) -> tuple[str, ...]:
    numbers = [
        counts.cycles,
        counts.acknowledged,
        counts.decisions,
        counts.deliveries,
        counts.arrivals,
        counts.lost,
        counts.twice,
        counts.silent,
        counts.disordered,
        len(counts.wrong),
    ]
    return (title, *(f"{number:,}" for number in numbers), f"{counts.slowest:.1f}")
