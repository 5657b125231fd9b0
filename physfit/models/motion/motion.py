"""Equations of motion as data: one graph for all that they state."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from physfit.models.graph.builder import Builder
from physfit.models.graph.graph import Graph
from physfit.models.graph.operations import OPERATIONS

__all__ = ["MAX_STEPS", "RTOL", "Motion", "entered"]

Held: TypeAlias = Callable[[int, list[int]], int | None]
RTOL = 1e-10
MAX_STEPS = 20_000


@dataclass(frozen=True, slots=True)
class Motion:
    """Equations of motion, their start and what is observed of them.

    Attributes
    ----------
    graph : Graph
        Its input is the time, its parameters are the states and then the parameters.
        Its outputs are the rates of the states, their values at the start, the time of
        the start, and what is observed: one value, or real and imaginary part.
    n_states : int
    rtol, atol : float
        Error that a step may have: of the largest value of each state so far, and in
        units of the states.
    max_steps : int
        Steps in each direction, after which a trajectory has no value.
    """

    graph: Graph
    n_states: int
    rtol: float = RTOL
    atol: float = 0.0
    max_steps: int = MAX_STEPS

    @property
    def states(self) -> tuple[str, ...]:
        """Names of the states."""
        return self.graph.parameters[: self.n_states]

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of the parameters."""
        return self.graph.parameters[self.n_states :]

    @property
    def rates(self) -> tuple[int, ...]:
        """Steps of the derivatives of the states by time."""
        return self.graph.outputs[: self.n_states]

    @property
    def start(self) -> tuple[int, ...]:
        """Steps of the states at the start, and of its time."""
        return self.graph.outputs[self.n_states : 2 * self.n_states + 1]

    @property
    def observed(self) -> tuple[int, ...]:
        """Steps of what is observed."""
        return self.graph.outputs[2 * self.n_states + 1 :]


def entered(
    builder: Builder,
    graph: Graph,
    inputs: Sequence[int],
    parameters: Sequence[int],
    held: Held | None = None,
) -> list[int]:
    """Steps in a builder of all steps of a graph, its leaves replaced.

    Parameters
    ----------
    builder : Builder
    graph : Graph
        Without arrays of samples.
    inputs, parameters : sequence of int
        Steps of the builder that stand for them.
    held : callable, optional
        `(step, operands)`: a step of the builder to stand for one of the graph, whose
        operands stand there; None for the operation itself.
    """
    places: list[int] = []
    for step, (name, *operands) in enumerate(graph.nodes):
        if name == "constant":
            places.append(builder.constant(operands[0]))
            continue
        if name in ("input", "parameter"):
            leaves = inputs if name == "input" else parameters
            places.append(leaves[operands[0]])
            continue
        n_steps = OPERATIONS[name].n_steps
        own = [places[one] for one in operands[:n_steps]]
        place = None if held is None else held(step, own)
        if place is None:
            numbers = list(operands[n_steps:])
            if name == "sum":
                numbers = [builder.loop(graph.loops[numbers[0]])]
            elif OPERATIONS[name].reads_table:
                numbers[0] = builder.table(graph.tables.arrays[numbers[0]])
            place = builder.apply(name, *own, *numbers)
        places.append(place)
    return places
