"""How probable a chi2 is, or a sum that follows another gamma law."""

from __future__ import annotations

import math

import numpy as np

from physfit.typing import FloatArray

__all__ = ["gamma_tail", "gamma_tails", "p_value"]

#: From here on the next term of Stirling's series, a**-5 / 1260, is no digit.
STIRLING = 200.0
#: Skewness below which a gamma law is normal to all digits that matter.
NORMAL = 1e-4


def p_value(chi2: float, dof: float) -> float:
    """Probability of a larger chi2 with `dof` degrees of freedom; NaN without any.

    The regularised incomplete gamma function Q(dof / 2, chi2 / 2), relatively good to
    1e-10, for 1e9 degrees of freedom too. (scipy's would cost a script 0.2 s of
    imports.)

    Examples
    --------
    >>> round(p_value(3.841458820694124, 1), 12)
    0.05
    """
    if dof <= 0 or not chi2 >= 0.0:
        return math.nan
    a, x = 0.5 * dof, 0.5 * chi2
    if x == 0.0:
        return 1.0
    scale = math.exp(_log_scale(a, x))
    return scale * _fraction(a, x) if x > a + 1.0 else 1.0 - scale * _series(a, x)


def gamma_tail(z: float, skewness: float) -> float:
    """Probability that a standardised gamma law of that skewness exceeds z.

    Pearson's type III: mean 0, variance 1; sqrt(8 / dof) is the skewness of chi2.

    Examples
    --------
    >>> dof = 10
    >>> z = (18.307038053275146 - dof) / (2 * dof) ** 0.5
    >>> round(gamma_tail(z, (8 / dof) ** 0.5), 12)
    0.05
    """
    if not abs(skewness) > NORMAL:
        return 0.5 * math.erfc(z / math.sqrt(2.0))
    dof = 8.0 / skewness**2
    chi2 = dof + math.copysign(z, z * skewness) * math.sqrt(2.0 * dof)
    upper = p_value(max(chi2, 0.0), dof)
    return upper if skewness > 0.0 else 1.0 - upper


@np.errstate(all="ignore")
def gamma_tails(z: FloatArray, skewness: FloatArray) -> FloatArray:
    """`gamma_tail` of arrays, by scipy."""
    from scipy.special import chdtrc, ndtr

    dof = 8.0 / np.maximum(np.abs(skewness), NORMAL) ** 2
    chi2 = dof + np.sign(skewness) * z * np.sqrt(2.0 * dof)
    upper = chdtrc(dof, np.maximum(chi2, 0.0))
    upper = np.where(skewness > 0.0, upper, 1.0 - upper)
    return np.where(np.abs(skewness) > NORMAL, upper, ndtr(-z))


def _log_scale(a: float, x: float) -> float:
    """Logarithm of x**a exp(-x) / gamma(a).

    For large a its three terms are a log a each, and cancel: with mu = (x - a) / a and
    Stirling's series, log gamma(a) = (a - 1/2) log a - a + log(2 pi) / 2 + 1/(12 a) -
    1/(360 a**3) + ..., what is left is below.
    """
    if a < STIRLING or x < 0.5 * a:
        return a * math.log(x) - x - math.lgamma(a)
    mu = (x - a) / a
    series = (1.0 / 12.0 - 1.0 / (360.0 * a * a)) / a
    return a * (math.log1p(mu) - mu) + 0.5 * math.log(0.5 * a / math.pi) - series


def _series(a: float, x: float) -> float:
    """Sum of x**k / (a (a + 1) ... (a + k)): DLMF 8.7.1, for x below a."""
    term = total = 1.0 / a
    k = a
    while term > 1e-17 * total:
        k += 1.0
        term *= x / k
        total += term
    return total


def _fraction(a: float, x: float) -> float:
    """Continued fraction DLMF 8.9.2 by Lentz's method, for x above a."""
    b = x + 1.0 - a
    c, d = math.inf, 1.0 / b
    value, step, k = d, 0.0, 0.0
    while abs(step - 1.0) > 1e-15:
        k += 1.0
        factor = k * (a - k)
        b += 2.0
        d = 1.0 / (b + factor * d)
        c = b + factor / c
        step = c * d
        value *= step
    return value
