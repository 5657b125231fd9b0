"""Outliers of a curve, softened before a guess that is made for a robust loss.

A sample is compared with the median of itself and its two neighbours on either side,
which two outliers in a row do not move and a slope meets; at the ends with what its
neighbours lead to. What is far is told by steps between neighbours: by their mean, each
counting as no more than three times that, so that a quarter of them may be of any size.
"""

from __future__ import annotations

import math
from typing import Any

from physfit.engine.abi import FUNCTION
from physfit.engine.roles import entry, routine

__all__ = ["soften"]

#: Samples so many typical steps from where their neighbours are, are far.
FAR = 6.0
#: Steps count as so many typical ones at most.
CLIPPED = 3.0
#: A typical step that changes by less is settled.
SETTLED = 0.05
MOST_ROUNDS = 100
#: Weights are left that much, so that values can be told from products with them.
LEAST = 1e-9
#: A decay may fall that much less from the second sample on than before.
STEEPER = 4.0


@entry(FUNCTION)
def soften(w: Any, residual: Any, n: Any) -> None:
    """Let samples far from where their neighbours are count for less.

    It is compiled for itself, as few fits need it.
    """
    if n < 5:
        return
    limit = FAR * _typical_step(w, residual, n)
    for i in range(2, n - 2):
        _soften(w, residual, i, n, limit)
    _soften(w, residual, 1, n, limit)
    _soften(w, residual, n - 2, n, limit)
    _soften(w, residual, 0, n, limit)
    _soften(w, residual, n - 1, n, limit)


@routine
def _soften(w: Any, residual: Any, i: Any, n: Any, limit: Any) -> None:
    """Put a sample that is far to where its neighbours are, with less weight."""
    if w[i] > 0.0:
        nearby = _nearby(w, residual, i, n)
        off = math.fabs(_value(w, residual, i) - nearby) * w[i]
        if off > limit:
            w[i] *= max(limit / off, LEAST)
            residual[i] = w[i] * nearby


@routine
def _value(w: Any, residual: Any, i: Any) -> Any:
    """Datum of a sample."""
    return residual[i] / w[i] if w[i] > 0.0 else 0.0


@routine
def _typical_step(w: Any, residual: Any, n: Any) -> Any:
    """Step to the nearer neighbour, in units of the noise."""
    total = 0.0
    for i in range(1, n - 1):
        total += math.sqrt(_step(w, residual, i))
    typical = (total / (n - 2)) ** 2
    for _ in range(MOST_ROUNDS):
        total = 0.0
        for i in range(1, n - 1):
            total += min(_step(w, residual, i), CLIPPED * typical)
        before = typical
        typical = total / (n - 2)
        if not typical < (1.0 - SETTLED) * before:
            return typical
    return typical


@routine
def _step(w: Any, residual: Any, i: Any) -> Any:
    """Weighted step from a sample to the nearer one of its neighbours."""
    value = _value(w, residual, i)
    left = math.fabs(value - _value(w, residual, i - 1))
    right = math.fabs(value - _value(w, residual, i + 1))
    return min(left, right) * w[i]


@routine
def _nearby(w: Any, residual: Any, i: Any, n: Any) -> Any:
    """Where a sample should be by its neighbours."""
    value = _value(w, residual, i)
    if i == 0 or i == n - 1:
        inwards = 1 if i == 0 else -1
        one = _value(w, residual, i + inwards)
        other = _value(w, residual, i + 2 * inwards)
        reach = STEEPER * (one - other)
        low, high = min(one, one + reach), max(one, one + reach)
        return min(max(value, low), high)
    left, right = _value(w, residual, i - 1), _value(w, residual, i + 1)
    if i == 1 or i == n - 2:
        return min(max(value, min(left, right)), max(left, right))
    far_left, far_right = _value(w, residual, i - 2), _value(w, residual, i + 2)
    return _median(value, left, right, far_left, far_right)


@routine
def _median(a: Any, b: Any, c: Any, d: Any, e: Any) -> Any:
    """Median of five numbers: that of the fifth and the middle two of the others."""
    low = max(min(a, b), min(c, d))
    high = min(max(a, b), max(c, d))
    if low > high:
        low, high = high, low
    return min(max(e, low), high)
