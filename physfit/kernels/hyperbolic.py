"""Hyperbolic functions and their inverses, without branches.

Derivatives, by the names of this module:

| function | derivative |
|---|---|
| `sinh(x)` | `cosh(x)` |
| `cosh(x)` | `sinh(x)` |
| `asinh(x)` | 1 / `hypot(x, 1)`, of `powers` |
| `acosh(x)` | 1 / sqrt((x - 1) (x + 1)) |
| `atanh(x)` | 1 / ((1 - x) (1 + x)) |
"""

from __future__ import annotations

import math

from physfit.kernels.elementary import exp, expm1, log1p
from physfit.kernels.kernel import scalar

__all__ = ["acosh", "asinh", "atanh", "cosh", "sinh"]

HALF_E = 1.3591409142295225
LN2 = 0.6931471805599453
#: |x| from which exp(-|x|) does not count beside exp(|x|).
SATURATED = 22.0
#: |x| from which 1 does not count beside x^2, and x^2 might overflow.
HUGE = 1e150


@scalar
def sinh(x):
    """Hyperbolic sine.

    Parameters
    ----------
    x : float
        Any value; from |x| = 710.48 on the result is infinite.

    Returns
    -------
    float
        Within 4 ulp.
    """
    a = math.fabs(x)
    far = a > SATURATED
    e = expm1(a - 1.0 if far else a)
    value = (e + 1.0) * HALF_E if far else 0.5 * (e + e / (e + 1.0))
    return math.copysign(value, x)


@scalar
def cosh(x):
    """Hyperbolic cosine.

    Parameters
    ----------
    x : float
        Any value; from |x| = 710.48 on the result is inf.

    Returns
    -------
    float
        Within 3 ulp.
    """
    a = math.fabs(x)
    far = a > SATURATED
    e = exp(a - 1.0 if far else a)
    return e * HALF_E if far else 0.5 * (e + 1.0 / e)


@scalar
def asinh(x):
    """Inverse of `sinh`.

    Parameters
    ----------
    x : float
        Any value, infinities included.

    Returns
    -------
    float
        Within 5 ulp.
    """
    a = math.fabs(x)
    huge = a > HUGE
    square = 0.0 if huge else a * a
    value = log1p(a if huge else a + square / (1.0 + math.sqrt(1.0 + square)))
    return math.copysign(value + LN2 if huge else value, x)


@scalar
def acosh(x):
    """Inverse of `cosh` that is not negative.

    Parameters
    ----------
    x : float
        x >= 1, otherwise NaN.

    Returns
    -------
    float
        Within 5 ulp, near its zero at 1 too.
    """
    huge = x > HUGE
    t = x - 1.0
    bounded = 0.0 if huge else t
    value = log1p(x if huge else t + math.sqrt(bounded * (bounded + 2.0)))
    value = value + LN2 if huge else value
    return value if x >= 1.0 else math.nan


@scalar
def atanh(x):
    """Inverse of `tanh`.

    Parameters
    ----------
    x : float
        |x| <= 1, otherwise NaN; infinite at the ends.

    Returns
    -------
    float
        Within 5 ulp.
    """
    a = math.fabs(x)
    return math.copysign(0.5 * log1p(2.0 * a / (1.0 - a)), x)
