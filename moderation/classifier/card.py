"""The model card: what the model is for, what it was made of, what was measured and where it fails."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from moderation.classifier import measuring, tables
from moderation.classifier.datasets import LABELS, licence
from moderation.classifier.evaluation import METRICS, Report
from moderation.classifier.recipe import Recipe
from moderation.classifier.tables import table

Figures = Mapping[str, Any]

_PURPOSE = """\
A linear model over hashed character and word n-grams with one calibrated head per label, for comments \
under newspaper articles in these languages: {languages}.

**Use it** to sort a moderators' queue and to hold comments for a person, together with the rules and \
the word lists. `explain` names the words that raised a score, exactly, because the model is linear.

**Do not use it** to reject a comment by itself, to rate people, or for languages it was not trained on. \
It reads one comment without the article, the thread or the author: it cannot know whom an insult is \
aimed at, whether a quotation is answered, or whether a claim is true."""

_SCORES = """\
A score is the probability that a comment is a case of the label, in a stream of comments where the \
share of cases is the one below and clean comments are mixed like this ({mix}). Training sets hold far \
more cases than a newspaper's comments; without this the scores of ordinary comments would be far too \
high. The share is an assumption of the recipe, not a measurement. Calibrated (Platt) on training rows \
kept back from the fit:"""

_ROWS = """\
{rows} comments after licences and de-duplication (equal texts merged to their raters' mean; of texts \
that share {likeness:g} % of their five-word stretches and all labels, the first). Label counts are \
cases/asked; a label a source did not ask about is unknown, not absent."""

_RANKING = """\
Measured on `{file}` (sha256 `{sha256}`), {rows} English rows, by {evaluate}. The recipe was chosen on \
these same rows, so expect a little less elsewhere. Figures are given source by source: pooled ones \
would mostly say how well sources can be told apart. Recall is at the scores that 1 % and 0.2 % of clean \
comments reach (next table); the interval is a bootstrap's of 200 resamples."""

_THRESHOLDS = """\
Clean comments are those of {sources} that fewer than a fifth of raters called toxic. The recommended \
scores are those that at most {hold:g} % and {reject:g} % of them reach ({evaluate}):"""

_OPERATING = """\
At the thresholds this model was measured at when it was made, the policy's where they were given \
({evaluate}): from the first score the label alone holds a comment aimed at another reader, from the \
second it would reject it; above 1 it never does."""

_CALIBRATION = """\
Scores are tuned to a stream where cases are rare. Sources that were picked for their many cases \
therefore score too low by intent; {natural} have natural rates ({evaluate})."""

_HATECHECK = """\
Share of HateCheck's cases at or above the score that 1 % of clean comments reach ({evaluate}). Kinds \
that end in `_nh` are not hateful: `counter_quote_nh` and `counter_ref_nh` quote hate to answer it, \
`ident_neutral_nh` and `ident_pos_nh` only name a group; `target_indiv_nh` is abuse of a person."""

_WEAK = """\
- Sarcasm, condescension and abuse without a rude word mostly pass; a rude word in a quotation, in \
counter-speech or about nobody is often caught (`profanity_nh` and `counter_ref_nh` below).
- A friendly sentence that names a group can score as an identity attack (`ident_pos_nh` below).
- One insult in a long, otherwise calm comment counts for less than the same insult alone.
- Profanity was learned from one source of news comments; spam from comments under a few music videos of \
2013 to 2015: link, job and coin spam of today is left to the rules.
- What reads like none of the training sources has been measured nowhere, the comments of this newspaper \
included."""

_REPEAT = """\
`moderation train models/{name}/recipe.toml --data DATA` wrote this folder in {seconds} s with Python \
{python}, numpy {numpy} and scikit-learn {sklearn} (seed {seed}); `weights.npz` has {size:,} bytes. The \
same data, recipe and versions give the same weights; `manifest.json` holds the digest of every file \
here."""


def write_metrics(folder: Path, metrics: Figures) -> None:
    """Write the figures as JSON."""
    (folder / METRICS).write_text(json.dumps(metrics, indent=1) + "\n", "utf-8")


