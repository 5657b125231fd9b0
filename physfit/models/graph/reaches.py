"""What values parameters of a graph may have, from where they stand in it.

A formula tells more than a black box. What is added to x or taken from it is a position
and lies in the range of x; beyond it, where the sum must not vanish: in a denominator,
in a logarithm. What multiplies or divides a coordinate inside exp, cos or a step makes
the argument of that function a number around 1, from a slow change over the whole range
of x to one between neighbours. What is added to a square of such a distance is such a
square. What is left has the size of y, or of its inverse. Every step of the graph has a
size, a range from the smallest to the largest that is plausible; sizes go forward
through the operations, and what a place in the formula demands goes back to the
parameters that stand there. The module is long because all these rules work on one
search: the sizes known so far, and the parameters that have got theirs.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from physfit.models.graph.demands import Demand
from physfit.models.graph.graph import Graph
from physfit.models.graph.operations import OPERATIONS
from physfit.models.graph.quantities import (
    AROUND_ONE,
    Quantity,
    combined,
    of_column,
    of_function,
    spacing_of,
)
from physfit.typing import FloatArray

__all__ = ["Reach", "reaches"]

#: Size of an exponent.
EXPONENT = (0.1, 10.0)
#: Sizes in units of the range of y.
OF_Y = (0.03, 30.0)
#: How far beyond the range of a coordinate, in units of its range and of its size.
BEYOND = (0.003, 30.0)
#: Largest by smallest size of a demand that says anything.
WIDEST = 1e16
#: Factor around the middle of its reach within which a parameter counts for others.
TYPICAL = 30.0
#: Functions of an angle, and those that have changed all at arguments beyond 1.
_OF_ANGLE = ("sin", "cos", "tan", "sincos")
_ARITHMETIC = ("add", "sub", "mul", "div", "neg", "abs", "sqrt", "pow", "select")
_CONDITIONS = ("less", "less_equal", "equal", "not_equal")
_RELATIONS = ("add", "sub", "atan2", "hypot", "voigt_profile", *_CONDITIONS)
#: Functions that have no finite value at 0.
_NONZERO = ("log", "log10", "log2", "sqrt")


class Reach(NamedTuple):
    """What a parameter may be.

    Attributes
    ----------
    low, high : float
        From the smallest to the largest value of a position or an angle, or the
        smallest and the largest size.
    is_size : bool
    power : float
        Power of the range of y that sizes are multiplied by.
    edge : float
        What sizes are added to.
    side : int
        1 or -1 where they are above or below it.
    ends : tuple of float, optional
        Of a position: its values at the smallest and at the largest x.
    frequency, period : float
        What an angular frequency is multiplied by, or divided by, to have the
        parameter; 0 where it is none.
    """

    low: float
    high: float
    is_size: bool
    power: float = 0.0
    edge: float = 0.0
    side: int = 0
    ends: tuple[float, float] | None = None
    frequency: float = 0.0
    period: float = 0.0


_ARGUMENT = Demand(*AROUND_ONE)


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
        self.inputs = [of_column(column) for column in x]
        self.inputs += [of_column(column) for column in graph.samples.arrays]
        self.n_inputs = len(graph.inputs)
        self.spacing = spacing_of(x[0]) if len(x) else 1.0
        self.varies = self._varying()
        self.uses = Counter(step for _, steps in self._nodes() for step in steps)
        self.params: dict[int, Quantity] = {}
        self.reach: dict[int, Reach] = {}
        self.known: list[Quantity | None] = []
        self.slopes = list[float]()
        #: Whether a product waits until one of its factors is known.
        self.is_strict = True

    def found(self) -> dict[int, Reach]:
        """All reaches: the surest demands are made first."""
        known_first = (
            self._of_nonzero,
            self._of_places,
            self._of_arguments,
            self._of_sums,
            self._of_offsets,
            self._of_arguments,
        )
        guessed = (*known_first[2:], self._of_ratios, self._of_values)
        for number, demand in enumerate((*known_first, *guessed)):
            self.is_strict = number < len(known_first)
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
        self.known, self.slopes = [], []
        for name, *operands in self.graph.nodes:
            self.known.append(self._quantity(name, operands))
            self.slopes.append(self._slope(name, operands))

    def _quantity(self, name: str, operands: list[int]) -> Quantity | None:
        if name == "constant":
            value = float(operands[0])
            return Quantity(abs(value), abs(value), (value, value), value > 0.0)
        if name == "input":
            return self.inputs[operands[0]]
        if name == "sample":
            return self.inputs[self.n_inputs + operands[0]]
        if name == "parameter":
            return self.params.get(operands[0])
        parts = [self.known[k] for k in operands[: OPERATIONS[name].n_steps]]
        if name not in _ARITHMETIC:
            return of_function(name, parts)
        if name == "select":
            parts = parts[1:]
        sizes = [part for part in parts if part is not None]
        if len(sizes) < len(parts):
            return None
        return combined(name, sizes, operands)

    def _slope(self, name: str, operands: list[int]) -> float:
        """Slope by the only coordinate where it is one number; else 0."""
        if name == "input":
            return 1.0 if self.n_inputs == 1 else 0.0
        if name not in ("add", "sub", "mul", "div", "neg"):
            return 0.0
        one, other = operands[0], operands[-1]
        if name == "neg":
            return -self.slopes[one]
        if name in ("add", "sub") and not self.varies[other]:
            return self.slopes[one]
        if name in ("add", "sub") and not self.varies[one]:
            return self.slopes[other] if name == "add" else -self.slopes[other]
        factor = self.known[other if self.varies[one] else one]
        if factor is None or factor.low != factor.high or factor.low == 0.0:
            return 0.0
        if name == "mul":
            return (self.slopes[one] + self.slopes[other]) * factor.low
        return self.slopes[one] / factor.low

    def _nodes(self) -> Iterable[tuple[str, list[int]]]:
        for name, *operands in self.graph.nodes:
            if name in OPERATIONS:
                yield name, operands[: OPERATIONS[name].n_steps]

    def _of_nonzero(self) -> None:
        """What is added to a coordinate keeps a sum from 0 where that has no value."""
        for name, steps in self._nodes():
            if name == "div":
                self._keep_from_zero(steps[1])
            elif name in _NONZERO or (name == "pow" and not self._is_whole(steps[1])):
                self._keep_from_zero(steps[0])

    def _is_whole(self, step: int) -> bool:
        name, *operands = self.graph.nodes[step]
        return name == "constant" and float(operands[0]).is_integer()

    def _keep_from_zero(self, step: int) -> None:
        name, *operands = self.graph.nodes[step]
        if self.uses[step] != 1:
            return  # such as sin(z) / z, which has a limit
        if name in ("mul", "div", "neg"):
            for one in operands:
                self._keep_from_zero(one)
        if name not in ("add", "sub"):
            return
        for one, other in (operands, operands[::-1]):
            quantity, (kind, *number) = self.known[one], self.graph.nodes[other]
            is_open = kind == "parameter" and number[0] not in self.params
            if is_open and self.varies[one] and quantity and quantity.place:
                is_minus = name == "sub" and other == operands[1]
                self._set_beyond(number[0], quantity, name == "add", is_minus)

    def _set_beyond(
        self, k: int, quantity: Quantity, is_sum: bool, is_minus: bool
    ) -> None:
        """A parameter for which a sum or a difference with a coordinate is positive."""
        assert quantity.place is not None
        low, high = quantity.place
        edge, side = (-low, 1) if is_sum else (low, -1) if is_minus else (high, 1)
        least = min(quantity.low, BEYOND[0] * (high - low or high))
        most = BEYOND[1] * max(quantity.high, high - low)
        self.params[k] = Quantity(least, most)
        self.reach[k] = Reach(least, most, True, edge=edge, side=side)

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
                    self._place(other, (-low, -high) if name == "add" else (low, high))
            self._place_of_ratio(name, steps)

    def _place_of_ratio(self, name: str, steps: list[int]) -> None:
        """What a coordinate is divided by where the ratio is compared with a number."""
        for one, other in (steps, steps[::-1]):
            node = self.graph.nodes[other]
            number = float(node[1]) if node[0] == "constant" else 0.0
            if not number or (number > 0.0) == (name == "add"):
                continue
            for above, below in self._ratios(one):
                coordinate = self.known[above]
                if coordinate is None or coordinate.place is None:
                    continue
                low, high = coordinate.place
                if low >= 0.0 and self.known[below] is None:
                    self._place(below, (low / abs(number), high / abs(number)))

    def _ratios(self, step: int) -> Iterable[tuple[int, int]]:
        """Coordinate and what divides it, where a step is such a ratio."""
        name, *operands = self.graph.nodes[step]
        if name == "div":
            pairs = [(operands[0], operands[1])]
        elif name == "mul":
            inverse = [(one, self.graph.nodes[one]) for one in operands]
            pairs = [
                (operands[1] if one == operands[0] else operands[0], node[2])
                for one, node in inverse
                if node[0] == "div" and self.graph.nodes[node[1]] == ("constant", 1.0)
            ]
        else:
            pairs = []
        return [
            (above, below)
            for above, below in pairs
            if self.varies[above] and not self.varies[below]
        ]

    def _of_arguments(self) -> None:
        """Arguments of functions are numbers around 1."""
        for name, steps in self._nodes():
            if name == "pow" and self.known[steps[1]] is None:
                self._demand(steps[1], Demand(*EXPONENT))
            elif name not in _ARITHMETIC and name not in _RELATIONS:
                is_angle = name in _OF_ANGLE
                wave = 1.0 if is_angle else 0.0
                for step in steps:
                    if self.known[step] is None:
                        demand = _ARGUMENT._replace(is_angle=is_angle, wave=wave)
                        self._demand(step, demand)

    def _of_sums(self) -> None:
        """What is added to a known size is of that size."""
        for name, steps in self._nodes():
            if name not in _RELATIONS:
                continue
            sizes = [self.known[k] for k in steps if self.varies[k]]
            known = [size for size in sizes if size is not None]
            for step in steps:
                if known and self.known[step] is None:
                    self._demand(step, Demand(known[0].low, known[0].high))

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
                    demand = Demand(low * size, high * size, is_somewhere=True)
                    self._demand(other, demand)

    def _of_ratios(self) -> None:
        """Two parameters of which one is divided by the other are of about one size."""
        for name, (one, *others) in self._nodes():
            if name != "div" or self.varies[one] or self.varies[others[0]]:
                continue
            if "constant" in (self.graph.nodes[k][0] for k in (one, others[0])):
                continue
            for a, b in ((one, others[0]), (others[0], one)):
                size = self.known[a]
                if size is not None and self.known[b] is None:
                    self._demand(b, Demand(0.1 * size.low, 10.0 * size.high))

    def _of_values(self) -> None:
        """The value of the whole is of the size of y."""
        for step in self.graph.outputs:
            self._demand(step, Demand(*OF_Y, power=1.0, is_somewhere=True))

    def _place(self, step: int, ends: tuple[float, float]) -> None:
        """Demand that a step, which does not vary, lies in a range, seen along x."""
        name, *operands = self.graph.nodes[step]
        first, last = ends
        if name == "parameter" and operands[0] not in self.params:
            low, high = sorted(ends)
            self.params[operands[0]] = Quantity.between(low, high)
            self.reach[operands[0]] = Reach(low, high, False, ends=ends)
        elif name == "neg":
            self._place(operands[0], (-first, -last))
        elif name in ("add", "sub"):
            self._place_of_sum(name, operands, ends)
        elif name in ("mul", "pow") and self._is_square(name, operands):
            if max(ends) > 0.0:
                roots = tuple(math.sqrt(max(end, 0.0)) for end in ends)
                self._place(operands[0], (roots[0], roots[1]))
        elif name == "mul":
            factor = self.known[operands[0]]
            if factor is not None and factor.place and factor.place[0] != 0.0:
                by = factor.place[0]
                self._place(operands[1], (first / by, last / by))

    def _is_square(self, name: str, operands: list[int]) -> bool:
        if name == "mul":
            return operands[0] == operands[1]
        return self.graph.nodes[operands[1]] == ("constant", 2.0)

    def _place_of_sum(
        self, name: str, operands: list[int], ends: tuple[float, float]
    ) -> None:
        first, last = ends
        extent = Demand(self.spacing, abs(last - first))
        one, other = operands
        for k, (known, open_) in enumerate(((one, other), (other, one))):
            quantity = self.known[known]
            if quantity is None or quantity.place is None or self.known[open_]:
                continue
            if quantity.place[0] != quantity.place[1]:  # between two places
                self._demand(open_, extent)
                return
            shift = quantity.place[0]
            if name == "add" or k == 1:
                sign = -1.0 if name == "add" else 1.0
                self._place(open_, (first + sign * shift, last + sign * shift))
            else:
                self._place(open_, (shift - first, shift - last))
            return
        if self.known[one] is None and self.known[other] is None:
            self._place(one, ends)
            self._demand(other, extent)

    def _demand(self, step: int, demand: Demand) -> None:
        """Demand a size of a step: of the parameters in it that have none yet."""
        name, *operands = self.graph.nodes[step]
        if name == "parameter":
            self._set(operands[0], demand)
            return
        if name not in _ARITHMETIC:
            return
        steps = operands[: OPERATIONS[name].n_steps]
        if name in ("add", "sub", "select"):
            for one in steps[1:] if name == "select" else steps:
                if self.known[one] is None:
                    self._demand(one, demand)
        elif name in ("neg", "abs"):
            self._demand(steps[0], demand)
        elif name == "sqrt":
            self._demand(steps[0], demand.rooted(0.5))
        elif name == "pow":
            exponent = self.known[steps[1]]
            if exponent is not None and exponent.high > 0.0:
                self._demand(steps[0], demand.rooted(exponent.high))
        else:
            self._demand_of_product(name, steps, demand)

    def _demand_of_product(self, name: str, steps: list[int], demand: Demand) -> None:
        one, other = steps
        if one == other:
            self._demand(one, demand.rooted(2.0))
            return
        left, right = self.known[one], self.known[other]
        if left is not None and right is not None:
            return
        if name == "mul" and (left is None) != (right is None):
            known, open_ = (one, other) if left is not None else (other, one)
            self._demand(
                open_, demand.over(self._range(known, demand), self._number(known))
            )
        elif left is None and right is None:
            self._demand_of_both(one, other, demand, name == "div")
        elif left is not None:
            self._demand(
                other, demand.under(self._range(one, demand), self._number(one))
            )
        elif right is not None:
            right = self._range(other, demand)
            self._demand(one, demand.times(right, self._number(other)))

    def _demand_of_both(
        self, one: int, other: int, demand: Demand, is_ratio: bool
    ) -> None:
        """Of two unknown factors the one that is the same for all samples is scaled."""
        if self.is_strict:
            return
        demand = demand._replace(is_angle=False, wave=0.0)
        around = Demand(0.1, 10.0)
        if not is_ratio and self._is_inverse(one, other):
            self._demand(one, demand.under(Quantity(1.0, 1.0), 0.0))
            return
        if self.varies[one] and not self.varies[other]:
            one_by_one = Quantity(1.0, 1.0)
            self._demand(other, demand.under(one_by_one, 0.0) if is_ratio else demand)
            self._demand(one, around)
        else:
            self._demand(one, demand)
            self._demand(other, around)

    def _is_coordinate(self, step: int) -> bool:
        """Whether a step is a coordinate, scaled, shifted or as a square."""
        name, *operands = self.graph.nodes[step]
        if name in ("input", "sample"):
            return True
        if name not in ("add", "sub", "mul", "div", "neg"):
            return False
        varying = {one for one in operands if self.varies[one]}
        is_below = name == "div" and self.varies[operands[1]]
        return len(varying) == 1 and not is_below and self._is_coordinate(*varying)

    def _is_inverse(self, one: int, other: int) -> bool:
        """Whether a product is a part of the inverse of a complex number."""
        name, *operands = self.graph.nodes[other]
        if name != "div" or self.graph.nodes[operands[0]][0] != "constant":
            return False
        kind, *squares = self.graph.nodes[operands[1]]
        return kind == "add" and ("mul", one, one) in (
            self.graph.nodes[square] for square in squares
        )

    def _range(self, step: int, demand: Demand, is_divisor: bool = False) -> Quantity:
        """Size of a known step.

        Of an angle only its changes count. Whatever is no coordinate is of the order of
        1 somewhere.
        """
        known = self.known[step]
        assert known is not None
        slope = abs(self.slopes[step])
        if demand.is_angle and self.varies[step] and slope:
            low, high = self.inputs[0].place or (0.0, 0.0)
            return Quantity(slope * self.spacing, slope * (high - low or 1.0))
        if demand.is_somewhere and self.varies[step] and not self._is_coordinate(step):
            return Quantity(1.0, 1.0)
        return known

    def _number(self, step: int) -> float:
        """The number that a step is, or times which it is x; 0 where it is none."""
        if self.varies[step]:
            return abs(self.slopes[step])
        known = self.known[step]
        is_number = known is not None and known.low == known.high
        return known.low if known is not None and is_number else 0.0

    def _set(self, k: int, demand: Demand) -> None:
        if k in self.params:
            return
        low, high = demand.low, demand.high
        if demand.is_angle and (low, high) == AROUND_ONE:
            self.params[k] = Quantity(AROUND_ONE[0], math.pi, (0.0, 2.0 * math.pi))
            self.reach[k] = Reach(0.0, 2.0 * math.pi, False)
        elif 0.0 < low <= high < WIDEST * low:
            middle = math.sqrt(low) * math.sqrt(high)
            self.params[k] = Quantity(
                max(low, middle / TYPICAL), min(high, middle * TYPICAL)
            )
            wave = demand.wave if demand.exponent == 1.0 else 0.0
            waves = (0.0, wave) if demand.is_period else (wave, 0.0)
            self.reach[k] = Reach(low, high, True, demand.power, 0.0, 0, None, *waves)
