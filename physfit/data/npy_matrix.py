"""Rows of an NPY file, read by ranges.

The file is not mapped into memory: of a mapped file that is cut while it is read the
system takes the process down. Rows of an array in Fortran order lie spread over the
file, so that each sample of a block costs a read of its own.
"""

from __future__ import annotations

import math
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from physfit.data.files.file_bytes import FileBytes
from physfit.data.files.file_state import FileState
from physfit.data.files.limits import MOST_HEADER
from physfit.errors import DataError
from physfit.typing import FloatArray

__all__ = ["NpyMatrix"]


class Header(NamedTuple):
    """What the first bytes of an NPY file say, and where its numbers begin."""

    shape: tuple[int, ...]
    is_fortran: bool
    dtype: np.dtype[Any]
    offset: int


class NpyMatrix:
    """Rows of an NPY file; see `matrix_rows.Matrix`.

    Raises
    ------
    DataError
        When the file is damaged, truncated, or holds no rows of numbers.
    """

    kind = "npy"
    x: FloatArray | None = None
    shape: tuple[int, ...]
    dtype: np.dtype[Any]

    def __init__(self, path: Path) -> None:
        try:
            self._file = FileBytes(path)
            with path.open("rb") as stream:
                header = _header(path, BytesIO(stream.read(MOST_HEADER)))
        except OSError as error:
            raise DataError(f"`{path}` cannot be read: {error.strerror}.") from error
        self.shape, self._is_fortran, self.dtype, self._offset = header
        self.files: tuple[FileState, ...] = (self._file.state,)
        self._check_size(path)
        self.multiple = math.prod(self.shape[1:-1]) if self._is_fortran else 1

    def _check_size(self, path: Path) -> None:
        expected = self._offset + math.prod(self.shape) * self.dtype.itemsize
        if self._file.state.size < expected:
            raise DataError(
                f"`{path}` is truncated: an array of shape {self.shape} and type "
                f"{self.dtype} needs {expected} bytes, but it has "
                f"{self._file.state.size}; copy it anew."
            )

    def rows(self, start: int, stop: int) -> NDArray[Any]:
        """The rows `start` to `stop`, as they are stored."""
        self._file.check(start, stop)
        read = self._columns if self._is_fortran else self._lines
        rows = read(start, stop)
        self._file.check(start, stop)
        return rows

    def _lines(self, start: int, stop: int) -> NDArray[Any]:
        """Rows of an array in C order, which follow one another."""
        rows = np.empty((stop - start, self.shape[-1]), self.dtype)
        at = self._offset + start * self.shape[-1] * rows.itemsize
        self._file.read_into(rows.view(np.uint8), at, start, stop)
        return rows

    def _columns(self, start: int, stop: int) -> NDArray[Any]:
        """Rows of an array in Fortran order: sample by sample, from place to place."""
        # The first axis of the map runs fastest in the file, the last one in the rows.
        n_lines, *inner, n_points = self.shape
        per_line = math.prod(inner)
        first, last = start // per_line, -(-stop // per_line)
        box = np.empty((n_points, per_line, last - first), self.dtype)
        for place in range(n_points * per_line):
            column = box.reshape(-1, last - first)[place]
            at = self._offset + (place * n_lines + first) * box.itemsize
            self._file.read_into(column.view(np.uint8), at, start, stop)
        spread = box.reshape(n_points, *inner[::-1], last - first)
        rows = spread.T.reshape(-1, n_points)
        return rows[start - first * per_line : stop - first * per_line]

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def _header(path: Path, stream: BinaryIO) -> Header:
    """Header of an NPY file of rows of numbers."""
    readers: Any = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }
    try:
        version = np.lib.format.read_magic(stream)
        # Version 3 differs in the names of fields alone, and a row has none.
        shape, is_fortran, dtype = readers[version](stream)
    except Exception as error:  # numpy evaluates the header as a literal of Python
        raise DataError(
            f"`{path}` is no NPY file, or its header is damaged; write it anew."
        ) from error
    is_size = all(type(own) is int and 0 < own < 1 << 48 for own in shape)
    if len(shape) < 2 or dtype.kind not in "fiuc" or not is_size:
        raise DataError(
            f"`{path}` holds an array of shape {shape} and type {dtype}; rows are "
            "numbers of shape (n_rows, n_points) or (..., n_points)."
        )
    return Header(shape, is_fortran, dtype, stream.tell())
