"""What goes to the terminal: reports to stdout, everything else to stderr."""

from __future__ import annotations

import json
import os
import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from physfit.errors import printable

__all__ = ["logs_as_sentences", "print_json", "print_text", "reader_left", "say"]
__all__ += ["warnings_as_sentences"]

#: Its first entry is 1 when the reader of standard output has closed the pipe.
reader_left = [0]


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
