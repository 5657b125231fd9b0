"""Spots in a plane: functions of two coordinates."""

from __future__ import annotations

import math

from physfit.kernels.elementary import exp
from physfit.kernels.kernel import scalar

__all__ = ["gaussian_2d_isotropic"]

TWO_PI = 2.0 * math.pi


@scalar
def gaussian_2d_isotropic(x, y, amplitude, centerx, centery, sigma):
    """Round Gaussian spot of volume `amplitude`, with partials.

    ``amplitude exp(-(u^2 + v^2) / 2) / (2 pi sigma^2)``, ``u = (x - centerx) / sigma``,
    ``v = (y - centery) / sigma``.

    Parameters
    ----------
    x, y, centerx, centery : float
        Position and centre, in one unit.
    amplitude : float
        Volume under the spot.
    sigma : float
        Standard deviation along any line, in the unit of x; `sigma > 0`, otherwise NaN.

    Returns
    -------
    tuple of float
        Value, d/d(amplitude, centerx, centery, sigma). Relative error of the value
        below (6 + u^2 + v^2) 2.3e-16, the rounding of the exponent.
    """
    inverse = 1.0 / (sigma if sigma > 0.0 else math.nan)
    u = (x - centerx) * inverse
    v = (y - centery) * inverse
    square = u * u + v * v
    shape = exp(-0.5 * square) * (inverse * inverse / TWO_PI)
    value = amplitude * shape
    slope = value * inverse
    return value, shape, slope * u, slope * v, slope * (square - 2.0)
