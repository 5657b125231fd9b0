"""Result of pseudo-experiments ("toys"): how their fits compare with the truth.

A pull is (fit - truth) / stated error. Where sigma is known to the fits, pulls are
standard normal; where the errors are scaled by the residuals, they are Student's t of
as many degrees of freedom.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from physfit.document.fields import fields_html
from physfit.many_fits.replica_texts import toys_caveats, toys_document
from physfit.many_fits.replicas import Replicas
from physfit.typing import FloatArray
from physfit.uncertainty.intervals import spread_error, student_within

__all__ = ["Toys", "ToysEstimate"]


class ToysEstimate(NamedTuple):
    """How a parameter or derived quantity came out of the toys.

    Attributes
    ----------
    name : str
    truth : float
    mean, spread : float
        Of the fits: their mean and standard deviation.
    bias : float
        The mean less the truth.
    stated : float
        Root mean square of the stated errors.
    pull_mean, pull_mean_stderr : float
        Mean of (fit - truth) / stated error, and its uncertainty.
    pull_width, pull_width_stderr : float
        Their standard deviation, and its relative uncertainty.
    within_1, within_2 : float
        Share of fits within one and two stated errors of the truth.
    n : int
        Fits that these numbers are from: those with an error.
    unit : str
    """

    name: str
    truth: float
    mean: float
    spread: float
    bias: float
    stated: float
    pull_mean: float
    pull_mean_stderr: float
    pull_width: float
    pull_width_stderr: float
    within_1: float
    within_2: float
    n: int
    unit: str = ""

    def _repr_html_(self) -> str:
        return fields_html(self, self.name)


@dataclass(frozen=True, eq=False, repr=False)
class Toys(Replicas[ToysEstimate]):
    """Fits of simulated data; `toys["center"]` is how a parameter came out.

    Its figure has a histogram of the pulls for each quantity, with the distribution
    that right errors give.

    Attributes
    ----------
    fits : ManyResult
        Those that converged and whose data determine the parameters.
    quantities : mapping of str to Quantity
        What the data were simulated with: free and tied parameters, and derived
        quantities, with their partials.
    n, seed : int
        Number of data sets.
    n_points : int
        Samples of each.

    Examples
    --------
    >>> import numpy as np
    >>> import physfit as pf
    >>> truth = {"slope": 2.0, "intercept": 1.0}
    >>> found = pf.toys(pf.models.Linear(), np.arange(20.0), truth, sigma=0.5)
    >>> list(found), found.values["slope"].shape, found.n_failed
    (['slope', 'intercept'], (1000,), 0)
    """

    FIGURE = "replicas:toys_figure"

    n_points: int

    @cached_property
    def truth(self) -> dict[str, float]:
        """What the data were simulated with, by name."""
        return {name: own.value for name, own in self.quantities.items()}

    @cached_property
    def values(self) -> dict[str, FloatArray]:
        """Values of the fits by name, each of shape (n - n_failed,)."""
        return {name: own.value for name, own in self._columns.items()}

    @cached_property
    def stderr(self) -> dict[str, FloatArray]:
        """Standard errors of the fits by name, each of shape (n - n_failed,)."""
        return {name: own.stderr for name, own in self._columns.items()}

    @property
    def is_absolute(self) -> bool:
        """Whether the fits were given sigma, or the data are counts."""
        return self.fits.is_absolute

    @property
    def dof(self) -> int:
        """Degrees of freedom of each fit, with no parameter at a bound."""
        return self.n_points * self.model.n_outputs - len(self.model.free_names)

    def pulls(self, name: str) -> FloatArray:
        """(fit - truth) / stated error of the fits that have an error.

        Parameters
        ----------
        name : str
        """
        good = self._usable(self._known(name))
        away = self.values[name][good] - self.truth[name]
        pulls: FloatArray = away / self.stderr[name][good]
        return pulls

    @property
    def expected_width(self) -> float:
        """Standard deviation of pulls, if the errors are right; NaN below 3 dof."""
        dof = self.dof_of_stderr
        if dof == math.inf:
            return 1.0
        return math.sqrt(dof / (dof - 2.0)) if dof > 2.0 else math.nan

    def expected(self, limit: float) -> float:
        """Share of fits within `limit` stated errors, if these are right.

        Parameters
        ----------
        limit : float
        """
        return student_within(limit, self.dof_of_stderr)

    warnings = cached_property(toys_caveats)
    _document = toys_document

    def __repr__(self) -> str:
        return (
            f"<Toys of {self.model.expression!r}: {self.n} fits, {self.n_failed} of "
            "them failed>"
        )

    # Inside

    def _entries(self) -> dict[str, Any]:
        expected = {
            "pull_width": self.expected_width,
            "within_1": self.expected(1.0),
            "within_2": self.expected(2.0),
        }
        return {"n": self.n, "n_points": self.n_points, "expected": expected}

    @property
    def dof_of_stderr(self) -> float:
        """Degrees of freedom of the errors; infinite where they are stated."""
        is_stated = self.is_absolute and self.loss.traits.is_likelihood
        return math.inf if is_stated else float(self.dof)

    def _usable(self, name: str) -> Any:
        error = self.stderr[name]
        return np.isfinite(error) & (error > 0.0) & np.isfinite(self.values[name])

    def _estimate(self, name: str) -> ToysEstimate:
        pulls, truth, nan = self.pulls(name), self.truth[name], math.nan
        n = len(pulls)
        unit = self._columns[name].unit
        if n < 2:
            none = (nan,) * 10
            return ToysEstimate._make((name, truth, *none, n, unit))
        good = self._usable(name)
        values, stated = self.values[name][good], self.stderr[name][good]
        width, mean = float(pulls.std(ddof=1)), float(values.mean())
        return ToysEstimate(
            name,
            truth,
            mean,
            float(values.std(ddof=1)),
            mean - truth,
            math.sqrt(float((stated**2).mean())),
            float(pulls.mean()),
            width / math.sqrt(n),
            width,
            width * spread_error(pulls),
            float((np.abs(pulls) < 1.0).mean()),
            float((np.abs(pulls) < 2.0).mean()),
            n,
            unit,
        )
