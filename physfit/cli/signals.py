"""Signals of the command line: each becomes one exception that unwinds the command.

Only the first counts: while its exception goes up, files are put in order, which a
second one must not break.
"""

from __future__ import annotations

import signal
import sys
import threading
import time
from _thread import start_new_thread
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

from physfit.cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

__all__ = ["Interrupted", "asked_to_stop", "catch_signals", "ignore_signals"]
__all__ += ["signals_enabled"]

#: Signals that end the command; SIGUSR1 is what schedulers send before they kill.
ENDING = ("SIGINT", "SIGTERM", "SIGUSR1", "SIGHUP")
#: Its first entry is 1 while signals end the command.
signals_enabled = [1]
#: Where signals but Ctrl-C are noted in place of an exception.
_noted: list[list[int]] = []


class Interrupted(BaseException):
    """A signal asks for the end."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number

    @property
    def code(self) -> ExitCode:
        """How the command ends."""
        is_int = self.number == signal.SIGINT
        return ExitCode.INTERRUPTED if is_int else ExitCode.TERMINATED


def catch_signals() -> None:
    """Raise `Interrupted` on signals that end the command, unless they are ignored."""
    for name in ENDING:
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _handle)
    sys.unraisablehook = _not_raised


def ignore_signals() -> None:
    """Ignore them from now on; Python at its end would let them kill the process."""
    signals_enabled[0] = 0
    for name in ENDING:
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is _handle:
            signal.signal(number, signal.SIG_IGN)


@contextmanager
def asked_to_stop() -> Iterator[Callable[[], bool]]:
    """Whether a signal but Ctrl-C came; until then they are only noted."""
    came: list[int] = []
    _noted.append(came)
    try:
        yield lambda: bool(came)
    finally:
        _noted.remove(came)


def _handle(number: int, frame: FrameType | None) -> None:
    if not signals_enabled[0] or _is_unwinding():
        return
    if _noted and number != signal.SIGINT:
        _noted[-1].append(number)
        return
    raise Interrupted(number)


def _is_unwinding() -> bool:
    """Whether the exception of an earlier signal is on its way up."""
    error = sys.exc_info()[1]
    while error is not None:
        if isinstance(error, Interrupted):
            return True
        error = error.__context__
    return False


def _not_raised(failed: UnraisableHookArgs) -> None:
    """Send a signal again whose exception was lost, as where an object is deleted."""
    lost = failed.exc_value
    if isinstance(lost, Interrupted):
        start_new_thread(_send_again, (lost.number,))
    else:
        sys.__unraisablehook__(failed)


def _send_again(number: int) -> None:
    time.sleep(0.001)
    if hasattr(signal, "pthread_kill"):  # so that what the main thread waits in ends
        main_thread = threading.main_thread().ident
        assert main_thread is not None
        signal.pthread_kill(main_thread, number)
    else:
        signal.raise_signal(number)
