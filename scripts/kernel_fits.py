"""Functions whose polynomials stand in `physfit/kernels`, and where they are fitted.

Each is a function of the variable of its polynomial, in mpmath numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import mpmath
from mpmath import mpf


class Fit(NamedTuple):
    """A function of t on [low, high] and the number of its coefficients."""

    function: Callable[[Any], Any]
    low: float
    high: float
    n: int


def asin_tail(s: Any) -> Any:
    """(asin(x) / x - 1) / x^2 in s = x^2."""
    x = mpmath.sqrt(s)
    return (mpmath.asin(x) / x - 1) / s


def log_rest(z: Any) -> Any:
    """2 (atanh(s) - s - s^3 / 3) / s^5 in z = s^2."""
    s = mpmath.sqrt(z)
    return 2 * (mpmath.atanh(s) - s - s**3 / 3) / s**5


def sinc_slope_over_x(s: Any) -> Any:
    """d/dx [sin(pi x) / (pi x)] / x in s = x^2."""
    p = mpmath.pi * mpmath.sqrt(s)
    return (mpmath.cos(p) - mpmath.sin(p) / p) / s


def over_power(function: Any, order: int, z: Any) -> Any:
    """A function f(x) / x^order in z = x^2."""
    x = mpmath.sqrt(z)
    return function(order, x) / x**order


def log_free(function: Any, other: Any, factor: Any, order: int, z: Any) -> Any:
    """(f(x) - factor log(x / 2) g(x)) / x^order in z = x^2, for order 0.

    For order 1 the pole of f is taken off too.
    """
    x = mpmath.sqrt(z)
    pole = 0 if order == 0 else -factor / x
    if function is mpmath.besselk and order == 1:
        pole = 1 / x
    rest = function(order, x) - pole - factor * mpmath.log(x / 2) * other(order, x)
    return rest / x**order


def scaled_i(order: int, r: Any) -> Any:
    """sqrt(x) exp(-x) I(x) in r = 1 / x."""
    x = 1 / r
    return mpmath.sqrt(x) * mpmath.exp(-x) * mpmath.besseli(order, x)


def scaled_k(order: int, r: Any) -> Any:
    """sqrt(x) exp(x) K(x) in r = 1 / x."""
    x = 1 / r
    return mpmath.sqrt(x) * mpmath.exp(x) * mpmath.besselk(order, x)


def difference_i(r: Any) -> Any:
    """x^(3/2) exp(-x) (I0 - I1) in r = 1 / x."""
    return (scaled_i(0, r) - scaled_i(1, r)) / r


def difference_k(r: Any) -> Any:
    """x^(3/2) exp(x) (K1 - K0) in r = 1 / x."""
    return (scaled_k(1, r) - scaled_k(0, r)) / r


def hankel(order: int, part: int, w: Any) -> Any:
    """Amplitudes P and x Q of J + i Y in w = 64 / x^2."""
    x = 8 / mpmath.sqrt(w)
    phase = x - mpmath.pi / 4 - order * mpmath.pi / 2
    turned = mpmath.hankel1(order, x) * mpmath.exp(-1j * phase)
    amplitude = turned * mpmath.sqrt(mpmath.pi * x / 2)
    return amplitude.imag * x if part else amplitude.real


def centred(function: Any, middle: float, half: float, t: Any) -> Any:
    """A function of z at z = middle + half t."""
    return function(middle + half * t)


def over(function: Callable[[Any], Any], low: float, high: float, n: int) -> Fit:
    """Fit of a function on an interval, in t that runs from -1 to 1 there."""
    middle, half = (mpf(low) + high) / 2, (mpf(high) - low) / 2
    return Fit(partial(centred, function, middle, half), -1.0, 1.0, n)


i_small, k_small = partial(over_power, mpmath.besseli), mpmath.besselk
j_small, y_small = partial(over_power, mpmath.besselj), mpmath.bessely
with mpmath.workdps(70):
    y_factor = 2 / mpmath.pi

#: By module and name: `_asin_polynomial` of `trigonometric`.
FITS = {
    "trigonometric.asin": Fit(asin_tail, 0.0, 0.25, 14),
    "trigonometric.sinc_slope": Fit(sinc_slope_over_x, 0.0, 0.25, 9),
    "powers.log_rest": Fit(log_rest, 0.0, 0.0295, 8),
    "powers.cbrt": Fit(mpmath.cbrt, 0.35, 2.84, 6),
    "bessel_modified.i0_small": Fit(partial(i_small, 0), 0.0, 64.0, 19),
    "bessel_modified.i1_small": Fit(partial(i_small, 1), 0.0, 64.0, 18),
    "bessel_modified.i0_large": over(partial(scaled_i, 0), 0.0, 0.125, 25),
    "bessel_modified.i1_large": over(partial(scaled_i, 1), 0.0, 0.125, 25),
    "bessel_modified.i_difference": over(difference_i, 0.0, 0.125, 28),
    "bessel_modified.k0_small": Fit(
        partial(log_free, k_small, mpmath.besseli, mpf(-1), 0), 0.0, 4.0, 11
    ),
    "bessel_modified.k1_small": Fit(
        partial(log_free, k_small, mpmath.besseli, mpf(1), 1), 0.0, 4.0, 11
    ),
    "bessel_modified.k0_large": over(partial(scaled_k, 0), 0.0, 0.5, 24),
    "bessel_modified.k1_large": over(partial(scaled_k, 1), 0.0, 0.5, 24),
    "bessel_modified.k_difference": over(difference_k, 0.0, 0.5, 27),
    "bessel.j0_small": over(partial(j_small, 0), 0.0, 64.0, 18),
    "bessel.j1_small": over(partial(j_small, 1), 0.0, 64.0, 18),
    "bessel.j2_small": over(partial(j_small, 2), 0.0, 64.0, 18),
    "bessel.y0_small": over(
        partial(log_free, y_small, mpmath.besselj, y_factor, 0), 0.0, 64.0, 18
    ),
    "bessel.y1_small": over(
        partial(log_free, y_small, mpmath.besselj, y_factor, 1), 0.0, 64.0, 18
    ),
    "bessel.p0": over(partial(hankel, 0, 0), 0.0, 1.0, 13),
    "bessel.q0": over(partial(hankel, 0, 1), 0.0, 1.0, 15),
    "bessel.p1": over(partial(hankel, 1, 0), 0.0, 1.0, 13),
    "bessel.q1": over(partial(hankel, 1, 1), 0.0, 1.0, 15),
}
