"""Files that are to be read: what is wrong with their path, in one sentence."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from physfit.errors import DataError

__all__ = ["existing_file"]


def existing_file(path: str | os.PathLike[str]) -> Path:
    """The path of a file that is there.

    Raises
    ------
    DataError
        When nothing is there, nobody may look, or it is a directory, a pipe, a socket
        or a device, which may have no end.

    Examples
    --------
    >>> existing_file("no such file.csv")
    Traceback (most recent call last):
    physfit.errors.DataError: `no such file.csv` does not exist; the current ...
    """
    file = Path(path)
    try:
        mode = os.stat(file).st_mode
    except (FileNotFoundError, NotADirectoryError, ValueError) as error:
        raise DataError(
            f"`{file}` does not exist; the current directory is `{Path.cwd()}`."
        ) from error
    except OSError as error:
        raise DataError(f"`{file}` cannot be read: {error.strerror}.") from error
    if stat.S_ISDIR(mode):
        raise DataError(f"`{file}` is a directory; give a file inside of it.")
    if not stat.S_ISREG(mode):
        kinds = {stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket"}
        what = kinds.get(stat.S_IFMT(mode), "a device")
        raise DataError(
            f"`{file}` is {what}, not a file; write what comes from it to a file first."
        )
    return file
