"""Comments per second and peak memory of `moderation decide`: `python -m bench.decide rows.jsonl`.

Runs the command itself, in a process of its own on one core, with start-up counted and then set apart.
"""

import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path


def run(rows: bytes) -> tuple[float, float]:
    """Return (wall seconds, CPU seconds) of deciding these lines."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "moderation", "decide"],
        input=rows,
        stdout=subprocess.PIPE,
        check=True,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
    )
    wall = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert len(done.stdout.splitlines()) == len(rows.splitlines())
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Print the table."""
    os.sched_setaffinity(0, {0})
    rows = Path(sys.argv[1]).read_bytes()
    count = len(rows.splitlines())
    one_wall, one_cpu = run(rows.splitlines()[0])
    wall, cpu = run(rows)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(
        json.dumps(
            {
                "comments": count,
                "mean_characters": round(
                    sum(len(json.loads(row)["body"]) for row in rows.splitlines()) / count
                ),
                "start_up_seconds": round(one_wall, 2),
                "per_second_of_cpu": round(count / (cpu - one_cpu)),
                "per_second_start_up_included": round(count / wall),
                "peak_megabytes": round(peak),
            }
        )
    )


if __name__ == "__main__":
    main()
