"""Rows of an NPY file, read by ranges.

The file is not mapped into memory: of a mapped file that is cut while it is read the
system takes the process down. Rows of an array in Fortran order lie spread over the
file, so that each sample of a block costs a read of its own.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from physfit.data.files.file_bytes import FileBytes, Watched
from physfit.data.files.limits import MOST_HEADER
from physfit.data.files.paths import opened_file
from physfit.errors import DataError
from physfit.typing import FloatArray

__all__ = ["Matrix", "npy_header", "npy_matrix"]


class Matrix(NamedTuple):
    """Numbers of shape (..., n_points) in a file.

    Attributes
    ----------
    shape : tuple of int
    dtype : dtype
    rows : callable
        `rows(start, stop)` gives rows as they are stored.
    watched : Watched
    x : ndarray, shape (n_points,), or None
        None where the file does not say it.
    multiple : int
        Rows that are read together.
    """

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    rows: Callable[[int, int], NDArray[Any]]
    watched: Watched
    x: FloatArray | None = None
    multiple: int = 1


class Header(NamedTuple):
    """What the first bytes of an NPY file say, and where its numbers begin."""

    shape: tuple[int, ...]
    is_fortran: bool
    dtype: np.dtype[Any]
    offset: int


def npy_matrix(path: Path) -> Matrix:
    """The matrix of an NPY file.

    Raises
    ------
    DataError
        When the file is damaged, truncated, or holds no rows of numbers.
    """
    watched = Watched(path)
    header = _header_of_rows(path)
    shape, is_fortran, dtype, offset = header
    expected, size = offset + math.prod(shape) * dtype.itemsize, watched.file.state.size
    if size < expected:
        raise DataError(
            f"`{path}` is truncated: an array of shape {shape} and type {dtype} needs "
            f"{expected} bytes, but it has {size}; copy it anew."
        )
    rows = partial(_columns if is_fortran else _lines, watched.file, header)
    per_line = math.prod(shape[1:-1])
    return Matrix(shape, dtype, rows, watched, None, per_line if is_fortran else 1)


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


def npy_header(stream: IO[bytes]) -> Header:
    """Header of an NPY file, which numpy evaluates: any exception may be raised."""
    head = BytesIO(stream.read(MOST_HEADER))
    version = np.lib.format.read_magic(head)
    # Version 3 differs from 2 in how the names of fields are written.
    read = np.lib.format.read_array_header_2_0
    if version == (1, 0):
        read = np.lib.format.read_array_header_1_0
    return Header(*read(head), head.tell())


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
