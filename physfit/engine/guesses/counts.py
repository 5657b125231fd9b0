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

#: Added to a mean, which may be 0.
LEAST = 0.5


@entry(FUNCTION)
def weigh_counts(w: Any, residual: Any, n: Any) -> None:
    """Divide weights, and data times weights, by the root of the mean around each.

    That is of a count and two neighbours on either side, those that have weight.
    """
    a, b, c, d, e = 0.0, 0.0, 0.0, 0.0, 0.0
    in_a, in_b, in_c, in_d, in_e = 0.0, 0.0, 0.0, 0.0, 0.0
    weight, inverse = 0.0, 0.0
    for ahead in range(n + 2):
        a, b, c, d, e = b, c, d, e, 0.0
        in_a, in_b, in_c, in_d, in_e = in_b, in_c, in_d, in_e, 0.0
        if ahead < n and w[ahead] > 0.0:
            if w[ahead] != weight:  # they are mostly equal
                weight, inverse = w[ahead], 1.0 / w[ahead]
            e, in_e = residual[ahead] * inverse, 1.0
        if ahead >= 2 and in_c > 0.0:
            n_there = in_a + in_b + in_c + in_d + in_e
            total = max(a + b + c + d + e, 0.0)
            factor = math.sqrt(n_there / (total + LEAST * n_there))
            w[ahead - 2] *= factor
            residual[ahead - 2] *= factor
