"""Rows of a matrix in a file of numpy, or in text with one spectrum a line.

The first line of a text file is x if it is a header of numbers (`x, 400, 401, ...` or
numbers alone that ascend or descend while the file has a second line); otherwise
samples are counted from 0. A first column called `x`, `row` or `name` is left out.

A file of numpy is read by ranges and not mapped into memory: of a mapped file that is
cut while it is read the system takes the process down. Rows of an array in Fortran
order lie spread over the file, so that each sample of a block costs a read of its own.
"""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from physfit.data.archives import Header, npy_header
from physfit.data.dialect import Dialect
from physfit.data.files.file_bytes import FileBytes, Watched
from physfit.data.files.paths import opened_file
from physfit.data.files.text_file import lines_of_file
from physfit.data.foreign import refuse_binary
from physfit.data.notation import numbers_of, without_marks
from physfit.data.row_column import Reader, RowColumn, shared_column, sigma_column
from physfit.data.row_data import float_type, numbered_axes
from physfit.data.row_source import COUNTED, RowSource
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
    is_npy, sigma = path.suffix.lower() == ".npy", opening["sigma"]
    try:
        source = (_npy_rows if is_npy else _text_rows)(path)
    except OSError as error:
        raise DataError(f"`{path}` cannot be read: {error.strerror}.") from error
    column = RowColumn()
    if sigma is not None and not isinstance(sigma, str):
        kind = source.y.missing.dtype.kind if source.y.missing is not None else "f"
        column = sigma_column(sigma, source.n_points, path, is_complex=kind == "c")
    return replace(source, sigma=column, opening=opening)


def _row_source(
    watched: Watched, kind: str, header: Header, stored: Reader, x: RowColumn
) -> RowSource:
    """Rows of a matrix of this shape and type, as `stored(start, stop)` gives them."""
    *shape, n_points = header.shape
    dtype = float_type(header.dtype)

    def read(start: int, stop: int) -> NDArray[Any]:
        return np.ascontiguousarray(stored(start, stop), dtype)

    return RowSource(
        name=str(watched.file.path),
        axes=numbered_axes(tuple(shape)),
        y=RowColumn(None, read, np.full(n_points, np.nan, dtype)),
        x=x,
        sigma=RowColumn(),
        mask=RowColumn(),
        marks={"dataset": "", "kind": kind, "dtype": str(header.dtype)},
        watched=watched,
        opening=None,
        multiple=math.prod(header.shape[1:-1]) if header.is_fortran else 1,
    )


# --------------------------------------------------------------------------- numpy
def _npy_rows(path: Path) -> RowSource:
    """Rows of an NPY file that is as long as its header says."""
    watched = Watched(path)
    header = _header_of_rows(path)
    shape, dtype, size = header.shape, header.dtype, watched.file.state.size
    expected = header.offset + math.prod(shape) * dtype.itemsize
    if size < expected:
        raise DataError(
            f"`{path}` is truncated: an array of shape {shape} and type {dtype} needs "
            f"{expected} bytes, but it has {size}; copy it anew."
        )
    stored = partial(_columns if header.is_fortran else _lines, watched.file, header)
    x = RowColumn(np.arange(float(shape[-1]))[None])
    source = _row_source(watched, "npy", header, stored, x)
    return replace(source, remarks=(COUNTED,))


def _lines(file: FileBytes, header: Header, start: int, stop: int) -> NDArray[Any]:
    """Rows of an array in C order, which follow one another."""
    width = header.shape[-1]
    rows = np.empty((stop - start, width), header.dtype)
    at = header.offset + start * width * rows.itemsize
    file.read_into(rows.view(np.uint8), at, start, stop)
    return rows


