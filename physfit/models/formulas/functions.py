"""What may be called in formulas and ties: names of numpy, scipy and math.

A function is an operation of the graph, under its own name and those that others give
it, or a few operations.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import cache, partial, reduce
from typing import NamedTuple

from physfit.errors import ModelError
from physfit.kernels.bessel_orders import ORDER_MAX
from physfit.models.graph import extremes
from physfit.models.graph.operation_names import OPERATION_NAMES
from physfit.models.graph.operations import OPERATIONS
from physfit.models.graph.term import Term

__all__ = ["ELEMENTARY", "OF_COMPLEX", "OPERATORS", "Function", "functions"]

#: Functions whose names cannot be those of parameters.
ELEMENTARY = (
    *("sqrt", "exp", "log", "sin", "cos", "tan", "atan", "tanh", "abs"),
    *("erf", "erfcx", "voigt_height", "voigt_fwhm"),
)
#: Operations that operators stand for, not to be called by name.
OPERATORS = {"add", "sub", "mul", "div", "neg", "number", "select"}
#: Names of operations that others use.
_OTHERS = {
    **dict.fromkeys(("fabs", "absolute"), "abs"),
    **{other: name for other, name in OPERATION_NAMES.items() if name not in OPERATORS},
    **dict.fromkeys(("round", "around"), "rint"),
    **dict.fromkeys(("power", "float_power"), "pow"),
    **{"ln": "log", "tgamma": "gamma"},
    **dict.fromkeys(("logistic", "sigmoid"), "expit"),
    **{"jn": "jv", "yn": "yv", "kn": "kv", "lambertw": "lambert_w0"},
}


#: Functions of complex numbers, by what they are called where pairs are computed with.
OF_COMPLEX = {
    **{name: name for name in ("exp", "log", "sqrt", "sin", "cos", "tan", "wofz")},
    **{name: name for name in ("sinh", "cosh", "tanh", "square", "reciprocal", "pow")},
    **dict.fromkeys(("abs", "absolute", "fabs"), "absolute"),
    **dict.fromkeys(("conj", "conjugate"), "conjugate"),
    **dict.fromkeys(("angle", "phase"), "phase_of"),
    **{"add": "add", "sub": "subtract", "mul": "multiply", "div": "divide"},
    **{"power": "pow", "ln": "log", "real": "real", "imag": "imag"},
}
#: Those of them that real numbers have not.
_ONLY_COMPLEX = ("wofz", "conj", "conjugate", "angle", "phase", "real", "imag")


class Function(NamedTuple):
    """A function of formulas.

    Attributes
    ----------
    build : callable
        `(*terms) -> Term`.
    fewest, most : int
        How many operands it takes.
    n_conditions : int
        How many of them, the first, are conditions.
    is_complex : bool
        Whether it is one of complex numbers only.
    """

    build: Callable[..., Term]
    fewest: int = 1
    most: int = 1
    n_conditions: int = 0
    is_complex: bool = False


@cache
def functions() -> Mapping[str, Function]:
    """Every function by each of its names."""
    table = {**_COMPOSED}
    for name in _ONLY_COMPLEX:
        table[name] = Function(_never, is_complex=True)
    for name, operation in OPERATIONS.items():
        if operation.is_logical or not operation.is_differentiable:
            continue
        if operation.of_order is not None:
            table[name] = Function(partial(_of_order, name), 2, 2)
        elif not operation.n_numbers:
            n = operation.n_steps
            table[name] = Function(partial(_applied, name), n, n)
    table |= {other: table[name] for other, name in _OTHERS.items() if name in table}
    return table


def _never(*_: Term) -> Term:
    raise NotImplementedError("functions of complex numbers take pairs.")


def _applied(name: str, first: Term, *others: Term) -> Term:
    return first.apply(name, *others)


def _of_order(name: str, order: Term, x: Term) -> Term:
    """Bessel function of a whole order, which is a plain number."""
    n = order.builder.value_of(order.step)
    if n is None or n != int(n) or not 0 <= n < ORDER_MAX:
        raise ModelError(
            f"the order of `{name}` must be a whole number from 0 to {ORDER_MAX - 1}."
        )
    return x.apply(name, numbers=(int(n),))


def _of_many(function: Callable[[Term, Term], Term]) -> Function:
    return Function(lambda *terms: reduce(function, terms), 2, _MANY)


#: Operands that the largest of several numbers is taken of.
_MANY = 64
_COMPOSED: dict[str, Function] = {
    "where": Function(lambda c, a, b: c.choose(a, b), 3, 3, n_conditions=1),
    **dict.fromkeys(("maximum", "max"), _of_many(extremes.maximum)),
    **dict.fromkeys(("minimum", "min"), _of_many(extremes.minimum)),
    "fmax": _of_many(extremes.fmax),
    "fmin": _of_many(extremes.fmin),
    "clip": Function(lambda x, a, b: extremes.minimum(extremes.maximum(x, a), b), 3, 3),
    "heaviside": Function(extremes.heaviside, 1, 2),
    "square": Function(lambda a: a * a),
    "reciprocal": Function(lambda a: 1.0 / a),
    **dict.fromkeys(("radians", "deg2rad"), Function(lambda a: (math.pi / 180.0) * a)),
    **dict.fromkeys(("degrees", "rad2deg"), Function(lambda a: (180.0 / math.pi) * a)),
}
