"""Line shapes whose `amplitude` is the area: Gauss, Lorentz, Voigt, pseudo-Voigt."""

from __future__ import annotations

import math

from physfit.kernels.elementary import exp
from physfit.kernels.registry import point

__all__ = ["gaussian", "lorentzian", "pseudo_voigt"]

ROOT_TWO_PI = math.sqrt(2.0 * math.pi)
ROOT_TWO_LOG_TWO = math.sqrt(2.0 * math.log(2.0))


@point
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
    inverse = 1.0 / (sigma if sigma > 0.0 else math.nan)
    z = (x - center) * inverse
    shape = exp(-0.5 * (z * z)) * (inverse / ROOT_TWO_PI)
    value = amplitude * shape
    d_center = value * z * inverse
    d_sigma = (z * z - 1.0) * (value * inverse)
    return value, shape, d_center, d_sigma


@point
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
    inverse = 1.0 / (gamma if gamma > 0.0 else math.nan)
    z = (x - center) * inverse
    profile = 1.0 / (1.0 + z * z)
    shape = profile * (inverse / math.pi)
    value = amplitude * shape
    d_center = 2.0 * value * profile * z * inverse
    # (z^2 - 1) / (z^2 + 1), without the overflow of z^2 in far tails.
    d_gamma = (1.0 - 2.0 * profile) * (value * inverse)
    return value, shape, d_center, d_gamma


@point
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
    inverse = 1.0 / (sigma if sigma > 0.0 else math.nan)
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
    d_center = scale * (gauss_part * u * ROOT_TWO_LOG_TWO + 2.0 * lorentz_part * profile * z)
    d_sigma = scale * (gauss_part * (u * u - 1.0) + lorentz_part * (1.0 - 2.0 * profile))
    d_fraction = amplitude * (lorentz - gauss)
    return value, shape, d_center, d_sigma, d_fraction
