"""What the two stages make of our own sets: Armenian insults, whom words are aimed at, identity words, other languages.

`python -m bench.second`; with `--data DATA` the speed on English rows too. Rows of `config/decisions` and `tests/sets` train nothing.
"""

import argparse
import resource
import time
import tomllib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from pyarrow import parquet

from moderation.bootstrap.engine import build_engine
from moderation.engine import Engine
from moderation.engine.golden import Case, read_golden
from moderation.engine.text import Text
from moderation.engine.types import Context, Scorer, Submission, Verdict
from moderation.services import utc_now
from moderation.settings import read_settings

HOME = Path(__file__).resolve().parent.parent
SETS = HOME / "tests" / "sets"
LABELS = ("toxicity", "personal-attack", "identity-attack")


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return a Markdown table, with an empty line after it."""
    lines: list[Sequence[object]] = [head, ["---"] + ["--:"] * (len(head) - 1), *rows]
    return (
        "\n".join(
            "| " + " | ".join(f"{v:.3f}" if isinstance(v, float) else str(v) for v in line) + " |"
            for line in lines
        )
        + "\n"
    )


def scores(scorer: Scorer, engine: Engine, bodies: Sequence[str]) -> dict[str, np.ndarray]:
    """Return by label the scores of some texts, each by itself."""
    context = Context(policy=engine.policy, now=utc_now())
    answers = scorer.score([Text(body) for body in bodies], [context] * len(bodies))
    return {label: np.array([answer.get(label, 0.0) for answer in answers]) for label in LABELS}


def armenian(scorer: Scorer, engine: Engine, cases: Sequence[Case], hold: float) -> None:
    """Print the shares of insults and of clean comments that reach the score that holds, by script."""
    rows = []
    clean = tomllib.loads((SETS / "clean.toml").read_text("utf-8"))["case"]
    for name, is_latin in (("Armenian letters", False), ("Latin letters", True)):
        insults = [
            case.body
            for case in cases
            if case.file.startswith("personal-attack.hy") and case.verdict is not Verdict.PUBLISH
            and case.clause == "personal-attack" and case.body.isascii() == is_latin
        ]  # fmt: skip
        calm = [row["text"] for row in clean if row["language"] == ("hy-latn" if is_latin else "hy")]
        for kind, bodies in (("insults", insults), ("clean", calm)):
            found = scores(scorer, engine, bodies)["personal-attack"]
            rows.append(
                (name, kind, len(bodies), float(np.median(found)), f"{100 * (found >= hold).mean():.1f} %")
            )
    for language in ("ru", "tr", "fr"):
        found = scores(scorer, engine, [row["text"] for row in clean if row["language"] == language])[
            "personal-attack"
        ]
        rows.append(
            (language, "clean", len(found), float(np.median(found)), f"{100 * (found >= hold).mean():.1f} %")
        )
    print(table(("letters", "rows", "number", "median score", f"at {hold:.3f} or more"), rows))


def targets(scorer: Scorer, engine: Engine, hold: float) -> None:
    """Print by whom a word is aimed at how often it is scored as a personal attack, tuned on and put aside."""
    rows = []
    cases = [
        case
        for name in ("targets", "targets_more")
        for case in tomllib.loads((SETS / f"{name}.toml").read_text("utf-8"))["case"]
    ]
    for target in dict.fromkeys(case["target"] for case in cases):
        bodies = [case["body"] for case in cases if case["target"] == target]
        found = scores(scorer, engine, bodies)["personal-attack"]
        rows.append((target, len(bodies), float(np.median(found)), f"{100 * (found >= hold).mean():.1f} %"))
    print(table(("aimed at", "sentences", "median score", f"at {hold:.3f} or more"), rows))


def identity(scorer: Scorer, engine: Engine) -> None:
    """Print how far the mean scores of groups lie apart in sentences that say nothing bad of anyone."""
    read = tomllib.loads((SETS / "identity.toml").read_text("utf-8"))
    rows = []
    for language in ("en", "hy", "ru"):
        templates = [t["text"] for t in read["template"] if t["language"] == language]
        groups = [group[language] for group in read["group"] if language in group]
        filled = []
        for group in groups:
            for template in templates:
                text = template.format(**group)
                filled.append(text[:1].upper() + text[1:])
        found = scores(scorer, engine, filled)
        for label in LABELS:
            means = found[label].reshape(len(groups), len(templates)).mean(axis=1)
            rows.append((language, label, len(groups), float(means.mean()), float(means.max() - means.min())))
    print(table(("language", "label", "groups", "mean score", "greatest gap between groups"), rows))


def speed(engine: Engine, data: Path) -> None:
    """Print how long decisions take one by one and in batches, and the memory of the process."""
    columns = parquet.read_table(data / "dev.parquet", columns=["text", "lang"]).to_pydict()
    bodies = [
        text
        for text, language in zip(columns["text"], columns["lang"], strict=True)
        if language == "en" and text.strip() and len(text) <= 10_000
    ]
    np.random.default_rng(0).shuffle(bodies)
    context = Context(policy=engine.policy, now=utc_now())
    taken = []
    for body in bodies[:1_000]:
        started = time.perf_counter()
        engine.decide(Submission(site_id="", body=body), context)
        taken.append(1000 * (time.perf_counter() - started))
    started = time.perf_counter()
    for start in range(0, 4_096, 256):
        engine.decide_many(
            [(Submission(site_id="", body=body), context) for body in bodies[start : start + 256]]
        )
    rate = 4_096 / (time.perf_counter() - started)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    p50, p99 = np.percentile(taken, [50, 99])
    print(
        table(
            ("one by one, p50 ms", "p99 ms", "in batches, a second", "peak memory, MB"),
            [(float(p50), float(p99), f"{rate:.0f}", memory)],
        )
    )


def main() -> None:
    """Print every table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path)
    given = parser.parse_args()
    settings = read_settings()
    engine = build_engine(settings)
    clause = engine.policy.clauses["personal-attack"]
    hold = clause.hold_at / clause.detectors["learned"]
    cases = read_golden(settings.policy_path.parent / "decisions", engine.policy)
    for name, scorer in engine.scorers.items():
        print(f"{name}\n")
        armenian(scorer, engine, cases, hold)
        targets(scorer, engine, hold)
        identity(scorer, engine)
    if given.data:
        speed(engine, given.data)


if __name__ == "__main__":
    main()
