"""The evaluation report with peers: every system on the same dev rows in one run.

    make evaluate DATA=folder        (.venv-bench/bin/python -m bench.evaluate --data DATA --out var/evaluation)

As `moderation evaluate`, with the packages of `bench.peers` beside our own. Slow ones read a fixed sample.
"""

import argparse
import sys
from pathlib import Path

from bench.peers import PEERS
from moderation.bootstrap.engine import build_engine, first_reads
from moderation.classifier import encoder_evaluation, evaluation, reporting, systems
from moderation.services import utc_now
from moderation.settings import read_settings


def main() -> int:
    """Write the report; return 1 where the card's figures are not met."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument(
        "--model", type=Path, action="append", help="whose card is checked; both stages if left out"
    )
    parser.add_argument("--out", type=Path, default=Path("var/evaluation"))
    parser.add_argument("--without", action="append", choices=list(PEERS), default=[])
    given = parser.parse_args()
    engine = build_engine(read_settings())
    models = given.model or [Path("models/first"), Path("models/second")]
    reads, thresholds = first_reads(engine.policy), evaluation.thresholds_of(engine.policy)
    checked = [encoder_evaluation.check(model, given.data, reads, thresholds) for model in models]
    peers = [load() for name, load in PEERS.items() if name not in given.without]
    reporting.report(given.data, given.out, engine, [*systems.own(engine, utc_now()), *peers])
    print(f"{given.out / 'report.html'} and {given.out / 'report.md'} are written.")
    print(*(f"\n{finding}" for finding, _ in checked), sep="\n")
    return 0 if all(met for _, met in checked) else 1


if __name__ == "__main__":
    sys.exit(main())
