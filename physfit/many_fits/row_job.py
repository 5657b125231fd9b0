"""The fits of one job, block of rows by block of rows.

A block is the unit of everything that must not depend on how a job was run: rows that
failed look for neighbours within their block, chains of rows begin anew in it, and the
borders between blocks follow from the job alone. So a row's answer is the same whether
its block was computed in this process or another, before or after an interruption.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cached_property
from typing import NamedTuple

import numpy as np

from physfit.data.row_data import RowData
from physfit.errors import InputError
from physfit.fitting.fit_settings import FitSettings
from physfit.fitting.retries import Retries, own_stages
from physfit.fitting.start import Start
from physfit.many_fits.own_starts import with_own_guesses
from physfit.many_fits.retry_schedule import try_neighbours
from physfit.many_fits.starts import checked_start
from physfit.models.guess import guess_for, guesses_of_callers
from physfit.models.loss import Loss
from physfit.models.model import Model
from physfit.models.user_function.columns import in_columns
from physfit.solve.many import COMPILED_FROM, ManyFits
from physfit.solve.row_table import Records, RetryStage, RowTable
from physfit.typing import FloatArray
from physfit.uncertainty.rows import settle_covariances

__all__ = ["SAMPLE_ROWS", "RowFrame", "RowJob", "RowPlan", "rows_at_once"]
__all__ += ["rows_of_block"]

#: Rows that make up a chain when each starts from the one before.
CHAIN = 256
#: Bytes of data that a block has about.
BLOCK_BYTES = 32 * 2**20
#: First rows that a job looks at.
SAMPLE_ROWS = 256
#: Samples at which it is seen what a model is linear in.
SHOWN_SAMPLES = 10_000
#: Rows of a block at most and at least; blocks that a job has where these allow, so
#: that as many processes can share it and a kill costs little.
MOST_ROWS, FEWEST_ROWS, BLOCKS = 4096, 64, 64
#: The same of blocks that are whole chunks of a file.
MOST_OF_CHUNKS, CHUNKED_BLOCKS = 32768, 16
#: Rows in memory that are fitted at once, at most and at least.
MOST_AT_ONCE, FEWEST_AT_ONCE = 65536, 1024

#: Called with how many rows of a block have been begun; raises to stop.
Callback = Callable[[int], None]


def rows_of_block(
    n_rows: int, row_bytes: int, multiple: int = 1, *, is_chained: bool = False
) -> int:
    """Rows of a block: as the job has it, however it is shared.

    Parameters
    ----------
    n_rows : int
        Of the job.
    row_bytes : int
        Bytes of a row of data.
    multiple : int
        Rows of a chunk of the file, which blocks should not cut. One that would leave
        few blocks, or large ones, is cut into equal pieces.
    is_chained : bool
        Whether rows start from the one before.
    """
    of_bytes = BLOCK_BYTES // max(1, row_bytes)
    rows = max(min(-(-n_rows // BLOCKS), of_bytes, MOST_ROWS), FEWEST_ROWS)
    whole = -(-rows // multiple) * multiple
    most = min(-(-n_rows // CHUNKED_BLOCKS), of_bytes, MOST_OF_CHUNKS)
    if whole <= max(most, 2 * rows):
        rows = whole
    else:
        rows = -(-multiple // -(-multiple // rows))
    return -(-rows // CHAIN) * CHAIN if is_chained else rows


def rows_at_once(row_bytes: int) -> int:
    """Rows at most that are fitted at once, of as many whole blocks as they hold."""
    rows = BLOCK_BYTES // max(1, row_bytes)
    return min(MOST_AT_ONCE, max(FEWEST_AT_ONCE, rows))


class RowFrame(NamedTuple):
    """What is known of the rows of a job before any of them is read.

    Attributes
    ----------
    shape : tuple of int
        Of the map.
    n_points : int
        Samples of a row.
    is_absolute : bool
        Whether sigma is given, or implied by the loss.
    x : ndarray, shape (n_inputs, n)
        Finite coordinates of the first rows.
    equal_weights : bool
        Whether all samples of a row have the same standard deviation.
    """

    shape: tuple[int, ...]
    n_points: int
    is_absolute: bool
    x: FloatArray
    equal_weights: bool = False

    @classmethod
    def of(cls, shape: tuple[int, ...], shown: RowData, loss: Loss) -> RowFrame:
        """Frame of rows like those shown."""
        is_absolute = loss.knows_noise(shown.sigma is not None)
        few = max(1, SHOWN_SAMPLES // shown.n_points)
        x = np.concatenate(shown.x[:few], axis=1) if shown.has_own_x else shown.x
        x = np.ascontiguousarray(x[:, np.isfinite(x).all(axis=0)])
        return cls(shape, shown.n_points, is_absolute, x, shown.has_equal_weights)

    @property
    def row_length(self) -> int:
        """Rows in a line of the map, for the neighbours above and below; 0: no map."""
        return self.shape[-1] if len(self.shape) > 1 else 0


class RowPlan(NamedTuple):
    """The plan of fits of many rows, which are read block by block.

    Attributes
    ----------
    model : Model
        With at least one free parameter.
    frame : RowFrame
        What is known of the data.
    start : Start
        One for all rows, or one for each.
    settings : FitSettings
    """

    model: Model
    frame: RowFrame
    start: Start
    settings: FitSettings

    @classmethod
    def of(
        cls, model: Model, shown: RowData, shape: tuple[int, ...], settings: FitSettings
    ) -> RowPlan:
        """Plan of the rows of a map, the first of which are shown."""
        start = checked_start(model, settings.start, shape)
        return cls(model, RowFrame.of(shape, shown, settings.loss), start, settings)


class RowJob:
    """A plan whose rows can be fitted.

    Parameters
    ----------
    plan : RowPlan
    block_rows : int, optional
        Rows of a block; left out, all that are fitted at once are one.
    """

    def __init__(self, plan: RowPlan, block_rows: int | None = None) -> None:
        model, frame, start, settings = plan
        if not model.free_names:
            raise InputError(
                f"{model.expression} has no free parameter to fit; free one with "
                "where(name=pf.param())."
            )
        model, self._columns = in_columns(model)
        if len(self._columns):
            frame = frame._replace(x=np.vstack([frame.x, self._columns]))
        self.plan = plan._replace(model=model, frame=frame)
        self.model, self.frame, self.start, self.settings = self.plan
        self.block_rows = block_rows
        self._asks = bool(guesses_of_callers(model))
        self.fits = ManyFits(
            model,
            settings.loss,
            stop=settings.stop,
            threads=settings.n_threads,
            is_large=math.prod(frame.shape) * frame.n_points >= COMPILED_FROM,
            equal_weights=frame.equal_weights,
            guess=guess_for(model, frame.x, settings.loss.traits),
            chain=CHAIN if start.is_chained else 0,
        )

    @cached_property
    def first_stage(self) -> RetryStage:
        """Where rows begin that are tried once."""
        if self.start.is_chained:
            return RetryStage.PREVIOUS
        is_guessed = np.isnan(self.start.values).any()
        return RetryStage.GUESS if is_guessed else RetryStage.GIVEN

    def fit_blocks(
        self,
        data: RowData,
        first: int = 0,
        callback: Callback | None = None,
        out: Records | None = None,
    ) -> RowTable:
        """Fit the rows of a block, or of several that follow each other.

        Parameters
        ----------
        data : RowData
            The rows of these blocks, all of them.
        first : int
            Number of the first of them in the job.
        callback : callable, optional
            Called now and then with how many rows have been begun; raises to stop.
        out : Records, optional
            Memory for the answers; new memory if left out.
        """
        data = self.with_columns(data)
        start = self._starts(data, first)
        records = self.fits.fit(data, start, callback=callback, out=out)
        table = self.table_of(records, self.first_stage)
        if self.settings.retry and table.failed.any():
            self._retry(self._retries(data, first, table), first)
        return table

    def refit_block(self, data: RowData, first: int, table: RowTable) -> None:
        """Fit the rows of `table` again that have not converged, in place.

        Parameters
        ----------
        data : RowData
            The rows of the block.
        first : int
            Number of the first of them in the job.
        table : RowTable
            What they gave before.
        """
        data = self.with_columns(data)
        failed = np.flatnonzero(table.failed).astype(np.int64)
        starts = self._starts(data, first)
        starts = np.broadcast_to(starts, (data.n_rows, starts.shape[-1]))[failed]
        stage = RetryStage.GUESS if np.isnan(starts).any() else RetryStage.GIVEN
        records = self.fits.fit(data, starts, numbers=failed)
        retries = self._retries(data, first, table)
        retries.keep(failed, self.table_of(records, stage))
        if self.settings.retry:
            self._retry(retries, first)

    def with_columns(self, data: RowData) -> RowData:
        """Rows with the arrays of a model of one grid as coordinates."""
        if not len(self._columns):
            return data
        return data._replace(x=np.vstack([data.x, self._columns]))

    def _starts(self, data: RowData, first: int) -> FloatArray:
        """Where rows begin; NaN is left to the compiled guess."""
        return self.filled(data, self.start.of_rows(first, first + data.n_rows))

    def filled(self, data: RowData, start: FloatArray) -> FloatArray:
        """Start values, those filled in that a guess of the caller finds."""
        return with_own_guesses(self.model, data, start) if self._asks else start

    def _retries(self, data: RowData, first: int, table: RowTable) -> Retries:
        starts = self.start.of_rows(first, first + data.n_rows)
        rows = self.block_rows or data.n_rows
        return Retries(self.model, self.fits, self.table_of, data, table, starts, rows)

    def _retry(self, retries: Retries, first: int) -> None:
        """Try the rows that failed from other starts, each within its block."""
        if not retries.failed.size:
            return
        is_guessed = bool(np.isnan(self.start.values).all())
        retries.run(own_stages(is_guessed and not self.start.is_chained))
        try_neighbours(retries, first, self.frame.row_length)

    def table_of(self, records: Records, stage: RetryStage) -> RowTable:
        """The answers, with covariances in place of matrices and their inverses."""
        loss, is_absolute = self.settings.loss, self.frame.is_absolute
        settle_covariances(records, loss, is_absolute, self.model.n_outputs)
        records.table.retry_stage.fill(stage)
        return records.table
