"""Long work in threads, none of which outlives the call that began it.

Python runs the handlers of signals in the main thread, between almost any two of its
instructions, and what they raise (KeyboardInterrupt, SystemExit, a time limit) unwinds
whatever stands there: arrays would be freed under compiled code, locks stay taken. So
long work runs in a thread of its own, where nothing is raised from outside, and the
caller only waits. When the caller is interrupted, the work is asked to stop, and the
caller waits for its end before the exception goes on, whatever is raised meanwhile.

That is certain by two facts of CPython. Handlers run after calls and at backward jumps
only, so that the two statements of a `finally` here cannot be parted: a plain
assignment, and a call of C. And that call, which takes a lock of the interpreter's C
interface, does not look at signals while it waits.
"""

from __future__ import annotations

import ctypes
import threading
from _thread import get_ident, start_new_thread
from collections.abc import Callable, Sequence
from contextvars import copy_context
from functools import partial, wraps
from itertools import count
from queue import Empty, SimpleQueue
from typing import Any, NamedTuple, ParamSpec, TypeVar, cast

import numpy as np

from physfit.errors import PhysfitError

__all__ = ["Stopped", "by_caller", "check", "in_threads", "is_stopped", "together"]
__all__ += ["stop_work", "undisturbed"]

Job = TypeVar("Job")
Result = TypeVar("Result")
Arguments = ParamSpec("Arguments")
#: Seconds between two calls of `poll`.
POLL_SECONDS = 0.05

_thread = threading.local()
# The interpreter's library once more: its functions are called without its lock.
_python = ctypes.CDLL(None, handle=ctypes.pythonapi._handle)
_python.PyThread_allocate_lock.restype = ctypes.c_void_p
_take, _give = _python.PyThread_acquire_lock, _python.PyThread_release_lock
_take.argtypes, _give.argtypes = (ctypes.c_void_p, ctypes.c_int), (ctypes.c_void_p,)
_give.restype = None
#: Locks that nobody uses now.
_locks: list[int] = []


class Stopped(BaseException):
    """Work ends because its caller was interrupted, or other work with it failed."""


class _Request(NamedTuple):
    """Something that the caller is asked to do."""

    call: Callable[[], Any]
    answer: SimpleQueue[Any]


class _Work:
    """Work in a thread: how it is asked to stop, how it ended.

    Attributes
    ----------
    flag : list or ndarray of int
        Its first entry becomes 1 when the work has to stop.
    lock : int
        Address of the lock that the thread holds from its first action to its last.
        A caller who waits for it keeps it if the thread had not begun, which then
        finds it taken and does nothing.
    is_begun : bool
        Whether the thread has taken it.
    requests : SimpleQueue
        What the caller is asked to do; None at the end.
    """

    def __init__(self, task: Callable[[_Work], Any], flag: Any) -> None:
        self.task, self.flag = task, flag
        self.lock = _free_lock()
        self.requests: SimpleQueue[_Request | None] = SimpleQueue()
        self.context = copy_context()
        self.is_begun = False
        self.result: Any = None
        self.error: BaseException | None = None

    def run(self) -> None:
        """Do the work; what the thread does all its life."""
        if not _take(self.lock, 0):
            return
        self.is_begun = True
        _thread.work = self
        try:
            self.result = self.context.run(self.task, self)
        except BaseException as error:  # raised where the work was asked for
            self.error = error
        self.requests.put(None)
        _give(self.lock)

    def wait(self, poll: Callable[[], None] | None) -> Any:
        """Wait for the end, do what is asked for meanwhile; the result."""
        while True:
            try:
                request = self.requests.get(timeout=POLL_SECONDS)
            except Empty:
                check()
                if poll is not None:
                    poll()
                continue
            if request is None:
                break
            request.answer.put(request.call())
        if self.error is not None:
            raise self.error
        return self.result

    def ask(self, call: Callable[[], Result]) -> Result:
        """Let the caller do something, and wait for it."""
        request = _Request(call, SimpleQueue())
        self.requests.put(request)
        while True:
            try:
                answer: Result = request.answer.get(timeout=POLL_SECONDS)
                return answer
            except Empty:
                check()


def _watched(work: _Work, poll: Callable[[], None] | None) -> Any:
    """Result of work in a thread of its own, which has ended in any case."""
    try:
        return _ended(work, poll)
    except BaseException as error:
        if isinstance(work.error, Exception) and work.error is not error:
            error.__cause__ = work.error  # what failed on the way out
        raise
    finally:
        if work.is_begun:
            _give(work.lock)
            _locks.append(work.lock)


def _free_lock() -> int:
    """Address of a lock that nobody holds."""
    try:
        return _locks.pop()
    except IndexError:
        lock: int = _python.PyThread_allocate_lock()
        return lock


