"""Rows of a matrix in a file of numpy or of text."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from physfit.data.files.digests import digest_of
from physfit.data.files.file_state import FileState
from physfit.data.npy_matrix import NpyMatrix
from physfit.data.row_data import RowData, float_type, numbered_axes
from physfit.data.row_source import RowSource
from physfit.data.text_matrix import TextMatrix
from physfit.errors import InputError
from physfit.typing import FloatArray

__all__ = ["Matrix", "MatrixRows", "open_matrix"]


class Matrix(Protocol):
    """Numbers of shape (..., n_points) in a file.

    Attributes
    ----------
    kind : str
        As a `DataRecord` calls it.
    shape : tuple of int
    dtype : dtype
    x : ndarray, shape (n_points,), or None
        None where the file does not say it.
    multiple : int
        Rows that are read together.
    files : tuple of FileState
    """

    kind: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    x: FloatArray | None
    multiple: int
    files: tuple[FileState, ...]

    def rows(self, start: int, stop: int) -> NDArray[Any]:
        """The rows `start` to `stop` as they are stored."""

    def close(self) -> None:
        """Close the file."""


class MatrixRows(RowSource):
    """Rows of a matrix.

    Parameters
    ----------
    path : Path
    matrix : Matrix
    sigma : float, ndarray or None
        Standard deviations of every row: one number, or one for each sample.

    Raises
    ------
    InputError
        When there is another number of standard deviations.
    """

    def __init__(
        self, path: Path, matrix: Matrix, sigma: float | FloatArray | None
    ) -> None:
        self.name, self._matrix = str(path), matrix
        self.files, self.multiple = matrix.files, matrix.multiple
        *shape, self.n_points = matrix.shape
        self.axes = numbered_axes(tuple(shape))
        self._dtype = float_type(matrix.dtype)
        self.row_bytes = self.n_points * self._dtype.itemsize
        x = np.arange(float(self.n_points)) if matrix.x is None else matrix.x
        self._x = x[None]
        self._sigma = None if sigma is None else self._checked(sigma)
        self.has_sigma = self._sigma is not None
        self.has_equal_weights = self._sigma is None or self._sigma.shape[1] == 1
        is_plain = sigma is None or isinstance(sigma, int | float)
        told = {"path": str(path.resolve()), "sigma": sigma}
        self.opening = told if is_plain else None

    def _checked(self, sigma: float | FloatArray) -> FloatArray:
        values: FloatArray = np.atleast_2d(np.asarray(sigma, float))
        if values.shape not in ((1, 1), (1, self.n_points)):
            raise InputError(
                f"`sigma` must be one number or {self.n_points} (one per sample) for "
                f"`{self.name}`, but has shape {values.shape}."
            )
        return values

    def _read(self, start: int, stop: int) -> RowData:
        rows = np.ascontiguousarray(self._matrix.rows(start, stop), self._dtype)
        return RowData(rows, self._x, self._sigma)

    def missing(self, n: int) -> RowData:
        """So many rows of NaN."""
        y = np.full((n, self.n_points), np.nan, dtype=self._dtype)
        return RowData(y, self._x, self._sigma)

    def _marks(self) -> dict[str, str]:
        return {
            "dataset": "",
            "kind": self._matrix.kind,
            "dtype": str(self._matrix.dtype),
            "x": "none" if self._matrix.x is None else digest_of(self._x),
            "sigma": "none" if self._sigma is None else digest_of(self._sigma),
            "mask": "none",
        }

    def close(self) -> None:
        """Close the file."""
        self._matrix.close()


def open_matrix(path: Path) -> Matrix:
    """The matrix of an NPY or text file."""
    return NpyMatrix(path) if path.suffix.lower() == ".npy" else TextMatrix(path)
