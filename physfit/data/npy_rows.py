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
from physfit.data.row_data import RowData, float_type, numbered_axes
from physfit.data.row_digests import probes_digest
from physfit.data.shared_sigma import SharedSigma
from physfit.errors import DataError
from physfit.typing import FloatArray

__all__ = ["NpyRows"]


class Header(NamedTuple):
    """What the first bytes of an NPY file say, and where its numbers begin."""

    shape: tuple[int, ...]
    is_fortran: bool
    dtype: np.dtype[Any]
    offset: int


class NpyRows:
    """Rows of an NPY file; see `row_source.RowSource`.

    Parameters
    ----------
    path : Path
    sigma : float, ndarray or None

    Raises
    ------
    DataError
        When the file is damaged, truncated, or holds no rows of numbers.
    """

    grain = 1
    x_label, x_unit, y_label, y_unit = "x", "", "y", ""

    def __init__(self, path: Path, sigma: float | FloatArray | None) -> None:
        self.name = str(path)
        try:
            self._file = FileBytes(path)
            with path.open("rb") as stream:
                self._header = _header(path, BytesIO(stream.read(MOST_HEADER)))
        except OSError as error:
            raise DataError(f"`{path}` cannot be read: {error.strerror}.") from error
        self.files: tuple[FileState, ...] = (self._file.state,)
        self._check_size(path)
        *shape, self.n_points = self._header.shape
        self._shape = tuple(shape)
        self._dtype = float_type(self._header.dtype)
        self.row_bytes = self.n_points * self._dtype.itemsize
        self.multiple = math.prod(shape[1:]) if self._header.is_fortran else 1
        self._x = np.arange(float(self.n_points))[None]
        self._sigma = SharedSigma(self.name, sigma, self.n_points)
        self.has_sigma = self._sigma.values is not None
        self.has_equal_weights = self._sigma.is_equal
        self.opening: dict[str, Any] | None = self._sigma.opening(path)
        self.axes = numbered_axes(self._shape)

    def _check_size(self, path: Path) -> None:
        shape, dtype = self._header.shape, self._header.dtype
        expected = self._header.offset + math.prod(shape) * dtype.itemsize
        if self._file.state.size < expected:
            raise DataError(
                f"`{path}` is truncated: an array of shape {shape} and type {dtype} "
                f"needs {expected} bytes, but it has {self._file.state.size}; copy it "
                "anew."
            )

    def read(self, start: int, stop: int) -> RowData:
        """The rows `start` to `stop`."""
        self._file.check(start, stop)
        read = self._columns if self._header.is_fortran else self._lines
        rows = read(start, stop)
        self._file.check(start, stop)
        return RowData(
            np.ascontiguousarray(rows, self._dtype), self._x, self._sigma.values
        )

    def _lines(self, start: int, stop: int) -> NDArray[Any]:
        """Rows of an array in C order, which follow one another."""
        rows = np.empty((stop - start, self.n_points), self._header.dtype)
        at = self._header.offset + start * self.n_points * rows.itemsize
        self._file.read_into(rows.view(np.uint8), at, start, stop)
        return rows

    def _columns(self, start: int, stop: int) -> NDArray[Any]:
        """Rows of an array in Fortran order: sample by sample, from place to place."""
        # The first axis of the map runs fastest in the file, the last one in the rows.
        n_lines, per_line = self._shape[0], math.prod(self._shape[1:])
        first, last = start // per_line, -(-stop // per_line)
        box = np.empty((self.n_points, per_line, last - first), self._header.dtype)
        for place in range(self.n_points * per_line):
            column = box.reshape(-1, last - first)[place]
            at = self._header.offset + (place * n_lines + first) * box.itemsize
            self._file.read_into(column.view(np.uint8), at, start, stop)
        spread = box.reshape(self.n_points, *self._shape[:0:-1], last - first)
        rows = spread.T.reshape(-1, self.n_points)
        return rows[start - first * per_line : stop - first * per_line]

    def missing(self, n: int) -> RowData:
        """So many rows of NaN."""
        y = np.full((n, self.n_points), np.nan, dtype=self._dtype)
        return RowData(y, self._x, self._sigma.values)

    def identity(self) -> dict[str, Any]:
        """What tells these data from others."""
        return {
            "dataset": "",
            "kind": "npy",
            "shape": list(self._header.shape),
            "dtype": str(self._header.dtype),
            "rows": probes_digest(self.read, math.prod(self._shape)),
            "x": "none",
            "sigma": self._sigma.digest,
            "mask": "none",
        }

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
