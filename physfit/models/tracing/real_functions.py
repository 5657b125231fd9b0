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
from physfit.models.tracing.elements import compare, constant_of, select

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


def _copysign(a: Term, b: Term) -> Term:
    size = a.apply("abs")
    return _choose(compare("less", b, b.constant(0.0)), -size, size)


def _fmod(a: Term, b: Term) -> Term:
    """Remainder with the sign of `a`."""
    size = a.apply("abs").apply("mod", b.apply("abs"))
    return _choose(compare("less", a, a.constant(0.0)), -size, size)


def _erfi(x: Term) -> Term:
    return 2.0 / math.sqrt(math.pi) * (x * x).apply("exp") * x.apply("dawsn")


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
    "signbit": lambda a: compare("less", a, a.constant(0.0)),
    "xlogy": lambda x, y: _choose(
        compare("equal", x, x.constant(0.0)), x.constant(0.0), x * y.apply("log")
    ),
    "ndtri": lambda p: (2.0 * p - 1.0).apply("erfinv") * math.sqrt(2.0),
    "erfcinv": lambda y: (1.0 - y).apply("erfinv"),
    "erfi": _erfi,
    "betaln": _beta_log,
    "beta": lambda a, b: _beta_log(a, b).apply("exp"),
    "loggamma": lambda x: x.apply("gammaln"),
    "rgamma": lambda x: 1.0 / x.apply("gamma"),
    "xlog1py": lambda x, y: _choose(
        compare("equal", x, x.constant(0.0)), x.constant(0.0), x * y.apply("log1p")
    ),
    "exprel": lambda x: _choose(
        compare("equal", x, x.constant(0.0)),
        x.constant(1.0),
        x.apply("expm1") / _choose(compare("equal", x, x.constant(0.0)), x + 1.0, x),
    ),
    "cosm1": lambda x: -2.0 * (0.5 * x).apply("sin") ** 2.0,
}


def _operation(name: str) -> Real:
    return lambda *operands: operands[0].apply(name, *operands[1:])


def _table() -> dict[str, Real]:
    plain = {
        name: _operation(name)
        for name, one in OPERATIONS.items()
        if not one.is_logical and name not in ("select", "number") and not one.n_numbers
    }
    renamed = {
        other: plain[name] for other, name in OPERATION_NAMES.items() if name in plain
    }
    return {**plain, **renamed, **_COMPOSED}


#: Functions of terms by the name of the ufunc.
REAL = _table()
