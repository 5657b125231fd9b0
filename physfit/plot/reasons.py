"""Why a row has no good number; known without matplotlib."""

from __future__ import annotations

from enum import IntEnum

__all__ = ["GOOD", "Reason"]

#: Code of a row that has one.
GOOD = 0


class Reason(IntEnum):
    """Why a row has no good number; GOOD where it has one."""

    UNDETERMINED = 1
    FAILED = 2
    UNFITTED = 3
    NO_ERROR = 4
    WEAK = 5
    LEFT_OUT = 6
