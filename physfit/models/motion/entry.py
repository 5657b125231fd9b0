"""Equations of motion written as formulas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from physfit.kernels.kernel import Kernel
from physfit.models.graph.builder import Builder
from physfit.models.graph.graph import Graph
from physfit.models.motion.motion import MAX_STEPS, RTOL, Motion
from physfit.models.motion.reading import Names, Texts

__all__ = ["Equation"]


@dataclass(frozen=True)
class Equation:
    """Equations of motion in the language of `pf.formula`, for the catalogue.

    Attributes
    ----------
    name : str
        Of the model in text.
    rates : mapping of str to str
        Formula of the derivative of each state by time, by the name of the state.
    start : mapping of str to str
        Value of each state at `t0`, a formula of the parameters.
    observed : str
        What is measured: a formula of states, parameters and time.
    x : str
        Name of the time.
    t0 : str
    rtol, atol, max_steps
        As in `Motion`.
    """

    name: str
    rates: Mapping[str, str] = field(hash=False)
    start: Mapping[str, str] = field(hash=False)
    observed: str
    x: str = "t"
    t0: str = "0"
    rtol: float = RTOL
    atol: float = 0.0
    max_steps: int = MAX_STEPS

    @property
    def shown(self) -> str:
        """The equations as people read them."""
        rates = [f"d{own}/d{self.x} = {text}" for own, text in self.rates.items()]
        start = [f"{own}({self.t0}) = {text}" for own, text in self.start.items()]
        return "; ".join([*rates, *start, f"value {self.observed}"])

    def kernel(self, motion: Motion) -> Kernel:
        """Kernel that follows the motion."""
        from physfit.models.motion.kernel import motion_kernel

        return motion_kernel(motion, self.name)

    def motion(self, parameters: tuple[str, ...]) -> Motion:
        """The equations as a graph over parameters, in their order.

        Raises
        ------
        ModelError
            When a text holds a name that is unknown there, or no formula.
        """
        builder, states = Builder(), tuple(self.rates)
        names = Names(builder, self.x, states, parameters)
        read = Texts(f"the equations of {self.name}", builder)
        outputs = [read.one(text, names.anywhere) for text in self.rates.values()]
        outputs += [read.one(self.start[own], names.at_start) for own in states]
        outputs += [read.one(self.t0, names.at_start)]
        outputs += read.parts(self.observed, names.anywhere)
        graph = Graph.finished(builder, outputs, (self.x,), states + parameters)
        return Motion(graph, len(states), self.rtol, self.atol, self.max_steps)
