"""The bootstrap: errors from refits of data made from the data themselves.

How the data are made stands in `schemes`; the refits start at the solution of the fit.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple, Unpack

import numpy as np

from physfit.document.fields import fields_html
from physfit.errors import ConvergenceError, InputError
from physfit.fitting.fit_settings import FitSettings
from physfit.fitting.start import Start
from physfit.many_fits.progress import ManyProgress
from physfit.many_fits.replica_texts import bootstrap_caveats, bootstrap_document
from physfit.many_fits.replicas import (
    Replicas,
    checked_n,
    quantities,
    refits,
    replica_job,
)
from physfit.many_fits.schemes import checked_fit, influence, resampling, slopes
from physfit.models.user_function.columns import drawable
from physfit.progress import checked_progress, draws_bar, pace_of_rows
from physfit.result.fit_result import FitResult
from physfit.settings.doors import OfBootstrap
from physfit.settings.keywords import takes
from physfit.settings.setting import checked
from physfit.typing import FloatArray, IntArray
from physfit.uncertainty.covariance import correlation_of
from physfit.uncertainty.intervals import (
    ONE_SIGMA,
    Influence,
    bca_interval,
    percentile_interval,
    spread_error,
)

__all__ = ["Bootstrap", "BootstrapEstimate", "bootstrap"]


class BootstrapEstimate(NamedTuple):
    """What the refits say of a parameter or derived quantity.

    Attributes
    ----------
    name : str
    value, stated : float
        Of the fit, with its standard error.
    stderr, bias : float
        Standard deviation of the refits; their mean less the value.
    ratio, ratio_stderr : float
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
    ratio_stderr: float
    interval: tuple[float, float]
    bca: tuple[float, float]
    unit: str

    def _repr_html_(self) -> str:
        return fields_html(self, self.name)


@dataclass(frozen=True, eq=False, repr=False)
class Bootstrap(Replicas[BootstrapEstimate]):
    """Refits of one fit; `boot["center"]` is what they say of a parameter.

    Its figure has a histogram of the refits for each quantity, with the error stated
    and the interval.

    Attributes
    ----------
    fits : ManyResult
        Refits that converged and whose data determine the parameters.
    quantities : mapping of str to Quantity
        Parameters and derived quantities of the fit, with their partials.
    n, seed : int
        Number of refits, with those that failed.
    result : FitResult
        The fit that was repeated.
    kind : str
        "residual", "pairs" or "parametric".
    influence : Influence
        How the noise moves the parameters to first order, for the BCa intervals.

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

    FIGURE = "replicas:bootstrap_figure"

    result: FitResult
    kind: str
    influence: Influence

    @property
    def replicas(self) -> FloatArray:
        """Free parameters of the refits that converged, shape (n, P)."""
        return self.fits.table.theta

    @property
    def n_at_bound(self) -> IntArray:
        """In how many refits each parameter is at a bound, shape (P,)."""
        counts: IntArray = np.count_nonzero(self.fits.table.at_bound, axis=0)
        return counts

    @cached_property
    def covariance(self) -> FloatArray:
        """Covariance of the free parameters in the refits, shape (P, P)."""
        return np.atleast_2d(np.cov(self.replicas.T))

    @cached_property
    def correlation(self) -> FloatArray:
        """Their correlations, shape (P, P); NaN for one that no refit moved."""
        return correlation_of(self.covariance)

    def values(self, name: str) -> FloatArray:
        """A parameter or derived quantity in the refits that converged, shape (n,).

        Parameters
        ----------
        name : str
        """
        return np.ascontiguousarray(self._columns[self._known(name)].value)

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
        values = self.values(name)
        if method == "percentile":
            return percentile_interval(values, level)
        fitted = self.quantities[name]
        accelerated = self.influence.acceleration(fitted.gradient)
        return bca_interval(values, fitted.value, accelerated, level)

    warnings = cached_property(bootstrap_caveats)
    _document = bootstrap_document

    def __repr__(self) -> str:
        return (
            f"<Bootstrap of {self.model.expression!r}: {self.n} {self.kind} "
            f"refits, {self.n_failed} of them failed>"
        )

    # Inside

    def _entries(self) -> dict[str, Any]:
        refits = self.fits.n_rows
        return {"kind": self.kind, "refits": refits, "correlation": self.correlation}

    def _estimate(self, name: str) -> BootstrapEstimate:
        fitted, values = self.quantities[name], self.values(name)
        stated, stderr = self.result[name].stderr, float(values.std(ddof=1))
        ratio = stderr / stated if stated > 0.0 else math.nan
        sampled = self.influence.relative_error(fitted.gradient)
        return BootstrapEstimate(
            name,
            fitted.value,
            stated,
            stderr,
            float(values.mean()) - fitted.value,
            ratio,
            ratio * math.hypot(spread_error(values), sampled),
            percentile_interval(values, ONE_SIGMA),
            self.interval(name, ONE_SIGMA),
            self._columns[name].unit,
        )


@takes(OfBootstrap)
@draws_bar("refitting", pace_of_rows)
@np.errstate(all="ignore")
def bootstrap(
    result: FitResult,
    n: int = 1000,
    *,
    progress: Callable[[ManyProgress], None] | bool | None = None,
    **settings: Unpack[OfBootstrap],
) -> Bootstrap:
    """Refit data made from those of a fit, for errors that do not rest on theory.

    Parameters
    ----------
    result : FitResult
        A converged fit of samples in memory.
    n : int
        How many refits.
    progress : callable or bool, optional
        Called with a `ManyProgress` now and then; raise to stop. True draws a bar.
    **settings
        Of the refits.

    Returns
    -------
    Bootstrap

    Raises
    ------
    InputError
        When the result has no data for it, or `kind` does not go with the loss.
    ConvergenceError
        When the fit has not converged, or none of the refits has.

    Examples
    --------
    >>> import numpy as np
    >>> import physfit as pf
    >>> x = np.linspace(0.0, 4.0, 50)
    >>> y = 2.0 * x + 1.0 + 0.1 * np.random.default_rng(1).normal(size=50)
    >>> line = pf.fit(pf.models.Linear(), x, y, sigma=0.1)
    >>> boot = pf.bootstrap(line, n=500)
    >>> abs(boot["slope"].stderr / line["slope"].stderr - 1.0) < 0.3
    True
    """
    given = checked("bootstrap", OfBootstrap, settings)
    kind = given["kind"]
    checked_fit(result, kind)
    n, asked = checked_n(n), FitSettings.of(given, loss=result.loss)
    data, drawn = result.data, _in_columns(result)
    first = slopes(drawn)
    resampled = resampling(drawn, kind, first)
    job = replica_job(
        drawn.model,
        asked,
        Start(result.solution.theta),
        resampled,
        n,
    )
    callback = checked_progress(progress, "pf.ManyProgress")
    units = data.x_unit, data.y_unit
    fits = refits(job, resampled, asked.seed, units, callback)
    if fits.n_rows < 2:
        raise ConvergenceError(
            f"{n - fits.n_rows} of {n} refits have not converged, or their data left "
            "parameters open; take more samples or another kind, and x counted from "
            "its middle if it is far from 0.",
            result.solution,
        )
    at_fit = quantities(result.model, result.solution.theta)
    noise = influence(drawn, kind, first, job)
    return Bootstrap(fits, at_fit, n, asked.seed, result, kind, noise)


def _in_columns(result: FitResult) -> FitResult:
    """A result whose samples can be drawn, if its model is that of one grid."""
    model, data = drawable(result.model, result.data)
    return result if model is result.model else replace(result, model=model, data=data)
