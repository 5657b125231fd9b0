"""What values parameters of a graph may have, from where they stand in it.

A formula tells more than a black box. What is added to x or taken from it is a position
and lies in the range of x. What multiplies or divides a coordinate inside exp, cos or a
step makes the argument of that function a number around 1, from a slow change over the
whole range of x to one between neighbours. What is added to a square of such a distance
is such a square. Every step of the graph has a size, a range from the smallest to the
largest that is plausible; sizes go forward through the operations, and what a place in
the formula demands goes back to the parameters that stand there.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from physfit.models.graph.graph import Graph
from physfit.models.graph.operations import OPERATIONS
from physfit.typing import FloatArray

__all__ = ["Reach", "reaches"]

#: Size of an argument of a function that changes over distances of about 1.
AROUND_ONE = (0.05, math.pi)
#: Size of an exponent.
EXPONENT = (0.1, 10.0)
#: Largest by smallest size of a demand that says anything.
WIDEST = 1e8
#: Factor around the middle of its reach within which a parameter counts for others.
TYPICAL = 30.0
#: Functions of an angle, and those that have changed all at arguments beyond 1.
_OF_ANGLE = ("sin", "cos", "tan", "sincos")
#: Functions that are small where their argument is.
_ODD = ("sin", "tan", "tanh", "atan", "asin", "sinh", "asinh", "expm1", "log1p", "erf")
_ARITHMETIC = ("add", "sub", "mul", "div", "neg", "abs", "sqrt", "pow", "select")
_CONDITIONS = ("less", "less_equal", "equal", "not_equal")
_RELATIONS = ("add", "sub", "atan2", "hypot", "voigt_profile", *_CONDITIONS)


class Reach(NamedTuple):
    """What a parameter may be.

    Attributes
    ----------
    low, high : float
        From the smallest to the largest value of a position or an angle, or the
        smallest and the largest size.
    is_size : bool
    """

    low: float
    high: float
    is_size: bool


class _Quantity(NamedTuple):
    """Range of the absolute value of a step; of the value itself where it is known."""

    low: float
    high: float
    place: tuple[float, float] | None = None


def reaches(graph: Graph, x: FloatArray) -> dict[int, Reach]:
    """Reach of each parameter that has one, by its number.

    Parameters
    ----------
    graph : Graph
    x : ndarray, shape (n_inputs, n)
        Coordinates of the samples.
    """
    return _Search(graph, x).found()


class _Search:
    def __init__(self, graph: Graph, x: FloatArray) -> None:
        self.graph = graph
        self.inputs = [_of_column(column) for column in x]
        self.inputs += [_of_column(column) for column in graph.samples.arrays]
        self.n_inputs = len(graph.inputs)
        self.varies = self._varying()
        self.params: dict[int, _Quantity] = {}
        self.reach: dict[int, Reach] = {}
        self.known: list[_Quantity | None] = []

    def found(self) -> dict[int, Reach]:
        """All reaches: the surest demands are made first."""
        for demand in (
            self._of_places,
            self._of_arguments,
            self._of_sums,
            self._of_offsets,
            self._of_ratios,
        ):
            for _ in range(4):
                before = len(self.params)
                self._forward()
                demand()
                if len(self.params) == before:
                    break
        return self.reach

    def _varying(self) -> list[bool]:
        varies = list[bool]()
        for name, *operands in self.graph.nodes:
            if name in OPERATIONS:
                steps = operands[: OPERATIONS[name].n_steps]
                varies.append(any(varies[step] for step in steps))
            else:
                varies.append(name in ("input", "sample"))
        return varies

    def _forward(self) -> None:
        self.known = []
        for name, *operands in self.graph.nodes:
            self.known.append(self._quantity(name, operands))

    def _quantity(self, name: str, operands: list[int]) -> _Quantity | None:
        if name == "constant":
            value = float(operands[0])
            return _Quantity(abs(value), abs(value), (value, value))
        if name == "input":
            return self.inputs[operands[0]]
        if name == "sample":
            return self.inputs[self.n_inputs + operands[0]]
        if name == "parameter":
            return self.params.get(operands[0])
        parts = [self.known[k] for k in operands[: OPERATIONS[name].n_steps]]
        if name not in _ARITHMETIC:
            return _of_function(name, parts)
        if name == "select":
            parts = parts[1:]
        sizes = [part for part in parts if part is not None]
        if len(sizes) < len(parts):
            return None
        return _combined(name, sizes, operands, self.varies)

    def _nodes(self) -> Iterable[tuple[str, list[int]]]:
        for name, *operands in self.graph.nodes:
            if name in OPERATIONS:
                yield name, operands[: OPERATIONS[name].n_steps]

    def _of_places(self) -> None:
        """What is added to a coordinate or compared with it is a place."""
        for name, steps in self._nodes():
            if name not in _RELATIONS or len(steps) != 2:
                continue
            for one, other in (steps, steps[::-1]):
                quantity = self.known[one]
                if (
                    quantity is not None
                    and quantity.place is not None
                    and self.varies[one]
                    and self.known[other] is None
                    and not self.varies[other]
                ):
                    low, high = quantity.place
                    is_sum = name == "add"
                    self._place(other, (-high, -low) if is_sum else (low, high))

    def _of_arguments(self) -> None:
        """Arguments of functions are numbers around 1."""
        for name, steps in self._nodes():
            if name == "pow" and self.known[steps[1]] is None:
                self._demand(steps[1], EXPONENT)
            elif name not in _ARITHMETIC and name not in _RELATIONS:
                for step in steps:
                    if self.known[step] is None:
                        self._demand(step, AROUND_ONE, is_angle=name in _OF_ANGLE)

    def _of_sums(self) -> None:
        """What is added to a known size is of that size."""
        for name, steps in self._nodes():
            if name not in _RELATIONS:
                continue
            sizes = [self.known[k] for k in steps if self.varies[k]]
            known = [size for size in sizes if size is not None]
            for step in steps:
                if known and self.known[step] is None:
                    self._demand(step, (known[0].low, known[0].high))

    def _of_offsets(self) -> None:
        """What is added to a number is of about that size somewhere."""
        for name, steps in self._nodes():
            if name not in _RELATIONS or len(steps) != 2:
                continue
            for one, other in (steps, steps[::-1]):
                value = self.known[one]
                is_number = self.graph.nodes[one][0] == "constant"
                if is_number and value is not None and self.known[other] is None:
                    size = value.high or 1.0
                    low, high = AROUND_ONE
                    self._demand(other, (low * size, high * size))

    def _of_ratios(self) -> None:
        """Two parameters of which one is divided by the other are of about one size."""
        for name, (one, *others) in self._nodes():
            if name != "div" or self.varies[one] or self.varies[others[0]]:
                continue
            for a, b in ((one, others[0]), (others[0], one)):
                size = self.known[a]
                if size is not None and self.known[b] is None:
                    self._demand(b, (0.1 * size.low, 10.0 * size.high))

    def _place(self, step: int, place: tuple[float, float]) -> None:
        """Demand that a step, which does not vary, lies in a range."""
        name, *operands = self.graph.nodes[step]
        low, high = place
        if name == "parameter" and operands[0] not in self.params:
            size = max(abs(low), abs(high))
            self.params[operands[0]] = _Quantity(0.0, size, place)
            self.reach[operands[0]] = Reach(low, high, False)
        elif name == "neg":
            self._place(operands[0], (-high, -low))
        elif name in ("add", "sub"):
            self._place_of_sum(name, operands, place)
        elif name == "mul":
            factor = self.known[operands[0]]
            if factor is not None and factor.place and factor.place[0] != 0.0:
                ends = sorted(end / factor.place[0] for end in place)
                self._place(operands[1], (ends[0], ends[1]))

    def _place_of_sum(
        self, name: str, operands: list[int], place: tuple[float, float]
    ) -> None:
        low, high = place
        one, other = operands
        for k, (known, open_) in enumerate(((one, other), (other, one))):
            quantity = self.known[known]
            if quantity is None or quantity.place is None or self.known[open_]:
                continue
            if quantity.place[0] != quantity.place[1]:  # between two places
                self._demand(open_, (self.inputs[0].low, high - low))
                return
            shift = quantity.place[0]
            if name == "add" or k == 1:
                sign = -1.0 if name == "add" else 1.0
                self._place(open_, (low + sign * shift, high + sign * shift))
            else:
                self._place(open_, (shift - high, shift - low))
            return
        if self.known[one] is None and self.known[other] is None:
            self._place(one, place)
            self._demand(other, (self.inputs[0].low, high - low))

    def _demand(
        self, step: int, size: tuple[float, float], is_angle: bool = False
    ) -> None:
        """Demand a size of a step: of the parameters in it that have none yet."""
        name, *operands = self.graph.nodes[step]
        if name == "parameter":
            self._set(operands[0], size, is_angle)
            return
        if name not in _ARITHMETIC:
            return
        steps = operands[: OPERATIONS[name].n_steps]
        if name in ("add", "sub", "select"):
            for one in steps[1:] if name == "select" else steps:
                if self.known[one] is None:
                    self._demand(one, size, is_angle)
        elif name in ("neg", "abs"):
            self._demand(steps[0], size, is_angle)
        elif name == "sqrt":
            self._demand(steps[0], (size[0] * size[0], size[1] * size[1]))
        elif name == "pow":
            exponent = self.known[steps[1]]
            if exponent is not None and exponent.high > 0.0:
                self._demand(steps[0], _rooted(size, exponent.high))
        else:
            self._demand_of_product(name, steps, size)

    def _demand_of_product(
        self, name: str, steps: list[int], size: tuple[float, float]
    ) -> None:
        one, other = steps
        if one == other:
            self._demand(one, _rooted(size, 2.0))
            return
        left, right = self.known[one], self.known[other]
        if left is not None and right is not None:
            return
        if name == "mul":
            known, open_ = (left, other) if left is not None else (right, one)
            by = (1.0, 1.0) if known is None else (known.low, known.high)
            self._demand(open_, _quotient(size, by))
        elif left is not None:
            self._demand(other, _quotient((left.low, left.high), size))
        elif right is not None:
            self._demand(one, (size[0] * right.low, size[1] * right.high))
        else:
            self._demand(other, (0.1, 10.0))

    def _set(self, k: int, size: tuple[float, float], is_angle: bool) -> None:
        if k in self.params:
            return
        low, high = size
        if is_angle and size == AROUND_ONE:
            self.params[k] = _Quantity(0.0, math.pi, (0.0, 2.0 * math.pi))
            self.reach[k] = Reach(0.0, 2.0 * math.pi, False)
        elif 0.0 < low <= high < WIDEST * low:
            middle = math.sqrt(low) * math.sqrt(high)
            self.params[k] = _Quantity(
                max(low, middle / TYPICAL), min(high, middle * TYPICAL)
            )
            self.reach[k] = Reach(low, high, True)


def _of_column(column: FloatArray) -> _Quantity:
    """Sizes of a coordinate: from the smallest distance to the largest value."""
    finite = column[np.isfinite(column)]
    if not finite.size:
        return _Quantity(1.0, 1.0)
    low, high = float(finite.min()), float(finite.max())
    span = high - low or 1.0
    spacing = span / max(len(np.unique(finite)) - 1, 1)
    return _Quantity(spacing, max(abs(low), abs(high)), (low, high))


def _of_function(name: str, parts: list[_Quantity | None]) -> _Quantity | None:
    """Size of a function whose arguments have sizes."""
    if None in parts:
        return None
    only = parts[0]
    if name in _ODD and only is not None:
        return _Quantity(min(only.low, 1.0), min(only.high, 1.0))
    return _Quantity(AROUND_ONE[0], 1.0)


def _combined(
    name: str, sizes: list[_Quantity], operands: list[int], varies: list[bool]
) -> _Quantity:
    one, other = sizes[0], sizes[-1]
    if name in ("neg", "abs"):
        place = one.place
        turned = None if place is None else (-place[1], -place[0])
        return one._replace(place=turned if name == "neg" else None)
    if name == "sqrt":
        return _Quantity(math.sqrt(one.low), math.sqrt(one.high))
    if name == "mul":
        place = None
        if one.place is not None and other.place is not None:
            ends = [a * b for a in one.place for b in other.place]
            place = (min(ends), max(ends))
        return _Quantity(one.low * other.low, one.high * other.high, place)
    if name == "div":
        return _Quantity(*_quotient((one.low, one.high), (other.low, other.high)))
    if name == "pow":
        power = min(other.high, 64.0)
        return _Quantity(_power(one.low, power), _power(one.high, power))
    if name in ("add", "sub") and one.place is not None and other.place is not None:
        return _difference(name, one.place, other.place)
    return _Quantity(min(one.low, other.low), max(one.high, other.high))


def _difference(
    name: str, one: tuple[float, float], other: tuple[float, float]
) -> _Quantity:
    """Sum or difference of two places."""
    low, high = other if name == "add" else (-other[1], -other[0])
    low, high = one[0] + low, one[1] + high
    size = max(abs(low), abs(high))
    extent = max(one[1] - one[0], other[1] - other[0])
    least = abs(low) if low == high else min(extent, size) / 200.0
    if low > 0.0 or high < 0.0:
        least = max(least, min(abs(low), abs(high)))
    return _Quantity(least, size, (low, high))


def _quotient(
    size: tuple[float, float], by: tuple[float, float]
) -> tuple[float, float]:
    """Sizes of a quotient: smallest by largest to largest by smallest."""
    low = size[0] / by[1] if by[1] > 0.0 else math.inf
    high = size[1] / by[0] if by[0] > 0.0 else math.inf
    return low, high


def _rooted(size: tuple[float, float], power: float) -> tuple[float, float]:
    return _power(size[0], 1.0 / power), _power(size[1], 1.0 / power)


def _power(base: float, exponent: float) -> float:
    try:
        return float(base**exponent)
    except OverflowError:
        return math.inf
