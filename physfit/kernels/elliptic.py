"""Complete elliptic integrals of parameter m = k^2, by the arithmetic-geometric mean.

From a = 1, b = sqrt(1 - m) the mean's limit M gives K = pi / (2 M). With
e_1 = 1 / (2 (1 + b)), e_{n+1} = m e_n^2 / (4 a_{n+1}) and T = m sum 2^(n-1) e_n^2,

    E = K (1 - m / 2 - m T),   K - E = m K (1 / 2 + T),   E - (1 - m) K = m K (1/2 - T),

so that the derivatives lose nothing at m = 0.

Derivatives, by the names of this module:

| function | derivative |
|---|---|
| `ellipk(m)` | `ellipk_slope(m)` |
| `ellipe(m)` | `ellipe_slope(m)` |

References
----------
Abramowitz & Stegun, 17.6.
"""

from __future__ import annotations

import math

from physfit.kernels.kernel import scalar

__all__ = ["ellipe", "ellipe_slope", "ellipk", "ellipk_slope"]

HALF_PI = 1.5707963267948966


@scalar
def _integral_and_sum(m):
    """K and T of the module, for m < 1.

    Thirteen steps: enough for |m| up to 1e300.
    """
    a, b = 1.0, math.sqrt(1.0 - m)
    e = 0.5 / (1.0 + b)
    total, weight = 0.0, 1.0
    for _ in range(13):
        total += weight * (e * e)
        mean = 0.5 * (a + b)
        b = math.sqrt(a * b)
        a = mean
        e = m * e * e / (2.0 * (a + b))
        weight *= 2.0
    return HALF_PI / a, m * total


@scalar
def ellipk(m):
    """Complete elliptic integral of the first kind.

    Parameters
    ----------
    m : float
        m <= 1, otherwise NaN; inf at 1.

    Returns
    -------
    float
        Within 8 ulp.
    """
    k, _ = _integral_and_sum(m)
    return math.inf if m == 1.0 else k


@scalar
def ellipe(m):
    """Complete elliptic integral of the second kind.

    Parameters
    ----------
    m : float
        m <= 1, otherwise NaN; 1 at 1.

    Returns
    -------
    float
        Relative error below 1e-14 for m > -1e20.
    """
    k, total = _integral_and_sum(m)
    return 1.0 if m == 1.0 else k * ((1.0 - 0.5 * m) - m * total)


@scalar
def ellipk_slope(m):
    """Derivative (E / (1 - m) - K) / (2 m) of `ellipk`, pi / 8 at 0, inf at 1."""
    k, total = _integral_and_sum(m)
    slope = 0.5 * k * (0.5 - total) / (1.0 - m)
    return math.inf if m == 1.0 else slope


@scalar
def ellipe_slope(m):
    """Derivative (E - K) / (2 m) of `ellipe`, -pi / 8 at 0, -inf at 1."""
    k, total = _integral_and_sum(m)
    return -math.inf if m == 1.0 else -0.5 * k * (0.5 + total)
