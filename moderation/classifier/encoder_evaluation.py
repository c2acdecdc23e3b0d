"""What the second stage adds: figures of both stages together beside the first alone, by source and language."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime

from moderation.classifier import artefact, evaluation, measuring
from moderation.classifier.cascade import Band, Cascade, load_scorers
from moderation.classifier.datasets import POSITIVE_FROM, Corpus, read, read_parents
from moderation.classifier.evaluation import DEV
from moderation.classifier.measuring import by_source, clean_rows
from moderation.classifier.ranking import area
from moderation.classifier.tables import operating_table, table
from moderation.engine.text import Text
from moderation.errors import InvalidInput

Floats = npt.NDArray[np.float32]
_FEWEST = 10  # cases, and others, that an area needs
_COMPARED = 3_000  # rows read once more without 8-bit weights, which takes three times as long
_SAME = 0.005
OTHERS = ("ru", "tr")
SYSTEMS = ("first", "second", "both")


def check(
    model: Path, data: Path, reads: Callable[[Text], bool], thresholds: evaluation.Thresholds
) -> tuple[str, bool]:
    """Return what was found of a model's folder, of either stage, and whether the figures it came with are met."""
    if artefact.read_manifest(model)["format"] == artefact.ENCODER_FORMAT:
        finding, differences = evaluate(model, data, reads, thresholds)
        return "\n".join((finding, "", *differences)), not differences
    report = evaluation.evaluate(model, data, thresholds)
    return report.finding, not report.differences


def evaluate(
    model: Path, data: Path, reads: Callable[[Text], bool], thresholds: evaluation.Thresholds
) -> tuple[str, tuple[str, ...]]:
    """Return the figures of a second stage's folder as Markdown, and what differs from those it was released with.

    Areas that differ by less than `_SAME` are the same: processors round otherwise.
    """
    first = Band.model_validate(artefact.read_manifest(model)["asked"]).first
    (scorer,) = load_scorers([model.parent / first, model], reads).values()
    if not isinstance(scorer, Cascade):
        raise InvalidInput(f"{model} is no second stage.")
    figures = measure(scorer, data, thresholds)
    recorded = json.loads((model / evaluation.METRICS).read_text("utf-8"))
    differences = [
        f"{name}: not the file this model was sealed with" for name in artefact.changed_files(model)
    ]
    for key, found in figures["areas"].items():
        before = recorded["areas"].get(key, {})
        differences += [
            f"{key}, {system}: {before.get(system)} recorded, {found[system]} now"
            for system in SYSTEMS
            if system in found and abs(found[system] - before.get(system, 0.0)) >= _SAME
        ]
    return tables(figures), tuple(differences)


def tables(figures: Mapping[str, Any]) -> str:
    """Return areas, how often the second stage was asked, and what the thresholds cost, as Markdown."""
    ranks = [
        (key, found["language"], found["cases"], *(found.get(system) for system in SYSTEMS))
        for key, found in figures["areas"].items()
    ]
    asked = [(source, f"{100 * share:.1f} %") for source, share in figures["asked"].items()]
    return "\n\n".join(
        (
            table(("label, source", "language", "cases", *SYSTEMS), ranks),
            table(("rows", "asked"), asked),
            operating_table(figures["operating"]),
        )
    )


def measure(
    scorer: Cascade, data: Path, thresholds: evaluation.Thresholds, floats: bytes | None = None
) -> dict[str, Any]:
    """Return all figures of both stages on the dev file: what `evaluation` measures, and what is peculiar to two.

    With `floats`, the same network without 8-bit weights, the loss of area by label and source is measured too.
    """
    second = replace(scorer.second, session=_Once(scorer.second.session))
    scorer = replace(scorer, second=second)
    english = read(data / DEV)
    joint = scorer.probabilities(english.texts)
    known = _Known(scorer.labels, scorer.version, joint)
    report = evaluation.measure(known, data, thresholds)  # type: ignore[arg-type]  # it asks for no more
    figures: dict[str, Any] = dict(report.figures)
    figures["operating"] = dict(report.operating)
    first = scorer.first.probabilities(english.texts)
    odds = scorer.second.odds(english.texts)
    figures["areas"] = areas(
        english,
        {
            "first": dict(zip(scorer.first.labels, first.T, strict=True)),
            "second": dict(zip(scorer.second.labels, odds.T, strict=True)),
            "both": dict(zip(scorer.labels, joint.T, strict=True)),
        },
    )
    figures["asked"] = {
        source: float(scorer.asked([Text(text) for text in of_source.texts]).mean())
        for source, rows in {**clean_rows(english), "all English rows": np.ones(len(english), bool)}.items()
        for of_source in [english.where(rows)]
    }
    for language in OTHERS:
        corpus = read(data / DEV, (language,))
        figures["areas"] |= areas(
            corpus,
            {
                "first": dict(
                    zip(scorer.first.labels, scorer.first.probabilities(corpus.texts).T, strict=True)
                ),
                "second": dict(zip(scorer.second.labels, scorer.second.odds(corpus.texts).T, strict=True)),
            },
            language,
        )
    figures["context"] = context_figures(scorer, data)
    if floats is not None:
        figures["eight_bits"] = eight_bit_loss(scorer, english, odds, floats)
    return figures


