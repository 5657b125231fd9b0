"""Lock files: held by one process, or shared by several; gone when it is killed.

The lock is the system's, on an open file; the file's lines, one JSON record each, say
who holds it and what its holder notes. A holder that releases it deletes the file under
the lock. Another process may have opened it before: after locking, it checks whether
the file is still the one at that path, and else tries anew.

`flock` is used, not the package filelock: shares need a shared lock, and the lines of a
killed holder must be there after it was locked again.
"""

from __future__ import annotations

import json
import os
import platform
import stat
import time
import warnings
from _thread import get_ident
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from errno import EACCES, EAGAIN, EISDIR, ELOOP, ENOSPC, ENXIO
from io import FileIO
from pathlib import Path
from threading import main_thread
from typing import Any

from physfit.data.files.paths import not_written
from physfit.errors import DataError

try:
    import fcntl
except ImportError:  # Windows: two runs on one output do not notice each other
    fcntl = None  # type: ignore[assignment]

__all__ = ["append", "entries", "locked", "sign"]

#: Seconds to wait for a lock: whoever ends or looks holds one for some microseconds.
PATIENCE = 0.25
_HEAD = b'{"physfit": '
#: Bytes of a lock file at most; a long job notes some hundred for each of its blocks.
_LONGEST = 64 << 20
#: Locks that are held alone, with the threads that took them.
_held: dict[Path, tuple[int, FileIO]] = {}


@contextmanager
def locked(
    path: Path, target: Path, *, shared: bool = False
) -> Iterator[FileIO | None]:
    """A lock file that this process holds, alone or with others.

    Parameters
    ----------
    path : Path
        The lock file; made if it is not there.
    target : Path
        What it is the lock of, for messages.
    shared : bool
        Whether others may share it.

    Yields
    ------
    FileIO or None
        With the lines of holders that were killed; None where there are no locks.

    Raises
    ------
    DataError
        When another run holds it, or the file cannot be written.
    """
    owner, lock = os.getpid(), None
    if not shared:
        _drop_interrupted(path)
    try:
        lock = _acquired(path, target, shared)
        if lock is not None and not shared:
            _held[path] = get_ident(), lock
        yield lock
    finally:
        if lock is not None and not lock.closed:
            if not shared:
                _held.pop(path, None)
            with lock:
                if os.getpid() == owner:  # a forked child leaves it to its parent
                    _release(path, lock, shared)


def _drop_interrupted(path: Path) -> None:
    """Let go of a lock of the main thread, when that very thread locks again.

    It was interrupted before it could let go, and what held it lives on in the
    traceback. In other threads nothing is interrupted: there a callback of the user
    asks for the output that is being written around it, and is refused.
    """
    ident, lock = _held.get(path, (0, None))
    is_main = get_ident() == main_thread().ident
    if lock is not None and is_main and ident == get_ident():
        _held.pop(path, None)
        lock.close()


def sign(lock: FileIO) -> None:
    """Note who holds a lock."""
    since = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime())
    who = {"physfit": 1, "pid": os.getpid(), "host": platform.node()}
    append(lock, {**who, "since": since})


def append(lock: FileIO, entry: Mapping[str, Any]) -> None:
    """Add a line."""
    line = json.dumps(entry).encode() + b"\n"
    if lock.write(line) != len(line):
        raise OSError(ENOSPC, os.strerror(ENOSPC))


def entries(lock: FileIO) -> list[dict[str, Any]]:
    """Records of all lines."""
    size = os.fstat(lock.fileno()).st_size
    records = []
    for line in os.pread(lock.fileno(), size, 0).splitlines():
        # The last one of a killed process may be cut.
        with suppress(ValueError, RecursionError):
            entry = json.loads(line)
            if isinstance(entry, dict):
                records.append(entry)
    return records


def _acquired(path: Path, target: Path, shared: bool) -> FileIO | None:
    end = time.monotonic() + PATIENCE
    while fcntl is not None:
        lock = _opened(path, target)
        try:
            is_locked = _try(lock, shared)
            if is_locked and _is_at(path, lock):
                return lock
            if not is_locked and time.monotonic() > end:
                raise _taken(lock, target)
        except OSError as error:
            lock.close()
            _warn_without_locks(path, target, error)
            return None
        except BaseException:
            lock.close()
            raise
        lock.close()
        if not is_locked:
            time.sleep(0.01)
    return None


def _try(lock: FileIO, shared: bool) -> bool:
    """Whether a file could be locked.

    Raises
    ------
    OSError
        When there are no locks.
    """
    try:
        fcntl.flock(lock, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in (EACCES, EAGAIN):
            return False
        raise
    return True


def _opened(path: Path, target: Path) -> FileIO:
    """The lock file, new or as another run made it."""
    flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK
    try:
        lock = FileIO(path, "rb+", opener=lambda p, _: os.open(p, flags, 0o666))
    except OSError as error:
        if error.errno in (ELOOP, EISDIR, ENXIO):
            raise _foreign(path, target) from error
        if error.errno == EACCES and path.exists():
            raise DataError(
                f"`{target}` is being written by another user, or a run of that user "
                f"was killed and left `{path}`; ask for that file to be deleted, or "
                "give another path."
            ) from error
        raise not_written(target, error) from error
    status = os.fstat(lock.fileno())
    # What has a second name may be a file that somebody needs.
    is_alone = stat.S_ISREG(status.st_mode) and status.st_nlink <= 1
    if is_alone and status.st_size <= _LONGEST:
        head = os.pread(lock.fileno(), len(_HEAD), 0)
        if _HEAD.startswith(head):
            return lock
    lock.close()
    raise _foreign(path, target)


def _is_at(path: Path, lock: FileIO) -> bool:
    with suppress(OSError):
        return os.path.samestat(os.lstat(path), os.fstat(lock.fileno()))
    return False


def _release(path: Path, lock: FileIO, shared: bool) -> None:
    """Delete the lock file, unless others share it or a killed run left a note."""
    with suppress(OSError):
        if shared:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if _is_at(path, lock) and not any("file" in entry for entry in entries(lock)):
            path.unlink()
    with suppress(OSError):
        fcntl.flock(lock, fcntl.LOCK_UN)  # children that were forked hold it open


def _taken(lock: FileIO, target: Path) -> DataError:
    holders = [entry for entry in entries(lock) if "pid" in entry]
    who = ""
    if holders:
        texts = {key: str(holders[-1].get(key)) for key in ("pid", "host", "since")}
        shown = {k: "".join(c for c in v if c.isprintable()) for k, v in texts.items()}
        who = f" (process {shown['pid']} on {shown['host']}, since {shown['since']})"
    return DataError(
        f"`{target}` is being written by another run{who}; wait until it has ended, "
        "or give another path."
    )


def _foreign(path: Path, target: Path) -> DataError:
    return DataError(
        f"`{target}` cannot be written: its lock goes to `{path}`, where there is "
        "something that physfit did not make; move it away, or give another path."
    )


def _warn_without_locks(path: Path, target: Path, error: OSError) -> None:
    with suppress(OSError):
        if not path.stat().st_size:
            path.unlink()
    warnings.warn(
        f"`{path.parent}` has no file locks ({error.strerror}); see to it that no two "
        f"runs write `{target.name}` at the same time.",
        stacklevel=2,
    )
