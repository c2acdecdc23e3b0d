"""All faults in full (`make faults`): hours on two cores; what is finished is kept in var/faults, and a run goes on there.

python -m tests.faults                    everything that is not finished
python -m tests.faults web relay          these faults
python -m tests.faults --table            what was counted so far
"""

import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from moderation.store.unit_of_work import Database
from tests.faults import deliveries, outages, poison, rounds, syncing
from tests.faults.checking import Counts
from tests.faults.journal import Journal
from tests.faults.postgres import Server
from tests.faults.rounds import Stage
from tests.faults.service import Nursery
from tests.workbench import a_log

FOLDER = Path("var/faults")


@dataclass
class Run:
    """What a full run uses, made when it is first asked for."""

    stage: Stage
    _server: Server | None = None
    _points: tuple[dict[str, list[str]], list[str]] | None = None

    def server(self) -> Server:
        self._server = self._server or Server()
        return self._server

    def points(self, times: int) -> Counts:
        """Die at every point so many times."""
        if self._points is None:
            self._points = rounds.points_of_accepting(self.stage), rounds.points_of_delivering(self.stage)
        found = Counts()
        for _ in range(times):
            found.add(rounds.points(self.stage, *self._points))
        return found

    def deliveries(self, events: int) -> Counts:
        place = self.stage.place()
        place.mkdir(parents=True)
        database = Database(f"sqlite:///{place / 'moderation.db'}")
        database.upgrade()
        with a_log():
            found = deliveries.deliver(database, None, events, seed=time.time_ns())
        database.dispose()
        return found

    def close(self) -> None:
        if self._server is not None:
            self._server.close()


@dataclass(frozen=True)
class Fault:
    """A fault: how often it is done in full, how many times on one database, and how."""

    title: str
    full: int
    block: int
    do: Callable[[Run, int], Counts]


FAULTS = {
    "web": Fault("kill -9 of a web process", 800, 25, lambda run, n: rounds.web_processes(run.stage, n)),
    "service": Fault(
        "kill -9 of the whole web service", 200, 20, lambda run, n: rounds.whole_services(run.stage, n)
    ),
    "worker": Fault("kill -9 of a worker", 1000, 25, lambda run, n: rounds.workers(run.stage, n)),
    "relay": Fault("kill -9 in the middle of a send", 500, 25, lambda run, n: rounds.relays(run.stage, n)),
    "points": Fault("kill -9 at every statement and commit", 20, 1, Run.points),
    "web-postgresql": Fault(
        "kill -9 of a web process, PostgreSQL",
        200,
        20,
        lambda run, n: outages.kills_on_postgresql(run.stage, n, run.server()),
    ),
    "restart": Fault(
        "PostgreSQL stopped at once", 100, 10, lambda run, n: outages.restarts(run.stage, n, run.server())
    ),
    "connections": Fault(
        "connections ended, reset, slow, silent",
        100,
        20,
        lambda run, n: outages.lost_connections(run.stage, n, run.server()),
    ),
    "disk": Fault("disk full", 50, 10, lambda run, n: outages.full_disks(run.stage, n)),
    "lock": Fault("database locked", 20, 5, lambda run, n: outages.locks(run.stage, n)),
    "sleep": Fault(
        "worker stopped, woken after its lease", 200, 20, lambda run, n: outages.sleepers(run.stage, n)
    ),
    "deliveries": Fault("deliveries of which 3 in 10 sends fail", 10_000, 2_000, Run.deliveries),
    "sync": Fault("fsync before the answer (strace)", 100, 100, lambda run, n: syncing.synced(run.stage, n)),
    "models": Fault("damaged model files", 1000, 250, lambda run, n: poison.models(run.stage.place(), n)),
    "policies": Fault(
        "damaged policies and word lists", 1000, 250, lambda run, n: poison.policies(run.stage.place(), n)
    ),
}


@contextmanager
def a_run() -> Iterator[Run]:
    """Everything a run needs, in a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="moderation-faults-") as folder:
        home = Path(folder)
        database = Database(f"sqlite:///{home / 'migrated.db'}")
        database.upgrade()
        database.dispose()
        nursery = Nursery(home / "nursery")
        run = Run(Stage(nursery, home / "migrated.db", home))
        try:
            yield run
        finally:
            run.close()
            nursery.close()


def main(asked: list[str]) -> int:
    """Do what is not done yet; return 1 where something was lost, done twice or wrong."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that what was started ends with it
    journal = Journal(FOLDER)
    titles = {name: fault.title for name, fault in FAULTS.items()}
    if "--table" not in asked:
        with a_run() as run:
            while (name := _furthest_behind(journal, asked or [*FAULTS])) is not None:
                _do_a_block(run, journal, name, FAULTS[name])
    print(journal.table(titles))
    wrong = [line for name in FAULTS for line in journal.total(name).wrong]
    print(*dict.fromkeys(wrong), sep="\n")
    return 0 if all(journal.total(name).faultless() for name in FAULTS) else 1


def _furthest_behind(journal: Journal, names: list[str]) -> str | None:
    """Return of which fault the smallest share is done, so that a run that is cut has done some of each."""
    share = {name: journal.done(name) / FAULTS[name].full for name in names}
    name = min(share, key=share.__getitem__)
    return name if share[name] < 1 else None


def _do_a_block(run: Run, journal: Journal, name: str, fault: Fault) -> None:
    units, began = min(fault.block, fault.full - journal.done(name)), time.monotonic()
    counts = fault.do(run, units)
    journal.keep(name, units, counts)
    took = time.monotonic() - began
    verdict = "ok" if counts.faultless() else f"WRONG: {counts}"
    print(f"{name}: {journal.done(name)} of {fault.full}, {took:.0f} s, {verdict}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
