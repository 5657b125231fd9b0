"""Text with one spectrum a line.

The first line of a text file is x if it is a header of numbers (`x, 400, 401, ...` or
numbers alone that ascend or descend while the file has a second line); otherwise
samples are counted from 0. A first column called `x`, `row` or `name` is left out.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from physfit.data.dialect import Dialect
from physfit.data.files.file_bytes import Watched
from physfit.data.files.text_file import lines_of_file
from physfit.data.npy_matrix import Matrix
from physfit.data.text import numbers_of
from physfit.errors import DataError
from physfit.typing import FloatArray

__all__ = ["text_matrix"]

#: Characters of a line: a million samples.
_LONGEST_LINE = 1 << 24


def text_matrix(path: Path) -> Matrix:
    """The matrix of a text file, in memory.

    Raises
    ------
    DataError
        When it is no matrix of numbers.
    """
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
