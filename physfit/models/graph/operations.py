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

from physfit.kernels import elementary, special
from physfit.kernels.kernel import Scalar
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
        Operands that are steps.
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
        Plain numbers, such as the order of a Bessel function, that follow the steps.
    """

    n_steps: int
    evaluate: Callable[..., Any]
    text: str
    rule: Rule
    calls: Mapping[str, Scalar] = {}
    is_logical: bool = False
    n_numbers: int = 0

    def folded(self, values: list[float], numbers: tuple[int, ...]) -> float | None:
        """Value of constants; None where it is no finite number or is logical."""
        if self.is_logical:
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


def _condition(n_steps: int, evaluate: Callable[..., Any], text: str) -> Operation:
    return Operation(n_steps, evaluate, text, _flat, is_logical=True)


def _flat(*_: Term) -> tuple[None, ...]:
    return (None, None)


def _of_power(f: Term, a: Term, b: Term) -> tuple[Term, Term]:
    by_exponent = a.equals(0.0).choose(0.0, f * a.apply("log"))
    return b * a ** (b - 1.0), by_exponent


def _of_erf(f: Term, x: Term) -> tuple[Term]:
    return (2.0 / math.sqrt(math.pi) * (-(x * x)).apply("exp"),)


def _sign(x: float) -> float:
    return float(np.sign(x))


_SIGN = "(1.0 if {0} > 0.0 else (-1.0 if {0} < 0.0 else 0.0 * {0}))"

#: Every operation by name. Logical values are operands of `and`, `or`, `not`, `number`
#: and, first, of `select` only.
OPERATIONS: dict[str, Operation] = {
    "add": Operation(2, operator.add, "{0} + {1}", lambda f, a, b: (1.0, 1.0)),
    "sub": Operation(2, operator.sub, "{0} - {1}", lambda f, a, b: (1.0, -1.0)),
    "mul": Operation(2, operator.mul, "{0} * {1}", lambda f, a, b: (b, a)),
    "div": Operation(
        2, operator.truediv, "{0} / {1}", lambda f, a, b: (1.0 / b, -f * (1.0 / b))
    ),
    "pow": Operation(2, operator.pow, "{0} ** {1}", _of_power),
    "neg": Operation(1, operator.neg, "-{0}", lambda f, a: (-1.0,)),
    "abs": Operation(1, abs, "abs({0})", lambda f, a: (a.apply("sign"),)),
    "sign": Operation(1, _sign, _SIGN, _flat),
    "sqrt": Operation(1, math.sqrt, "math.sqrt({0})", lambda f, a: (0.5 / f,)),
    "exp": _call(elementary.exp, lambda f, a: (f,)),
    "expm1": _call(elementary.expm1, lambda f, a: (f + 1.0,)),
    "log": _call(elementary.log, lambda f, a: (1.0 / a,)),
    "log1p": _call(elementary.log1p, lambda f, a: (1.0 / (1.0 + a),)),
    "sin": _call(elementary.sin, lambda f, a: (a.apply("cos"),)),
    "cos": _call(elementary.cos, lambda f, a: (-a.apply("sin"),)),
    "tanh": _call(elementary.tanh, lambda f, a: (1.0 - f * f,)),
    "atan": _call(elementary.atan, lambda f, a: (1.0 / (1.0 + a * a),)),
    "erf": _call(special.erf, _of_erf),
    "erfc": _call(special.erfc, lambda f, a: (-_of_erf(f, a)[0],)),
    "erfcx": _call(
        special.erfcx, lambda f, a: (2.0 * a * f - 2.0 / math.sqrt(math.pi),)
    ),
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
