"""What keeping costs: a backup, its restore, and the words of so many comments forgotten, while others write.

    python -m bench.keeping [--comments 100000] [--url sqlite:///var/keeping.db]

The comments of `bench.desk`, rejected more than a year ago. Beside each time stands the longest that a writer of one row
waited meanwhile, writing ten times a second. The database must be an empty one.
"""

import argparse
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from io import StringIO
from pathlib import Path

from bench.desk import BEGUN, fill
from moderation.bootstrap.tools import build_tools
from moderation.services import Tools, backing_up, retaining
from moderation.settings import Settings
from moderation.telemetry import configure


def measured(tools: Tools, what: str, act: Callable[[], object], *, writing: bool = True) -> None:
    """Print how long something takes, and how long a writer waited meanwhile."""
    waits, stop = [0.0], threading.Event()

    def write() -> None:
        while not stop.wait(0.1):
            began = time.perf_counter()
            with tools.database.begin() as store:
                store.audit.append(tools.now(), "bench", "bench.written", "bench:row")
            waits.append(time.perf_counter() - began)

    writer = threading.Thread(target=write)
    if writing:
        writer.start()
    began = time.perf_counter()
    act()
    took = time.perf_counter() - began
    stop.set()
    if writing:
        writer.join()
    waited = f", longest wait of a writer {1000 * max(waits):.0f} ms" if writing else ""
    print(f"{what}: {took:.1f} s{waited}", flush=True)


def main() -> None:
    """Print the times."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--comments", type=int, default=100_000)
    parser.add_argument("--url", default="")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(database_url=given.url or f"sqlite:///{folder}/bench.db")
        tools = build_tools(settings)
        configure(StringIO())
        tools.database.upgrade()
        fill(tools, given.comments)
        with tools.database.engine.begin() as connection:
            connection.exec_driver_sql("UPDATE comments SET state = 'rejected'")
        tools = replace(tools, now=lambda: BEGUN + timedelta(days=400))
        file = Path(folder) / "backup"
        measured(tools, "backup", lambda: backing_up.back_up(tools, file, "bench"))
        print(f"  {file.stat().st_size / 1e6:.0f} MB")
        measured(
            tools, "restore", lambda: backing_up.restore(tools, file, "bench", replace=True), writing=False
        )
        measured(tools, "forgetting", lambda: retaining.forget(tools, "bench"))
        tools.database.dispose()


if __name__ == "__main__":
    main()
