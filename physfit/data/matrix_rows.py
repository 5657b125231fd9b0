"""Rows of a text file with one spectrum a line.

The first line of a text file is x if it is a header of numbers (`x, 400, 401, ...` or
numbers alone that ascend or descend while the file has a second line); otherwise
samples are counted from 0. A first column called `x`, `row` or `name` is left out.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from physfit.data.files.digests import digest_of
from physfit.data.files.file_bytes import Watched
from physfit.data.files.file_state import FileState
from physfit.data.files.text_file import lines_of_file
from physfit.data.npy_rows import NpyRows
from physfit.data.row_data import RowData, float_type, numbered_axes
from physfit.data.row_digests import probes_digest
from physfit.data.shared_sigma import SharedSigma
from physfit.errors import DataError, InputError
from physfit.typing import FloatArray

__all__ = ["MatrixRows", "matrix_rows"]

#: Characters of a line: a million samples.
_LONGEST_LINE = 1 << 24


class MatrixRows:
    """Rows of an array in memory; see `row_source.RowSource`.

    Parameters
    ----------
    path : Path
        Where they were read from.
    files : tuple of FileState
    y : ndarray, shape (..., n_points)
    x : ndarray, shape (n_points,)
    sigma : float, ndarray or None
    """

    multiple = grain = 1
    x_label, x_unit, y_label, y_unit = "x", "", "y", ""

    def __init__(
        self,
        path: Path,
        files: tuple[FileState, ...],
        y: NDArray[Any],
        x: FloatArray,
        sigma: float | FloatArray | None,
    ) -> None:
        self.name, self.files = str(path), files
        self.n_points = int(y.shape[-1])
        self._shape = y.shape
        self._y = y.reshape(-1, self.n_points)
        self._x = x[None]
        self._dtype = float_type(y.dtype)
        self._sigma = SharedSigma(self.name, sigma, self.n_points)
        self.opening: dict[str, Any] | None = self._sigma.opening(path)
        self.has_sigma = self._sigma.values is not None
        self.has_equal_weights = self._sigma.is_equal
        self.row_bytes = self.n_points * self._dtype.itemsize
        self.axes = numbered_axes(self._shape[:-1])

    def read(self, start: int, stop: int) -> RowData:
        """The rows `start` to `stop`."""
        rows = np.ascontiguousarray(self._y[start:stop], dtype=self._dtype)
        return RowData(rows, self._x, self._sigma.values)

    def missing(self, n: int) -> RowData:
        """So many rows of NaN."""
        y = np.full((n, self.n_points), np.nan, dtype=self._dtype)
        return RowData(y, self._x, self._sigma.values)

    def identity(self) -> dict[str, Any]:
        """What tells these data from others."""
        return {
            "dataset": "",
            "kind": "text",
            "shape": list(self._shape),
            "dtype": str(self._y.dtype),
            "rows": probes_digest(self.read, math.prod(self._shape[:-1])),
            "x": digest_of(self._x),
            "sigma": self._sigma.digest,
            "mask": "none",
        }

    def close(self) -> None:
        """Nothing is open."""


def matrix_rows(
    path: Path, sigma: str | float | FloatArray | None
) -> MatrixRows | NpyRows:
    """Rows of an NPY or text file."""
    if isinstance(sigma, str) and sigma != "none":
        raise InputError(
            f"`sigma` {sigma!r} names a place in an HDF5 file, but `{path}` is none; "
            "give a number, or 'none'."
        )
    given = None if isinstance(sigma, str) else sigma
    if path.suffix.lower() == ".npy":
        return NpyRows(path, given)
    try:
        watched = Watched(path)
    except OSError as error:
        raise DataError(f"`{path}` cannot be read: {error.strerror}.") from error
    y, x = _text_rows(path)
    watched.check(0, len(y))
    watched.close()
    return MatrixRows(path, watched.states, y, x, given)


def _text_rows(path: Path) -> tuple[FloatArray, FloatArray]:
    """Matrix of a text file, and x of its first line or the numbers of the samples."""
    rows = [
        (number, line)
        for number, line in enumerate(lines_of_file(path, _LONGEST_LINE), 1)
        if line.strip() and not line.lstrip().startswith("#")
    ]
    if not rows:
        raise DataError(f"`{path}` holds no line of numbers.")
    separator = next((mark for mark in ";\t," if mark in rows[0][1]), None)
    is_named = _number(_cells(rows[0][1], separator)[0]) is None
    numbers: list[FloatArray] = []
    for line_number, line in rows:
        cells = _cells(line, separator)[1 if is_named else 0 :]
        numbers.append(_numbers(path, line_number, cells))
        if len(numbers[-1]) != len(numbers[0]):
            raise DataError(
                f"`{path}`, line {line_number}, has {len(numbers[-1])} numbers, but "
                f"line {rows[0][0]} has {len(numbers[0])}; fill the short ones up with "
                "NaN, which are left out."
            )
    matrix = np.array(numbers)
    steps = np.diff(matrix[0])
    is_axis = len(matrix) > 1 and len(steps) > 0
    is_axis = is_axis and bool((steps > 0.0).all() or (steps < 0.0).all())
    has_x = is_named or is_axis
    y, x = (matrix[1:], matrix[0]) if has_x else (matrix, np.arange(matrix.shape[1]))
    if not y.size:
        raise DataError(
            f"`{path}` holds a header and no rows of numbers; give one spectrum a line."
        )
    return y, x.astype(np.float64)


def _cells(line: str, separator: str | None) -> list[str]:
    return [own.strip() for own in line.strip().split(separator)]


def _number(cell: str) -> float | None:
    if not cell:
        return float("nan")
    try:
        return None if "_" in cell else float(cell)  # float takes 1_0 for 10
    except ValueError:
        return None


def _numbers(path: Path, line: int, cells: list[str]) -> FloatArray:
    numbers = []
    for cell in cells:
        value = _number(cell)
        if value is None:
            raise DataError(f"`{path}`, line {line}: {cell[:40]!r} is not a number.")
        numbers.append(value)
    return np.array(numbers, dtype=np.float64)
