"""Rows of a matrix in a file of numpy or of text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from physfit.data.npy_matrix import npy_matrix
from physfit.data.row_data import float_type, numbered_axes
from physfit.data.row_source import RowColumn, RowSource, shared_column, sigma_column
from physfit.data.text_matrix import text_matrix
from physfit.errors import DataError

__all__ = ["matrix_rows"]


def matrix_rows(path: Path, opening: dict[str, Any]) -> RowSource:
    """Rows of an NPY or text file, whose x are the numbers of the samples if unsaid.

    Parameters
    ----------
    path : Path
    opening : dict
        `sigma` of `open_rows`.

    Raises
    ------
    InputError
        When there is another number of standard deviations.
    DataError
        When the file cannot be read, or is no matrix of numbers.
    """
    is_npy = path.suffix.lower() == ".npy"
    try:
        matrix = npy_matrix(path) if is_npy else text_matrix(path)
    except OSError as error:
        raise DataError(f"`{path}` cannot be read: {error.strerror}.") from error
    *shape, n_points = matrix.shape
    dtype = float_type(matrix.dtype)

    def read(start: int, stop: int) -> NDArray[Any]:
        return np.ascontiguousarray(matrix.rows(start, stop), dtype)

    x, sigma = RowColumn(np.arange(float(n_points))[None]), RowColumn()
    if opening["sigma"] is not None and not isinstance(opening["sigma"], str):
        sigma = sigma_column(opening["sigma"], n_points, path)
    kind = "npy" if is_npy else "text"
    return RowSource(
        name=str(path),
        axes=numbered_axes(tuple(shape)),
        y=RowColumn(None, read, np.full(n_points, np.nan, dtype)),
        x=x if matrix.x is None else shared_column(matrix.x[None]),
        sigma=sigma,
        mask=RowColumn(),
        marks={"dataset": "", "kind": kind, "dtype": str(matrix.dtype)},
        watched=matrix.watched,
        opening=opening,
        multiple=matrix.multiple,
    )
