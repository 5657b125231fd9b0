"""Median and mean of numbers that come in passes, few of which fit into memory.

Numbers are not negative. A pass counts those below a bracket and keeps those within;
if the middle one is among them, that is the median, exactly. Otherwise a pass first
counts them by their leading bits, in bins of 0.4 %, and the bin of the middle one is
the bracket. A search for a scale asks again and again, for numbers that hardly change:
the bracket is then what lies around the median before, and one pass does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from physfit.typing import FloatArray, IntArray

__all__ = ["PassMedian"]

#: Bits that are left out to count: 8 of the fraction stay.
SHIFT = 44
N_BINS = 1 << (63 - SHIFT)
#: Share of the median that the next bracket reaches to either side.
REACH = 0.02
#: Numbers that are kept at most; of more in one bin the middle of the bin is taken.
MOST_KEPT = 4_000_000

#: Calls a function with the numbers of each window, and returns what it did, in order.
Pass = Callable[[Callable[[FloatArray], Any]], Sequence[Any]]


class _Part(NamedTuple):
    """What a window says: how many numbers, their sum, those below and in a bracket."""

    n: int
    total: float
    n_below: int
    within: FloatArray


class PassMedian:
    """Median and mean, and where the next median is looked for."""

    def __init__(self) -> None:
        self._bracket: tuple[float, float] | None = None

    def of(self, run: Pass) -> tuple[float, float]:
        """Median and mean of the numbers of a pass; NaN if one is not finite."""
        if self._bracket is not None:
            found = self._looked_for(run, *self._bracket)
            if found is not None:
                return found
        counts: IntArray = np.sum(run(_counted), axis=0, dtype=np.int64)
        if counts[-1]:
            return float("nan"), float("nan")
        ranks = np.searchsorted(counts.cumsum(), _middle(int(counts.sum())), "right")
        low, high = _edge(int(ranks[0])), _edge(int(ranks[1]) + 1)
        if counts[ranks[0] : ranks[1] + 1].sum() > MOST_KEPT:
            return 0.5 * (low + high), _mean(run(_summed))
        found = self._looked_for(run, low, high)
        assert found is not None
        return found

    def _looked_for(
        self, run: Pass, low: float, high: float
    ) -> tuple[float, float] | None:
        """Median and mean if the median lies in a bracket."""

        def part(sizes: FloatArray) -> _Part:
            is_below, is_within = sizes < low, (sizes >= low) & (sizes < high)
            within = sizes[is_within]
            return _Part(
                sizes.size,
                float(sizes.sum()),
                int(np.count_nonzero(is_below)),
                within if within.size <= MOST_KEPT else within[:0],
            )

        parts = run(part)
        n, n_below = sum(own.n for own in parts), sum(own.n_below for own in parts)
        within = np.concatenate([own.within for own in parts])
        ranks = _middle(n) - n_below
        if ranks[0] < 0 or ranks[1] >= within.size:
            return None
        median = float(np.mean(np.partition(within, ranks)[ranks]))
        self._bracket = (1.0 - REACH) * median, (1.0 + REACH) * median
        return median, _mean(parts)


def _summed(sizes: FloatArray) -> _Part:
    return _Part(sizes.size, float(sizes.sum()), 0, sizes[:0])


def _middle(n: int) -> IntArray:
    """Ranks of the one or two numbers in the middle."""
    return np.array([(n - 1) // 2, n // 2])


def _mean(parts: Sequence[_Part]) -> float:
    return sum(own.total for own in parts) / sum(own.n for own in parts)


def _counted(sizes: FloatArray) -> IntArray:
    """How many numbers have which leading bits; those not finite in the last bin."""
    bins = np.ascontiguousarray(sizes).view(np.int64) >> SHIFT
    bins[~np.isfinite(sizes)] = N_BINS - 1
    counts: IntArray = np.bincount(bins, minlength=N_BINS)
    return counts


def _edge(number: int) -> float:
    """The least number of a bin."""
    return float(np.array([number << SHIFT], dtype=np.int64).view(np.float64)[0])
