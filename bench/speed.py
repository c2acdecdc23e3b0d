"""What one comment costs: the first stage alone, a full decision, start-up and memory, beside peers in the same run.

    make bench-decide DATA=folder        (python -m bench.speed rows.jsonl)

One process on one core. Times are of the processor, the best of three for each comment, so that what others do on the
machine counts little; the time to a first answer is all that a new process takes for it. A slow peer reads 200 rows.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from bench.peers import PEERS, with_locale
from moderation.bootstrap.engine import build_engine
from moderation.classifier.artefact import LinearScorer
from moderation.classifier.systems import stages
from moderation.classifier.tables import table
from moderation.engine.text import Text
from moderation.engine.types import Context, Submission
from moderation.services import utc_now
from moderation.settings import read_settings

ROUNDS, SINGLES, SLOW_ROWS, BATCH = 3, 3000, 200, 256
TOKENS = range(55, 66)
BODY = "You are a pathetic idiot."
# A new process of each, from nothing to its first answer on BODY.
_OURS = """
from moderation.engine.types import Context, Submission
from moderation.services import utc_now
def decided(engine):
    now = utc_now()
    return engine.decide(Submission(site_id="", body=body, received_at=now), Context(policy=engine.policy, now=now))
"""
FIRSTS = {
    "ours, the engine": _OURS
    + """
from moderation.bootstrap.engine import build_engine
from moderation.settings import read_settings
decided(build_engine(read_settings()))
""",
    "ours, a serving process": _OURS
    + """
from moderation.web import create_app
decided(create_app().extensions["moderation.tools"].engine)
""",
    "alt-profanity-check": "from profanity_check import predict_prob\npredict_prob([body])",
    "hatesonar": "from hatesonar import Sonar\nSonar().ping(body)",
    "better-profanity": (
        "from better_profanity import profanity\nprofanity.load_censor_words()\nprofanity.contains_profanity(body)"
    ),
}


def single(work: Callable[[str], object], bodies: Sequence[str]) -> tuple[float, float]:
    """Return the median and the 99th percentile of one call in milliseconds."""
    best = []
    for body in bodies:
        times = []
        for _ in range(ROUNDS):
            started = time.process_time_ns()
            work(body)
            times.append(time.process_time_ns() - started)
        best.append(min(times) / 1e6)
    median, rare = np.quantile(best, (0.5, 0.99))
    return float(median), float(rare)


def per_second(work: Callable[[Sequence[str]], object], bodies: Sequence[str], rounds: int = ROUNDS) -> float:
    """Return the comments a second of a call with all of them."""
    times = []
    for _ in range(rounds):
        started = time.process_time()
        work(bodies)
        times.append(time.process_time() - started)
    return len(bodies) / min(times)


def first_answer(program: str) -> tuple[float, float, float]:
    """Return the processor seconds to the first answer of a new process, and the MB it then holds and held at most."""
    measured = (
        f"import time; body = {BODY!r}\n{program}\ntook = time.process_time()\n"
        "status = dict(line.split(':', 1) for line in open('/proc/self/status'))\n"
        "print(took, *(int(status[key].split()[0]) / 1024 for key in ('VmRSS', 'VmHWM')))"
    )
    answers = []
    for _ in range(ROUNDS):
        done = subprocess.run([sys.executable, "-c", measured], stdout=subprocess.PIPE, text=True, check=True)
        took, holds, held = map(float, done.stdout.splitlines()[-1].split())
        answers.append((took, holds, held))
    return min(answers)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("rows", type=Path)
    parser.add_argument("--without", action="append", choices=list(PEERS), default=[])
    given = parser.parse_args()
    os.sched_setaffinity(0, {0})
    # One thread, also in what is started below.
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    with_locale()
    bodies = [json.loads(line)["body"] for line in given.rows.read_text("utf-8").splitlines()]
    sixty = [body for body in bodies if len(body.split()) in TOKENS]
    engine = build_engine(read_settings())
    context = Context(policy=engine.policy, now=utc_now())
    pairs = {body: (Submission(site_id="", body=body, received_at=context.now), context) for body in bodies}

    def decide(body: str) -> object:
        return engine.decide(*pairs[body])

    def decide_all(some: Sequence[str]) -> None:
        for start in range(0, len(some), BATCH):
            engine.decide_many([pairs[body] for body in some[start : start + BATCH]])

    lines: list[tuple[object, ...]] = []
    first = next(scorer for scorer in stages(engine).values() if isinstance(scorer, LinearScorer))
    folded = [Text(body).folded for body in bodies]
    lines.append(
        (
            "first stage alone, text folded",
            len(bodies),
            *_shown(single(lambda body: first.probabilities([body]), folded[:SINGLES])),
            f"{per_second(first.probabilities, folded):,.0f}",
        )
    )
    lines.append(
        (
            "full decision",
            len(bodies),
            *_shown(single(decide, bodies[:SINGLES])),
            f"{per_second(decide_all, bodies):,.0f}",
        )
    )
    lines.append(
        (
            f"full decision, {TOKENS[0]} to {TOKENS[-1]} words",
            len(sixty),
            *_shown(single(decide, sixty)),
            None,
        )
    )
    for name, load in PEERS.items():
        if name in given.without:
            continue
        peer = load()
        some = bodies[:SLOW_ROWS] if peer.slow else bodies
        alone = single(lambda body, score=peer.score: score([body]), some[: SLOW_ROWS if peer.slow else 1000])  # type: ignore[misc]
        lines.append((name, len(some), *_shown(alone), f"{per_second(peer.score, some, 1):,.0f}"))
    characters = sum(map(len, bodies)) / len(bodies)
    print(f"{len(bodies)} rows of {characters:.0f} characters in the mean; one core, processor time\n")
    print(table(("system", "rows", "one comment, p50 ms", "p99 ms", "batch, comments/s"), lines))
    for name, scorer in engine.scorers.items():
        if asked := getattr(scorer, "asked", None):  # a cascade tells which texts its second stage reads
            share = float(np.mean(asked([Text(body) for body in bodies])))
            print(f"\n{name}: the second stage is asked about {100 * share:.1f} % of the comments")
    processes = [
        (
            name,
            *(
                f"{number:.{digits}f}"
                for number, digits in zip(first_answer(program), (2, 0, 0), strict=True)
            ),
        )
        for name, program in FIRSTS.items()
        if name not in given.without
    ]
    print(
        "\n"
        + table(("a new process", "first answer, s of processor", "holds MB", "held at most MB"), processes)
    )


def _shown(quantiles: tuple[float, float]) -> tuple[str, str]:
    median, rare = quantiles
    return f"{median:.3f}", f"{rare:.3f}"


if __name__ == "__main__":
    main()
