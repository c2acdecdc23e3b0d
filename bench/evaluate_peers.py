"""Score the same dev rows with our model, better-profanity and alt-profanity-check, in one run.

    make .venv-bench/ready
    .venv-bench/bin/python -m bench.evaluate_peers --data DATA

better-profanity takes about 0.2 ms a character, so all three score a sample: the same number of rows
from each source, drawn with a fixed seed. The two fast ones then score every row of these sources.
better-profanity answers only yes or no; its AUC is that of its answer. Our yes is the score that 1 % of
clean comments reach (the model's `metrics.json`); alt-profanity-check's is its own `predict`. It was
trained on Wikipedia talk and on tweets: rows of wiki_identity_testset may be among them.
"""

import argparse
import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from better_profanity import profanity
from profanity_check import predict, predict_prob
from sklearn.metrics import average_precision_score

from moderation.classifier.artefact import LinearScorer, load
from moderation.classifier.datasets import POSITIVE_FROM, Corpus, file_digest, read
from moderation.classifier.evaluation import DEV, METRICS, area, clean_rows, recommended, table
from moderation.engine.text import Text

LABELS = ("toxicity", "personal-attack")
SOURCES = (
    "toxic_spans", "insults_impermium", "unhealthy_ucc", "cad_reddit", "wiki_context_toxicity",
    "wiki_identity_testset", "openai_moderation", "hatecheck",
)  # fmt: skip
SEED = 20261123


def sample(corpus: Corpus, rows: int) -> np.ndarray:
    """Return the numbers of the rows to score, the same number of each source where it has so many."""
    random = np.random.default_rng(SEED)
    chosen = []
    for source in SOURCES:
        here = np.flatnonzero(corpus.sources == source)
        chosen.append(random.permutation(here)[: rows // len(SOURCES)])
    return np.sort(np.concatenate(chosen))


def timed(work: Callable[[], np.ndarray], rows: int) -> tuple[np.ndarray, float]:
    started = time.perf_counter()
    found = work()
    return np.asarray(found, dtype=float), (time.perf_counter() - started) / rows


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model", type=Path, default=Path("models/first"))
    parser.add_argument("--rows", type=int, default=4000)
    options = parser.parse_args()
    model = load(options.model)
    dev = read(options.data / DEV)
    chosen = sample(dev, options.rows)
    corpus = dev.where(chosen)
    originals = _originals(options.data / DEV, chosen)
    cuts = recommended(json.loads((options.model / METRICS).read_text("utf-8")))
    print(
        f"{len(corpus)} rows of {DEV} (sha256 {file_digest(options.data / DEV)[:12]}), seed {SEED}; ours:"
        f" {model.version}\n"
    )

    first = _compared(model, corpus, originals, cuts, slow=True)
    print(first + "\n\nAll rows of these sources:\n")
    every = np.flatnonzero(np.isin(dev.sources, SOURCES))
    print(_compared(model, dev.where(every), _originals(options.data / DEV, every), cuts, slow=False))


def _compared(
    model: LinearScorer,
    corpus: Corpus,
    originals: list[str],
    cuts: Mapping[str, tuple[float, float]],
    *,
    slow: bool,
) -> str:
    rows = len(originals)
    ours, ours_took = timed(lambda: model.probabilities([Text(text).folded for text in originals]), rows)
    alt, alt_took = timed(lambda: predict_prob(originals), rows)
    alt_yes = predict(originals) >= POSITIVE_FROM
    took = {"ours, folding included": ours_took, "alt-profanity-check": alt_took}
    peers = {"alt-profanity-check": (alt, alt_yes)}
    if slow:
        profanity.load_censor_words()
        better, better_took = timed(lambda: [profanity.contains_profanity(text) for text in originals], rows)
        took["better-profanity"] = better_took
        peers["better-profanity"] = (better, better > 0)
    ranked = []
    for label in LABELS:
        column = ours[:, model.labels.index(label)]
        values = corpus.label(label)
        for source in SOURCES:
            here = (corpus.sources == source) & ~np.isnan(values)
            cases = values[here] >= POSITIVE_FROM
            if min(cases.sum(), (~cases).sum()) < 5:
                continue
            for tool, (scores, yes) in {"ours": (column, column >= cuts[label][0]), **peers}.items():
                said = yes[here]
                precision = float((said & cases).sum() / said.sum()) if said.any() else None
                recall = float((said & cases).sum() / cases.sum())
                areas = area(cases, scores[here]), float(average_precision_score(cases, scores[here]))
                ranked.append((label, source, len(cases), int(cases.sum()), tool, *areas, precision, recall))
    clean = []
    for source, calm in clean_rows(corpus).items():
        yes = [ours[calm, model.labels.index(label)] >= cuts[label][0] for label in LABELS]
        yes += [peer_yes[calm] for _, peer_yes in peers.values()]
        clean.append((source, int(calm.sum()), *(float(each.mean()) for each in yes)))
    head = (
        "label",
        "source",
        "rows",
        "cases",
        "tool",
        "AUC",
        "average precision",
        "precision of yes",
        "recall of yes",
    )
    parts = [
        table(head, ranked),
        table(("clean comments of", "rows", *(f"ours, {label}" for label in LABELS), *peers), clean),
        table(("tool (batch)", "ms a comment"), [(tool, f"{1000 * t:.3f}") for tool, t in took.items()]),
    ]
    return "\n\n".join(parts)


def _originals(path: Path, chosen: np.ndarray) -> list[str]:
    """Return the texts as they were written, which is what the peers expect."""
    columns = pq.read_table(path, columns=["text", "lang"]).to_pydict()
    texts = [text for text, lang in zip(columns["text"], columns["lang"], strict=True) if lang == "en"]
    return [texts[number] for number in chosen]


if __name__ == "__main__":
    main()
