"""Comments per second and peak memory of `moderation decide`: `python -m bench.decide rows.jsonl`.

Runs the command itself, in a process of its own on one core, with start-up counted and then set apart: with the first
stage alone, then as it serves, then as it serves in two processes on two cores. The second stage, asked about few, is given
every tenth row.
"""

import json
import os
import resource
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory


def run(rows: bytes, models: Path) -> tuple[float, float]:
    """Return (wall seconds, CPU seconds) of deciding these lines."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "moderation", "decide"],
        input=rows,
        stdout=subprocess.PIPE,
        check=True,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "MODERATION_MODELS_DIR": str(models)},
    )
    wall = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert len(done.stdout.splitlines()) == len(rows.splitlines())
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def two_processes(rows: list[bytes], models: Path) -> float:
    """Return comments per second of the wall clock of two processes, each on a core of its own, start-up set apart."""

    def together(shares: list[list[bytes]]) -> float:
        started = time.perf_counter()
        running = [
            subprocess.Popen(
                ["taskset", "-c", str(core), sys.executable, "-m", "moderation", "decide"],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "MODERATION_MODELS_DIR": str(models)},
            )
            for core in range(len(shares))
        ]
        with ThreadPoolExecutor() as feeders:
            for process, share in zip(running, shares, strict=True):
                feeders.submit(process.communicate, b"\n".join(share))
        assert not any(process.returncode for process in running)
        return time.perf_counter() - started

    halves = [rows[::2], rows[1::2]]
    return len(rows) / (together(halves) - together([half[:1] for half in halves]))


def main() -> None:
    """Print the table."""
    os.sched_setaffinity(0, {0})
    lines = Path(sys.argv[1]).read_bytes().splitlines()
    print(
        "| models | comments | mean characters | a second of CPU | start-up included | start-up s | peak MB so far |\n"
        "| --- | --: | --: | --: | --: | --: | --: |"
    )
    with TemporaryDirectory() as first:
        (Path(first) / "first").symlink_to(Path("models/first").resolve())
        for name, models, rows in (
            ("first stage", Path(first), lines),
            ("both stages", Path("models"), lines[::10]),
        ):
            one_wall, one_cpu = run(rows[0], models)
            wall, cpu = run(b"\n".join(rows), models)
            peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
            mean = sum(len(json.loads(row)["body"]) for row in rows) / len(rows)
            print(
                f"| {name} | {len(rows):,} | {mean:.0f} | {len(rows) / (cpu - one_cpu):,.0f} | {len(rows) / wall:,.0f} "
                f"| {one_wall:.1f} | {peak:.0f} |"
            )
    if os.cpu_count() == 1:
        return
    together = two_processes(lines[::10], Path("models"))
    print(f"\nboth stages, two processes on two cores: {together:,.0f} comments a second")


if __name__ == "__main__":
    main()
