"""HDF5 files whose bytes are written by the system's own calls.

The library cannot close a file on a disk that is full, and may crash the process at its
end. Here it hands its bytes to Python: the first write that fails is raised, and those
that follow, while the library closes the file, are dropped; the file is lost anyhow.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from errno import ENOSPC
from io import FileIO
from pathlib import Path
from typing import Any

import h5py

__all__ = ["hdf5_output", "raw_output"]


class _Bytes(FileIO):
    """A file whose first failure is raised, and none after it."""

    failure: OSError | None = None

    def write(self, data: Any) -> int:
        """All of the bytes."""
        left = memoryview(data)
        size = len(left)
        with self._first_failure():
            while self.failure is None and len(left):
                done = super().write(left)
                if not done:
                    raise OSError(ENOSPC, os.strerror(ENOSPC))
                left = left[done:]
        return size

    def truncate(self, size: int | None = None) -> int:
        """Change the size."""
        with self._first_failure():
            if self.failure is None:
                return super().truncate(size)
        return size or 0

    @contextmanager
    def _first_failure(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self.failure = error
            raise


@contextmanager
def raw_output(path: Path, mode: str = "w") -> Iterator[FileIO]:
    """Bytes of an HDF5 file for a library that writes one; see `hdf5_output`."""
    with _Bytes(path, "w+" if mode == "w" else "r+") as raw:
        try:
            yield raw
        finally:
            if raw.failure is not None:
                raise raw.failure


@contextmanager
def hdf5_output(path: Path, mode: str, **options: Any) -> Iterator[Any]:
    """HDF5 file to write: a new one ("w"), or one that is there ("r+").

    Parameters
    ----------
    path : Path
        A temporary one (see `atomic_file`).
    mode : str
    **options
        Of `h5py.File`.

    Raises
    ------
    OSError
        When it cannot be written.
    """
    with raw_output(path, mode) as raw, h5py.File(raw, mode, **options) as file:
        yield file
