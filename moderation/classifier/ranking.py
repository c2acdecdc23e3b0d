"""How well scores rank cases above others: areas under the ROC curve, in numpy alone."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


def area(cases: Mask, scores: Floats) -> float:
    """Return the area under the ROC curve: how often a case scores above another comment."""
    _, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    positive, negative = int(cases.sum()), int((~cases).sum())
    return float((ranks[cases].sum() - positive * (positive + 1) / 2) / (positive * negative))


def area_within(
    positive: Mask, negative: Mask, scores: Floats, sources: npt.NDArray[np.str_]
) -> tuple[float | None, int, int]:
    """Return how often one of `positive` scores above one of `negative` of the same source, and how many took part.

    Comments of different sources are never compared: that would mostly say how well sources can be told apart.
    """
    won = pairs = 0.0
    cases = others = 0
    for source in np.unique(sources[positive | negative]):
        of_source = sources == source
        here, there = positive & of_source, negative & of_source
        if not (here.any() and there.any()):
            continue
        rows = here | there
        weight = int(here.sum()) * int(there.sum())
        won += weight * area(here[rows], scores[rows])
        pairs += weight
        cases, others = cases + int(here.sum()), others + int(there.sum())
    return (won / pairs if pairs else None), cases, others
