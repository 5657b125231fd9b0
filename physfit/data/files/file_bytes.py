"""Bytes of a file at an offset, read while the file stays what it was.

A file that changes while it is read is found out: before every read its state is
compared with that at opening, and a read that ends early is refused.
`Watched` does so for files that a library reads.

Size and date change when a file is written to; `ctime` and `inode` also when it is
copied, replaced, or given an earlier date. Equal in all four, it is the same content.
The device is not compared: network file systems number it on each machine anew.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import FileIO
from pathlib import Path
from typing import Any

from physfit.data.files.digests import digest_of_record
from physfit.errors import DataError

__all__ = ["FileBytes", "FileChanged", "FileState", "Watched", "changes", "stamp_of"]
__all__ += ["state_of"]

#: Dates are kept to so many ns by SMB, by Python and tar, by exFAT, scp and tar, FAT.
_CLOCKS_NS = (100, 1000, 10**6, 10**7, 10**9, 2 * 10**9)


@dataclass(frozen=True)
class FileState:
    """A file at one moment.

    Attributes
    ----------
    path : str
        Absolute, links resolved.
    size : int
        Bytes.
    mtime_ns, ctime_ns : int
        When its content, and when anything about it, was changed last.
    inode, device : int
    """

    path: str
    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int
    device: int

    @property
    def stamp(self) -> tuple[int, int, int, int]:
        """What is the same as long as nothing was done to the file."""
        return self.size, self.mtime_ns, self.ctime_ns, self.inode

    @property
    def date(self) -> str:
        """When the content was changed last, to the last digit."""
        second = datetime.fromtimestamp(self.mtime_ns // 10**9, UTC)
        return f"{second:%Y-%m-%d %H:%M:%S}.{self.mtime_ns % 10**9:09d} UTC"

    def change(self, status: os.stat_result) -> str:
        """What was done to the file until now, as a verb; empty if nothing."""
        if (status.st_ino, status.st_dev) != (self.inode, self.device):
            return "was replaced by another file"
        if status.st_size < self.size:
            return f"shrank from {self.size} to {status.st_size} bytes"
        if (status.st_size, status.st_mtime_ns) != (self.size, self.mtime_ns):
            return "was written to"
        if status.st_ctime_ns != self.ctime_ns:
            return "was given another date, name or mode"
        return ""


def state_of(path: str | os.PathLike[str], status: os.stat_result) -> FileState:
    """State of a file from what the system says of it."""
    return FileState(
        str(Path(path).resolve()),
        *(status.st_size, status.st_mtime_ns, status.st_ctime_ns),
        *(status.st_ino, status.st_dev),
    )


def changes(old: Sequence[FileState], new: Sequence[FileState]) -> str:
    """In which sizes and dates files differ, in words; empty if in none."""
    if len(old) != len(new):
        return f"the data are in {len(new)} files, but were in {len(old)}"
    for before, now in zip(old, new, strict=True):
        if before.size == now.size and _is_one_date(before.mtime_ns, now.mtime_ns):
            continue
        return (
            f"its data file `{now.path}` has {now.size} bytes, last written "
            f"{now.date}, but had {before.size}, last written {before.date}; if the "
            "data are the same, give the file that date again (cp -p, touch -d)"
        )
    return ""


def _is_one_date(a: int, b: int) -> bool:
    """Whether dates are equal, or one is the other as a coarser clock keeps it."""
    return a == b or any(a - a % k == b or b - b % k == a for k in _CLOCKS_NS)


def stamp_of(states: Sequence[FileState]) -> str:
    """Digest of states: equal as long as nothing was done to any of the files."""
    return digest_of_record([state.stamp for state in states])


class FileChanged(DataError):
    """A file is no longer what it was when it was opened."""


class FileBytes:
    """A file opened for reading at any offset, from any thread without a lock."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        # An object closes itself once; a number closed twice may be another's by then.
        self._file = FileIO(path, "rb")
        self.state = state_of(path, os.fstat(self._file.fileno()))

    def close(self) -> None:
        """Close the file; it may be closed twice."""
        self._file.close()

    def __del__(self) -> None:
        if hasattr(self, "_file"):  # opening may have failed
            self.close()

    def check(self, start: int, stop: int) -> None:
        """Refuse to go on when the file is no longer what it was at opening."""
        try:
            change = self.state.change(os.stat(self.path))
        except OSError as error:
            raise FileChanged(
                f"`{self.path}` is gone ({error.strerror}), rows {start} to {stop} "
                "were to be read next; open it again once it is complete."
            ) from error
        if change:
            raise FileChanged(
                f"`{self.path}` {change} while it was read, before rows {start} to "
                f"{stop}; open it again once it is complete."
            )

    def read_into(self, buffer: Any, at: int, start: int, stop: int) -> None:
        """Fill a writable buffer from offset `at`, which holds rows start to stop."""
        view = memoryview(buffer).cast("B")
        done = 0
        while done < len(view):
            n = self._read(view[done:], at + done, start, stop)
            if n == 0:
                raise DataError(
                    f"`{self.path}` ends within rows {start} to {stop}: it is "
                    "truncated, or shrank while it was read; copy it anew."
                )
            done += n

    def _read(self, view: memoryview, at: int, start: int, stop: int) -> int:
        try:
            if hasattr(os, "preadv"):
                return os.preadv(self._file.fileno(), [view], at)
            with self._lock:  # Windows: one place to read from for all threads
                os.lseek(self._file.fileno(), at, os.SEEK_SET)
                data = os.read(self._file.fileno(), len(view))
            view[: len(data)] = data
            return len(data)
        except OSError as error:
            raise DataError(
                f"`{self.path}` cannot be read at rows {start} to {stop}: "
                f"{error.strerror}."
            ) from error


class Watched:
    """Files that a library reads; it does not tell when they change.

    Parameters
    ----------
    path : Path
        To be watched before it is opened.

    Attributes
    ----------
    file : FileBytes
        Its bytes.
    library : object or None
        What the library has open, closed with the files.
    """

    def __init__(self, path: Path) -> None:
        self.file = FileBytes(path)
        self.library: Any = None
        self._files = {self.file.state.path: self.file}
        self._is_closed = False

    def add(self, paths: Iterable[Path]) -> None:
        """Watch more files; one that is watched already counts once."""
        for path in paths:
            file = FileBytes(path)
            self._files.setdefault(file.state.path, file)

    @property
    def states(self) -> tuple[FileState, ...]:
        """The files as they were when they were opened."""
        return tuple(file.state for file in self._files.values())

    def check(self, start: int, stop: int) -> None:
        """Refuse to go on when one is no longer what it was at opening."""
        for file in () if self._is_closed else self._files.values():
            file.check(start, stop)

    def close(self) -> None:
        """Close the files; they may change from now on."""
        self._is_closed = True
        if self.library is not None:
            self.library.close()
        for file in self._files.values():
            file.close()
