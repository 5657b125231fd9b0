"""The fits of one job, block of rows by block of rows.

A block is the unit of everything that must not depend on how a job was run: rows that
failed look for neighbours within their block, chains of rows begin anew in it, and the
borders between blocks follow from the job alone. So a row's answer is the same whether
its block was computed in this process or another, before or after an interruption.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import NamedTuple

import numpy as np

from physfit.data.row_data import RowData
from physfit.engine import jit
from physfit.errors import InputError
from physfit.many_fits.ladder import Ladder, climb
from physfit.models.loss import Loss
from physfit.models.model import Model
from physfit.models.row_guess import row_guess
from physfit.result.row_table import RowTable, Rung, table_of
from physfit.solve.base import Stop
from physfit.solve.many import COMPILED_FROM, Guessing, ManyFits
from physfit.solve.records import Records
from physfit.typing import FloatArray
from physfit.uncertainty.rows import settle_singular

__all__ = ["RowJob", "RowStart", "rows_of_block"]

#: Rows that make up a chain when each starts from the one before.
CHAIN = 256
#: Bytes of data that a block has about.
BLOCK_BYTES = 32 * 2**20
#: Rows of a block at most and, where the data have as many, at least.
MOST_ROWS, FEWEST_ROWS = 65536, 1024

#: Told how many rows of a block have been begun; raise to stop.
Told = Callable[[int], None]


def rows_of_block(row_bytes: int, multiple: int = 1) -> int:
    """Rows of a block.

    Parameters
    ----------
    row_bytes : int
        Bytes of a row of data.
    multiple : int
        Rows of a chunk of the file, which blocks should not cut.
    """
    rows = max(1, BLOCK_BYTES // max(1, row_bytes))
    rows = min(MOST_ROWS, max(rows, FEWEST_ROWS))
    return -(-rows // multiple) * multiple if multiple <= MOST_ROWS else rows


def _guessing(model: Model, n_points: int) -> Guessing | None:
    """The compiled guess of a model for rows of so many samples, if it has one."""
    found = row_guess(model)
    if found is None:
        return None
    address = jit.compiled(found.entry).address
    return Guessing(address, found.plan, found.work_size(n_points))


class RowStart(NamedTuple):
    """Start values of the rows of a job.

    Attributes
    ----------
    values : ndarray, shape (P,) or (n_rows, P)
        NaN is to be guessed from the row's own data.
    is_chained : bool
        Whether rows start from the solution of the row before.
    fallback : ndarray, shape (P,)
        For what cannot be guessed by compiled code; NaN where nothing is missing.
    """

    values: FloatArray
    is_chained: bool
    fallback: FloatArray

    def of_rows(self, start: int, stop: int) -> FloatArray:
        """Start values of the rows `start` to `stop`."""
        return self.values if self.values.ndim == 1 else self.values[start:stop]


class RowJob:
    """Model, loss, start values and settings of a job.

    Parameters
    ----------
    model : Model
        With at least one free parameter.
    loss : Loss
    start : RowStart
    is_absolute : bool
        Whether sigma is given, or the data are counts.
    n_rows, n_points : int
        Rows of the whole job, and samples of each.
    equal_weights : bool
        Whether all samples of a row have the same standard deviation.
    row_length : int
        Rows in a line of the map, for the neighbours above and below; 0: no map.
    stop : Stop, optional
    threads : int
    retry : bool
        Whether rows that fail are tried again from other start values.
    """

    def __init__(
        self,
        model: Model,
        loss: Loss,
        start: RowStart,
        *,
        is_absolute: bool,
        n_rows: int,
        n_points: int,
        equal_weights: bool = False,
        row_length: int = 0,
        stop: Stop | None = None,
        threads: int = 1,
        retry: bool = True,
    ) -> None:
        if not model.free_names:
            raise InputError(
                f"{model.expression} has no free parameter to fit; free one with "
                "where(name=pf.param())."
            )
        self.model, self.loss, self.start = model, loss, start
        self.is_absolute = is_absolute
        self.row_length = row_length
        self.retry = retry
        self.fits = ManyFits(
            model.layout,
            loss,
            model.free_lower,
            model.free_upper,
            is_absolute=is_absolute,
            stop=stop,
            threads=threads,
            is_large=n_rows * n_points >= COMPILED_FROM,
            equal_weights=equal_weights,
            guessing=_guessing(model, n_points),
            chain=CHAIN if start.is_chained else 0,
        )

    @cached_property
    def first_rung(self) -> Rung:
        """Where rows begin that are tried once."""
        if self.start.is_chained:
            return Rung.PREVIOUS
        is_guessed = np.isnan(self.start.values).any()
        return Rung.GUESS if is_guessed else Rung.GIVEN

    def fit_block(
        self,
        data: RowData,
        first: int = 0,
        told: Told | None = None,
        out: Records | None = None,
    ) -> RowTable:
        """Fit the rows of a block.

        Parameters
        ----------
        data : RowData
            The rows of one block, all of them.
        first : int
            Number of the first of them in the job.
        told : callable, optional
            Told now and then how many rows have been begun; raise to stop.
        out : Records, optional
            Memory for the answers; new memory if left out.
        """
        start = self.start.of_rows(first, first + data.n_rows)
        if np.isfinite(self.start.fallback).any():
            start = np.where(np.isnan(start), self.start.fallback, start)
        records = self.fits.fit(data, start, told=told, out=out)
        found = self._table(records, self.first_rung)
        if self.retry:
            climb(self._tools, data, first, found)
        return found

    def refit_block(self, data: RowData, first: int, found: RowTable) -> None:
        """Fit the rows of `found` again that have not converged, in place.

        Parameters
        ----------
        data : RowData
            The rows of the block.
        first : int
            Number of the first of them in the job.
        found : RowTable
            What they gave before.
        """
        failed = np.flatnonzero(found.failed).astype(np.int64)
        start = self.start.of_rows(first, first + data.n_rows)
        starts = np.where(np.isnan(start), self.start.fallback, start)
        starts = np.broadcast_to(starts, (data.n_rows, starts.shape[-1]))[failed]
        rung = Rung.GUESS if np.isnan(starts).any() else Rung.GIVEN
        records = self.fits.fit(data, starts, numbers=failed, chained=False)
        found.put(failed, self._table(records, rung))
        if self.retry:
            climb(self._tools, data, first, found)

    @cached_property
    def _tools(self) -> Ladder:
        rungs = [Rung.NEIGHBOUR, Rung.MULTISTART]
        if self.fits.can_guess and self.first_rung is not Rung.GUESS:
            rungs.insert(0, Rung.GUESS)
        return Ladder(
            self.model,
            self.fits,
            tuple(rungs),
            self.start.fallback,
            self.row_length,
            self._table,
        )

    def _table(self, records: Records, rung: Rung) -> RowTable:
        n_outputs = self.model.n_outputs
        settle_singular(records, self.loss, self.is_absolute, n_outputs)
        return table_of(records, rung)
