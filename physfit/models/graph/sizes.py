"""Sizes of all steps of a graph, as far as those of its parameters are known."""

from __future__ import annotations

from collections.abc import Iterable

from physfit.models.graph.demands import Demand
from physfit.models.graph.graph import Graph
from physfit.models.graph.operations import OPERATIONS
from physfit.models.graph.quantities import (
    ARITHMETIC,
    Quantity,
    combined,
    of_column,
    of_function,
    spacing_of,
)
from physfit.typing import FloatArray

__all__ = ["Sizes"]


class Sizes:
    """Sizes of steps, from those of coordinates, numbers and parameters.

    Parameters
    ----------
    graph : Graph
    x : ndarray, shape (n_inputs, n)
        Coordinates of the samples.

    Attributes
    ----------
    params : dict of int to Quantity
        Of the parameters that have one yet.
    known : list of (Quantity or None)
        Of the steps, as of the last `update`.
    varies : list of bool
        Whether a step depends on the sample.
    """

    def __init__(self, graph: Graph, x: FloatArray) -> None:
        self.graph, self.nodes = graph, graph.nodes
        self.inputs = [of_column(column) for column in x]
        self.inputs += [of_column(column) for column in graph.samples.arrays]
        self.n_inputs = len(graph.inputs)
        self.spacing = spacing_of(x[0]) if len(x) else 1.0
        builder = graph.builder()
        self.varies = [builder.varies(step) for step in range(len(graph.nodes))]
        self.params: dict[int, Quantity] = {}
        self.known: list[Quantity | None] = []
        self.slopes = list[float]()

    def update(self) -> None:
        """Take in the parameters that have got a size."""
        self.known, self.slopes = [], []
        for name, *operands in self.nodes:
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
        if name not in ARITHMETIC:
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

    def operations(self) -> Iterable[tuple[str, list[int]]]:
        """Name and steps of each operation."""
        for name, *operands in self.nodes:
            if name in OPERATIONS:
                yield name, operands[: OPERATIONS[name].n_steps]

    def _is_coordinate(self, step: int) -> bool:
        """Whether a step is a coordinate, scaled, shifted or as a square."""
        name, *operands = self.nodes[step]
        if name in ("input", "sample"):
            return True
        if name not in ("add", "sub", "mul", "div", "neg"):
            return False
        varying = {one for one in operands if self.varies[one]}
        is_below = name == "div" and self.varies[operands[1]]
        return len(varying) == 1 and not is_below and self._is_coordinate(*varying)

    def range_of(self, step: int, demand: Demand) -> Quantity:
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

    def number_of(self, step: int) -> float:
        """The number that a step is, or times which it is x; 0 where it is none."""
        if self.varies[step]:
            return abs(self.slopes[step])
        known = self.known[step]
        is_number = known is not None and known.low == known.high
        return known.low if known is not None and is_number else 0.0
