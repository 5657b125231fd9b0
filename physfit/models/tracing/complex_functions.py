"""Elementwise functions of complex values as pairs of real terms.

So that absolute value, phase, real and imaginary part differentiate right: none of
them is a complex differentiable function. Branch cuts are those of numpy.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, cast

from physfit.models.graph.term import Term
from physfit.models.tracing.elements import (
    Pair,
    both,
    compare,
    constant_of,
    either,
    negation,
    select,
)
from physfit.models.tracing.real_functions import REAL

__all__ = ["COMPLEX", "from_polar"]


def _real(value: Any) -> Term:
    return cast(Term, value)


def from_polar(radius: Term, angle: Term) -> Pair:
    """Complex number of an absolute value and a phase."""
    return Pair(radius * angle.apply("cos"), radius * angle.apply("sin"))


def _add(a: Pair, b: Pair) -> Pair:
    return Pair(a.re + b.re, a.im + b.im)


def _subtract(a: Pair, b: Pair) -> Pair:
    return Pair(a.re - b.re, a.im - b.im)


def _multiply(a: Pair, b: Pair) -> Pair:
    return Pair(a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re)


def _divide(a: Pair, b: Pair) -> Pair:
    if constant_of(b.im) == 0.0:
        return Pair(a.re / b.re, a.im / b.re)
    if constant_of(b.re) == 0.0:
        return Pair(a.im / b.im, -(a.re / b.im))
    size = 1.0 / (b.re * b.re + b.im * b.im)
    product = _multiply(a, _conjugate(b))
    return Pair(product.re * size, product.im * size)


def _conjugate(a: Pair) -> Pair:
    return Pair(a.re, -a.im)


def _absolute(a: Pair) -> Term:
    if constant_of(a.im) == 0.0:
        return a.re.apply("abs")
    if constant_of(a.re) == 0.0:
        return a.im.apply("abs")
    return (a.re * a.re + a.im * a.im).apply("sqrt")


def _angle(a: Pair) -> Term:
    return _real(REAL["arctan2"](a.im, a.re))


def _exp(a: Pair) -> Pair:
    return from_polar(a.re.apply("exp"), a.im)


def _log(a: Pair) -> Pair:
    return Pair(0.5 * (a.re * a.re + a.im * a.im).apply("log"), _angle(a))


def _sqrt(a: Pair) -> Pair:
    """Root with a real part that is not negative.

    The larger of its two parts comes from a sum, the other from a quotient.
    """
    zero = a.re.constant(0.0)
    right = compare("less_equal", zero, a.re)
    up = compare("less_equal", zero, a.im)
    if constant_of(a.im) == 0.0:
        root = a.re.apply("abs").apply("sqrt")
        return Pair(_real(select(right, root, zero)), _real(select(right, zero, root)))
    large = (0.5 * (_absolute(a) + a.re.apply("abs"))).apply("sqrt")
    is_zero = compare("equal", large, zero)
    safe = _real(select(is_zero, zero + 1.0, large))
    small = _real(select(is_zero, zero, 0.5 * a.im / safe))
    return Pair(
        _real(select(right, large, small.apply("abs"))),
        _real(select(right, small, select(up, large, -large))),
    )


def _power(a: Pair, b: Pair) -> Pair:
    exponent = constant_of(b)
    if isinstance(exponent, complex) and exponent.imag == 0.0:
        n = exponent.real
        if n == int(n) and abs(n) <= 64:
            product = _integer_power(a, abs(int(n)))
            one = Pair(a.re.constant(1.0), a.re.constant(0.0))
            return product if n >= 0 else _divide(one, product)
        if n == 0.5:
            return _sqrt(a)
    if constant_of(a.im) == 0.0 and constant_of(a.re) is not None:
        base = cast(float, constant_of(a.re))
        if base > 0.0:
            factor = math.log(base)
            return _exp(Pair(b.re * factor, b.im * factor))
    power = _exp(_multiply(b, _log(a)))
    if constant_of(b.im) == 0.0:
        return power
    is_zero = a.re.equals(0.0).apply("and", a.im.equals(0.0))
    is_zero = is_zero.apply("and", b.re.constant(0.0).is_less(b.re))
    return Pair(is_zero.choose(0.0, power.re), is_zero.choose(0.0, power.im))


def _integer_power(a: Pair, n: int) -> Pair:
    if n == 0:
        return Pair(a.re.constant(1.0), a.re.constant(0.0))
    half = _integer_power(a, n // 2)
    square = _multiply(half, half) if n > 1 else half
    return _multiply(square, a) if n % 2 else square


def _sinh(a: Pair) -> Pair:
    sinh, cosh = REAL["sinh"](a.re), REAL["cosh"](a.re)
    return Pair(sinh * a.im.apply("cos"), cosh * a.im.apply("sin"))


def _cosh(a: Pair) -> Pair:
    sinh, cosh = REAL["sinh"](a.re), REAL["cosh"](a.re)
    return Pair(cosh * a.im.apply("cos"), sinh * a.im.apply("sin"))


def _tanh(a: Pair) -> Pair:
    """From exp(-2 |re|), which does not overflow."""
    e = (-2.0 * a.re.apply("abs")).apply("exp")
    turned = from_polar(e, 2.0 * a.im)
    half = 1.0 + 2.0 * turned.re + e * e
    sign = a.re.apply("sign")
    return Pair(sign * (1.0 - e * e) / half, 2.0 * turned.im / half)


def _turned(function: Callable[[Pair], Pair]) -> Callable[[Pair], Pair]:
    """`-i f(i z)`: sin from sinh, tan from tanh."""

    def turned(a: Pair) -> Pair:
        value = function(Pair(-a.im, a.re))
        return Pair(value.im, -value.re)

    return turned


def _cos(a: Pair) -> Pair:
    return _cosh(Pair(-a.im, a.re))


def _equal(a: Pair, b: Pair) -> Term | bool:
    return both(compare("equal", a.re, b.re), compare("equal", a.im, b.im))


def _is_nan(a: Pair) -> Term | bool:
    return either(REAL["isnan"](a.re), REAL["isnan"](a.im))


def _is_finite(a: Pair) -> Term | bool:
    return both(REAL["isfinite"](a.re), REAL["isfinite"](a.im))


def _wofz(a: Pair) -> Pair:
    return Pair(a.re.apply("wofz_re", a.im), a.re.apply("wofz_im", a.im))


#: Functions of pairs by the name of the ufunc.
COMPLEX: dict[str, Callable[..., Any]] = {
    "add": _add,
    "subtract": _subtract,
    "multiply": _multiply,
    "divide": _divide,
    "negative": lambda a: Pair(-a.re, -a.im),
    "positive": lambda a: a,
    "conjugate": _conjugate,
    "absolute": _absolute,
    "square": lambda a: _multiply(a, a),
    "reciprocal": lambda a: _divide(Pair(a.re.constant(1.0), a.re.constant(0.0)), a),
    "power": _power,
    "float_power": _power,
    "pow": _power,
    "exp": _exp,
    "log": _log,
    "sqrt": _sqrt,
    "sin": _turned(_sinh),
    "cos": _cos,
    "tan": _turned(_tanh),
    "sinh": _sinh,
    "cosh": _cosh,
    "tanh": _tanh,
    "phase_of": _angle,
    "equal": _equal,
    "not_equal": lambda a, b: negation(_equal(a, b)),
    "isnan": _is_nan,
    "isfinite": _is_finite,
    "wofz": _wofz,
}
