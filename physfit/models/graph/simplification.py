"""Rewriting of operations into simpler ones that have the same value.

All keep the value to an ulp but one: a product with the number 0 is 0 also where the
other factor is not finite, so that a term that a flag switches off is gone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from physfit.models.graph.builder import Builder

__all__ = ["simplified"]

#: Largest integer exponent that becomes a chain of products.
MOST_PRODUCTS = 64


def simplified(
    builder: Builder, name: str, steps: tuple[int, ...], values: list[float | None]
) -> int | None:
    """Step of a simpler form of an operation, or None.

    Parameters
    ----------
    builder : Builder
    name : str
        The operation.
    steps : tuple of int
        Its operands.
    values : list of (float or None)
        Values of those that are constants.
    """
    rule = _RULES.get(name)
    return None if rule is None else rule(builder, steps, values)


def _add(builder: Builder, steps: Any, values: Any) -> int | None:
    (a, b), (u, v) = steps, values
    if u == 0.0:
        return int(b)
    if v == 0.0:
        return int(a)
    if builder.nodes[b][0] == "neg":
        return builder.apply("sub", a, builder.nodes[b][1])
    if a > b:  # one order, so that equal sums stand once
        return builder.apply("add", b, a)
    return None


def _sub(builder: Builder, steps: Any, values: Any) -> int | None:
    (a, b), (u, v) = steps, values
    if v == 0.0:
        return int(a)
    if u == 0.0:
        return builder.apply("neg", b)
    if builder.nodes[b][0] == "neg":
        return builder.apply("add", a, builder.nodes[b][1])
    return None


def _mul(builder: Builder, steps: Any, values: Any) -> int | None:
    (a, b), (u, v) = steps, values
    if u is None and (v is not None or a > b):  # a number first, then one order
        return builder.apply("mul", b, a)
    if u == 0.0:
        return builder.constant(0.0)
    if u == 1.0:
        return int(b)
    if u == -1.0:
        return builder.apply("neg", b)
    for one, other in ((a, b), (b, a)):
        if builder.nodes[one][0] == "neg":
            product = builder.apply("mul", builder.nodes[one][1], other)
            return builder.apply("neg", product)
    inner = builder.nodes[b]
    if u is not None and inner[0] == "mul":
        factor = builder.value_of(inner[1])
        if factor is not None:
            return builder.apply("mul", builder.constant(u * factor), inner[2])
    return None


def _div(builder: Builder, steps: Any, values: Any) -> int | None:
    (a, b), (u, v) = steps, values
    if v == 1.0:
        return int(a)
    if v == -1.0:
        return builder.apply("neg", a)
    if u == 0.0:
        return builder.constant(0.0)
    if builder.varies(a) and not builder.varies(b) and v != 0.0:
        # one division for all samples
        return builder.apply("mul", a, builder.apply("div", builder.constant(1.0), b))
    return None


def _neg(builder: Builder, steps: Any, values: Any) -> int | None:
    node = builder.nodes[steps[0]]
    return int(node[1]) if node[0] == "neg" else None


def _pow(builder: Builder, steps: Any, values: Any) -> int | None:
    (a, _), (_, v) = steps, values
    if v is None:
        return None
    if v == 0.0:
        return builder.constant(1.0)
    if v == 0.5:
        return builder.apply("sqrt", a)
    if v != int(v) or abs(v) > MOST_PRODUCTS:
        return None
    product = _product(builder, a, abs(int(v)))
    return product if v > 0 else builder.apply("div", builder.constant(1.0), product)


def _product(builder: Builder, a: int, n: int) -> int:
    """Step of `a` to the power `n`, by squaring."""
    if n == 1:
        return a
    half = _product(builder, a, n // 2)
    square = builder.apply("mul", half, half)
    return builder.apply("mul", square, a) if n % 2 else square


def _select(builder: Builder, steps: Any, values: Any) -> int | None:
    _, then, otherwise = steps
    return int(then) if then == otherwise else None


_RULES: dict[str, Callable[[Builder, Any, Any], int | None]] = {
    "add": _add,
    "sub": _sub,
    "mul": _mul,
    "div": _div,
    "neg": _neg,
    "pow": _pow,
    "select": _select,
}