def _columns(file: FileBytes, header: Header, start: int, stop: int) -> NDArray[Any]:
    """Rows of an array in Fortran order: sample by sample, from place to place."""
    # The first axis of the map runs fastest in the file, the last one in the rows.
    n_lines, *inner, n_points = header.shape
    per_line = math.prod(inner)
    first, last = start // per_line, -(-stop // per_line)
    box = np.empty((n_points, per_line, last - first), header.dtype)
    for place in range(n_points * per_line):
        column = box.reshape(-1, last - first)[place]
        at = header.offset + (place * n_lines + first) * box.itemsize
        file.read_into(column.view(np.uint8), at, start, stop)
    spread = box.reshape(n_points, *inner[::-1], last - first)
    rows = spread.T.reshape(-1, n_points)
    return rows[start - first * per_line : stop - first * per_line]


def _header_of_rows(path: Path) -> Header:
    """Header of an NPY file of rows of numbers."""
    with opened_file(path) as stream:
        try:
            header = npy_header(stream)
        except Exception as error:
            raise DataError(
                f"`{path}` is no NPY file, or its header is damaged; write it anew."
            ) from error
    shape, dtype = header.shape, header.dtype
    is_size = all(type(size) is int and 0 < size < 1 << 48 for size in shape)
    if len(shape) < 2 or dtype.kind not in "fiuc" or not is_size:
        raise DataError(
            f"`{path}` holds an array of shape {shape} and type {dtype}; rows are "
            "numbers of shape (n_rows, n_points) or (..., n_points)."
        )
    return header


# ---------------------------------------------------------------------------- text
def _text_rows(path: Path) -> RowSource:
    """Rows of a text file, in memory."""
    watched = Watched(path)
    y, x, how_x = _text_matrix(path)
    y, marks = without_marks(y)
    watched.check(0, len(y))
    watched.close()
    header = Header(y.shape, False, y.dtype, 0)
    x_column = shared_column(x[None])
    source = _row_source(watched, "text", header, lambda i, k: y[i:k], x_column)
    remarks: tuple[str, ...] = (how_x,) if how_x else ()
    remarks += (f"{marks} count as missing",) if marks else ()
    return replace(source, remarks=remarks)


def _no_number(path: Path, line: int, cells: list[str], at: int, is_named: bool) -> str:
    """The sentence that refuses a field which is none."""
    word = cells[at][:40]
    cure = "correct it, or leave it empty"
    if "," in word:
        cure = "write decimal points, and nothing between thousands"
    elif word[:1].isalpha():
        cure = "give a row of samples a line, below one line of x (transpose columns)"
    return (
        f"`{path}`, line {line}: {word!r} is not a number, in column {at + is_named}; "
        f"{cure}."
    )


def _text_matrix(path: Path) -> tuple[FloatArray, FloatArray, str]:
    """Matrix of a text file, x, and what is to be said of where x comes from."""
    refuse_binary(path)
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
            raise DataError(_no_number(path, line_number, cells, others[0], is_named))
        numbers.append(values)
        if len(numbers[-1]) != len(numbers[0]):
            raise DataError(
                f"`{path}`, line {line_number}, has {len(numbers[-1])} numbers, but "
                f"line {rows[0][0]} has {len(numbers[0])}; fill the short ones up with "
                "NaN, which are left out."
            )
    matrix = np.array(numbers)
    if matrix.shape[1] > 1 and np.isnan(matrix[:, -1]).all():
        matrix = matrix[:, :-1]  # separators end the lines
    steps = np.diff(matrix[0])
    is_axis = len(matrix) > 1 and len(steps) > 0
    is_axis = is_axis and bool((steps > 0.0).all() or (steps < 0.0).all())
    has_x = is_named or is_axis
    y, x = (matrix[1:], matrix[0]) if has_x else (matrix, np.arange(matrix.shape[1]))
    how_x = "" if is_named else f"x = line {rows[0][0]}" if is_axis else COUNTED
    if not y.size:
        raise DataError(
            f"`{path}` holds a header and no rows of numbers; give one spectrum a line."
        )
    return y, x.astype(np.float64), how_x
