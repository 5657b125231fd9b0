"""Derivatives of ufuncs by each of their arguments.

Those that graphs know are stated there, as rules of operations. What a ufunc is in
terms of a graph (`real_functions`) is written once, of parameters that stand for its
arguments; the derivatives of that small graph are evaluated in numpy at their values,
which may be complex: the rules hold there as well.

Rules in numpy, of this module, have

- functions that graphs do not know (`gammainc`, `expn`), or of whole orders only
  (`jv`), or as pairs of real numbers (`wofz`), or with fewer digits (`ndtri`):
  `SLOPES`, with `(value, *arguments) -> derivative` by each argument, None where the
  function is defined for constants only there;
- functions without a complex derivative, such as the absolute value: `PARTIALS`, from
  the argument and its partials.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from functools import cache
from typing import Any, TypeAlias

import numpy as np
from scipy import special

from physfit.models.graph.builder import Builder
from physfit.models.graph.derivatives import RESTING, derivatives, live_steps
from physfit.models.graph.evaluation import calls_of, run
from physfit.models.graph.simplification import MOST_PRODUCTS
from physfit.models.graph.special_operations import ORDER_SIGNS
from physfit.models.graph.term import Term
from physfit.models.tracing.real_functions import REAL

__all__ = ["PARTIALS", "SLOPES", "chained", "is_flat", "is_known", "partials_rule"]
__all__ += ["rests", "slopes_of"]

Slope: TypeAlias = Callable[..., Any]

#: `special.lambertw` hands its arguments to a ufunc of another name: the branch and a
#: tolerance are the others, and the slope is that of all branches.
_LAMBERT = special._ufuncs._lambertw


@cache
def _terms_of(function: Any) -> tuple[Callable[..., Any], int] | None:
    """What a function of numpy or scipy is in terms, and of how many arguments."""
    if function is _LAMBERT:
        return REAL["lambert_w0"], 1
    name = getattr(function, "__name__", "")
    is_theirs = any(getattr(one, name, None) is function for one in (np, special))
    if name not in REAL or not is_theirs:
        return None
    return REAL[name], getattr(function, "nin", 1)


@cache
def _derived(
    function: Any,
    varies: tuple[bool, ...],
    moved: tuple[int, ...],
    exponent: float | None = None,
) -> tuple[Callable[[Any, Sequence[Any]], list[Any]], bool]:
    """What gives the derivatives by the arguments `moved`, 0.0 where they are flat.

    With it goes whether the function comes to rest. Arguments that vary are arrays.
    """
    write, n = _terms_of(function) or (None, 0)
    if write is None or moved[-1] >= n:
        raise TypeError(f"{function.__name__} has no derivative by dual numbers")
    builder = Builder()
    steps = [builder.parameter(k, varies=varies[k]) for k in range(n)]
    if exponent is not None:
        steps[1] = builder.constant(exponent)
    result = write(*(Term(builder, step) for step in steps)).step
    rows, zero = derivatives(builder, [result])[0], builder.constant(0.0)
    wanted = [rows.get(k, zero) for k in moved]
    calls = calls_of(builder, live_steps(builder, wanted, known=(result,)))
    numbers = [builder.value_of(k) for k in range(n, len(builder.nodes))]

    def slopes(value: Any, arguments: Sequence[Any]) -> list[Any]:
        values = [*arguments[:n], *numbers]
        values[result] = value
        run(calls, values)
        return [values[step] for step in wanted]

    return slopes, builder.nodes[result][0] in RESTING


@cache
def is_known(function: Any) -> bool:
    """Whether a function of arrays entry by entry has derivatives here."""
    is_here = function in SLOPES or function in PARTIALS
    return is_here or _terms_of(function) is not None


@cache
def is_flat(function: Any) -> bool:
    """Whether values do not move with their arguments: of comparisons, of steps."""
    known = None if function in SLOPES else _terms_of(function)
    if known is None:
        return function in _FLAT
    builder = Builder()
    terms = [Term(builder, builder.parameter(k)) for k in range(known[1])]
    return not derivatives(builder, [known[0](*terms).step])[0]


def slopes_of(
    function: Any, value: Any, arguments: Sequence[Any], moved: tuple[int, ...]
) -> tuple[list[Any], bool]:
    """Derivatives by the arguments `moved`, and whether the function comes to rest.

    Raises
    ------
    TypeError
        When it has none.
    """
    if function in SLOPES:
        rules = [SLOPES[function][k] for k in moved]
        if None in rules:
            raise TypeError(f"{function.__name__} has constants among its arguments")
        return [rule(value, *arguments) for rule in rules if rule], False
    varies, exponent = tuple([own.ndim > 0 for own in arguments]), None
    if function is np.power and moved == (0,):
        exponent = _exponent(arguments[1])
    slopes, is_resting = _derived(function, varies, moved, exponent)
    return slopes(value, arguments), is_resting


def _exponent(given: Any) -> float | None:
    """A whole or half exponent that graphs have a shorter form of; None of others."""
    if given.ndim or given.dtype.kind not in "iuf" or not abs(given) <= MOST_PRODUCTS:
        return None
    return float(given) if 2 * given == int(2 * given) else None


def partials_rule(function: Any, value: Any, partials: Any) -> Slope | None:
    """Rule of a function without a complex derivative, where that is needed."""
    rule = PARTIALS.get(function)
    if rule is None or "c" in (value.dtype.kind, partials.dtype.kind):
        return rule
    return rule if _terms_of(function) is None else None


#: Whether slopes that are infinite are told apart from what is no number.
rests: ContextVar[bool] = ContextVar("rests", default=False)


def chained(slope: Any, partials: Any, is_resting: bool) -> Any:
    """Product of an outer and inner slopes; 0 of 0 and infinity where a value rests."""
    if type(slope) is float and slope == 1.0:
        return partials
    product = slope * partials
    if is_resting and rests.get() and np.ndim(product) > 1:
        return np.where((slope == 0.0) | (partials == 0.0), 0.0, product)
    return product


def _of_order(name: str) -> tuple[None, Slope]:
    """Derivative of a cylinder function of any order, from its neighbours."""
    function, (below, above) = getattr(special, name), ORDER_SIGNS[name]

    def slope(value: Any, order: Any, x: Any) -> Any:
        return 0.5 * (below * function(order - 1, x) + above * function(order + 1, x))

    return None, slope


def _of_gammainc(sign: float) -> tuple[None, Slope]:
    return (
        None,
        lambda value, a, v: (
            sign * np.exp(special.xlogy(a - 1.0, v) - v - special.gammaln(a))
        ),
    )


SLOPES: Mapping[Any, tuple[Slope | None, ...]] = {
    special.wofz: (lambda value, v: 2j / np.sqrt(np.pi) - 2.0 * v * value,),
    **{getattr(special, name): _of_order(name) for name in ORDER_SIGNS},
    special.gammainc: _of_gammainc(1.0),
    special.gammaincc: _of_gammainc(-1.0),
    special.ndtri: (lambda value, p: np.sqrt(2 * np.pi) * np.exp(0.5 * value**2),),
    special.expn: (None, lambda value, n, v: -special.expn(n - 1, v)),
    special.spence: (lambda value, v: np.where(v == 1.0, -1.0, np.log(v) / (1.0 - v)),),
    special.ellipkm1: (
        lambda value, v: (special.elliprd(0.0, v, 1.0) / 3.0 - value) / (2.0 * v),
    ),
}


def _of_abs(v: Any, partials: Any) -> Any:
    """Partials of the absolute value of complex numbers: the part along them."""
    size = np.abs(v)
    unit = np.where(size == 0.0, 0.0, np.conj(v) / np.where(size == 0.0, 1.0, size))
    return np.real(unit * partials)


def _of_angle(v: Any, partials: Any, deg: bool = False) -> Any:
    """Partials of a phase: the part across the value."""
    square = np.abs(v) ** 2
    across = np.imag(np.conj(v) * partials) / np.where(square == 0.0, 1.0, square)
    return np.degrees(across) if deg else across


#: Partials of a result from an argument and its partials, of functions without a
#: complex derivative.
PARTIALS: Mapping[Any, Callable[..., Any]] = {
    np.absolute: _of_abs,
    np.conjugate: lambda v, partials: np.conj(partials),
    np.real: lambda v, partials: np.real(partials),
    np.imag: lambda v, partials: np.imag(partials),
    np.angle: _of_angle,
}

#: Flat functions that graphs do not know.
_FLAT = frozenset(
    [np.logical_and, np.logical_or, np.logical_not, np.logical_xor, np.spacing]
)
