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


def log_gamma_quotient(u: Any) -> Any:
    """log(gamma(2 + u)) / u."""
    return mpmath.loggamma(2 + u) / u


def gamma_from_2(u: Any) -> Any:
    """gamma(2 + u)."""
    return mpmath.gamma(2 + u)


def stirling(w: Any) -> Any:
    """What Stirling's formula leaves of log(gamma(y)), times y, in w = 1 / y^2."""
    y = 1 / mpmath.sqrt(w)
    formula = (y - mpf(1) / 2) * mpmath.log(y) - y + mpmath.log(2 * mpmath.pi) / 2
    return (mpmath.loggamma(y) - formula) * y


def digamma_quotient(u: Any) -> Any:
    """psi(1 + u) over the distance of 1 + u from its zero."""
    root = mpmath.findroot(mpmath.digamma, mpf("1.4616321449683623"))
    return mpmath.digamma(1 + u) / (1 + u - root)


def polygamma_rest(order: int, w: Any) -> Any:
    """What the first two terms leave of a polygamma, times y^(order + 2)."""
    y = 1 / mpmath.sqrt(w)
    leading = (
        mpmath.log(y) if order == 0 else -mpmath.factorial(order - 1) / (-y) ** order
    )
    sign = (-1) ** (order + 1)
    leading += sign * mpmath.factorial(order) / (2 * y ** (order + 1))
    return (mpmath.polygamma(order, y) - leading) * y ** (order + 2)


def lambert(branch: int, p: Any) -> Any:
    """W of x in p = sqrt(2 (e x + 1))."""
    return mpmath.lambertw((p * p / 2 - 1) / mpmath.e, branch).real


def erfinv_quotient(w: Any) -> Any:
    """erfinv(x) / x in w = -log(1 - x^2)."""
    x = mpmath.sqrt(-mpmath.expm1(-w))
    complement = mpmath.exp(-w) / (1 + x)
    y = mpmath.sqrt(w) * (1 - w / (8 + 2 * w))
    step = y
    while abs(step) > mpf("1e-55") * y:
        excess = complement - mpmath.erfc(y)
        step = excess * mpmath.sqrt(mpmath.pi) / 2 * mpmath.exp(y * y)
        step = step / (1 - y * step)
        y -= step
    return y / x


def exp1_regular(x: Any) -> Any:
    """E1(x) + log(x)."""
    return mpmath.e1(x) + mpmath.log(x)


def exp1_scaled(r: Any) -> Any:
    """x exp(x) E1(x) in r = 1 / x."""
    return mpmath.exp(1 / r) * mpmath.e1(1 / r) / r


def expi_regular(x: Any) -> Any:
    """(Ei(x) - log(x) - Euler's constant) / x."""
    return (mpmath.ei(x) - mpmath.log(x) - mpmath.euler) / x


def expi_scaled(r: Any) -> Any:
    """x exp(-x) Ei(x) in r = 1 / x."""
    return mpmath.exp(-1 / r) * mpmath.ei(1 / r) / r


