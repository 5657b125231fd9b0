"""What the fits of many rows found: one array per quantity, one entry per row."""

from __future__ import annotations

from enum import IntEnum
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from physfit.solve.base import Status
from physfit.solve.records import Records, packed_size
from physfit.typing import FloatArray

__all__ = ["RowTable", "Rung", "blank_table", "table_of"]


class Rung(IntEnum):
    """Which start values led to the answer of a row; the number goes into files.

    Examples
    --------
    >>> Rung.NEIGHBOUR.sentence
    'the solution of a neighbouring row'
    """

    GIVEN = 0
    GUESS = 1
    PREVIOUS = 2
    NEIGHBOUR = 3
    MULTISTART = 4

    @property
    def sentence(self) -> str:
        """The rung in words."""
        return _SENTENCES[self]


_SENTENCES = {
    Rung.GIVEN: "the start values that were given",
    Rung.GUESS: "a guess from the row's own data",
    Rung.PREVIOUS: "the solution of the row before",
    Rung.NEIGHBOUR: "the solution of a neighbouring row",
    Rung.MULTISTART: "the best of several random starts",
}


class RowTable(NamedTuple):
    """Answers of N rows with P free parameters.

    Attributes
    ----------
    status : ndarray of uint8, shape (N,)
        As `Status` numbers them.
    rung : ndarray of uint8, shape (N,)
        As `Rung` numbers them.
    n_steps, n_samples : ndarray of int32, shape (N,)
        Steps tried; samples that were neither masked nor NaN.
    chi2 : ndarray, shape (N,)
        Twice the cost: the deviance of counts.
    condition : ndarray of float32, shape (N,)
        Of the scaled Gauss-Newton matrix; infinite if it has no inverse.
    theta : ndarray, shape (N, P)
    at_bound : ndarray of int8, shape (N, P)
        -1 on the lower bound, 1 on the upper one, 0 elsewhere.
    covariance : ndarray, shape (N, P (P + 1) / 2)
        Packed lower triangles.
    """

    status: NDArray[np.uint8]
    rung: NDArray[np.uint8]
    n_steps: NDArray[np.int32]
    n_samples: NDArray[np.int32]
    chi2: FloatArray
    condition: NDArray[np.float32]
    theta: FloatArray
    at_bound: NDArray[np.int8]
    covariance: FloatArray

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return len(self.status)

    @property
    def failed(self) -> NDArray[np.bool_]:
        """Rows without a converged fit."""
        bad: NDArray[np.bool_] = (self.status == 0) | (self.status >= Status.MAX_STEPS)
        return bad

    @property
    def unfitted(self) -> NDArray[np.bool_]:
        """Those of them that were not tried, or could not be: there is no answer."""
        blank: NDArray[np.bool_] = (self.status == 0) | (self.status >= Status.TOO_FEW)
        return blank

    def rows(self, start: int, stop: int) -> RowTable:
        """The rows `start` to `stop`, without copying."""
        return RowTable._make(array[start:stop] for array in self)

    def put(self, numbers: NDArray[np.int64], other: RowTable) -> None:
        """Write the rows of another table over those of these numbers."""
        mine: tuple[NDArray[Any], ...] = self
        for array, values in zip(mine, other, strict=True):
            array[numbers] = values


def table_of(records: Records, rung: Rung | NDArray[np.uint8]) -> RowTable:
    """Table of finished fits that began on one rung, or each on its own."""
    n_fits = len(records.status)
    return RowTable(
        status=records.status,
        rung=np.full(n_fits, rung, np.uint8) if isinstance(rung, Rung) else rung,
        n_steps=records.n_steps,
        n_samples=records.n_samples,
        chi2=records.chi2,
        condition=records.condition,
        theta=records.theta,
        at_bound=records.at_bound,
        covariance=records.covariance,
    )


def blank_table(n_rows: int, n_free: int) -> RowTable:
    """Table of rows that have not been fitted."""
    none = np.nan
    return RowTable(
        status=np.zeros(n_rows, dtype=np.uint8),
        rung=np.zeros(n_rows, dtype=np.uint8),
        n_steps=np.zeros(n_rows, dtype=np.int32),
        n_samples=np.zeros(n_rows, dtype=np.int32),
        chi2=np.full(n_rows, none),
        condition=np.full(n_rows, none, dtype=np.float32),
        theta=np.full((n_rows, n_free), none),
        at_bound=np.zeros((n_rows, n_free), dtype=np.int8),
        covariance=np.full((n_rows, packed_size(n_free)), none),
    )
