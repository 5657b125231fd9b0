"""What goes to the terminal: reports to stdout, everything else to stderr."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from physfit.errors import printable

if TYPE_CHECKING:
    from rich.progress import Progress as BarOfRich

    from physfit.solve.base import Progress

__all__ = ["counted", "fit_pace", "logs_as_sentences", "print_json", "print_text"]
__all__ += ["progress_bar", "reader_left", "say", "warnings_as_sentences"]

#: Its first entry is 1 when the reader of standard output has closed the pipe.
reader_left = [0]
#: A job that lasts longer than this shows a progress bar, in seconds.
BAR_DELAY = 0.5


def print_text(text: str) -> None:
    """Print a report to stdout, line by line, nothing in it obeyed by a terminal."""
    _to_stdout(printable(text, keep="\n"))


def say(text: str) -> None:
    """Print one line to stderr."""
    with suppress(OSError):  # where stderr itself is full or gone, nobody hears
        print(f"physfit: {printable(text)}", file=sys.stderr, flush=True)


def print_json(record: Mapping[str, Any]) -> None:
    """Print one JSON object in ASCII to stdout, numbers that are not finite as null."""
    from physfit.document.records import plain

    text = json.dumps(plain(record), indent=1, allow_nan=False)
    _to_stdout(text.replace("\x7f", r"\u007f"))  # ASCII, but nothing to show


def _to_stdout(text: str) -> None:
    """Print lines; a reader that has left is remembered, and nobody is told more.

    The command goes on, since it may still have files to write.
    """
    try:
        print(text, flush=True)
    except BrokenPipeError:
        reader_left[0] = 1
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextmanager
def warnings_as_sentences() -> Iterator[None]:
    """Show Python warnings as one sentence on stderr, without source lines."""
    with warnings.catch_warnings():
        warnings.showwarning = lambda message, *_, **__: say(f"warning: {message}")
        yield


def logs_as_sentences() -> None:
    """Show what matplotlib logs as warnings of the command, in one line each.

    It quotes lines of a `matplotlibrc` in the current folder as they are.
    """
    import logging

    class Sentences(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            say(f"warning: {' '.join(record.getMessage().split())}")

    logging.lastResort = Sentences(logging.WARNING)


def fit_pace(began: float, progress: Progress) -> tuple[int | None, str]:
    """Where a fit is: step and cost; of a run on minibatches also rows and times."""
    steps = f"step {progress.n_steps}, "
    if not progress.n_rows:
        return None, f"{steps}cost {progress.cost:.6g}"
    speed = progress.n_rows / max(time.monotonic() - began, 1e-9)
    left = (progress.total_rows - progress.n_rows) / speed
    return round(1000 * progress.n_rows / progress.total_rows), (
        f"{steps}loss {progress.cost:.6g}, rate {progress.learning_rate:.3g}, "
        f"{speed / 1e6:.3g} M rows/s, {left:.0f} s left"
    )


def counted(done: int, total: int, name: str = "") -> tuple[int, str]:
    """Where something is of which so many are done."""
    return round(1000 * done / max(1, total)), name or f"{done} of {total}"


@contextmanager
def progress_bar(
    title: str, quiet: bool, shown: Callable[..., tuple[int | None, str]]
) -> Iterator[Callable[..., None] | None]:
    """Callback that moves a bar on stderr; None where nobody watches.

    The bar appears after half a second, so that what is short stays silent.

    Parameters
    ----------
    title : str
    quiet : bool
    shown : callable
        `(*state) -> (thousandths or None, text)`, of what the callback is given.
    """
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console as Terminal
    from rich.progress import (
        BarColumn,
        Progress,
        SpinnerColumn,
        TextColumn,
        TimeElapsedColumn,
    )

    from physfit.engine.workers import undisturbed

    bar = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.fields[text]}", markup=False),
        TimeElapsedColumn(),
        console=Terminal(stderr=True),
        transient=True,
    )
    task = bar.add_task(title, total=None, text="preparing")

    def callback(*state: Any) -> None:
        completed, text = shown(*state)
        total = None if completed is None else 1000
        bar.update(task, completed=completed, total=total, text=printable(text))

    timer = threading.Timer(BAR_DELAY, bar.start)
    timer.daemon = True
    try:
        undisturbed(timer.start)()
        yield callback
    finally:
        undisturbed(_end)(timer, bar)


def _end(timer: threading.Timer, bar: BarOfRich) -> None:
    """Take a bar away, or see that it does not appear."""
    timer.cancel()
    timer.join()
    bar.stop()
