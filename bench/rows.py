"""Rows of a data set as the JSON Lines that `moderation decide` reads: `python -m bench.rows --data DATA --rows N`."""

import argparse
import json
import random
from pathlib import Path

from pyarrow import parquet


def main() -> None:
    """Print N English dev rows, chosen and ordered by a fixed seed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--rows", type=int, default=20_000)
    given = parser.parse_args()
    table = parquet.read_table(given.data / "dev.parquet", columns=["id", "text", "lang"]).to_pydict()
    rows = [
        (row_id, text)
        for row_id, text, language in zip(table["id"], table["text"], table["lang"], strict=True)
        if language == "en" and text.strip() and len(text) <= 10_000
    ]
    random.Random(0).shuffle(rows)
    for row_id, text in rows[: given.rows]:
        print(json.dumps({"id": str(row_id), "body": text}))


if __name__ == "__main__":
    main()
