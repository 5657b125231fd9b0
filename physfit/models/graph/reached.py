"""Reaches of parameters: demands on a step, handed on to the parameters in it."""

from __future__ import annotations

import math
from typing import NamedTuple

from physfit.models.graph.demands import Demand
from physfit.models.graph.operations import OPERATIONS
from physfit.models.graph.quantities import ARITHMETIC, AROUND_ONE, Quantity
from physfit.models.graph.sizes import Sizes

__all__ = ["Reach", "Reached"]

#: How far beyond the range of a coordinate, in units of its range and of its size.
BEYOND = (0.003, 30.0)
#: Largest by smallest size of a demand that says anything.
WIDEST = 1e16
#: Factor around the middle of its reach within which a parameter counts for others.
TYPICAL = 30.0


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


class Reached:
    """Parameters that have their reach, each from the first demand that says one.

    Parameters
    ----------
    sizes : Sizes
        Told of each.

    Attributes
    ----------
    reaches : dict of int to Reach
    is_strict : bool
        Whether a product waits until one of its factors is known.
    """

    def __init__(self, sizes: Sizes) -> None:
        self.sizes = sizes
        self.reaches: dict[int, Reach] = {}
        self.is_strict = True

    def beyond(self, k: int, quantity: Quantity, is_sum: bool, is_minus: bool) -> None:
        """A parameter for which a sum or a difference with a coordinate is positive."""
        assert quantity.place is not None
        low, high = quantity.place
        edge, side = (-low, 1) if is_sum else (low, -1) if is_minus else (high, 1)
        least = min(quantity.low, BEYOND[0] * (high - low or high))
        most = BEYOND[1] * max(quantity.high, high - low)
        self.sizes.params[k] = Quantity(least, most)
        self.reaches[k] = Reach(least, most, True, edge=edge, side=side)

    def place(self, step: int, ends: tuple[float, float]) -> None:
        """Demand that a step, which does not vary, lies in a range, seen along x."""
        name, *operands = self.sizes.nodes[step]
        first, last = ends
        if name == "parameter" and operands[0] not in self.sizes.params:
            low, high = sorted(ends)
            self.sizes.params[operands[0]] = Quantity.between(low, high)
            self.reaches[operands[0]] = Reach(low, high, False, ends=ends)
        elif name == "neg":
            self.place(operands[0], (-first, -last))
        elif name in ("add", "sub"):
            self._place_of_sum(name, operands, ends)
        elif name in ("mul", "pow") and self._is_square(name, operands):
            if max(ends) > 0.0:
                roots = tuple(math.sqrt(max(end, 0.0)) for end in ends)
                self.place(operands[0], (roots[0], roots[1]))
        elif name == "mul":
            factor = self.sizes.known[operands[0]]
            if factor is not None and factor.place and factor.place[0] != 0.0:
                by = factor.place[0]
                self.place(operands[1], (first / by, last / by))

    def _is_square(self, name: str, operands: list[int]) -> bool:
        if name == "mul":
            return operands[0] == operands[1]
        return self.sizes.nodes[operands[1]] == ("constant", 2.0)

    def _place_of_sum(
        self, name: str, operands: list[int], ends: tuple[float, float]
    ) -> None:
        first, last = ends
        extent = Demand(self.sizes.spacing, abs(last - first))
        one, other = operands
        for k, (known, open_) in enumerate(((one, other), (other, one))):
            quantity = self.sizes.known[known]
            if quantity is None or quantity.place is None or self.sizes.known[open_]:
                continue
            if quantity.place[0] != quantity.place[1]:  # between two places
                self.demand(open_, extent)
                return
            shift = quantity.place[0]
            if name == "add" or k == 1:
                sign = -1.0 if name == "add" else 1.0
                self.place(open_, (first + sign * shift, last + sign * shift))
            else:
                self.place(open_, (shift - first, shift - last))
            return
        if self.sizes.known[one] is None and self.sizes.known[other] is None:
            self.place(one, ends)
            self.demand(other, extent)

    def demand(self, step: int, demand: Demand) -> None:
        """Demand a size of a step: of the parameters in it that have none yet."""
        name, *operands = self.sizes.nodes[step]
        if name == "parameter":
            self._set(operands[0], demand)
            return
        if name not in ARITHMETIC:
            return
        steps = operands[: OPERATIONS[name].n_steps]
        if name in ("add", "sub", "select"):
            for one in steps[1:] if name == "select" else steps:
                if self.sizes.known[one] is None:
                    self.demand(one, demand)
        elif name in ("neg", "abs"):
            self.demand(steps[0], demand)
        elif name == "sqrt":
            self.demand(steps[0], demand.rooted(0.5))
        elif name == "pow":
            exponent = self.sizes.known[steps[1]]
            if exponent is not None and exponent.high > 0.0:
                self.demand(steps[0], demand.rooted(exponent.high))
        else:
            self._demand_of_product(name, steps, demand)

    def _demand_of_product(self, name: str, steps: list[int], demand: Demand) -> None:
        one, other = steps
        if one == other:
            self.demand(one, demand.rooted(2.0))
            return
        is_known = [self.sizes.known[step] is not None for step in steps]
        if all(is_known):
            return
        if not any(is_known):
            self._demand_of_both(one, other, demand, name == "div")
            return
        known, open_ = (one, other) if is_known[0] else (other, one)
        size = self.sizes.range_of(known, demand), self.sizes.number_of(known)
        if name == "mul":
            self.demand(open_, demand.over(*size))
        elif known == one:
            self.demand(open_, demand.under(*size))
        else:
            self.demand(open_, demand.times(*size))

    def _demand_of_both(
        self, one: int, other: int, demand: Demand, is_ratio: bool
    ) -> None:
        """Of two unknown factors the one that is the same for all samples is scaled."""
        if self.is_strict:
            return
        demand = demand._replace(is_angle=False, wave=0.0)
        around = Demand(0.1, 10.0)
        if not is_ratio and self._is_inverse(one, other):
            self.demand(one, demand.under(Quantity(1.0, 1.0), 0.0))
            return
        if self.sizes.varies[one] and not self.sizes.varies[other]:
            one_by_one = Quantity(1.0, 1.0)
            self.demand(other, demand.under(one_by_one, 0.0) if is_ratio else demand)
            self.demand(one, around)
        else:
            self.demand(one, demand)
            self.demand(other, around)

    def _is_inverse(self, one: int, other: int) -> bool:
        """Whether a product is a part of the inverse of a complex number."""
        name, *operands = self.sizes.nodes[other]
        if name != "div" or self.sizes.nodes[operands[0]][0] != "constant":
            return False
        kind, *squares = self.sizes.nodes[operands[1]]
        square = ("mul", one, one)
        return kind == "add" and square in (self.sizes.nodes[k] for k in squares)

    def _set(self, k: int, demand: Demand) -> None:
        if k in self.sizes.params:
            return
        low, high = demand.low, demand.high
        if demand.is_angle and (low, high) == AROUND_ONE:
            turn = 0.0, 2.0 * math.pi
            self.sizes.params[k] = Quantity(AROUND_ONE[0], math.pi, turn)
            self.reaches[k] = Reach(*turn, False)
        elif 0.0 < low <= high < WIDEST * low:
            middle = math.sqrt(low) * math.sqrt(high)
            ends = max(low, middle / TYPICAL), min(high, middle * TYPICAL)
            self.sizes.params[k] = Quantity(*ends)
            wave = demand.wave if demand.exponent == 1.0 else 0.0
            waves = (0.0, wave) if demand.is_period else (wave, 0.0)
            self.reaches[k] = Reach(low, high, True, demand.power, 0.0, 0, None, *waves)
