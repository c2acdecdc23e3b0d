"""Comments a second of `moderation decide --input comments.parquet`, by this process and by Ray on one and two processors.

    python -m bench.table --comments 200000 --engine local
    python -m bench.table --comments 200000 --engine ray --processors 2

Needs pyarrow, and Ray for --engine ray. Texts are those of bench/replay.py; timed is the whole command, and a run over a
hundredth of the rows is taken off for the start.
"""

import argparse
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
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


def run(source: Path, output: Path, engine: str, processors: int) -> float:
    """Return the seconds that the command takes."""
    command = [sys.executable, "-m", "moderation", "decide", "--input", str(source), "--output", str(output)]
    command = ["taskset", "-c", ",".join(map(str, range(processors))), *command, "--engine", engine]
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
    begun = time.perf_counter()
    done = subprocess.run(command, env=environment, check=False)
    if done.returncode:
        raise SystemExit(done.returncode)
    return time.perf_counter() - begun


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
        short = run(few, Path(folder) / "few-out.parquet", given.engine, given.processors)
        out = Path(folder) / "all-out.parquet"
        whole = run(all_, out, given.engine, given.processors)
        assert dataset.dataset(out).count_rows() == given.comments
    rate = (given.comments - given.comments // 100) / (whole - short)
    largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(
        f"{given.engine}, {given.processors} processor(s): {given.comments:,} comments in {whole:.1f} s, "
        f"{rate:,.0f} a second without the start ({short:.1f} s); largest process {largest:.0f} MB"
    )


if __name__ == "__main__":
    main()
