"""Who writes an output: one run at a time, and what a killed one left is removed.

A run that writes `OUT` holds the lock `.OUT.lock` beside it, and names every temporary
file there before it is filled. Whoever holds the lock next knows that its writer is
gone, and deletes the files that are named; none is judged by its name alone.
"""

from __future__ import annotations

import os
import re
import secrets
import stat
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from glob import escape
from io import FileIO
from pathlib import Path
from typing import Any

from physfit.data.files.lock_file import append, entries, locked, sign
from physfit.data.files.paths import not_written, target_of
from physfit.errors import DataError

__all__ = ["OutputLock", "free_target", "output_lock"]

_LONGEST_NAME = 180
#: Places of temporary files: as `OutputLock.temporary` names them, here or a
#: folder below.
_PLACE = re.compile(r"([^/]+/)?\.[^/]+\.[0-9a-f]{12}\.tmp")


class OutputLock:
    """The right to write an output, and the temporary files that are being filled.

    Parameters
    ----------
    folder : Path
        Of the lock file; temporary files are named from there.
    lock : FileIO or None
        None where the file system has no locks.
    """

    def __init__(self, folder: Path, lock: FileIO | None) -> None:
        self._folder, self._lock = folder, lock
        self._begun: set[Path] = set()
        self._guard = threading.RLock()
        self._owner = os.getpid()
        self._length = 0 if lock is None else os.fstat(lock.fileno()).st_size

    def temporary(self, target: Path) -> Path:
        """New empty hidden file beside `target`, with the permissions of a new file.

        Raises
        ------
        OSError
        """
        name = f".{_shortened(target.name)}.{secrets.token_hex(6)}.tmp"
        path = Path(os.path.realpath(target.parent), name)
        place = os.path.relpath(path, self._folder)
        with self._guard:
            self._begun.add(path)
            try:
                self._note({"file": place})
                handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
                try:
                    self._note({"file": place, "inode": os.fstat(handle).st_ino})
                finally:
                    os.close(handle)
            except BaseException:
                self.discard(path)
                raise
        return path

    def discard(self, temporary: Path) -> None:
        """Delete a temporary file if it is still there."""
        if os.getpid() != self._owner:  # a forked child: the file is its parent's
            return
        with self._guard:
            with suppress(OSError):
                temporary.unlink()
            self._begun.discard(temporary)
            if self._lock is not None and not self._lock.closed and not self._begun:
                os.ftruncate(self._lock.fileno(), self._length)

    def close(self) -> None:
        """Delete all temporary files."""
        for temporary in tuple(self._begun):
            self.discard(temporary)

    def _note(self, entry: dict[str, Any]) -> None:
        if self._lock is not None:
            append(self._lock, entry)


@contextmanager
def output_lock(path: str | os.PathLike[str], share: str = "") -> Iterator[OutputLock]:
    """Write an output alone, or a share of it beside other shares.

    Parameters
    ----------
    path : path
        The output; a symbolic link is followed.
    share : str
        Name of a share, such as "3-of-64". Runs with different shares go together, and
        none of them with a run that has the whole output.

    Raises
    ------
    DataError
        When another run writes it, or its folder cannot be written.

    Warns
    -----
    UserWarning
        When the file system has no locks.
    """
    target = target_of(path, overwrite=True)
    whole = target.with_name(f".{_shortened(target.name)}.lock")
    with ExitStack() as stack:
        if share:
            stack.enter_context(_held(whole, target, shared=True))
            part = whole.with_name(f"{whole.name}.{share}")
            lock = stack.enter_context(_held(part, target))
        else:
            lock = stack.enter_context(_held(whole, target))
            for left in whole.parent.glob(f"{escape(whole.name)}.*"):
                with _held(left, target):
                    pass
        yield lock


def free_target(path: str | os.PathLike[str], overwrite: bool = False) -> Path:
    """The file that is written, as `target_of` gives it.

    Where it is refused, what a killed run left beside it is deleted all the same: an
    output that was in its place when its run was killed is not written again.

    Raises
    ------
    DataError
        As `target_of` does.
    """
    try:
        return target_of(path, overwrite)
    except DataError:
        with suppress(DataError), output_lock(path):
            pass  # whoever gets the lock deletes what was left
        raise


@contextmanager
def _held(path: Path, target: Path, *, shared: bool = False) -> Iterator[OutputLock]:
    """The lock by a lock file; alone, what its last holder left is removed."""
    with locked(path, target, shared=shared) as lock:
        if lock is not None:
            if not shared:
                _clear(path.parent, lock)
            try:
                sign(lock)
            except OSError as error:
                raise not_written(target, error) from error
        held = OutputLock(path.parent, lock)
        try:
            yield held
        finally:
            held.close()


def _clear(folder: Path, lock: FileIO) -> None:
    """Delete the temporary files that a killed run of this user noted, and the notes.

    Notes of another user are ignored: they could name any file.
    """
    if hasattr(os, "geteuid") and os.fstat(lock.fileno()).st_uid != os.geteuid():
        return
    inodes: dict[str, int | None] = {}
    for entry in entries(lock):
        place, inode = entry.get("file"), entry.get("inode")
        if isinstance(place, str):
            inodes[place] = inode if isinstance(inode, int) else None
    for place, inode in inodes.items():
        _remove(folder, place, inode)
    os.ftruncate(lock.fileno(), 0)


def _remove(folder: Path, place: str, inode: int | None) -> None:
    """Delete a file if it is the one that was noted: its inode, or empty as begun."""
    if _PLACE.fullmatch(place) is None or place.startswith("../"):
        return
    with suppress(OSError, ValueError):
        if os.path.islink((folder / place).parent):
            return  # places are noted without links
        status = os.lstat(folder / place)
        is_begun = inode is None and status.st_size == 0
        if stat.S_ISREG(status.st_mode) and (is_begun or status.st_ino == inode):
            os.unlink(folder / place)


def _shortened(name: str) -> str:
    """The name, or a digest where a longer one would not be allowed."""
    if len(os.fsencode(name)) <= _LONGEST_NAME:
        return name
    from hashlib import sha256

    return sha256(os.fsencode(name)).hexdigest()[:32]
