"""Bessel functions of any whole order, each made as straight-line code.

`jn(5)` is a function of x alone: the steps of its recurrence are written out, so that
loops over it become vector code. Where the recurrence in rising order is stable (x >= n
for J and spherical j, x >= n^2 for I, everywhere for Y and K) it starts from orders
0 and 1. Elsewhere orders fall: with J_k = (x / 2)^k / k! h_k,

    h_{k-1} = h_k - (x / 2)^2 / (k (k + 1)) h_{k+1},

from two h of order n^2 / 2 by their series, which has no sign of loss there; spherical
j_k = x^k / (2 k + 1)!! h_k in the same way; and I_n from I_0 by the ratios
I_k / I_{k-1} = x / (2 k + x I_{k+1} / I_k).

Derivatives:

| function | derivative |
|---|---|
| `jn(n)`, `yn(n)` | (f of order n - 1 - f of order n + 1) / 2 |
| `iv(n)` | (`iv(n - 1)` + `iv(n + 1)`) / 2 |
| `kn(n)` | -(`kn(n - 1)` + `kn(n + 1)`) / 2 |
| `spherical_jn(n)` | (n f of order n - 1 - (n + 1) f of order n + 1) / (2 n + 1) |

For order 0 they are -f of order 1, but for I, where it is `i1`.

References
----------
Abramowitz & Stegun, 9.1.10, 9.1.27, 9.6.26, 10.1.2, 10.1.19; Gautschi, SIAM Review 9
(1967) 24.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cache as once
from typing import Any

from physfit.errors import InputError
from physfit.kernels.bessel import j0, j1, y0, y1
from physfit.kernels.bessel_i import i0, i1
from physfit.kernels.bessel_k import k0, k1
from physfit.kernels.elementary import sincos
from physfit.kernels.kernel import Scalar, scalar

__all__ = ["ORDER_MAX", "iv", "jn", "kn", "spherical_jn", "yn"]

#: Highest order, of which 200 steps are written out.
ORDER_MAX = 20
#: Terms of the series of h.
N_TERMS = 14


@scalar
def spherical_j0(x):
    """sin(x) / x; 1 at 0."""
    sine, _ = sincos(x)
    return 1.0 if math.fabs(x) < 1e-9 else sine / x


@scalar
def spherical_j1(x):
    """(sin(x) / x - cos(x)) / x, for x >= 1."""
    sine, cosine = sincos(x)
    return (sine / x - cosine) / x


@once
def jn(n: int) -> Scalar:
    """Bessel function J of order n.

    Parameters
    ----------
    n : int
        0 <= n <= `ORDER_MAX`.

    Returns
    -------
    callable
        Compiled function of |x| <= `elementary.SINCOS_MAX`; absolute error below
        1e-14, relative below 1e-14 for |x| <= n.
    """
    if _checked(n) < 2:
        return (j0, j1)[n]
    start = max(n + 1, n * n // 2)
    near = [
        *_first("h", start, lambda j: 1.0 / (j * (start + j))),
        *_first("g", start + 1, lambda j: 1.0 / (j * (start + 1 + j))),
        *[
            f"h, g = h - {1.0 / (k * (k + 1.0))!r} * z * g, h"
            for k in range(start, n, -1)
        ],
        f"near = {1.0 / math.factorial(n)!r} * h * {' * '.join(['half'] * n)}",
    ]
    body = ["half = 0.5 * a", "z = half * half", *near, *_rising("j0(b)", "j1(b)", n)]
    return _in_two_parts(f"bessel_j{n}", n, float(n), body, {"j0": j0, "j1": j1})


@once
def spherical_jn(n: int) -> Scalar:
    """Spherical Bessel function j of order n; order and bounds as `jn`."""
    if _checked(n) == 0:
        return spherical_j0
    start = max(n + 1, n * n // 2)
    double = math.prod(range(1, 2 * n + 2, 2))
    near = [
        *_first("h", start, lambda j: 0.5 / (j * (2 * start + 1 + 2 * j))),
        *_first("g", start + 1, lambda j: 0.5 / (j * (2 * start + 3 + 2 * j))),
        *[
            f"h, g = h - {1.0 / ((2.0 * k + 1.0) * (2.0 * k + 3.0))!r} * z * g, h"
            for k in range(start, n, -1)
        ],
        f"near = {1.0 / double!r} * h * {' * '.join(['a'] * n)}",
    ]
    names = {"spherical_j0": spherical_j0, "spherical_j1": spherical_j1}
    rising = _rising("spherical_j0(b)", "spherical_j1(b)", n, odd=True)
    body = ["z = a * a", *near, *rising]
    return _in_two_parts(f"bessel_spherical_j{n}", n, float(n), body, names)


@once
def iv(n: int) -> Scalar:
    """Modified Bessel function I of order n.

    Parameters
    ----------
    n : int
        0 <= n <= `ORDER_MAX`.

    Returns
    -------
    callable
        Compiled function of any x; relative error below 1e-14.
    """
    if _checked(n) < 2:
        return (i0, i1)[n]
    body = ["r = 0.0", "near = i0(a)"]
    for k in range(6 * n + 15, 0, -1):
        body += [f"r = a / ({2.0 * k!r} + a * r)", *(["near *= r"] if k <= n else [])]
    body += _rising("i0(b)", "i1(b)", n, sign="-")
    return _in_two_parts(f"bessel_i{n}", n, float(n * n), body, {"i0": i0, "i1": i1})


@once
def yn(n: int) -> Scalar:
    """Bessel function Y of order n <= `ORDER_MAX`, of x >= 0; bounds as `y0`."""
    return _of_second_kind("y", (y0, y1), n, "-")


@once
def kn(n: int) -> Scalar:
    """Modified Bessel function K of order n <= `ORDER_MAX`, x >= 0; bounds as `k0`."""
    return _of_second_kind("k", (k0, k1), n, "+")


def _checked(n: int) -> int:
    if not 0 <= n <= ORDER_MAX:
        raise InputError(
            f"the order of a Bessel function must be a whole number from 0 to "
            f"{ORDER_MAX}, but is {n}."
        )
    return n


def _first(name: str, order: int, factor: Callable[[int], float]) -> list[str]:
    """Series of h of a high order, by Horner's rule."""
    descending = range(N_TERMS, 0, -1)
    steps = [f"{name} = 1.0 - {factor(j)!r} * z * {name}" for j in descending]
    return [f"{name} = 1.0", *steps]


