"""The evaluation report: every system on the same rows, written to a folder as Markdown, HTML and charts."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from moderation import charts
from moderation.charts import Axes, Curve
from moderation.classifier import measuring, probing, slicing
from moderation.classifier.datasets import POSITIVE_FROM
from moderation.classifier.document import Block, Chart, Section, Table, write
from moderation.classifier.evaluation import DEV
from moderation.classifier.measuring import FEWEST, by_source, clean_rows
from moderation.classifier.ranking import Floats, Mask, area, area_within
from moderation.classifier.systems import (
    CLEAN_CUT,
    COMPARED,
    SAMPLE,
    SEED,
    VERDICT,
    Rows,
    Scores,
    System,
    cuts_of,
    read_rows,
    scores_on,
    share,
    stages,
)
from moderation.engine import Engine

# Labels that every system and slice is compared on.
LABELS = ("toxicity", "personal-attack")
_HATEFUL = (*LABELS, "identity-attack")


def report(
    data: Path,
    out: Path,
    engine: Engine,
    systems: Sequence[System],
    templates: Path = Path("tests/sets/identity.toml"),
) -> None:
    """Write the report on these systems into a folder; the first learned model explains and is attacked.

    Args:
        data: the folder with dev.parquet, and train.parquet to tune the marking of words.
        out: a folder, made where it is not there.
        engine: whose lexicon and models name the words.
        systems: what is measured; slow ones read a sample with a fixed seed.
        templates: sentences that differ in the group they name.
    """
    rows = read_rows(data)
    scores = {system.name: scores_on(system, rows) for system in systems}
    fast = [system for system in systems if not system.slow]
    first = next(iter(stages(engine).values()), None)
    sections = [
        _about(rows, systems),
        _ranking(rows, systems, scores),
        _curves(rows, fast, scores),
        _calibration(rows, fast, scores),
        _operating(rows, fast, scores),
        _slices(rows, fast, scores),
        _hatecheck(rows, fast, scores),
        probing.bias_section(rows, fast, scores, templates),
        probing.robustness_section(rows, fast, first, scores, engine.policy.lexicon),
        probing.marking_section(data, first, engine),
    ]
    write(out, "Evaluation", sections)


def _about(rows: Rows, systems: Sequence[System]) -> Section:
    table = Table(
        ("system", "version", "reads"),
        [
            (system.name, system.version, f"{rows.sample.sum()} sampled rows" if system.slow else "all rows")
            for system in systems
        ],
    )
    return Section(
        "What was measured",
        [
            f"{len(rows.corpus)} English rows of {DEV} (sha256 {rows.digest}). The recipe of the models was chosen on these"
            " rows, so expect a little less elsewhere. Comments are read without article, thread or author. Figures are"
            " by source, or compare comments of one source only: pooled ones would mostly say how well sources can be"
            f" told apart. Slow systems read {rows.sample.sum()} rows, up to {SAMPLE // len(COMPARED)} of each of"
            f" {len(COMPARED)} sources, drawn with seed {SEED}.",
            table,
        ],
    )


def _ranking(rows: Rows, systems: Sequence[System], scores: Scores) -> Section:
    fast = [system.name for system in systems if not system.slow]
    blocks: list[Block] = [
        "Area under the ROC curve with the middle 95 % of 200 resamples, all rows of each source."
    ]
    blocks.append(_areas(rows, fast, scores, np.ones(len(rows.corpus), dtype=bool), intervals=True))
    blocks.append("The same on the sample, which the slow systems read as well.")
    blocks.append(_areas(rows, [system.name for system in systems], scores, rows.sample, intervals=False))
    return Section("How well they rank", blocks)


def _areas(rows: Rows, names: Sequence[str], scores: Scores, among: Mask, *, intervals: bool) -> Table:
    """Return the area of each system by label and source, and the mean of the sources where there are several."""
    found = []
    for label in dict.fromkeys(label for name in names for label in scores[name] if label != VERDICT):
        areas: dict[str, list[float]] = {name: [] for name in names if label in scores[name]}
        for source, here, cases in by_source(rows.corpus, label):
            kept = among[here]
            if min(cases[kept].sum(), (~cases[kept]).sum()) < FEWEST:
                continue
            line: list[object] = [label, source, int(kept.sum()), int(cases[kept].sum())]
            for name in names:
                if name not in areas:
                    line.append(None)
                    continue
                of = scores[name][label][here][kept]
                areas[name].append(area(cases[kept], of))
                line.append(_area(areas[name][-1], cases[kept], of, intervals=intervals))
            found.append(line)
        if areas and all(len(of) > 1 for of in areas.values()):
            means = [f"{np.mean(areas[name]):.3f}" if name in areas else None for name in names]
            found.append([label, "mean of the sources", None, None, *means])
    return Table(("label", "source", "rows", "cases", *names), found)


def _area(value: float, cases: Mask, scores: Floats, *, intervals: bool) -> str:
    if not intervals:
        return f"{value:.3f}"
    low, high = measuring.interval(cases, scores)
    return f"{value:.3f} ({low:.3f}-{high:.3f})"


def _curves(rows: Rows, systems: Sequence[System], scores: Scores) -> Section:
    blocks: list[Block] = []
    label = "personal-attack"
    curves = []
    for source, here, cases in by_source(rows.corpus, label):
        if min(cases.sum(), (~cases).sum()) >= FEWEST:
            curves += [
                Curve(source, system.name, measuring.roc_points(cases, scores[system.name][label][here]))
                for system in systems
                if label in scores[system.name]
            ]
    axes = Axes("share of others reached", "share of cases reached", diagonal=True, series="system")
    title = f"ROC of {label} by source, every system"
    blocks.append(Chart("compared", title, charts.as_svg(title, curves, axes)))
    for system in systems:
        learned = {key: found for key, found in scores[system.name].items() if key != VERDICT}
        for name, (title, lines, axes) in measuring.curves(rows.corpus, learned).items():
            titled = f"{title}: {system.name}"
            blocks.append(
                Chart(f"{name}-{system.name.replace(' ', '-')}", titled, charts.as_svg(titled, lines, axes))
            )
    return Section("ROC, precision and recall, reliability", blocks)


def _calibration(rows: Rows, systems: Sequence[System], scores: Scores) -> Section:
    found = []
    for system in systems:
        for label, of in scores[system.name].items():
            for source, here, cases in by_source(rows.corpus, label) if label != VERDICT else ():
                low, high = measuring.calibration_interval(cases, of[here])
                error = measuring.calibration_error(cases, of[here])
                brier = float(((of[here] - cases) ** 2).mean())
                line = (
                    float(cases.mean()),
                    float(of[here].mean()),
                    brier,
                    f"{error:.3f} ({low:.3f}-{high:.3f})",
                )
                found.append((system.name, label, source, len(cases), *line))
    head = ("system", "label", "source", "rows", "share of cases", "mean score", "Brier", "ECE (95 %)")
    said = (
        "Expected calibration error over tenths of the scale, with the middle 95 % of 200 resamples. The models' scores"
        " speak of a stream where cases are rare: sources picked for their many cases score too low by intent, and"
        f" {' and '.join(measuring.CLEAN_SOURCES)} have natural rates."
    )
    return Section("Calibration", [said, Table(head, found)])


def _operating(rows: Rows, systems: Sequence[System], scores: Scores) -> Section:
    reached, clean = [], []
    for system in systems:
        for label, of in scores[system.name].items():
            asked = "personal-attack" if label == VERDICT else label
            for key, cut in cuts_of(system, scores[system.name], label, rows.clean).items():
                named = (system.name, label, f"{key}, {cut:.3f}")
                for source, here in clean_rows(rows.corpus).items():
                    clean.append((*named, source, int(here.sum()), share((of[here] >= cut).tolist())))
                for source, here, cases in by_source(rows.corpus, asked):
                    if cases.sum() < FEWEST:
                        continue
                    yes = of[here] >= cut
                    # Where every row is a case, any precision is 1 and says nothing.
                    precise = share(cases[yes].tolist()) if yes.any() and not cases.all() else None
                    reached.append((*named, source, int(cases.sum()), precise, share(yes[cases].tolist())))
    head = ("system", "label", "from")
    return Section(
        "Operating points",
        [
            "Clean comments that reach the score, with Wilson's 95 % interval. The cuts are those the policy gives the"
            " system (a model alone never rejects), and the score that 1 % of clean comments reach.",
            Table((*head, "clean comments of", "rows", "reach it"), clean),
            "Precision and recall there, with the same interval; `verdict` is measured against personal attacks. Precision"
            " is that of the source's own share of cases.",
            Table((*head, "source", "cases", "precision", "recall"), reached),
        ],
    )


def _slices(rows: Rows, systems: Sequence[System], scores: Scores) -> Section:
    found = []
    parts = slicing.slices(rows.originals)
    for label in LABELS:
        values = rows.corpus.label(label)
        cases, others = values >= POSITIVE_FROM, values < POSITIVE_FROM
        for name, part in parts.items():
            for system in systems:
                of = scores[system.name].get(label)
                if of is None:
                    continue
                within, number, rest = area_within(cases & part, others & part, of, rows.corpus.sources)
                cut = cuts_of(system, scores[system.name], label, rows.clean).get(CLEAN_CUT)
                calm = rows.clean & part
                reach = (
                    (None, None)
                    if cut is None
                    else (share((of[cases & part] >= cut).tolist()), share((of[calm] >= cut).tolist()))
                )
                found.append((label, name, system.name, number, rest, within, *reach))
    head = ("label", "slice", "system", "cases", "others", "AUC within sources", "recall", "clean flagged")
    said = (
        "Comments are compared with those of their own source only. Recall and clean comments flagged are at the score"
        " that 1 % of all clean comments reach. Dialect is told by a list of words and is a proxy at best."
    )
    return Section("Slices", [said, Table(head, found)])


def _hatecheck(rows: Rows, systems: Sequence[System], scores: Scores) -> Section:
    columns: dict[str, Mask] = {}
    for system in systems:
        of = scores[system.name]
        for label in (*_HATEFUL, VERDICT):
            for key, cut in cuts_of(system, of, label, rows.clean).items() if label in of else ():
                # Models are compared at one rate of clean comments, the engine by what it does.
                if key == CLEAN_CUT and VERDICT not in of:
                    columns[f"{system.name}: {label}"] = of[label] >= cut
                elif label == VERDICT:
                    columns[f"{system.name}: {'held or rejected' if key == 'hold' else 'rejected'}"] = (
                        of[label] >= cut
                    )
    here = rows.corpus.sources == "hatecheck"
    kinds = np.array(
        [
            json.loads(extra)["functionality"] if here_ else ""
            for extra, here_ in zip(rows.corpus.extras, here, strict=True)
        ]
    )
    found = [
        (
            kind,
            int((kinds == kind).sum()),
            *(float(reached[kinds == kind].mean()) for reached in columns.values()),
        )
        for kind in np.unique(kinds[here]).tolist()
    ]
    said = (
        "Share of HateCheck's cases that a model's score puts at or above the score that 1 % of clean comments reach, and"
        " that the engine holds or rejects. Kinds that end in _nh are not hateful; target_indiv_nh is abuse of a person,"
        " which breaks our policy."
    )
    return Section("HateCheck", [said, Table(("functionality", "rows", *columns), found)])
