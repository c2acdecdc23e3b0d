"""The database away, slow, locked or full; a process that slept through its lease."""

import os
import random
import resource
import signal
import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import text

from moderation.store.tables import Table
from moderation.store.unit_of_work import Database
from tests.faults.checking import Counts, integrity
from tests.faults.postgres import Server, a_proxy
from tests.faults.receivers import Arrival, Receiver
from tests.faults.rounds import Round, Stage, a_round, counted, kill_web_processes, wait
from tests.faults.service import ANSWER_WITHIN, FASTER, Newsroom, a_newsroom, an_oracle

RECOVERS_WITHIN = 5.0  # seconds after the database is there again
_BALLAST = 1_048_576


@contextmanager
def on_postgresql(stage: Stage, server: Server) -> Iterator[tuple[Round, object]]:
    """A round on an emptied PostgreSQL, which the service reaches through a proxy."""
    place = stage.place()
    database = Database(server.url)
    with database.engine.begin() as connection:
        names = ", ".join(table.name for table in Table.metadata.sorted_tables)
        connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY"))
    try:
        with (
            Receiver() as receiver,
            a_proxy(server) as (proxy, url),
            a_newsroom(stage.nursery, place, database, receiver.url, url) as newsroom,
        ):
            yield Round(newsroom, receiver, an_oracle(newsroom)), proxy
    finally:
        database.dispose()


def kills_on_postgresql(stage: Stage, cycles: int, server: Server) -> Counts:
    """Kill one of two web processes at any moment while clients write, its transaction left open on the server."""
    with on_postgresql(stage, server) as (one, _):
        return kill_web_processes(one, cycles, workers=2)


def restarts(stage: Stage, cycles: int, server: Server) -> Counts:
    """Stop PostgreSQL at once while clients write, start it again, and see the same processes go on."""
    with on_postgresql(stage, server) as (one, _):
        one.newsroom.serve(workers=2)

        def outage() -> None:
            server.stop_at_once()
            time.sleep(random.uniform(0, 0.5))
            server.start()

        for _ in range(cycles):
            _through(one, outage)
        return one.audited()


def lost_connections(stage: Stage, cycles: int, server: Server) -> Counts:
    """End or reset all connections, let the network be slow or silent for a moment, while clients write."""
    with on_postgresql(stage, server) as (one, proxy):
        one.newsroom.serve(workers=2)

        def slow() -> None:
            proxy.delay = 0.01
            time.sleep(0.3)
            proxy.delay = 0.0

        def silent() -> None:
            proxy.silent = True
            time.sleep(random.uniform(0.1, 1))
            proxy.silent = False

        faults = (server.terminate_all, proxy.reset, slow, silent)
        for number in range(cycles):
            _through(one, faults[number % len(faults)])
        return one.audited()


def _through(one: Round, outage: Callable[[], None]) -> None:
    """Let three clients write through an outage; note how long after it the service took a comment again."""
    one.cycles += 1
    over = threading.Event()
    threads = one.all_write(one.clients(3), over.is_set)
    time.sleep(random.uniform(0, 0.1))
    outage()
    there = time.monotonic()
    before = len(one.oracle.acknowledged)
    if not wait(lambda: len(one.oracle.acknowledged) > before, 2 * RECOVERS_WITHIN):
        one.oracle.wrong.append("did not recover")
    took = time.monotonic() - there
    if took > RECOVERS_WITHIN:
        one.oracle.wrong.append(f"recovered only after {took:.1f} seconds")
    over.set()
    for thread in threads:
        thread.join()
    if one.oracle.slowest > ANSWER_WITHIN:
        one.oracle.wrong.append(f"an answer took {one.oracle.slowest:.1f} seconds")


class SmallDisk:
    """A file system of fixed size that is filled to its last byte."""

    told = 507

    def fill(self, newsroom: Newsroom, master: int) -> None:
        """Write until nothing fits any more."""
        with self._ballast(newsroom).open("wb", buffering=0) as file:
            size = _BALLAST
            while size:
                try:
                    whole = file.write(b"\0" * size) == size
                except OSError:
                    whole = False
                size //= 1 if whole else 2

    def free(self, newsroom: Newsroom, master: int) -> None:
        self._ballast(newsroom).unlink()

    def _ballast(self, newsroom: Newsroom) -> Path:
        return newsroom.home / "ballast"


class NoLargerFiles:
    """In its place where mounting is refused: no file of the web processes may grow. SQLite tells that as an I/O error."""

    told = 503

    def fill(self, newsroom: Newsroom, master: int) -> None:
        self._limit(newsroom, master, 4096)

    def free(self, newsroom: Newsroom, master: int) -> None:
        self._limit(newsroom, master, resource.RLIM_INFINITY)

    def _limit(self, newsroom: Newsroom, master: int, size: int) -> None:
        for process in newsroom.children(master):
            _, most = resource.prlimit(process, resource.RLIMIT_FSIZE)
            resource.prlimit(process, resource.RLIMIT_FSIZE, (size, most))


@contextmanager
def a_small_disk(stage: Stage, megabytes: int = 24) -> Iterator[SmallDisk | NoLargerFiles]:
    """Let the rounds of a stage lie on a file system of fixed size, or limit the files where mounting is refused."""
    disk = stage.home / "disk"
    disk.mkdir(exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(disk)]
    if subprocess.run(mount, check=False, stderr=subprocess.DEVNULL, timeout=20).returncode:
        yield NoLargerFiles()
        return
    home, stage.home = stage.home, disk
    try:
        yield SmallDisk()
    finally:
        stage.home = home
        subprocess.run(["umount", "--lazy", str(disk)], check=True, timeout=20)