def draw(folder: Path, scorer: Cascade, data: Path) -> None:
    """Write into a folder how both stages together score the English rows of the dev file: three charts."""
    english = read(data / DEV)
    scores = scorer.probabilities(english.texts).astype(np.float64)
    measuring.draw(folder, english, dict(zip(scorer.labels, scores.T, strict=True)))


class _Once:
    """A session that reads nothing twice."""

    def __init__(self, session: onnxruntime.InferenceSession) -> None:
        self._session = session
        self._read: dict[tuple[bytes, ...], Any] = {}

    def run(self, names: None, given: Mapping[str, npt.NDArray[np.int32]]) -> Any:
        """Return what the session returns."""
        key = tuple(values.tobytes() for values in given.values())
        if key not in self._read:
            self._read[key] = self._session.run(names, given)
        return self._read[key]


@dataclass(frozen=True)
class _Known:
    """Scores of the English rows of the dev file, for `evaluation` to measure without asking again."""

    labels: tuple[str, ...]
    version: str
    scores: Floats

    def probabilities(self, folded: Sequence[str]) -> Floats:
        """Return the scores, which are those of these texts."""
        assert len(folded) == len(self.scores)
        return self.scores


def areas(
    corpus: Corpus, scores: Mapping[str, Mapping[str, Floats]], language: str = "en"
) -> dict[str, dict[str, Any]]:
    """Return by "label, source" the cases and the area under the ROC curve of each system."""
    found: dict[str, dict[str, Any]] = {}
    for label in scores["second"]:
        for source, rows, cases in by_source(corpus, label):
            if min(cases.sum(), (~cases).sum()) < _FEWEST:
                continue
            found[f"{label}, {source}"] = {
                "language": language,
                "cases": int(cases.sum()),
                "rows": int(rows.sum()),
                **{
                    system: round(area(cases, of_system[label][rows].astype(np.float64)), 4)
                    for system, of_system in scores.items()
                    if label in of_system
                },
            }
    return found


def context_figures(scorer: Cascade, data: Path) -> dict[str, Any]:
    """Return the area of toxicity on comments whose parent is known, read with and without it."""
    corpus, parents = read(data / DEV), read_parents(data / DEV)
    rows = np.flatnonzero([bool(parent) for parent in parents])
    if not rows.size:
        return {}
    known = corpus.where(rows)
    column = scorer.second.labels.index("toxicity")
    cases = known.label("toxicity") >= POSITIVE_FROM
    with_it = scorer.second.odds(known.texts, [parents[row] for row in rows])[:, column]
    without = scorer.second.odds(known.texts)[:, column]
    return {
        "rows": len(rows),
        "cases": int(cases.sum()),
        "with": round(area(cases, with_it.astype(np.float64)), 4),
        "without": round(area(cases, without.astype(np.float64)), 4),
    }


def eight_bit_loss(scorer: Cascade, corpus: Corpus, odds: Floats, floats: bytes) -> dict[str, float]:
    """Return by "label, source" how much area the 8-bit weights cost (below 0: they gained)."""
    session = onnxruntime.InferenceSession(floats, providers=["CPUExecutionProvider"])
    whole = type(scorer.second)(
        "floats", "floats", scorer.second.labels, scorer.second.limits, scorer.second.pieces, session
    )
    chosen = np.random.default_rng(0).permutation(len(corpus))[:_COMPARED]
    part = corpus.where(np.sort(chosen))
    before = areas(part, {"second": dict(zip(scorer.second.labels, whole.odds(part.texts).T, strict=True))})
    after = areas(part, {"second": dict(zip(scorer.second.labels, odds[np.sort(chosen)].T, strict=True))})
    return {key: round(before[key]["second"] - after[key]["second"], 4) for key in before}


def mean_gain(figures: Mapping[str, Any], label: str) -> float:
    """Return the mean over English sources of what both stages add to the first's area."""
    gains = [
        found["both"] - found["first"]
        for key, found in figures["areas"].items()
        if key.startswith(f"{label}, ") and found["language"] == "en"
    ]
    return float(np.mean(gains))
