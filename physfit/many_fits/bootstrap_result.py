"""What a bootstrap found: errors, bias and intervals from the refits of one fit."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from physfit.errors import InputError
from physfit.many_fits.quantities import Quantity, known, quantities, values_of_rows
from physfit.models.units import resolve_unit
from physfit.result.document import Document, Documented
from physfit.result.fit_result import FitResult
from physfit.result.plain import plain
from physfit.typing import FloatArray, IntArray
from physfit.uncertainty.intervals import (
    ONE_SIGMA,
    Influence,
    bca_interval,
    percentile_interval,
    spread_error,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Bootstrap", "BootstrapEstimate"]


class BootstrapEstimate(NamedTuple):
    """What the refits say of a parameter or derived quantity.

    Attributes
    ----------
    name : str
    value, stated : float
        Of the fit, with its standard error.
    stderr, bias : float
        Standard deviation of the refits; their mean less the value.
    ratio, ratio_error : float
        `stderr` over `stated`, and the uncertainty of that: from the number of refits,
        and from the noise being that of one sample.
    interval : (float, float)
        Range of the middle 68.3 % of the refits.
    bca : (float, float)
        The same, bias-corrected and accelerated; NaN where it does not exist.
    unit : str
    """

    name: str
    value: float
    stated: float
    stderr: float
    bias: float
    ratio: float
    ratio_error: float
    interval: tuple[float, float]
    bca: tuple[float, float]
    unit: str


@dataclass(frozen=True, eq=False, repr=False)
class Bootstrap(Documented):
    """Refits of one fit; `boot["center"]` is what they say of a parameter.

    Attributes
    ----------
    result : FitResult
        The fit that was repeated.
    kind : str
        "residual", "pairs" or "parametric".
    seed : int
    replicas : ndarray, shape (n, P)
        Free parameters of the refits that converged.
    n_failed : int
        Refits that did not, or whose data left parameters open; they are left out.
    n_at_bound : ndarray of int, shape (P,)
        In how many refits each parameter is at a bound.
    influence : Influence
        How the noise moves the parameters to first order, for the BCa intervals.
    seconds : float

    Examples
    --------
    >>> import physfit as pf
    >>> x, y = [0, 1, 2, 3, 4], [1.0, 3.1, 4.9, 7.0, 9.2]
    >>> boot = pf.bootstrap(pf.fit(pf.models.Linear(), x, y), 500)
    >>> list(boot), boot.replicas.shape
    (['slope', 'intercept'], (500, 2))
    >>> slope = boot["slope"]
    >>> slope.bca[0] < slope.value < slope.bca[1]
    True
    """

    result: FitResult
    kind: str
    seed: int
    replicas: FloatArray
    n_failed: int
    n_at_bound: IntArray
    influence: Influence
    seconds: float = math.nan

    def __getitem__(self, name: str) -> BootstrapEstimate:
        return self.estimates[known(self.estimates, name, self.result.model.expression)]

    def __iter__(self) -> Iterator[str]:
        return iter(self.estimates)

    @property
    def n(self) -> int:
        """Number of refits, with those that failed."""
        return len(self.replicas) + self.n_failed

    @cached_property
    def estimates(self) -> dict[str, BootstrapEstimate]:
        """What the refits say of parameters and derived quantities, by name."""
        return {name: self._estimate(name) for name in self._quantities}

    @cached_property
    def covariance(self) -> FloatArray:
        """Covariance of the free parameters in the refits, shape (P, P)."""
        return np.atleast_2d(np.cov(self.replicas.T))

    @cached_property
    def correlation(self) -> FloatArray:
        """Their correlations, shape (P, P); NaN for one that no refit moved."""
        with np.errstate(all="ignore"):
            error = np.sqrt(self.covariance.diagonal())
            scaled: FloatArray = self.covariance / np.outer(error, error)
        return scaled

    def values(self, name: str) -> FloatArray:
        """A parameter or derived quantity in the refits that converged, shape (n,).

        Parameters
        ----------
        name : str
        """
        known(self._quantities, name, self.result.model.expression)
        if name not in self._columns:
            self._columns[name] = values_of_rows(
                self.result.model, self._quantities[name].expression, self.replicas
            )
        return self._columns[name]

    def interval(
        self, name: str, level: float = 0.95, *, method: str = "bca"
    ) -> tuple[float, float]:
        """Confidence interval of a parameter or derived quantity.

        Parameters
        ----------
        name : str
        level : float
            Probability.
        method : {"bca", "percentile"}
            Bias-corrected and accelerated, or the middle of the refits as they are.

        Returns
        -------
        low, high : float
            NaN where the BCa interval does not exist.

        Examples
        --------
        >>> import physfit as pf
        >>> x, y = [0, 1, 2, 3, 4], [1.0, 3.1, 4.9, 7.0, 9.2]
        >>> boot = pf.bootstrap(pf.fit(pf.models.Linear(), x, y), 500)
        >>> low, high = boot.interval("slope", 0.9)
        >>> low < boot["slope"].value < high
        True
        """
        if not 0.0 < level < 1.0:
            raise InputError(f"`level` must be between 0 and 1, but is {level!r}.")
        if method not in ("bca", "percentile"):
            raise InputError(
                f"`method` must be 'bca' or 'percentile', but is {method!r}."
            )
        found = self.values(name)
        if method == "percentile":
            return percentile_interval(found, level)
        own = self._quantities[name]
        accelerated = self.influence.acceleration(own.gradient)
        return bca_interval(found, own.value, accelerated, level)

    @cached_property
    def warnings(self) -> tuple[str, ...]:
        """Sentences about what should not be overlooked."""
        from physfit.many_fits.replica_texts import bootstrap_caveats

        return bootstrap_caveats(self)

    def _document(self) -> Document:
        from physfit.many_fits.replica_texts import bootstrap_document

        return bootstrap_document(self)

    def __repr__(self) -> str:
        return (
            f"<Bootstrap of {self.result.model.expression!r}: {self.n} {self.kind} "
            f"refits, {self.n_failed} of them failed>"
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain record for JSON, without the refits; what is not finite becomes None.

        Examples
        --------
        >>> import physfit as pf
        >>> x, y = [0, 1, 2, 3, 4], [1.0, 3.1, 4.9, 7.0, 9.2]
        >>> boot = pf.bootstrap(pf.fit(pf.models.Linear(), x, y), 500)
        >>> boot.to_dict()["parameters"]["slope"]["stated"] == boot["slope"].stated
        True
        """
        record = {
            "model": self.result.model.expression,
            "loss": str(self.result.loss),
            "kind": self.kind,
            "seed": self.seed,
            "refits": len(self.replicas),
            "failed": self.n_failed,
            "parameters": {name: own._asdict() for name, own in self.estimates.items()},
            "correlation": self.correlation,
            "warnings": self.warnings,
            "seconds": self.seconds,
        }
        found: dict[str, Any] = plain(record)
        return found

    def plot(self, *, title: str = "") -> Figure:
        """Histograms of the refits, with the errors stated and the intervals.

        Parameters
        ----------
        title : str
            Above the figure; the model and the number of refits when empty.

        Examples
        --------
        >>> import physfit as pf
        >>> line = pf.fit(pf.models.Linear(), [0, 1, 2, 3], [1.0, 3.1, 4.9, 7.0])
        >>> len(pf.bootstrap(line, n=100).plot().axes)
        2
        """
        from physfit.plot.replicas import replicas_figure

        columns = [self.values(name) for name in self]
        return replicas_figure(
            columns, tuple(self.estimates.values()), title=title or self._title
        )

    # Inside

    @property
    def _title(self) -> str:
        kind = self.kind if self.kind != "pairs" else "pairs of samples"
        return f"{self.result.model.expression}: {len(self.replicas)} refits ({kind})"

    @cached_property
    def _quantities(self) -> dict[str, Quantity]:
        return quantities(self.result.model, self.result.solution.theta)

    @cached_property
    def _columns(self) -> dict[str, FloatArray]:
        return {}

    def _estimate(self, name: str) -> BootstrapEstimate:
        own, found = self._quantities[name], self.values(name)
        stated, stderr = self.result[name].stderr, float(found.std(ddof=1))
        ratio = stderr / stated if stated > 0.0 else math.nan
        sampled = self.influence.relative_error(own.gradient)
        data = self.result.data
        return BootstrapEstimate(
            name,
            own.value,
            stated,
            stderr,
            float(found.mean()) - own.value,
            ratio,
            ratio * math.hypot(spread_error(found), sampled),
            percentile_interval(found, ONE_SIGMA),
            self.interval(name, ONE_SIGMA),
            resolve_unit(own.unit, data.x_unit, data.y_unit),
        )
