"""How well a model does on labelled comments it has not seen, by source, and what its thresholds cost."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.metrics import average_precision_score, precision_recall_curve, roc_curve

from moderation.charts import Axes, Curve
from moderation.classifier import artefact
from moderation.classifier.artefact import LinearScorer
from moderation.classifier.datasets import CLEAN_BELOW, POSITIVE_FROM, Corpus, file_digest, read

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Thresholds = Mapping[str, tuple[float, float]]

DEV = "dev.parquet"
METRICS = "metrics.json"
# Sources with clean comments at their natural rate: those of a newspaper's readers, and of Wikipedia's talk.
CLEAN_SOURCES = ("unhealthy_ucc", "wiki_context_toxicity")
# The shares of clean comments that may be held and rejected, from which thresholds are recommended.
HOLD_RATE, REJECT_RATE = 0.01, 0.002
# With fewer cases on either side a rate says nothing.
_FEWEST = 5
_RESAMPLES, _SEED = 200, 20261123
_BINS = 10


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of one model on one file, and how they differ from those it came with."""

    model: str
    figures: Mapping[str, Any]
    thresholds: Thresholds
    operating: Mapping[str, Any]
    differences: tuple[str, ...]

    def as_markdown(self) -> str:
        """Return all tables, and a sentence on whether the figures of the model's folder were met."""
        parts = [f"Model {self.model}, {self.figures['data']['rows']} rows of {DEV}."]
        parts.append(ranking_table(self.figures))
        parts.append(clean_table(self.figures))
        parts.append(operating_table(self.operating))
        parts.append(calibration_table(self.figures))
        if self.figures["hatecheck"]:
            parts.append(hatecheck_table(self.figures))
        if self.differences:
            parts.append(
                f"Differences from {METRICS}:\n\n" + "\n".join(f"- {line}" for line in self.differences)
            )
        else:
            parts.append(f"All figures equal those of {METRICS}.")
        return "\n\n".join(parts) + "\n"


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
            label: _label_figures(corpus, label, of_label, clean) for label, of_label in by_label.items()
        },
        "clean_rows": {source: int(rows.sum()) for source, rows in clean.items()},
        "hatecheck": _hatecheck(corpus, by_label, clean),
    }
    chosen = dict(thresholds) if thresholds is not None else recommended(figures)
    operating = {
        label: _operating(corpus, label, by_label[label], pair, clean)
        for label, pair in chosen.items()
        if label in by_label
    }
    differences = tuple(_differences("", recorded or {}, figures)) if recorded else ()
    return Report(scorer.version, figures, chosen, operating, differences)


def recommended(figures: Mapping[str, Any]) -> dict[str, tuple[float, float]]:
    """Return for each label the scores that 1 % and 0.2 % of clean comments reach."""
    return {
        label: (found["recommended"]["hold"], found["recommended"]["reject"])
        for label, found in figures["labels"].items()
        if found["recommended"]
    }


def clean_rows(corpus: Corpus) -> dict[str, Mask]:
    """Return the rows of each clean source that raters found free of toxicity."""
    calm = corpus.label("toxicity") < CLEAN_BELOW
    masks = {source: calm & (corpus.sources == source) for source in CLEAN_SOURCES}
    return {source: mask for source, mask in masks.items() if mask.any()}


def by_source(corpus: Corpus, label: str) -> Iterator[tuple[str, Mask, Mask]]:
    """Yield each source that asked about the label: its name, its rows, and which of these are cases."""
    values = corpus.label(label)
    for source in dict.fromkeys(str(name) for name in corpus.sources):
        rows = (corpus.sources == source) & ~np.isnan(values)
        if rows.any():
            yield source, rows, values[rows] >= POSITIVE_FROM


def area(cases: Mask, scores: Floats) -> float:
    """Return the area under the ROC curve: how often a case scores above another comment."""
    _, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    positive, negative = int(cases.sum()), int((~cases).sum())
    return float((ranks[cases].sum() - positive * (positive + 1) / 2) / (positive * negative))


def interval(cases: Mask, scores: Floats) -> tuple[float, float]:
    """Return the middle 95 % of the area over resampled cases and resampled others."""
    random = np.random.default_rng(_SEED)
    positive, negative = scores[cases], scores[~cases]
    marks = np.arange(len(scores)) < len(positive)
    areas = [
        area(
            marks,
            np.concatenate([random.choice(positive, len(positive)), random.choice(negative, len(negative))]),
        )
        for _ in range(_RESAMPLES)
    ]
    low, high = np.quantile(areas, (0.025, 0.975))
    return float(low), float(high)


def reliability(cases: Mask, scores: Floats) -> list[tuple[float, float, int]]:
    """Return for each tenth of the scale that holds any score: mean score, share of cases, number."""
    bins = np.minimum((scores * _BINS).astype(int), _BINS - 1)
    return [
        (float(scores[here].mean()), float(cases[here].mean()), int(here.sum()))
        for here in (bins == number for number in range(_BINS))
        if here.any()
    ]


