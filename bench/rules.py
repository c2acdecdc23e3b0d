"""The rules without a model: comments per second on one core, worst cases, and how the cost grows; beside peers.

    make bench-rules DATA=folder        (python -m bench.rules rows.jsonl --chart docs/rules-cost.svg)

All systems read the same rows in one process on one core; a slow peer reads the first 200. Times are of the processor.
"""

import argparse
import json
import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from bench.evasion import PEERS, SLOW
from bench.sets import NOW, rules_alone
from moderation.charts import Axes, Curve, as_svg
from moderation.engine.golden import SEEDED
from moderation.engine.text import Text
from moderation.engine.types import Context, Submission

SLOW_ROWS = 200
ROUNDS = 3
# What a comment of nothing but this costs most: each unit drives another search through the whole text.
WORST = (
    "a ", "a.", "f u c k ", "aaa", "1a", "*a", "f*", "you idiot ", "fuck ", "s.h.i.t ", "ա՞", "հիմար ես ", "a\u0301", '"', "x@y.z ",
    "555-0199 ", "Turks are dogs. ", "kill you ", "he said idiot ", "😀a", "хуй ", "www.a.com ", "\u0430b", "shut up. ", "no ",
)  # fmt: skip


def seconds(work: Callable[[str], object], bodies: Iterable[str]) -> float:
    """Return the processor seconds of one pass."""
    started = time.process_time()
    for body in bodies:
        work(body)
    return time.process_time() - started


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("rows", type=Path)
    parser.add_argument("--chart", type=Path)
    parser.add_argument("--without", action="append", choices=list(PEERS), default=[])
    given = parser.parse_args()
    os.sched_setaffinity(0, {0})
    bodies = [json.loads(line)["body"] for line in given.rows.read_text("utf-8").splitlines()]
    engine = rules_alone()
    lexicon = engine.policy.lexicon

    def rules(body: str) -> object:
        context = Context(policy=engine.policy, now=NOW, article=SEEDED)
        return engine.decide(Submission(site_id="", body=body, received_at=NOW), context)

    def matcher(body: str) -> object:
        text = Text(body)
        return [text.original_span(match.start, match.end) for match in lexicon.matches(text)]

    systems: dict[str, Callable[[str], object]] = {
        "our rules": rules,
        "our matcher, folding and spans": matcher,
    }
    for package, load in PEERS.items():
        if package not in given.without:
            systems |= load()
    own = 0.0
    print("| system | rows | comments/s | our rules are so many times as fast |\n| --- | --: | --: | --: |")
    for name, work in systems.items():
        read = bodies[:SLOW_ROWS] if name in SLOW or name.startswith("alt-") else bodies
        seconds(work, read[:SLOW_ROWS])
        best = min(seconds(work, read) for _ in range(1 if name in SLOW else ROUNDS)) / len(read)
        own = own or best
        print(f"| {name} | {len(read)} | {1 / best:,.0f} | {best / own:,.2f} |")

    print("\n| 10,000 characters of | ms |\n| --- | --: |")
    costs = {unit: seconds(rules, [(unit * 10_000)[:10_000]]) for unit in WORST}
    costs = {unit: min(cost, seconds(rules, [(unit * 10_000)[:10_000]])) for unit, cost in costs.items()}
    for unit, cost in sorted(costs.items(), key=lambda item: -item[1])[:6]:
        print(f"| `{unit!r}` | {1000 * cost:.1f} |")
    worst = sorted(costs, key=costs.__getitem__)[-3:]

    print("\n| characters | " + " | ".join(f"`{unit!r}` ms" for unit in worst) + " |")
    print("| --: |" + " --: |" * len(worst))
    grown: dict[str, list[tuple[float, float]]] = {unit: [] for unit in worst}
    for size in (1_000, 5_000, 10_000, 25_000, 50_000, 75_000, 100_000):
        taken = [min(seconds(rules, [(unit * size)[:size]]) for _ in range(2)) for unit in worst]
        print(f"| {size:,} | " + " | ".join(f"{1000 * cost:.1f}" for cost in taken) + " |")
        for unit, cost in zip(worst, taken, strict=True):
            grown[unit].append((size / 100_000, cost))
    if given.chart:
        top = max(cost for points in grown.values() for _, cost in points)
        curves = [
            Curve("cost of the rules", repr(unit), [(x, y / top) for x, y in points])
            for unit, points in grown.items()
        ]
        axes = Axes("characters, of 100,000", f"seconds of the processor, of {top:.2f}", diagonal=True)
        given.chart.write_text(as_svg("Worst cases: cost by length", curves, axes), "utf-8")


if __name__ == "__main__":
    main()