def write(plan: Recipe, metrics: Figures, report: Report) -> str:
    """Return the card as Markdown; every figure in it comes from `metrics` or `report`."""
    evaluate = f"`moderation evaluate --model models/{plan.name} --data DATA`"
    clean = ", ".join(f"{source} ({rows} rows)" for source, rows in metrics["clean_rows"].items())
    rates = {"hold": 100 * measuring.HOLD_RATE, "reject": 100 * measuring.REJECT_RATE}
    natural = " and ".join(metrics["clean_rows"]) or "none of the sources"
    sections = [
        f"# {metrics['model']}",
        _PURPOSE.format(languages=", ".join(plan.languages)),
        "## What the scores mean",
        _scores(plan, metrics),
        "## What it was trained on",
        _training(plan, metrics),
        "## How well it ranks",
        _RANKING.format(evaluate=evaluate, **metrics["data"]),
        tables.ranking_table(metrics),
        "![ROC](roc.svg)",
        "![Precision and recall](precision-recall.svg)",
        "## Thresholds",
        _THRESHOLDS.format(sources=clean, evaluate=evaluate, **rates),
        tables.clean_table(metrics),
        _OPERATING.format(evaluate=evaluate),
        tables.operating_table(report.operating),
        "## Calibration",
        _CALIBRATION.format(natural=natural, evaluate=evaluate),
        tables.calibration_table(metrics),
        "![Reliability](reliability.svg)",
        "## Known failures",
        _failures(metrics),
    ]
    if metrics["hatecheck"]:
        sections += [_HATECHECK.format(evaluate=evaluate), tables.hatecheck_table(metrics)]
    sections += ["## Repeat it", _repeat(plan, metrics["made"])]
    return "\n\n".join(sections) + "\n"


def _scores(plan: Recipe, metrics: Figures) -> str:
    shares = {str(label): head.prevalence for label, head in plan.heads.items()}
    rows = [
        (label, f"{100 * shares[label]:g} %", found["calibration_rows"], found["calibration_cases"])
        for label, found in metrics["training"]["heads"].items()
    ]
    mix = ", ".join(f"{source} {weight:g}" for source, weight in plan.calibration.clean.items())
    head = ("label", "assumed share of cases", "rows kept back", "cases among them")
    return _SCORES.format(mix=mix or "all sources alike") + "\n\n" + table(head, rows)


def _training(plan: Recipe, metrics: Figures) -> str:
    training = metrics["training"]
    files = "\n".join(f"- `{name}`, sha256 `{digest}`" for name, digest in training["files"].items())
    rows = [
        (
            source,
            found["licence"],
            found["rows"],
            ", ".join(
                f"{label} {asked['positive']}/{asked['known']}" for label, asked in found["labels"].items()
            ),
        )
        for source, found in training["sources"].items()
    ]
    heads = [(label, found["rows"], found["cases"]) for label, found in training["heads"].items()]
    without = [f"{label} ({training['cases'][label]})" for label in LABELS if label not in training["heads"]]
    unstated = [source for source in training["sources"] if not licence(source).stated]
    parts = [
        files,
        _ROWS.format(rows=training["rows"], likeness=100 * plan.likeness),
        table(("source", "licence", "rows", "labels"), rows),
        table(("head", "rows fitted on", "cases among them"), heads),
    ]
    if without:
        parts.append(
            f"No head, for want of {plan.fewest_cases} cases in the training files: {', '.join(without)}."
            " The rules and word lists must cover these alone."
        )
    if unstated:
        parts.append(
            f"The licence of {', '.join(unstated)} is not stated. Who needs stated licences only sets"
            " `licensed_only = true` in `recipe.toml` and trains again."
        )
    parts.append("unhealthy_ucc (non-commercial) and ethos (GPL) measure and never train.")
    return "\n\n".join(parts)


def _failures(metrics: Figures) -> str:
    lines = []
    for label, of_label in metrics["labels"].items():
        ranked = [(found["auc"], source) for source, found in of_label["sources"].items() if "auc" in found]
        if ranked:
            worst, source = min(ranked)
            few = [name for name, found in of_label["sources"].items() if 0 < found["positive"] < 50]
            line = f"- {label}: ranks worst on {source} (AUC {worst:.3f})"
            lines.append(line + (f"; fewer than 50 cases to measure on in {', '.join(few)}." if few else "."))
    return "\n".join([*lines, _WEAK])


def _repeat(plan: Recipe, made: Figures) -> str:
    return _REPEAT.format(
        name=plan.name,
        seconds=made["seconds"],
        python=made["python"],
        numpy=made["numpy"],
        sklearn=made["scikit-learn"],
        seed=plan.seed,
        size=made["bytes_of_weights"],
    )
