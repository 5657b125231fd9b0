"""Operations of a graph: value, text for the engine, derivative; each stated once.

Those of special functions stand in `special_operations`.
"""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np

from physfit.kernels import (
    elementary,
    hyperbolic,
    interpolation,
    logistic,
    powers,
    rounding,
    special,
    trigonometric,
)
from physfit.kernels.kernel import Scalar
from physfit.models.graph.operation import (
    Node,
    Operation,
    Rule,
    call_of,
    condition,
    flat,
    unknown,
    zero_at,
)
from physfit.models.graph.special_operations import SPECIAL_OPERATIONS
from physfit.models.graph.term import Term

__all__ = ["OPERATIONS", "Node", "Operation", "Rule"]


def _of_power(f: Term, a: Term, b: Term) -> tuple[Term, Term]:
    """By the base infinite at 0 where the exponent is below 1, see `zero_at`."""
    is_bare = a.equals(0.0).apply("or", f.equals(0.0))  # of 0, or of infinity
    by_exponent = is_bare.choose(0.0, f * a.apply("log"))
    by_base = b * a ** (b - 1.0)
    exponent = b.builder.value_of(b.step)
    if exponent is None and a.builder.varies(a.step):
        is_infinite = a.equals(0.0).apply("and", b.is_less(1.0))
        return is_infinite.choose(0.0, by_base), by_exponent
    if exponent is not None and exponent > 1.0:
        return by_base, by_exponent
    return zero_at(a, by_base), by_exponent


def _of_acosh(f: Term, a: Term) -> tuple[Term]:
    """Two roots: one of the product has another sign left of the imaginary axis."""
    return (1.0 / ((a - 1.0).apply("sqrt") * (a + 1.0).apply("sqrt")),)


def _of_sqrt(f: Term, a: Term) -> tuple[Term]:
    return (zero_at(f, 0.5 / f),)


#: From here on six terms of the derivative of erfcx are exact to rounding.
FAR = 30.0


def _of_erf(f: Term, x: Term) -> tuple[Term]:
    return (2.0 / math.sqrt(math.pi) * (-(x * x)).apply("exp"),)


def _of_erfcx(f: Term, a: Term) -> tuple[Term]:
    """2 a f - 2 / sqrt(pi), of which nothing is left far out: there its series."""
    t = 1.0 / (a * a)
    series = t * (1.5 + t * (-3.75 + t * (13.125 + t * (-59.0625 + t * 324.84375))))
    far = t * (series - 1.0) * (1.0 / math.sqrt(math.pi))
    near = 2.0 * a * f - 2.0 / math.sqrt(math.pi)
    return (a.constant(FAR).is_less(a).choose(far, near),)


def _of_hypot(f: Term, a: Term, b: Term) -> tuple[Term, Term]:
    return zero_at(f, a / f), zero_at(f, b / f)


def _of_angle(f: Term, y: Term, x: Term) -> tuple[Term, Term]:
    square = x * x + y * y
    return zero_at(square, x / square), zero_at(square, -(y / square))


def _of_mod(f: Term, a: Term, b: Term) -> tuple[float, Term]:
    return 1.0, -a.apply("floor_divide", b)


def _of_spline(f: Term, x: Term, table: int, order: int) -> tuple[Term | None]:
    """Slope by the coefficients of the derivative, in a table of their own."""
    if order == 1:
        return (None,)
    numbers = f.builder.tables[table]
    pieces = (numbers.size - 1) // (order + 1)
    ends, rows = numbers[: pieces + 1], numbers[pieces + 1 :].reshape(pieces, order)
    slopes = rows[:, :-1] * np.arange(order - 1.0, 0.0, -1.0)
    other = f.builder.table(np.concatenate([ends, slopes.ravel()]))
    return (x.apply("spline", numbers=(other, order - 1)),)


def _of_sum(f: Term, *operands: Any) -> tuple[Term | None, ...]:
    """Sums of the derivatives of what is summed."""
    *terms, loop = operands
    body = f.builder.loops[loop]
    return tuple(body.slope(f.builder, k, terms) for k in range(len(terms)))


def _of_table(function: Scalar, rule: Rule, n_numbers: int = 1) -> Operation:
    """Operation that looks up a table, by its place, with further numbers."""
    name = function.__name__
    text = f"{name}({{0}}, c{{1}}, n{{1}}{', {2}' * (n_numbers > 1)})"
    return Operation(
        1, function, text, rule, {name: function}, n_numbers=n_numbers, reads_table=True
    )


def _of_logaddexp(f: Term, a: Term, b: Term) -> tuple[Term, Term]:
    return (a - f).apply("exp"), (b - f).apply("exp")


