"""Operations of a graph: value, text for the engine, derivative; each stated once.

A rule gives the derivatives of an operation by its operands as terms of the same graph,
from the value and the operands. None stands for a derivative that is zero wherever it
exists (of a sign, of a condition).
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeAlias

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
from physfit.kernels.voigt_width import voigt_fwhm, voigt_height
from physfit.models.graph.term import Term

__all__ = ["OPERATIONS", "Node", "Operation", "Rule"]

Node: TypeAlias = tuple[Any, ...]
#: `(value, *operands) -> derivative by each operand`.
Rule: TypeAlias = Callable[..., tuple["Term | float | None", ...]]


class Operation(NamedTuple):
    """One operation of graphs.

    Attributes
    ----------
    n_steps : int
        Operands that are steps; -1: all but the last.
    evaluate : callable
        Value from numbers.
    text : str
        Expression of compiled code, with `{0}`, `{1}`... for the operands.
    rule : Rule
    calls : mapping of str to callable
        Compiled functions that the text calls, by name.
    is_logical : bool
        Whether the value is true or false.
    n_numbers : int
        Plain numbers that follow the steps: the order of a Bessel function, the place
        of a table or of a loop among those of the graph.
    reads_table : bool
        Whether the first number is the place of a table.
    """

    n_steps: int
    evaluate: Callable[..., Any]
    text: str
    rule: Rule
    calls: Mapping[str, Scalar] = {}
    is_logical: bool = False
    n_numbers: int = 0
    reads_table: bool = False

    @property
    def is_differentiable(self) -> bool:
        """Whether it stands elsewhere than in derivatives."""
        return self.rule is not _unknown

    def folded(self, values: list[float], numbers: tuple[int, ...]) -> float | None:
        """Value of constants; None where it is no finite number or is logical."""
        if self.is_logical or self.reads_table:
            return None
        try:
            with np.errstate(all="ignore"):
                value = float(self.evaluate(*map(np.float64, values), *numbers))
        except (ValueError, ZeroDivisionError, OverflowError):
            return None
        return value if math.isfinite(value) else None


def _call(function: Scalar, rule: Rule, n_steps: int = 1) -> Operation:
    """Operation that is a call of a compiled function."""
    name = function.__name__
    operands = ", ".join(f"{{{k}}}" for k in range(n_steps))
    return Operation(n_steps, function, f"{name}({operands})", rule, {name: function})


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
        own: Operation(2, part(k), f"{text}[{k}]", _unknown if k else rule, calls)
        for k, own in enumerate(names)
    }


def _condition(n_steps: int, evaluate: Callable[..., Any], text: str) -> Operation:
    return Operation(n_steps, evaluate, text, _flat, is_logical=True)


def _flat(*_: Term) -> tuple[None, ...]:
    return (None, None)


def _unknown(*_: Term) -> tuple[Term, ...]:
    """Of operations that stand in derivatives only."""
    raise NotImplementedError("derivatives of second order are not stated.")


def _of_power(f: Term, a: Term, b: Term) -> tuple[Term, Term]:
    by_exponent = a.equals(0.0).choose(0.0, f * a.apply("log"))
    by_base = b * a ** (b - 1.0)
    exponent = b.builder.value_of(b.step)
    if exponent is not None and exponent > 1.0:
        return by_base, by_exponent
    return _zero_at(a, by_base), by_exponent


def _of_sqrt(f: Term, a: Term) -> tuple[Term]:
    return (_zero_at(f, 0.5 / f),)


def _zero_at(place: Term, slope: Term) -> Term:
    """Slope that is infinite where `place` is 0, and 0 there.

    What stands inside mostly has a slope of 0 there: the root of `a * x` at x = 0, the
    size of a complex number that is 0, a root of `maximum(x, 0)`. The product of both
    would be no number. The same for all samples, it stays infinite.
    """
    varies = place.builder.varies(place.step)
    return place.equals(0.0).choose(0.0, slope) if varies else slope


def _of_erf(f: Term, x: Term) -> tuple[Term]:
    return (2.0 / math.sqrt(math.pi) * (-(x * x)).apply("exp"),)


def _of_hypot(f: Term, a: Term, b: Term) -> tuple[Term, Term]:
    return _zero_at(f, a / f), _zero_at(f, b / f)


def _of_angle(f: Term, y: Term, x: Term) -> tuple[Term, Term]:
    square = x * x + y * y
    return x / square, -(y / square)


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
    "pow": _call(powers.power, _of_power, 2),
    "neg": Operation(1, operator.neg, "-{0}", lambda f, a: (-1.0,)),
    "abs": Operation(1, abs, "abs({0})", lambda f, a: (a.apply("sign"),)),
    "sign": _call(rounding.sign, _flat),
    "floor": _call(rounding.floor, _flat),
    "ceil": _call(rounding.ceil, _flat),
    "rint": _call(rounding.rint, _flat),
    "trunc": _call(rounding.trunc, _flat),
    "mod": _call(rounding.mod, _of_mod, 2),
    "floor_divide": _call(rounding.floor_divide, _flat, 2),
    "sqrt": Operation(1, math.sqrt, "math.sqrt({0})", _of_sqrt),
    "exp": _call(elementary.exp, lambda f, a: (f,)),
    "expm1": _call(elementary.expm1, lambda f, a: (f + 1.0,)),
    "log": _call(elementary.log, lambda f, a: (1.0 / a,)),
    "log1p": _call(elementary.log1p, lambda f, a: (1.0 / (1.0 + a),)),
    "sin": _call(elementary.sin, lambda f, a: (a.apply("cos"),)),
    "cos": _call(elementary.cos, lambda f, a: (-a.apply("sin"),)),
    "tan": _call(trigonometric.tan, lambda f, a: (1.0 + f * f,)),
    "asin": _call(
        trigonometric.asin, lambda f, a: (1.0 / (1.0 - a * a).apply("sqrt"),)
    ),
    "acos": _call(
        trigonometric.acos, lambda f, a: (-1.0 / (1.0 - a * a).apply("sqrt"),)
    ),
    "atan2": _call(trigonometric.atan2, _of_angle, 2),
    "sinc": _call(trigonometric.sinc, lambda f, a: (a.apply("sinc_slope"),)),
    "sinc_slope": _call(trigonometric.sinc_slope, _unknown),
    "sinh": _call(hyperbolic.sinh, lambda f, a: (a.apply("cosh"),)),
    "cosh": _call(hyperbolic.cosh, lambda f, a: (a.apply("sinh"),)),
    "asinh": _call(hyperbolic.asinh, lambda f, a: (1.0 / (1.0 + a * a).apply("sqrt"),)),
    "acosh": _call(hyperbolic.acosh, lambda f, a: (1.0 / (a * a - 1.0).apply("sqrt"),)),
    "atanh": _call(hyperbolic.atanh, lambda f, a: (1.0 / (1.0 - a * a),)),
    "log2": _call(powers.log2, lambda f, a: (1.0 / (math.log(2.0) * a),)),
    "log10": _call(powers.log10, lambda f, a: (1.0 / (math.log(10.0) * a),)),
    "exp2": _call(powers.exp2, lambda f, a: (math.log(2.0) * f,)),
    "cbrt": _call(powers.cbrt, lambda f, a: (_zero_at(f, 1.0 / (3.0 * f * f)),)),
    "hypot": _call(powers.hypot, _of_hypot, 2),
    "expit": _call(logistic.expit, lambda f, a: (f * (1.0 - f),)),
    "logit": _call(logistic.logit, lambda f, a: (1.0 / (a * (1.0 - a)),)),
    "log_expit": _call(logistic.log_expit, lambda f, a: ((-a).apply("expit"),)),
    "logaddexp": _call(logistic.logaddexp, _of_logaddexp, 2),
    "tanh": _call(elementary.tanh, lambda f, a: (1.0 - f * f,)),
    "atan": _call(elementary.atan, lambda f, a: (1.0 / (1.0 + a * a),)),
    "erf": _call(special.erf, _of_erf),
    "erfc": _call(special.erfc, lambda f, a: (-_of_erf(f, a)[0],)),
    "erfcx": _call(
        special.erfcx, lambda f, a: (2.0 * a * f - 2.0 / math.sqrt(math.pi),)
    ),
    "line": _of_table(
        interpolation.line,
        lambda f, x, table: (x.apply("line_slope", numbers=(table,)),),
    ),
    "line_slope": _of_table(interpolation.line_slope, _unknown),
    "spline": _of_table(interpolation.spline, _of_spline, 2),
    "sum": Operation(-1, _unknown, "", _of_sum, n_numbers=1),
    **_of_widths("voigt_height", voigt_height),
    **_of_widths("voigt_fwhm", voigt_fwhm),
    "less": _condition(2, operator.lt, "{0} < {1}"),
    "less_equal": _condition(2, operator.le, "{0} <= {1}"),
    "equal": _condition(2, operator.eq, "{0} == {1}"),
    "not_equal": _condition(2, operator.ne, "{0} != {1}"),
    "and": _condition(2, operator.and_, "{0} and {1}"),
    "or": _condition(2, operator.or_, "{0} or {1}"),
    "not": _condition(1, operator.not_, "not {0}"),
    "number": Operation(1, float, "(1.0 if {0} else 0.0)", _flat),
    "select": Operation(
        3, lambda c, a, b: a if c else b, "({1} if {0} else {2})", _flat
    ),
}
