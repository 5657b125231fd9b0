"""Windows of rows, read ahead by threads, in an order that no thread decides.

Work is cut finely where it is decompression: into single blocks, so that many threads
work on the same window. What is not compressed is read by one thread
for each window. Blocks that are shuffled are scattered into the window by the thread
that read them, while they are in its cache; other windows are gathered by the thread
that finishes their last block.

Windows are planned in their order and handed out in their order; what a window holds
follows from (source, sampler, seed, epoch, index, memory) alone. All heavy work is
done without the interpreter's lock.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from typing import NamedTuple, TypeAlias

import numpy as np

from physfit.data.arrays import NanPolicy
from physfit.data.base import Position, Source, Window, WindowRows, row_cost
from physfit.data.raw_rows import Checks, RawRows
from physfit.data.samplers import Sampler
from physfit.data.windows import BlockScatter, ShufflePlan, WindowBuffer, shuffle_plan
from physfit.engine import gather
from physfit.errors import InputError
from physfit.kernels.registry import LossKernel

__all__ = ["DEFAULT_MEMORY", "Stream", "budget_of"]

#: Bytes for all buffers together unless said otherwise.
DEFAULT_MEMORY = 64 << 20
#: Window buffers at most, for windows much smaller than the memory granted.
_MOST_BUFFERS = 16
#: Raw bytes that are scattered at once: they stay in the cache of a core.
_HOT = 1 << 19
#: Blocks that are only read, handed over at once.
_TOGETHER = 4


class _Block(NamedTuple):
    """Rows start to stop of the file, place `at` in the window, number `k` in it."""

    start: int
    stop: int
    at: int
    k: int


#: Blocks that one thread reads in turn.
Blocks: TypeAlias = tuple[_Block, ...]


class _Job:
    """One window on its way: its plan, what is not yet read, how it ended."""

    def __init__(self, plan: WindowRows, window: WindowBuffer, unread: list[Blocks]):
        self.plan = plan
        self.window = window
        self.unread = deque(unread)
        self.shuffle: ShufflePlan
        self.has_gaps = False
        self.n_open = len(unread)
        self.n = 0
        self.error: BaseException | None = None
        self.is_done = False


class Stream:
    """Windows of `epochs` passes over a source, read ahead, in deterministic order.

    Parameters
    ----------
    source : Source
    sampler : Sampler
    seed : int
        Decides the order, together with the sampler.
    epochs : int
        Where to stop, counted from epoch 0 whatever `position` is.
    memory : int
        Bytes for all buffers together.
    threads : int
        Threads that read, decompress and gather, that which asks for the windows among
        them: it helps where it would wait. The windows do not depend on it.
    nan : {"raise", "omit"}
        What happens to a row in which something is NaN or infinite.
    loss : LossKernel, optional
        Rows outside its domain are refused.
    position : Position
        The first window to hand out.

    Attributes
    ----------
    epochs : int
        As given.
    n_windows : int
        Windows of an epoch.
    capacity : int
        Rows of the largest window.

    Examples
    --------
    >>> from physfit.data.memory import ArraySource
    >>> from physfit.data.samplers import blocks
    >>> source = ArraySource(np.arange(100.0), np.ones(100))
    >>> with Stream(source, blocks, seed=1, epochs=1, memory=1 << 16) as stream:
    ...     rows = [window.x[0, : window.n].sum() for window in stream]
    >>> sum(rows)
    np.float64(4950.0)
    """

    def __init__(
        self,
        source: Source,
        sampler: Sampler,
        *,
        seed: int,
        epochs: int,
        memory: int = DEFAULT_MEMORY,
        threads: int = 2,
        nan: NanPolicy = "raise",
        loss: LossKernel | None = None,
        position: Position = Position(),  # noqa: B008
    ) -> None:
        self._source, self._seed = source, seed
        self._checks = Checks(nan, loss)
        budget = budget_of(source, memory)
        self._arrangement = sampler(source, budget)
        self.capacity = self._arrangement.capacity
        self.n_windows = self._arrangement.n_windows
        self._by_blocks = self._arrangement.by_blocks
        n_buffers = max(1, min(budget // self.capacity, _MOST_BUFFERS))
        self._n_buffers, self._n_threads = n_buffers, threads
        self._next = position.epoch * self.n_windows + position.window
        self.epochs = epochs
        self._end = epochs * self.n_windows
        self._threads: list[threading.Thread] = []
        self._change = threading.Condition()
        self._is_stopped = True
        self._broken: BaseException | None = None

    def __enter__(self) -> Stream:
        free = min(self._n_buffers, max(self._end - self._next, 0))
        self._free = [
            WindowBuffer(self._source, self.capacity, has_raw=not self._by_blocks)
            for _ in range(free)
        ]
        self._jobs: deque[_Job] = deque()
        self._planned = self._next
        self._is_stopped = False
        self._raw = self._new_raw()
        for _ in range(self._n_threads - 1):
            thread = threading.Thread(target=self._work, daemon=True)
            try:
                thread.start()
            except RuntimeError:  # the system grants no more: those there are suffice
                break
            self._threads.append(thread)
        return self

    def __exit__(self, *error: object) -> None:
        with self._change:
            self._is_stopped = True
            self._change.notify_all()
        for thread in self._threads:
            thread.join()
        self._threads.clear()
        for window in (*self._free, *(job.window for job in self._jobs)):
            window.release()
        if self._raw is not None:
            self._raw.release()
        self._free.clear()
        self._jobs.clear()

    def _new_raw(self) -> RawRows | None:
        """Raw rows of a thread that scatters blocks; None where windows hold theirs."""
        return RawRows(self._source, self._largest_block) if self._by_blocks else None

    def __iter__(self) -> Iterator[Window]:
        """Hand out the windows; the arrays of one are valid until the next is asked."""
        if self._is_stopped:
            with self:
                yield from self._windows()
        else:
            yield from self._windows()

    def _windows(self) -> Iterator[Window]:
        while self._next < self._end:
            job = self._finished()
            epoch, index = divmod(self._next, self.n_windows)
            self._next += 1
            yield job.window.filled(job.n, epoch, index, self.n_windows)
            with self._change:
                self._jobs.popleft()
                self._free.append(job.window)
                self._change.notify_all()

    def _finished(self) -> _Job:
        """The job of the next window, when it is done."""

        def is_done() -> bool:
            return bool(self._jobs) and self._jobs[0].is_done

        self._read_until(
            lambda: is_done() or self._is_stopped or self._broken is not None, self._raw
        )
        if not is_done():
            raise self._broken or InputError(
                "The stream is closed; open it with `with`."
            )
        job = self._jobs[0]
        if job.error is not None:
            raise job.error
        return job

    def _work(self) -> None:
        """Read blocks until the stream ends; what a thread does all its life."""
        raw = self._new_raw()
        try:
            self._read_until(lambda: self._is_stopped, raw)
        except BaseException as error:  # handed to whoever asks for a window
            with self._change:
                self._broken = error
                self._change.notify_all()
        if raw is not None:
            raw.release()

    def _read_until(self, is_over: Callable[[], bool], raw: RawRows | None) -> None:
        """Read what there is to read, and wait for more, until there is no need."""
        while True:
            with self._change:
                task = None
                while not is_over() and (task := self._task()) is None:
                    self._change.wait()
                if task is None:
                    return
            self._do(*task, raw)

    def _do(self, job: _Job, blocks: Blocks, raw: RawRows | None) -> None:
        """Read blocks; what goes wrong is raised when their window is asked for."""
        try:
            if job.error is None:
                self._read(job, blocks, raw)
        except BaseException as error:
            job.error = error
            if not isinstance(error, Exception):  # an interrupt, which nobody may keep
                raise
        finally:
            self._close(job)

    def _task(self) -> tuple[_Job, Blocks] | None:
        """The next blocks of the oldest window with some; a new window if none has."""
        if self._is_stopped:
            return None
        for job in self._jobs:
            if job.unread:
                return job, job.unread.popleft()
        if not self._free or self._planned >= self._end:
            return None
        epoch, index = divmod(self._planned, self.n_windows)
        plan = self._arrangement.plan(self._seed, epoch, index)
        job = _Job(plan, self._free.pop(), self._blocks(plan))
        if self._by_blocks and plan.key is not None:
            sizes = [
                block.stop - block.start for blocks in job.unread for block in blocks
            ]
            job.shuffle = shuffle_plan(np.array(sizes, dtype=np.int64), plan.key)
        self._planned += 1
        self._jobs.append(job)
        return job, job.unread.popleft()

    def _read(self, job: _Job, blocks: Blocks, raw: RawRows | None) -> None:
        if job.plan.n_draws:
            job.plan = job.plan.drawn(self._source.n_rows)
            self._source.take_into(job.plan.ranges, job.window.raw.arrays)
        elif raw is None:
            for block in blocks:
                job.window.raw.read(block.start, block.stop, block.at)
        else:
            self._scatter(job, blocks, raw)

    def _scatter(self, job: _Job, blocks: Blocks, raw: RawRows) -> None:
        """Read, shuffle and scatter one block after the other."""
        scatter = raw.scatters.get(id(job.window))
        if scatter is None:
            scatter = raw.scatters[id(job.window)] = BlockScatter(
                job.window, raw, self._checks
            )
        scatter.begin(job.shuffle)
        for block in blocks:
            if not scatter.add(block.k, block.start, block.stop):
                job.has_gaps = True

    def _close(self, job: _Job) -> None:
        """Count blocks that were read; finish the window if they were the last."""
        with self._change:
            job.n_open -= 1
            if job.n_open:
                return
        try:
            if job.error is None and not self._by_blocks:
                job.n = job.window.gather(job.plan, self._checks)
            elif job.error is None:
                n = job.plan.n_rows
                job.n = job.window.drop_gaps(n) if job.has_gaps else n
        except BaseException as error:  # handed to the reader of the window
            job.error = error
        with self._change:
            job.is_done = True
            self._change.notify_all()

    @property
    def _largest_block(self) -> int:
        """Rows that are read at once."""
        if self._source.chunk_bytes:
            return min(self._source.block_rows, self._source.n_rows)
        rows = max(_HOT // self._source.row_bytes, gather.RUN)
        return rows // gather.RUN * gather.RUN

    def _blocks(self, plan: WindowRows) -> list[Blocks]:
        """Ranges with their places in the window, as they are handed to threads.

        What must be decompressed is cut at multiples of a block, one at a time, so that
        all threads work on one window. What is only read takes less time than handing
        it over.
        """
        if plan.n_draws:
            return [()]
        is_compressed = bool(self._source.chunk_bytes)
        blocks: list[_Block] = []
        at = 0
        for first, last in plan.ranges.tolist():
            start = first
            while start < last:
                stop = self._cut(start, last)
                blocks.append(_Block(start, stop, at, len(blocks)))
                at += stop - start
                start = stop
        size = 1 if is_compressed else _TOGETHER
        return [tuple(blocks[k : k + size]) for k in range(0, len(blocks), size)]

    def _cut(self, start: int, last: int) -> int:
        """Where a block that begins at `start` ends."""
        if self._source.chunk_bytes:
            block = self._source.block_rows
            return min((start // block + 1) * block, last)
        return min(start + self._largest_block, last) if self._by_blocks else last


def budget_of(source: Source, memory: int) -> int:
    """Rows that fit into all buffers together."""
    if 2 * source.chunk_bytes > memory:
        raise InputError(
            f"`memory` is {memory} bytes, but `{source.name}` has compressed chunks of "
            f"{source.chunk_bytes} bytes that are held as a whole; raise `memory` to "
            f"at least {4 * source.chunk_bytes}, or rewrite the file with chunks of "
            "about 1 MiB."
        )
    return memory // row_cost(source)
