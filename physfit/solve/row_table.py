"""What the fits of many rows found: one array per quantity, one entry per row."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from physfit.document.fields import fields_html
from physfit.engine.addresses import side_by_side
from physfit.solve.base import Sentenced, Status
from physfit.typing import FloatArray, IntArray

__all__ = ["Records", "RetryStage", "RowTable", "is_failed", "is_fitted"]
__all__ += ["new_records", "packed_size", "unfitted_table"]

#: By status, whether there is an answer of a row.
FITTED = np.isin(np.arange(256), [status for status in Status if status.fitted])


def packed_size(n: int) -> int:
    """Numbers in the lower triangle of a matrix of `n` rows."""
    return n * (n + 1) // 2


class RetryStage(Sentenced):
    """Which start values led to the answer of a row; the number goes into files.

    Examples
    --------
    >>> RetryStage.NEIGHBOUR.sentence
    'the solution of a neighbouring row'
    """

    GIVEN = 0, "the start values that were given"
    GUESS = 1, "a guess from the data"
    PREVIOUS = 2, "the solution of the row before"
    NEIGHBOUR = 3, "the solution of a neighbouring row"
    MULTISTART = 4, "the best of several starts"
    ANSWER = 5, "the answer before a refit"


def is_failed(status: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Which statuses are none of a converged fit."""
    failed: NDArray[np.bool_] = (status == 0) | (status >= Status.MAX_STEPS)
    return failed


def is_fitted(status: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Which statuses are those of a fit that was tried, so that there is an answer."""
    fitted: NDArray[np.bool_] = FITTED[status]
    return fitted


class RowTable(NamedTuple):
    """Answers of N rows with P free parameters.

    Attributes
    ----------
    status : ndarray of uint8, shape (N,)
        As `Status` numbers them.
    retry_stage : ndarray of uint8, shape (N,)
        As `RetryStage` numbers them.
    n_steps, n_samples : ndarray of int32, shape (N,)
        Steps tried; samples that were neither masked nor NaN.
    chi2 : ndarray, shape (N,)
        Twice the cost: the deviance of counts.
    condition : ndarray of float32, shape (N,)
        Of the scaled Gauss-Newton matrix; infinite if it has no inverse.
    theta : ndarray, shape (N, P)
    at_bound : ndarray of int8, shape (N, P)
        As that of a `Solution`.
    covariance : ndarray, shape (N, P (P + 1) / 2)
        Packed lower triangles.
    scale : ndarray, shape (N,)
        Of the residuals, by which a robust loss without sigma measured them; else NaN.
    """

    status: NDArray[np.uint8]
    retry_stage: NDArray[np.uint8]
    n_steps: NDArray[np.int32]
    n_samples: NDArray[np.int32]
    chi2: FloatArray
    condition: NDArray[np.float32]
    theta: FloatArray
    at_bound: NDArray[np.int8]
    covariance: FloatArray
    scale: FloatArray

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return len(self.status)

    @property
    def rating(self) -> FloatArray:
        """What is lower for the better of two fits of a row.

        The scale, where residuals are measured by it, so that they cost as much at any
        answer; elsewhere chi2.
        """
        by_chi2 = np.isnan(self.scale) | ~np.isfinite(self.chi2)
        return np.where(by_chi2, self.chi2, self.scale)

    @property
    def failed(self) -> NDArray[np.bool_]:
        """Rows without a converged fit."""
        return is_failed(self.status)

    @property
    def unfitted(self) -> NDArray[np.bool_]:
        """Those of them that were not tried, or could not be: there is no answer."""
        blank: NDArray[np.bool_] = ~is_fitted(self.status)
        return blank

    def rows(self, start: int, stop: int) -> RowTable:
        """The rows `start` to `stop`, without copying."""
        return RowTable._make(array[start:stop] for array in self)

    def chosen(self, which: NDArray[np.bool_] | IntArray) -> RowTable:
        """Copies of the rows that a mask or their numbers choose."""
        return RowTable._make(array[which] for array in self)

    def put(self, numbers: IntArray, other: RowTable) -> None:
        """Write the rows of another table over those of these numbers."""
        mine: tuple[NDArray[Any], ...] = self
        for array, values in zip(mine, other, strict=True):
            array[numbers] = values

    def _repr_html_(self) -> str:
        return fields_html(self)


class Records(NamedTuple):
    """Answers of N fits in memory that compiled code writes to.

    Attributes
    ----------
    table : RowTable
        Its covariance is the inverse of the Gauss-Newton matrix; who begins the fits
        knows their stage.
    moments : ndarray, shape (N, 3) or (0, 3)
        Sums of psi^2, psi' and psi'^2 of robust losses. Of losses with a domain the
        first is what its edge holds (`engine.edge`).
    ranks : ndarray of int32, shape (N,)
        How many directions the data determine, of fits that were finished by singular
        values; -1 for the others, of which they determine all.
    """

    table: RowTable
    moments: FloatArray
    ranks: NDArray[np.int32]

    @property
    def outputs(self) -> tuple[NDArray[Any], ...]:
        """The arrays in the order in which compiled code knows them."""
        table = self.table
        return (
            *(table.status, table.n_steps, table.n_samples, table.chi2),
            *(table.condition, table.theta, table.at_bound, table.covariance),
            self.moments,
            table.scale,
        )

    def rows(self, start: int, stop: int) -> Records:
        """The fits `start` to `stop`, without copying."""
        table = self.table.rows(start, stop)
        return Records(table, self.moments[start:stop], self.ranks[start:stop])


def new_records(n_fits: int, n_free: int, robust: bool = False) -> Records:
    """Records that have not been written.

    All arrays lie in one buffer: memory is handed out in large pages then, and touching
    it for the first time costs a tenth.
    """
    shapes: list[tuple[int, ...]] = [(n_fits,)] * 6
    shapes += [(n_fits, n_free)] * 2 + [(n_fits, packed_size(n_free)), (n_fits,)]
    shapes += [(n_fits if robust else 0, 3), (n_fits,)]
    kinds = ("u1", "u1", "i4", "i4", "f8", "f4", "f8", "i1", "f8", "f8", "f8", "i4")
    arrays = side_by_side(zip(shapes, kinds, strict=True))
    return Records(RowTable._make(arrays[:-2]), *arrays[-2:])


def unfitted_table(n_rows: int, n_free: int) -> RowTable:
    """Table of rows that have not been fitted."""
    table = new_records(n_rows, n_free).table
    for array in table:
        array.fill(np.nan if array.dtype.kind == "f" else 0)
    return table
