import signal
import subprocess
import sys
import textwrap
import threading
import time

import pytest

from physfit.engine.workers import by_caller, check, is_stopped, together, undisturbed


def test_results_keep_their_places():
    """Functions run at once give their results in the order of the functions."""
    assert together([lambda k=k: k * k for k in range(5)]) == [0, 1, 4, 9, 16]


def test_work_runs_in_another_thread_once():
    """Work leaves the caller's thread; work of that work stays where it is."""

    @undisturbed
    def inner():
        return threading.get_ident()

    @undisturbed
    def outer():
        return threading.get_ident(), inner()

    first, second = outer()
    assert first == second != threading.get_ident()


def test_an_error_stops_the_other_functions():
    """The error of one function is raised when all others have stopped."""
    ended = []

    def fails():
        raise ValueError("no")

    def goes_on():
        while not is_stopped():
            time.sleep(0.001)
        ended.append(True)

    with pytest.raises(ValueError, match="no"):
        together([goes_on, fails, goes_on])
    assert ended == [True, True]


def test_what_the_poll_raises_stops_the_functions():
    """An exception of the function that is called meanwhile is raised after the end."""
    ended = []

    def goes_on():
        try:
            while True:
                time.sleep(0.001)
                check()
        finally:
            time.sleep(0.1)
            ended.append(True)

    def poll():
        raise SystemExit(3)

    with pytest.raises(SystemExit):
        together([goes_on, goes_on], poll)
    assert ended == [True, True]


def test_callbacks_run_in_the_thread_of_the_caller():
    """A callback comes back to the outermost caller, with its answer and its errors."""
    seen = []

    def report(n):
        seen.append((n, threading.get_ident()))
        if n == 2:
            raise KeyError(n)
        return -n

    report_there = by_caller(report)

    @undisturbed
    def work():
        assert report_there(1) == -1
        together([lambda: report_there(2)])

    with pytest.raises(KeyError):
        work()
    assert seen == [(1, threading.get_ident()), (2, threading.get_ident())]


STORM = """
    import random, signal, threading, time
    from physfit.engine.workers import is_stopped, together
    running = [0] * 3
    def work(k):
        running[k] += 1
        while not is_stopped():
            time.sleep(1e-4)
        time.sleep(2e-3)
        running[k] -= 1
    def raises(number, frame):
        if armed[0]:
            raise random.choice([KeyboardInterrupt, SystemExit, LookupError])
    def attempt():
        try:
            armed[0] = 1
            together([lambda k=k: work(k) for k in range(3)])
        finally:
            armed[0] = 0
            left.append(sum(running))
    random.seed(1)
    armed, left = [0], []
    signal.signal(signal.SIGALRM, raises)
    for k in range(150):
        running[:] = 0, 0, 0
        signal.setitimer(signal.ITIMER_REAL, random.uniform(1e-5, 4e-3), 3e-4)
        try:
            attempt()
        except (KeyboardInterrupt, SystemExit, LookupError):
            pass
    signal.setitimer(signal.ITIMER_REAL, 0)
    assert left == [0] * 150, left
    print("sound", threading.active_count())
"""


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timers here")
def test_no_thread_outlives_a_storm_of_interrupts():
    """However often the caller is interrupted, all its threads have ended before."""
    code = textwrap.dedent(STORM)
    ended = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ended.stdout, ended.stderr) == ("sound 1\n", "")
