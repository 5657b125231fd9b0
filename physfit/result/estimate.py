"""Parameters and derived quantities: values, what is known about them, and by name."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Collection, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from physfit.document.documented import Documented
from physfit.document.fields import fields_html
from physfit.errors import InputError, did_you_mean, printable
from physfit.models.model import Model
from physfit.result.rounding import concise
from physfit.typing import FloatArray

__all__ = ["SIDES", "ByName", "Estimate", "ManyEstimate"]


#: What is said of a parameter by its `at_bound`.
SIDES = {
    -1: "at its lower bound",
    1: "at its upper bound",
    2: "at the edge of the loss's domain",
    3: "held by a refit",
}


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
        -1 at the lower bound, 1 at the upper one, 2 where the edge of the loss's domain
        holds it, 0 elsewhere.
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

    def __str__(self) -> str:
        """Value with the error of its last digits, and unit: `521.304(11) 1/cm`.

        Where there is no such error, what a reader must know follows in brackets.

        Examples
        --------
        >>> import physfit as pf
        >>> volt = [1.0, 3.1, 4.9, 7.0]
        >>> line = pf.fit(pf.models.Linear(), [0, 1, 2, 3], volt, units=("s", "V"))
        >>> print(line["slope"], line["intercept"], sep=", ")
        1.980(42) V/s, 1.030(79) V
        >>> print(line.refit(intercept=pf.fixed(1.0))["intercept"])
        1 V (fixed)
        """
        is_known = 0.0 <= self.stderr < math.inf
        text = concise(self.value, self.stderr if is_known else math.nan)
        unit = printable(self.unit)
        note = "" if is_known else self._told(is_guessed=False)
        return " ".join(own for own in (text, unit, note and f"({note})") if own)

    @property
    def relative_stderr(self) -> float:
        """Standard error over the size of the value; NaN when either is no number."""
        return self.stderr / abs(self.value) if self.value else math.nan

    @property
    def note(self) -> str:
        """What a reader of a report must know about this value; often empty."""
        return self._told(is_guessed=self.is_guessed)

    def _told(self, *, is_guessed: bool) -> str:
        if self.is_derived:
            return "" if math.isfinite(self.value) else "not defined here"
        if self.tie is not None:
            return f"= {self.tie}"
        if self.fixed:
            return "fixed"
        notes = ["start guessed"] if is_guessed else []
        if self.at_bound:
            notes.insert(0, SIDES[self.at_bound].replace("its ", ""))
        elif self.stderr == math.inf:
            notes.insert(0, "not determined by the data")
        return ", ".join(notes)

    def _repr_html_(self) -> str:
        return fields_html(self, f"{self.name}: {self}")


class ManyEstimate(NamedTuple):
    """A parameter, or a quantity derived from the parameters, in every row.

    All arrays have the shape of the map.

    Attributes
    ----------
    name : str
    value, stderr : ndarray
        A row that was not fitted has NaN, one that failed what it had at the end; see
        `good`. The standard error is NaN when there is none (fixed, at a bound), and
        infinite where the row does not determine the quantity.
    unit : str
    at_bound : ndarray of int8
        -1 at the lower bound, 1 at the upper one, 2 where the edge of the loss's domain
        holds it, 3 where a refit held it at a value, 0 elsewhere.
    converged : ndarray of bool
        Rows whose fit converged.
    description : str
    tie : str or None
        Expression that gives the value; of a derived quantity, its definition.
    fixed, is_derived : bool
        Whether it is a fixed parameter, or none of the model's parameters.
    """

    name: str
    value: FloatArray
    stderr: FloatArray
    unit: str
    at_bound: NDArray[np.int8]
    converged: NDArray[np.bool_]
    description: str = ""
    tie: str | None = None
    fixed: bool = False
    is_derived: bool = False

    @property
    def good(self) -> FloatArray:
        """Value where the fit converged and determines it, NaN elsewhere.

        Examples
        --------
        >>> import physfit as pf
        >>> rows = [[1.0, 3.1, 4.9], [0.0, float("nan"), 1.0]]
        >>> many = pf.fit_many(pf.models.Linear(), [0.0, 1.0, 2.0], rows, sigma=0.1)
        >>> many["slope"].good.round(2)
        array([1.95, 0.5 ])
        """
        good = self.converged & ~np.isposinf(self.stderr)
        values: FloatArray = np.where(good, self.value, np.nan)
        return values

    @property
    def median_stderr(self) -> float:
        """Median of the standard errors that there are; NaN without any."""
        errors = self.stderr[self.converged]
        finite = errors[np.isfinite(errors)]
        return float(np.median(finite)) if finite.size else math.nan

    @property
    def n_undetermined(self) -> int:
        """Converged rows that do not determine the quantity."""
        return int(np.isposinf(self.stderr[self.converged]).sum())

    @property
    def note(self) -> str:
        """Tie or fixed, where it is."""
        if self.tie is not None and not self.is_derived:
            return f"= {self.tie}"
        return "fixed" if self.fixed else ""

    def n_at(self, side: int) -> int:
        """Converged rows with that `at_bound`."""
        return int((self.at_bound[self.converged] == side).sum())

    def _repr_html_(self) -> str:
        return fields_html(self, f"{self.name}: {self.description}")


class ByName(Documented):
    """What is asked for the parameters and derived quantities of its model by name."""

    model: Model

    @property
    @abstractmethod
    def derived(self) -> Collection[str]:
        """Quantities that follow from the parameters, by name."""

    def __contains__(self, name: object) -> bool:
        return name in self.model.index or name in self.derived

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all parameters, in the order of the model."""
        return self.model.names

    @property
    def free_names(self) -> tuple[str, ...]:
        """Names of the parameters that were free, the order of `covariance`."""
        return self.model.free_names

    def _unknown(self, name: object) -> InputError:
        return InputError(
            f"{name!r} is no parameter or derived quantity of {self.model.expression}; "
            f"{did_you_mean(str(name), (*self.names, *self.derived))}"
        )
