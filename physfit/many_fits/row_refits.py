"""Fits of chosen rows of a block with another loss or model, or from other starts."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from physfit.data.row_data import RowData
from physfit.fitting.fit_settings import FitSettings
from physfit.fitting.retries import EQUAL, Retries, is_open, own_stages
from physfit.many_fits.retry_schedule import neighbours
from physfit.many_fits.row_job import RowJob, RowPlan
from physfit.models.model import Model
from physfit.result.many_refits import HELD, Refit
from physfit.solve.base import Status
from physfit.solve.row_table import RetryStage, RowTable, packed_size
from physfit.typing import FloatArray, IntArray
from physfit.uncertainty.rows import unpacked

__all__ = ["Better", "RowRefits"]

#: Scales of residuals that differ by this share are those of one minimum: they are
#: found to about 1e-6.
EQUAL_SCALES = 1e-5


class Better(NamedTuple):
    """Answers that are better than those before: numbers of rows, and their table."""

    numbers: IntArray
    table: RowTable


class RowRefits:
    """Fits of rows that were fitted alike, and are fitted alike now.

    Parameters
    ----------
    names : tuple of str
        Free parameters of the result, the columns of its table.
    before : Refit
        What the rows were fitted with.
    model : Model
        Some of `names` may be fixed in it.
    settings : FitSettings
        Start values among them; without any, rows are fitted from several.
    shape : tuple of int
        Of the map.
    shown : RowData
        First rows of the data.
    """

    def __init__(
        self,
        names: tuple[str, ...],
        before: Refit,
        model: Model,
        settings: FitSettings,
        shape: tuple[int, ...],
        shown: RowData,
    ) -> None:
        self._names, loss = names, settings.loss
        self._is_same = (before.model, before.loss) == (model, loss)
        self._job = RowJob(RowPlan.of(model, shown, shape, settings))
        self.refit = Refit(model, loss, self._job.frame.is_absolute)
        self._kept = [names.index(name) for name in model.free_names]

    def better(
        self, data: RowData, first: int, before: RowTable, numbers: IntArray
    ) -> Better:
        """Better answers of some rows of a block.

        Parameters
        ----------
        data : RowData
            The rows of the block.
        first : int
            Number of the first of them in the map.
        before : RowTable
            Their answers.
        numbers : ndarray of int
            Of the rows in the block.
        """
        if not numbers.size:
            return Better(numbers, before.rows(0, 0))
        job, every = self._job, np.arange(numbers.size)
        chosen = job.with_columns(data.chosen(numbers))
        old = self._narrowed(before.chosen(numbers))
        table = old if self._is_same else self._from_answers(chosen, old)
        table = RowTable._make(np.array(column) for column in table)
        retries = Retries(
            *(job.model, job.fits, job.table_of, chosen, table, old.theta),
            block_rows=numbers.size,
            must_converge=True,
        )
        if self.settings.start is None:
            beside = self._beside(before, first, numbers)
            self._from_everywhere(retries, beside, every)
        else:
            start = job.start.of_rows(first, first + data.n_rows)
            start = np.broadcast_to(start, (data.n_rows, start.shape[-1]))
            self._from_given(retries, start[numbers], every)
        is_better = ~table.failed & ~(is_open(table) & ~is_open(old) & ~old.failed)
        if self._is_same:
            equal = np.where(np.isfinite(old.scale), EQUAL_SCALES, EQUAL)
            is_better &= old.failed | (table.rating < (1.0 - equal) * old.rating)
        return Better(numbers[is_better], self._widened(table.chosen(is_better)))

    @property
    def settings(self) -> FitSettings:
        """How the rows are fitted."""
        return self._job.settings

    def _from_answers(self, chosen: RowData, old: RowTable) -> RowTable:
        """Fits from the answers that are there, put within bounds."""
        model = self._job.model
        starts = np.clip(old.theta, model.free_lower, model.free_upper)
        return self._fitted(chosen, starts, RetryStage.ANSWER)

    def _fitted(
        self, chosen: RowData, starts: FloatArray, stage: RetryStage
    ) -> RowTable:
        starts = self._job.filled(chosen, starts)
        return self._job.table_of(self._job.fits.fit(chosen, starts), stage)

    def _from_given(
        self, retries: Retries, starts: FloatArray, every: IntArray
    ) -> None:
        """Fits from start values; where these fail, from others."""
        is_guessed = bool(np.isnan(starts).any())
        stage = RetryStage.GUESS if is_guessed else RetryStage.GIVEN
        retries.keep(every, self._fitted(retries.data, starts, stage))
        retries.run(own_stages(is_guessed=False))

    def _from_everywhere(
        self, retries: Retries, beside: FloatArray, every: IntArray
    ) -> None:
        """Fits from all starts that there are for rows that fail."""
        blank = np.full_like(retries.table.theta, np.nan)
        retries.keep(every, self._fitted(retries.data, blank, RetryStage.GUESS))
        retries.try_several(every)
        if beside.size:
            found = self._fitted(retries.data, beside, RetryStage.NEIGHBOUR)
            retries.keep(every, found)

    def _beside(self, before: RowTable, first: int, numbers: IntArray) -> FloatArray:
        """Answers of the nearest converged rows that were not chosen; or none."""
        status = before.status.copy()
        status[numbers] = Status.MAX_STEPS
        others = before._replace(status=status)
        nearest = neighbours(others, numbers, first, self._job.frame.row_length)
        model, theta = self._job.model, before.theta[nearest][:, self._kept]
        return np.clip(theta, model.free_lower, model.free_upper)

    def _narrowed(self, table: RowTable) -> RowTable:
        """The columns of the parameters that are free now."""
        rows, columns = np.tril_indices(len(self._kept))
        full = unpacked(table.covariance, len(self._names))
        kept = np.array(self._kept)
        return table._replace(
            theta=table.theta[:, kept],
            at_bound=table.at_bound[:, kept],
            covariance=full[:, kept[rows], kept[columns]],
        )

    def _widened(self, table: RowTable) -> RowTable:
        """Columns of all parameters of the result; those held have no error."""
        n, (rows, columns) = len(self._names), np.tril_indices(len(self._kept))
        parameters = self._job.model.parameters
        held = [parameters[name].start for name in self._names]
        theta = np.tile(np.array(held, dtype=np.float64), (table.n_rows, 1))
        at_bound = np.full((table.n_rows, n), HELD, dtype=np.int8)
        packed = np.full((table.n_rows, packed_size(n)), np.nan)
        kept = np.array(self._kept)
        theta[:, kept], at_bound[:, kept] = table.theta, table.at_bound
        upper = np.maximum(kept[rows], kept[columns])
        lower = np.minimum(kept[rows], kept[columns])
        packed[:, upper * (upper + 1) // 2 + lower] = table.covariance
        return table._replace(theta=theta, at_bound=at_bound, covariance=packed)
