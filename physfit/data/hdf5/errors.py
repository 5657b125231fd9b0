"""What an error of the HDF5 library means, in a few words of one line.

Its own texts hold line breaks, the time, addresses and names of its functions; where
the system refused something, its number stands inside of them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from physfit.errors import DataError, PhysfitError

__all__ = ["LIBRARY_ERRORS", "library_errors", "meaning_of"]
__all__ += ["unreadable_rows"]

#: What h5py raises on a damaged file: errors of the library (OSError, RuntimeError,
#: KeyError), types that numpy has not (TypeError, ValueError), names that are not UTF-8
#: (UnicodeError is a ValueError), sizes that nothing holds.
LIBRARY_ERRORS = (
    OSError,
    RuntimeError,
    KeyError,
    ValueError,
    TypeError,
    MemoryError,
    OverflowError,
)

_NUMBER = re.compile(r"\berrno = (\d+)")
_INNER = re.compile(r"\((.*)\)", re.DOTALL)
_DETAILS = re.compile(r"[:,]\s*[^\s:,]+ = .*", re.DOTALL)
_LONGEST = 200
#: What the library says of a file that another program has open, or had at its end.
_OPEN_ELSEWHERE = ("already open for write", "already open for SWMR")


def meaning_of(error: BaseException) -> str:
    """Reason of an error of h5py or of the system, for the middle of a sentence.

    Examples
    --------
    >>> meaning_of(OSError(28, "file write failed: time = Mon, buf = 0x7f"))
    'No space left on device'
    >>> meaning_of(RuntimeError("Can't close (write failed: fd = 3, errno = 28, x)"))
    'No space left on device'
    >>> meaning_of(OSError("Unable to open file (truncated file: eof = 96, x = 8)"))
    'truncated file'
    """
    number = getattr(error, "errno", None)
    text = str(error.args[0]) if len(error.args) == 1 else str(error)
    in_text = _NUMBER.search(text)
    if isinstance(number, int) and number > 0:
        return os.strerror(number)
    if in_text is not None and int(in_text[1]) > 0:
        return os.strerror(int(in_text[1]))
    inner = _INNER.search(text)
    bare = _DETAILS.sub("", inner[1] if inner is not None else text)
    words = "".join(letter if letter.isprintable() else " " for letter in bare).split()
    return " ".join(words)[:_LONGEST].rstrip(".") or type(error).__name__


@contextmanager
def library_errors(path: str | os.PathLike[str]) -> Iterator[None]:
    """Turn what h5py raises while a file is opened and described into a DataError."""
    try:
        yield
    except PhysfitError:
        raise
    except LIBRARY_ERRORS as error:
        is_locked = isinstance(error, BlockingIOError)
        if is_locked or any(words in str(error) for words in _OPEN_ELSEWHERE):
            raise DataError(
                f"`{Path(path)}` is open for writing in another program; wait until it "
                "has closed the file, or fit a copy (if it crashed and left the file "
                f"so: `h5clear -s {Path(path)}`)."
            ) from error
        if isinstance(error, PermissionError):
            raise DataError(
                f"`{Path(path)}` may not be read by you ({meaning_of(error)}); ask its "
                "owner for it."
            ) from error
        raise DataError(
            f"`{Path(path)}` is truncated, damaged or not an HDF5 file "
            f"({meaning_of(error)}); copy or write it anew."
        ) from error


@contextmanager
def unreadable_rows(name: str, start: int, stop: int) -> Iterator[None]:
    """Name the file and the rows when the library cannot read them."""
    try:
        yield
    except LIBRARY_ERRORS as error:
        raise DataError(
            f"`{name}` is damaged: rows {start} to {stop} cannot be read "
            f"({meaning_of(error)}); copy it anew, or leave these rows out."
        ) from error
