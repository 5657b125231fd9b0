"""Paths of files to read and to write: what is wrong with one, in one sentence."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from physfit.data.hdf5.errors import meaning_of
from physfit.errors import DataError

__all__ = ["existing_file", "not_written", "opened_file", "target_of"]


def existing_file(path: str | os.PathLike[str]) -> Path:
    """The path of a file that is there.

    Raises
    ------
    DataError
        When nothing is there, nobody may look, it is empty, or it is a directory, a
        pipe, a socket or a device, which may have no end.

    Examples
    --------
    >>> existing_file("no such file.csv")
    Traceback (most recent call last):
    physfit.errors.DataError: `no such file.csv` does not exist; the current ...
    """
    file = Path(path)
    try:
        status = os.stat(file)
    except (FileNotFoundError, NotADirectoryError, ValueError) as error:
        raise DataError(
            f"`{file}` does not exist; the current directory is `{Path.cwd()}`."
        ) from error
    except OSError as error:
        raise DataError(f"`{file}` cannot be read: {error.strerror}.") from error
    mode = status.st_mode
    if stat.S_ISDIR(mode):
        raise DataError(f"`{file}` is a directory; give a file inside of it.")
    if not stat.S_ISREG(mode):
        kinds = {stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket"}
        what = kinds.get(stat.S_IFMT(mode), "a device")
        raise DataError(
            f"`{file}` is {what}, not a file; write what comes from it to a file first."
        )
    if status.st_size == 0:  # also files of the system, which may have no end
        raise DataError(
            f"`{file}` is empty, or is truncated to nothing; copy or write it anew."
        )
    return file


@contextmanager
def opened_file(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """A file that is there, to be read within the block.

    Raises
    ------
    DataError
        As `existing_file` does, or when the system refuses what the block asks for.
    """
    file = existing_file(path)
    try:
        with file.open("rb") as stream:
            yield stream
    except OSError as error:
        raise DataError(f"`{file}` cannot be read: {error.strerror}.") from error


def target_of(path: str | os.PathLike[str], overwrite: bool = False) -> Path:
    """Where a file will stand that is written to `path`; links are followed.

    Parameters
    ----------
    path : path
    overwrite : bool
        Whether an existing file may be replaced.

    Raises
    ------
    DataError
        When something else than a file stands there, a file that may not be replaced,
        or when its folder does not exist or cannot be written.

    Examples
    --------
    >>> target_of("no such folder/fit.h5")
    Traceback (most recent call last):
    physfit.errors.DataError: `no such folder/fit.h5` cannot be written: the folder ...
    """
    name = os.fspath(path)
    if "\0" in name:
        raise DataError(f"{name!r} is no path: leave out the null character.")
    target = Path(os.path.realpath(path))
    try:
        mode: int | None = os.lstat(target).st_mode
    except (FileNotFoundError, NotADirectoryError):
        mode = None
    except OSError as error:
        raise not_written(target, error) from error
    if mode is not None and stat.S_ISDIR(mode):
        raise DataError(f"`{name}` is a directory; give a file inside of it.")
    if mode is not None and not stat.S_ISREG(mode):
        raise DataError(
            f"`{name}` is not a regular file; give the path of a file to write."
        )
    if mode is not None and not overwrite:
        raise DataError(
            f"`{name}` exists; give another path, or replace it with --overwrite "
            "(overwrite=True)."
        )
    _check_folder(name, target)
    return target


def _check_folder(name: str, target: Path) -> None:
    folder = Path(name).parent
    if os.path.realpath(folder) != str(target.parent):  # `name` is a link
        folder = target.parent
    if not folder.is_dir():
        raise DataError(
            f"`{name}` cannot be written: the folder `{folder}` does not exist; create "
            "it first."
        )
    if not os.access(folder, os.W_OK):
        raise DataError(
            f"`{name}` cannot be written: the folder `{folder}` is not writable; give "
            "another path."
        )


def not_written(target: Path, error: OSError) -> DataError:
    """Error that says why a file was not written, and what of it is there."""
    try:
        _check_folder(str(target), target)
    except DataError as reason:
        return reason
    kept = "it is as it was" if target.exists() else "nothing was left there"
    return DataError(f"`{target}` cannot be written: {meaning_of(error)}; {kept}.")
