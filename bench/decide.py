"""Comments per second and peak memory of `moderation decide`: `python -m bench.decide rows.jsonl`.

Runs the command itself, in a process of its own on one core, with start-up counted and then set apart: with the first
stage alone, then as it serves. The second stage, asked about few, is given every tenth row.
"""

import json
import os
import resource
import subprocess
import sys
import time
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


if __name__ == "__main__":
    main()
