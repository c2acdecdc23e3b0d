"""A recipe and labelled comments in, a model folder out: fitted, calibrated, measured, with its card."""

import platform
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import numpy.typing as npt
import sklearn
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from scipy.sparse import csr_matrix, diags, hstack, vstack
from sklearn.linear_model import LogisticRegression

from moderation.classifier import artefact, card, datasets, evaluation, measuring
from moderation.classifier.datasets import LABELS, POSITIVE_FROM, Corpus
from moderation.classifier.features import HashedNgrams
from moderation.classifier.recipe import Head, Recipe, read_recipe
from moderation.errors import InvalidInput

Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]
Tell = Callable[[str], None]
DECISIONS = "decisions"  # what stands for a file with rows that were judged here


@dataclass(frozen=True, slots=True)
class Material:
    """The rows that may train: which file each is of, what it weighs, whether it is kept back."""

    corpus: Corpus
    files: npt.NDArray[np.str_]
    weights: Floats
    kept_back: Mask


@dataclass(frozen=True, slots=True)
class Fitted:
    """One label's weights and bias in log-odds, the numbers of rows behind them, and its calibration rows."""

    weights: Floats
    bias: float
    counts: Mapping[str, int]
    back: npt.NDArray[np.intp]
    cases: Mask
    importance: Floats


def train(
    recipe: Path,
    data: Path,
    progress: bool = True,
    thresholds: evaluation.Thresholds | None = None,
    *,
    decisions: Corpus | None = None,
    into: Path | None = None,
) -> None:
    """Write weights, manifest, metrics, charts and card into the recipe's own folder, or into another one.

    Args:
        recipe: `models/<name>/recipe.toml`.
        data: the folder with the parquet files the recipe names.
        progress: whether to show a bar.
        thresholds: (hold, reject) scores by label that the card measures, by default the recommended ones.
        decisions: rows beside those of the files, for every head that knows their labels.
        into: an empty folder that is there; without it, the recipe's own.
    """
    plan = read_recipe(recipe)
    # data, n-grams, one step a head, measuring, charts and card
    with _bar(len(plan.heads) + 4, progress) as tell, TemporaryDirectory() as made:
        # Written elsewhere first: a run that fails leaves the model that was there as it was.
        _train(recipe, plan, data, Path(made), tell, thresholds, decisions)
        for path in sorted(Path(made).iterdir()):
            if into is not None or path.name != recipe.name:
                shutil.copyfile(path, (into or recipe.parent) / path.name)


def _train(
    recipe: Path,
    plan: Recipe,
    data: Path,
    folder: Path,
    tell: Tell,
    thresholds: evaluation.Thresholds | None,
    decisions: Corpus | None,
) -> None:
    started = time.perf_counter()
    tell("reading")
    material = prepare(plan, data, decisions)
    counts = {label: material.corpus.positives(label) for label in LABELS}
    heads = {label: head for label, head in plan.heads.items() if counts[label] >= plan.fewest_cases}
    tell("hashing n-grams")
    shape = plan.ngrams.shape
    matrix = HashedNgrams(shape.bits, shape.shortest, shape.longest).transform(material.corpus.texts)
    fitted: dict[str, Fitted] = {}
    for label in plan.heads:
        tell(f"fitting {label}")
        if label in heads:
            fitted[label] = fit(label, heads[label], plan, material, matrix)
    fitted = with_borrowed({str(label): head for label, head in heads.items()}, fitted, matrix)
    if not fitted:
        raise InvalidInput(
            f"No label of {recipe} has {plan.fewest_cases} cases in the data: nothing to train."
        )
    weights = np.stack([head.weights for head in fitted.values()], axis=1)
    biases = np.array([head.bias for head in fitted.values()], np.float32)
    shutil.copyfile(recipe, folder / "recipe.toml")
    scorer = artefact.save(
        folder, name=plan.name, labels=tuple(fitted), shape=shape, weights=weights, biases=biases
    )
    tell("measuring")
    report = evaluation.measure(scorer, data, thresholds)
    metrics: dict[str, Any] = {
        "model": scorer.version,
        "made": {
            "python": platform.python_version(),
            "numpy": np.__version__,
            "scikit-learn": sklearn.__version__,
            "seconds": round(time.perf_counter() - started),
            "bytes_of_weights": (folder / artefact.WEIGHTS).stat().st_size,
        },
        "training": {
            "files": {file.name: datasets.file_digest(data / file.name) for file in plan.files},
            "rows": len(material.corpus),
            "cases": counts,
            "heads": {label: dict(head.counts) for label, head in fitted.items()},
            "sources": datasets.counts_by_source(material.corpus),
        },
        **report.figures,
    }
    card.write_metrics(folder, metrics)
    tell("drawing")
    dev = datasets.read(data / evaluation.DEV)
    scores = scorer.probabilities(dev.texts).astype(np.float64)
    by_label = {label: scores[:, column] for column, label in enumerate(scorer.labels)}
    measuring.draw(folder, dev, by_label)
    (folder / "card.md").write_text(card.write(plan, metrics, report), "utf-8")
    artefact.seal(folder)
    tell("done")


