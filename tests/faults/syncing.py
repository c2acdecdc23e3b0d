"""Between the last write of a comment and its answer the system is told to bring it to the disk: seen by strace."""

import re
import shutil
import subprocess
import time

from tests.faults.checking import Counts
from tests.faults.rounds import Stage, a_round

_CALLS = "trace=pwrite64,write,fsync,fdatasync,sendto"
_LINE = re.compile(r"^(?P<thread>\d+) +(?P<call>\w+)\(\d+<(?P<file>[^>]*)>(?P<rest>.*)")
_ANSWER = re.compile(r'^, "HTTP/1\.1 20[12] ')


def synced(stage: Stage, comments: int) -> Counts:
    """Hand in comments one by one, and look at what the process asked of the system before each answer."""
    found = Counts()
    with a_round(stage) as one:
        if shutil.which("strace") is None:
            return Counts(wrong=["strace is not installed"])
        newsroom = one.newsroom
        master = newsroom.serve(delivers=False)
        trace = newsroom.home / "trace"
        (client,) = one.clients(1)
        client.write()
        (process,) = newsroom.children(master)
        command = ["strace", "-f", "-y", "-s", "32", "-e", _CALLS, "-o", str(trace), "-p", str(process)]
        strace = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        time.sleep(1)  # until it has every thread
        before = len(one.oracle.acknowledged)
        for _ in range(comments):
            client.write()
        strace.terminate()
        strace.wait(10)
        found.acknowledged = len(one.oracle.acknowledged) - before
        found.cycles, found.lost, syncs = _answers(trace.read_text("utf-8", "replace"))
        if found.cycles < found.acknowledged or syncs < comments:
            found.wrong.append(
                f"of {found.acknowledged} answers strace saw {found.cycles}, and {syncs} syncs"
            )
        newsroom.work()
        one.settled()
    return found


def _answers(trace: str) -> tuple[int, int, int]:
    """Return how many answers were given after a sync, and before how many something written was not on the disk.

    A twin that found its comment stored by the other has nothing to write: what can be read was synced before.
    """
    answers = unsafe = syncs = 0
    unsynced: set[tuple[str, str]] = set()  # thread and file
    for line in trace.splitlines():
        if (seen := _LINE.match(line)) is None:
            continue
        thread, file = seen["thread"], seen["file"]
        if seen["call"] in ("fsync", "fdatasync"):
            syncs += (thread, file) in unsynced
            unsynced.discard((thread, file))
        elif seen["call"] == "sendto" and _ANSWER.match(seen["rest"]):
            answers += 1
            unsafe += any(writer == thread for writer, _ in unsynced)
        elif file.endswith("-wal"):
            unsynced.add((thread, file))
    return answers, unsafe, syncs
