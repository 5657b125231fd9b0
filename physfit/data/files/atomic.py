"""Files that are either whole or not there.

A file is written under another name in the same folder, flushed to disk, and put in its
place by one `os.replace`. Whatever happens before that, the old file stays as it was.
One run at a time writes a path, and what a killed one left goes with the next (see
`output_lock`).
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from errno import EBADF, EEXIST, EINVAL
from pathlib import Path

from physfit.data.files.output_lock import OutputLock, free_target, output_lock
from physfit.data.files.paths import not_written, target_of
from physfit.errors import DataError

__all__ = ["atomic_file"]


@contextmanager
def atomic_file(
    path: str | os.PathLike[str],
    overwrite: bool = False,
    *,
    lock: OutputLock | None = None,
    previous: Path | None = None,
) -> Iterator[Path]:
    """Temporary path in the same folder that takes the place of `path` at the end.

    Parameters
    ----------
    path : path
        The file to write; a symbolic link is followed.
    overwrite : bool
        Whether an existing file may be replaced.
    lock : OutputLock, optional
        Of a run that holds it for longer; left out, it is held for this file.
    previous : Path, optional
        Where the old file goes.

    Yields
    ------
    Path
        Write here. When the block raises, it is removed and `path` stays as it was.

    Raises
    ------
    DataError
        When `path` exists and may not be replaced, is written by another run, or
        cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> folder = tempfile.mkdtemp()
    >>> with atomic_file(os.path.join(folder, "fit.txt")) as temporary:
    ...     _ = temporary.write_text("done")
    >>> os.listdir(folder)
    ['fit.txt']
    """
    target = free_target(path, overwrite)
    with nullcontext(lock) if lock is not None else output_lock(target) as held:
        try:
            temporary = held.temporary(target)
            try:
                yield temporary
                _flush(temporary)
                _move(temporary, target, overwrite, previous)
            finally:
                held.discard(temporary)
        except OSError as error:
            raise not_written(target, error) from error
        _flush_folder(target)


def _move(
    temporary: Path, target: Path, overwrite: bool, previous: Path | None
) -> None:
    """Put the new file in its place, with the permissions of the old one."""
    target_of(target, overwrite)
    if target.exists():
        temporary.chmod(stat.S_IMODE(target.stat().st_mode))
        if previous is not None:
            os.replace(target, previous)
    elif not overwrite and _linked(temporary, target):
        return
    os.replace(temporary, target)


def _linked(temporary: Path, target: Path) -> bool:
    """Whether the file got its name as a link, which never replaces another's file."""
    try:
        os.link(temporary, target)
    except OSError as error:
        if error.errno == EEXIST:
            target_of(target)
        return False  # the file system has no links
    return True


def _flush(path: Path) -> None:
    """Wait until a file or a folder is on disk."""
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _flush_folder(target: Path) -> None:
    """Wait until the entry of a file is on disk."""
    if os.name == "nt":
        return
    try:
        _flush(target.parent)
    except OSError as error:
        if error.errno not in (EBADF, EINVAL):  # folders cannot be flushed there
            raise DataError(
                f"`{target}` was written, but may not be on disk: {error.strerror}."
            ) from error
