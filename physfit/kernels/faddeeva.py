"""The Faddeeva function in the whole plane, and Dawson's integral.

Above the real axis w is one of the forms of `special`, chosen by y. Below,
w(z) = 2 exp(-z^2) - w(-z). The choice is a branch, not a selection: where y is the same
for all samples, the loop over them is taken apart and is vector code; otherwise it is
not.

Derivatives, by the names of this module; (a, b) are the real and imaginary part of the
function's slope by z:

| function | derivative |
|---|---|
| `wofz_re(x, y)`, `wofz_im(x, y)` | a, b by x; -b, a by y, with the two below |
| a = `wofz_slope_re(x, y)`, b = `wofz_slope_im(x, y)` | |
| `dawsn(x)` | `dawsn_slope(x)` |

References
----------
Abramowitz & Stegun 7.1.11, 7.1.20.
"""

from __future__ import annotations

import math

from physfit.kernels.elementary import exp_sum, sincos, square_parts
from physfit.kernels.kernel import scalar
from physfit.kernels.special import (
    FADDEEVA_SMALL_Y,
    _dawson_inside,
    faddeeva_large_y,
    faddeeva_small_y,
    faddeeva_with_derivative,
)

__all__ = ["above_axis", "dawsn", "dawsn_slope", "wofz", "wofz_im", "wofz_re"]
__all__ += ["wofz_slope_im", "wofz_slope_re"]

HALF_ROOT_PI = 0.886226925452758
DAWSON_INSIDE = 8.0


@scalar
def above_axis(x, y):
    """(Re w, Im w, Re w', Im w') for y >= 0."""
    if y <= FADDEEVA_SMALL_Y:
        return faddeeva_small_y(x, y)
    return faddeeva_with_derivative(x, y)


@scalar
def _gaussian(x, y):
    """Real and imaginary part of exp(-(x + i y)^2)."""
    x_high, x_low = square_parts(x)
    y_high, y_low = square_parts(y)
    difference = y_high - x_high
    part = difference - y_high
    lost = (y_high - (difference - part)) - (x_high + part)
    rest = lost + (y_low - x_low)
    high = difference + rest
    size = exp_sum(high, (difference - high) + rest)
    sine, cosine = sincos(2.0 * x * y)
    return size * cosine, -size * sine


@scalar
def wofz(x, y):
    """Faddeeva function w(x + i y) and its derivative in the whole plane.

    Parameters
    ----------
    x, y : float
        Real and imaginary part of z, |z| < 1e150.

    Returns
    -------
    tuple of float
        (Re w, Im w, Re w', Im w') with w' = dw/dz. For y >= 0 the error is below 2e-14
        |w|, 5e-12 |w'|; for y < 0 it is that of w(-z), and 2e-16 (5 + |x y|) of
        2 exp(-z^2).
    """
    if y >= 0.0:
        return above_axis(x, y)
    re, im, slope_re, slope_im = above_axis(-x, -y)
    gauss_re, gauss_im = _gaussian(x, y)
    return (
        2.0 * gauss_re - re,
        2.0 * gauss_im - im,
        slope_re - 4.0 * (x * gauss_re - y * gauss_im),
        slope_im - 4.0 * (x * gauss_im + y * gauss_re),
    )


@scalar
def wofz_re(x, y):
    """Real part of w(x + i y); see `wofz`."""
    value, _, _, _ = wofz(x, y)
    return value


@scalar
def wofz_im(x, y):
    """Imaginary part of w(x + i y); see `wofz`."""
    _, value, _, _ = wofz(x, y)
    return value


@scalar
def wofz_slope_re(x, y):
    """Real part of dw/dz at x + i y; see `wofz`."""
    _, _, value, _ = wofz(x, y)
    return value


@scalar
def wofz_slope_im(x, y):
    """Imaginary part of dw/dz at x + i y; see `wofz`."""
    _, _, _, value = wofz(x, y)
    return value


@scalar
def dawsn(x):
    """Dawson's integral exp(-x^2) times the integral of exp(t^2) from 0 to x.

    Parameters
    ----------
    x : float
        Any value.

    Returns
    -------
    float
        Relative error below 4e-15.
    """
    _, far, _, _ = faddeeva_large_y(x, 0.0)
    huge = math.fabs(x) > 1e100
    outside = 0.5 / x if huge else HALF_ROOT_PI * far
    return _dawson_inside(x) if math.fabs(x) <= DAWSON_INSIDE else outside


@scalar
def dawsn_slope(x):
    """Derivative 1 - 2 x `dawsn(x)` of `dawsn`.

    Relative error below 1e-12 but at its zeros, |x| = 0.9241; absolute below 3e-15.
    """
    _, _, _, far = faddeeva_large_y(x, 0.0)
    near = 1.0 - 2.0 * x * _dawson_inside(x)
    return near if math.fabs(x) <= DAWSON_INSIDE else HALF_ROOT_PI * far
