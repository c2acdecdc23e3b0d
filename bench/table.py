"""Comments a second of `moderation decide --input comments.parquet`, by this process and by Ray on one and two processors.

    python -m bench.table --comments 200000 --engine local
    python -m bench.table --comments 200000 --engine ray --processors 2

Needs pyarrow, and Ray for --engine ray. Texts are those of bench/replay.py; timed is the whole command, and a run over a
hundredth of the rows is taken off for the start. Beside it, by the time of the processors that decide, which other work on
the machine does not change.
"""

import argparse
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import pyarrow as pa
from pyarrow import dataset, parquet

from bench.replay import BAD, CLEAN


def write(path: Path, number: int) -> None:
    """Write that many comments, in row groups of 8,192."""
    chance = random.Random(20261125)
    schema = pa.schema([("id", pa.string()), ("body", pa.string())])
    with parquet.ParquetWriter(path, schema) as writer:
        for start in range(0, number, 8192):
            rows = [
                {
                    "id": f"c{n}",
                    "body": f"{chance.choice(BAD if chance.random() < 0.1 else CLEAN)} {chance.choice(CLEAN)} ({n})",
                }
                for n in range(start, min(start + 8192, number))
            ]
            writer.write_table(pa.Table.from_pylist(rows, schema))


def run(source: Path, output: Path, engine: str, processors: int) -> tuple[float, float]:
    """Return the seconds that the command takes, of the clock and of the processors."""
    command = [sys.executable, "-m", "moderation", "decide", "--input", str(source), "--output", str(output)]
    command = ["taskset", "-c", ",".join(map(str, range(processors))), *command, "--engine", engine]
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
    begun, worked = time.perf_counter(), {}
    with subprocess.Popen(command, env=environment) as running:
        while running.poll() is None:
            worked |= processor_seconds(running.pid)
            time.sleep(0.1)
    if running.returncode:
        raise SystemExit(running.returncode)
    return time.perf_counter() - begun, sum(worked.values())


def processor_seconds(command: int) -> dict[str, float]:
    """Return the processor time so far of what decides: the command, or Ray's processes with an engine each."""
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            ours = process.name == str(command) or (process / "cmdline").read_bytes().startswith(
                b"ray::MapWorker"
            )
            if ours:
                fields = (process / "stat").read_text().rpartition(")")[2].split()
                found[process.name] = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return found


def main() -> None:
    """Print seconds, comments a second and the largest process."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--comments", type=int, default=200_000)
    parser.add_argument("--engine", choices=("local", "ray"), default="local")
    parser.add_argument("--processors", type=int, default=1)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        few, all_ = Path(folder) / "few.parquet", Path(folder) / "all.parquet"
        write(few, given.comments // 100)
        write(all_, given.comments)
        short, started = run(few, Path(folder) / "few-out.parquet", given.engine, given.processors)
        out = Path(folder) / "all-out.parquet"
        whole, worked = run(all_, out, given.engine, given.processors)
        assert dataset.dataset(out).count_rows() == given.comments
    number = given.comments - given.comments // 100
    largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(
        f"{given.engine}, {given.processors} processor(s): {given.comments:,} comments in {whole:.1f} s, of which {short:.1f} to start; "
        f"{number / (whole - short):,.0f} a second, {number / (worked - started):,.0f} a second of a processor; "
        f"largest process {largest:.0f} MB"
    )


if __name__ == "__main__":
    main()
