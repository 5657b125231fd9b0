"""Line shapes whose `amplitude` is the area: Gauss, Lorentz, Voigt, pseudo-Voigt."""

from __future__ import annotations

import math
from itertools import accumulate
from operator import mul

from physfit.kernels.elementary import exp
from physfit.kernels.kernel import scalar
from physfit.kernels.polynomials import complex_polynomial
from physfit.kernels.special import (
    FADDEEVA_SMALL_Y,
    faddeeva_small_y,
    faddeeva_with_derivative,
)

__all__ = ["gaussian", "lorentzian", "pseudo_voigt", "voigt"]

ROOT_TWO_PI = math.sqrt(2.0 * math.pi)
ROOT_TWO_LOG_TWO = math.sqrt(2.0 * math.log(2.0))
ROOT_HALF = math.sqrt(0.5)
#: gamma / (sigma sqrt(2)) from which `lorentz_like` serves.
LORENTZ_LIKE_Y = 12.0
#: Sum of (2 k + 5)!! v^k.
_odd_products = complex_polynomial(*accumulate((15, *range(7, 26, 2)), mul))


@scalar
def positive(width):
    """A width above 0; NaN for any other."""
    return width if width > 0.0 else math.nan


@scalar
def gaussian(x, amplitude, center, sigma):
    """Gaussian of area `amplitude` and standard deviation `sigma`, with partials.

    ``amplitude exp(-z^2 / 2) / (sigma sqrt(2 pi))``, ``z = (x - center) / sigma``.

    Parameters
    ----------
    x, center : float
        Position and centre, in one unit.
    amplitude : float
        Area.
    sigma : float
        Standard deviation, in the unit of x; `sigma > 0`, otherwise NaN.

    Returns
    -------
    tuple of float
        Value, d/d(amplitude, center, sigma). Relative error of the value below
        (5 + z^2) 2.3e-16, the rounding of the exponent.
    """
    inverse = 1.0 / positive(sigma)
    z = (x - center) * inverse
    shape = exp(-0.5 * (z * z)) * (inverse / ROOT_TWO_PI)
    value = amplitude * shape
    d_center = value * z * inverse
    d_sigma = (z * z - 1.0) * (value * inverse)
    return value, shape, d_center, d_sigma


@scalar
def lorentzian(x, amplitude, center, gamma):
    """Lorentzian of area `amplitude` and half width at half maximum `gamma`.

    ``amplitude / (pi gamma (1 + z^2))``, ``z = (x - center) / gamma``, with partials.

    Parameters
    ----------
    x, center : float
        Position and centre, in one unit.
    amplitude : float
        Area.
    gamma : float
        Half width at half maximum, in the unit of x; `gamma > 0`, otherwise NaN.

    Returns
    -------
    tuple of float
        Value, d/d(amplitude, center, gamma); relative error of the value below 2e-15.
    """
    inverse = 1.0 / positive(gamma)
    z = (x - center) * inverse
    profile = 1.0 / (1.0 + z * z)
    shape = profile * (inverse / math.pi)
    value = amplitude * shape
    d_center = 2.0 * value * profile * z * inverse
    # (z^2 - 1) / (z^2 + 1), without the overflow of z^2 in far tails.
    d_gamma = (1.0 - 2.0 * profile) * (value * inverse)
    return value, shape, d_center, d_gamma


@scalar
def pseudo_voigt(x, amplitude, center, sigma, fraction):
    """Sum of a Gaussian and a Lorentzian of one width and total area `amplitude`.

    ``(1 - fraction) gauss + fraction lorentz``, both with half width at half maximum
    `sigma`, with partials.

    Parameters
    ----------
    x, center : float
        Position and centre, in one unit.
    amplitude : float
        Area.
    sigma : float
        Half width at half maximum of both parts; `sigma > 0`, otherwise NaN.
    fraction : float
        Share of the Lorentzian; the sum is linear in it, so any value has a meaning.

    Returns
    -------
    tuple of float
        Value, d/d(amplitude, center, sigma, fraction); error below 3e-15 of the two
        parts' magnitudes, plus the Gaussian's rounding of its exponent.

    References
    ----------
    Thompson, Cox & Hastings, J. Appl. Cryst. 20 (1987) 79; lmfit's PseudoVoigtModel.
    """
    inverse = 1.0 / positive(sigma)
    z = (x - center) * inverse
    u = ROOT_TWO_LOG_TWO * z
    gauss = exp(-0.5 * (u * u)) * (inverse * (ROOT_TWO_LOG_TWO / ROOT_TWO_PI))
    profile = 1.0 / (1.0 + z * z)
    lorentz = profile * (inverse / math.pi)
    gauss_part = (1.0 - fraction) * gauss
    lorentz_part = fraction * lorentz
    shape = gauss_part + lorentz_part
    value = amplitude * shape
    scale = amplitude * inverse
    lorentz_slope = 2.0 * lorentz_part * profile * z
    steepness = gauss_part * (u * ROOT_TWO_LOG_TWO) + lorentz_slope
    d_center = scale * steepness
    widening = lorentz_part * (1.0 - 2.0 * profile)
    d_sigma = scale * (gauss_part * (u * u - 1.0) + widening)
    d_fraction = amplitude * (lorentz - gauss)
    return value, shape, d_center, d_sigma, d_fraction


@scalar
def voigt_regime(amplitude, center, sigma, gamma):
    """Which branch serves: 0 Gauss-like, 1 mixed, 2 Lorentz-like."""
    if gamma * ROOT_HALF >= LORENTZ_LIKE_Y * sigma:
        return 2
    return 0 if gamma * ROOT_HALF / positive(sigma) <= FADDEEVA_SMALL_Y else 1


