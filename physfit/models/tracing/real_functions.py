"""Elementwise functions of real terms, by the names of the ufuncs of numpy and scipy.

What the graph has as an operation is that operation; the rest is written in terms of
such, in the form that keeps the digits.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, cast

from physfit.models.graph import extremes
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


def _sinc(x: Term) -> Term:
    z = math.pi * x
    is_zero = compare("equal", z, z.constant(0.0))
    safe = _choose(is_zero, z.constant(1.0), z)
    return _choose(is_zero, z.constant(1.0), safe.apply("sin") / safe)


def _sinh(x: Term) -> Term:
    e = x.apply("expm1")
    return 0.5 * (e + e / (e + 1.0))


def _cosh(x: Term) -> Term:
    e = x.apply("exp")
    return 0.5 * e + 0.5 / e


def _tan(x: Term) -> Term:
    return x.apply("sin") / x.apply("cos")


def _hypot(a: Term, b: Term) -> Term:
    return (a * a + b * b).apply("sqrt")


def _logaddexp(a: Term, b: Term) -> Term:
    difference = (a - b).apply("abs")
    return extremes.maximum(a, b) + (-difference).apply("exp").apply("log1p")


def _expit(x: Term) -> Term:
    return 1.0 / (1.0 + (-x).apply("exp"))


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
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "multiply": lambda a, b: a * b,
    "divide": lambda a, b: a / b,
    "power": _power,
    "float_power": _power,
    "pow": _power,
    "negative": lambda a: -a,
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
    "hypot": _hypot,
    "logaddexp": _logaddexp,
    "sinc": _sinc,
    "sinh": _sinh,
    "cosh": _cosh,
    "tan": _tan,
    "log10": lambda x: x.apply("log") * (1.0 / math.log(10.0)),
    "log2": lambda x: x.apply("log") * (1.0 / math.log(2.0)),
    "exp2": lambda x: (x * math.log(2.0)).apply("exp"),
    "exp10": lambda x: (x * math.log(10.0)).apply("exp"),
    "expit": _expit,
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

#: Names of ufuncs that are operations under another name.
_RENAMED = {
    "arctan": "atan",
    "arcsin": "asin",
    "arccos": "acos",
    "arctan2": "atan2",
    "arcsinh": "asinh",
    "arccosh": "acosh",
    "arctanh": "atanh",
    "remainder": "mod",
    "fix": "trunc",
}


def _operation(name: str) -> Real:
    return lambda *operands: operands[0].apply(name, *operands[1:])


def _table() -> dict[str, Real]:
    table = {
        name: _operation(name)
        for name, one in OPERATIONS.items()
        if name not in ("select", "number", "and", "or", "not") and not one.n_numbers
    }
    renamed = {
        own: _operation(name) for own, name in _RENAMED.items() if name in OPERATIONS
    }
    composed = {name: one for name, one in _COMPOSED.items() if name not in OPERATIONS}
    conditions = {name: one for name, one in _COMPOSED.items() if name in _COMPARISONS}
    return {**table, **renamed, **composed, **conditions}


_COMPARISONS = ("less", "less_equal", "equal", "not_equal")

#: Functions of terms by the name of the ufunc.
REAL = _table()