def prepare(plan: Recipe, data: Path, decisions: Corpus | None = None) -> Material:
    """Return the rows that licences and the recipe let train and the decisions, none twice, a share kept back.

    No decision is kept back: moderators mostly read what was held, which is no sample to calibrate by.
    """
    parts, files = [], []
    for file in plan.files:
        part = datasets.may_train(
            datasets.read(data / file.name, plan.languages), licensed_only=plan.licensed_only
        )
        if file.sources is not None:
            part = part.where(np.isin(part.sources, file.sources))
        parts.append(part)
        files.extend([file.name] * len(part))
    if decisions is not None:
        parts.append(decisions)
        files.extend([DECISIONS] * len(decisions))
    whole = datasets.join(parts)
    # The file is carried through as the extra: de-duplication picks rows.
    marked = Corpus(whole.texts, whole.sources, whole.values, tuple(files))
    corpus = datasets.without_duplicates(marked, plan.likeness)
    # Decisions weigh what the recipe's [sources] say, else as other rows do: more of them helps comments of their own
    # kind a little and costs all others.
    of_file = {file.name: file.weight for file in plan.files} | {DECISIONS: 1.0}
    weights = [
        of_file[file] * plan.sources.get(str(source), 1.0)
        for file, source in zip(corpus.extras, corpus.sources, strict=True)
    ]
    of_row = np.array(corpus.extras)
    kept_back = np.random.default_rng(plan.seed).random(len(corpus)) < plan.calibration.share
    return Material(corpus, of_row, np.array(weights, np.float32), kept_back & (of_row != DECISIONS))


def fit(label: str, head: Head, plan: Recipe, material: Material, matrix: csr_matrix) -> Fitted:
    """Return the calibrated head of one label."""
    corpus = material.corpus
    if head.infer_clean:
        corpus = datasets.infer_clean(corpus, [label])
    values, weights = corpus.label(label).copy(), material.weights.copy()
    weights[~np.isin(material.files, (*(head.files or (plan.files[0].name,)), DECISIONS))] = 0
    ordinary = np.isnan(values) & np.isin(corpus.sources, head.ordinary)
    values[ordinary], weights[ordinary] = 0, head.ordinary_weight
    usable = ~np.isnan(values) & (weights > 0)
    used = usable & ~material.kept_back
    raw = _coefficients(
        matrix[used], values[used], weights[used], corpus.sources[used], head=head, seed=plan.seed
    )
    # Any comment that raters found clean may calibrate: what matters there is what ordinary readers write.
    judged = datasets.infer_clean(corpus, [label]).label(label) if label != "spam" else values
    judged = np.where(np.isnan(values), judged, values)
    back = (
        material.kept_back
        & ~np.isnan(judged)
        & (usable | np.isin(corpus.sources, list(plan.calibration.clean)))
    )
    cases = judged[back] >= POSITIVE_FROM
    weighed = importance(cases, corpus.sources[back], plan.calibration.clean, head.prevalence)
    counts = {
        "rows": int(used.sum()),
        "cases": int((values[used] >= POSITIVE_FROM).sum()),
        "calibration_rows": int(back.sum()),
        "calibration_cases": int(cases.sum()),
    }
    return calibrated(Fitted(raw, 0.0, counts, np.flatnonzero(back), cases, weighed), matrix)


def with_borrowed(
    heads: Mapping[str, Head], fitted: Mapping[str, Fitted], matrix: csr_matrix
) -> dict[str, Fitted]:
    """Return the heads with what each borrows of the others, calibrated anew."""
    found = {}
    for label, own in fitted.items():
        shares = {other: share for other, share in heads[label].borrows.items() if other in fitted}
        weights = own.weights + sum(share * fitted[other].weights for other, share in shares.items())
        found[label] = calibrated(replace(own, weights=weights), matrix) if shares else own
    return found


