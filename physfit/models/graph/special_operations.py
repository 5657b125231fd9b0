"""Special functions as operations of a graph; slopes stand in derivatives only."""

from __future__ import annotations

from collections.abc import Callable

from physfit.kernels import bessel, bessel_i, bessel_k, bessel_orders
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

__all__ = ["SPECIAL_OPERATIONS"]


def _slope(name: str) -> Rule:
    """Rule of a function whose derivative is an operation of its own."""
    return lambda f, x: (x.apply(name),)


def _minus(name: str) -> Rule:
    return lambda f, x: (-x.apply(name),)


def _of_y1(f: Term, x: Term) -> tuple[Term]:
    return (x.apply("y0") - f / x,)


def _of_k1(f: Term, x: Term) -> tuple[Term]:
    return (-x.apply("k0") - f / x,)


def _of_order(name: str, signs: tuple[float, float]) -> Rule:
    """Half of the functions of the orders beside, with their signs."""

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
    "j1": call_of(bessel.j1, _slope("j1_slope")),
    "j1_slope": call_of(bessel.j1_slope, unknown),
    "jinc": call_of(bessel.jinc, _slope("jinc_slope")),
    "jinc_slope": call_of(bessel.jinc_slope, unknown),
    "y0": call_of(bessel.y0, _minus("y1")),
    "y1": call_of(bessel.y1, _of_y1),
    "i0": call_of(bessel_i.i0, _slope("i1")),
    "i1": call_of(bessel_i.i1, _slope("i1_slope")),
    "i1_slope": call_of(bessel_i.i1_slope, unknown),
    "i0e": call_of(bessel_i.i0e, _slope("i0e_slope")),
    "i0e_slope": call_of(bessel_i.i0e_slope, unknown),
    "i1e": call_of(bessel_i.i1e, _slope("i1e_slope")),
    "i1e_slope": call_of(bessel_i.i1e_slope, unknown),
    "k0": call_of(bessel_k.k0, _minus("k1")),
    "k1": call_of(bessel_k.k1, _of_k1),
    "k0e": call_of(bessel_k.k0e, _slope("k0e_slope")),
    "k0e_slope": call_of(bessel_k.k0e_slope, unknown),
    "k1e": call_of(bessel_k.k1e, _slope("k1e_slope")),
    "k1e_slope": call_of(bessel_k.k1e_slope, unknown),
    "jv": call_of_order(bessel_orders.jn, _of_order("jv", (1.0, -1.0))),
    "yv": call_of_order(bessel_orders.yn, _of_order("yv", (1.0, -1.0))),
    "iv": call_of_order(bessel_orders.iv, _of_order("iv", (1.0, 1.0))),
    "kv": call_of_order(bessel_orders.kn, _of_order("kv", (-1.0, -1.0))),
    **_of_widths("voigt_height", voigt_height),
    **_of_widths("voigt_fwhm", voigt_fwhm),
    "spherical_jn": call_of_order(bessel_orders.spherical_jn, _of_spherical),
}
