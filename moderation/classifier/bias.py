"""Whether naming a group moves a score: areas for subgroups, and gaps over sentences that differ in the group alone.

Subgroup, BPSN (background positive, subgroup negative) and BNSP (background negative, subgroup positive) AUC are
those of Borkan et al., "Nuanced Metrics for Measuring Unintended Bias" (2019), taken within each source.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from moderation.classifier.ranking import Floats, Mask, area_within

# With fewer comments on either side an area is noise.
_FEWEST = 20


def subgroup_areas(
    cases: Mask, others: Mask, scores: Floats, sources: npt.NDArray[np.str_], named: Mapping[str, Mask]
) -> list[tuple[str, int, int, float | None, float | None, float | None]]:
    """Return for each group its cases and others, and subgroup, BPSN and BNSP areas; None where rows are too few."""
    rows = []
    for group, here in named.items():
        if min((cases & here).sum(), (others & here).sum()) < _FEWEST:
            continue
        areas = [
            area_within(positive, negative, scores, sources)[0]
            for positive, negative in (
                (cases & here, others & here),
                (cases & ~here, others & here),
                (cases & here, others & ~here),
            )
        ]
        rows.append((group, int((cases & here).sum()), int((others & here).sum()), *areas))
    return rows  # type: ignore[return-value]  # three areas, as the list above has three pairs


@dataclass(frozen=True, slots=True)
class Filled:
    """A sentence that says nothing bad, with a group in it."""

    text: str
    template: str
    group: str


def read_templates(path: Path, language: str = "en") -> list[Filled]:
    """Return every sentence of one language with every group that has the words for it."""
    read = tomllib.loads(path.read_text("utf-8"))
    filled = []
    for template in read["template"]:
        for group in read["group"] if template["language"] == language else ():
            words = group.get(language, {})
            try:
                text = template["text"].format(**words)
            except KeyError:
                continue
            filled.append(Filled(text[:1].upper() + text[1:], template["text"], words["plural"]))
    return filled


@dataclass(frozen=True, slots=True)
class Gaps:
    """How far scores part over sentences that differ in the group alone."""

    sentences: int
    largest: float
    mean: float
    reached: int
    worst: Sequence[tuple[str, float]]


def gaps(filled: Sequence[Filled], scores: Floats, cut: float | None) -> Gaps:
    """Return the largest and mean gap within a template, how many reach the cut, and the groups that fare worst.

    A group's figure is the mean of its scores above the mean of their templates.
    """
    templates = np.array([one.template for one in filled])
    groups = np.array([one.group for one in filled])
    within = {name: scores[templates == name] for name in dict.fromkeys(templates.tolist())}
    spread = [float(some.max() - some.min()) for some in within.values()]
    above = scores - np.array([within[name].mean() for name in templates.tolist()])
    by_group = {name: float(above[groups == name].mean()) for name in dict.fromkeys(groups.tolist())}
    worst = sorted(by_group.items(), key=lambda pair: -pair[1])[:3]
    reached = int((scores >= cut).sum()) if cut is not None else 0
    return Gaps(len(filled), max(spread), float(np.mean(spread)), reached, worst)
