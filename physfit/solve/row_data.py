"""Data of many rows as the compiled loop reads them: arrays with strides."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from physfit.engine.problem import address_of
from physfit.engine.rows import LANES
from physfit.typing import FloatArray

__all__ = ["RowData", "column_words", "shared_weights", "shared_x"]


class RowData(NamedTuple):
    """Samples of many rows, checked.

    Attributes
    ----------
    y : ndarray, shape (n_rows, n_points)
        float32, float64, complex64 or complex128.
    x : ndarray, shape (n_inputs, n_points) or (n_rows, n_inputs, n_points)
        Shared by all rows, or of each.
    sigma : ndarray or None
        Standard deviations, of a shape that broadcasts to that of `y`: (1, 1) for one
        number, (1, n_points) for one per sample, (n_rows, 1) for one per row, or
        (n_rows, n_points).
    mask : ndarray of bool or None
        True where a sample is left out, shape (1, n_points) or (n_rows, n_points).
    """

    y: NDArray[Any]
    x: FloatArray
    sigma: NDArray[Any] | None = None
    mask: NDArray[np.bool_] | None = None

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return len(self.y)

    @property
    def n_points(self) -> int:
        """Samples of a row, missing ones included."""
        return int(self.y.shape[1])

    @property
    def length(self) -> int:
        """The same, up to a whole number of vectors."""
        return -(-self.n_points // LANES) * LANES

    @property
    def has_own_x(self) -> bool:
        """Whether each row has an x of its own."""
        return self.x.ndim == 3

    @property
    def has_own_sigma(self) -> bool:
        """Whether standard deviations differ from row to row."""
        return self.sigma is not None and self.sigma.shape[0] > 1

    @property
    def has_equal_weights(self) -> bool:
        """Whether all samples of a row have the same standard deviation."""
        return self.sigma is None or self.sigma.shape[1] == 1

    def rows(self, start: int, stop: int) -> RowData:
        """The rows `start` to `stop`, without copying."""
        return RowData(
            self.y[start:stop],
            self.x[start:stop] if self.has_own_x else self.x,
            _part(self.sigma, start, stop),
            _part(self.mask, start, stop),
        )


def _part(array: Any, start: int, stop: int) -> Any:
    """Rows of an array that may be shared by all."""
    return array if array is None or array.shape[0] == 1 else array[start:stop]


def column_words(array: NDArray[Any] | None, n_parts: int = 1) -> list[int]:
    """Address and strides of a column (see `engine.rows`).

    Parameters
    ----------
    array : ndarray or None
        Shape (n_rows, n_points), or (n_rows, n_parts, n_points); an axis of length 1
        is shared. Complex numbers are two parts.
    n_parts : int
        Coordinates or outputs.
    """
    if array is None:
        return [0, 0, 0, 0, 0, n_parts]
    item = array.itemsize
    parts = 0
    if array.dtype.kind == "c":
        item //= 2
        parts = 1
    elif array.ndim == 3:
        parts = array.strides[1] // item
    by_row = array.strides[0] // item if array.shape[0] > 1 else 0
    by_point = array.strides[-1] // item if array.shape[-1] > 1 else 0
    return [address_of(array), int(item == 4), by_row, by_point, parts, n_parts]


def shared_x(data: RowData) -> FloatArray:
    """Shared x with its last sample repeated up to `length`."""
    more = data.length - data.n_points
    return np.ascontiguousarray(np.pad(data.x, ((0, 0), (0, more)), mode="edge"))


def shared_weights(data: RowData, n_outputs: int) -> FloatArray:
    """1 / sigma of every row alike, or ones, then zeros up to `length`."""
    weights = np.zeros((n_outputs, data.length))
    sigma = 1.0 if data.sigma is None else data.sigma.astype(np.float64)
    with np.errstate(divide="ignore"):
        weights[:, : data.n_points] = 1.0 / sigma
    return weights
