"""One pass over all rows, window by window, in several threads.

The pool of threads is one of the standard library, so who goes through a pass does so
in a function that no interrupt breaks in its middle (`engine.workers.undisturbed`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from physfit.data.arrays import NanPolicy
from physfit.data.base import Source, Window
from physfit.data.raw_rows import Checks
from physfit.data.samplers import sequential
from physfit.data.stream import DEFAULT_MEMORY, budget_of
from physfit.data.windows import WindowBuffer
from physfit.engine.workers import check
from physfit.kernels.registry import LossKernel

__all__ = ["map_windows"]

Result = TypeVar("Result")


def map_windows(
    source: Source,
    function: Callable[[Window, int], Result],
    *,
    memory: int = DEFAULT_MEMORY,
    threads: int = 2,
    nan: NanPolicy = "raise",
    loss: LossKernel | None = None,
) -> Iterator[Result]:
    """Results of a function over all rows, window by window, in the order of the file.

    Parameters
    ----------
    source : Source
    function : callable
        `function(window, worker)`, called in `threads` threads; `worker` is a number
        below `threads` that no two calls share at one time. Sizes of windows follow
        from the source and `memory` only.
    memory, threads, nan, loss
        As for `Stream`. Fewer threads run when memory does not hold a window each.

    Yields
    ------
    object
        What the function returned, in the order of the windows.

    Examples
    --------
    >>> from physfit.data.memory import ArraySource
    >>> source = ArraySource([1.0, 2.0, 3.0], [4.0, 5.0, 6.0])
    >>> sum(map_windows(source, lambda window, worker: window.n))
    3
    """
    checks = Checks(nan, loss)
    budget = budget_of(source, memory)
    arrangement = sequential(source, budget)
    n_workers = max(1, min(threads, budget // arrangement.capacity))
    buffers = {k: WindowBuffer(source, arrangement.capacity) for k in range(n_workers)}
    idle = list(buffers)

    def run(index: int) -> Result:
        worker = idle.pop()
        try:
            buffer, plan = buffers[worker], arrangement.plan(0, 0, index)
            buffer.raw.read(*plan.ranges[0].tolist())
            n = buffer.gather(plan, checks)
            window = buffer.filled(n, 0, index, arrangement.n_windows)
            return function(window, worker)
        finally:
            idle.append(worker)

    pool = ThreadPoolExecutor(n_workers)
    try:
        pending: deque[Future[Result]] = deque()
        for index in range(arrangement.n_windows):
            check()
            pending.append(pool.submit(run, index))
            if len(pending) > 2 * n_workers:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
        for buffer in buffers.values():
            buffer.release()
