"""A row taken in: data multiplied by their weights, all after is plain least squares.

Samples of a curve are sorted by x; the imaginary parts of complex data follow the real
ones, with the same coordinates. Samples in a plane stay as they come.
"""

from __future__ import annotations

import math
from typing import Any

from physfit.engine.abi import as_floats, offset
from physfit.engine.guesses.frame import copy
from physfit.engine.roles import routine, summation

__all__ = ["take_curve", "take_plane"]

#: Samples so many typical steps from their neighbours are far.
FAR = 6.0


@routine
def take_curve(plan: Any, x: Any, ldx: Any, y: Any, w: Any, n: Any, work: Any) -> None:
    """Take in the samples of a curve, by rising x."""
    for part in range(plan.n_outputs):
        _take_part(plan, x, offset(y, part * ldx), offset(w, part * ldx), n, part, work)
    own_x = as_floats(work.x)
    span = own_x[n - 1] - own_x[0]
    work.span = span if span > 0.0 else 1.0
    work.spacing = work.span / max(n - 1, 1)


@routine
def _take_part(plan: Any, x: Any, y: Any, w: Any, n: Any, part: Any, work: Any) -> None:
    """Take in real or imaginary parts."""
    start, falls = 8 * part * n, descents(x, n)
    own_x, own_w = as_floats(work.x + start), as_floats(work.w + start)
    residual = as_floats(work.residual + start)
    is_reversed = 2 * falls > n
    first, step = (n - 1 if is_reversed else 0), (-1 if is_reversed else 1)
    take(x, y, w, first, step, own_x, own_w, residual, n)
    if falls != 0 and descents(own_x, n) != 0:
        sort_samples(own_x, own_w, residual, n)
    if plan.is_robust == 1:
        soften(own_w, residual, n)


@routine
def take_plane(x: Any, ldx: Any, y: Any, w: Any, n: Any, work: Any) -> None:
    """Take in samples in a plane; their second coordinates where running sums are."""
    own_x, own_y = as_floats(work.x), as_floats(work.running)
    take(x, y, w, 0, 1, own_x, as_floats(work.w), as_floats(work.residual), n)
    copy(offset(x, ldx), own_y, n)
    across, along = _range(own_x, n), _range(own_y, n)
    span = max(across, along)
    work.span = span if span > 0.0 else 1.0
    work.spacing = work.span / math.sqrt(float(n))
    if across > 0.0 and along > 0.0:
        work.spacing = math.sqrt(across * along / n)


@routine
def _range(values: Any, n: Any) -> Any:
    """Largest less smallest value."""
    low, high = values[0], values[0]
    for i in range(n):
        low, high = min(low, values[i]), max(high, values[i])
    return high - low


@summation
def descents(x: Any, n: Any) -> Any:
    """How often x falls from one sample to the next."""
    falls = 0
    for i in range(n - 1):
        falls += 1 if x[i + 1] < x[i] else 0
    return falls


@summation
def take(
    x: Any,
    y: Any,
    w: Any,
    first: Any,
    step: Any,
    own_x: Any,
    own_w: Any,
    residual: Any,
    n: Any,
) -> None:
    """Coordinates, weights, weighted data, in the order they have or the reverse."""
    for i in range(n):
        source = first + step * i
        own_x[i] = x[source]
        own_w[i] = w[source]
        residual[i] = w[source] * y[source]


@routine
def sort_samples(x: Any, w: Any, residual: Any, n: Any) -> None:
    """Sort samples by x, by insertion over shrinking gaps."""
    gap = n // 2
    while gap > 0:
        for i in range(gap, n):
            own_x, own_w, own = x[i], w[i], residual[i]
            j = i
            while j >= gap and x[j - gap] > own_x:
                x[j], w[j], residual[j] = x[j - gap], w[j - gap], residual[j - gap]
                j -= gap
            x[j], w[j], residual[j] = own_x, own_w, own
        gap = 1 if gap == 2 else int(gap / 2.2)


@routine
def soften(w: Any, residual: Any, n: Any) -> None:
    """Let samples far from both neighbours count for less, as a robust loss does.

    What is far is told by steps to the nearer neighbour. The root of each is averaged,
    so that the outliers among them say little.
    """
    total = 0.0
    for i in range(1, n - 1):
        left = math.fabs(residual[i] - residual[i - 1])
        total += math.sqrt(min(left, math.fabs(residual[i + 1] - residual[i])))
    limit = FAR * (total / n) ** 2
    for i in range(1, n - 1):
        if w[i - 1] > 0.0 and w[i] > 0.0 and w[i + 1] > 0.0:
            one, other = residual[i - 1] / w[i - 1], residual[i + 1] / w[i + 1]
            value = residual[i] / w[i]
            off = max(value - max(one, other), min(one, other) - value) * w[i]
            if off > limit:
                w[i] *= limit / off
                residual[i] *= limit / off
