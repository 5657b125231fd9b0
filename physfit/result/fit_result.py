"""The result of one fit: a record of what was done, from which all else follows.

Nothing is computed before it is asked for; what was computed stays on the instance.
The module is long because all that can be asked of a result stands in this one class;
the work is done in the modules beside it.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from physfit.data.record import Observations
from physfit.engine.program import evaluate
from physfit.errors import ConvergenceError, InputError, did_you_mean
from physfit.models.loss import Loss
from physfit.models.model import Model
from physfit.models.units import resolve_unit
from physfit.objective import Objective
from physfit.result.curves import Values, background_names, joined, spread, terms
from physfit.result.estimate import Estimate
from physfit.result.statistics import Statistics, p_value, statistics
from physfit.solve.base import Solution, Status
from physfit.typing import FloatArray
from physfit.uncertainty.covariance import ROBUST, Covariance, covariance
from physfit.uncertainty.propagation import chain, quantity, resolve

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["FitResult"]


@dataclass(frozen=True, eq=False, repr=False)
class FitResult:
    """What a fit found.

    `result["center"]` is the `Estimate` of a parameter or derived quantity, `result(x)`
    the fitted curve.

    Attributes
    ----------
    model : Model
    data : Observations
    loss : Loss
    method : str
    solution : Solution
    start : ndarray, shape (P,)
        Start values of the free parameters.
    guessed : tuple of str
        Those of them that were guessed from the data.
    seconds, compile_seconds : float
        Wall time of the fit without compilation, and of compilation alone.
    created : float
        When, in seconds since 1970 (UTC).
    versions : mapping of str to str, or None
        Versions of the programs that made a result loaded from a file.
    """

    model: Model
    data: Observations
    loss: Loss
    method: str
    solution: Solution
    start: FloatArray
    guessed: tuple[str, ...] = ()
    seconds: float = math.nan
    compile_seconds: float = 0.0
    created: float = field(default_factory=time.time)
    versions: Mapping[str, str] | None = None

    # Parameters

    def __getitem__(self, name: str) -> Estimate:
        if name in self.model.index:
            return self._estimate(name)
        if name in self.derived:
            return self.derived[name]
        known = (*self.names, *self.derived)
        raise InputError(
            f"{name!r} is no parameter or derived quantity of "
            f"{self.model.expression}; {did_you_mean(str(name), known)}"
        )

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

    @cached_property
    def values(self) -> dict[str, float]:
        """Value of every parameter by name."""
        return dict(zip(self.names, self._full.tolist(), strict=True))

    @cached_property
    def stderr(self) -> dict[str, float]:
        """Standard error of every parameter by name; see `Estimate`."""
        errors = np.full(len(self.names), np.nan)
        layout = self.model.layout
        errors[list(layout.free)] = np.sqrt(self.covariance.diagonal())
        for tie in layout.ties:
            gradient = self._chain[tie.target]
            errors[tie.target] = self._error_along(gradient)
        return dict(zip(self.names, errors.tolist(), strict=True))

    @cached_property
    def derived(self) -> dict[str, Estimate]:
        """Derived quantities by name, with errors propagated to first order."""
        return {
            own.name: Estimate(
                name=own.name,
                value=found.value,
                stderr=self._error_along(found.gradient),
                unit=self._unit(own.unit),
                tie=own.expression.text,
                description=own.description,
                is_derived=True,
            )
            for own in self.model.derived
            for found in [
                quantity(own.expression, self.model.index, self._full, self._chain)
            ]
        }

    # Uncertainties

    @cached_property
    def uncertainty(self) -> Covariance:
        """Covariance of the free parameters, and what the data leave open."""
        return covariance(
            self.solution,
            self.loss,
            self.n_samples,
            self.is_absolute,
            lambda: self.objective,
        )

    @cached_property
    def covariance(self) -> FloatArray:
        """Covariance of the free parameters, shape (P, P), in their order.

        Absolute when sigma was given or the data are counts, else scaled by chi2 / dof.
        Rows and columns of parameters at a bound are NaN.
        """
        return self.uncertainty.matrix

    @cached_property
    def correlation(self) -> FloatArray:
        """Correlations of the free parameters, shape (P, P); NaN where none exist."""
        with np.errstate(invalid="ignore", divide="ignore"):
            error = np.sqrt(self.covariance.diagonal())
            scaled: FloatArray = self.covariance / np.outer(error, error)
        return scaled

    @cached_property
    def full_covariance(self) -> FloatArray:
        """Covariance of all parameters, through the ties; zero for fixed ones."""
        return self.uncertainty.propagate(self._chain)

    @property
    def is_absolute(self) -> bool:
        """Whether errors are those of the stated sigma or of counting, not scaled."""
        if self.loss.name in ROBUST:
            return False
        return self.data.sigma is not None or self.loss.name == "poisson"

    # Quality

    @cached_property
    def _statistics(self) -> Statistics:
        return statistics(
            self.solution.cost,
            self.n_samples,
            self.uncertainty.rank,
            absolute=self.is_absolute,
            robust=self.loss.name in ROBUST,
        )

    @property
    def chi2(self) -> float:
        """Twice the cost at the solution: chi2, or for poisson the deviance."""
        return 2.0 * self.solution.cost

    @property
    def n_samples(self) -> int:
        """Number of real numbers in the data."""
        return int(self.data.y.size)

    @property
    def n_fitted(self) -> int:
        """Parameters that the data determine; those at a bound are not counted."""
        return self._statistics.n_fitted

    @property
    def dof(self) -> int:
        """Degrees of freedom: `n_samples - n_fitted`."""
        return self._statistics.dof

    @property
    def reduced_chi2(self) -> float:
        """chi2 / dof; NaN without degrees of freedom."""
        return self._statistics.reduced_chi2

    @cached_property
    def p_value(self) -> float | None:
        """Probability of a larger chi2 if model and sigma are right.

        For counts it takes the deviance for a chi2, which is good from some ten counts
        a sample on. None without sigma and for robust losses.
        """
        if not self.is_absolute:
            return None
        return p_value(self.chi2, self.dof)

    @property
    def aic(self) -> float | None:
        """Akaike's criterion, D + 2 k: see `physfit.result.statistics` for D and k."""
        return self._statistics.aic

    @property
    def bic(self) -> float | None:
        """Schwarz's criterion, D + k log n: see `physfit.result.statistics`."""
        return self._statistics.bic

    # How it ended

    @property
    def status(self) -> Status:
        """Why the solver ended."""
        return self.solution.status

    @property
    def converged(self) -> bool:
        """Whether the solver ended at a minimum."""
        return self.status.converged

    @property
    def message(self) -> str:
        """The status in words."""
        return self.status.sentence

    @property
    def n_steps(self) -> int:
        """Steps tried by the solver."""
        return self.solution.n_steps

    @property
    def n_evals(self) -> int:
        """Evaluations of the model over all data."""
        return self.solution.n_evals

    def require(self) -> FitResult:
        """Self when the fit converged.

        Raises
        ------
        ConvergenceError
            When it did not; its `solution` is where the fit ended.
        """
        if not self.converged:
            raise ConvergenceError(
                f"The fit of {self.model.expression} has {self.message}.", self.solution
            )
        return self

    # Curves

    def __call__(self, x: ArrayLike) -> Values:
        """Fitted curve at `x`; complex for a complex model."""
        return self.model(x, **self._free_values)

    def components(self, x: ArrayLike) -> dict[str, Values]:
        """Value at `x` of each term of the sum, by its expression."""
        return terms(self, self._full, x)

    @property
    def background_names(self) -> tuple[str, ...]:
        """Those of the `components` that are backgrounds."""
        return background_names(self)

    @cached_property
    def best_fit(self) -> Values:
        """Fitted curve at the data."""
        return joined(self._curve)

    @cached_property
    def residuals(self) -> Values:
        """Data minus model, in the unit of y."""
        return joined(self.data.y - self._curve)

    @cached_property
    def pulls(self) -> Values:
        """Residuals in units of the standard deviation of each sample.

        See `spread`.
        """
        return joined((self.data.y - self._curve) / self.spread)

    @cached_property
    def spread(self) -> FloatArray | float:
        """Standard deviation of the samples, shape (n_outputs, n) where it is known.

        That is sigma; for counts the root of the model. Otherwise one number for all
        samples, taken from the residuals: their root mean square by degree of freedom,
        or for robust losses 1.4826 times their median size; NaN when there are none.
        """
        return spread(self, self._curve)

    @cached_property
    def objective(self) -> Objective:
        """What was minimised, for evaluation at other parameters."""
        weights = np.ones_like(self.data.y)
        if self.data.sigma is not None and self.loss.name != "poisson":
            weights = 1.0 / self.data.sigma
        return Objective(
            self.model.layout, self.data.x, self.data.y, weights, self.loss
        )

    # Out

    @cached_property
    def warnings(self) -> tuple[str, ...]:
        """What a reader must know before using the numbers, one sentence each."""
        from physfit.result.caveats import caveats

        return caveats(self)

    def report(self) -> str:
        """Text of several lines: data, status, quality, parameters, correlations."""
        from physfit.result.report import report

        return report(self)

    def __str__(self) -> str:
        return self.report()

    def __repr__(self) -> str:
        found = ", ".join(f"{name}={value:.6g}" for name, value in self.values.items())
        return f"<FitResult of {self.model.expression!r}: {self.message}; {found}>"

    def _repr_html_(self) -> str:
        from physfit.result.html import html

        return html(self)

    def plot(self, *, title: str = "") -> Figure:
        """Figure with data, model, components and, below, the residuals in sigma.

        It shows itself in a notebook; `figure.savefig("fit.png")` writes it. To draw on
        Axes of your own, call the functions of `physfit.plot.figures`.
        """
        from physfit.plot.figures import fit_figure

        return fit_figure(self, title=title)

    def save(self, path: str | os.PathLike[str], *, overwrite: bool = False) -> None:
        """Write the result, with its data, to a file; `load_result` reads it.

        Parameters
        ----------
        path : path
            Ends in .json, or in .h5 or .hdf5 for HDF5 after NeXus.
        overwrite : bool
            Whether an existing file may be replaced.
        """
        from physfit.result.file import save_result

        save_result(self, path, overwrite=overwrite)

    # Inside

    def __reduce__(self) -> tuple[type[FitResult], tuple[object, ...]]:
        # What is cached holds addresses of compiled code and data: it stays behind.
        return FitResult, tuple(getattr(self, own.name) for own in fields(self))

    @cached_property
    def _full(self) -> FloatArray:
        return resolve(self.model.layout, self.solution.theta)

    @cached_property
    def _chain(self) -> FloatArray:
        return chain(self.model.layout, self._full)

    @cached_property
    def _free_values(self) -> dict[str, float]:
        return dict(zip(self.free_names, self.solution.theta.tolist(), strict=True))

    @cached_property
    def _curve(self) -> FloatArray:
        layout = self.model.layout
        return evaluate(layout, self._full, self.data.x)[0]

    def _estimate(self, name: str) -> Estimate:
        own = self.model.parameters[name]
        k = self.model.free_index.get(name)
        return Estimate(
            name=name,
            value=self.values[name],
            stderr=self.stderr[name],
            unit=self._unit(own.unit),
            lower=own.lower,
            upper=own.upper,
            fixed=own.fixed,
            tie=own.tie,
            at_bound=0 if k is None else int(self.solution.at_bound[k]),
            start=own.start if k is None else float(self.start[k]),
            description=own.description,
            is_guessed=name in self.guessed,
        )

    def _unit(self, unit: str) -> str:
        return resolve_unit(unit, self.data.x_unit, self.data.y_unit)

    def _error_along(self, gradient: FloatArray) -> float:
        """Standard error of a quantity; NaN when it depends on no free parameter."""
        if not gradient.any():
            return math.nan
        return math.sqrt(self.uncertainty.propagate(gradient[None])[0, 0])
