"""How the samples of a row lie, and up to which frequency they tell waves apart.

Even samples a distance h apart cannot tell a frequency from those that differ by 1 / h,
so that none above 1 / (2 h) is to be found. Samples that are missing from an even grid
change nothing in that. Uneven ones have no such limit; frequencies are looked for up to
some times half the rate of samples where they are dense, which the median of their
distances tells.
"""

from __future__ import annotations

import math
from typing import Any

from physfit.engine.abi import as_floats
from physfit.engine.roles import routine, summation

__all__ = ["OFF", "highest_frequency", "unevenness"]

#: Samples this part of a distance off a grid, in the mean, tell frequencies apart.
OFF = 0.01
#: Frequencies are looked for up to so many times half the rate of dense samples.
BEYOND = 3.0
#: Distances below this part of the range are those of samples at one place.
SAME = 1e-9
#: Halvings of the range of the median.
N_HALVINGS = 16


@routine
def highest_frequency(work: Any) -> Any:
    """Angular frequency up to which the samples tell waves apart."""
    x, n, spacing = as_floats(work.x), work.n_places, work.spacing
    if work.uneven <= OFF * OFF * n:
        return math.pi / spacing
    least = SAME * work.span
    smallest = smallest_gap(x, least, n)
    if not smallest < math.inf:
        return math.pi / spacing
    dense = BEYOND * math.pi / _median_gap(x, least, spacing, n)
    on_grid = off_grid(x, 1.0 / smallest, n) < OFF
    return min(dense, math.pi / smallest) if on_grid else dense


@routine
def _median_gap(x: Any, least: Any, spacing: Any, n: Any) -> Any:
    """Median of the distances of neighbours; it is at most twice their mean."""
    half = 0.5 * (n - 1 - gaps_below(x, least, 0.0, n))
    low, high = 0.0, 2.0 * spacing * (n - 1) / (2.0 * half)
    for _ in range(N_HALVINGS):
        middle = 0.5 * (low + high)
        if gaps_below(x, middle, least, n) < half:
            low = middle
        else:
            high = middle
    return high


@summation
def gaps_below(x: Any, limit: Any, least: Any, n: Any) -> Any:
    """How many distances of neighbours lie between two."""
    count = 0
    for i in range(n - 1):
        gap = x[i + 1] - x[i]
        count += 1 if gap >= least and gap < limit else 0
    return count


@summation
def smallest_gap(x: Any, least: Any, n: Any) -> Any:
    """Smallest distance of neighbours that is not below `least`."""
    smallest = math.inf
    for i in range(n - 1):
        gap = x[i + 1] - x[i]
        smallest = min(smallest, gap if gap >= least else math.inf)
    return smallest


@summation
def off_grid(x: Any, inverse: Any, n: Any) -> Any:
    """Largest part by which distances of neighbours are off multiples of one."""
    worst = 0.0
    for i in range(n - 1):
        part = (x[i + 1] - x[i]) * inverse
        worst = max(worst, math.fabs(part - math.floor(part + 0.5)))
    return worst


@summation
def unevenness(x: Any, start: Any, per_spacing: Any, n: Any) -> Any:
    """Sum of squared distances of the samples from where even ones are."""
    total = 0.0
    for i in range(n):
        off = (x[i] - start) * per_spacing - i
        total += off * off
    return total
