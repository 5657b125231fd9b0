"""Bytes of a file at an offset, read without the interpreter's lock.

A file that changes while it is read is found out: before every read its state is
compared with that at opening, and a read that ends early is refused.
`Watched` does so for files that a library reads.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable
from io import FileIO
from pathlib import Path
from typing import Any

from physfit.data.files.file_state import FileState, state_of
from physfit.errors import DataError

__all__ = ["FileBytes", "FileChanged", "Watched"]


class FileChanged(DataError):
    """A file is no longer what it was when it was opened."""


class FileBytes:
    """A file opened for reading at any offset, from any thread."""

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
