"""Losses per sample, as half deviances of the data `y` around the model `f`.

Each returns (rho, slope, weight, curvature): `slope = d rho / d f`, `weight = slope /
(f - y)` with its limit at f == y (never negative, the Gauss-Newton weight) and
`curvature = d slope / d f`. `w` is 1 / sigma and `z = (f - y) w`; without sigma the
robust losses get 1 / scale of the residuals (`solve.residual_scale`). They are those of
`scipy.optimize.least_squares` with `f_scale = delta`: they bend where |z| passes
`delta`; the defaults of huber and cauchy lose 5 % of the information of normal data.

A loss is declared here once: its traits beside it, hyper-parameters and their defaults
in its signature.
"""

from __future__ import annotations

import math
from typing import Any

from physfit.kernels.count_moments import moments_of_counts
from physfit.kernels.elementary import log1p, log1p_inside
from physfit.kernels.registry import Noise, Traits, loss

__all__ = ["cauchy", "chi2", "huber", "poisson", "soft_l1"]

#: Expected counts below which a mean is taken for zero.
SMALLEST = 1e-100
#: The largest double below 1.
BELOW_ONE = 1.0 - 2.0**-53


def _draw_counts(random: Any, mean: Any, shape: Any) -> Any:
    return random.poisson(mean, shape)


def _skewness_of_counts(mean: Any) -> Any:
    return mean**-0.5


#: Of losses that only limit what residuals do to a fit.
_M_ESTIMATOR = Traits(
    statistic="2 x cost",
    symbol="2 × cost",
    is_likelihood=False,
    has_p_value=False,
)


@loss(Traits("chi2", "χ²", is_quadratic=True, scipy_name="linear"))
def chi2(y, f, w):
    """Half the squared residual, ``z^2 / 2``.

    Parameters
    ----------
    y, f, w : float
        Datum, model, 1 / sigma.

    Returns
    -------
    tuple of float
        rho, slope, weight, curvature; relative errors below 1e-15 for exact f - y.
    """
    z = (f - y) * w
    weight = w * w
    return 0.5 * (z * z), z * w, weight, weight


@loss(
    Traits(
        statistic="deviance",
        symbol="deviance",
        noise=Noise(
            "Poisson's law", _draw_counts, _skewness_of_counts, moments_of_counts
        ),
        data="counts",
        lower=0.0,
    )
)
def poisson(y, f, w):
    """Half the Poisson deviance, ``f - y + y log(y / f)``, and ``f`` at y = 0.

    Parameters
    ----------
    y : float
        Counts; `y >= 0`, otherwise NaN.
    f : float
        Expected counts; `f > 0`, or `f >= 0` at y = 0, otherwise NaN.
    w : float
        Has no influence.

    Returns
    -------
    tuple of float
        rho, slope, weight, curvature; error of rho below 1e-15 |f - y|. Below f =
        1e-100 the weight is 1e100: its product with the square of a partial that is
        zero, or underflows, stays zero.
    """
    counts = y if y >= 0.0 else math.nan
    least = SMALLEST if counts > 0.0 else 0.0
    mean = f if f >= least else math.nan
    bounded = SMALLEST if mean < SMALLEST else mean
    weight = 1.0 / bounded
    slope = (bounded - counts) * weight
    # log(y / f) as log1p(-slope): keeps its digits where f is near y. Where y is below
    # the rounding of f, what is lost of it is below that of rho.
    share = slope if slope < BELOW_ONE else BELOW_ONE
    rho = (mean - counts) + counts * log1p_inside(-share)
    return rho, slope, weight, counts * weight * weight


@loss(_M_ESTIMATOR._replace(scipy_name="huber"))
def huber(y, f, w, delta=1.345):
    """``z^2 / 2`` up to |z| = delta, ``delta |z| - delta^2 / 2`` beyond.

    Parameters
    ----------
    y, f, w : float
        Datum, model, 1 / sigma.
    delta : float
        Residual, in sigma, where the loss turns linear; `delta > 0`, otherwise NaN.

    Returns
    -------
    tuple of float
        rho, slope, weight, curvature (which jumps from w^2 to 0 at |z| = delta);
        relative errors below 2e-15 for exact f - y.

    References
    ----------
    Huber, Ann. Math. Stat. 35 (1964) 73.
    """
    bend = delta if delta > 0.0 else math.nan
    z = (f - y) * w
    size = math.fabs(z)
    inside = size <= bend
    ratio = bend / (bend if inside else size)
    square = w * w
    rho = 0.5 * (z * z) if inside else bend * (size - 0.5 * bend)
    curvature = (square if inside else 0.0) + 0.0 * ratio
    return rho, z * w * ratio, square * ratio, curvature


@loss(_M_ESTIMATOR._replace(scipy_name="soft_l1"))
def soft_l1(y, f, w, delta=1.0):
    """``delta^2 (sqrt(1 + s) - 1)`` with ``s = (z / delta)^2``.

    Parameters
    ----------
    y, f, w : float
        Datum, model, 1 / sigma.
    delta : float
        Residual, in sigma, where the loss turns linear; `delta > 0`, otherwise NaN.

    Returns
    -------
    tuple of float
        rho, slope, weight, curvature; relative errors below 3e-15 for exact f - y.

    References
    ----------
    Charbonnier et al., IEEE Trans. Image Process. 6 (1997) 298.
    """
    z = (f - y) * w
    t = z / (delta if delta > 0.0 else math.nan)
    root = math.sqrt(1.0 + t * t)
    inverse = 1.0 / root
    weight = w * w * inverse
    return z * z / (1.0 + root), z * w * inverse, weight, weight * inverse * inverse


@loss(_M_ESTIMATOR._replace(scipy_name="cauchy"))
def cauchy(y, f, w, delta=2.385):
    """``delta^2 / 2 log(1 + s)`` with ``s = (z / delta)^2``.

    Parameters
    ----------
    y, f, w : float
        Datum, model, 1 / sigma.
    delta : float
        Residual, in sigma, of the largest pull; `delta > 0`, otherwise NaN.

    Returns
    -------
    tuple of float
        rho, slope, weight, curvature (negative beyond |z| = delta); relative errors
        below 3e-15 for exact f - y.
    """
    bend = delta if delta > 0.0 else math.nan
    z = (f - y) * w
    t = z / bend
    inverse = 1.0 / (1.0 + t * t)
    rho = 0.5 * (bend * bend) * log1p(t * t)
    weight = w * w * inverse
    curvature = weight * (1.0 - t) * (1.0 + t) * inverse
    return rho, z * w * inverse, weight, curvature
