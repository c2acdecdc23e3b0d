"""How sure a share is that was counted over some rows: intervals, exact upper limits, and rows needed for one."""

import math

SURE = 0.95


def interval(hits: int, rows: int) -> tuple[float, float]:
    """Return Wilson's 95 % interval of a share; with no rows it is anything from 0 to 1."""
    if not rows:
        return 0.0, 1.0
    z, share = 1.959964, hits / rows
    centre = share + z * z / (2 * rows)
    spread = z * math.sqrt(share * (1 - share) / rows + z * z / (4 * rows * rows))
    low, high = ((centre + sign * spread) / (1 + z * z / rows) for sign in (-1, 1))
    return max(0.0, low), min(1.0, high)


def upper_limit(hits: int, rows: int, sure: float = SURE) -> float:
    """Return Clopper and Pearson's one-sided limit: so surely the true share is no higher."""
    if hits >= rows:
        return 1.0
    low, high = hits / rows, 1.0
    for _ in range(50):  # halving: 2**-50 is below what a float of this size can tell apart
        middle = (low + high) / 2
        low, high = (middle, high) if _at_most(hits, rows, middle) > 1 - sure else (low, middle)
    return high


def rows_needed(share: float, limit: float, sure: float = SURE) -> int | None:
    """Return from how many rows on a share like this is so surely no higher than `limit`; None if no number is."""
    if share >= limit:
        return None
    least, most = 0, 1
    while upper_limit(math.ceil(share * most), most, sure) > limit:
        least, most = most, 2 * most
    while most - least > 1:
        middle = (least + most) // 2
        if upper_limit(math.ceil(share * middle), middle, sure) > limit:
            least = middle
        else:
            most = middle
    return most


def _at_most(hits: int, rows: int, share: float) -> float:
    """Return how likely at most `hits` of `rows` are, each with this likelihood."""
    if share >= 1:
        return 0.0
    term = rows * math.log1p(-share)
    odds, terms = math.log(share) - math.log1p(-share), [term]
    for k in range(1, hits + 1):
        term += math.log((rows - k + 1) / k) + odds
        terms.append(term)
    highest = max(terms)
    return math.exp(highest) * math.fsum(math.exp(each - highest) for each in terms)