@scalar
def voigt_parts(amplitude, sigma, k, k_x, k_y, k_scale):
    """Value and partials from K = Re w(x + i y), K_x, K_y and K + x K_x + y K_y."""
    inverse = 1.0 / sigma
    scale = inverse / ROOT_TWO_PI
    shape = scale * k
    slope = amplitude * scale * inverse
    narrow = slope * ROOT_HALF
    return amplitude * shape, shape, -narrow * k_x, -slope * k_scale, narrow * k_y


@scalar
def gauss_like(x, amplitude, center, sigma, gamma):
    """Voigt profile for gamma / (sigma sqrt(2)) <= 0.002; see `voigt`."""
    width = positive(sigma)
    u = (x - center) * (ROOT_HALF / width)
    y = gamma * ROOT_HALF / width
    k, _, k_x, minus_k_y = faddeeva_small_y(u, y)
    k_scale = k + (u * k_x - y * minus_k_y)
    return voigt_parts(amplitude, width, k, k_x, -minus_k_y, k_scale)


@scalar
def mixed(x, amplitude, center, sigma, gamma):
    """Voigt profile for gamma / (sigma sqrt(2)) between 0.002 and 12; see `voigt`."""
    width = positive(sigma)
    u = (x - center) * (ROOT_HALF / width)
    y = gamma * ROOT_HALF / width
    k, _, k_x, minus_k_y = faddeeva_with_derivative(u, y)
    k_scale = k + (u * k_x - y * minus_k_y)
    return voigt_parts(amplitude, width, k, k_x, -minus_k_y, k_scale)


@scalar
def lorentz_like(x, amplitude, center, sigma, gamma):
    """Voigt profile for gamma / (sigma sqrt(2)) >= 12; see `voigt`.

    With u = x - center + i gamma, v = 1 / (2 z^2) = (sigma / u)^2 and the asymptotic
    sum Q = 3 + 15 v + 105 v^2 + ..., the Faddeeva function is w = (1 + t) i / (z
    sqrt(pi)), t = v (1 + v Q), its slope is w' = -2 i t / sqrt(pi), and w + z w' =
    (1 - Q + v Q) i v / (z sqrt(pi)). Hence, without a division by sigma, which may be
    0,

        value = amplitude Re[(1 + t) i / u] / pi
        d_gamma - i d_center = (amplitude / pi) (1 + v Q) / u^2
        d_sigma = -(amplitude sigma / pi) Re[(1 - Q + v Q) i / u^3] .
    """
    narrow = sigma if sigma >= 0.0 else math.nan
    inverse = 1.0 / positive(gamma)
    a = (x - center) * inverse
    # gamma / u = p_re - i p_im, s its square.
    p_im = 1.0 / (1.0 + a * a)
    p_re = a * p_im
    s_re = (p_re - p_im) * (p_re + p_im)
    s_im = -2.0 * (p_re * p_im)
    ratio = narrow * inverse
    square = ratio * ratio
    v_re = square * s_re
    v_im = square * s_im
    norm = v_re * v_re + v_im * v_im
    a, b = _odd_products(v_re, v_im)
    q_re = (3.0 - norm * b) + v_re * a
    q_im = v_im * a
    r_re = v_re * q_re - v_im * q_im
    r_im = v_re * q_im + v_im * q_re
    m_re = s_re * (1.0 + r_re) - s_im * r_im
    m_im = s_im * (1.0 + r_re) + s_re * r_im
    c_re = 1.0 - q_re + r_re
    c_im = r_im - q_im
    e_re = s_re * c_re - s_im * c_im
    e_im = s_re * c_im + s_im * c_re
    height = inverse / math.pi
    shape = height * ((1.0 + square * m_re) * p_im - square * m_im * p_re)
    slope = amplitude * height * inverse
    d_sigma = -(slope * ratio) * (e_re * p_im - e_im * p_re)
    return amplitude * shape, shape, -slope * m_im, d_sigma, slope * m_re


@scalar
def voigt(x, amplitude, center, sigma, gamma):
    """Voigt profile of area `amplitude`: a Gaussian convolved with a Lorentzian.

    ``amplitude Re w(z) / (sigma sqrt(2 pi))`` with the Faddeeva function w and
    ``z = (x - center + i gamma) / (sigma sqrt(2))``, with partials from w'.

    Parameters
    ----------
    x, center : float
        Position and centre, in one unit.
    amplitude : float
        Area.
    sigma : float
        Standard deviation of the Gaussian; `sigma >= 0`, otherwise NaN. Zero is the
        Lorentzian; as the profile is even in sigma, its partial is 0 there.
    gamma : float
        Half width at half maximum of the Lorentzian; `gamma >= 0`, otherwise NaN. Zero
        is the Gaussian; NaN where both are zero.

    Returns
    -------
    tuple of float
        Value, d/d(amplitude, center, sigma, gamma). Relative errors, for gamma / sigma
        from 0 to infinity and out to 50 widths, besides what the rounding of x - center
        explains: 2e-11 for the value and the partials by amplitude and gamma, 1e-9 by
        center, 4e-8 by sigma (a hundred times less but for gamma / sigma between 0.003
        and 0.1, around 10 sigma from the centre).

    References
    ----------
    Olver et al., NIST Handbook of Mathematical Functions, section 7.19; partials from
    the derivative of w, 7.10.2.
    """
    regime = voigt_regime(amplitude, center, sigma, gamma)
    if regime == 0:
        return gauss_like(x, amplitude, center, sigma, gamma)
    if regime == 1:
        return mixed(x, amplitude, center, sigma, gamma)
    return lorentz_like(x, amplitude, center, sigma, gamma)
