"""How far a job is: told to a caller's function, or drawn as a bar.

`progress=True` of a front door draws it on stderr where that is a terminal, or below
the cell of a notebook; elsewhere nobody would see it move. A pace makes of what a job
tells `(thousandths, text)`; thousandths are None where the end is not known.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import wraps
from html import escape
from typing import TYPE_CHECKING, Any, ParamSpec, TypeAlias, TypeVar

from physfit.engine.workers import undisturbed
from physfit.errors import InputError, printable

if TYPE_CHECKING:
    from rich.progress import Progress as BarOfRich

__all__ = ["COUNTS", "Pace", "checked_progress", "counted", "draws_bar", "is_watched"]
__all__ += ["lines", "pace_of_fit", "pace_of_rows", "pace_of_starts", "progress_bar"]

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")
Pace: TypeAlias = Callable[..., tuple[int | None, str]]
#: What callbacks of studies are given.
COUNTS = "number of what is done, and that of all"
#: A job that lasts longer than this shows a bar, in seconds.
BAR_DELAY = 0.5
#: A notebook is told no more often than this, in seconds.
CELL_DELAY = 0.1
#: Seconds from one line of a log to the next.
LINE_SECONDS = 60.0


def pace_of_fit() -> Pace:
    """Of a fit that begins now: step and cost, on minibatches also rows and times."""
    began = time.monotonic()

    def pace(state: Any) -> tuple[int | None, str]:
        steps = f"step {state.n_steps}, "
        if not state.n_rows:
            return None, f"{steps}cost {state.cost:.6g}"
        speed = state.n_rows / max(time.monotonic() - began, 1e-9)
        left = (state.total_rows - state.n_rows) / speed
        return round(1000 * state.n_rows / state.total_rows), (
            f"{steps}loss {state.cost:.6g}, rate {state.learning_rate:.3g}, "
            f"{speed / 1e6:.3g} M rows/s, {left:.0f} s left"
        )

    return pace


def pace_of_rows() -> Pace:
    """Of fits of many rows: fits per second, failures and the time left."""
    return lambda state: (
        round(1000 * state.n_done / max(1, state.n_rows)),
        f"{state.n_done} of {state.n_rows} rows, {state.rate:,.0f} fits/s, "
        f"{state.n_failed} failed, {state.seconds_left:.0f} s left",
    )


def pace_of_starts() -> Pace:
    """Of fits from many starts, which are its steps."""
    return lambda state: counted()(state.n_steps, state.max_steps)


def counted() -> Pace:
    """Of something of which so many are done."""
    return lambda done, total, name="": (
        round(1000 * done / max(1, total)),
        name or f"{done} of {total}",
    )


def checked_progress(
    progress: Callable[Arguments, None] | bool | None, argument: str
) -> Callable[Arguments, None] | None:
    """The callback of a caller; refused if it is none."""
    if progress is not None and (isinstance(progress, bool) or not callable(progress)):
        raise InputError(
            "`progress` must be True for a bar, or a function that takes a "
            f"{argument}, but is {progress!r}."
        )
    return progress


def is_watched() -> bool:
    """Whether a bar would be seen."""
    return _cell() is not None or (sys.stderr is not None and sys.stderr.isatty())


def lines(
    pace: Pace, say: Callable[[str], None], clock: Callable[[], float] = time.monotonic
) -> Callable[..., None]:
    """Callback that says how far a job is once a minute, for logs.

    Parameters
    ----------
    pace : callable
        `(*state) -> (thousandths or None, text)`, of what the callback is given.
    say : callable
        Takes the line.
    clock : callable
        Seconds.
    """
    last = clock()

    def callback(*state: Any) -> None:
        nonlocal last
        now = clock()
        if now - last >= LINE_SECONDS:
            last = now
            say(f"{pace(*state)[1]}.")

    return callback


def draws_bar(
    title: str, pace: Callable[[], Pace]
) -> Callable[[Callable[Arguments, Result]], Callable[Arguments, Result]]:
    """Let a function whose keyword `progress` is a callback take True for a bar."""

    def decorate(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
        @wraps(function)
        def call(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
            if not isinstance(kwargs.get("progress"), bool):
                return function(*args, **kwargs)
            is_wanted = kwargs.pop("progress")
            with progress_bar(title, pace(), is_wanted=bool(is_wanted)) as callback:
                return function(*args, **kwargs | {"progress": callback})  # type: ignore[arg-type]

        return call

    return decorate


@contextmanager
def progress_bar(
    title: str, pace: Pace, *, is_wanted: bool = True
) -> Iterator[Callable[..., None] | None]:
    """Callback that moves a bar; None where none is wanted or nobody watches.

    The bar appears after half a second, so that what is short stays silent, and is gone
    at the end.

    Parameters
    ----------
    title : str
    pace : callable
        `(*state) -> (thousandths or None, text)`, of what the callback is given.
    is_wanted : bool
    """
    if not (is_wanted and is_watched()):
        yield None
        return
    display = _cell()
    bar = _terminal_bar if display is None else _notebook_bar
    with bar(title, display) as move:

        def callback(*state: Any) -> None:
            completed, text = pace(*state)
            move(completed, printable(text))

        yield callback


@contextmanager
def _terminal_bar(title: str, _: Any) -> Iterator[Callable[[int | None, str], None]]:
    from rich.console import Console as Terminal
    from rich.progress import (
        BarColumn,
        Progress,
        SpinnerColumn,
        TextColumn,
        TimeElapsedColumn,
    )

    bar = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.fields[text]}", markup=False),
        TimeElapsedColumn(),
        console=Terminal(stderr=True, force_jupyter=False),
        transient=True,
    )
    task = bar.add_task(title, total=None, text="preparing")

    def move(completed: int | None, text: str) -> None:
        total = None if completed is None else 1000
        bar.update(task, completed=completed, total=total, text=text)

    timer = threading.Timer(BAR_DELAY, _begin, [bar])
    timer.daemon = True
    try:
        undisturbed(timer.start)()
        yield move
    finally:
        undisturbed(_end)(timer, bar)


def _begin(bar: BarOfRich) -> None:
    """Show a bar, unless the caller shows one of rich already."""
    from rich.errors import LiveError

    with suppress(LiveError):
        bar.start()


def _end(timer: threading.Timer, bar: BarOfRich) -> None:
    """Take a bar away, or see that it does not appear."""
    timer.cancel()
    timer.join()
    bar.stop()


def _cell() -> Any:
    """`display` of a notebook in whose cell this runs, else None.

    Its own HTML needs no widgets, which rich asks for there.
    """
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    if getattr(shell, "kernel", None) is None:
        return None
    from IPython.display import display

    return display


@contextmanager
def _notebook_bar(
    title: str, display: Any
) -> Iterator[Callable[[int | None, str], None]]:
    began = last = time.monotonic()
    handle: Any = None

    def move(completed: int | None, text: str) -> None:
        nonlocal handle, last
        now = time.monotonic()
        if now - began < BAR_DELAY or now - last < CELL_DELAY:
            return
        last, shown = now, _of_cell(title, completed, text)
        if handle is None:
            handle = display(shown, raw=True, display_id=True)
        else:
            handle.update(shown, raw=True)

    try:
        yield move
    finally:
        if handle is not None:
            handle.update({"text/plain": ""}, raw=True)


def _of_cell(title: str, completed: int | None, text: str) -> dict[str, str]:
    """A bar as a notebook shows it; without a number it moves by itself."""
    value = "" if completed is None else f' value="{completed}" max="1000"'
    share = "" if completed is None else f" {completed / 10:.0f} %"
    return {
        "text/plain": f"{title}{share}: {text}",
        "text/html": f"{escape(title)} <progress{value}></progress> {escape(text)}",
    }
