"""Jobs in threads: answers in order, one worker a thread, stops when told to."""

from __future__ import annotations

import _thread
import threading
import time

import pytest

from physfit.engine import workers
from physfit.engine.workers import in_threads
from physfit.errors import PhysfitError


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_answers_stand_in_the_order_of_the_jobs(threads):
    """However many threads there are, and whichever is first."""

    def slow_if_even(job: int) -> int:
        time.sleep(0.002 * (job % 2 == 0))
        return job * job

    found = in_threads(lambda: slow_if_even, range(20), threads)
    assert found == [job * job for job in range(20)]


def test_each_thread_has_a_worker_of_its_own():
    """No worker runs in two threads, so its memory needs no lock."""
    seen: list[set[int]] = []

    def make_worker():
        own: set[int] = set()
        seen.append(own)

        def run(job: int) -> int:
            own.add(threading.get_ident())
            time.sleep(0.001)
            return job

        return run

    in_threads(make_worker, range(30), 3)
    assert len(seen) == 3
    assert all(len(own) <= 1 for own in seen)


def test_an_error_of_a_job_is_raised():
    """And ends the others at their next job."""

    def fail_at_three(job: int) -> int:
        if job == 3:
            raise ValueError("three")
        return job

    with pytest.raises(ValueError, match="three"):
        in_threads(lambda: fail_at_three, range(1000), 2)


def test_progress_may_stop_the_work():
    """What it raises comes out, and no further job is begun."""
    begun: list[int] = []

    def job(number: int) -> int:
        begun.append(number)
        time.sleep(0.01)
        return number

    def enough(answers: list[int | None]) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        in_threads(lambda: job, range(10_000), 2, progress=enough)
    assert len(begun) < 1000


@pytest.mark.parametrize("granted", [1, 2, 3])
def test_threads_that_the_system_refuses_are_missed_by_nobody(monkeypatch, granted):
    """Those that are granted do all jobs."""
    starts = iter(range(granted))

    def start(*args):
        if next(starts, None) is None:
            raise RuntimeError("can't start new thread")
        return _thread.start_new_thread(*args)

    monkeypatch.setattr(workers, "start_new_thread", start)
    assert in_threads(lambda: abs, range(-9, 0), 8) == [*range(9, 0, -1)]


def test_no_thread_at_all_is_one_sentence(monkeypatch):
    """The limit of the system is named, not an error of Python."""

    def start(*args):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(workers, "start_new_thread", start)
    with pytest.raises(PhysfitError, match="the system grants no thread"):
        in_threads(lambda: abs, range(3), 2)


def test_no_jobs_no_answers():
    """An empty list is no error."""
    assert in_threads(lambda: abs, [], 2) == []