def calibration_error(cases: Mask, scores: Floats) -> float:
    """Return the mean distance between score and share of cases over the tenths of the scale."""
    return sum(abs(score - share) * n for score, share, n in reliability(cases, scores)) / len(scores)


def _rounded(value: float) -> float:
    return round(float(value), 4)


def _label_figures(corpus: Corpus, label: str, scores: Floats, clean: Mapping[str, Mask]) -> dict[str, Any]:
    calm = _any(clean, len(corpus))
    cuts = {}
    if calm.any():
        hold, reject = np.quantile(scores[calm], (1 - HOLD_RATE, 1 - REJECT_RATE), method="higher")
        # Rounded up, so that the share of clean comments that reach it is no larger than promised.
        cuts = {"hold": float(np.ceil(hold * 1e4) / 1e4), "reject": float(np.ceil(reject * 1e4) / 1e4)}
    sources: dict[str, Any] = {}
    for source, rows, cases in by_source(corpus, label):
        of_rows = scores[rows]
        found: dict[str, Any] = {"rows": len(cases), "positive": int(cases.sum())}
        if min(cases.sum(), (~cases).sum()) >= _FEWEST:
            low, high = interval(cases, of_rows)
            found |= {
                "auc": _rounded(area(cases, of_rows)),
                "auc_low": _rounded(low),
                "auc_high": _rounded(high),
                "average_precision": _rounded(average_precision_score(cases, of_rows)),
            }
        if cuts and cases.any():
            found["recall_at_hold"] = _rounded((of_rows[cases] >= cuts["hold"]).mean())
            found["recall_at_reject"] = _rounded((of_rows[cases] >= cuts["reject"]).mean())
        found["brier"] = _rounded(((of_rows - cases) ** 2).mean())
        found["ece"] = _rounded(calibration_error(cases, of_rows))
        found["mean_score"] = _rounded(of_rows.mean())
        sources[source] = found
    return {"sources": sources, "recommended": cuts}


def _any(masks: Mapping[str, Mask], rows: int) -> Mask:
    either = np.zeros(rows, dtype=bool)
    for mask in masks.values():
        either |= mask
    return either


def _operating(
    corpus: Corpus, label: str, scores: Floats, pair: tuple[float, float], clean: Mapping[str, Mask]
) -> dict[str, Any]:
    sources = {}
    for source, rows, cases in by_source(corpus, label):
        found: dict[str, Any] = {"rows": len(cases), "positive": int(cases.sum())}
        for name, threshold in zip(("hold", "reject"), pair, strict=True):
            reached = scores[rows] >= threshold
            hits = int((reached & cases).sum())
            found[name] = {
                "reached": int(reached.sum()),
                # Where every row is a case, any precision is 1 and says nothing.
                "precision": _rounded(hits / reached.sum()) if reached.any() and not cases.all() else None,
                "recall": _rounded(hits / cases.sum()) if cases.any() else None,
            }
        sources[source] = found
    flagged = {
        source: [_rounded((scores[rows] >= threshold).mean()) for threshold in pair]
        for source, rows in clean.items()
    }
    return {"thresholds": list(pair), "sources": sources, "clean": flagged}


def _hatecheck(corpus: Corpus, by_label: Mapping[str, Floats], clean: Mapping[str, Mask]) -> dict[str, Any]:
    """Return by HateCheck functionality the share at or above the score that 1 % of clean comments reach."""
    rows = corpus.sources == "hatecheck"
    calm = _any(clean, len(corpus))
    if not (rows.any() and calm.any()):
        return {}
    kinds = np.array(
        [
            json.loads(extra)["functionality"] if here else ""
            for extra, here in zip(corpus.extras, rows, strict=True)
        ]
    )
    labels = [label for label in ("toxicity", "personal-attack", "identity-attack") if label in by_label]
    cuts = {label: np.quantile(by_label[label][calm], 1 - HOLD_RATE, method="higher") for label in labels}
    return {
        str(kind): {"rows": int(here.sum())}
        | {label: _rounded((by_label[label][here] >= cuts[label]).mean()) for label in labels}
        for kind in np.unique(kinds[rows])
        for here in [rows & (kinds == kind)]
    }


def _differences(place: str, before: Any, now: Any) -> Iterator[str]:
    if isinstance(before, Mapping) and isinstance(now, Mapping):
        # What the record adds beside the figures (model, recipe, training data) is not measured here.
        for key in now if not place else {**before, **now}:
            yield from _differences(f"{place}/{key}" if place else key, before.get(key), now.get(key))
    elif before != now:
        yield f"{place}: {before} recorded, {now} now"


