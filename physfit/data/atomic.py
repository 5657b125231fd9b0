"""Files that are either whole or not there.

A file is written under another name in the same folder, flushed to disk, and put in its
place by one `os.replace`. Whatever happens before that, the old file stays as it was.
"""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from physfit.errors import DataError

__all__ = ["atomic_file", "moved_into_place"]


@contextmanager
def atomic_file(
    path: str | os.PathLike[str], overwrite: bool = False
) -> Iterator[Path]:
    """Temporary path in the same folder that takes the place of `path` at the end.

    Parameters
    ----------
    path : path
        The file to write; a symbolic link is followed.
    overwrite : bool
        Whether an existing file may be replaced.

    Yields
    ------
    Path
        Write here. When the block raises, it is removed and `path` stays as it was.

    Raises
    ------
    DataError
        When `path` exists and may not be replaced, or cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> folder = tempfile.mkdtemp()
    >>> with atomic_file(os.path.join(folder, "fit.txt")) as temporary:
    ...     _ = temporary.write_text("done")
    >>> os.listdir(folder)
    ['fit.txt']
    """
    target = Path(os.path.realpath(path))
    _check_target(target, overwrite)
    temporary = _create(target)
    try:
        yield temporary
        _flush(temporary)
        _check_target(target, overwrite)
        if target.exists():
            temporary.chmod(stat.S_IMODE(target.stat().st_mode))
        os.replace(temporary, target)
    except OSError as error:
        raise _not_written(target, error) from error
    finally:
        temporary.unlink(missing_ok=True)
    _flush(target.parent)


def moved_into_place(
    temporary: Path, path: str | os.PathLike[str], overwrite: bool
) -> None:
    """Put a file that is whole and on disk in the place of `path`.

    Raises
    ------
    DataError
        When `path` exists and may not be replaced, or cannot be written.
    """
    target = Path(os.path.realpath(path))
    _check_target(target, overwrite)
    try:
        os.replace(temporary, target)
    except OSError as error:
        raise _not_written(target, error) from error
    _flush(target.parent)


def _check_target(target: Path, overwrite: bool) -> None:
    if not target.parent.is_dir():
        raise DataError(
            f"`{target}` cannot be written: the folder `{target.parent}` does not "
            "exist; create it first."
        )
    if target.exists() and not target.is_file():
        raise DataError(
            f"`{target}` is not a regular file; give the path of a file to write."
        )
    if target.exists() and not overwrite:
        raise DataError(
            f"`{target}` exists; give another path, or replace it with --overwrite "
            "(overwrite=True)."
        )


def _create(target: Path) -> Path:
    """New empty file beside `target`, hidden, with the permissions of a new file."""
    temporary = target.with_name(f".{target.name[:100]}.{secrets.token_hex(6)}.tmp")
    try:
        os.close(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
    except OSError as error:
        raise _not_written(target, error) from error
    return temporary


def _flush(path: Path) -> None:
    """Wait until a file, or the entries of a folder, are on disk."""
    if path.is_dir() and os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _not_written(target: Path, error: OSError) -> DataError:
    reason = error.strerror or str(error)
    return DataError(f"`{target}` cannot be written: {reason}; nothing was left there.")
