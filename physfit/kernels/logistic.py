"""The logistic function, its inverse and logarithm, and logarithms of sums.

Derivatives, by the names of this module:

| function | derivative |
|---|---|
| `expit(x)` | `expit(x)` `expit(-x)` |
| `logit(p)` | 1 / (p (1 - p)) |
| `log_expit(x)` | `expit(-x)` |
| `logaddexp(x, y)` | `expit(x - y)` by x, `expit(y - x)` by y |
"""

from __future__ import annotations

import math

from physfit.kernels.elementary import exp, log, log1p
from physfit.kernels.kernel import scalar

__all__ = ["expit", "log_expit", "logaddexp", "logit"]

LN2 = 0.6931471805599453


@scalar
def expit(x):
    """Logistic function 1 / (1 + exp(-x)).

    Parameters
    ----------
    x : float
        Any value, infinities included.

    Returns
    -------
    float
        In [0, 1], within 3 ulp; gradual underflow.
    """
    e = exp(-math.fabs(x))
    return (1.0 if x >= 0.0 else e) / (1.0 + e)


@scalar
def logit(p):
    """Inverse log(p / (1 - p)) of `expit`.

    Parameters
    ----------
    p : float
        0 <= p <= 1, otherwise NaN; infinite at the ends.

    Returns
    -------
    float
        Within 5 ulp, near its zero at 1/2 too.
    """
    rest = 1.0 - p
    near = log1p(2.0 * (p - 0.5) / rest)
    return near if (p > 0.25) & (p < 0.75) else log(p / rest)


@scalar
def log_expit(x):
    """Logarithm of `expit`.

    Parameters
    ----------
    x : float
        Any value, infinities included.

    Returns
    -------
    float
        At most 0, within 3 ulp.
    """
    return (0.0 if x > 0.0 else x) - log1p(exp(-math.fabs(x)))


@scalar
def logaddexp(x, y):
    """Logarithm of exp(x) + exp(y).

    Parameters
    ----------
    x, y : float
        Any values, infinities included.

    Returns
    -------
    float
        Within 3e-16 + 3e-16 |max(x, y)|.
    """
    larger = x if x > y else y
    value = larger + log1p(exp(-math.fabs(x - y)))
    return larger + LN2 if x == y else value
