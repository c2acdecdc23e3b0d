"""What the engine does with dev rows: clean comments silenced, attacks let pass, by source.

`python -m bench.verdicts --data DATA`, with `--rules` without the learned model. Clean: toxic under .2. Attacks: attack at .5 or more.
"""

import argparse
from collections import Counter
from pathlib import Path

from pyarrow import parquet

from moderation.bootstrap.engine import build_engine
from moderation.engine import Engine
from moderation.engine.types import Context, Submission
from moderation.services import utc_now
from moderation.settings import read_settings

CLEAN = ("unhealthy_ucc", "wiki_context_toxicity")
ATTACKS = ("insults_impermium", "toxic_spans", "cad_reddit", "unhealthy_ucc")


def verdicts(engine: Engine, bodies: list[str]) -> Counter[str]:
    """Return how many of the texts get each verdict, each decided by itself."""
    context = Context(policy=engine.policy, now=utc_now())
    pairs = [(Submission(site_id="", body=body), context) for body in bodies]
    found: Counter[str] = Counter()
    for start in range(0, len(pairs), 256):
        found.update(decision.verdict.value for decision in engine.decide_many(pairs[start : start + 256]))
    return found


def main() -> None:
    """Print one Markdown row for each set."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--rules", action="store_true", help="without the learned model")
    given = parser.parse_args()
    path = given.data / "dev.parquet"
    rows = parquet.read_table(path, columns=["source", "text", "toxic", "attack", "extra"]).to_pylist()
    rows = [row for row in rows if row["text"].strip() and len(row["text"]) <= 10_000]
    engine = build_engine(read_settings())
    if given.rules:
        engine = Engine(engine.policy, {})
    print("| rows | source | number | publish | hold | reject |\n| --- | --- | --: | --: | --: | --: |")
    for kind, sources in (("clean", CLEAN), ("attacks", ATTACKS)):
        for source in sources:
            bodies = [
                row["text"]
                for row in rows
                if row["source"] == source
                and (
                    (row["toxic"] is not None and row["toxic"] < 0.2)
                    if kind == "clean"
                    else (row["attack"] is not None and row["attack"] >= 0.5)
                )
            ]
            found = verdicts(engine, bodies)
            shares = " | ".join(
                f"{100 * found[v] / len(bodies):.2f} %" for v in ("publish", "hold", "reject")
            )
            print(f"| {kind} | {source} | {len(bodies)} | {shares} |")
    # Slurs and hate with letters swapped, set apart or left out (functionalities spell_* of HateCheck).
    bodies = [
        row["text"] for row in rows if row["source"] == "hatecheck" and '"spell_' in (row["extra"] or "")
    ]
    found = verdicts(engine, bodies)
    shares = " | ".join(f"{100 * found[v] / len(bodies):.2f} %" for v in ("publish", "hold", "reject"))
    print(f"| disguised | hatecheck | {len(bodies)} | {shares} |")


if __name__ == "__main__":
    main()
