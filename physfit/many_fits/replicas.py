"""Fits of many data sets that are made as they are needed: block by block.

A block is made by all threads at once, then fitted by the compiled driver of many rows.
Its size follows from a fixed amount of memory and touches no answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from physfit.counts import checked_count
from physfit.data.files.limits import check_option
from physfit.data.row_data import RowData
from physfit.engine.workers import in_threads
from physfit.many_fits.resampling import LeftOut, Resampling, generator, rows_of_chunk
from physfit.many_fits.row_job import RowFrame, RowJob, RowStart, Settings
from physfit.models.loss import Loss
from physfit.models.model import Model
from physfit.solve.row_table import RowTable
from physfit.typing import FloatArray

__all__ = ["Refits", "checked_numbers", "free_start", "left_out", "lost", "refits"]

#: Bytes of a block's data, about.
BLOCK_BYTES = 16 * 2**20
#: Seeds are the key of a generator of two words.
MOST_SEED = 2**128 - 1
#: Bytes of a replica: its parameters, and what becomes of them in reports.
_REPLICA_BYTES = 256


class Refits(NamedTuple):
    """How replicas are fitted.

    Attributes
    ----------
    model : Model
    loss : Loss
    start : RowStart
    is_absolute : bool
        Whether the fits are given sigma, or the data are counts.
    threads : int
    """

    model: Model
    loss: Loss
    start: RowStart
    is_absolute: bool
    threads: int

    def job(self, n_rows: int, shown: RowData) -> RowJob:
        """The same, ready for so many data sets like those shown."""
        settings = Settings(self.loss, retry=False, threads=self.threads)
        frame = RowFrame(
            (n_rows,), shown.n_points, self.is_absolute, shown.has_equal_weights
        )
        return RowJob(self.model, settings, self.start, frame)


def refits(
    how: Refits, resampling: Resampling, n: int, seed: int
) -> Iterator[RowTable]:
    """Fits of `n` data sets, block by block."""
    chunk = rows_of_chunk(resampling.n_points)
    size = max(1, BLOCK_BYTES // (resampling.row_bytes * chunk)) * chunk
    room = resampling.template(min(size, n))
    job = how.job(n, room)
    for first in range(0, n, size):
        rows = room.rows(0, min(size, n - first))
        starts = range(0, rows.n_rows, chunk)
        in_threads(
            partial(_filling, resampling, rows, first, seed), starts, how.threads
        )
        yield job.fit_block(rows, first)


def _filling(
    resampling: Resampling, rows: RowData, first: int, seed: int
) -> Callable[[int], None]:
    """Function that makes the data of one chunk of a block."""
    chunk = rows_of_chunk(resampling.n_points)

    def fill(start: int) -> None:
        random = generator(seed, (first + start) // chunk)
        resampling.fill(random, rows.rows(start, start + chunk))

    return fill


def left_out(how: Refits, data: LeftOut, n: int) -> Iterator[RowTable]:
    """Fits of the data with each of the `n` samples left out once, block by block."""
    size = max(1, BLOCK_BYTES // n)
    job = how.job(n, data.rows(0, 1))
    for first in range(0, n, size):
        yield job.fit_block(data.rows(first, min(first + size, n)), first)


def lost(table: RowTable) -> NDArray[np.bool_]:
    """Fits that did not converge, or whose data do not determine the parameters."""
    return table.failed | np.isinf(table.condition)


def free_start(theta: FloatArray) -> RowStart:
    """Every fit starts from the same parameters."""
    return RowStart(theta, False, np.full(len(theta), np.nan))


def checked_numbers(n: object, seed: object) -> tuple[int, int]:
    """Number of replicas and the seed, refused where they are none."""
    n = checked_count("n", n, least=2)
    check_option("n", n, _REPLICA_BYTES)
    return n, checked_count("seed", seed, least=0, most=MOST_SEED)