def to_34_digits(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The same function with fewer digits, in less time; integrals need no more."""

    def computed(x: Any) -> Any:
        with mpmath.workdps(34):
            return function(+x)

    return computed


def half_line(integrand: Callable[[Any], Any]) -> Any:
    """Integral over t > 0 of what decays as exp(-t), by t = exp(y - exp(-y))."""
    total, step = mpf(0), mpf(1) / 32
    for k in range(-160, 176):
        inner = mpmath.exp(-k * step)
        t = mpmath.exp(k * step - inner)
        total += integrand(t) * t * (1 + inner)
    return total * step


@to_34_digits
def landau(x: Any) -> Any:
    """Landau's density, by its integral along the real axis."""

    def integrand(t: Any) -> Any:
        return mpmath.exp(-t * (mpmath.log(t) + x)) * mpmath.sin(mpmath.pi * t)

    return half_line(integrand) / mpmath.pi


@to_34_digits
def landau_left(v: Any) -> Any:
    """sqrt(2 pi / u) exp(u) times Landau's density at x = -1 - log(u), in v = 1 / u.

    By its integral through the saddle point, along z = sinh(y).
    """
    u, root = 1 / v, mpmath.sqrt(v)

    def integrand(z: Any) -> Any:
        turned = mpmath.mpc(1, z * root)
        exponent = u * (turned * mpmath.log(turned) - 1j * z * root)
        return mpmath.exp(exponent).real

    step, total = mpf(1) / 32, mpf(1) / 2
    for k in range(1, 193):
        total += integrand(mpmath.sinh(k * step)) * mpmath.cosh(k * step)
    return 2 * total * step / mpmath.sqrt(2 * mpmath.pi)


@to_34_digits
def landau_right(e: Any) -> Any:
    """w^2 times Landau's density at x = w + log(w), in e = 1 / w."""

    def integrand(s: Any) -> Any:
        decay = mpmath.exp(-s * (1 + e * mpmath.log(s)))
        return decay * s * mpmath.sinc(mpmath.pi * e * s)

    return half_line(integrand)


def centred(function: Any, middle: float, half: float, t: Any) -> Any:
    """A function of z at z = middle + half t."""
    return function(middle + half * t)


def over(function: Callable[[Any], Any], low: float, high: float, n: int) -> Fit:
    """Fit of a function on an interval, in t that runs from -1 to 1 there."""
    with mpmath.workdps(70):
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
    "bessel_i.i0_small": Fit(partial(i_small, 0), 0.0, 64.0, 19),
    "bessel_i.i1_small": Fit(partial(i_small, 1), 0.0, 64.0, 18),
    "bessel_i.i0_large": over(partial(scaled_i, 0), 0.0, 0.125, 25),
    "bessel_i.i1_large": over(partial(scaled_i, 1), 0.0, 0.125, 25),
    "bessel_i.i_difference": over(difference_i, 0.0, 0.125, 28),
    "bessel_k.k0_small": Fit(
        partial(log_free, k_small, mpmath.besseli, mpf(-1), 0), 0.0, 4.0, 11
    ),
    "bessel_k.k1_small": Fit(
        partial(log_free, k_small, mpmath.besseli, mpf(1), 1), 0.0, 4.0, 11
    ),
    "bessel_k.k0_large": over(partial(scaled_k, 0), 0.0, 0.5, 24),
    "bessel_k.k1_large": over(partial(scaled_k, 1), 0.0, 0.5, 24),
    "bessel_k.k_difference": over(difference_k, 0.0, 0.5, 27),
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
    "gamma_functions.log_gamma": over(log_gamma_quotient, -0.5, 1.0, 23),
    "gamma_functions.gamma": over(gamma_from_2, 0.0, 1.0, 18),
    "gamma_functions.stirling": Fit(stirling, 0.0, 1.0 / 64.0, 8),
    "polygamma.digamma": over(digamma_quotient, 0.0, 1.0, 24),
    "polygamma.digamma_rest": Fit(partial(polygamma_rest, 0), 0.0, 1.0 / 64.0, 9),
    "polygamma.trigamma_rest": Fit(partial(polygamma_rest, 1), 0.0, 1.0 / 64.0, 9),
    "polygamma.tetragamma_rest": Fit(partial(polygamma_rest, 2), 0.0, 1.0 / 64.0, 10),
    "polygamma.pentagamma_rest": Fit(partial(polygamma_rest, 3), 0.0, 1.0 / 64.0, 10),
    "lambert.w0": over(partial(lambert, 0), 0.0, 0.8, 19),
    "lambert.wm1": over(partial(lambert, -1), 0.0, 0.8, 25),
    "normal.erfinv_centre": over(erfinv_quotient, 0.0, 5.0, 24),
    "normal.erfinv_middle": over(lambda s: erfinv_quotient(s * s), 2.2, 4.0, 24),
    "normal.erfinv_tail": over(lambda s: erfinv_quotient(s * s), 4.0, 6.1, 21),
    "landau.left": over(landau_left, 0.0, 1.0, 33),
    "landau.middle": over(landau, -1.0, 4.0, 34),
    "landau.right": over(landau_right, 0.0, 0.3425, 27),
    "exponential_integrals.exp1_small": over(exp1_regular, 0.0, 2.0, 16),
    "exponential_integrals.exp1_large": over(exp1_scaled, 0.0, 0.5, 37),
    "exponential_integrals.expi_small": over(expi_regular, 0.0, 6.0, 22),
    "exponential_integrals.expi_6": over(expi_scaled, 1.0 / 12.0, 1.0 / 6.0, 21),
    "exponential_integrals.expi_12": over(expi_scaled, 1.0 / 24.0, 1.0 / 12.0, 20),
    "exponential_integrals.expi_24": over(expi_scaled, 0.0, 1.0 / 24.0, 23),
}
