"""Windows of rows, read ahead by threads, in an order that no thread decides.

Work is cut finely where it is decompression: one piece is one block of one window, so
that many threads work on the same window, and the thread that finishes the last piece
gathers the columns. What is not compressed is read by one thread for each window. Windows are planned in their order and handed out in their order; what a
window holds follows from (source, sampler, seed, epoch, index, memory) alone. Reading,
decompressing and gathering happen without the interpreter's lock.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import TypeAlias, TypeVar

import numpy as np

from physfit.data.arrays import NanPolicy
from physfit.data.base import Plan, Position, Source, Window, row_cost
from physfit.data.samplers import Arrangement, Sampler, Sequential
from physfit.data.windows import Checks, Slot
from physfit.errors import DomainError, InputError
from physfit.typing import IntArray

__all__ = ["DEFAULT_MEMORY", "Stream", "map_windows"]

#: Bytes for all buffers together unless said otherwise.
DEFAULT_MEMORY = 64 << 20
#: Slots at most, for windows much smaller than the memory granted.
_MOST_SLOTS = 16
Result = TypeVar("Result")
#: Ranges (start, stop, place in the window) that one thread reads in turn.
Piece: TypeAlias = tuple[tuple[int, int, int], ...]


class _Job:
    """One window on its way: its plan, the pieces not yet read, how it ended."""

    def __init__(self, plan: Plan, slot: Slot, pieces: list[Piece]):
        self.plan = plan
        self.slot = slot
        self.pieces = deque(pieces)
        self.n_open = len(pieces)
        self.numbers: IntArray = plan.ranges
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
        Threads that read, decompress and gather; the windows do not depend on it.
    nan : {"raise", "omit"}
        What happens to a row in which something is NaN or infinite.
    counts : bool
        Whether negative y are refused.
    position : Position
        The first window to hand out.

    Attributes
    ----------
    n_windows : int
        Windows of an epoch.
    capacity : int
        Rows of the largest window.

    Examples
    --------
    >>> from physfit.data.memory import ArraySource
    >>> from physfit.data.samplers import Blocks
    >>> source = ArraySource(np.arange(100.0), np.ones(100))
    >>> with Stream(source, Blocks(), seed=1, epochs=1, memory=1 << 16) as stream:
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
        counts: bool = False,
        position: Position = Position(),  # noqa: B008
    ) -> None:
        _check_numbers(seed, threads)
        self._source, self._seed = source, seed
        self._checks = Checks(nan, counts).validated()
        budget = _budget(source, memory)
        self._arrangement: Arrangement = sampler.arranged(source, budget)
        self.capacity = self._arrangement.capacity
        self.n_windows = self._arrangement.n_windows
        n_slots = max(1, min(budget // self.capacity, _MOST_SLOTS))
        self._n_slots, self._n_threads = n_slots, threads
        self._next = position.epoch * self.n_windows + position.window
        self._end = epochs * self.n_windows
        self._threads: list[threading.Thread] = []
        self._change = threading.Condition()
        self._is_stopped = True
        self._broken: BaseException | None = None

    def __enter__(self) -> Stream:
        free = min(self._n_slots, max(self._end - self._next, 0))
        self._free = [Slot(self._source, self.capacity) for _ in range(free)]
        self._jobs: deque[_Job] = deque()
        self._planned = self._next
        self._is_stopped = False
        for _ in range(self._n_threads):
            thread = threading.Thread(target=self._work, daemon=True)
            self._threads.append(thread)
            thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with self._change:
            self._is_stopped = True
            self._change.notify_all()
        for thread in self._threads:
            thread.join()
        self._threads.clear()
        for slot in (*self._free, *(job.slot for job in self._jobs)):
            slot.release()
        self._free.clear()
        self._jobs.clear()

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
            slot = job.slot
            is_last = index == self.n_windows - 1
            yield Window(slot.x, slot.y, slot.weights, job.n, epoch, index, is_last)
            with self._change:
                self._jobs.popleft()
                self._free.append(slot)
                self._change.notify_all()

    def _finished(self) -> _Job:
        """The job of the next window, when it is done."""
        with self._change:
            while not (self._jobs and self._jobs[0].is_done):
                if self._broken is not None:
                    raise self._broken
                if self._is_stopped:
                    raise InputError("The stream is closed; open it with `with`.")
                self._change.wait()
            job = self._jobs[0]
        if job.error is not None:
            raise job.error
        return job

    def _work(self) -> None:
        """Read pieces until there are none; what a thread does all its life."""
        while True:
            task = self._waited_for_task()
            if task is None:
                return
            job, piece = task
            try:
                self._read(job, piece)
            except BaseException as error:  # handed to the reader of the window
                self._fail(job, error)
            self._close_piece(job)

    def _waited_for_task(self) -> tuple[_Job, Piece] | None:
        """The next piece as soon as there is one; None when the stream has ended."""
        with self._change:
            try:
                task = self._task()
                while task is None and not self._is_stopped:
                    self._change.wait()
                    task = self._task()
            except BaseException as error:  # handed to whoever asks for a window
                self._broken = error
                self._change.notify_all()
                return None
            return task

    def _task(self) -> tuple[_Job, Piece] | None:
        """The next piece of the oldest window with one; a new window if none has."""
        if self._is_stopped:
            return None
        for job in self._jobs:
            if job.pieces:
                return job, job.pieces.popleft()
        if not self._free or self._planned >= self._end:
            return None
        epoch, index = divmod(self._planned, self.n_windows)
        plan = self._arrangement.plan(self._seed, epoch, index)
        job = _Job(plan, self._free.pop(), _pieces(plan, self._source))
        self._planned += 1
        self._jobs.append(job)
        return job, job.pieces.popleft()

    def _read(self, job: _Job, piece: Piece) -> None:
        if job.error is not None:
            return
        if job.plan.n_draws:
            job.numbers = _drawn(job.plan, self._source.n_rows)
            self._source.take_into(job.numbers, job.slot.raw)
            return
        for start, stop, at in piece:
            out = [raw[at:] for raw in job.slot.raw]
            self._source.read_into(start, stop, out)

    def _close_piece(self, job: _Job) -> None:
        """Count a piece; gather the window if it was the last one."""
        with self._change:
            job.n_open -= 1
            if job.n_open:
                return
        if job.error is None:
            try:
                job.n = job.slot.gather(
                    _n_rows(job.plan), job.plan, job.numbers, self._checks
                )
            except BaseException as error:  # handed to the reader of the window
                self._fail(job, error)
        with self._change:
            job.is_done = True
            self._change.notify_all()

    def _fail(self, job: _Job, error: BaseException) -> None:
        with self._change:
            if job.error is None:
                job.error = error


def _check_numbers(seed: int, threads: int) -> None:
    if not 0 <= seed < 1 << 64:
        raise DomainError(f"`seed` must be 0 or more and below 2^64, not {seed}.")
    if threads < 1:
        raise DomainError(f"`threads` must be at least 1, not {threads}.")


def _budget(source: Source, memory: int) -> int:
    """Rows that fit into all buffers together."""
    if 2 * source.chunk_bytes > memory:
        raise InputError(
            f"`memory` is {memory} bytes, but `{source.name}` has compressed chunks of "
            f"{source.chunk_bytes} bytes that are held as a whole; raise `memory` to "
            f"at least {4 * source.chunk_bytes}, or rewrite the file with chunks of "
            "about 1 MiB."
        )
    return memory // row_cost(source)


def _n_rows(plan: Plan) -> int:
    return plan.n_draws or int((plan.ranges[:, 1] - plan.ranges[:, 0]).sum())


def _pieces(plan: Plan, source: Source) -> list[Piece]:
    """Ranges with their places in the window, in pieces of work.

    What must be decompressed is cut into blocks, one a piece, so that all threads
    work on one window. What is only read takes less time than handing it over.
    """
    if plan.n_draws:
        return [()]
    block = source.block_rows if source.chunk_bytes else source.n_rows
    ranges, at = [], 0
    for first, last in plan.ranges.tolist():
        start = first
        while start < last:
            stop = min((start // block + 1) * block, last)
            ranges.append((start, stop, at))
            at += stop - start
            start = stop
    return [(own,) for own in ranges] if source.chunk_bytes else [tuple(ranges)]


def _drawn(plan: Plan, n_rows: int) -> IntArray:
    """Row numbers of a window drawn with replacement, ascending."""
    generator = np.random.Generator(np.random.Philox(key=plan.key))
    return np.sort(generator.integers(0, n_rows, plan.n_draws))


def map_windows(
    source: Source,
    function: Callable[[Window, int], Result],
    *,
    memory: int = DEFAULT_MEMORY,
    threads: int = 2,
    nan: NanPolicy = "raise",
    counts: bool = False,
) -> Iterator[Result]:
    """Results of a function over all rows, window by window, in the order of the file.

    Parameters
    ----------
    source : Source
    function : callable
        `function(window, worker)`, called in `threads` threads; `worker` is a number
        below `threads` that no two calls share at one time. Sizes of windows follow
        from the source and `memory` only.
    memory, threads, nan, counts
        As for `Stream`. Fewer threads run when memory does not hold a window each.

    Yields
    ------
    object
        What the function returned, in the order of the windows.

    Examples
    --------
    >>> from physfit.data.memory import ArraySource
    >>> source = ArraySource(np.arange(10.0), np.ones(10))
    >>> sum(map_windows(source, lambda window, worker: window.n))
    10
    """
    _check_numbers(0, threads)
    checks = Checks(nan, counts).validated()
    budget = _budget(source, memory)
    arrangement = Sequential().arranged(source, budget)
    n_workers = max(1, min(threads, budget // arrangement.capacity))
    slots = {k: Slot(source, arrangement.capacity) for k in range(n_workers)}
    idle = list(slots)

    def run(index: int) -> Result:
        worker = idle.pop()
        try:
            window = _sequential_window(
                source, arrangement, slots[worker], index, checks
            )
            return function(window, worker)
        finally:
            idle.append(worker)

    pool = ThreadPoolExecutor(n_workers)
    try:
        pending: deque[Future[Result]] = deque()
        for index in range(arrangement.n_windows):
            pending.append(pool.submit(run, index))
            if len(pending) > 2 * n_workers:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
        for slot in slots.values():
            slot.release()


def _sequential_window(
    source: Source, arrangement: Arrangement, slot: Slot, index: int, checks: Checks
) -> Window:
    plan = arrangement.plan(0, 0, index)
    start, stop = plan.ranges[0].tolist()
    source.read_into(start, stop, slot.raw)
    n = slot.gather(stop - start, plan, plan.ranges, checks)
    is_last = index == arrangement.n_windows - 1
    return Window(slot.x, slot.y, slot.weights, n, 0, index, is_last)
