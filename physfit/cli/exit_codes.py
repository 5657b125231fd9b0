"""How the command ends, as the number that a shell sees."""

from __future__ import annotations

from enum import IntEnum

__all__ = ["ExitCode"]


class ExitCode(IntEnum):
    """Exit codes of every command."""

    CONVERGED = 0
    INPUT_ERROR = 1
    NOT_CONVERGED = 2
    SOME_FAILED = 3
    DISAGREE = 4
    UNFORESEEN = 70
    INTERRUPTED = 130
    TERMINATED = 143
