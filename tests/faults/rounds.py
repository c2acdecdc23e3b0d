"""Processes killed with -9: web processes while comments come in, workers in the middle of their work, senders in the middle of a send.

Each scenario runs a number of cycles on a database of its own, lets everything that waits be delivered, and audits.
"""

import random
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

from sqlalchemy import text

from moderation.services import bulk
from tests.faults.checking import Counts, audited, integrity, waiting
from tests.faults.nursery import RECORD
from tests.faults.receivers import Arrival, Receiver
from tests.faults.service import FASTER, Client, Newsroom, Nursery, Oracle, an_oracle, on_sqlite

SETTLES_WITHIN = 60.0  # seconds
_HELD = "SELECT id, version FROM comments WHERE state = 'held' ORDER BY id"
_BATCHES = "SELECT count(*), coalesce(sum(total), 0) FROM batches WHERE state = 'done' AND refused = 0"
_BY_HAND = "SELECT count(*) FROM decisions WHERE made_by = :moderator"


@dataclass
class Stage:
    """What all rounds of a run share: the warm process, a migrated SQLite file, a folder for each round."""

    nursery: Nursery
    migrated: Path
    home: Path
    number: int = 0

    def place(self) -> Path:
        self.number += 1
        return self.home / f"round-{self.number}"


@dataclass
class Round:
    """One database, one receiver, one oracle."""

    newsroom: Newsroom
    receiver: Receiver
    oracle: Oracle
    cycles: int = 0

    def clients(self, number: int) -> list[Client]:
        """So many clients, which begin with different ways to write."""
        return [
            Client(self.newsroom, self.oracle, f"cycle{self.cycles}-{name}", number=self.cycles + name)
            for name in range(number)
        ]

    def all_write(self, clients: Iterable[Client], until: Callable[[], bool]) -> list[threading.Thread]:
        """Let clients hand in comments, one after the other, until then; each ends with what it has in hand."""

        def write(client: Client) -> None:
            while True:
                if not client.write():
                    self.oracle.wrong.append("a client was not answered in time")
                if until():
                    return

        threads = [threading.Thread(target=write, args=(client,)) for client in clients]
        for thread in threads:
            thread.start()
        return threads

    def settled(self) -> None:
        """Wait until nothing waits to be delivered."""
        wait(lambda: not waiting(self.newsroom.database), SETTLES_WITHIN)

    def audited(self) -> Counts:
        self.settled()
        counts = audited(self.newsroom.database, self.oracle, self.receiver.came)
        counts.cycles = self.cycles
        if not counts.faultless():
            counts.wrong.append(f"the service's log ended: {self.newsroom.log()[-1500:]}")
        return counts


@contextmanager
def a_round(stage: Stage, faster: float = FASTER):
    """A round on SQLite."""
    place = stage.place()
    with (
        Receiver() as receiver,
        on_sqlite(stage.nursery, place, stage.migrated, receiver.url, faster=faster) as newsroom,
    ):
        yield Round(newsroom, receiver, an_oracle(newsroom))


def wait(reached: Callable[[], object], seconds: float, pause: float = 0.02) -> bool:
    """Return whether it came about in time."""
    until = time.monotonic() + seconds
    while not reached():
        if time.monotonic() > until:
            return False
        time.sleep(pause)
    return True


def web_processes(stage: Stage, cycles: int) -> Counts:
    """Kill a process that takes comments, at any moment while three clients write."""
    with a_round(stage) as one:
        return kill_web_processes(one, cycles)


def kill_web_processes(one: Round, cycles: int, *, workers: int = 1) -> Counts:
    """Do so in a round, on whatever database it is."""
    master = one.newsroom.serve(workers=workers)
    for _ in range(cycles):
        one.cycles += 1
        over = threading.Event()
        threads = one.all_write(one.clients(3), over.is_set)
        time.sleep(random.uniform(0, 0.05))
        one.newsroom.kill_a_web_process(master)
        over.set()
        for thread in threads:
            thread.join()
        one.oracle.wrong += integrity(one.newsroom.database)
    return one.audited()


def whole_services(stage: Stage, cycles: int) -> Counts:
    """Kill two web processes with their master all at once, at any moment, and start them again."""
    with a_round(stage) as one:
        for _ in range(cycles):
            master = one.newsroom.serve(workers=2)
            one.cycles += 1
            over = threading.Event()
            threads = one.all_write(one.clients(3), over.is_set)
            time.sleep(random.uniform(0, 0.05))
            one.newsroom.stop(master)
            over.set()
            master = one.newsroom.serve()
            for thread in threads:
                thread.join()
            one.newsroom.stop(master)
            one.oracle.wrong += integrity(one.newsroom.database)
        one.newsroom.serve()
        return one.audited()