def calibrated(head: Fitted, matrix: csr_matrix) -> Fitted:
    """Return the head with its scores turned into log-odds on its calibration rows (Platt's method)."""
    scores = matrix[head.back] @ head.weights
    spread = max(float(np.std(scores)), 1e-9)
    model = LogisticRegression(C=1e6, max_iter=1000, tol=1e-8)
    model.fit((scores / spread)[:, None], head.cases, sample_weight=head.importance)
    # A head that learned the wrong way round must not be turned over in silence: it gets no say instead.
    slope = max(float(model.coef_[0, 0]) / spread, 0.0)
    return replace(head, weights=(head.weights * slope).astype(np.float32), bias=float(model.intercept_[0]))


def _coefficients(
    matrix: csr_matrix,
    values: Floats,
    weights: Floats,
    sources: npt.NDArray[np.str_],
    *,
    head: Head,
    seed: int,
) -> Floats:
    scales = _scales(matrix, values, weights, head)
    features = matrix @ diags(scales)
    if head.own_bias:
        numbers = np.unique(sources, return_inverse=True)[1]
        ones = np.ones(len(numbers), np.float32)
        features = hstack([features, csr_matrix((ones, (np.arange(len(numbers)), numbers)))], format="csr")
    cases = values >= POSITIVE_FROM
    if head.raters:
        # Each row stands once as a case and once as none, weighed by the raters on either side.
        features = vstack([features, features], format="csr")
        weights = np.concatenate([weights * values, weights * (1 - values)])
        cases = np.arange(len(weights)) < len(values)
        features, weights, cases = features[weights > 0], weights[weights > 0], cases[weights > 0]
    # liblinear's dual solver is stochastic, hence the seed; 0.05 is where dev no longer moves.
    model = LogisticRegression(
        solver="liblinear", dual=True, C=head.strength, tol=0.05, max_iter=200, random_state=seed
    )
    model.fit(features, cases, sample_weight=weights)
    coefficients: Floats = (model.coef_[0][: matrix.shape[1]] * scales).astype(np.float32)
    return coefficients


def _scales(matrix: csr_matrix, values: Floats, weights: Floats, head: Head) -> Floats:
    """Return what each bucket is multiplied with before the fit; it is folded into the weights after."""
    hits = np.bincount(matrix.indices, minlength=matrix.shape[1])
    scales = np.ones(matrix.shape[1], np.float32)
    if head.rarity:
        # A fifth, so that common n-grams keep about the scale for which `strength` was chosen.
        scales *= ((np.log((1 + matrix.shape[0]) / (1 + hits)) + 1) / 5) ** head.rarity
    if head.evidence:
        present = csr_matrix((np.ones_like(matrix.data), matrix.indices, matrix.indptr), matrix.shape)
        with_case = 1 + present.T @ (weights * values)
        without = 1 + present.T @ (weights * (1 - values))
        ratio = np.abs(np.log((with_case / with_case.sum()) / (without / without.sum())))
        seen = hits > 5
        scales *= (ratio / ratio[seen].mean() if seen.any() else ratio) ** head.evidence
    return scales


def importance(
    cases: Mask, sources: npt.NDArray[np.str_], clean: Mapping[str, float], prevalence: float
) -> Floats:
    """Return row weights by which cases make up `prevalence` and clean rows are mixed as the recipe says."""
    weights = np.zeros(len(cases), np.float64)
    weights[cases] = prevalence / max(int(cases.sum()), 1)
    shares = {source: clean.get(source, 0.0) for source in np.unique(sources[~cases]).tolist()}
    if not any(shares.values()):
        shares = dict.fromkeys(shares, 1.0)
    for source, share in shares.items():
        rows = ~cases & (sources == source)
        weights[rows] = (1 - prevalence) * share / sum(shares.values()) / rows.sum()
    return (weights * len(cases)).astype(np.float32)


@contextmanager
def _bar(steps: int, progress: bool) -> Iterator[Tell]:
    columns = (
        TextColumn("{task.description:<28}"),
        BarColumn(),
        TextColumn("{task.completed:.0f}/{task.total:.0f}"),
    )
    with Progress(*columns, TimeElapsedColumn(), disable=not progress) as bar:
        task = bar.add_task("", total=steps)
        first = True

        def tell(what: str) -> None:
            nonlocal first
            bar.update(task, description=what, advance=0 if first else 1)
            first = False

        yield tell
