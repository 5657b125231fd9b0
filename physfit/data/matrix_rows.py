"""Rows of an array: NPY files, which stay on disk, and text with one spectrum a line.

The first line of a text file is x if it is a header of numbers (`x, 400, 401, ...` or
numbers alone that ascend or descend while the file has a second line); otherwise
samples are counted from 0. A first column called `x`, `row` or `name` is left out.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from physfit.data.row_data import Axis, RowData, float_type
from physfit.errors import DataError, InputError
from physfit.typing import FloatArray

__all__ = ["MatrixRows", "matrix_rows"]


class MatrixRows:
    """Rows of an array; see `row_source.RowSource`.

    Parameters
    ----------
    name : str
    y : ndarray, shape (..., n_points)
    x : ndarray, shape (n_points,)
    sigma : float, ndarray or None
    """

    multiple = grain = 1
    x_label, x_unit, y_label, y_unit = "x", "", "y", ""

    def __init__(
        self,
        name: str,
        y: NDArray[Any],
        x: FloatArray,
        sigma: float | FloatArray | None,
    ) -> None:
        self.name = name
        self.opening: dict[str, Any] | None = None
        if sigma is None or isinstance(sigma, int | float):
            self.opening = {"path": str(Path(name).resolve()), "sigma": sigma}
        self.n_points = int(y.shape[-1])
        self._shape = y.shape
        self._y = y.reshape(-1, self.n_points)
        self._x = x[None]
        self._dtype = float_type(y.dtype)
        self._sigma = None if sigma is None else np.atleast_2d(np.asarray(sigma, float))
        if self._sigma is not None and self._sigma.shape not in (
            (1, 1),
            (1, self.n_points),
        ):
            raise InputError(
                f"`sigma` must be one number or {self.n_points} (one per sample) for "
                f"`{name}`, but has shape {self._sigma.shape}."
            )
        self.has_sigma = self._sigma is not None
        self.has_equal_weights = self._sigma is None or self._sigma.shape[1] == 1
        self.row_bytes = self.n_points * self._dtype.itemsize
        n_axes = len(self._shape) - 1
        names = ["row"] if n_axes == 1 else [*"zyx"[max(0, 3 - n_axes) :]]
        self.axes = tuple(
            Axis(label, np.arange(size, dtype=np.float64))
            for label, size in zip(names, self._shape[:-1], strict=True)
        )

    def read(self, start: int, stop: int) -> RowData:
        """The rows `start` to `stop`."""
        rows = np.ascontiguousarray(self._y[start:stop], dtype=self._dtype)
        return RowData(rows, self._x, self._sigma)

    def missing(self, n: int) -> RowData:
        """So many rows of NaN."""
        y = np.full((n, self.n_points), np.nan, dtype=self._dtype)
        return RowData(y, self._x, self._sigma)

    def identity(self) -> dict[str, Any]:
        """What tells these data from others."""
        digest = hashlib.sha256()
        for rows in (self._y[:16], self._y[-16:], self._x):
            digest.update(np.ascontiguousarray(rows).tobytes())
        sigma = "none"
        if self._sigma is not None:
            sigma = hashlib.sha256(self._sigma.tobytes()).hexdigest()[:16]
        return {
            "file": Path(self.name).name,
            "dataset": "",
            "shape": list(self._shape),
            "dtype": str(self._y.dtype),
            "checksum": digest.hexdigest()[:16],
            "sigma": sigma,
        }

    def close(self) -> None:
        """Nothing is open."""


def matrix_rows(path: Path, sigma: str | float | FloatArray | None) -> MatrixRows:
    """Rows of an NPY or text file."""
    if isinstance(sigma, str) and sigma != "none":
        raise InputError(
            f"`sigma` {sigma!r} names a place in an HDF5 file, but `{path}` is none; "
            "give a number, or 'none'."
        )
    given = None if isinstance(sigma, str) else sigma
    if path.suffix.lower() == ".npy":
        return _npy_rows(path, given)
    y, x = _text_rows(path)
    return MatrixRows(str(path), y, x, given)


def _npy_rows(path: Path, sigma: float | FloatArray | None) -> MatrixRows:
    try:
        y = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError) as error:
        raise DataError(f"`{path}` cannot be read: {error}.") from error
    if y.ndim < 2 or y.dtype.kind not in "fiuc" or not y.size:
        raise DataError(
            f"`{path}` holds an array of shape {y.shape} and type {y.dtype}; rows are "
            "numbers of shape (n_rows, n_points) or (..., n_points)."
        )
    return MatrixRows(str(path), y, np.arange(float(y.shape[-1])), sigma)


def _text_rows(path: Path) -> tuple[FloatArray, FloatArray]:
    """Matrix of a text file, and x of its first line or the numbers of the samples."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"`{path}` cannot be read as text: {error}.") from error
    rows = [
        (number, line)
        for number, line in enumerate(lines, 1)
        if line.strip() and not line.lstrip().startswith("#")
    ]
    if not rows:
        raise DataError(f"`{path}` holds no line of numbers.")
    separator = next((mark for mark in ";\t," if mark in rows[0][1]), None)
    cells = [(number, _cells(line, separator)) for number, line in rows]
    is_named = _number(cells[0][1][0]) is None
    if is_named:
        cells = [(number, own[1:]) for number, own in cells]
    numbers = [_numbers(path, number, own) for number, own in cells]
    lengths = {len(own) for own in numbers}
    if len(lengths) > 1:
        wrong = next(k for k, own in enumerate(numbers) if len(own) != len(numbers[0]))
        raise DataError(
            f"`{path}`, line {cells[wrong][0]}, has {len(numbers[wrong])} numbers, but "
            f"line {cells[0][0]} has {len(numbers[0])}; fill the short ones up with "
            "NaN, which are left out."
        )
    matrix = np.array(numbers)
    steps = np.diff(matrix[0])
    is_axis = len(matrix) > 1 and len(steps) > 0
    is_axis = is_axis and bool((steps > 0.0).all() or (steps < 0.0).all())
    if is_named or is_axis:
        return matrix[1:], matrix[0]
    return matrix, np.arange(float(matrix.shape[1]))


def _cells(line: str, separator: str | None) -> list[str]:
    return [own.strip() for own in line.strip().split(separator)]


def _number(cell: str) -> float | None:
    if not cell:
        return float("nan")
    try:
        return float(cell)
    except ValueError:
        return None


def _numbers(path: Path, line: int, cells: list[str]) -> list[float]:
    numbers = []
    for cell in cells:
        value = _number(cell)
        if value is None:
            raise DataError(f"`{path}`, line {line}: {cell!r} is not a number.")
        numbers.append(value)
    return numbers
