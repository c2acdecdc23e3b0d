"""What asking the second stage about more or less English costs and brings: `python -m bench.band --data DATA`.

Every row of a sample of the dev rows is read by both stages once; then it is seen what would have been missed, had only
those been asked about whose scores of the first stage lie from so much on.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bench.second import table
from moderation.bootstrap.engine import build_engine, first_reads
from moderation.classifier.cascade import Cascade, load_scorers
from moderation.classifier.datasets import CLEAN_BELOW, POSITIVE_FROM, Corpus, read
from moderation.classifier.encoder_evaluation import areas
from moderation.classifier.evaluation import DEV, thresholds_of
from moderation.engine.text import Text
from moderation.settings import read_settings

LABELS = ("personal-attack", "toxicity", "identity-attack")
# From which score of each label on; what is above SURE is not asked about.
FROM = (
    (0.05, 0.10, 0.05), (0.07, 0.12, 0.07), (0.10, 0.15, 0.10), (0.12, 0.20, 0.10), (0.12, 0.98, 0.12),
    (0.15, 0.20, 0.15), (0.15, 0.98, 0.20), (0.20, 0.98, 0.30),
)  # fmt: skip
SURE = 0.98
ORDINARY = "unhealthy_ucc"


def scores(scorer: Cascade, corpus: Corpus) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Return by label the scores of the first stage, and of both where every row is asked about."""
    everything = dict.fromkeys(LABELS, (0.0, 1.0))
    eager = Cascade(
        scorer.first, scorer.second, scorer.band.model_copy(update={"unsure": everything}), scorer.reads
    )
    first = scorer.first.probabilities(corpus.texts)
    return dict(zip(scorer.first.labels, first.T, strict=True)), dict(
        zip(scorer.labels, eager.probabilities(corpus.texts).T, strict=True)
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model", type=Path, default=Path("models/second"))
    parser.add_argument("--rows", type=int, default=6000)
    given = parser.parse_args()
    policy = build_engine(read_settings()).policy
    reads = first_reads(policy)
    (scorer,) = load_scorers([given.model.parent / "first", given.model], reads).values()
    assert isinstance(scorer, Cascade)
    corpus = read(given.data / DEV)
    corpus = corpus.where(np.sort(np.random.default_rng(3).permutation(len(corpus))[: given.rows]))
    first, joint = scores(scorer, corpus)
    strange = ~np.array([reads(Text(text)) for text in corpus.texts])
    holds = {label: hold for label, (hold, _) in thresholds_of(policy).items() if label in joint}

    def line(lows: Sequence[float]) -> tuple[object, ...]:
        asked = strange.copy()
        for label, low in zip(LABELS, lows, strict=True):
            asked |= (first[label] >= low) & (first[label] < SURE)
        served = {label: np.where(asked, joint[label], first.get(label, 0.0)) for label in joint}
        found = missed = clean = 0
        for label, hold in holds.items():
            values = corpus.label(label)
            of_both = (values >= POSITIVE_FROM) & (joint[label] >= hold)
            found += int(of_both.sum())
            missed += int((of_both & (served[label] < hold)).sum())
            clean += int(((values < CLEAN_BELOW) & (served[label] >= hold)).sum())
        ranks = areas(corpus, {"first": first, "second": served})
        gains = [
            found_["second"] - found_["first"]
            for key, found_ in ranks.items()
            if key.startswith("toxicity, ")
        ]
        return (
            " / ".join(f"{low:.2f}" for low in lows),
            f"{100 * asked.mean():.1f} %",
            f"{100 * asked[corpus.sources == ORDINARY].mean():.1f} %",
            f"{missed} of {found}",
            clean,
            float(np.mean(gains)),
            ranks.get("personal-attack, insults_impermium", {}).get("second"),
        )

    head = (
        f"asked from ({', '.join(LABELS)})", "asked", f"of {ORDINARY}", "cases missed that both hold", "clean held",
        "gain of toxicity's area", "insults_impermium",
    )  # fmt: skip
    print(f"{scorer.version}, {len(corpus)} rows of {DEV}\n")
    print(table(head, [line(lows) for lows in ((0.0, 0.0, 0.0), *FROM)]))


if __name__ == "__main__":
    main()
