"""Counts before a guess: weighed by the variances that their neighbours show.

The variance of a count is its mean. Least squares with equal weights take a single
large count for a peak, and weights of the counts themselves pull a curve down; the mean
of a count and its neighbours is nearly right, and hardly depends on the count.
"""

from __future__ import annotations

import math
from typing import Any

from physfit.engine.abi import FUNCTION
from physfit.engine.roles import entry

__all__ = ["weigh_counts"]

#: Neighbours on either side.
REACH = 2
#: Added to a mean, which may be 0.
LEAST = 0.5


@entry(FUNCTION)
def weigh_counts(w: Any, residual: Any, n: Any) -> None:
    """Divide weights, and data times weights, by the root of the mean around each."""
    for i in range(n):
        total, count = 0.0, 0
        for j in range(max(i - REACH, 0), min(i + REACH + 1, n)):
            if w[j] > 0.0:
                total += residual[j] / w[j]
                count += 1
        factor = 1.0 / math.sqrt(max(total, 0.0) / max(count, 1) + LEAST)
        w[i] *= factor
        residual[i] *= factor
