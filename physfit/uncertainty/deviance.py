"""The law of the deviance of a fit that implies its noise, such as of counts.

A sum of squares of normal residuals follows the law of chi2. The deviance of counts
does so at many counts a sample only; at few its mean, variance and skewness are others.
With the moments of each sample's deviance d_i and datum y_i at the fitted means f_i,
partials J_i and Fisher's information F = sum J_i J_i' / f_i, the deviance D of a right
model has

    mean      sum E d_i - p - sum E'' d_i . J_i' inv(F) J_i / 2
    variance  (n - p) / n sum Var(d_i - b_i y_i),   b_i = J_i' inv(F) c / f_i,
              c = sum J_i Cov(d_i, y_i) / f_i

and the third cumulant likewise. The moments are those given the estimates (McCullagh
1985): what of the deviance goes with them is taken out by the regression on the scores,
without which the variance at 0.1 counts a sample is 15 times too large; the last term
of the mean is what the errors of the f_i do to the sum of E d_i. A gamma law with these
three moments is the reference; for many counts it is chi2 with n - p degrees of
freedom. Where its skewness exceeds that of chi2 by more than `MOST_SKEWED`, the
deviance takes too few different values for any law of this kind, and p is not known.

References
----------
P. McCullagh, International Statistical Review 53 (1985) 61.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from physfit.kernels.count_moments import DevianceMoments
from physfit.solve.derivatives import pseudo_inverse
from physfit.typing import FloatArray

__all__ = ["DevianceLaw", "law_of_deviance"]

#: Skewness beyond that of chi2 from which on the law is not known.
MOST_SKEWED = 0.5
#: A mean as small as this is none: its sample tells nothing.
NOTHING = 1e-30


class DevianceLaw(NamedTuple):
    """Law of the deviance of each of R fits: a shifted gamma law.

    Attributes
    ----------
    mean, width, skewness : ndarray, shape (R,)
    is_known : ndarray of bool, shape (R,)
        Whether there are degrees of freedom, and counts enough for it to hold.
    """

    mean: FloatArray
    width: FloatArray
    skewness: FloatArray
    is_known: NDArray[np.bool_]


@np.errstate(all="ignore")
def law_of_deviance(
    moments: Callable[[FloatArray], DevianceMoments],
    mean: FloatArray,
    partials: FloatArray,
    used: NDArray[np.bool_],
) -> DevianceLaw:
    """Law of the deviance of right models, by their fits.

    Parameters
    ----------
    moments : callable
        Those of a sample's deviance, by its mean.
    mean : ndarray, shape (R, n)
        The fitted models.
    partials : ndarray, shape (R, P, n)
        By the free parameters; zero for those at a bound.
    used : ndarray of bool, shape (R, n)
        Samples that were fitted.
    """
    known = used & (mean > NOTHING)
    mean = np.where(known, mean, 0.0)
    partials = np.where(known[:, None], partials, 0.0)
    inverse = np.where(known, 1.0 / mean, 0.0)
    of = moments(mean)
    weighted = partials * inverse[:, None]
    covariance, rank = pseudo_inverse(weighted @ partials.transpose(0, 2, 1))
    pull = covariance @ (weighted @ of.du[..., None])
    slope = (weighted * pull).sum(axis=1)
    spread = (partials * (covariance @ partials)).sum(axis=1)
    n = used.sum(axis=1)
    share = (n - rank) / n
    expected = of.mean.sum(axis=1) - rank - 0.5 * (of.bend * spread).sum(axis=1)
    variance = of.dd - slope * (2.0 * of.du - slope * of.uu)
    third = of.ddd - slope * (3.0 * of.ddu - slope * (3.0 * of.duu - slope * of.uuu))
    width = np.sqrt(share * variance.sum(axis=1))
    skewness = share * third.sum(axis=1) / width**3
    excess = skewness - np.sqrt(8.0 / (n - rank))
    # Skewed to the other side: expected counts next to zero, where scores have no law.
    is_known = (n > rank) & (excess < MOST_SKEWED) & (skewness > -MOST_SKEWED)
    return DevianceLaw(expected, width, skewness, is_known)
