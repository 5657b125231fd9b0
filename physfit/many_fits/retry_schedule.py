"""Other start values for rows that failed: a schedule of retries.

A row that did not converge is tried again as a single fit is (`fitting.retries`), from
its own data alone, and last from the solution of the nearest row that converged. All of
it stays within the block of the row, and depends on nothing but the block.
"""

from __future__ import annotations

import numpy as np

from physfit.fitting.retries import EQUAL, Retries
from physfit.solve.row_table import RetryStage, RowTable
from physfit.typing import IntArray

__all__ = ["neighbours", "try_neighbours"]


def try_neighbours(retries: Retries, first: int, row_length: int) -> None:
    """Try the rows that still fail from the solutions of their neighbours.

    Only a lower minimum counts. Which end of a cost without one a row has come to, and
    whether it is a minimum by a hair, is as its own starts have it, and a single fit.

    Parameters
    ----------
    retries : Retries
        Of one block or several.
    first : int
        Number of the first row in the job.
    row_length : int
        Rows in a line of the map; 0 without one.
    """
    failed, nearest = _beside(retries, first, row_length)
    if not nearest.size:
        return
    tried = retries.tried(failed, retries.table.theta[nearest], RetryStage.NEIGHBOUR)
    before = retries.table.rating[failed]
    most = np.where(np.isfinite(before), (1.0 - EQUAL) * before, np.inf)
    lower = ~tried.failed & (tried.rating < most)
    retries.keep(failed[lower], tried.chosen(lower))


def _beside(retries: Retries, first: int, row_length: int) -> tuple[IntArray, IntArray]:
    """Rows that failed, and their neighbours; those of blocks without any are left."""
    failed, size = retries.failed, retries.block_rows
    numbers, nearest = [failed[:0]], [failed[:0]]
    for start in np.unique(failed // size * size).tolist():
        block = retries.table.rows(start, start + size)
        own = failed[(failed >= start) & (failed < start + size)] - start
        beside = neighbours(block, own, first + start, row_length)
        numbers.append(own[: beside.size] + start)
        nearest.append(beside + start)
    return np.concatenate(numbers), np.concatenate(nearest)


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
