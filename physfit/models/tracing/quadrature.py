"""Integrals as sums over fixed nodes."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from physfit.models.tracing import registry
from physfit.models.tracing.errors import TraceError
from physfit.models.tracing.number_types import holds
from physfit.models.tracing.recorder import Recorder
from physfit.models.tracing.replaced import OTHERS
from physfit.models.tracing.value import Value, constants_of

__all__: list[str] = []

Array = NDArray[np.float64]

#: What two rules may be apart, relative to the integral of the absolute value; the
#: finer one is far closer to the integral.
RULES_APART = 1e-8


@lru_cache
def _rule(level: int, kind: str) -> tuple[Array, Array, Array, Array]:
    """Nodes and weights of a rule, and of a finer one that tells its error.

    Finite intervals: Gauss-Legendre with 40 (60) nodes, and double exponential nodes
    where that is not enough; half lines by x = exp(pi/2 sinh t), lines by its sinh.
    """
    if kind == "finite" and level == 0:
        return (
            *np.polynomial.legendre.leggauss(40),
            *np.polynomial.legendre.leggauss(60),
        )
    coarse = 0.125 if level == 0 else 0.0625
    return (
        *_double_exponential(kind, coarse),
        *_double_exponential(kind, coarse / 1.5),
    )


def _double_exponential(kind: str, h: float) -> tuple[Array, Array]:
    """Nodes and weights (Takahasi & Mori, Publ. RIMS 9 (1974) 721)."""
    reach = {"finite": 3.1, "half": 3.6, "line": 3.6}[kind]
    t = np.arange(-reach, reach + h / 2, h)
    inner, slope = np.pi / 2 * np.sinh(t), np.pi / 2 * np.cosh(t)
    if kind == "finite":
        return np.tanh(inner), h * slope / np.cosh(inner) ** 2
    if kind == "half":
        return np.exp(inner), h * slope * np.exp(inner)
    return np.sinh(inner), h * slope * np.cosh(inner)


def _quad(recorder: Recorder, original: Callable[..., Any]) -> Callable[..., Any]:
    def quad(
        func: Callable[..., Any], a: Any, b: Any, args: Any = (), **options: Any
    ) -> Any:
        extra = args if isinstance(args, tuple) else (args,)
        for name in ("weight", "full_output", "complex_func"):
            if options.get(name):
                raise recorder.refuse(TraceError(f"has the option `{name}`."))
        return _integral(recorder, func, a, b, extra), 0.0

    return quad


def _fixed_quad(recorder: Recorder, original: Callable[..., Any]) -> Callable[..., Any]:
    """`fixed_quad` with its own nodes, at which the function is an array."""

    def fixed_quad(
        func: Callable[..., Any], a: Any, b: Any, args: tuple[Any, ...] = (), n: int = 5
    ) -> Any:
        nodes, weights = np.polynomial.legendre.leggauss(n)
        half = (b - a) * 0.5
        at = registry.apply(recorder, "multiply", half, nodes) + (b + a) * 0.5
        values = registry.apply(recorder, "multiply", func(at, *args), weights)
        return registry.apply(recorder, "sum", values, axis=-1) * half, None

    return fixed_quad


def _integral(
    recorder: Recorder, func: Callable[..., Any], a: Any, b: Any, extra: tuple[Any, ...]
) -> Any:
    low, high = _known(a), _known(b)
    if low is not None and high is not None and low > high:
        return -_integral(recorder, func, b, a, extra)
    kind = "finite"
    if low == -np.inf and high == np.inf:
        kind, at = "line", lambda u: u
    elif high == np.inf:
        kind, at = "half", lambda u: a + u
    elif low == -np.inf:
        kind, at = "half", lambda u: b - u
    half: Any = 1.0
    if kind == "finite":
        half = (b - a) * 0.5
        middle = (b + a) * 0.5
        at = lambda u: middle + half * u  # noqa: E731
    rule = _rule(recorder.level, kind)
    recorder.pointwise += 1
    try:
        coarse, fine = (
            _terms(recorder, func, at, nodes, weights, extra)
            for nodes, weights in ((rule[0], rule[1]), (rule[2], rule[3]))
        )
    finally:
        recorder.pointwise -= 1
    return _where_rules_agree(recorder, coarse, fine) * half


def _where_rules_agree(recorder: Recorder, coarse: list[Any], fine: list[Any]) -> Any:
    """Sum by the finer rule; NaN where both are apart by more than the digits wanted.

    Parameters far from those of the comparison may make an integrand that the rules do
    not resolve.
    """
    value, estimate = _total(recorder, fine), _total(recorder, coarse)
    if not isinstance(value, Value):
        return value
    size = _total(recorder, [abs(term) for term in fine])
    difference = registry.apply(recorder, "subtract", value, estimate)
    apart = registry.apply(recorder, "absolute", difference)
    limit = registry.apply(recorder, "multiply", size, RULES_APART)
    known = registry.apply(recorder, "less_equal", apart, limit)
    estimate = registry.apply(recorder, "asarray", estimate)
    recorder.note_integral(
        *(
            registry.apply(recorder, "to_number", one).items.flat[0]
            for one in (estimate, value)
        )
    )
    return registry.apply(recorder, "where", known, value, np.nan)


def _known(limit: Any) -> float | None:
    if not isinstance(limit, Value):
        return float(limit)
    numbers = constants_of(limit)
    return None if numbers is None else float(numbers.flat[0])


def _total(recorder: Recorder, terms: list[Any]) -> Any:
    if not holds(terms):
        return sum(terms)
    return registry.apply(recorder, "sum", registry.apply(recorder, "array", terms))


def _terms(
    recorder: Recorder,
    func: Callable[..., Any],
    at: Callable[[Any], Any],
    nodes: Array,
    weights: Array,
    extra: tuple[Any, ...],
) -> list[Any]:
    """Weights times values at the nodes."""
    terms = []
    for node, weight in zip(nodes, weights, strict=True):
        value = registry.apply(
            recorder, "explored", lambda node=node: func(at(float(node)), *extra)
        )
        terms.append(value * float(weight))
    return terms


OTHERS["scipy.integrate", "quad"] = _quad
OTHERS["scipy.integrate", "fixed_quad"] = _fixed_quad