def full_disks(stage: Stage, cycles: int) -> Counts:
    """Fill the disk of the database while clients write: refused, read all the same, and taken once there is space."""
    with a_small_disk(stage) as disk, a_round(stage) as one:
        newsroom = one.newsroom
        master = newsroom.serve(workers=2)
        (first,) = one.clients(1)
        first.write()
        there = one.oracle.acknowledged[0].comment
        for _ in range(cycles):
            one.cycles += 1
            over = threading.Event()
            threads = one.all_write(one.clients(3), over.is_set)
            time.sleep(random.uniform(0, 0.1))
            disk.fill(newsroom, master)
            before = one.oracle.refused.count(disk.told)
            if not wait(lambda before=before: one.oracle.refused.count(disk.told) > before + 2, 20):
                one.oracle.wrong.append(f"a full disk was not told as {disk.told}")
            status, _, _ = newsroom.ask("GET", f"/api/v1/comments/{there}")
            page, _, _ = newsroom.ask("GET", "/articles/story")
            if (status, page) != (200, 200):
                one.oracle.wrong.append(f"on a full disk reading was answered {status} and {page}")
            disk.free(newsroom, master)
            over.set()
            for thread in threads:
                thread.join()
            one.oracle.wrong += integrity(newsroom.database)
        return one.audited()


def locks(stage: Stage, cycles: int) -> Counts:
    """Hold the lock of SQLite's one writer from another process's connection for longer than anybody waits."""
    with a_round(stage, faster=1) as one:
        newsroom = one.newsroom
        newsroom.serve(delivers=False)
        (first,) = one.clients(1)
        first.write()
        there = one.oracle.acknowledged[0].comment
        for _ in range(cycles):
            one.cycles += 1
            other = sqlite3.connect(newsroom.home / "moderation.db", isolation_level=None, timeout=10)
            other.execute("BEGIN IMMEDIATE")
            threads = one.all_write(one.clients(3), counted(3))
            wait(lambda: one.oracle.refused.count(503) >= 3, 12)
            if 503 not in one.oracle.refused:
                one.oracle.wrong.append("a locked database was not told as 503")
            status, _, _ = newsroom.ask("GET", f"/api/v1/comments/{there}")
            if status != 200:
                one.oracle.wrong.append(f"while it was locked reading was answered {status}")
            other.execute("ROLLBACK")
            other.close()
            for thread in threads:
                thread.join()
            one.oracle.refused.clear()
        if one.oracle.slowest > ANSWER_WITHIN:
            one.oracle.wrong.append(f"an answer took {one.oracle.slowest:.1f} seconds")
        newsroom.work()
        return one.audited()


def sleepers(stage: Stage, cycles: int) -> Counts:
    """Stop a worker in the middle of a send, let its lease run out and another take over, and wake it."""
    with a_round(stage, faster=5 * FASTER) as one:
        newsroom = one.newsroom
        newsroom.serve(delivers=False)
        for _ in range(cycles):
            one.cycles += 1
            for thread in one.all_write(one.clients(1), counted(1)):
                thread.join()
            in_hand, go_on = threading.Event(), threading.Event()

            def arrived(arrival: Arrival, in_hand=in_hand, go_on=go_on) -> None:
                if not in_hand.is_set():
                    in_hand.set()
                    go_on.wait(10)

            one.receiver.on_arrival = arrived
            asleep = newsroom.work()
            if not in_hand.wait(10):
                one.oracle.wrong.append("nothing was sent")
            _put_to_sleep(newsroom, asleep)
            time.sleep(0.3)  # 300 seconds of the service's clock: longer than a lease
            awake = newsroom.work()
            one.settled()
            state = _deliveries(newsroom.database)
            go_on.set()
            os.kill(asleep, signal.SIGCONT)
            time.sleep(0.15)
            if _deliveries(newsroom.database) != state:
                one.oracle.wrong.append("who slept through its lease changed what was recorded since")
            newsroom.stop(asleep)
            newsroom.stop(awake)
        one.receiver.on_arrival = lambda arrival: None
        newsroom.work()
        return one.audited()


def _put_to_sleep(newsroom: Newsroom, pid: int) -> None:
    """Stop a process between its transactions: who is stopped inside one stops everybody (see `locks`)."""
    while True:
        os.kill(pid, signal.SIGSTOP)
        wait(lambda: all(_is_stopped(task) for task in Path(f"/proc/{pid}/task").iterdir()), 5)
        probe = sqlite3.connect(newsroom.home / "moderation.db", isolation_level=None, timeout=0.5)
        try:
            probe.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            os.kill(pid, signal.SIGCONT)
            time.sleep(0.01)
        else:
            return
        finally:
            probe.close()


def _is_stopped(task: Path) -> bool:
    return (task / "stat").read_text("ascii").rpartition(")")[2].split()[0] == "T"


def _deliveries(database: Database) -> list[object]:
    with database._reading.connect() as connection:
        query = "SELECT id, attempts, delivered_at, given_up_at, last_status, last_error FROM deliveries ORDER BY id"
        return [tuple(row) for row in connection.execute(text(query))]
