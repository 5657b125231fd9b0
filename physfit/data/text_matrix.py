"""Text with one spectrum a line.

The first line of a text file is x if it is a header of numbers (`x, 400, 401, ...` or
numbers alone that ascend or descend while the file has a second line); otherwise
samples are counted from 0. A first column called `x`, `row` or `name` is left out.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from physfit.data.files.file_bytes import Watched
from physfit.data.files.text_file import lines_of_file
from physfit.errors import DataError
from physfit.typing import FloatArray

__all__ = ["TextMatrix"]

#: Characters of a line: a million samples.
_LONGEST_LINE = 1 << 24


class TextMatrix:
    """Rows of a text file, in memory; see `matrix_rows.Matrix`.

    Raises
    ------
    DataError
        When the file cannot be read, or is no matrix of numbers.
    """

    kind, multiple = "text", 1
    x: FloatArray | None

    def __init__(self, path: Path) -> None:
        try:
            watched = Watched(path)
        except OSError as error:
            raise DataError(f"`{path}` cannot be read: {error.strerror}.") from error
        self._y, self.x = _text_rows(path)
        watched.check(0, len(self._y))
        watched.close()
        self.files, self.shape, self.dtype = (
            watched.states,
            self._y.shape,
            self._y.dtype,
        )

    def rows(self, start: int, stop: int) -> NDArray[Any]:
        """The rows `start` to `stop`."""
        return self._y[start:stop]

    def close(self) -> None:
        """Nothing is open."""


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
