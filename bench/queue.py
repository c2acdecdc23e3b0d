"""A replay over stored comments by Celery workers, one process and then two: comments a second, and the same result.

    python -m bench.queue --comments 100000 --url sqlite:///var/queue.db --redis redis://127.0.0.1:6379/0

The database is filled as by bench/replay.py. Timed from the first part that is counted to the last, so that the start of
the processes stands apart; beside it, by the time of the processors, which other work on the machine does not change.
"""

import argparse
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from bench.replay import fill
from moderation.bootstrap.tools import build_tools
from moderation.services import Tools, governing, replaying
from moderation.settings import Settings
from moderation.store.tables import Replay


def begin(tools: Tools, number: int) -> str:
    """Return the id of a new replay over all comments."""
    source = tools.engine.policy.source
    head = source.index("[clauses.profanity]")
    text = source[:head] + source[head:].replace("hold_at = 0.45", "hold_at = 0.35", 1)
    return replaying.start(tools, governing.read_draft(tools, text), number, "cli")


def seen(tools: Tools, replay_id: str) -> Replay:
    """Return the replay as it stands."""
    with tools.database.read() as store:
        found = store.replays.get(replay_id)
    assert found is not None
    return found


def processor_seconds(group: int) -> float:
    """Return the processor time of a process group so far, as far as its processes live."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = stat.read_text().rpartition(")")[2].split()
            if int(fields[2]) == group:
                ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def run(
    tools: Tools, replay_id: str, processes: int, environment: dict[str, str]
) -> tuple[float, float, Replay]:
    """Return comments a second of the clock and of the processors, from the first part on, and the replay once over."""
    command = [sys.executable, "-m", "moderation", "worker", "--celery", "--queues", "slow"]
    worker = subprocess.Popen(
        [*command, "--processes", str(processes)], env=environment, start_new_session=True
    )
    try:
        first, begun, busy = 0, 0.0, 0.0
        while (found := seen(tools, replay_id)).state == "running":
            # Once every process is at work: each builds an engine first.
            if not first and found.done >= found.total // 10:
                first, begun, busy = found.done, time.perf_counter(), processor_seconds(worker.pid)
            time.sleep(0.05)
        took, worked = time.perf_counter() - begun, processor_seconds(worker.pid) - busy
        return (found.done - first) / took, (found.done - first) / worked, found
    finally:
        os.killpg(worker.pid, signal.SIGTERM)
        worker.wait(60)


def main() -> None:
    """Print comments a second with one process and with two."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--comments", type=int, default=100_000)
    parser.add_argument("--url", required=True)
    parser.add_argument("--redis", required=True)
    given = parser.parse_args()
    fill(given.url, given.comments)
    tools = build_tools(Settings(database_url=given.url))
    environment = os.environ | {"MODERATION_DATABASE_URL": given.url, "MODERATION_REDIS_URL": given.redis}
    digests = set()
    for processes in (1, 2):
        rate, of_processor, found = run(tools, begin(tools, given.comments), processes, environment)
        digests.add(found.result["digest"])
        print(
            f"{processes} process{'es' if processes > 1 else ''}: {rate:,.0f} comments a second, "
            f"{of_processor:,.0f} a second of a processor; {found.done:,} in all"
        )
    print("same result:", len(digests) == 1)


if __name__ == "__main__":
    main()
