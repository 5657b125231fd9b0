"""What a fit found: its record, and the numbers that follow from it.

Nothing is computed before it is asked for; what was computed stays on the instance.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Annotated, Any, Self

import numpy as np

from physfit.data.files.schema import Array, Date
from physfit.data.record import Observations, weights_of
from physfit.models.loss import Loss
from physfit.models.model import Model
from physfit.models.units import resolve_unit
from physfit.objective import Objective
from physfit.result.estimate import ByName, Estimate
from physfit.solve.base import Solution, Status
from physfit.solve.history import History, RunSettings
from physfit.solve.row_table import RetryStage
from physfit.typing import FloatArray
from physfit.uncertainty.covariance import (
    Assessment,
    Covariance,
    correlation_of,
    covariance,
)
from physfit.uncertainty.propagation import chain, quantity, resolve

__all__ = ["Fitted"]


@dataclass(frozen=True, eq=False, repr=False)
class Fitted(ByName):
    """Record of a fit, with errors and quality; `FitResult` describes the fields."""

    model: Model
    data: Observations
    loss: Loss
    method: str
    solution: Solution
    start: Annotated[FloatArray, Array("n_free")]
    guessed: tuple[str, ...] = ()
    nearest_chi2: float = math.nan
    retry_stage: RetryStage | None = None
    seconds: float = math.nan
    compile_seconds: float = 0.0
    created: Date = field(default_factory=time.time)
    versions: Mapping[str, str] | None = None
    assessment: Assessment | None = None
    run: RunSettings | None = None
    weight_decay: float = 0.0
    scale: float | None = None

    @classmethod
    def made(cls, **values: Any) -> Self:
        """Result of its attributes by name, in a third of the time of a call.

        A frozen dataclass sets its attributes one by one, by way of its class.
        """
        result = object.__new__(cls)
        result.__dict__.update(values, created=time.time())
        return result

    # Parameters

    def __getitem__(self, name: str) -> Estimate:
        if name in self.model.index:
            return self._estimate(name)
        if name in self.derived:
            return self.derived[name]
        raise self._unknown(name)

    @cached_property
    def values(self) -> dict[str, float]:
        """Value of every parameter by name."""
        return dict(zip(self.names, self._full.tolist(), strict=True))

    @cached_property
    def stderr(self) -> dict[str, float]:
        """Standard error of each parameter by name; `Estimate` says when it is NaN."""
        errors = np.full(len(self.names), np.nan)
        layout = self.model.layout
        with np.errstate(all="ignore"):
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
        if self.assessment is not None:
            return self.assessment.covariance
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
        Rows and columns of a parameter at a bound are NaN, and so are those of one that
        the data do not determine but for its variance, which is infinite.
        """
        return self.uncertainty.matrix

    @cached_property
    def correlation(self) -> FloatArray:
        """Correlations of the free parameters, shape (P, P); NaN where none exist."""
        return correlation_of(self.covariance)

    @cached_property
    def full_covariance(self) -> FloatArray:
        """Covariance of all parameters, shape (n_full, n_full), through the ties.

        In the order of `names`; zero for fixed parameters.
        """
        return self.uncertainty.propagate(self._chain)

    @cached_property
    def is_absolute(self) -> bool:
        """Whether errors are those of the stated sigma or of counting, not scaled."""
        return self.loss.knows_noise(self.data.sigma is not None)

    # Quality

    @property
    def chi2(self) -> float:
        """Twice the cost at the solution: chi2, or for poisson the deviance.

        In units of sigma, or of `scale`, or unweighted without either.
        """
        return 2.0 * self.solution.cost

    @property
    def n_samples(self) -> int:
        """Number of real numbers in the data; a complex sample counts as two."""
        if self.data.n_total is not None:
            return self.data.n_total * self.model.n_outputs
        return int(self.data.y.size)

    @property
    def n_fitted(self) -> int:
        """Parameters that the data determine; those at a bound are not counted."""
        return self.uncertainty.rank

    @property
    def dof(self) -> int:
        """Degrees of freedom: `n_samples - n_fitted`."""
        return self.n_samples - self.n_fitted

    @property
    def reduced_chi2(self) -> float:
        """chi2 / dof; NaN without degrees of freedom."""
        return self.chi2 / self.dof if self.dof > 0 else math.nan

    @cached_property
    def p_value(self) -> float | None:
        """Probability of a larger chi2 if model and sigma are right.

        For counts, of a larger deviance, whose mean, variance and skewness at few
        counts a sample are taken from the fitted means. None without sigma, for robust
        losses, with weight decay, whose answer is not that of largest likelihood, and
        where there are too few counts for any reference.
        """
        from physfit.result.goodness import p_value_of

        return p_value_of(self)

    @property
    def aic(self) -> float | None:
        """Akaike's criterion, D + 2 k; None for robust losses and with weight decay.

        k is `n_fitted`. The deviance D is chi2 with sigma, n log(chi2 / n) without, and
        the Poisson deviance for counts.
        """
        return self._criterion(2.0)

    @property
    def bic(self) -> float | None:
        """Schwarz's criterion, D + k log n with D and k as in `aic`."""
        return self._criterion(math.log(self.n_samples))

    # How it ended

    @property
    def status(self) -> Status:
        """Why the solver ended."""
        return self.solution.status

    @cached_property
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

    @property
    def history(self) -> History | None:
        """How a run on minibatches went; None for other methods."""
        return self.solution.history

    @property
    def distance(self) -> float:
        """Standard errors from here to the minimum, by the Newton step that is left.

        The largest over the free parameters; NaN where no pass over all rows said.
        """
        return math.nan if self.assessment is None else self.assessment.distance

    @cached_property
    def sandwich_stderr(self) -> dict[str, float] | None:
        """Standard errors of the free parameters that do not believe sigma, by name.

        From how much the gradient varies between blocks of rows (White's sandwich
        estimate); None where no pass over all rows said.
        """
        if self.assessment is None or self.assessment.sandwich is None:
            return None
        with np.errstate(all="ignore"):
            errors = np.sqrt(self.assessment.sandwich.matrix.diagonal())
        return dict(zip(self.free_names, errors.tolist(), strict=True))

    # Inside

    @cached_property
    def objective(self) -> Objective:
        """What was minimised, for evaluation at other parameters."""
        columns = (self.data.x, self.data.y, weights_of(self.data, self.scale))
        return Objective(self.model.layout, *columns, self.loss)

    def __reduce__(self) -> tuple[type[Self], tuple[object, ...]]:
        # What is cached holds addresses of compiled code and data: it stays behind.
        return type(self), tuple(getattr(self, own.name) for own in fields(self))

    @cached_property
    def _full(self) -> FloatArray:
        return resolve(self.model.layout, self.solution.theta)

    @cached_property
    def _chain(self) -> FloatArray:
        return chain(self.model.layout, self._full)

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

    def _criterion(self, penalty: float) -> float | None:
        """Deviance, and so much for each fitted parameter.

        That is minus twice the log likelihood up to a constant of the data, so that
        differences between models of the same data mean something.
        """
        if self.weight_decay > 0.0 or not self.loss.traits.is_likelihood:
            return None
        deviance = self.chi2
        if not self.is_absolute:
            with np.errstate(all="ignore"):
                mean = np.log(max(deviance, 0.0) / self.n_samples)
            deviance = self.n_samples * float(mean)
        return deviance + penalty * self.n_fitted

    def _unit(self, unit: str) -> str:
        return resolve_unit(unit, self.data.x_unit, self.data.y_unit)

    def _error_along(self, gradient: FloatArray) -> float:
        """Standard error of a quantity; NaN when it depends on no free parameter."""
        if not gradient.any():
            return math.nan
        variance = float(self.uncertainty.propagate(gradient[None])[0, 0])
        return math.sqrt(variance) if variance >= 0.0 else math.nan
