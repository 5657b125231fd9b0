"""Fits of the rows of a file: blocks are read ahead, fitted, and kept one by one.

It runs where no interrupt is raised, see `engine.workers.undisturbed`.

One thread reads the next blocks while these are fitted, another writes those before: of
fast fits so many blocks at once as take a second.
A block that cannot be read as a whole is read in smaller and smaller ranges; rows that
cannot be read at all get a status, and the rest goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from time import perf_counter
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
from physfit.many_fits.row_job import RowJob, rows_at_once
from physfit.solve.base import Status
from physfit.solve.row_table import RowTable

__all__ = ["Interruption", "Read", "fit_blocks", "read_block"]

#: Seconds of work that a kill may cost, beside the blocks in hand.
LOST_SECONDS = 1.0
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
    pending: list[Future[None]] = []
    pace = _Pace(rows_at_once(source.row_bytes))
    with ThreadPoolExecutor(1) as writer:
        for own, read in _read_ahead(source, blocks, pace):
            check()
            first, began = own[0][0], perf_counter()
            table = job.fit_blocks(read.data, first, meter.update)
            table.status[read.lost] = Status.UNREADABLE
            pace.count(own[-1][1] - first, perf_counter() - began)
            _settle(pending)
            for (start, stop), digest in zip(own, read.digests, strict=True):
                rows = table.rows(start - first, stop - first)
                pending.append(writer.submit(sink, start, stop, rows, digest))
            meter.add(table.n_rows, int(table.failed.sum()))
            is_last = own[-1] == blocks[-1]
            if not is_last and asked_to_stop is not None and asked_to_stop():
                _settle(pending)
                raise Interruption
        _settle(pending)
    meter.update()


def _settle(pending: list[Future[None]]) -> None:
    """Wait until blocks are kept; raise what went wrong."""
    while pending:
        pending.pop(0).result()


class _Pace:
    """How many rows may be fitted at once, so that a kill costs some seconds at most.

    Answers do not depend on it: what happens to a row stays within its block.
    """

    def __init__(self, most: int) -> None:
        self._most, self._n_rows, self._seconds = most, 0, 0.0

    def count(self, n_rows: int, seconds: float) -> None:
        """Count rows that are done."""
        self._n_rows += n_rows
        self._seconds += seconds

    def next_blocks(self, blocks: Sequence[Block]) -> Sequence[Block]:
        """The next blocks, without a gap; one where nothing is known yet."""
        most = 0
        if self._seconds > 0.0:
            most = min(self._most, int(LOST_SECONDS * self._n_rows / self._seconds))
        n = 1
        while n < len(blocks) and blocks[n][0] == blocks[n - 1][1]:
            if blocks[n][1] - blocks[0][0] > most:
                break
            n += 1
        return blocks[:n]


class _ReadBlocks(NamedTuple):
    """Rows of some blocks, which of them could not be read, and a digest of each."""

    data: RowData
    lost: NDArray[np.bool_]
    digests: list[str]


def _read_ahead(
    source: RowSource, blocks: Sequence[Block], pace: _Pace
) -> Iterator[tuple[Sequence[Block], _ReadBlocks]]:
    """Blocks with their rows; the next ones are read while some are in use."""
    with ThreadPoolExecutor(1) as reader:
        coming: tuple[Sequence[Block], Future[_ReadBlocks]] | None = None
        while blocks or coming is not None:
            following = pace.next_blocks(blocks)
            blocks = blocks[len(following) :]
            before, coming = coming, None
            if following:
                coming = following, reader.submit(_read_blocks, source, following)
            if before is not None:
                yield before[0], before[1].result()


def _read_blocks(source: RowSource, blocks: Sequence[Block]) -> _ReadBlocks:
    """Rows of blocks without a gap; rows that cannot be read are NaN."""
    first = blocks[0][0]
    data, lost = _rows(source, first, blocks[-1][1])
    places = [(start - first, stop - first) for start, stop in blocks]
    return _ReadBlocks(data, lost, data.digests(lost, places))


def read_block(source: RowSource, block: Block) -> Read:
    """Rows of a block; rows that cannot be read are NaN.

    Raises
    ------
    FileChanged
        When a file is no longer what it was when it was opened.
    """
    data, lost = _rows(source, *block)
    return Read(data, lost, data.digest(lost))


def _rows(
    source: RowSource, start: int, stop: int
) -> tuple[RowData, NDArray[np.bool_]]:
    """A range of rows, and which of them cannot be read."""
    try:
        return source.read(start, stop), np.zeros(stop - start, dtype=np.bool_)
    except FileChanged:
        raise
    except DataError:
        return _rescued(source, start, stop)


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