def curves(scorer: LinearScorer, data: Path) -> dict[str, tuple[str, list[Curve], Axes]]:
    """Return the charts of a model by file name: ROC, precision and recall, reliability; a panel a label."""
    corpus = read(data / DEV)
    scores = scorer.probabilities(corpus.texts).astype(np.float64)
    roc, precision, reliable = [], [], []
    for column, label in enumerate(scorer.labels):
        for source, rows, cases in by_source(corpus, label):
            of_rows = scores[rows, column]
            if min(cases.sum(), (~cases).sum()) < _FEWEST:
                continue
            false, true, _ = roc_curve(cases, of_rows)
            roc.append(Curve(label, source, _thin(list(zip(false.tolist(), true.tolist(), strict=True)))))
            precise, recalled, _ = precision_recall_curve(cases, of_rows)
            # Where under five cases are reached the precision jumps about and means nothing.
            steady = recalled >= _FEWEST / cases.sum()
            points = list(zip(recalled[steady].tolist(), precise[steady].tolist(), strict=True))
            precision.append(Curve(label, source, _thin(points[::-1])))
            points = [(score, share) for score, share, n in reliability(cases, of_rows) if n >= 10]
            reliable.append(Curve(label, source, points))
    return {
        "roc": (
            "ROC by source of dev",
            roc,
            Axes("share of others reached", "share of cases reached", diagonal=True),
        ),
        "precision-recall": ("Precision and recall by source of dev", precision, Axes("recall", "precision")),
        "reliability": (
            "Reliability: cases among comments of a score (tenths with 10 or more comments)",
            reliable,
            Axes("score", "share of cases", diagonal=True, dots=True),
        ),
    }


def _thin(points: Sequence[tuple[float, float]], most: int = 80) -> list[tuple[float, float]]:
    """Return at most about this many of the points, first and last among them."""
    if not points:
        return []
    return [points[number] for number in np.unique(np.linspace(0, len(points) - 1, most).astype(int))]


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return a Markdown table; numbers to the right, None as a dash."""
    lines = [
        "| " + " | ".join(head) + " |",
        "| " + " | ".join("---" if i == 0 else "--:" for i in range(len(head))) + " |",
    ]
    lines += ["| " + " | ".join(_cell(value) for value in row) + " |" for row in rows]
    return "\n".join(lines)


def _cell(value: object) -> str:
    if value is None:
        return "–"
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def ranking_table(figures: Mapping[str, Any]) -> str:
    """Return AUC with its 95 % interval, average precision, and recall at the recommended scores."""
    rows = [
        (label, source, found["rows"], found["positive"], found.get("auc"),
         f"{found['auc_low']:.3f}-{found['auc_high']:.3f}" if "auc" in found else None,
         found.get("average_precision"), found.get("recall_at_hold"), found.get("recall_at_reject"))
        for label, of_label in figures["labels"].items()
        for source, found in of_label["sources"].items()
    ]  # fmt: skip
    head = (
        "label",
        "source",
        "rows",
        "cases",
        "AUC",
        "95 %",
        "average precision",
        "recall at 1 %",
        "recall at 0.2 %",
    )
    return table(head, rows)


def clean_table(figures: Mapping[str, Any]) -> str:
    """Return for each label the scores that 1 % and 0.2 % of clean comments reach."""
    rows = [
        (label, f"{of_label['recommended']['hold']:.4f}", f"{of_label['recommended']['reject']:.4f}")
        for label, of_label in figures["labels"].items()
        if of_label["recommended"]
    ]
    return table(("label", "score that 1 % of clean comments reach", "0.2 %"), rows)


def operating_table(operating: Mapping[str, Any]) -> str:
    """Return precision and recall at the thresholds asked for, and how many clean comments reach them."""
    rows: list[Sequence[object]] = []
    for label, found in operating.items():
        hold, reject = found["thresholds"]
        for source, (at_hold, at_reject) in found["clean"].items():
            reached = [f"{100 * share:.2f} % reach it" for share in (at_hold, at_reject)]
            calm = f"{source}, clean only"
            rows.append((label, calm, f"{hold:.4f}", reached[0], None, f"{reject:.4f}", reached[1], None))
        for source, of_source in found["sources"].items():
            if of_source["positive"]:
                first, second = (
                    (of_source[name]["precision"], of_source[name]["recall"]) for name in ("hold", "reject")
                )
                rows.append((label, source, f"{hold:.4f}", *first, f"{reject:.4f}", *second))
    head = ("label", "source", "hold at", "precision", "recall", "reject at", "precision", "recall")
    return table(head, rows)


def calibration_table(figures: Mapping[str, Any]) -> str:
    """Return how far the scores are from the share of cases."""
    rows = [
        (
            label,
            source,
            _rounded(found["positive"] / found["rows"]),
            found["mean_score"],
            found["brier"],
            found["ece"],
        )
        for label, of_label in figures["labels"].items()
        for source, found in of_label["sources"].items()
    ]
    return table(("label", "source", "share of cases", "mean score", "Brier", "ECE"), rows)


def hatecheck_table(figures: Mapping[str, Any]) -> str:
    """Return by HateCheck functionality the share that reaches the score that 1 % of clean comments reach."""
    labels = [key for key in next(iter(figures["hatecheck"].values())) if key != "rows"]
    rows = [
        (kind, found["rows"], *(found[label] for label in labels))
        for kind, found in figures["hatecheck"].items()
    ]
    return table(("HateCheck functionality", "rows", *labels), rows)
