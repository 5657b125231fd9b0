"""Backgrounds: polynomials and the exponential, as point functions."""

from __future__ import annotations

import math

from physfit.kernels.elementary import exp
from physfit.kernels.kernel import scalar

__all__ = ["constant", "exponential", "linear", "quadratic"]


@scalar
def constant(x, c):
    """Value `c` everywhere, with its partial.

    Parameters
    ----------
    x : float
        Position; has no influence.
    c : float
        Level, in the unit of the data.

    Returns
    -------
    tuple of float
        Value, d/dc; exact.
    """
    return c, 1.0


@scalar
def linear(x, slope, intercept):
    """Straight line `slope x + intercept`, with partials.

    Parameters
    ----------
    x : float
        Position.
    slope, intercept : float
        Rise per unit of x, and value at x = 0.

    Returns
    -------
    tuple of float
        Value, d/d(slope, intercept); within 1 ulp of the larger term.
    """
    return slope * x + intercept, x, 1.0


@scalar
def quadratic(x, a, b, c):
    """Parabola `a x^2 + b x + c`, with partials.

    Parameters
    ----------
    x : float
        Position.
    a, b, c : float
        Coefficients of x^2, x and 1.

    Returns
    -------
    tuple of float
        Value, d/d(a, b, c); within 2 ulp of the largest term.
    """
    return (a * x + b) * x + c, x * x, x, 1.0


@scalar
def exponential(x, amplitude, decay):
    """Exponential `amplitude exp(-x / decay)`, with partials.

    Parameters
    ----------
    x : float
        Position, of either sign.
    amplitude : float
        Value at x = 0.
    decay : float
        Length of decay (of growth, when negative), in the unit of x; NaN at zero.

    Returns
    -------
    tuple of float
        Value, d/d(amplitude, decay). Relative error below (4 + |x / decay|) 2.3e-16,
        the rounding of the exponent.
    """
    inverse = 1.0 / (decay if decay != 0.0 else math.nan)
    ratio = x * inverse
    shape = exp(-ratio)
    value = amplitude * shape
    return value, shape, value * ratio * inverse
