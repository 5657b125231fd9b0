"""What the fits of many rows found: a table of answers, and the numbers from it.

Nothing is computed before it is asked for.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from physfit.data.row_data import Axis, RowData
from physfit.models.declaration import Derived
from physfit.models.expression import Expression
from physfit.models.loss import Loss
from physfit.models.model import Model
from physfit.models.param import Param
from physfit.models.units import resolve_unit
from physfit.result.estimate import ByName, ManyEstimate
from physfit.result.many_refits import Refits, fits_with
from physfit.solve.base import Status
from physfit.solve.row_table import RetryStage, RowTable
from physfit.typing import FloatArray
from physfit.uncertainty.propagation import propagated
from physfit.uncertainty.rows import (
    degrees_of_freedom,
    diagonal_places,
    standard_errors,
)

if TYPE_CHECKING:
    from physfit.data.jobs.file_rows import FileRows

__all__ = ["ManyFitted", "endings"]

Kind = TypeVar("Kind", bound=IntEnum)


@dataclass(frozen=True, eq=False, repr=False)
class ManyFitted(ByName):
    """Answers of many fits, with errors and quality; see `ManyResult`."""

    model: Model
    loss: Loss
    table: RowTable
    axes: tuple[Axis, ...]
    is_absolute: bool
    data: RowData | FileRows | None = None
    x_label: str = "x"
    x_unit: str = ""
    y_label: str = "y"
    y_unit: str = ""
    source: str = ""
    seconds: float = math.nan
    created: float = field(default_factory=time.time)
    notes: tuple[str, ...] = ()
    refits: Refits | None = None

    # Parameters

    def __getitem__(self, name: str) -> ManyEstimate:
        own = self.model.parameters.get(name) or self._derived.get(name)
        if own is None:
            raise self._unknown(name)
        unit = resolve_unit(own.unit, self.x_unit, self.y_unit)
        side = np.zeros(self.n_rows, dtype=np.int8)
        if name in self.model.free_index:
            place = self.model.free_index[name]
            value, side = self.table.theta[:, place], self.table.at_bound[:, place]
            with np.errstate(all="ignore"):
                stderr = np.sqrt(self.table.covariance[:, self._diagonal[place]])
        else:
            value, stderr = self._propagated(own)
        return ManyEstimate(
            name,
            self._map(value),
            self._map(stderr),
            unit,
            self._map(side),
            self.converged,
            own.description,
            tie=own.expression.text if isinstance(own, Derived) else own.tie,
            fixed=not isinstance(own, Derived) and own.fixed,
            is_derived=isinstance(own, Derived),
        )

    @cached_property
    def _diagonal(self) -> list[int]:
        """Places of the variances in a row's covariance."""
        places: list[int] = diagonal_places(len(self.model.free_names)).tolist()
        return places

    @property
    def derived(self) -> tuple[str, ...]:
        """Names of the quantities that follow from the parameters."""
        return tuple(self._derived)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the map."""
        return tuple(len(axis.values) for axis in self.axes)

    @cached_property
    def n_rows(self) -> int:
        """Number of rows."""
        return self.table.n_rows

    @property
    def stderr(self) -> FloatArray:
        """Standard errors of the free parameters, shape (n_rows, P)."""
        return standard_errors(self.table.covariance, len(self.free_names))

    # Quality, and how the fits ended

    @property
    def status(self) -> NDArray[np.uint8]:
        """Status of every row, as `pf.Status` numbers them, in the map's shape."""
        return self._map(self.table.status)

    @cached_property
    def _failed(self) -> NDArray[np.bool_]:
        return self.table.failed

    @property
    def converged(self) -> NDArray[np.bool_]:
        """Which rows have converged, in the map's shape."""
        return self._map(~self._failed)

    @property
    def failed(self) -> NDArray[np.int64]:
        """Places of the rows without a converged fit, shape (n_failed, n_axes).

        Examples
        --------
        >>> import physfit as pf
        >>> rows = [[1.0, 3.1, 4.9], [0.0, float("nan"), float("nan")]]
        >>> many = pf.fit_many(pf.models.Linear(), [0.0, 1.0, 2.0], rows, sigma=0.1)
        >>> many.failed
        array([[1]])
        """
        return np.argwhere(~self.converged)

    @property
    def retry_stage(self) -> NDArray[np.uint8]:
        """Which start values led to the answer, as `pf.RetryStage` numbers them."""
        return self._map(self.table.retry_stage)

    @property
    def refitted(self) -> NDArray[np.uint8]:
        """Number of the refit that gave the answer of each row, 0 for the first fit.

        In the map's shape; see `ManyResult.refit`.
        """
        if self.refits is None:
            return np.zeros(self.shape, dtype=np.uint8)
        return self.refits.numbers.reshape(self.shape)

    @property
    def n_steps(self) -> NDArray[np.int32]:
        """Steps tried in every row, in the map's shape."""
        return self._map(self.table.n_steps)

    @property
    def n_samples(self) -> NDArray[np.int32]:
        """Samples of every row that were neither masked nor NaN."""
        return self._map(self.table.n_samples)

    @property
    def condition(self) -> NDArray[np.float32]:
        """Condition of the scaled Gauss-Newton matrix; infinite without an inverse."""
        return self._map(self.table.condition)

    @property
    def scale(self) -> FloatArray | None:
        """Standard deviation of a sample of each row as its residuals tell it.

        By it a robust loss measures residuals where no sigma was given; None elsewhere.
        In the map's shape, NaN where a row could not be fitted.
        """
        fits = fits_with(self)
        if not any(own.loss.needs_scale(own.is_absolute) for own in fits):
            return None
        return self._map(self.table.scale)

    @property
    def chi2(self) -> FloatArray:
        """Sum of squared residuals in sigma, or deviance, in the map's shape.

        By the loss that the row was fitted with.
        """
        return self._map(self.table.chi2)

    @cached_property
    def dof(self) -> NDArray[np.int64]:
        """Degrees of freedom of every row, in the map's shape.

        Samples in use less the parameters that they determine.
        """
        dof = degrees_of_freedom(self.table, self.stderr, self.model.n_outputs)
        return self._map(dof.astype(np.int64))

    @property
    def reduced_chi2(self) -> FloatArray:
        """Chi2 per degree of freedom, NaN without any, in the map's shape."""
        dof = np.where(self.dof > 0, self.dof, np.nan)
        with np.errstate(all="ignore"):
            ratio: FloatArray = self.chi2 / dof
        return ratio

    @cached_property
    def p_value(self) -> FloatArray | None:
        """Probability of a larger chi2 in every row, if model and sigma are right.

        NaN where the fit did not converge, in rows with too few counts for a reference,
        and in those that were refitted by another loss. None without sigma, for robust
        losses, and for counts that are not at hand.
        """
        from physfit.result.goodness import p_values_of

        found = p_values_of(self)
        return None if found is None else self._map(found)

    @cached_property
    def some_p_values(self) -> FloatArray | None:
        """The p values that are known; of counts in many rows those of some."""
        from physfit.result.goodness import p_values_at_hand

        return p_values_at_hand(self)

    @cached_property
    def statuses(self) -> dict[Status, int]:
        """How many rows ended with each status, most frequent first."""
        return endings(self.table.status, Status)

    @cached_property
    def retry_stages(self) -> dict[RetryStage, int]:
        """How many converged rows had their answer from each start values."""
        return endings(self.table.retry_stage[~self._failed], RetryStage)

    # Inside

    def _map(self, values: NDArray[Any]) -> NDArray[Any]:
        return values.reshape(self.shape)

    @cached_property
    def _derived(self) -> dict[str, Derived]:
        return {quantity.name: quantity for quantity in self.model.derived}

    def _propagated(self, own: Param | Derived) -> tuple[FloatArray, FloatArray]:
        expression = (
            own.expression if isinstance(own, Derived) else Expression.parse(own.name)
        )
        return propagated(
            self.model.layout,
            expression.tape(self.model.index),
            self.table.theta,
            self.table.covariance,
            self.table.at_bound,
        )


def endings(numbers: NDArray[np.uint8], kind: type[Kind]) -> dict[Kind, int]:
    """How many rows ended in each way, the most frequent first."""
    counts = Counter(dict(enumerate(np.bincount(numbers.ravel()).tolist())))
    return {kind(number): n for number, n in counts.most_common() if n}
