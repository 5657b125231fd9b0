"""Other start values for rows that failed: a schedule of retries.

A row that did not converge is tried from a guess of its own, then from the solution of
the nearest row that converged, then from several starts spread over what the parameters
may be. The lowest cost wins, whatever its status. All of it stays within the block of
the row, and depends on nothing but the block. A row that converged is left alone, and
so is one that cannot be fitted, whatever its start.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from physfit.data.record import Observations
from physfit.data.row_data import RowData
from physfit.fitting.exploration.spread import spread_starts
from physfit.solve.base import Status
from physfit.solve.row_table import RetryStage, RowTable
from physfit.typing import FloatArray, IntArray

if TYPE_CHECKING:
    from physfit.many_fits.row_job import RowJob

__all__ = ["BlockRetries", "neighbours"]

#: Starts of the last stage for every row.
N_STARTS = 12
#: Rows that the last stage is tried on before all others; if it helps none of them, it
#: is given up for the block.
PILOT_ROWS = 128
#: Costs that differ by this share are those of one minimum.
EQUAL = 1e-8


class BlockRetries(NamedTuple):
    """Retries of the rows of one block that failed.

    Attributes
    ----------
    job : RowJob
    data : RowData
        The block.
    first : int
        Number of its first row in the job.
    table : RowTable
        Its answers, changed in place where a retry lowers the cost.
    """

    job: RowJob
    data: RowData
    first: int
    table: RowTable

    def run(self) -> None:
        """Try the rows that failed in one stage after the other."""
        for stage in self.job.retry_stages:
            unfitted = self.table.unfitted & (self.table.status != Status.RUNNING)
            worth_trying = self.table.failed & ~unfitted
            failed = np.flatnonzero(worth_trying).astype(np.int64)
            if not failed.size:
                return
            if stage is RetryStage.MULTISTART:
                self._try_spread(failed)
                continue
            starts = np.full((len(failed), self.table.theta.shape[1]), np.nan)
            if stage is RetryStage.NEIGHBOUR:
                nearest = neighbours(
                    self.table, failed, self.first, self.job.frame.row_length
                )
                failed = failed[: len(nearest)]
                starts = self.table.theta[nearest]
            if failed.size:
                self.keep(failed, self._tried(failed, starts, stage))

    def keep(self, numbers: IntArray, tried: RowTable) -> NDArray[np.bool_]:
        """Write answers over those of the rows that they improve; which they are.

        The lower cost is kept whatever the status says; at equal costs, what converged.
        A row that could not be fitted before takes any answer.
        """
        before, after = self.table.rating[numbers], tried.rating
        cost = np.where(np.isfinite(before), before, np.inf)
        slack = np.where(np.isfinite(before), EQUAL * before, 0.0)
        improved = after < cost - slack
        improved |= ~tried.failed & (after <= cost + slack)
        improved |= self.table.unfitted[numbers]
        self.table.put(numbers[improved], tried.chosen(improved))
        return improved

    def _tried(
        self, numbers: IntArray, starts: FloatArray, stage: RetryStage
    ) -> RowTable:
        fits = self.job.fits
        records = fits.fit(self.data, starts, numbers=numbers)
        return self.job.table_of(records, stage)

    def _try_spread(self, failed: IntArray) -> None:
        """Several starts for each row; the same for all rows of the block."""
        starts = self._spread()
        if starts is None:
            return
        for chosen in (failed[:PILOT_ROWS], failed[PILOT_ROWS:]):
            numbers = np.repeat(chosen, len(starts))
            if not numbers.size:
                return
            several = np.tile(starts, (len(chosen), 1))
            tried = self._tried(numbers, several, RetryStage.MULTISTART)
            cost = np.where(np.isfinite(tried.rating), tried.rating, np.inf)
            cost = np.where(tried.failed, (1.0 + EQUAL) * cost, cost)
            best = np.argmin(cost.reshape(len(chosen), -1), axis=1)
            best += np.arange(len(chosen)) * len(starts)
            if not self.keep(chosen, tried.chosen(best)).any():
                return

    def _spread(self) -> FloatArray | None:
        """Starts around the median solution of the block, or of the failures."""
        theta = self.table.theta
        good = theta[~self.table.failed]
        good = good if len(good) else theta[np.isfinite(theta).all(axis=1)]
        if not len(good):
            return None
        center = np.median(good, axis=0)
        x = self.data.x[0] if self.data.has_own_x else self.data.x
        finite = x[:, np.isfinite(x).all(axis=0)]
        if finite.shape[1] < 2:
            return None
        shown = Observations(finite, np.zeros((1, finite.shape[1])), None)
        rng = np.random.default_rng([self.first, 1])
        return spread_starts(self.job.model, shown, center, N_STARTS, rng)


def neighbours(
    table: RowTable, failed: IntArray, first: int = 0, row_length: int = 0
) -> IntArray:
    """The nearest converged row of each that failed; none if no row converged.

    The rows beside, above and below come first, then whichever is nearest in the order
    of the rows.

    Parameters
    ----------
    table : RowTable
        Of a block.
    failed : ndarray of int
        Numbers of rows in it.
    first : int
        Number of its first row in the job.
    row_length : int
        Rows in a line of the map; 0 without one.
    """
    good = np.flatnonzero(~table.failed)
    if not good.size:
        return failed[:0]
    after = np.searchsorted(good, failed)
    right = good[np.minimum(after, len(good) - 1)]
    left = good[np.maximum(after - 1, 0)]
    nearest = np.where(abs(left - failed) <= abs(right - failed), left, right)
    steps = (row_length, -row_length, 1, -1) if row_length else (1, -1)
    for step in steps:
        beside = failed + step
        exists = (beside >= 0) & (beside < table.n_rows)
        if abs(step) == 1 and row_length:
            exists &= (first + beside) // row_length == (first + failed) // row_length
        usable = exists & ~table.failed[np.clip(beside, 0, table.n_rows - 1)]
        nearest = np.where(usable, beside, nearest)
    return nearest
