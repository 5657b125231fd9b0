"""Other start values for rows that failed: a schedule of retries.

A row that did not converge is tried from a guess of its own, then from the solution of
the nearest row that converged, then from several starts spread over what the parameters
may be, of which the lowest chi2 wins. All of it stays within the block of the row, and
depends on nothing but the block. A row that converged is left alone, and so is one that
cannot be fitted, whatever its start.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from physfit.data.record import Observations
from physfit.data.row_data import RowData
from physfit.fitting.exploration.spread import spread_starts
from physfit.models.model import Model
from physfit.solve.base import Status
from physfit.solve.many import ManyFits
from physfit.solve.row_table import Records, RetryStage, RowTable
from physfit.typing import FloatArray, IntArray

__all__ = ["RetrySchedule", "retry"]

#: Starts of the last stage for every row.
N_STARTS = 12
#: Rows that the last stage is tried on before all others; if it helps none of them, it
#: is given up for the block.
PILOT_ROWS = 128

#: Makes a table of records.
Tabled = Callable[[Records, RetryStage], RowTable]


class RetrySchedule(NamedTuple):
    """The stages of retries, and what they need of a job.

    Attributes
    ----------
    model : Model
    fits : ManyFits
    stages : tuple of RetryStage
        In the order in which they are tried.
    fallback : ndarray, shape (P,)
        Start values where nothing better is known; may be NaN.
    row_length : int
        Rows in a line of the map; 0 without one.
    tabled : callable
    """

    model: Model
    fits: ManyFits
    stages: tuple[RetryStage, ...]
    fallback: FloatArray
    row_length: int
    tabled: Tabled


def retry(schedule: RetrySchedule, data: RowData, first: int, found: RowTable) -> None:
    """Try the rows of `found` that failed in one stage after the other.

    Parameters
    ----------
    schedule : RetrySchedule
    data : RowData
        The block.
    first : int
        Number of its first row in the job.
    found : RowTable
        Changed in place where a retry converged.
    """
    for stage in schedule.stages:
        failed = np.flatnonzero(_worth_trying(found)).astype(np.int64)
        if not failed.size:
            return
        if stage is RetryStage.MULTISTART:
            _try_spread(schedule, data, first, found, failed)
            continue
        starts = np.full((len(failed), found.theta.shape[1]), np.nan)
        if stage is RetryStage.NEIGHBOUR:
            starts, failed = _neighbours(schedule, first, found, failed)
        if failed.size:
            table = _tried(schedule, data, failed, starts, stage)
            found.put(failed[~table.failed], _chosen(table, ~table.failed))


def _worth_trying(found: RowTable) -> NDArray[np.bool_]:
    worth: NDArray[np.bool_] = found.failed & (found.status < Status.TOO_FEW)
    return worth


def _tried(
    schedule: RetrySchedule,
    data: RowData,
    numbers: IntArray,
    starts: FloatArray,
    stage: RetryStage,
) -> RowTable:
    records = schedule.fits.fit(data, starts, numbers=numbers, chained=False)
    return schedule.tabled(records, stage)


def _chosen(table: RowTable, which: NDArray[np.bool_] | IntArray) -> RowTable:
    return RowTable._make(array[which] for array in table)


def _neighbours(
    schedule: RetrySchedule, first: int, found: RowTable, failed: IntArray
) -> tuple[FloatArray, IntArray]:
    """Solutions of the nearest converged rows, and the rows that have one.

    The rows beside, above and below come first, then whichever is nearest in the order
    of the rows.
    """
    good = np.flatnonzero(~found.failed)
    if not good.size:
        return np.empty((0, found.theta.shape[1])), failed[:0]
    after = np.searchsorted(good, failed)
    right = good[np.minimum(after, len(good) - 1)]
    left = good[np.maximum(after - 1, 0)]
    nearest = np.where(abs(left - failed) <= abs(right - failed), left, right)
    length = schedule.row_length
    for step in (length, -length, 1, -1) if length else (1, -1):
        beside = failed + step
        exists = (beside >= 0) & (beside < found.n_rows)
        if abs(step) == 1 and length:
            exists &= (first + beside) // length == (first + failed) // length
        usable = exists & ~found.failed[np.clip(beside, 0, found.n_rows - 1)]
        nearest = np.where(usable, beside, nearest)
    return found.theta[nearest], failed


def _try_spread(
    schedule: RetrySchedule,
    data: RowData,
    first: int,
    found: RowTable,
    failed: IntArray,
) -> None:
    """Several starts for each row; the same for all rows of the block."""
    starts = _spread(schedule, data, first, found)
    if starts is None:
        return
    for chosen in (failed[:PILOT_ROWS], failed[PILOT_ROWS:]):
        numbers = np.repeat(chosen, len(starts))
        if not numbers.size:
            return
        several = np.tile(starts, (len(chosen), 1))
        table = _tried(schedule, data, numbers, several, RetryStage.MULTISTART)
        cost = np.where(table.failed, np.inf, table.chi2).reshape(len(chosen), -1)
        best = np.argmin(cost, axis=1)
        solved = np.isfinite(cost.min(axis=1))
        places = np.arange(len(chosen)) * len(starts) + best
        found.put(chosen[solved], _chosen(table, places[solved]))
        if not solved.any():
            return


def _spread(
    schedule: RetrySchedule, data: RowData, first: int, found: RowTable
) -> FloatArray | None:
    """Starts around the median solution of the block, the fallback, or what failed."""
    good = found.theta[~found.failed]
    center = np.median(good, axis=0) if len(good) else schedule.fallback
    if np.isnan(center).any():
        tried = found.theta[np.isfinite(found.theta).all(axis=1)]
        center = np.median(tried, axis=0) if len(tried) else center
    if not np.isfinite(center).all():
        return None
    x = data.x[0] if data.has_own_x else data.x
    finite = x[:, np.isfinite(x).all(axis=0)]
    if finite.shape[1] < 2:
        return None
    shown = Observations(finite, np.zeros((1, finite.shape[1])), None)
    rng = np.random.default_rng([first, 1])
    return spread_starts(schedule.model, shown, center, N_STARTS, rng)
