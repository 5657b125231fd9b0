"""Columns of an open HDF5 file that have not been read."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import h5py
import numpy as np
from numpy.typing import NDArray

from physfit.data.archives import as_numbers
from physfit.data.hdf5.chunk_headers import check_chunks
from physfit.data.hdf5.numbers import check_size, exact, packing_of
from physfit.data.table import LazyColumn
from physfit.typing import FloatArray

__all__ = ["Origin", "dataset_column", "long_axis", "middles_of", "row_numbers"]


class Origin(NamedTuple):
    """Where a column stands.

    Attributes
    ----------
    dataset : h5py.Dataset
    axis : int
        The axis along which the rows follow each other.
    place : int, str or None
        Number of the column on the other axis, or name of the field; None when the
        data set is one column.
    """

    dataset: h5py.Dataset
    axis: int = 0
    place: int | str | None = None


def long_axis(shape: tuple[int, ...]) -> int:
    """The axis of a data set of one dimension; others have the length 1."""
    return next((k for k, size in enumerate(shape) if size != 1), 0)


def dataset_column(
    dataset: h5py.Dataset, axis: int = 0, place: int | str | None = None
) -> LazyColumn:
    """One column of a data set; see `Origin`."""
    is_field = isinstance(place, str)
    packing = None if is_field else packing_of(dataset)
    dtype: np.dtype[Any] = dataset.dtype[place] if is_field else dataset.dtype
    size: int = dataset.shape[axis]

    def read(start: int, stop: int) -> NDArray[Any]:
        if (start, stop) == (0, size):
            check_size(dataset, Path(dataset.file.filename), size)
        at: list[Any] = [slice(0, n) for n in dataset.shape]
        at[axis] = slice(start, stop)
        check_chunks(dataset, tuple(at))
        values: Any = dataset.fields(place) if is_field else dataset
        if isinstance(place, int):
            at[1 - axis] = place
        stored = exact(values[tuple(at)].ravel(), dataset.name)
        return as_numbers(packing.unpacked(stored) if packing else stored)

    name = dataset.name.rsplit("/", 1)[-1]
    note = "" if packing is None else f"{name} is unpacked: {packing}"
    return LazyColumn(size, dtype, read, note, Origin(dataset, axis, place))


def middles_of(edges: LazyColumn) -> LazyColumn:
    """The middles of bins whose edges are a column."""

    def read(start: int, stop: int) -> FloatArray:
        ends: FloatArray = edges.read(start, stop + 1)
        return 0.5 * (ends[1:] + ends[:-1])

    note = "x is the middle of its bins"
    return LazyColumn(edges.size - 1, np.dtype(np.float64), read, note)


def row_numbers(n: int) -> LazyColumn:
    """The row numbers from 0, where a file names no axis."""

    def read(start: int, stop: int) -> FloatArray:
        return np.arange(start, stop, dtype=np.float64)

    note = "x counts rows from 0: the file names no axis"
    return LazyColumn(n, np.dtype(np.float64), read, note)