def _ended(work: _Work, poll: Callable[[], None] | None) -> Any:
    """Result of work; however this function is left, its thread has ended."""
    run, flag, take, lock, nothing = work.run, work.flag, _take, work.lock, ()
    try:
        try:
            start_new_thread(run, nothing)
        except RuntimeError as refused:
            raise PhysfitError(
                "the system grants no thread to work in; end other processes, or raise "
                "its limits (ulimit -u, ulimit -v)."
            ) from refused
        return work.wait(poll)
    finally:
        flag[0] = 1
        take(lock, 1)


def undisturbed(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Make a function that no interrupt breaks in its middle.

    Called by the main thread, it runs in another one. If it takes long, it calls
    `check` now and then, which is where it ends when the caller is interrupted.
    """

    @wraps(function)
    def call(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        if get_ident() != threading.main_thread().ident:
            return function(*args, **kwargs)
        work = _Work(lambda _: function(*args, **kwargs), [0])
        result: Result = _watched(work, None)
        return result

    return call


def together(
    works: Sequence[Callable[[], Result]],
    poll: Callable[[], None] | None = None,
    *,
    flag: Any = None,
) -> list[Result]:
    """Results of functions that run at once, each in a thread of its own.

    Parameters
    ----------
    works : sequence of callable
        They hold everything that compiled code reads and writes for them, and end soon
        after the flag is set.
    poll : callable, optional
        Called by the caller's thread about every 50 ms; raise to stop.
    flag : list or ndarray of int, optional
        Its first entry becomes 1 when the functions have to stop, as `is_stopped`
        tells them.
    """
    flag = [0] if flag is None else flag
    results: list[Result] = _watched(
        _Work(lambda work: _run_all(work, works), flag), poll
    )
    return results


def _run_all(work: _Work, works: Sequence[Callable[[], Result]]) -> list[Result]:
    """Results of functions, the first of them in this thread."""
    results: list[Any] = [None] * len(works)
    ended: SimpleQueue[BaseException | None] = SimpleQueue()

    def run(number: int) -> None:
        _thread.work = work
        try:
            results[number] = works[number]()
        except BaseException as error:  # raised below
            work.flag[0] = 1
            ended.put(error)
        else:
            ended.put(None)

    n_begun = 1
    try:
        for number in range(1, len(works)):
            start_new_thread(copy_context().run, (run, number))
            n_begun += 1
    except RuntimeError:  # the system grants no more threads; this one does the rest
        pass
    for number in (0, *range(n_begun, len(works))):
        run(number)
    errors = [ended.get() for _ in works]
    raised = [error for error in errors if error is not None]
    if raised:
        raise min(raised, key=lambda error: isinstance(error, Stopped))
    return results


def in_threads(
    make_worker: Callable[[], Callable[[Job], Result]],
    jobs: Sequence[Job],
    threads: int,
    *,
    progress: Callable[[list[Result | None]], None] | None = None,
) -> list[Result]:
    """Answers to many jobs, in their order; they do not depend on the threads.

    Each thread has a worker of its own and takes the next job when it is done with one.

    Parameters
    ----------
    make_worker : callable
        Makes a function from a job to its answer, for one thread alone.
    jobs : sequence
    threads : int
    progress : callable, optional
        Given the answers so far, None where one is missing, now and then and at the
        end; raise to stop.
    """
    answers: list[Result | None] = [None] * len(jobs)
    numbers = count()
    workers = [make_worker() for _ in range(max(1, min(threads, len(jobs))))]

    def run(worker: Callable[[Job], Result]) -> None:
        # Trials outside a model's domain overflow; their status tells.
        with np.errstate(all="ignore"):
            while not is_stopped() and (number := next(numbers)) < len(jobs):
                answers[number] = worker(jobs[number])

    def poll() -> None:
        if progress is not None:
            progress(answers)

    together([partial(run, worker) for worker in workers], poll)
    poll()
    return cast("list[Result]", answers)


def is_stopped() -> bool:
    """Whether the work that this thread belongs to has to stop."""
    work: _Work | None = getattr(_thread, "work", None)
    return work is not None and bool(work.flag[0])


def stop_work() -> None:
    """Ask all threads of the work that this one belongs to to stop."""
    work: _Work | None = getattr(_thread, "work", None)
    if work is not None:
        work.flag[0] = 1


def check() -> None:
    """Raise `Stopped` where the work that this thread belongs to has to stop."""
    if is_stopped():
        raise Stopped


def by_caller(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """The function, called in the thread that asked for all the work.

    For callbacks of users: what they raise stops the work, at this call.
    """

    def call(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        work: _Work | None = getattr(_thread, "work", None)
        if work is None:
            return function(*args, **kwargs)
        return work.ask(lambda: call(*args, **kwargs))

    return call
