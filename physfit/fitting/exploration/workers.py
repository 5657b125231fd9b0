"""Many small jobs in threads; what comes out does not depend on how many there are.

Compiled fits release Python's lock, so threads are enough. Each has a worker with
memory of its own and takes the next job when it is done with one; a job's answer has
the job's place. The main thread only waits, so that it sees Ctrl-C; when it is
interrupted, the workers stop at their next job.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from threading import Event
from typing import TypeVar

import numpy as np

__all__ = ["in_threads"]

Job = TypeVar("Job")
Answer = TypeVar("Answer")
#: Seconds between two looks at how far the workers are.
PATIENCE = 0.05


def in_threads(
    make_worker: Callable[[], Callable[[Job], Answer]],
    jobs: Sequence[Job],
    threads: int,
    *,
    told: Callable[[list[Answer | None]], None] | None = None,
) -> list[Answer]:
    """Answers to all jobs, in their order.

    Parameters
    ----------
    make_worker : callable
        Makes a function from a job to its answer, for one thread alone.
    jobs : sequence
    threads : int
    told : callable, optional
        Given the answers so far, None where one is missing, now and then; raise to
        stop.
    """
    answers: list[Answer | None] = [None] * len(jobs)
    numbers, stopped = itertools.count(), Event()
    workers = [make_worker() for _ in range(max(1, min(threads, len(jobs))))]

    def run(worker: Callable[[Job], Answer]) -> None:
        # Trials outside a model's domain overflow; their status tells.
        with np.errstate(all="ignore"):
            while not stopped.is_set() and (number := next(numbers)) < len(jobs):
                answers[number] = worker(jobs[number])

    with ThreadPoolExecutor(len(workers)) as pool:
        waiting = {pool.submit(run, worker) for worker in workers}
        try:
            while waiting:
                done, waiting = wait(waiting, PATIENCE, FIRST_EXCEPTION)
                for future in done:
                    future.result()
                if told is not None and waiting:
                    told(answers)
        finally:
            stopped.set()
    return [answer for answer in answers if answer is not None]
