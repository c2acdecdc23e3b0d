"""How well a model does on labelled comments it has not seen: the figures of its card, and whether they still hold."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from moderation.classifier import artefact
from moderation.classifier.artefact import LinearScorer
from moderation.classifier.datasets import file_digest, read
from moderation.classifier.measuring import (
    clean_rows,
    hatecheck_figures,
    label_figures,
    operating_figures,
    recommended,
)
from moderation.engine.policy import Policy

Thresholds = Mapping[str, tuple[float, float]]

DEV = "dev.parquet"
METRICS = "metrics.json"


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of one model on one file, and how they differ from those it came with."""

    model: str
    figures: Mapping[str, Any]
    thresholds: Thresholds
    operating: Mapping[str, Any]
    differences: tuple[str, ...]

    @property
    def finding(self) -> str:
        """Return whether the figures of the model's folder were met, and which were not."""
        if not self.differences:
            return f"{self.model}: all figures equal those of {METRICS}."
        lines = "\n".join(f"- {line}" for line in self.differences)
        return f"{self.model}: differences from {METRICS}:\n{lines}"


def thresholds_of(policy: Policy) -> dict[str, tuple[float, float]]:
    """Return by label the scores from which a model alone holds and would reject (above 1: it never does)."""
    found = {}
    for label, clause_id in policy.learned.items():
        clause = policy.clauses[clause_id]
        if weight := clause.detectors.get("learned", 0.0):
            found[label] = (clause.hold_at / weight, clause.reject_at / weight)
    return found


def evaluate(model: Path, data: Path, thresholds: Thresholds | None = None) -> Report:
    """Return the report of a model folder on the dev file in `data`, by default at the recommended scores."""
    scorer = artefact.load(model)
    changed = artefact.changed_files(model)
    recorded = {} if METRICS in changed else json.loads((model / METRICS).read_text("utf-8"))
    report = measure(scorer, data, thresholds, recorded=recorded)
    altered = tuple(f"{name}: not the file this model was sealed with" for name in changed)
    return replace(report, differences=altered + report.differences)


def measure(
    scorer: LinearScorer,
    data: Path,
    thresholds: Thresholds | None = None,
    recorded: Mapping[str, Any] | None = None,
) -> Report:
    """Return the report of a loaded model, compared with recorded figures where there are any."""
    path = data / DEV
    corpus = read(path)
    scores = scorer.probabilities(corpus.texts).astype(np.float64)
    by_label = {label: scores[:, column] for column, label in enumerate(scorer.labels)}
    clean = clean_rows(corpus)
    figures = {
        "data": {"file": DEV, "sha256": file_digest(path), "rows": len(corpus)},
        "labels": {
            label: label_figures(corpus, label, of_label, clean) for label, of_label in by_label.items()
        },
        "clean_rows": {source: int(rows.sum()) for source, rows in clean.items()},
        "hatecheck": hatecheck_figures(corpus, by_label, clean),
    }
    chosen = dict(thresholds) if thresholds is not None else recommended(figures)
    operating = {
        label: operating_figures(corpus, label, by_label[label], pair, clean)
        for label, pair in chosen.items()
        if label in by_label
    }
    differences = tuple(_differences("", recorded or {}, figures)) if recorded else ()
    return Report(scorer.version, figures, chosen, operating, differences)


def _differences(place: str, before: Any, now: Any) -> Iterator[str]:
    if isinstance(before, Mapping) and isinstance(now, Mapping):
        # What the record adds beside the figures (model, recipe, training data) is not measured here.
        for key in now if not place else {**before, **now}:
            yield from _differences(f"{place}/{key}" if place else key, before.get(key), now.get(key))
    elif before != now:
        yield f"{place}: {before} recorded, {now} now"
