"""Numbers that a caller gives: how many, how large, which seed."""

from __future__ import annotations

import math
import os
from contextlib import suppress
from numbers import Real
from operator import index

from physfit.errors import DomainError, InputError

__all__ = ["MOST", "MOST_THREADS", "SEEDS", "available_threads", "checked_count"]
__all__ += ["checked_number", "checked_threads", "checked_whole", "decimal"]

#: Largest integer of compiled code.
MOST = (1 << 63) - 1
#: Seeds that the counters of all generators take.
SEEDS = 1 << 64
MOST_THREADS = 1024
#: Digits of numbers that fit into 64 bits, whatever they are.
MOST_DIGITS = 18


def checked_count(name: str, value: object, *, least: int = 1, most: int = MOST) -> int:
    """Whole number within limits, as int.

    Parameters
    ----------
    name : str
        What it is called by the caller.
    value : int
        Python's or numpy's; no bool.
    least, most : int
        Limits, both allowed.

    Raises
    ------
    InputError
        When it is no whole number, or lies outside.

    Examples
    --------
    >>> checked_count("n_starts", 200)
    200
    >>> checked_count("threads", 0)
    Traceback (most recent call last):
    physfit.errors.InputError: `threads` must be a whole number of at least 1, but is 0.
    """
    return checked_whole(f"`{name}`", value, least=least, most=most)


def checked_whole(what: str, value: object, *, least: int = 1, most: int = MOST) -> int:
    """The same of what is called in another way, as an option is."""
    try:
        number = None if isinstance(value, bool) else index(value)  # type: ignore[arg-type]
    except TypeError:
        number = None
    if number is None or number < least:
        raise InputError(
            f"{what} must be a whole number of at least {least}, but is "
            f"{_shown(value)}."
        )
    if number > most:
        raise InputError(f"{what} must be at most {most}, but is {_shown(value)}.")
    return number


def checked_number(what: str, value: object, *, positive: bool = False) -> float:
    """Finite number that is not negative, or above 0; a truth value is none."""
    number = math.nan
    if isinstance(value, Real) and not isinstance(value, bool):
        with suppress(OverflowError):  # an int that is larger than all floats
            number = float(value)
    if not math.isfinite(number) or number < 0.0 or (positive and number == 0.0):
        allowed = "above 0" if positive else "not negative"
        raise DomainError(
            f"{what} must be finite and {allowed}, but is {_shown(value)}."
        )
    return number


def decimal(text: str) -> int | None:
    """Number that a text of at most 18 digits says; None for any other text.

    Python refuses to read numbers of thousands of digits.

    Examples
    --------
    >>> decimal("64"), decimal("-1"), decimal("9" * 5000)
    (64, None, None)
    """
    return int(text) if text.isdecimal() and len(text) <= MOST_DIGITS else None


def available_threads() -> int:
    """Threads that the scheduler or the affinity of this process grants."""
    granted = decimal(os.environ.get("SLURM_CPUS_PER_TASK", ""))
    if granted:
        return granted
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def checked_threads(threads: object = None) -> int:
    """Threads that a caller asks for, by default as many as are granted."""
    if threads is None:
        return available_threads()
    return checked_count("threads", threads, most=MOST_THREADS)


def _shown(value: object) -> str:
    """What came; Python refuses to write numbers of thousands of digits."""
    try:
        return repr(value)
    except ValueError:
        return "a number of thousands of digits"
