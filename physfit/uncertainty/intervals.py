"""Confidence intervals from replicas: percentiles, and Efron's BCa.

The bias-corrected and accelerated interval takes percentiles of the replicas that are
shifted by the bias `z0` (how many replicas lie below the estimate) and by the
acceleration `a` (how the standard error changes with the parameter, from the
jackknife):

    alpha' = Phi(z0 + (z0 + z_alpha) / (1 - a (z0 + z_alpha))) .

References
----------
B. Efron, J. Am. Stat. Assoc. 82 (1987) 171, eqs. (3.9) and (7.3).
"""

from __future__ import annotations

from statistics import NormalDist

import numpy as np

from physfit.typing import FloatArray

__all__ = ["acceleration", "bca_interval", "percentile_interval"]

NORMAL = NormalDist()


def percentile_interval(replicas: FloatArray, level: float) -> tuple[float, float]:
    """Range that holds the middle share `level` of the replicas, shape (n,)."""
    tail = 50.0 * (1.0 - level)
    low, high = np.percentile(replicas, (tail, 100.0 - tail))
    return float(low), float(high)


def acceleration(left_out: FloatArray) -> float:
    """Acceleration from estimates with one sample left out each, shape (n,)."""
    distance = left_out.mean() - left_out
    square = float((distance**2).sum())
    return float((distance**3).sum()) / (6.0 * square**1.5) if square > 0.0 else 0.0


def bca_interval(
    replicas: FloatArray, estimate: float, accelerated: float, level: float
) -> tuple[float, float]:
    """Bias-corrected and accelerated interval.

    NaN where all replicas lie on one side of the estimate.

    Parameters
    ----------
    replicas : ndarray, shape (n,)
    estimate : float
        From the data themselves.
    accelerated : float
        See `acceleration`.
    level : float
        Probability of the interval.
    """
    below = (np.sum(replicas < estimate) + 0.5 * np.sum(replicas == estimate)).item()
    share = below / len(replicas)
    if not 0.0 < share < 1.0:
        return float("nan"), float("nan")
    shift = NORMAL.inv_cdf(share)
    tail = 0.5 * (1.0 - level)
    shares = []
    for alpha in (tail, 1.0 - tail):
        moved = shift + NORMAL.inv_cdf(alpha)
        place = shift + moved / (1.0 - accelerated * moved)
        shares.append(100.0 * NORMAL.cdf(place))
    low, high = np.percentile(replicas, shares)
    return float(low), float(high)
