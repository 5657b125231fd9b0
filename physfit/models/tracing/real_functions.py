"""Elementwise functions of real terms, by the names of the ufuncs of numpy and scipy.

What the graph has as an operation is that operation; the rest is written in terms of
such, in the form that keeps the digits.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, cast

from physfit.models.graph import extremes
from physfit.models.graph.operation_names import OPERATION_NAMES
from physfit.models.graph.operations import OPERATIONS
from physfit.models.graph.term import Term
from physfit.models.tracing.elements import (
    both,
    compare,
    constant_of,
    either,
    negation,
    select,
)

__all__ = ["REAL"]

Real = Callable[..., Any]


def _choose(condition: Term | bool, a: Term, b: Term) -> Term:
    return cast(Term, select(condition, a, b))


def _power(a: Term, b: Term) -> Term:
    base = constant_of(a)
    if base == math.e:
        return b.apply("exp")
    return a**b


def _is_nan(x: Term) -> Term | bool:
    return compare("not_equal", x, x)


def _is_finite(x: Term) -> Term | bool:
    return compare("less", x.apply("abs"), x.constant(math.inf))


def _is_inf(x: Term) -> Term | bool:
    return compare("equal", x.apply("abs"), x.constant(math.inf))


def _scaled(factor: float) -> Real:
    return lambda x: x * factor


def _is_negative(a: Term) -> Term | bool:
    """Whether there is a sign: the zero that has one is told by its reciprocal."""
    zero = a.constant(0.0)
    return either(compare("less", a, zero), compare("less", 1.0 / a, zero))


def _copysign(a: Term, b: Term) -> Term:
    size = a.apply("abs")
    return _choose(_is_negative(b), -size, size)


def _fmod(a: Term, b: Term) -> Term:
    """Remainder with the sign of `a`; its slope by `a` is 1 also at 0."""
    size = b.apply("abs")
    below = compare("less", a, a.constant(0.0))
    return _choose(below, -(-a).apply("mod", size), a.apply("mod", size))


def _erfi(x: Term) -> Term:
    return 2.0 / math.sqrt(math.pi) * (x * x).apply("exp") * x.apply("dawsn")


def _times_log(log: str, lowest: float) -> Real:
    """`x log(y)`: 0 where x is 0, where its slope by x is the logarithm if finite."""

    def function(x: Term, y: Term) -> Term:
        has_log = both(
            compare("less", y.constant(lowest), y),
            compare("less", y, y.constant(math.inf)),
        )
        is_hidden = both(compare("equal", x, x.constant(0.0)), negation(has_log))
        return x * _choose(is_hidden, y.constant(lowest + 1.0), y).apply(log)

    return function


def _exprel(x: Term) -> Term:
    """`expm1(x) / x`; near 0, where its slope loses digits, a series to x^4 / 120."""
    is_small = compare("less", x.apply("abs"), x.constant(1e-4))
    series = 1.0 + x * (1.0 / 2.0 + x * (1.0 / 6.0 + x * (1.0 / 24.0)))
    divisor = _choose(is_small, x.constant(1.0), x)
    return _choose(is_small, series, x.apply("expm1") / divisor)


def _beta_log(a: Term, b: Term) -> Term:
    return a.apply("gammaln") + b.apply("gammaln") - (a + b).apply("gammaln")


_COMPOSED: dict[str, Real] = {
    "power": _power,
    "float_power": _power,
    "positive": lambda a: a,
    "absolute": lambda a: a.apply("abs"),
    "fabs": lambda a: a.apply("abs"),
    "square": lambda a: a * a,
    "reciprocal": lambda a: 1.0 / a,
    "conjugate": lambda a: a,
    "phase_of": lambda a: _choose(
        compare("less", a, a.constant(0.0)), a.constant(math.pi), a.constant(0.0)
    ),
    "maximum": extremes.maximum,
    "minimum": extremes.minimum,
    "fmax": extremes.fmax,
    "fmin": extremes.fmin,
    "heaviside": extremes.heaviside,
    "ldexp": lambda a, b: a * b.apply("exp2"),
    "logaddexp2": lambda a, b: (
        (math.log(2.0) * a).apply("logaddexp", math.log(2.0) * b) / math.log(2.0)
    ),
    "sindg": lambda x: (x * (math.pi / 180.0)).apply("sin"),
    "cosdg": lambda x: (x * (math.pi / 180.0)).apply("cos"),
    "exp10": lambda x: (x * math.log(10.0)).apply("exp"),
    "deg2rad": _scaled(math.pi / 180.0),
    "radians": _scaled(math.pi / 180.0),
    "rad2deg": _scaled(180.0 / math.pi),
    "degrees": _scaled(180.0 / math.pi),
    "isnan": _is_nan,
    "isfinite": _is_finite,
    "isinf": _is_inf,
    "less": lambda a, b: compare("less", a, b),
    "less_equal": lambda a, b: compare("less_equal", a, b),
    "greater": lambda a, b: compare("less", b, a),
    "greater_equal": lambda a, b: compare("less_equal", b, a),
    "equal": lambda a, b: compare("equal", a, b),
    "not_equal": lambda a, b: compare("not_equal", a, b),
    "copysign": _copysign,
    "fmod": _fmod,
    "signbit": _is_negative,
    "xlogy": _times_log("log", 0.0),
    "ndtri": lambda p: (2.0 * p - 1.0).apply("erfinv") * math.sqrt(2.0),
    "erfcinv": lambda y: (1.0 - y).apply("erfinv"),
    "erfi": _erfi,
    "betaln": _beta_log,
    "beta": lambda a, b: _beta_log(a, b).apply("exp"),
    "loggamma": lambda x: x.apply("gammaln"),
    "rgamma": lambda x: 1.0 / x.apply("gamma"),
    "xlog1py": _times_log("log1p", -1.0),
    "exprel": _exprel,
    "cosm1": lambda x: -2.0 * (0.5 * x).apply("sin") ** 2.0,
}


def _operation(name: str) -> Real:
    return lambda *operands: operands[0].apply(name, *operands[1:])


def _table() -> dict[str, Real]:
    plain = {
        name: _operation(name)
        for name, one in OPERATIONS.items()
        if not one.is_logical and name not in ("select", "number") and not one.n_numbers
        if one.is_differentiable  # slopes are named by rules only
    }
    renamed = {
        other: plain[name] for other, name in OPERATION_NAMES.items() if name in plain
    }
    return {**plain, **renamed, **_COMPOSED}


#: Functions of terms by the name of the ufunc.
REAL = _table()
