"""Range of colours and axes over rows, some of which are far from all others.

A cosmic ray in one pixel of fifty, or a fit that went to another line, must not decide
which colours a feature has. Such rows are alone, while a feature has neighbours: the
range is that of rows that agree with the median of those around them.
"""

from __future__ import annotations

from math import ceil, prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["agreeing", "robust_limits"]

Array = NDArray[Any]
#: Percentiles of all rows, and of rows that agree with their neighbours.
WITHIN, OF_AGREEING = (1.0, 99.0), (0.1, 99.9)
#: Share of this range that all rows must go beyond, for it to be kept.
WORTH = 0.35
#: Rows of a side of a neighbourhood in a map, and along a line.
SIDE, ALONG = 3, 5
#: Share of those around a row that must be good.
ENOUGH = 0.37
#: How far from the median around it a row may be: in standard deviations of all rows,
#: or of those around it where values change from row to row. These by the median of
#: distances, which is 1 / 1.48 of one.
FAR, FAR_IN_SLOPE, OF_MEDIAN = 5.0, 2.5, 1.4826
#: Rows that are looked at, at most.
LOOKED = 200_000


def robust_limits(values: Array, settled: Array | None = None) -> tuple[float, float]:
    """Range that a few values far from all others do not widen.

    Parameters
    ----------
    values : ndarray
        Finite ones; 0 to 1 where there are none.
    settled : ndarray, optional
        Those of them that are `agreeing`; without, or with hardly any, percentiles of
        all are taken.
    """
    values = values.ravel()
    if not len(values):
        return 0.0, 1.0
    within = WITHIN
    sample = values
    if settled is not None and len(settled):
        sample, within = settled, OF_AGREEING
    low, high = np.percentile(sample, within).tolist()
    least, most = float(values.min()), float(values.max())
    if most - least <= (high - low) * (1.0 + WORTH):
        low, high = least, most
    if not high > low:
        room = 0.5 * abs(low) or 0.5
        low, high = low - room, high + room
    return low, high


def agreeing(values: Array, good: Array) -> Array:
    """Values of good rows near the median of those around them.

    Parameters
    ----------
    values : ndarray, shape (ny, nx) or (n,)
    good : ndarray of bool

    Returns
    -------
    ndarray, shape (m,)
        None where fewer than half of the good rows have enough good neighbours.
    """
    is_map = min(values.shape) >= SIDE and values.ndim > 1
    sides = [min(SIDE if is_map else ALONG, own) for own in values.shape]
    known = np.where(good & np.isfinite(values), values, np.nan)
    around = [(side // 2, (side - 1) // 2) for side in sides]
    padded = np.pad(known, around, constant_values=np.nan)
    step = ceil((values.size / LOOKED) ** (1.0 / values.ndim)) or 1
    taken = (slice(None, None, step),) * values.ndim
    windows = np.lib.stride_tricks.sliding_window_view(padded, sides)[taken]
    windows, centers = windows.reshape(-1, prod(sides)), known[taken].ravel()
    self_at = np.ravel_multi_index([before for before, _ in around], sides)
    others = np.delete(windows, self_at, axis=1)
    n_good = int(np.isfinite(centers).sum())
    chosen = np.isfinite(others).sum(axis=1) >= max(1.0, ENOUGH * others.shape[1])
    chosen &= np.isfinite(centers)
    if not chosen.any() or 2 * chosen.sum() < n_good:
        return np.empty(0)
    others, centers = others[chosen], centers[chosen]
    medians = np.nanmedian(others, axis=1)
    spread = np.nanmedian(np.abs(others - medians[:, None]), axis=1)
    distance = np.abs(centers - medians)
    width = OF_MEDIAN * np.maximum(FAR_IN_SLOPE * spread, FAR * np.median(distance))
    near: Array = centers[distance <= width]
    return near