#: Every operation by name. Logical values are operands of `and`, `or`, `not`, `number`
#: and, first, of `select` only.
OPERATIONS: dict[str, Operation] = {
    "add": Operation(2, operator.add, "{0} + {1}", lambda f, a, b: (1.0, 1.0)),
    "sub": Operation(2, operator.sub, "{0} - {1}", lambda f, a, b: (1.0, -1.0)),
    "mul": Operation(2, operator.mul, "{0} * {1}", lambda f, a, b: (b, a)),
    "div": Operation(
        2, operator.truediv, "{0} / {1}", lambda f, a, b: (1.0 / b, -f * (1.0 / b))
    ),
    "pow": call_of(powers.power, _of_power, 2),
    "neg": Operation(1, operator.neg, "-{0}", lambda f, a: (-1.0,)),
    "abs": Operation(1, abs, "abs({0})", lambda f, a: (a.apply("sign"),)),
    "sign": call_of(rounding.sign, flat),
    "floor": call_of(rounding.floor, flat),
    "ceil": call_of(rounding.ceil, flat),
    "rint": call_of(rounding.rint, flat),
    "trunc": call_of(rounding.trunc, flat),
    "mod": call_of(rounding.mod, _of_mod, 2),
    "floor_divide": call_of(rounding.floor_divide, flat, 2),
    "sqrt": Operation(1, math.sqrt, "math.sqrt({0})", _of_sqrt),
    "exp": call_of(elementary.exp, lambda f, a: (f,)),
    "expm1": call_of(elementary.expm1, lambda f, a: (f + 1.0,)),
    "log": call_of(elementary.log, lambda f, a: (1.0 / a,)),
    "log1p": call_of(elementary.log1p, lambda f, a: (1.0 / (1.0 + a),)),
    "sin": call_of(elementary.sin, lambda f, a: (a.apply("cos"),)),
    "cos": call_of(elementary.cos, lambda f, a: (-a.apply("sin"),)),
    "tan": call_of(trigonometric.tan, lambda f, a: (1.0 + f * f,)),
    "asin": call_of(
        trigonometric.asin, lambda f, a: (1.0 / ((1.0 - a) * (1.0 + a)).apply("sqrt"),)
    ),
    "acos": call_of(
        trigonometric.acos, lambda f, a: (-1.0 / ((1.0 - a) * (1.0 + a)).apply("sqrt"),)
    ),
    "atan2": call_of(trigonometric.atan2, _of_angle, 2),
    "sinc": call_of(trigonometric.sinc, lambda f, a: (a.apply("sinc_slope"),)),
    "sinc_slope": call_of(trigonometric.sinc_slope, unknown),
    "sinh": call_of(hyperbolic.sinh, lambda f, a: (a.apply("cosh"),)),
    "cosh": call_of(hyperbolic.cosh, lambda f, a: (a.apply("sinh"),)),
    "asinh": call_of(
        hyperbolic.asinh, lambda f, a: (1.0 / (1.0 + a * a).apply("sqrt"),)
    ),
    "acosh": call_of(hyperbolic.acosh, _of_acosh),
    "atanh": call_of(hyperbolic.atanh, lambda f, a: (1.0 / ((1.0 - a) * (1.0 + a)),)),
    "log2": call_of(powers.log2, lambda f, a: (1.0 / (math.log(2.0) * a),)),
    "log10": call_of(powers.log10, lambda f, a: (1.0 / (math.log(10.0) * a),)),
    "exp2": call_of(powers.exp2, lambda f, a: (math.log(2.0) * f,)),
    "cbrt": call_of(powers.cbrt, lambda f, a: (zero_at(f, 1.0 / (3.0 * f * f)),)),
    "hypot": call_of(powers.hypot, _of_hypot, 2),
    "expit": call_of(logistic.expit, lambda f, a: (f * (-a).apply("expit"),)),
    "logit": call_of(logistic.logit, lambda f, a: (1.0 / (a * (1.0 - a)),)),
    "log_expit": call_of(logistic.log_expit, lambda f, a: ((-a).apply("expit"),)),
    "logaddexp": call_of(logistic.logaddexp, _of_logaddexp, 2),
    "tanh": call_of(elementary.tanh, lambda f, a: (1.0 - f * f,)),
    "atan": call_of(elementary.atan, lambda f, a: (1.0 / (1.0 + a * a),)),
    "erf": call_of(special.erf, _of_erf),
    "erfc": call_of(special.erfc, lambda f, a: (-_of_erf(f, a)[0],)),
    "erfcx": call_of(special.erfcx, _of_erfcx),
    "line": _of_table(
        interpolation.line,
        lambda f, x, table: (x.apply("line_slope", numbers=(table,)),),
    ),
    "line_slope": _of_table(interpolation.line_slope, unknown),
    "spline": _of_table(interpolation.spline, _of_spline, 2),
    "sum": Operation(-1, unknown, "", _of_sum, n_numbers=1),
    "less": condition(2, operator.lt, "{0} < {1}"),
    "less_equal": condition(2, operator.le, "{0} <= {1}"),
    "equal": condition(2, operator.eq, "{0} == {1}"),
    "not_equal": condition(2, operator.ne, "{0} != {1}"),
    "and": condition(2, operator.and_, "{0} and {1}"),
    "or": condition(2, operator.or_, "{0} or {1}"),
    "not": condition(1, operator.not_, "not {0}"),
    "number": Operation(1, float, "(1.0 if {0} else 0.0)", flat),
    "select": Operation(
        3, lambda c, a, b: a if c else b, "({1} if {0} else {2})", flat
    ),
    **SPECIAL_OPERATIONS,
}
