"""A graph under construction: equal operations stand once, constants are folded."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from physfit.errors import ModelError
from physfit.models.graph.operations import OPERATIONS, Node
from physfit.models.graph.simplification import simplified

if TYPE_CHECKING:
    from physfit.models.graph.loop import Loop

__all__ = ["MOST_NODES", "Builder"]

#: Operations that a graph may have; a kernel of so many compiles for a minute.
MOST_NODES = 20_000


class Builder:
    """Operations in single assignment: entry `k` of `nodes` is the value of step `k`.

    A node is `(operation, operands...)`, its operands earlier steps; the leaves are

    - `("constant", value)`,
    - `("input", k)`, coordinate `k` of the sample,
    - `("parameter", k)`,
    - `("sample", k)`, entry of array `k` of those with a number for each sample.

    Operations that look something up have the place of a table among `tables` as a
    number; `("sum", steps..., k)` is the sum of loop `k` of `loops` for these steps.
    """

    def __init__(self, most: int = MOST_NODES) -> None:
        self._most = most
        self.nodes: list[Node] = []
        self._places: dict[Node, int] = {}
        self._varies: list[bool] = []
        self.tables: list[NDArray[Any]] = []
        self.loops: list[Loop] = []

    def constant(self, value: float) -> int:
        """Step of a number."""
        value = float(value)
        return self._place(("constant", value), ("constant", value.hex()))

    def input(self, k: int) -> int:
        """Step of a coordinate."""
        return self._place(("input", k))

    def parameter(self, k: int, *, varies: bool = False) -> int:
        """Step of a parameter, which may have a value for each sample."""
        step = self._place(("parameter", k))
        self._varies[step] |= varies
        return step

    def sample(self, k: int) -> int:
        """Step of the entry of an array that holds a number for each sample."""
        return self._place(("sample", k))

    def table(self, numbers: NDArray[Any]) -> int:
        """Place of an array that operations look up."""
        for place, known in enumerate(self.tables):
            if np.array_equal(known, numbers):
                return place
        self.tables.append(np.asarray(numbers, dtype=np.float64))
        return len(self.tables) - 1

    def loop(self, loop: Loop) -> int:
        """Place of what is summed."""
        if loop not in self.loops:
            self.loops.append(loop)
        return self.loops.index(loop)

    def apply(self, name: str, *operands: int) -> int:
        """Step of an operation, in its simplest form.

        Plain numbers, such as the order of a Bessel function, follow the steps.
        """
        n_steps = OPERATIONS[name].n_steps
        steps, numbers = operands[:n_steps], operands[n_steps:]
        values = [self.value_of(step) for step in steps]
        known = [value for value in values if value is not None]
        if len(known) == n_steps and None not in values:
            folded = OPERATIONS[name].folded(known, numbers)
            if folded is not None:
                return self.constant(folded)
        other = simplified(self, name, steps, values)
        return self._place((name, *operands)) if other is None else other

    def copy(self, node: Node) -> int:
        """Add a node as it stands."""
        name, *operands = node
        return self.constant(operands[0]) if name == "constant" else self._place(node)

    def value_of(self, step: int) -> float | None:
        """Value of a step that is a constant."""
        node = self.nodes[step]
        return float(node[1]) if node[0] == "constant" else None

    def varies(self, step: int) -> bool:
        """Whether the step depends on the sample."""
        return self._varies[step]

    def sum_of(self, steps: Iterable[int]) -> int:
        """Step of a sum; 0 of none."""
        total = self.constant(0.0)
        for step in steps:
            total = self.apply("add", total, step)
        return total

    def _place(self, node: Node, key: Node | None = None) -> int:
        key = node if key is None else key
        place = self._places.get(key)
        if place is not None:
            return place
        if len(self.nodes) >= self._most:
            raise ModelError(
                f"the function has more than {self._most} operations; write loops over "
                "samples as operations on whole arrays."
            )
        self._places[key] = len(self.nodes)
        self.nodes.append(node)
        self._varies.append(self._depends_on_sample(node))
        return len(self.nodes) - 1

    def _depends_on_sample(self, node: Node) -> bool:
        name, *operands = node
        if name in ("constant", "parameter"):
            return False
        if name in ("input", "sample"):
            return True
        return any(self._varies[step] for step in operands[: OPERATIONS[name].n_steps])
