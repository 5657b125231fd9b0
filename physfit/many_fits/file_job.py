"""Fits of the rows of a file: blocks are read ahead, fitted, and kept one by one.

It runs where no interrupt is raised, see `engine.workers.undisturbed`.

One thread reads the next block while this one is fitted, another writes the one before.
A block that cannot be read as a whole is read in smaller and smaller ranges; rows that
cannot be read at all get a status, and the rest goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from physfit.data.files.file_bytes import FileChanged
from physfit.data.jobs.job_record import Block
from physfit.data.row_data import RowData
from physfit.data.row_source import RowSource
from physfit.engine.workers import check
from physfit.errors import DataError
from physfit.many_fits.progress import ProgressMeter
from physfit.many_fits.row_job import RowJob
from physfit.solve.base import Status
from physfit.solve.row_table import RowTable

__all__ = ["Interruption", "Read", "fit_blocks", "read_block"]

#: Takes the answers of a block, and the digest of its data.
Sink = Callable[[int, int, RowTable, str], None]


class Interruption(Exception):
    """The fits were asked to stop; all finished blocks have been kept."""


class Read(NamedTuple):
    """A block of rows, which of them could not be read, and the digest of both."""

    data: RowData
    lost: NDArray[np.bool_]
    digest: str


def fit_blocks(
    job: RowJob,
    source: RowSource,
    blocks: Sequence[Block],
    sink: Sink,
    *,
    meter: ProgressMeter,
    asked_to_stop: Callable[[], bool] | None = None,
) -> None:
    """Fit blocks of rows and hand the answers to `sink`, in order.

    Parameters
    ----------
    job : RowJob
    source : RowSource
    blocks : sequence of (start, stop)
    sink : callable
        Called in a thread of its own with start, stop, table and digest of the data.
    meter : ProgressMeter
        Counts the rows.
    asked_to_stop : callable, optional
        Looked at after each block.

    Raises
    ------
    Interruption
        When it was asked to stop before the last block.
    DataError
        When `sink` cannot keep a block; those before it are kept.
    """
    pending: Future[None] | None = None
    with ThreadPoolExecutor(1) as writer:
        for number, ((start, stop), read) in enumerate(_read_ahead(source, blocks)):
            check()
            table = job.fit_block(read.data, start, meter.update)
            table.status[read.lost] = Status.UNREADABLE
            if pending is not None:
                pending.result()
            pending = writer.submit(sink, start, stop, table, read.digest)
            meter.add(stop - start, int(table.failed.sum()))
            is_last = number == len(blocks) - 1
            if not is_last and asked_to_stop is not None and asked_to_stop():
                pending.result()
                raise Interruption
        if pending is not None:
            pending.result()
    meter.update()


def _read_ahead(
    source: RowSource, blocks: Sequence[Block]
) -> Iterator[tuple[Block, Read]]:
    """Blocks with their rows; the next one is read while one is in use."""
    with ThreadPoolExecutor(1) as reader:
        coming = reader.submit(read_block, source, blocks[0]) if blocks else None
        for number, block in enumerate(blocks):
            assert coming is not None
            read = coming.result()
            if number + 1 < len(blocks):
                coming = reader.submit(read_block, source, blocks[number + 1])
            yield block, read


def read_block(source: RowSource, block: Block) -> Read:
    """Rows of a block; rows that cannot be read are NaN.

    Raises
    ------
    FileChanged
        When a file is no longer what it was when it was opened.
    """
    start, stop = block
    try:
        data, lost = source.read(start, stop), np.zeros(stop - start, dtype=np.bool_)
    except FileChanged:
        raise
    except DataError:
        data, lost = _rescued(source, start, stop)
    return Read(data, lost, data.digest(lost))


def _rescued(
    source: RowSource, start: int, stop: int
) -> tuple[RowData, NDArray[np.bool_]]:
    """What can be read of a range in smaller ranges, and which rows cannot."""
    data, lost = source.missing(stop - start), np.ones(stop - start, dtype=np.bool_)
    for first, read in _readable(source, start, stop):
        rows = slice(first - start, first - start + read.n_rows)
        lost[rows] = False
        for column, values in zip(data, read, strict=True):
            # What all rows share is the same array in both.
            if column is not None and column is not values:
                column[rows] = values
    return data, lost


def _readable(
    source: RowSource, start: int, stop: int
) -> Iterator[tuple[int, RowData]]:
    """Ranges of rows that can be read: the number of their first row, and the data."""
    try:
        yield start, source.read(start, stop)
        return
    except FileChanged:
        raise
    except DataError:
        pass
    grain = source.grain
    first, last = start // grain, (stop - 1) // grain
    if first == last:
        return
    middle = (first + 1 + (last - first) // 2) * grain
    if middle >= stop:
        middle = last * grain
    yield from _readable(source, start, middle)
    yield from _readable(source, middle, stop)
