"""The model card: what the model is for, what it was made of, what was measured and where it fails."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from moderation.classifier import evaluation
from moderation.classifier.datasets import LABELS, licence
from moderation.classifier.evaluation import METRICS, Report, table
from moderation.classifier.recipe import Recipe


def write_metrics(folder: Path, metrics: Mapping[str, Any]) -> None:
    """Write the figures as JSON."""
    (folder / METRICS).write_text(json.dumps(metrics, indent=1) + "\n", "utf-8")


def write(plan: Recipe, metrics: Mapping[str, Any], report: Report) -> str:
    """Return the card as Markdown; every figure in it comes from `metrics` or `report`."""
    evaluate = f"`moderation evaluate models/{plan.name} --data DATA`"
    sections = [
        f"# {metrics['model']}",
        _purpose(plan),
        "## What the scores mean",
        _scores(plan, metrics),
        "## What it was trained on",
        _training(plan, metrics),
        "## How well it ranks",
        f"Measured on `{evaluation.DEV}` (sha256 `{metrics['data']['sha256']}`), {metrics['data']['rows']} English"
        f" rows, by {evaluate}. The recipe was chosen on these same rows, so expect a little less elsewhere. Figures"
        " are given source by source: pooled ones would mostly say how well sources can be told apart. Recall is"
        " at the scores that 1 % and 0.2 % of clean comments reach (next table); the interval is a bootstrap's of"
        " 200 resamples.",
        evaluation.ranking_table(metrics),
        "![ROC](roc.svg)",
        "![Precision and recall](precision-recall.svg)",
        "## Thresholds",
        "Clean comments are those of "
        + ", ".join(f"{source} ({rows} rows)" for source, rows in metrics["clean_rows"].items())
        + f" that fewer than a fifth of raters called toxic. {_say_rates()} ({evaluate}):",
        evaluation.clean_table(metrics),
        f"At these scores ({evaluate} with no thresholds given; with the policy's it prints the same table for them):",
        evaluation.operating_table(report.operating),
        "## Calibration",
        "Scores are tuned to a stream where cases are rare. Sources that were picked for their many cases"
        f" therefore score too low by intent; {_natural(metrics)} have natural rates ({evaluate}).",
        evaluation.calibration_table(metrics),
        "![Reliability](reliability.svg)",
        "## Known failures",
        _failures(metrics),
    ]
    if metrics["hatecheck"]:
        sections += [
            f"Share of HateCheck's cases at or above the score that 1 % of clean comments reach ({evaluate}). Kinds"
            " that end in `_nh` are not hateful: `counter_quote_nh` and `counter_ref_nh` quote hate to answer it,"
            " `ident_neutral_nh` and `ident_pos_nh` only name a group; `target_indiv_nh` is abuse of a person.",
            evaluation.hatecheck_table(metrics),
        ]
    sections += ["## Repeat it", _repeat(plan, metrics)]
    return "\n\n".join(sections) + "\n"


def _purpose(plan: Recipe) -> str:
    return (
        "A linear model over hashed character and word n-grams with one calibrated head per label, for"
        f" comments under newspaper articles in these languages: {', '.join(plan.languages)}.\n\n"
        "**Use it** to sort a moderators' queue and to hold comments for a person, together with the rules and"
        " the word lists. `explain` names the words that raised a score, exactly, because the model is linear.\n\n"
        "**Do not use it** to reject a comment by itself, to rate people, or for languages it was not trained"
        " on. It reads one comment without the article, the thread or the author: it cannot know whom an insult"
        " is aimed at, whether a quotation is answered, or whether a claim is true."
    )


def _scores(plan: Recipe, metrics: Mapping[str, Any]) -> str:
    rows = [
        (label, f"{100 * plan.heads[label].prevalence:g} %", found["calibration_rows"], found["calibration_cases"])  # type: ignore[index]
        for label, found in metrics["training"]["heads"].items()
    ]
    mix = ", ".join(f"{source} {weight:g}" for source, weight in plan.calibration.clean.items())
    return (
        "A score is the probability that a comment is a case of the label, in a stream of comments where the"
        " share of cases is the one below and clean comments are mixed like this"
        f" ({mix or 'all sources alike'}). Training sets hold far more cases than a newspaper's comments; without"
        " this the scores of ordinary comments would be far too high. The share is an assumption of the recipe,"
        " not a measurement. Calibrated (Platt) on training rows kept back from the fit:\n\n"
        + table(("label", "assumed share of cases", "rows kept back", "cases among them"), rows)
    )


def _training(plan: Recipe, metrics: Mapping[str, Any]) -> str:
    training = metrics["training"]
    files = "\n".join(f"- `{name}`, sha256 `{digest}`" for name, digest in training["files"].items())
    rows = [
        (
            source,
            found["licence"],
            found["rows"],
            ", ".join(f"{label} {asked['positive']}/{asked['known']}" for label, asked in found["labels"].items()),
        )
        for source, found in training["sources"].items()
    ]
    heads = [(label, found["rows"], found["cases"]) for label, found in training["heads"].items()]
    without = [f"{label} ({training['cases'][label]})" for label in LABELS if label not in training["heads"]]
    unstated = [source for source in training["sources"] if not licence(source).stated]
    parts = [
        files,
        f"{training['rows']} comments after licences and de-duplication (equal texts merged to their raters' mean;"
        f" of texts that share {100 * plan.likeness:g} % of their five-word stretches and all labels, the first)."
        " Label counts are cases/asked; a label a source did not ask about is unknown, not absent.",
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


def _say_rates() -> str:
    hold, reject = 100 * evaluation.HOLD_RATE, 100 * evaluation.REJECT_RATE
    return f"The recommended scores are those that at most {hold:g} % and {reject:g} % of them reach"


def _natural(metrics: Mapping[str, Any]) -> str:
    return " and ".join(metrics["clean_rows"]) or "none of the sources"


def _failures(metrics: Mapping[str, Any]) -> str:
    lines = []
    for label, of_label in metrics["labels"].items():
        ranked = [(found["auc"], source) for source, found in of_label["sources"].items() if "auc" in found]
        if ranked:
            worst, source = min(ranked)
            few = [name for name, found in of_label["sources"].items() if 0 < found["positive"] < 50]
            line = f"- {label}: ranks worst on {source} (AUC {worst:.3f})"
            lines.append(line + (f"; fewer than 50 cases to measure on in {', '.join(few)}." if few else "."))
    lines += [
        "- Sarcasm, condescension and abuse without a rude word mostly pass; a rude word in a quotation, in"
        " counter-speech or about nobody is mostly caught.",
        "- One insult in a long, otherwise calm comment counts for less than the same insult alone.",
        "- Profanity was learned from one source of news comments; spam from comments under a few music videos of"
        " 2013 to 2015: link, job and coin spam of today is left to the rules.",
        "- What reads like none of the training sources has been measured nowhere, the comments of this newspaper"
        " included.",
    ]
    return "\n".join(lines)


def _repeat(plan: Recipe, metrics: Mapping[str, Any]) -> str:
    made = metrics["made"]
    return (
        f"`moderation train models/{plan.name}/recipe.toml --data DATA` wrote this folder in {made['seconds']} s"
        f" with Python {made['python']}, numpy {made['numpy']} and scikit-learn {made['scikit-learn']} (seed"
        f" {plan.seed}); `weights.npz` has {made['bytes_of_weights']:,} bytes. The same data, recipe and versions"
        " give the same weights; `manifest.json` holds the digest of every file here."
    )
