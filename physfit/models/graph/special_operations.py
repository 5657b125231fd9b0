"""Special functions as operations of a graph; slopes stand in derivatives only."""

from __future__ import annotations

import math
from collections.abc import Callable

from physfit.kernels import (
    bessel,
    bessel_i,
    bessel_k,
    bessel_orders,
    complex_gamma,
    elliptic,
    exponential_integrals,
    faddeeva,
    gamma_functions,
    gamma_ratio,
    lambert,
    normal,
    polygamma,
    voigt_profile,
)
from physfit.kernels.kernel import Scalar
from physfit.kernels.voigt_width import voigt_fwhm, voigt_height
from physfit.models.graph.operation import (
    Operation,
    Rule,
    call_of,
    call_of_order,
    unknown,
)
from physfit.models.graph.term import Term

__all__ = ["ORDER_SIGNS", "SPECIAL_OPERATIONS"]


def _slope(name: str) -> Rule:
    """Rule of a function whose derivative is an operation of its own."""
    return lambda f, x: (x.apply(name),)


def _with_slope(function: Scalar, slope: Scalar) -> dict[str, Operation]:
    """A function, and its derivative where that is a function of its own."""
    name = slope.__name__
    first = call_of(function, _slope(name))
    return {function.__name__: first, name: call_of(slope, unknown)}


def _minus(name: str) -> Rule:
    return lambda f, x: (-x.apply(name),)


def _of_y1(f: Term, x: Term) -> tuple[Term]:
    return (x.apply("y0") - f / x,)


def _of_k1(f: Term, x: Term) -> tuple[Term]:
    return (-x.apply("k0") - f / x,)


#: The slope of a cylinder function is half of the functions of the orders below and
#: above, with these signs.
ORDER_SIGNS = {"jv": (1.0, -1.0), "yv": (1.0, -1.0), "iv": (1.0, 1.0)}
ORDER_SIGNS |= {"kv": (-1.0, -1.0)}


def _of_order(name: str) -> Rule:
    """Slope of a cylinder function; at order 0 both neighbours are the same."""
    signs = ORDER_SIGNS[name]

    def rule(f: Term, x: Term, n: int) -> tuple[Term]:
        above = x.apply(name, numbers=(n + 1,))
        if n == 0:
            return (signs[1] * above,)
        below = x.apply(name, numbers=(n - 1,))
        return (0.5 * (signs[0] * below + signs[1] * above),)

    return rule


def _of_spherical(f: Term, x: Term, n: int) -> tuple[Term]:
    above = x.apply("spherical_jn", numbers=(n + 1,))
    if n == 0:
        return (-above,)
    below = x.apply("spherical_jn", numbers=(n - 1,))
    return ((float(n) * below - (n + 1.0) * above) / (2.0 * n + 1.0),)


def _of_lambert(f: Term, x: Term) -> tuple[Term]:
    return ((-f).apply("exp") / (1.0 + f),)


def _of_lower_lambert(f: Term, x: Term) -> tuple[Term]:
    return (f / (x * (1.0 + f)),)


def _of_ndtr(f: Term, x: Term) -> tuple[Term]:
    return ((-0.5 * (x * x)).apply("exp") * (1.0 / math.sqrt(2.0 * math.pi)),)


def _of_log_ndtr(f: Term, x: Term) -> tuple[Term]:
    return (math.sqrt(2.0 / math.pi) / (-math.sqrt(0.5) * x).apply("erfcx"),)


def _of_erfinv(f: Term, x: Term) -> tuple[Term]:
    return (0.5 * math.sqrt(math.pi) * (f * f).apply("exp"),)


def _of_wofz(first: str, second: str, sign: float) -> Rule:
    """Derivatives by the real and the imaginary part of the argument."""

    def rule(f: Term, x: Term, y: Term) -> tuple[Term, Term]:
        return x.apply(first, y), sign * x.apply(second, y)

    return rule


def _of_loggamma(f: Term, x: Term, y: Term) -> tuple[Term, Term]:
    return x.apply("digamma_re", y), -x.apply("digamma_im", y)


def _of_voigt(f: Term, x: Term, sigma: Term, gamma: Term) -> tuple[Term, Term, Term]:
    by_x, by_sigma, by_gamma = (
        x.apply(f"voigt_by_{name}", sigma, gamma) for name in ("x", "sigma", "gamma")
    )
    return by_x, by_sigma, by_gamma


