"""Where rates are not smooth: switches, and rates with one branch of each.

A sign, an absolute value or a condition of what moves becomes a switch: an expression
that goes through 0 where the branch changes. In the rates stands the mode of the
switch, 1 or -1, as a number that is held during a step.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from physfit.errors import ModelError
from physfit.models.graph.builder import Builder
from physfit.models.graph.derivatives import derivatives, live_steps
from physfit.models.graph.operations import OPERATIONS
from physfit.models.graph.term import Term
from physfit.models.motion.motion import Motion, entered

__all__ = ["MOST_SWITCHES", "Branches"]

MOST_SWITCHES = 12
_KINKS = {"sign", "abs", "less", "less_equal", "equal", "not_equal"}
#: Operations with a step at any number of places.
_STEPS = {"floor", "ceil", "rint", "trunc", "mod", "floor_divide", "line"}


class Branches:
    """Rates and switches as steps of a builder.

    Its parameters are the time, the states, the parameters and the modes.

    Attributes
    ----------
    builder : Builder
    rates, switches : list of int
    sliding : dict of int to (list of int, int)
        Of switches that can be slid along: the rates there, and a step that is positive
        as long as the state stays there.

    Raises
    ------
    ModelError
        When the rates have steps at any number of places, or too many switches.
    """

    def __init__(self, motion: Motion) -> None:
        self.motion = motion
        self.builder = Builder()
        self.switches: list[int] = []
        self.time = self.builder.parameter(0)
        self.states = [self.builder.parameter(1 + k) for k in range(motion.n_states)]
        n_first = 1 + motion.n_states
        self.parameters = [
            self.builder.parameter(n_first + k) for k in range(len(motion.parameters))
        ]
        self._first_mode = n_first + len(motion.parameters)
        self.rates = self._smooth()
        self.sliding = self._slides()

    @property
    def n_arguments(self) -> int:
        """How many parameters the builder has."""
        return self._first_mode + len(self.switches)

    def mode(self, k: int) -> int:
        """Step of the mode of a switch."""
        return self.builder.parameter(self._first_mode + k)

    def speed(self, switch: int, rates: Sequence[int]) -> int:
        """Derivative of a switch by time."""
        slopes = derivatives(self.builder, [switch])[0]
        total = Term(self.builder, slopes.get(0, self.builder.constant(0.0)))
        for k, rate in enumerate(rates):
            if 1 + k in slopes:
                slope = Term(self.builder, slopes[1 + k])
                total = total + slope * Term(self.builder, rate)
        return total.step

    def _smooth(self) -> list[int]:
        """Rates with modes in place of what is not smooth."""
        graph = self.motion.graph
        needed = set(live_steps(graph.builder(), self.motion.rates))
        moves = self._moving()

        def held(step: int, own: list[int]) -> int | None:
            if not moves[step] or step not in needed:
                return None
            self._refuse(step)
            name = graph.nodes[step][0]
            return self._held(name, own) if name in _KINKS else None

        leaves = [self.time], [*self.states, *self.parameters]
        places = entered(self.builder, graph, *leaves, held)
        return [places[step] for step in self.motion.rates]

    def _moving(self) -> list[bool]:
        """Whether steps depend on the time or on states."""
        moves: list[bool] = []
        for name, *operands in self.motion.graph.nodes:
            if name in OPERATIONS:
                steps = operands[: OPERATIONS[name].n_steps]
                moves.append(any(moves[one] for one in steps))
            else:
                is_state = name == "parameter" and operands[0] < self.motion.n_states
                moves.append(name == "input" or is_state)
        return moves

    def _held(self, name: str, own: list[int]) -> int:
        """What a sign, an absolute value or a condition is in the mode of a switch."""
        terms = [Term(self.builder, one) for one in own]
        one = Term(self.builder, self.builder.constant(1.0))
        if name in ("equal", "not_equal"):  # for no more than a moment
            low, high = (2.0, 1.0) if name == "equal" else (1.0, 2.0)
            return (one * low).is_less(one * high).step
        if name in ("sign", "abs"):
            mode = self._switch(own[0])
            return mode.step if name == "sign" else (terms[0] * mode).step
        mode = self._switch((terms[1] - terms[0]).step)
        return mode.constant(0.0).is_less(mode).step

    def _switch(self, step: int) -> Term:
        """Mode of a switch, which is new or known, perhaps with the other sign."""
        opposite = (-Term(self.builder, step)).step
        if opposite in self.switches:
            return -Term(self.builder, self.mode(self.switches.index(opposite)))
        if step not in self.switches:
            self.switches.append(step)
        if len(self.switches) > MOST_SWITCHES:
            raise ModelError(
                f"the rates have more than {MOST_SWITCHES} signs, absolute values and "
                "conditions of what moves; write fewer of them."
            )
        return Term(self.builder, self.mode(self.switches.index(step)))

    def _refuse(self, step: int) -> None:
        graph = self.motion.graph
        name, *operands = graph.nodes[step]
        inner = (
            {node[0] for node in graph.loops[operands[-1]].nodes}
            if (name == "sum")
            else {name}
        )
        steps = inner & (_STEPS | (_KINKS if name == "sum" else set()))
        if steps:
            raise ModelError(
                f"the rates hold {' and '.join(sorted(steps))} of what moves, which "
                "has kinks at any number of places; write the rates with sign, abs or "
                "where(condition, a, b), whose places are found, or without kinks."
            )

    def _slides(self) -> dict[int, tuple[list[int], int]]:
        """Rates of states that stay on a switch: the combination with no speed."""
        found = {}
        for k, switch in enumerate(self.switches):
            sides = [self._in_mode(k, value) for value in (1.0, -1.0)]
            above, below = (
                Term(self.builder, self.speed(switch, rates)) for rates in sides
            )
            if above.step == below.step:
                continue
            share = (above + below) / (below - above)
            rates = [
                (
                    0.5
                    * (
                        (1.0 + share) * Term(self.builder, up)
                        + (1.0 - share) * Term(self.builder, down)
                    )
                ).step
                for up, down in zip(*sides, strict=True)
            ]
            try:
                derivatives(self.builder, rates)
            except NotImplementedError:  # of second order
                continue
            found[k] = rates, (1.0 - share * share).step
        return found

    def _in_mode(self, k: int, value: float) -> list[int]:
        """Rates where the mode of a switch is a number."""
        return self.replaced(self.rates, {self.mode(k): self.builder.constant(value)})

    def replaced(self, outputs: Sequence[int], new: Mapping[int, int]) -> list[int]:
        """Steps of outputs in which some leaves are others."""
        places = dict(new)
        for step in live_steps(self.builder, outputs):
            if step in places:
                continue
            name, *operands = self.builder.nodes[step]
            if name not in OPERATIONS:
                places[step] = step
                continue
            n_steps = OPERATIONS[name].n_steps
            own = [places[one] for one in operands[:n_steps]]
            places[step] = self.builder.apply(name, *own, *operands[n_steps:])
        return [places[step] for step in outputs]
