"""What values parameters of a graph may have, from where they stand in it.

A formula tells more than a black box. What is added to x or taken from it is a position
and lies in the range of x; beyond it, where the sum must not vanish: in a denominator,
in a logarithm. What multiplies or divides a coordinate inside exp, cos or a step makes
the argument of that function a number around 1, from a slow change over the whole range
of x to one between neighbours. What is added to a square of such a distance is such a
square. What is left has the size of y, or of its inverse. Every step of the graph has a
size, a range from the smallest to the largest that is plausible; sizes go forward
through the operations, and what a place in the formula demands goes back to the
parameters that stand there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from physfit.models.graph.demands import Demand
from physfit.models.graph.graph import Graph
from physfit.models.graph.quantities import ARITHMETIC, AROUND_ONE
from physfit.models.graph.reached import Reach, Reached
from physfit.models.graph.sizes import Sizes
from physfit.typing import FloatArray

__all__ = ["Reach", "reaches"]

#: Size of an exponent.
EXPONENT = (0.1, 10.0)
#: Sizes in units of the range of y.
OF_Y = (0.03, 30.0)
#: Functions of an angle, and those that have changed all at arguments beyond 1.
_OF_ANGLE = ("sin", "cos", "tan", "sincos")
_CONDITIONS = ("less", "less_equal", "equal", "not_equal")
_RELATIONS = ("add", "sub", "atan2", "hypot", "voigt_profile", *_CONDITIONS)
#: Functions that have no finite value at 0.
_NONZERO = ("log", "log10", "log2", "sqrt")
_ARGUMENT = Demand(*AROUND_ONE)


def reaches(graph: Graph, x: FloatArray) -> dict[int, Reach]:
    """Reach of each parameter that has one, by its number.

    Parameters
    ----------
    graph : Graph
    x : ndarray, shape (n_inputs, n)
        Coordinates of the samples.
    """
    return _Search(Sizes(graph, x)).found()


class _Search:
    """Places in a formula that demand something, the surest first."""

    def __init__(self, sizes: Sizes) -> None:
        self.sizes, self.reached = sizes, Reached(sizes)
        self.uses = Counter(step for _, steps in sizes.operations() for step in steps)

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
            self.reached.is_strict = number < len(known_first)
            for _ in range(4):
                before = len(self.sizes.params)
                self.sizes.update()
                demand()
                if len(self.sizes.params) == before:
                    break
        return self.reached.reaches

    def _of_nonzero(self) -> None:
        """What is added to a coordinate keeps a sum from 0 where that has no value."""
        for name, steps in self.sizes.operations():
            if name == "div":
                self._keep_from_zero(steps[1])
            elif name in _NONZERO or (name == "pow" and not self._is_whole(steps[1])):
                self._keep_from_zero(steps[0])

    def _is_whole(self, step: int) -> bool:
        name, *operands = self.sizes.nodes[step]
        return name == "constant" and float(operands[0]).is_integer()

    def _keep_from_zero(self, step: int) -> None:
        name, *operands = self.sizes.nodes[step]
        if self.uses[step] != 1:
            return  # such as sin(z) / z, which has a limit
        if name in ("mul", "div", "neg"):
            for one in operands:
                self._keep_from_zero(one)
        if name not in ("add", "sub"):
            return
        for one, other in (operands, operands[::-1]):
            quantity, (kind, *number) = self.sizes.known[one], self.sizes.nodes[other]
            is_open = kind == "parameter" and number[0] not in self.sizes.params
            if is_open and self.sizes.varies[one] and quantity and quantity.place:
                is_minus = name == "sub" and other == operands[1]
                self.reached.beyond(number[0], quantity, name == "add", is_minus)

    def _of_places(self) -> None:
        """What is added to a coordinate or compared with it is a place."""
        for name, one, other in self._related():
            place = self._place_of(one) if self.sizes.varies[one] else None
            is_open = self.sizes.known[other] is None and not self.sizes.varies[other]
            if place is not None and is_open:
                sign = -1.0 if name == "add" else 1.0
                self.reached.place(other, (sign * place[0], sign * place[1]))
            self._place_of_ratio(name, one, other)

    def _related(self) -> Iterator[tuple[str, int, int]]:
        """Relations of two steps, each seen from both of them."""
        for name, steps in self.sizes.operations():
            if name in _RELATIONS and len(steps) == 2:
                yield name, steps[0], steps[1]
                yield name, steps[1], steps[0]

    def _place_of(self, step: int) -> tuple[float, float] | None:
        """Smallest and largest value of a step, if they are known."""
        quantity = self.sizes.known[step]
        return None if quantity is None else quantity.place

    def _place_of_ratio(self, name: str, one: int, other: int) -> None:
        """What a coordinate is divided by where the ratio is compared with a number."""
        node = self.sizes.nodes[other]
        number = float(node[1]) if node[0] == "constant" else 0.0
        if not number or (number > 0.0) == (name == "add"):
            return
        size = abs(number)
        for above, below in self._ratios(one):
            place = self._place_of(above)
            is_open = self.sizes.known[below] is None
            if place is not None and place[0] >= 0.0 and is_open:
                self.reached.place(below, (place[0] / size, place[1] / size))

    def _ratios(self, step: int) -> list[tuple[int, int]]:
        """Coordinate and what divides it, where a step is such a ratio."""
        name, *operands = self.sizes.nodes[step]
        pairs = [(operands[0], operands[1])] if name == "div" else []
        for one, above in (operands, operands[::-1]) if name == "mul" else ():
            kind, *parts = self.sizes.nodes[one]
            if kind == "div" and self.sizes.nodes[parts[0]] == ("constant", 1.0):
                pairs.append((above, parts[1]))
        varies = self.sizes.varies
        return [own for own in pairs if varies[own[0]] and not varies[own[1]]]

    def _of_arguments(self) -> None:
        """Arguments of functions are numbers around 1."""
        for name, steps in self.sizes.operations():
            if name == "pow" and self.sizes.known[steps[1]] is None:
                self.reached.demand(steps[1], Demand(*EXPONENT))
            elif name not in ARITHMETIC and name not in _RELATIONS:
                is_angle = name in _OF_ANGLE
                wave = 1.0 if is_angle else 0.0
                for step in steps:
                    if self.sizes.known[step] is None:
                        demand = _ARGUMENT._replace(is_angle=is_angle, wave=wave)
                        self.reached.demand(step, demand)

    def _of_sums(self) -> None:
        """What is added to a known size is of that size."""
        for name, steps in self.sizes.operations():
            if name not in _RELATIONS:
                continue
            sizes = [self.sizes.known[k] for k in steps if self.sizes.varies[k]]
            known = [size for size in sizes if size is not None]
            for step in steps:
                if known and self.sizes.known[step] is None:
                    self.reached.demand(step, Demand(known[0].low, known[0].high))

    def _of_offsets(self) -> None:
        """What is added to a number is of about that size somewhere."""
        for _, one, other in self._related():
            value = self.sizes.known[one]
            is_number = self.sizes.nodes[one][0] == "constant"
            if is_number and value is not None and self.sizes.known[other] is None:
                low, high = (end * (value.high or 1.0) for end in AROUND_ONE)
                self.reached.demand(other, Demand(low, high, is_somewhere=True))

    def _of_ratios(self) -> None:
        """Two parameters of which one is divided by the other are of about one size."""
        for name, (one, *others) in self.sizes.operations():
            if name != "div" or self.sizes.varies[one] or self.sizes.varies[others[0]]:
                continue
            if "constant" in (self.sizes.nodes[k][0] for k in (one, others[0])):
                continue
            for a, b in ((one, others[0]), (others[0], one)):
                size = self.sizes.known[a]
                if size is not None and self.sizes.known[b] is None:
                    self.reached.demand(b, Demand(0.1 * size.low, 10.0 * size.high))

    def _of_values(self) -> None:
        """The value of the whole is of the size of y."""
        for step in self.sizes.graph.outputs:
            self.reached.demand(step, Demand(*OF_Y, power=1.0, is_somewhere=True))
