"""Intervals from replicas of an estimate: percentiles, and Efron's BCa.

The bias-corrected and accelerated interval takes percentiles of the replicas other than
those of its tails, alpha:

    alpha' = Phi(z0 + (z0 + z_alpha) / (1 - a (z0 + z_alpha))) .

The bias z0 = inv_Phi(share of the replicas below the estimate, those equal to it by
half) says how far the estimate is from the median of the replicas; the acceleration a,
how fast the standard error changes with the parameter. It is a sixth of the skewness of
the estimate to first order: with the estimate moved by sum_i u_i e_i by independent
noise e_i of the cumulants k2_i and k3_i,

    a = sum u_i^3 k3_i / (6 (sum u_i^2 k2_i)^(3/2)) .

For samples drawn with replacement u_i is what sample i moves the estimate by (from the
jackknife: the mean of the estimates with one sample left out less the one without i),
and k2 = k3 = 1.

References
----------
B. Efron, J. Am. Stat. Assoc. 82 (1987) 171, eqs. (3.9), (6.6) and (7.3).
"""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import NamedTuple

import numpy as np

from physfit.document.fields import fields_html
from physfit.typing import FloatArray

__all__ = ["ONE_SIGMA", "Influence", "bca_interval", "percentile_interval"]
__all__ += ["spread_error", "student_within"]

NORMAL = NormalDist()
#: Probability within one standard deviation of a normal number.
ONE_SIGMA = math.erf(math.sqrt(0.5))
#: Points of the sum that stands for the integral of Student's density.
STEPS = 400


class Influence(NamedTuple):
    """How independent sources of noise move the parameters, to first order.

    Attributes
    ----------
    parts : ndarray, shape (P, m)
        Shift of each parameter by a unit of each source.
    second, third : ndarray, shape (m,) or ()
        Cumulants of the sources.
    is_sampled : bool
        Whether the parts hold the very noise of the data, and vary with it.
    common : float
        Relative error of the scale of the noise that all parts share.
    """

    parts: FloatArray
    second: FloatArray
    third: FloatArray
    is_sampled: bool = False
    common: float = 0.0

    def acceleration(self, gradient: FloatArray) -> float:
        """Acceleration of a quantity with these partials by the parameters, (P,)."""
        moved = _of_size_one(gradient @ self.parts)
        square = float((moved**2 * self.second).sum())
        cube = float((moved**3 * self.third).sum())
        return cube / (6.0 * square**1.5) if square > 0.0 else 0.0

    def relative_error(self, gradient: FloatArray) -> float:
        """Relative error of an error from noise that is that of one data set.

        Where the parts are sampled it is half of that of sum u_i^2.
        """
        if not self.is_sampled:
            return self.common
        squares = (gradient @ self.parts) ** 2
        whole = float(squares.sum())
        return 0.5 * math.sqrt(float((squares**2).sum())) / whole if whole else 0.0

    def _repr_html_(self) -> str:
        return fields_html(self)


def percentile_interval(replicas: FloatArray, level: float) -> tuple[float, float]:
    """Range that holds the middle share `level` of the replicas, shape (n,)."""
    tail = 50.0 * (1.0 - level)
    low, high = np.percentile(replicas, (tail, 100.0 - tail))
    return float(low), float(high)


def _of_size_one(values: FloatArray) -> FloatArray:
    """Numbers in units of the largest, so that their powers are finite."""
    size = float(np.abs(values).max(initial=0.0))
    return values / size if 0.0 < size < math.inf else values


def bca_interval(
    replicas: FloatArray, estimate: float, accelerated: float, level: float
) -> tuple[float, float]:
    """Bias-corrected and accelerated interval.

    Parameters
    ----------
    replicas : ndarray, shape (n,)
    estimate : float
        From the data themselves.
    accelerated : float
        See `Influence.acceleration`.
    level : float
        Probability of the interval.

    Returns
    -------
    low, high : float
        NaN where all replicas lie on one side of the estimate, or the acceleration is
        so large that there is no such interval.
    """
    below = (np.sum(replicas < estimate) + 0.5 * np.sum(replicas == estimate)).item()
    share = below / len(replicas)
    if not 0.0 < share < 1.0:
        return math.nan, math.nan
    shift = NORMAL.inv_cdf(share)
    tail = 0.5 * (1.0 - level)
    shares = []
    for alpha in (tail, 1.0 - tail):
        moved = shift + NORMAL.inv_cdf(alpha)
        slowed = 1.0 - accelerated * moved
        if not slowed > 0.0:
            return math.nan, math.nan
        shares.append(100.0 * NORMAL.cdf(shift + moved / slowed))
    low, high = np.percentile(replicas, shares)
    return float(low), float(high)


def spread_error(replicas: FloatArray) -> float:
    """Relative Monte-Carlo error of the standard deviation of replicas, shape (n,).

    sqrt((kurtosis - 1) / (4 n)): 1 / sqrt(2 n) for normal ones.
    """
    squares = _of_size_one(replicas - replicas.mean()) ** 2
    variance = float(squares.mean())
    if not variance > 0.0:
        return 0.0
    kurtosis = float((squares**2).mean()) / variance**2
    return math.sqrt(max(kurtosis - 1.0, 0.0) / (4.0 * len(replicas)))


def student_within(limit: float, dof: float) -> float:
    """Probability that Student's t lies within +-limit; normal for infinite `dof`.

    By Simpson's rule, good to 1e-9 for limits of a few units. (scipy's would cost a
    script 0.2 s of imports.)

    Examples
    --------
    >>> round(student_within(1.0, float("inf")), 4), round(student_within(1.0, 3), 4)
    (0.6827, 0.609)
    """
    if math.isinf(dof):
        return math.erf(limit / math.sqrt(2.0))
    t = np.linspace(0.0, limit, STEPS + 1)
    scale = math.lgamma(0.5 * (dof + 1.0)) - math.lgamma(0.5 * dof)
    density = np.exp(scale - 0.5 * (dof + 1.0) * np.log1p(t * t / dof))
    weights = np.where(np.arange(STEPS + 1) % 2, 4.0, 2.0)
    weights[[0, -1]] = 1.0
    mean = float(weights @ density) / (3.0 * STEPS)
    return 2.0 * limit * mean / math.sqrt(math.pi * dof)
