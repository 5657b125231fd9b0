"""Files that are to be written: what is wrong with their path, in one sentence."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from physfit.data.hdf5_errors import meaning_of
from physfit.errors import DataError

__all__ = ["not_written", "target_of"]


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
    """What is told when writing fails."""
    try:
        _check_folder(str(target), target)
    except DataError as reason:
        return reason
    kept = "it is as it was" if target.exists() else "nothing was left there"
    return DataError(f"`{target}` cannot be written: {meaning_of(error)}; {kept}.")