def _rising(
    first: str, second: str, n: int, *, odd: bool = False, sign: str = ""
) -> list[str]:
    """Steps of the recurrence from orders 0 and 1 to n."""
    lines = [f"p, q = {first}, {second}"]
    for k in range(1, n):
        step = f"{2.0 * k + odd!r} / b * q"
        lines.append(f"p, q = q, {'p - ' + step if sign == '-' else step + ' - p'}")
    return lines


def _in_two_parts(
    name: str, n: int, border: float, body: Sequence[str], names: dict[str, Any]
) -> Scalar:
    """Function of x by |x| = a: `near` up to a border, then `q`, made of b."""
    lines = ["a = math.fabs(x)", f"b = {border!r} if a < {border!r} else a", *body]
    lines.append(f"value = near if a <= {border!r} else q")
    lines.append("return -value if x < 0.0 else value" if n % 2 else "return value")
    return _function(name, lines, names)


def _of_second_kind(
    kind: str, pair: tuple[Scalar, Scalar], n: int, sign: str
) -> Scalar:
    """Y or K by rising order; infinite where lower orders are, near 0."""
    if _checked(n) < 2:
        return pair[n]
    infinite = "math.inf" if kind == "k" else "-math.inf"
    lines = ["b = x + 0.0", f"p, q = {kind}0(b), {kind}1(b)"]  # of -0 as of 0
    for k in range(1, n):
        step = f"{2.0 * k!r} / b * q"
        lines.append(f"p, q = q, {step} {sign} p")
    lines.append("is_pole = (q != q) & (x >= 0.0) & (x < 1.0)")
    lines.append(f"return {infinite} if is_pole else q")
    names = {f"{kind}0": pair[0], f"{kind}1": pair[1]}
    return _function(f"bessel_{kind}{n}", lines, names)


def _function(name: str, body: Sequence[str], names: dict[str, Any]) -> Scalar:
    """Marked function made from its text, which it carries for the compiler."""
    text = "\n    ".join([f"def {name}(x):", *body]) + "\n"
    namespace: dict[str, Any] = {"__name__": __name__, "math": math, **names}
    exec(text, namespace)
    function: Scalar = namespace[name]
    function.__physfit_source__ = text  # type: ignore[attr-defined]
    return scalar(function)
