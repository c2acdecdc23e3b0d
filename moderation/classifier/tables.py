"""The card's figures as Markdown tables."""

from collections.abc import Mapping, Sequence
from typing import Any

from moderation.classifier.measuring import rounded


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return a Markdown table; numbers to the right, None as a dash."""
    lines = [
        "| " + " | ".join(head) + " |",
        "| " + " | ".join("---" if i == 0 else "--:" for i in range(len(head))) + " |",
    ]
    lines += ["| " + " | ".join(cell(value) for value in row) + " |" for row in rows]
    return "\n".join(lines)


def cell(value: object) -> str:
    """Return a value as it stands in a table."""
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
            rounded(found["positive"] / found["rows"]),
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
