"""The entry point of the command: signals, errors as sentences, exit codes.

What is heavy is imported after signals are caught, so that they end the command in the
same way from its first moment on.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from typing import NoReturn

from physfit.cli.exit_codes import ExitCode
from physfit.cli.signals import (
    Interrupted,
    catch_signals,
    ignore_signals,
    signals_enabled,
)

__all__ = ["main", "run"]

#: Letters of an error's own message that are shown.
_MOST = 200


def main(arguments: Sequence[str]) -> int:
    """Run one command; returns its exit code, whatever happens in it.

    Parameters
    ----------
    arguments : sequence of str
        What stands behind `physfit` on the command line.
    """
    try:
        from physfit.cli.commands import run_command
        from physfit.cli.console import reader_left

        reader_left[0] = 0
        code = run_command(arguments)
        sys.stdout.flush()
        return ExitCode.CONVERGED if reader_left[0] else code
    except Interrupted as stopped:
        return _interrupted(stopped)
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except SystemExit as end:  # of rich, or of a library below
        if isinstance(end.__context__, BrokenPipeError):
            return ExitCode.CONVERGED
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except Exception as error:
        # Python 3.11 wraps what `__set_name__` raises while a module is imported.
        if isinstance(error.__cause__, Interrupted):
            return _interrupted(error.__cause__)
        return _failed(error)


def run() -> NoReturn:
    """Entry point of the installed command."""
    try:
        catch_signals()
        _open_standard_streams()
        code = main(sys.argv[1:])
        signals_enabled[0] = 0
    except Interrupted as stopped:
        signals_enabled[0] = 0
        code = stopped.code
    _leave(code)


def _open_standard_streams() -> None:
    """Put the null device where a standard stream was closed by the caller.

    Else the next file that is opened would get its number.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
        if getattr(sys, name) is None:
            mode = "w" if number else "r"
            stream = open(number, mode, closefd=False)  # noqa: SIM115  for good
            setattr(sys, name, stream)
    if isinstance(sys.stdout, TextIOWrapper):
        # as stderr: a unit that the terminal cannot show must not end the command
        sys.stdout.reconfigure(errors="backslashreplace")


def _leave(code: int) -> NoReturn:
    """End the process with a code, nothing more being said."""
    ignore_signals()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:  # told before, or the reader has seen enough, as `head` has
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    if code in (ExitCode.INTERRUPTED, ExitCode.TERMINATED):
        # Python kills itself with SIGINT where Ctrl-C came inside an exec() of a
        # string, as numba has them, even though it was caught.
        os._exit(code)
    sys.exit(code)


def _interrupted(stopped: Interrupted) -> int:
    """Say what could not be kept on the way out; the exit code."""
    from physfit.errors import PhysfitError

    if isinstance(stopped.__cause__, PhysfitError):
        return _refused(str(stopped.__cause__), stopped.code)
    return stopped.code


def _failed(error: Exception) -> int:
    """Say in one sentence what went wrong; the exit code."""
    from physfit.errors import ConvergenceError, PhysfitError

    if isinstance(error, BrokenPipeError):
        return ExitCode.CONVERGED
    if isinstance(error, PhysfitError):
        is_input = not isinstance(error, ConvergenceError)
        code = ExitCode.INPUT_ERROR if is_input else ExitCode.NOT_CONVERGED
        return _refused(str(error), code)
    if isinstance(error, OSError):
        place = "standard output, or a file that the system does not name"
        place = place if error.filename is None else f"`{error.filename}`"
        sentence = f"{place}: {error.strerror or error}."
        return _refused(sentence, ExitCode.INPUT_ERROR)
    return _refused(_unforeseen(error), ExitCode.UNFORESEEN)


def _refused(sentence: str, code: int) -> int:
    from physfit.cli.console import say

    say(f"error: {sentence}")
    return code


def _unforeseen(error: Exception) -> str:
    """Sentence that says what happened and where its traceback was written."""
    message = " ".join(str(error).split())[:_MOST].rstrip(".")
    what = f"{type(error).__name__}: {message}" if message else type(error).__name__
    if isinstance(error, MemoryError):
        start = f"the memory is not enough ({what})"
    else:
        start = f"this should not happen ({what})"
    return f"{start}; {_written(error)}"


def _written(error: Exception) -> str:
    """Where the traceback stands, in a new file that only the user can read."""
    import tempfile
    import traceback

    text = "".join(traceback.format_exception(error))
    try:
        with tempfile.NamedTemporaryFile(
            "w",
            prefix="physfit-error-",
            suffix=".txt",
            delete=False,
            encoding="utf-8",
            errors="backslashreplace",
        ) as file:
            file.write(text)
    except OSError as refused:
        return f"its traceback cannot be written either ({refused.strerror})."
    return f"the traceback is in `{file.name}`; please report it."
