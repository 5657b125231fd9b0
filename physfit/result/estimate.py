"""One parameter or derived quantity of a fit: its value and what is known about it."""

from __future__ import annotations

import math
from typing import NamedTuple

__all__ = ["Estimate"]


class Estimate(NamedTuple):
    """A fitted parameter, or a quantity derived from the parameters.

    Attributes
    ----------
    name : str
    value : float
    stderr : float
        Standard error. NaN when it has none: fixed, at a bound, or no degrees of
        freedom to take it from. Infinite when the data do not determine the parameter.
    unit : str
        In the units of the data; empty when unknown or dimensionless.
    lower, upper : float
        Bounds.
    fixed : bool
    tie : str or None
        Expression that gives the value; of a derived quantity, its definition.
    at_bound : int
        -1 at the lower bound, 1 at the upper one, 0 elsewhere.
    start : float or None
        Where the fit began; None for tied and derived ones.
    description : str
    is_guessed : bool
        Whether the start was guessed from the data.
    is_derived : bool
        Whether this is no parameter of the model.
    """

    name: str
    value: float
    stderr: float
    unit: str = ""
    lower: float = -math.inf
    upper: float = math.inf
    fixed: bool = False
    tie: str | None = None
    at_bound: int = 0
    start: float | None = None
    description: str = ""
    is_guessed: bool = False
    is_derived: bool = False

    @property
    def relative_error(self) -> float:
        """Standard error over the size of the value; NaN when either is no number."""
        return self.stderr / abs(self.value) if self.value else math.nan

    @property
    def note(self) -> str:
        """What a reader of a report must know about this value; often empty."""
        if self.is_derived:
            return "" if math.isfinite(self.value) else "not defined here"
        if self.tie is not None:
            return f"= {self.tie}"
        if self.fixed:
            return "fixed"
        notes = ["start guessed"] if self.is_guessed else []
        if self.at_bound:
            notes.insert(0, f"at {'lower' if self.at_bound < 0 else 'upper'} bound")
        elif self.stderr == math.inf:
            notes.insert(0, "not determined by the data")
        return ", ".join(notes)
