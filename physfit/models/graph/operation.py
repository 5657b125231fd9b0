"""One operation of a graph: value, text for the engine, derivative.

A rule gives the derivatives of an operation by its operands as terms of the same graph,
from the value and the operands. None stands for a derivative that is zero wherever it
exists (of a sign, of a condition).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from physfit.kernels.kernel import Scalar
from physfit.models.graph.term import Term

__all__ = ["Node", "Operation", "Rule", "call_of", "call_of_order", "condition", "flat"]
__all__ += ["unknown", "zero_at"]

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
    of_order : callable or None
        Makes the compiled function of the number, where each has its own.
    """

    n_steps: int
    evaluate: Callable[..., Any]
    text: str
    rule: Rule
    calls: Mapping[str, Scalar] = {}
    is_logical: bool = False
    n_numbers: int = 0
    reads_table: bool = False
    of_order: Callable[[int], Scalar] | None = None

    @property
    def is_differentiable(self) -> bool:
        """Whether it stands elsewhere than in derivatives."""
        return self.rule is not unknown

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


def call_of(function: Scalar, rule: Rule, n_steps: int = 1) -> Operation:
    """Operation that is a call of a compiled function."""
    name = function.__name__
    operands = ", ".join(f"{{{k}}}" for k in range(n_steps))
    return Operation(n_steps, function, f"{name}({operands})", rule, {name: function})


def call_of_order(make: Callable[[int], Scalar], rule: Rule) -> Operation:
    """Operation that is a call of the compiled function of an order."""

    def evaluate(x: float, order: int) -> float:
        return float(make(order)(x))

    return Operation(1, evaluate, "", rule, n_numbers=1, of_order=make)


def condition(n_steps: int, evaluate: Callable[..., Any], text: str) -> Operation:
    """Operation that is true or false."""
    return Operation(n_steps, evaluate, text, flat, is_logical=True)


def flat(*_: Term) -> tuple[None, ...]:
    """Derivatives that are zero wherever they exist."""
    return (None, None)


def unknown(*_: Term) -> tuple[Term, ...]:
    """Of operations that stand in derivatives only."""
    raise NotImplementedError("derivatives of second order are not stated.")


def zero_at(place: Term, slope: Term) -> Term:
    """Slope that is infinite where `place` is 0, and 0 there.

    What stands inside mostly has a slope of 0 there: the root of `a * x` at x = 0, the
    size of a complex number that is 0, a root of `maximum(x, 0)`. The product of both
    would be no number. The same for all samples, it stays infinite.
    """
    varies = place.builder.varies(place.step)
    return place.equals(0.0).choose(0.0, slope) if varies else slope
