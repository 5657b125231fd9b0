"""A finished graph: a function of samples and parameters as data."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from numpy.typing import NDArray

from physfit.kernels.kernel import NO_CONTEXT, Context
from physfit.models.graph.builder import Builder
from physfit.models.graph.derivatives import derivatives, live_steps
from physfit.models.graph.loop import Loop
from physfit.models.graph.operations import OPERATIONS, Node

__all__ = ["Graph"]


@dataclass(frozen=True, slots=True)
class Graph:
    """A function of the coordinates of a sample and of parameters.

    Attributes
    ----------
    nodes : tuple of Node
        Operations in single assignment (see `Builder`), those that count only.
    outputs : tuple of int
        Steps of the value, or of the real and the imaginary part.
    inputs, parameters : tuple of str
        Names of coordinates and parameters.
    samples : Context
        Arrays with a number for each sample of the one grid the function is valid on.
    tables : Context
        Arrays that operations look up.
    loops : tuple of Loop
        What is summed.
    """

    nodes: tuple[Node, ...]
    outputs: tuple[int, ...]
    inputs: tuple[str, ...]
    parameters: tuple[str, ...]
    samples: Context = NO_CONTEXT
    tables: Context = NO_CONTEXT
    loops: tuple[Loop, ...] = ()

    def __post_init__(self) -> None:
        """Let every NaN be the one of `math`, so that equal graphs compare equal."""
        if any(map(_is_nan, self.nodes)):
            nodes = (NAN if _is_nan(node) else node for node in self.nodes)
            object.__setattr__(self, "nodes", tuple(nodes))

    def __reduce__(self) -> tuple[type[Graph], tuple[Any, ...]]:
        return Graph, tuple(getattr(self, own.name) for own in fields(self))

    @staticmethod
    def finished(
        builder: Builder,
        outputs: Sequence[int],
        inputs: Sequence[str],
        parameters: Sequence[str],
        samples: Context = NO_CONTEXT,
    ) -> Graph:
        """Graph of some steps of a builder and of what they depend on.

        Of arrays and loops it keeps those that are read.
        """
        kept = live_steps(builder, outputs)
        place = {step: k for k, step in enumerate(kept)}
        nodes = [builder.nodes[step] for step in kept]
        arrays = _used(nodes, lambda name: name == "sample")
        tables = _used(nodes, lambda name: _operation_reads(name))
        loops = _used(nodes, lambda name: name == "sum")
        return Graph(
            tuple(_renumbered(node, place, arrays, tables, loops) for node in nodes),
            tuple(place[step] for step in outputs),
            tuple(inputs),
            tuple(parameters),
            _kept(samples.arrays, arrays),
            _kept(builder.tables, tables),
            tuple(builder.loops[k] for k in loops),
        )

    @property
    def digest(self) -> str:
        """Hash of all that the values depend on, names left out."""
        text = repr((self.nodes, self.outputs, len(self.inputs), len(self.parameters)))
        parts = [text, self.samples.digest, self.tables.digest]
        parts += [
            f"{loop.nodes}{loop.output}{loop.entries.digest}" for loop in self.loops
        ]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    def builder(self) -> Builder:
        """A builder that holds these nodes, each under its own number."""
        builder = Builder()
        builder.tables += self.tables.arrays
        builder.loops += self.loops
        for node in self.nodes:
            builder.copy(node)
        return builder

    def with_derivatives(self) -> tuple[Builder, list[int], list[list[int]]]:
        """Nodes, steps of the outputs, and of their derivatives by each parameter."""
        builder = self.builder()
        slopes = derivatives(builder, self.outputs)
        zero = builder.constant(0.0)
        rows = [
            [slope.get(k, zero) for slope in slopes]
            for k in range(len(self.parameters))
        ]
        return builder, list(self.outputs), rows


#: The constant that says "outside the domain".
NAN: Node = ("constant", math.nan)


def _is_nan(node: Node) -> bool:
    return node[0] == "constant" and math.isnan(float(node[1]))


def _operation_reads(name: str) -> bool:
    return name in OPERATIONS and OPERATIONS[name].reads_table


def _used(nodes: Sequence[Node], reads: Callable[[str], bool]) -> list[int]:
    """Places that nodes of a kind have as their first number."""
    numbers = set()
    for name, *operands in nodes:
        if reads(name):
            n_steps = OPERATIONS[name].n_steps if name in OPERATIONS else 0
            numbers.add(operands[n_steps])
    return sorted(numbers)


def _kept(arrays: Sequence[NDArray[Any]], places: Sequence[int]) -> Context:
    return Context(*(arrays[k] for k in places)) if places else NO_CONTEXT


def _renumbered(
    node: Node,
    place: Mapping[int, int],
    arrays: list[int],
    tables: list[int],
    loops: list[int],
) -> Node:
    """A node by the numbers that steps, arrays, tables and loops have now."""
    name, *operands = node
    if name == "sample":
        return (name, arrays.index(operands[0]))
    if name not in OPERATIONS:
        return node
    n_steps = OPERATIONS[name].n_steps
    numbers = operands[n_steps:]
    if OPERATIONS[name].reads_table:
        numbers[0] = tables.index(numbers[0])
    elif name == "sum":
        numbers[0] = loops.index(numbers[0])
    return (name, *(place[one] for one in operands[:n_steps]), *numbers)
