"""Rows of a matrix in a file of numpy, or in text with one spectrum a line.

The first line of a text file is x if it is a header of numbers (`x, 400, 401, ...` or
numbers alone that ascend or descend while the file has a second line); otherwise
samples are counted from 0. A first column called `x`, `row` or `name` is left out.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from physfit.data.dialect import Dialect
from physfit.data.files.file_bytes import Watched
from physfit.data.files.text_file import lines_of_file
from physfit.data.npy_matrix import Matrix, npy_matrix
from physfit.data.row_data import float_type, numbered_axes
from physfit.data.row_source import RowColumn, RowSource, shared_column, sigma_column
from physfit.data.text import numbers_of
from physfit.errors import DataError
from physfit.typing import FloatArray

__all__ = ["matrix_rows"]

#: Characters of a line: a million samples.
_LONGEST_LINE = 1 << 24


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
        matrix = npy_matrix(path) if is_npy else _text_matrix(path)
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


def _text_matrix(path: Path) -> Matrix:
    """The matrix of a text file, in memory."""
    watched = Watched(path)
    y, x = _text_rows(path)
    watched.check(0, len(y))
    watched.close()
    return Matrix(y.shape, y.dtype, lambda start, stop: y[start:stop], watched, x)


def _text_rows(path: Path) -> tuple[FloatArray, FloatArray]:
    """Matrix of a text file, and x of its first line or the numbers of the samples."""
    rows = [
        (number, line)
        for number, line in enumerate(lines_of_file(path, _LONGEST_LINE), 1)
        if line.strip() and not line.lstrip().startswith("#")
    ]
    if not rows:
        raise DataError(f"`{path}` holds no line of numbers.")
    first = rows[0][1].strip()
    dialect = Dialect(next((mark for mark in ";\t," if mark in first), None), ".")
    is_named = bool(numbers_of(dialect.split(first)[:1], dialect)[1])
    numbers: list[FloatArray] = []
    for line_number, line in rows:
        cells = dialect.split(line.strip())[is_named:]
        values, others = numbers_of(cells, dialect)
        if others:
            word = cells[others[0]][:40]
            raise DataError(f"`{path}`, line {line_number}: {word!r} is not a number.")
        numbers.append(values)
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
