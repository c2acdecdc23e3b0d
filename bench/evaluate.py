"""The evaluation report with peers: every system on the same dev rows in one run.

    make evaluate DATA=folder        (.venv-bench/bin/python -m bench.evaluate --data DATA --out var/evaluation)

As `moderation evaluate`, with the packages of `bench.peers` beside our own. Slow ones read a fixed sample.
"""

import argparse
import sys
from pathlib import Path

from bench.peers import PEERS
from moderation.bootstrap.engine import build_engine
from moderation.classifier import evaluation, reporting, systems
from moderation.services import utc_now
from moderation.settings import read_settings


def main() -> int:
    """Write the report; return 1 where the card's figures are not met."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model", type=Path, default=Path("models/first"))
    parser.add_argument("--out", type=Path, default=Path("var/evaluation"))
    parser.add_argument("--without", action="append", choices=list(PEERS), default=[])
    given = parser.parse_args()
    engine = build_engine(read_settings())
    checked = evaluation.evaluate(given.model, given.data, evaluation.thresholds_of(engine.policy))
    peers = [load() for name, load in PEERS.items() if name not in given.without]
    reporting.report(given.data, given.out, engine, [*systems.own(engine, utc_now()), *peers])
    print(f"{given.out / 'report.html'} and {given.out / 'report.md'} are written.\n\n{checked.finding}")
    return 1 if checked.differences else 0


if __name__ == "__main__":
    sys.exit(main())
