"""Other start values for fits that failed: the same for one curve and for many rows.

A fit that has not converged is tried again: from its start with the other sign of what
the data leave open, if it began at values that were given, and from a guess; then from
several starts: the solutions for data that are averaged over ever more neighbours,
which show no single high sample as a peak, and random ones around these. The lowest
cost wins, whatever its status; of equal ones that which converged, such as a broad peak
in place of a spike between two samples. Starts depend on the fit's own data alone, so
that a row has the answer of a single fit. One that converged is left alone, and so is
one that cannot be fitted, whatever its start.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from physfit.data.row_data import RowData
from physfit.fitting.component_order import put_in_given_order
from physfit.fitting.exploration.spread import latin_hypercube
from physfit.fitting.ranges import at_shares
from physfit.models.model import Model
from physfit.solve.base import Status
from physfit.solve.many import ManyFits
from physfit.solve.row_table import Records, RetryStage, RowTable, is_fitted
from physfit.typing import FloatArray, IntArray
from physfit.uncertainty.rows import diagonal_places

__all__ = ["EQUAL", "Retries", "is_open", "own_stages"]

#: Random starts of the last stage for every row.
N_RANDOM = 8
#: Numbers of neighbours that data are averaged over, from 3 to half of the samples.
N_WIDTHS = 4
#: Rows of a block that the last stage is tried on before all others, at least and at
#: most, and their share of it; if it helps none of them, it is given up for the block.
FEWEST_PILOTS, MOST_PILOTS, PILOT_SHARE = 16, 128, 32
#: Costs that differ by this share are those of one minimum.
EQUAL = 1e-8


def own_stages(is_guessed: bool) -> tuple[RetryStage, ...]:
    """Where a fit that failed is tried from, whatever others there are.

    Parameters
    ----------
    is_guessed : bool
        Whether it began at a guess.
    """
    several = (RetryStage.MULTISTART,)
    return several if is_guessed else (RetryStage.GUESS, *several)


def is_open(table: RowTable) -> NDArray[np.bool_]:
    """Rows whose data leave a parameter undetermined: its error is infinite."""
    variances = table.covariance[:, diagonal_places(table.theta.shape[1])]
    found: NDArray[np.bool_] = (variances == np.inf).any(axis=1)
    return found


class Retries(NamedTuple):
    """Retries of rows that failed.

    Attributes
    ----------
    model : Model
    fits : ManyFits
        What the rows were fitted with.
    table_of : callable
        `(records, stage)`: the answers of fits.
    data : RowData
    table : RowTable
        The answers so far, changed in place where a retry lowers the cost.
    starts : ndarray, shape (P,) or (n_rows, P)
        Where the rows began; NaN was guessed.
    block_rows : int
        Rows of a block; what becomes of a row depends on those of its block alone.
    must_converge : bool
        Whether only answers that converged are written, and over answers without
        infinite errors none that has some.
    """

    model: Model
    fits: ManyFits
    table_of: Callable[[Records, RetryStage], RowTable]
    data: RowData
    table: RowTable
    starts: FloatArray
    block_rows: int = 1
    must_converge: bool = False

    @property
    def n_pilots(self) -> int:
        """Rows of a block that the last stage is tried on first."""
        share = self.block_rows // PILOT_SHARE
        return min(max(share, FEWEST_PILOTS), MOST_PILOTS)

    @property
    def failed(self) -> IntArray:
        """Numbers of the rows that are worth another start."""
        numbers: IntArray = np.flatnonzero(self.table.failed).astype(np.int64)
        status = self.table.status[numbers]
        failed: IntArray = numbers[is_fitted(status) | (status == Status.RUNNING)]
        return failed

    def run(self, stages: Iterable[RetryStage]) -> None:
        """Try the rows that failed in one stage after the other."""
        self._try_mirrored(self.failed)
        for stage in stages:
            failed = self.failed
            if not failed.size:
                return
            if stage is RetryStage.MULTISTART:
                self._try_several(failed)
            else:
                self.keep(failed, self.tried(failed, self._blank(failed), stage))

    def keep(self, numbers: IntArray, tried: RowTable) -> NDArray[np.bool_]:
        """Write answers over those of the rows that they improve; which they are.

        The lower cost is kept whatever the status says; at equal costs, what converged.
        A row that could not be fitted before takes any answer. Equal components keep
        the order of their starts.
        """
        before, after = self.table.rating[numbers], tried.rating
        cost = np.where(np.isfinite(before), before, np.inf)
        slack = np.where(np.isfinite(before), EQUAL * before, 0.0)
        improved = after < cost - slack
        mended = self.table.failed[numbers] & ~tried.failed
        improved |= mended & (after <= cost + slack)
        improved |= self.table.unfitted[numbers]
        if self.must_converge:
            left_open = is_open(tried) & ~is_open(self.table.chosen(numbers))
            improved &= ~(tried.failed | left_open)
        better = tried.chosen(improved)
        put_in_given_order(self.model, self._starts_of(numbers[improved]), better)
        self.table.put(numbers[improved], better)
        return improved

    def _try_mirrored(self, failed: IntArray) -> None:
        """Starts with the other sign of what was left open, as `mirrored` says."""
        starts = self._starts_of(failed)
        places = diagonal_places(starts.shape[1])
        diagonal = self.table.covariance[failed][:, places]
        others = np.where(np.isposinf(diagonal), -starts, starts)
        lower, upper = self.model.free_lower, self.model.free_upper
        usable = ((others >= lower) & (others <= upper)).all(axis=1)
        usable &= self.table.status[failed] == Status.UNDETERMINED
        usable &= (others != starts).any(axis=1)
        if usable.any():
            numbers = failed[usable]
            self.keep(numbers, self.tried(numbers, others[usable], RetryStage.GIVEN))

    def _starts_of(self, numbers: IntArray) -> FloatArray:
        """Where rows began."""
        shape = (self.table.n_rows, self.table.theta.shape[1])
        return np.broadcast_to(self.starts, shape)[numbers]

    def _blank(self, numbers: IntArray) -> FloatArray:
        """Starts that are to be guessed."""
        return np.full((len(numbers), self.table.theta.shape[1]), np.nan)

    def tried(
        self, numbers: IntArray, starts: FloatArray, stage: RetryStage
    ) -> RowTable:
        """Answers of fits from such starts; NaN is to be guessed."""
        records = self.fits.fit(self.data, starts, numbers=numbers)
        return self.table_of(records, stage)

    def _try_several(self, failed: IntArray) -> None:
        """Several starts for each row, of blocks where they help the first ones."""
        blocks = failed // self.block_rows
        rank = np.arange(len(failed)) - np.searchsorted(blocks, blocks)
        is_first = rank < self.n_pilots
        helped = blocks[is_first][self.try_several(failed[is_first])]
        rest = failed[~is_first & np.isin(blocks, helped)]
        if rest.size:
            self.try_several(rest)

    def try_several(self, chosen: IntArray) -> NDArray[np.bool_]:
        """Try several starts for each of these rows; which rows have become better."""
        starts = self._several(chosen)
        numbers = np.repeat(chosen, starts.shape[1])
        flat = starts.reshape(len(numbers), -1)
        tried = self.tried(numbers, flat, RetryStage.MULTISTART)
        cost = np.where(np.isfinite(tried.rating), tried.rating, np.inf)
        if self.must_converge:
            cost[tried.failed | is_open(tried)] = np.inf
        else:
            cost = np.where(tried.failed, (1.0 + EQUAL) * cost, cost)
        best = np.argmin(cost.reshape(len(chosen), -1), axis=1)
        best += np.arange(len(chosen)) * starts.shape[1]
        return self.keep(chosen, tried.chosen(best))

    def _several(self, chosen: IntArray) -> FloatArray:
        """Starts of each row, shape (n_rows, n_starts, P); NaN is to be guessed."""
        used = self.data.used(chosen)
        own = self.data.chosen(chosen)._replace(mask=~used)
        numbers, blank = np.arange(len(chosen)), self._blank(chosen)
        solved = []
        for k in range(N_WIDTHS):
            smooth = own._replace(y=_averaged(own.y, used, k / (N_WIDTHS - 1)))
            fitted = self.fits.fit(smooth, blank, numbers=numbers, settled=True)
            theta = fitted.table.theta
            is_lost = np.flatnonzero(~np.isfinite(theta.sum(axis=1)))
            theta[is_lost] = np.nan
            solved.append(theta)
        centers = np.stack(solved, axis=1)
        return np.concatenate([centers, self._around(centers, own, used)], axis=1)

    def _around(
        self, centers: FloatArray, own: RowData, used: NDArray[np.bool_]
    ) -> FloatArray:
        """Random starts around each center in turn; the same shares for all rows."""
        n_rows, n_centers, n_free = centers.shape
        turns = np.arange(N_RANDOM) % n_centers
        cube = latin_hypercube(N_RANDOM, n_free, np.random.default_rng(1))
        low, high = np.zeros(n_rows), np.zeros(n_rows)
        if own.x.shape[-2] == 1:
            x = np.broadcast_to(own.x[..., 0, :], used.shape)
            low = np.where(used, x, np.inf).min(axis=1)
            high = np.where(used, x, -np.inf).max(axis=1)
        starts = np.empty((n_rows, N_RANDOM, n_free))
        for k, name in enumerate(self.model.free_names):
            starts[:, :, k] = at_shares(
                cube[:, k],
                self.model,
                (low[:, None], high[:, None]),
                name,
                centers[:, turns, k],
            )
        return np.clip(starts, self.model.free_lower, self.model.free_upper)


def _averaged(y: NDArray[Any], used: NDArray[np.bool_], share: float) -> NDArray[Any]:
    """Rows averaged over neighbours that are used: 3 at share 0, half of them at 1."""
    order = np.argsort(~used, axis=1, kind="stable")
    n = used.sum(axis=1)[:, None]
    y = np.where(used, y, 0.0).astype(np.result_type(y, np.float64))
    sums = np.zeros((len(y), y.shape[1] + 1), dtype=y.dtype)
    np.cumsum(np.take_along_axis(y, order, axis=1), axis=1, out=sums[:, 1:])
    half = np.round(0.5 * 3.0 * (np.maximum(n, 6) / 6.0) ** share - 0.5).astype(int)
    places = np.arange(y.shape[1])
    first = np.minimum(np.maximum(places - half, 0), n)
    last = np.minimum(places + half + 1, n)
    total = np.take_along_axis(sums, last, axis=1)
    total -= np.take_along_axis(sums, first, axis=1)
    means, averaged = total / np.maximum(last - first, 1), np.empty_like(y)
    np.put_along_axis(averaged, order, means, axis=1)
    return averaged