def _of_widths(name: str, function: Scalar) -> dict[str, Operation]:
    """A function of the widths of a Voigt profile, and its derivatives by them."""
    names = (name, f"{name}_by_sigma", f"{name}_by_gamma")

    def rule(value: Term, sigma: Term, gamma: Term) -> tuple[Term, Term]:
        return sigma.apply(names[1], gamma), sigma.apply(names[2], gamma)

    def part(k: int) -> Callable[[float, float], float]:
        return lambda sigma, gamma: function(sigma, gamma)[k]

    text = f"{function.__name__}({{0}}, {{1}})"
    calls = {function.__name__: function}
    return {
        own: Operation(2, part(k), f"{text}[{k}]", unknown if k else rule, calls)
        for k, own in enumerate(names)
    }


#: By the names of scipy, but for orders: `jv` of a whole order is a number of it.
SPECIAL_OPERATIONS: dict[str, Operation] = {
    "j0": call_of(bessel.j0, _minus("j1")),
    **_with_slope(bessel.j1, bessel.j1_slope),
    **_with_slope(bessel.jinc, bessel.jinc_slope),
    "y0": call_of(bessel.y0, _minus("y1")),
    "y1": call_of(bessel.y1, _of_y1),
    "i0": call_of(bessel_i.i0, _slope("i1")),
    **_with_slope(bessel_i.i1, bessel_i.i1_slope),
    **_with_slope(bessel_i.i0e, bessel_i.i0e_slope),
    **_with_slope(bessel_i.i1e, bessel_i.i1e_slope),
    "k0": call_of(bessel_k.k0, _minus("k1")),
    "k1": call_of(bessel_k.k1, _of_k1),
    **_with_slope(bessel_k.k0e, bessel_k.k0e_slope),
    **_with_slope(bessel_k.k1e, bessel_k.k1e_slope),
    "jv": call_of_order(bessel_orders.jn, _of_order("jv")),
    "yv": call_of_order(bessel_orders.yn, _of_order("yv")),
    "iv": call_of_order(bessel_orders.iv, _of_order("iv")),
    "kv": call_of_order(bessel_orders.kn, _of_order("kv")),
    "gamma": call_of(gamma_functions.gamma, lambda f, x: (f * x.apply("psi"),)),
    "gammaln": call_of(gamma_functions.gammaln, _slope("psi")),
    "psi": call_of(polygamma.digamma, _slope("trigamma")),
    "trigamma": call_of(polygamma.trigamma, _slope("tetragamma")),
    "tetragamma": call_of(polygamma.tetragamma, _slope("pentagamma")),
    "pentagamma": call_of(polygamma.pentagamma, unknown),
    **_with_slope(gamma_ratio.loggamma_half, gamma_ratio.loggamma_half_slope),
    "loggamma_re": call_of(complex_gamma.loggamma_re, _of_loggamma, 2),
    "digamma_re": call_of(complex_gamma.digamma_re, unknown, 2),
    "digamma_im": call_of(complex_gamma.digamma_im, unknown, 2),
    "lambert_w0": call_of(lambert.lambert_w0, _of_lambert),
    "lambert_wm1": call_of(lambert.lambert_wm1, _of_lower_lambert),
    **_with_slope(elliptic.ellipk, elliptic.ellipk_slope),
    **_with_slope(elliptic.ellipe, elliptic.ellipe_slope),
    "exp1": call_of(exponential_integrals.exp1, lambda f, x: (-(-x).apply("exp") / x,)),
    "expi": call_of(exponential_integrals.expi, lambda f, x: (x.apply("exp") / x,)),
    "ndtr": call_of(normal.ndtr, _of_ndtr),
    "log_ndtr": call_of(normal.log_ndtr, _of_log_ndtr),
    "erfinv": call_of(normal.erfinv, _of_erfinv),
    **_with_slope(faddeeva.dawsn, faddeeva.dawsn_slope),
    "wofz_re": call_of(
        faddeeva.wofz_re, _of_wofz("wofz_slope_re", "wofz_slope_im", -1.0), 2
    ),
    "wofz_im": call_of(
        faddeeva.wofz_im, _of_wofz("wofz_slope_im", "wofz_slope_re", 1.0), 2
    ),
    "wofz_slope_re": call_of(faddeeva.wofz_slope_re, unknown, 2),
    "wofz_slope_im": call_of(faddeeva.wofz_slope_im, unknown, 2),
    "voigt_profile": call_of(voigt_profile.voigt_profile, _of_voigt, 3),
    "voigt_by_x": call_of(voigt_profile.voigt_by_x, unknown, 3),
    "voigt_by_sigma": call_of(voigt_profile.voigt_by_sigma, unknown, 3),
    "voigt_by_gamma": call_of(voigt_profile.voigt_by_gamma, unknown, 3),
    **_of_widths("voigt_height", voigt_height),
    **_of_widths("voigt_fwhm", voigt_fwhm),
    "spherical_jn": call_of_order(bessel_orders.spherical_jn, _of_spherical),
}
