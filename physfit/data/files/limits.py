"""How much memory a file or an option may ask for.

A few bytes can declare or unpack to any size. What is stored may be read whole; what
grows while it is read (compressed text, archives, chunks) may have 256 MiB, or 200
times its size on disk: text compresses 5 to 20 times, counts of a detector up to a
hundred. What the number in an option asks for may have 4 GiB.
"""

from __future__ import annotations

import os
from pathlib import Path

from physfit.errors import DataError, InputError

__all__ = ["MOST_HEADER", "check_option", "check_stored", "check_unpacked"]
__all__ += ["size_in_words"]

#: Bytes of an NPY file that its header may take; numpy itself reads 10,000.
MOST_HEADER = 1 << 16
#: Bytes that any file may unpack to, and how many times its own size beyond.
_ALWAYS, _TIMES = 256 << 20, 200
#: Bytes that the number of an option may ask for.
_ASKED = 4 << 30


def check_unpacked(
    size: int,
    stored: int,
    what: str,
    cure: str = "stored without compression (numpy.savez, `h5repack -f NONE`)",
) -> None:
    """Refuse what becomes much more in memory than it is on disk.

    Parameters
    ----------
    size, stored : int
        Bytes in memory and on disk.
    what : str
        Beginning of the sentence, with the file.
    cure : str
        What must be done with the file if it is not damaged.

    Raises
    ------
    DataError
    """
    if size > max(_ALWAYS, _TIMES * stored):
        raise DataError(
            f"{what} takes {size_in_words(size)} in memory, but {size_in_words(stored)}"
            f" on disk; {size_in_words(_ALWAYS)} or {_TIMES} times as much are read at "
            f"once: it is damaged, or must be {cure}."
        )


def check_stored(path: Path, status: os.stat_result) -> None:
    """Refuse to read a file whole that is mostly holes.

    Raises
    ------
    DataError
    """
    blocks = getattr(status, "st_blocks", None)  # of 512 bytes; Windows has none
    if blocks is not None:
        check_unpacked(status.st_size, 512 * blocks, f"`{path}`")


def check_option(name: str, n: int, bytes_each: int) -> None:
    """Refuse a number of things that take too much memory together.

    Raises
    ------
    InputError
    """
    if n * bytes_each > _ASKED:
        raise InputError(
            f"`{name}` asks for {n}, which take some {size_in_words(bytes_each)} each; "
            f"{_ASKED // bytes_each} are the most ({size_in_words(_ASKED)})."
        )


def size_in_words(n_bytes: int) -> str:
    """A number of bytes as people write it.

    Examples
    --------
    >>> size_in_words(999), size_in_words(60 << 10), size_in_words(5 << 29)
    ('999 bytes', '60 KiB', '2.5 GiB')
    """
    if n_bytes < 1024:
        return f"{n_bytes} bytes"
    size, units = float(n_bytes), iter(("KiB", "MiB", "GiB", "TiB", "PiB", "EiB"))
    unit = "bytes"
    while size >= 1024.0 and unit != "EiB":
        size, unit = size / 1024.0, next(units)
    return f"{size:.3g} {unit}"
