"""The result of the fits of many rows: a table of answers, and what follows from it.

Nothing is computed before it is asked for. The module is long because all that can be
asked of a result stands in this one class; the work is done in the modules beside it.
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
from numpy.typing import ArrayLike, NDArray

from physfit.data.row_data import Axis, RowData
from physfit.document.blocks import Document
from physfit.errors import ConvergenceError
from physfit.models.declaration import Derived
from physfit.models.expression import Expression
from physfit.models.loss import Loss
from physfit.models.model import Model
from physfit.models.param import Param
from physfit.models.units import resolve_unit
from physfit.result.estimate import ByName, ManyEstimate
from physfit.result.many_figures import ManyFigures
from physfit.result.many_outputs import ManyOutputs
from physfit.result.many_refits import ManyRefits, Refits, fits_with
from physfit.solve.base import Status
from physfit.solve.row_table import RetryStage, RowTable
from physfit.typing import FloatArray
from physfit.uncertainty.covariance import correlation_of
from physfit.uncertainty.propagation import propagated
from physfit.uncertainty.rows import (
    degrees_of_freedom,
    diagonal_places,
    standard_errors,
    unpacked,
)

if TYPE_CHECKING:
    from physfit.data.jobs.file_rows import FileRows
    from physfit.result.fit_result import FitResult
    from physfit.typing import Values

__all__ = ["ManyEstimate", "ManyResult", "endings"]

Kind = TypeVar("Kind", bound=IntEnum)


@dataclass(frozen=True, eq=False, repr=False)
class ManyResult(ManyFigures, ManyOutputs, ManyRefits, ByName):
    """What the fits of many rows found.

    `many["center"]` is a `ManyEstimate`, whose arrays have the shape of the map.

    Attributes
    ----------
    model : Model
    loss : Loss
    table : RowTable
        All answers, rows of the map one after the other.
    axes : tuple of Axis
        Of the map, slowest first.
    is_absolute : bool
        Whether sigma was given, or the data are counts.
    data : RowData, FileRows or None
        The data, if they are at hand.
    x_label, x_unit, y_label, y_unit, source : str
    seconds : float
        Wall time of the fits.
    created : float
        When, in seconds since 1970 (UTC).
    notes : tuple of str
        What a reader must know besides.
    refits : Refits or None
        Which rows have their answer from a refit, and with what they were fitted.
    """

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
            diagonal = int(diagonal_places(place + 1)[-1])
            with np.errstate(all="ignore"):
                stderr = np.sqrt(self.table.covariance[:, diagonal])
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

    def require(self) -> ManyResult:
        """Self when the fits of all rows converged.

        Raises
        ------
        ConvergenceError
            When some did not; its `solution` is this result.

        Examples
        --------
        >>> import physfit as pf
        >>> rows = [[1.0, 3.1, 4.9], [0.0, float("nan"), float("nan")]]
        >>> many = pf.fit_many(pf.models.Linear(), [0.0, 1.0, 2.0], rows, sigma=0.1)
        >>> many.require()
        Traceback (most recent call last):
        physfit.errors.ConvergenceError: 1 of 2 rows has no converged fit; the first is
        (1,): not fitted: fewer samples than free parameters.
        """
        n_failed = self.n_rows - int(self.converged.sum())
        if n_failed:
            place = tuple(self.failed[0].tolist())
            reason = Status(int(self.status[place])).sentence
            verb = "has" if n_failed == 1 else "have"
            raise ConvergenceError(
                f"{n_failed} of {self.n_rows} rows {verb} no converged fit; the first "
                f"is {place}: {reason}.",
                self,
            )
        return self

    def worst(self, n: int = 10, *, by: str = "chi2") -> NDArray[np.int64]:
        """Places of the worst rows, shape (n, n_axes).

        Rows that did not converge come first, then those that did. Rows that could not
        be fitted at all are left out: there is nothing to look at.

        Parameters
        ----------
        n : int
            How many, at most.
        by : {"chi2", "p_value"}
            What orders them: chi2 per degree of freedom, or its probability.

        Examples
        --------
        >>> import physfit as pf
        >>> rows = [[1.0, 3.1, 4.9], [0.0, 2.0, 0.0]]
        >>> many = pf.fit_many(pf.models.Linear(), [0.0, 1.0, 2.0], rows, sigma=0.1)
        >>> many.worst(1)
        array([[1]])
        """
        from physfit.result.many_rows import worst_rows

        rows = worst_rows(self, n, by)
        return np.stack(np.unravel_index(rows, self.shape), axis=-1).astype(np.int64)

    # One row

    def covariance(self, *place: int) -> FloatArray:
        """Covariance of the free parameters of one row, shape (P, P).

        Parameters
        ----------
        *place : int
            Index of the row in the map, one number per axis.
        """
        packed = self.table.covariance[self._row(place)]
        return unpacked(packed, len(self.free_names))

    def correlation(self, *place: int) -> FloatArray:
        """Correlations of the free parameters of one row, shape (P, P)."""
        return correlation_of(self.covariance(*place))

    def result(self, *place: int) -> FitResult:
        """Result of the fit of one row, as `pf.fit` would return it.

        With report, figure, components and files. Start values are not kept by row.

        Parameters
        ----------
        *place : int
            Index of the row in the map, one number per axis.

        Raises
        ------
        InputError
            When there is no such row, it could not be fitted, or the data are not at
            hand.

        Examples
        --------
        >>> import physfit as pf
        >>> rows = [[1.0, 3.1, 4.9], [0.0, 2.0, 0.0]]
        >>> many = pf.fit_many(pf.models.Linear(), [0.0, 1.0, 2.0], rows, sigma=0.1)
        >>> round(many.result(0)["slope"].stderr, 4)
        0.0707
        """
        from physfit.result.many_rows import result_of

        return result_of(self, self._row(place))

    def curve(self, *place: int, x: ArrayLike | None = None) -> Values:
        """Fitted curve of one row.

        Parameters
        ----------
        *place : int
            Index of the row in the map, one number per axis.
        x : array_like, optional
            Where; at the row's samples if left out.

        Returns
        -------
        ndarray
            In the shape of `x`. Of a row that did not converge it is that of the last
            parameters, and NaN of one that could not be fitted.

        Examples
        --------
        >>> import physfit as pf
        >>> rows = [[1.0, 3.0, 5.0], [0.0, 2.0, 4.0]]
        >>> many = pf.fit_many(pf.models.Linear(), [0.0, 1.0, 2.0], rows)
        >>> many.curve(1, x=[10.0]).round(6), many.residuals(1).round(6)
        (array([20.]), array([0., 0., 0.]))
        """
        from physfit.result.many_rows import curve_of

        return curve_of(self, self._row(place), x)

    def residuals(self, *place: int) -> Values:
        """Data minus model of one row, NaN where a sample was left out.

        Parameters
        ----------
        *place : int
            Index of the row in the map, one number per axis.
        """
        from physfit.result.many_rows import sample_residuals

        return sample_residuals(self, self._row(place))

    # Out

    @cached_property
    def warnings(self) -> tuple[str, ...]:
        """What a reader must know before using the numbers, one sentence each."""
        from physfit.result.many_caveats import caveats

        return caveats(self, [self[name] for name in (*self.names, *self.derived)])

    def _document(self) -> Document:
        from physfit.result.many_report import document

        return document(self)

    def _record(self) -> dict[str, Any]:
        from physfit.result.many_report import record

        return record(self)

    def __repr__(self) -> str:
        n_failed = self.n_rows - int(self.converged.sum())
        shape = " x ".join(map(str, self.shape))
        return (
            f"<ManyResult of {self.model.expression!r}: {shape} rows, {n_failed} of "
            "them failed>"
        )

    # Inside

    def _map(self, values: NDArray[Any]) -> NDArray[Any]:
        return values.reshape(self.shape)

    def _row(self, place: tuple[int, ...]) -> int:
        from physfit.result.many_rows import row_number

        return row_number(self, place)

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
