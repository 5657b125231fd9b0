"""Ratio of gamma functions half a step apart, which their difference would not keep.

``log(gamma(a + 1/2) / gamma(a))`` grows as log(a) / 2, where each logarithm grows as
a log(a): for large a nothing would be left of their difference. The argument is raised
by 12, where the asymptotic series holds, and the recurrence takes off what was added.

Derivatives, by the names of this module:

| function | derivative |
|---|---|
| `loggamma_half(a)` | `loggamma_half_slope(a)` |

References
----------
F. G. Tricomi, A. Erdelyi, Pacific J. Math. 1 (1951) 133; coefficients by Bernoulli
polynomials at 1/2 and 0.
"""

from __future__ import annotations

import math

from physfit.kernels.elementary import log
from physfit.kernels.kernel import scalar
from physfit.kernels.polynomials import polynomial

__all__ = ["loggamma_half", "loggamma_half_slope"]

#: What follows log(b) / 2, times b, in 1 / b^2; and its slope, times -b^2.
_series = polynomial(
    -0.125,
    0.005208333333333333,
    -0.0015625,
    0.0011858258928571428,
    -0.0016818576388888889,
    0.0038341175426136364,
    -0.01281973031850962,
)
_slopes = polynomial(
    -0.125,
    0.015625,
    -0.0078125,
    0.00830078125,
    -0.01513671875,
    0.04217529296875,
    -0.166656494140625,
)


@scalar
def loggamma_half(a):
    """log(gamma(a + 1/2) / gamma(a)) for a > 0, else NaN; error 2e-15 and 2 ulp."""
    added = 1.0
    for k in range(12):
        added *= 1.0 + 0.5 / (a + k)
    b = a + 12.0
    value = 0.5 * log(b) + _series(1.0 / (b * b)) / b - log(added)
    return value if a > 0.0 else math.nan


@scalar
def loggamma_half_slope(a):
    """digamma(a + 1/2) - digamma(a) for a > 0, otherwise NaN; relative error 2e-15."""
    b = a + 12.0
    value = 0.5 / b - _slopes(1.0 / (b * b)) / (b * b)
    for k in range(12):
        c = a + k
        value += 0.5 / (c * (c + 0.5))
    return value if a > 0.0 else math.nan
