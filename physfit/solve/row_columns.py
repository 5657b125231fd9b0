"""Data of many rows as the compiled loop reads them: arrays with strides."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from physfit.data.row_data import RowData
from physfit.engine.problem import address_of
from physfit.engine.rows import Column
from physfit.typing import FloatArray, IntArray

__all__ = ["column_words", "shared_weights", "shared_x"]


def column_words(array: NDArray[Any] | None, n_parts: int = 1) -> IntArray:
    """A `Column` of `engine.rows`.

    Parameters
    ----------
    array : ndarray or None
        Shape (n_rows, n_points), or (n_rows, n_parts, n_points); an axis of length 1
        is shared. Complex numbers are two parts.
    n_parts : int
        Coordinates or outputs.
    """
    if array is None:
        return Column.filled(n_parts=n_parts)
    is_complex = array.dtype.kind == "c"
    item = array.itemsize // (2 if is_complex else 1)
    by_part = array.strides[1] // item if array.ndim == 3 else int(is_complex)
    return Column.filled(
        address=address_of(array),
        is_single=item == 4,
        by_row=array.strides[0] // item if array.shape[0] > 1 else 0,
        by_point=array.strides[-1] // item if array.shape[-1] > 1 else 0,
        by_part=by_part,
        n_parts=n_parts,
    )


def shared_x(data: RowData) -> FloatArray:
    """Shared x with its last sample repeated up to `length`."""
    more = data.length - data.n_points
    return np.ascontiguousarray(np.pad(data.x, ((0, 0), (0, more)), mode="edge"))


def shared_weights(data: RowData, n_outputs: int) -> FloatArray:
    """1 / sigma of every row alike, or ones, then zeros up to `length`."""
    weights = np.zeros((n_outputs, data.length))
    sigma = 1.0 if data.sigma is None else data.sigma.astype(np.float64)
    with np.errstate(all="ignore"):
        weights[:, : data.n_points] = 1.0 / sigma
    return weights
