"""Sizes that a place in a formula demands of a step, on the way to its parameters."""

from __future__ import annotations

from typing import NamedTuple

from physfit.models.graph.quantities import Quantity, quotient, rooted

__all__ = ["Demand"]


class Demand(NamedTuple):
    """Size that a step must have.

    Where it follows from an angular frequency, it is `wave` times that (and times x,
    where the step varies), or `wave` divided by it. `is_somewhere` says that the size
    is that of the largest values.
    """

    low: float
    high: float
    is_angle: bool = False
    power: float = 0.0
    wave: float = 0.0
    is_period: bool = False
    exponent: float = 1.0
    is_somewhere: bool = False

    def over(self, by: Quantity, number: float) -> Demand:
        """Demand of a factor; the other one is known, `number` of it and of x."""
        low, high = quotient((self.low, self.high), (by.low, by.high))
        wave = self.wave / number if number else 0.0
        return self._replace(low=low, high=high, wave=wave)

    def times(self, by: Quantity, number: float) -> Demand:
        """Demand of what is divided by something known."""
        low, high = self.low * by.low, self.high * by.high
        return self._replace(low=low, high=high, wave=self.wave * number)

    def under(self, left: Quantity, number: float) -> Demand:
        """Demand of what divides something known."""
        low, high = quotient((left.low, left.high), (self.low, self.high))
        wave, power = number / self.wave if self.wave else 0.0, -self.power
        is_period = not self.is_period
        return self._replace(
            low=low, high=high, wave=wave, power=power, is_period=is_period
        )

    def rooted(self, exponent: float) -> Demand:
        """Demand of a base."""
        low, high = rooted((self.low, self.high), exponent)
        power, left = self.power / exponent, self.exponent / exponent
        return self._replace(low=low, high=high, power=power, exponent=left)
