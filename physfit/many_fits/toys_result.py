"""What toys found: how the fits of simulated data compare with the truth.

A pull is (fit - truth) / stated error. Where sigma is known to the fits, pulls are
standard normal; where the errors are scaled by the residuals, they are Student's t of
as many degrees of freedom.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from physfit.many_fits.quantities import declared_unit, known
from physfit.models.loss import Loss
from physfit.models.model import Model
from physfit.models.units import resolve_unit
from physfit.result.document import Document, Documented
from physfit.result.plain import plain
from physfit.typing import FloatArray
from physfit.uncertainty.intervals import spread_error, student_within

if TYPE_CHECKING:
    from matplotlib.figure import Figure

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
    pull_mean, pull_mean_error : float
        Mean of (fit - truth) / stated error, and its uncertainty.
    pull_width, pull_width_error : float
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
    pull_mean_error: float
    pull_width: float
    pull_width_error: float
    within_1: float
    within_2: float
    n: int
    unit: str = ""


@dataclass(frozen=True, eq=False, repr=False)
class Toys(Documented):
    """Fits of simulated data; `toys["center"]` is how a parameter came out.

    Attributes
    ----------
    model : Model
    loss : Loss
    truth : mapping of str to float
        What the data were simulated with: free and tied parameters, and derived
        quantities.
    n : int
        Data sets.
    n_points : int
        Samples of each.
    seed : int
    is_absolute : bool
        Whether the fits were given sigma, or the data are counts.
    values, stderr : mapping of str to ndarray, shape (n - n_failed,)
        Of the fits that converged, by name.
    chi2 : ndarray, shape (n - n_failed,)
    n_failed : int
        Fits that did not converge; they are left out.
    seconds : float

    Examples
    --------
    >>> import numpy as np
    >>> import physfit as pf
    >>> truth = {"slope": 2.0, "intercept": 1.0}
    >>> found = pf.toys(pf.models.Linear(), np.arange(20.0), truth, sigma=0.5)
    >>> list(found), found.values["slope"].shape, found.n_failed
    (['slope', 'intercept'], (1000,), 0)
    """

    model: Model
    loss: Loss
    truth: Mapping[str, float]
    n: int
    n_points: int
    seed: int
    is_absolute: bool
    values: Mapping[str, FloatArray]
    stderr: Mapping[str, FloatArray]
    chi2: FloatArray
    n_failed: int
    units: tuple[str, str] = ("", "")
    seconds: float = math.nan

    def __getitem__(self, name: str) -> ToysEstimate:
        return self.estimates[known(self.estimates, name, self.model.expression)]

    def __iter__(self) -> Iterator[str]:
        return iter(self.truth)

    @property
    def dof(self) -> int:
        """Degrees of freedom of each fit, with no parameter at a bound."""
        return self.n_points * self.model.n_outputs - len(self.model.free_names)

    @cached_property
    def estimates(self) -> dict[str, ToysEstimate]:
        """How every parameter and derived quantity came out, by name."""
        return {name: self._estimate(name) for name in self.truth}

    def pulls(self, name: str) -> FloatArray:
        """(fit - truth) / stated error of the fits that have an error.

        Parameters
        ----------
        name : str
        """
        known(self.truth, name, self.model.expression)
        good = self._usable(name)
        away = self.values[name][good] - self.truth[name]
        found: FloatArray = away / self.stderr[name][good]
        return found

    @property
    def expected_width(self) -> float:
        """Standard deviation of pulls, if the errors are right; NaN below 3 dof."""
        dof = self._dof_of_errors
        if dof == math.inf:
            return 1.0
        return math.sqrt(dof / (dof - 2.0)) if dof > 2.0 else math.nan

    def expected(self, limit: float) -> float:
        """Share of fits within `limit` stated errors, if these are right.

        Parameters
        ----------
        limit : float
        """
        return student_within(limit, self._dof_of_errors)

    @cached_property
    def warnings(self) -> tuple[str, ...]:
        """Sentences: what is biased, which errors are wrong, what fails."""
        from physfit.many_fits.replica_texts import toys_caveats

        return toys_caveats(self)

    def _document(self) -> Document:
        from physfit.many_fits.replica_texts import toys_document

        return toys_document(self)

    def __repr__(self) -> str:
        return (
            f"<Toys of {self.model.expression!r}: {self.n} fits, {self.n_failed} of "
            "them failed>"
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain record for JSON, without the fits; what is not finite becomes None.

        Examples
        --------
        >>> import numpy as np
        >>> import physfit as pf
        >>> found = pf.toys(pf.models.Constant(), np.arange(9.0), {"c": 4}, sigma=0.5)
        >>> found.to_dict()["parameters"]["c"]["truth"]
        4.0
        """
        record = {
            "model": self.model.expression,
            "loss": str(self.loss),
            "n": self.n,
            "n_points": self.n_points,
            "seed": self.seed,
            "failed": self.n_failed,
            "parameters": {name: own._asdict() for name, own in self.estimates.items()},
            "expected": {
                "pull_width": self.expected_width,
                "within_1": self.expected(1.0),
                "within_2": self.expected(2.0),
            },
            "warnings": self.warnings,
            "seconds": self.seconds,
        }
        found: dict[str, Any] = plain(record)
        return found

    def plot(self, *, title: str = "") -> Figure:
        """Histograms of the pulls, with the distribution that right errors give.

        Parameters
        ----------
        title : str
            Above the figure; the model and the number of toys when empty.

        Examples
        --------
        >>> import numpy as np
        >>> import physfit as pf
        >>> found = pf.toys(pf.models.Constant(), np.arange(9.0), {"c": 4}, sigma=0.5)
        >>> found.plot().axes[0].get_xlabel()
        'pull of c'
        """
        from physfit.plot.replicas import pulls_figure

        columns = {name: self.pulls(name) for name in self}
        title = title or f"{self.model.expression}: {self.n - self.n_failed} toys"
        return pulls_figure(columns, self._dof_of_errors, title=title)

    # Inside

    @property
    def _dof_of_errors(self) -> float:
        """Degrees of freedom of the errors; infinite where they are stated."""
        is_stated = self.is_absolute and self.loss.traits.is_likelihood
        return math.inf if is_stated else float(self.dof)

    def _usable(self, name: str) -> Any:
        error = self.stderr[name]
        return np.isfinite(error) & (error > 0.0) & np.isfinite(self.values[name])

    def _estimate(self, name: str) -> ToysEstimate:
        pulls, truth, nan = self.pulls(name), self.truth[name], math.nan
        n = len(pulls)
        unit = resolve_unit(declared_unit(self.model, name), *self.units)
        if n < 2:
            none = (nan,) * 10
            return ToysEstimate._make((name, truth, *none, n, unit))
        good = self._usable(name)
        found, stated = self.values[name][good], self.stderr[name][good]
        width, mean = float(pulls.std(ddof=1)), float(found.mean())
        return ToysEstimate(
            name,
            truth,
            mean,
            float(found.std(ddof=1)),
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