def workers(stage: Stage, cycles: int) -> Counts:
    """Kill a worker at any moment while it carries out a moderator's bulk action and delivers what follows."""
    with a_round(stage) as one:
        newsroom, chosen = one.newsroom, 0
        newsroom.serve(delivers=False)
        for _ in range(cycles):
            one.cycles += 1
            for thread in one.all_write(one.clients(2), counted(3)):
                thread.join()
            chosen += _approve_what_is_held(newsroom)
            pid = newsroom.work()
            time.sleep(random.uniform(0.02, 0.25))
            newsroom.stop(pid)
            one.oracle.wrong += integrity(newsroom.database)
        newsroom.work()
        wait(lambda: _by_hand(newsroom) == chosen, SETTLES_WITHIN)
        counts = one.audited()
        with newsroom.database._reading.connect() as connection:
            done, total = connection.execute(text(_BATCHES)).one()
        counts.silent += abs(chosen - total) + abs(chosen - _by_hand(newsroom))
        if done == 0:
            counts.wrong.append("no bulk action was carried out")
        return counts


def counted(times: int) -> Callable[[], bool]:
    """Return what is true once it was asked so many times."""
    left = iter(range(times - 1))
    lock = threading.Lock()

    def over() -> bool:
        with lock:
            return next(left, None) is None

    return over


def _approve_what_is_held(newsroom: Newsroom) -> int:
    tools = SimpleNamespace(database=newsroom.database, now=newsroom.now)
    with newsroom.database._reading.connect() as connection:
        held = [(row.id, row.version) for row in connection.execute(text(_HELD))]
        taken = {row.comment_id for row in connection.execute(text("SELECT comment_id FROM batch_items"))}
    chosen = [(key, version) for key, version in held if key not in taken]
    if chosen:
        bulk.begin(tools, chosen, "approve", None, newsroom.moderator)
    return len(chosen)


def _by_hand(newsroom: Newsroom) -> int:
    with newsroom.database._reading.connect() as connection:
        return connection.scalar(text(_BY_HAND), {"moderator": newsroom.moderator.id}) or 0


def relays(stage: Stage, cycles: int) -> Counts:
    """Kill the process that delivers while a receiver has its request in hand: before the answer, or just after."""
    with a_round(stage, faster=5 * FASTER) as one:
        newsroom = one.newsroom
        newsroom.serve(delivers=False)
        for _ in range(cycles):
            one.cycles += 1
            for thread in one.all_write(one.clients(1), counted(1)):
                thread.join()
            in_hand = threading.Event()
            left = iter(range(random.randrange(3)))

            def arrived(
                arrival: Arrival, left: Iterable[int] = left, in_hand: threading.Event = in_hand
            ) -> None:
                if next(left, None) is None:
                    in_hand.set()
                    time.sleep(random.uniform(0, 0.01))  # dead by then, or not yet

            one.receiver.on_arrival = arrived
            pid = newsroom.work()
            if in_hand.wait(5):
                time.sleep(random.uniform(0, 0.01))
            newsroom.stop(pid)
            one.oracle.wrong += integrity(newsroom.database)
        one.receiver.on_arrival = lambda arrival: None
        newsroom.work()
        return one.audited()


def points_of_accepting(stage: Stage) -> dict[str, list[str]]:
    """Return every point that a comment passes on its way in, by the way it comes: each statement, commit, decision."""
    with a_round(stage) as one:
        one.newsroom.serve(delivers=False)
        found: dict[str, list[str]] = {}
        (client,) = one.clients(1)
        for name, number in (("key", 0), ("id", 2), ("hook", 1)):  # `write` counts before it chooses
            client.number = number
            client.write()  # the first comment of all has more to store: the policy it is decided by
            client.name, client.number = f"{client.name}-again", number
            before = len(one.newsroom.points())
            one.newsroom.arm(RECORD)
            client.write()
            found[name] = max((p["accept"] for p in one.newsroom.points()[before:]), key=len)
        return found


def points_of_delivering(stage: Stage) -> list[str]:
    """Return every point that the relay passes with one event."""
    with a_round(stage) as one:
        one.newsroom.serve(delivers=False)
        (client,) = one.clients(1)
        one.newsroom.arm("none")
        client.write()
        one.newsroom.arm(RECORD)
        one.newsroom.work()
        wait(one.newsroom.points, 20)
        return next(p["deliver"] for p in one.newsroom.points() if "deliver" in p)


def points(stage: Stage, accepting: dict[str, list[str]], delivering: list[str]) -> Counts:
    """Die once at each of these points of accepting, deciding and delivering, one after the other."""
    with a_round(stage, faster=5 * FASTER) as one:
        newsroom, missed = one.newsroom, []
        newsroom.serve(delivers=False)
        start = {"key": 0, "id": 2, "hook": 1}
        for way, wanted in accepting.items():
            for point in wanted:
                one.cycles += 1
                newsroom.arm(point)
                for attempt in range(
                    5
                ):  # how many statements there are depends a little on what was noted before
                    (client,) = one.clients(1)
                    client.name, client.number = f"{client.name}-{attempt}", start[way]
                    client.write()
                    if not newsroom.armed():
                        break
                else:
                    missed.append(point)
        for point in delivering:
            (client,) = one.clients(1)
            client.write()
            newsroom.arm(point)
            pid = newsroom.work()
            if not wait(lambda: not newsroom.armed(), 10):
                missed.append(point)
            newsroom.stop(pid)
            one.cycles += 1
        newsroom.arm("none")
        newsroom.work()
        counts = one.audited()
        counts.wrong += [f"never reached {point}" for point in missed]
        return counts
