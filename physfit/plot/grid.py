"""Where a curve is drawn: finer than the data, wherever they lie."""

from __future__ import annotations

from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["finer"]

#: Points of a curve, at least and at most.
FEWEST = 1000
MOST = 20_000
#: Points per interval of the data, so that an oscillation keeps its shape.
PER_INTERVAL = 8


def finer(x: NDArray[Any]) -> NDArray[np.float64]:
    """Sorted points that hold every x and divide each interval evenly.

    Parameters
    ----------
    x : ndarray, shape (n,)
        In any order, repeated ones allowed.

    Returns
    -------
    ndarray
        About 1000 to 20000 points; for more data than that, 20000 from end to end.

    Examples
    --------
    >>> finer(np.array([1.0, 0.0]))[:3]
    array([0.   , 0.001, 0.002])
    """
    knots: NDArray[np.float64] = np.unique(np.asarray(x, dtype=np.float64))
    n = len(knots) - 1
    if n * 2 > MOST:
        return np.linspace(knots[0], knots[-1], MOST)
    if n == 0:
        return knots
    parts = min(max(ceil(FEWEST / n), PER_INTERVAL), MOST // n)
    steps = np.arange(n * parts + 1) / parts
    return np.interp(steps, np.arange(n + 1), knots)
