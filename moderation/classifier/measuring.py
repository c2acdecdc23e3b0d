"""What is measured on labelled comments: how well scores rank, what they mean, what thresholds cost."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import average_precision_score, precision_recall_curve, roc_curve

from moderation import charts
from moderation.charts import Axes, Curve
from moderation.classifier.datasets import CLEAN_BELOW, POSITIVE_FROM, Corpus
from moderation.classifier.ranking import Floats, Mask, area

ByLabel = Mapping[str, Floats]

# Sources with clean comments at their natural rate: those of a newspaper's readers, and of Wikipedia's talk.
CLEAN_SOURCES = ("unhealthy_ucc", "wiki_context_toxicity")
# The shares of clean comments that may be held and rejected, from which thresholds are recommended.
HOLD_RATE, REJECT_RATE = 0.01, 0.002
# With fewer cases on either side a rate says nothing.
FEWEST = 5
_RESAMPLES, _SEED = 200, 20261123
_BINS = 10


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


def calibration_interval(cases: Mask, scores: Floats) -> tuple[float, float]:
    """Return the middle 95 % of the calibration error over resampled comments."""
    random = np.random.default_rng(_SEED)
    errors = []
    for _ in range(_RESAMPLES):
        drawn = random.integers(0, len(scores), len(scores))
        errors.append(calibration_error(cases[drawn], scores[drawn]))
    low, high = np.quantile(errors, (0.025, 0.975))
    return float(low), float(high)


def rounded(value: float) -> float:
    """Return a figure with the four digits that are recorded."""
    return round(float(value), 4)


def label_figures(corpus: Corpus, label: str, scores: Floats, clean: Mapping[str, Mask]) -> dict[str, Any]:
    calm = any_of(clean, len(corpus))
    cuts = {}
    if calm.any():
        hold, reject = np.quantile(scores[calm], (1 - HOLD_RATE, 1 - REJECT_RATE), method="higher")
        # Rounded up, so that the share of clean comments that reach it is no larger than promised.
        cuts = {"hold": float(np.ceil(hold * 1e4) / 1e4), "reject": float(np.ceil(reject * 1e4) / 1e4)}
    sources: dict[str, Any] = {}
    for source, rows, cases in by_source(corpus, label):
        of_rows = scores[rows]
        found: dict[str, Any] = {"rows": len(cases), "positive": int(cases.sum())}
        if min(cases.sum(), (~cases).sum()) >= FEWEST:
            low, high = interval(cases, of_rows)
            found |= {
                "auc": rounded(area(cases, of_rows)),
                "auc_low": rounded(low),
                "auc_high": rounded(high),
                "average_precision": rounded(average_precision_score(cases, of_rows)),
            }
        if cuts and cases.any():
            found["recall_at_hold"] = rounded((of_rows[cases] >= cuts["hold"]).mean())
            found["recall_at_reject"] = rounded((of_rows[cases] >= cuts["reject"]).mean())
        found["brier"] = rounded(((of_rows - cases) ** 2).mean())
        found["ece"] = rounded(calibration_error(cases, of_rows))
        found["mean_score"] = rounded(of_rows.mean())
        sources[source] = found
    return {"sources": sources, "recommended": cuts}


def any_of(masks: Mapping[str, Mask], rows: int) -> Mask:
    either = np.zeros(rows, dtype=bool)
    for mask in masks.values():
        either |= mask
    return either


def operating_figures(
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
                "precision": rounded(hits / reached.sum()) if reached.any() and not cases.all() else None,
                "recall": rounded(hits / cases.sum()) if cases.any() else None,
            }
        sources[source] = found
    flagged = {
        source: [rounded((scores[rows] >= threshold).mean()) for threshold in pair]
        for source, rows in clean.items()
    }
    return {"thresholds": list(pair), "sources": sources, "clean": flagged}


def hatecheck_figures(corpus: Corpus, by_label: ByLabel, clean: Mapping[str, Mask]) -> dict[str, Any]:
    """Return by HateCheck functionality the share at or above the score that 1 % of clean comments reach."""
    rows = corpus.sources == "hatecheck"
    calm = any_of(clean, len(corpus))
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
        | {label: rounded((by_label[label][here] >= cuts[label]).mean()) for label in labels}
        for kind in np.unique(kinds[rows])
        for here in [rows & (kinds == kind)]
    }


def curves(corpus: Corpus, by_label: ByLabel) -> dict[str, tuple[str, list[Curve], Axes]]:
    """Return the charts of scores by file name: ROC, precision and recall, reliability; a panel a label."""
    roc, precision, reliable = [], [], []
    for label, scores in by_label.items():
        for source, rows, cases in by_source(corpus, label):
            of_rows = scores[rows]
            if min(cases.sum(), (~cases).sum()) < FEWEST:
                continue
            roc.append(Curve(label, source, roc_points(cases, of_rows)))
            precise, recalled, _ = precision_recall_curve(cases, of_rows)
            # Where under five cases are reached the precision jumps about and means nothing.
            steady = recalled >= FEWEST / cases.sum()
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


def draw(folder: Path, corpus: Corpus, by_label: ByLabel) -> None:
    """Write the charts of `curves` into a folder, an SVG file each."""
    for name, (title, lines, axes) in curves(corpus, by_label).items():
        (folder / f"{name}.svg").write_text(charts.as_svg(title, lines, axes), "utf-8")


def roc_points(cases: Mask, scores: Floats) -> list[tuple[float, float]]:
    """Return the ROC curve as shares of others and of cases reached."""
    false, true, _ = roc_curve(cases, scores)
    return _thin(list(zip(false.tolist(), true.tolist(), strict=True)))


def _thin(points: Sequence[tuple[float, float]], most: int = 80) -> list[tuple[float, float]]:
    """Return at most about this many of the points, first and last among them."""
    if not points:
        return []
    return [points[number] for number in np.unique(np.linspace(0, len(points) - 1, most).astype(int))]
