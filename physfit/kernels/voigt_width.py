"""Height and width of a Voigt profile, from the profile itself.

The half width h is the root of V(h) = V(0) / 2. Newton's steps from the formula of
Olivero & Longbothum, which is within 2.4e-4, square its error: three of them reach the
rounding of V. The partials are those of the implicit function,

    dh / d s = (dV(0) / d s / 2 - dV(h) / d s) / (dV(h) / d h) ,  s = sigma, gamma .

References
----------
J. J. Olivero, R. L. Longbothum, JQSRT 17 (1977) 233.
"""

from __future__ import annotations

import math

from physfit.kernels.kernel import scalar
from physfit.kernels.lineshapes import voigt

__all__ = ["voigt_fwhm", "voigt_height"]

STEPS = 3
EIGHT_LOG_TWO = 8.0 * math.log(2.0)


@scalar
def voigt_height(sigma, gamma):
    """Value at the centre of a Voigt profile of unit area, with partials.

    Parameters
    ----------
    sigma, gamma : float
        As those of `voigt`; NaN outside its domain.

    Returns
    -------
    tuple of float
        Height, d/d(sigma, gamma).
    """
    value, _, _, d_sigma, d_gamma = voigt(0.0, 1.0, 0.0, sigma, gamma)
    return value, d_sigma, d_gamma


@scalar
def voigt_fwhm(sigma, gamma):
    """Full width at half maximum of a Voigt profile, with partials.

    Parameters
    ----------
    sigma, gamma : float
        As those of `voigt`; NaN outside its domain.

    Returns
    -------
    tuple of float
        Width, d/d(sigma, gamma); relative error of the width below 1e-13, of the
        partials below 1e-10 of the larger one.
    """
    size = sigma + gamma
    unit = size if size > 0.0 else math.nan
    s, g = sigma / unit, gamma / unit
    height, _, _, top_sigma, top_gamma = voigt(0.0, 1.0, 0.0, s, g)
    root = 0.8664 * (g * g) + EIGHT_LOG_TWO * (s * s)
    h = 0.5 * (1.0692 * g + math.sqrt(root))
    for _ in range(STEPS):
        value, _, slope, _, _ = voigt(h, 1.0, 0.0, s, g)
        h += (value - 0.5 * height) / slope
    _, _, slope, d_sigma, d_gamma = voigt(h, 1.0, 0.0, s, g)
    scale = 2.0 / slope
    by_sigma = (d_sigma - 0.5 * top_sigma) * scale
    by_gamma = (d_gamma - 0.5 * top_gamma) * scale
    return 2.0 * h * unit, by_sigma, by_gamma
