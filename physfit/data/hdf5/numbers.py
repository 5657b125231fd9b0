"""Numbers of HDF5 data sets: what is none is refused, packed ones are unpacked.

Columns of an open file are read range by range (`dataset_column`).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import h5py
import numpy as np
from numpy.typing import NDArray

from physfit.data.archives import as_numbers
from physfit.data.files.limits import check_unpacked
from physfit.data.hdf5.chunk_headers import check_chunks
from physfit.data.hdf5.packing import packing_of, refuse_packed_fields
from physfit.data.hdf5.place import source_files
from physfit.data.row_data import float_type
from physfit.data.table import LazyColumn
from physfit.errors import DataError
from physfit.typing import FloatArray

__all__ = [
    "Origin",
    "check_size",
    "dataset_column",
    "exact",
    "long_axis",
    "middles_of",
    "row_numbers",
    "type_of",
    "unpacked",
]

#: Makes numbers of those that are stored.
Unpacked: TypeAlias = Callable[[NDArray[Any]], NDArray[Any]]
#: Integers beyond are not all numbers of float64.
_LARGEST = 1 << 53


def check_size(node: h5py.Dataset, path: Path, n_values: int) -> None:
    """Refuse to read so many values at once where far fewer bytes are stored.

    Raises
    ------
    DataError
    """
    stored = int(node.id.get_storage_size())
    if node.is_virtual or node.external:
        others = source_files(path, node)
        stored = sum(file.stat().st_size for file in others if file.is_file())
        stored += path.stat().st_size
    chunk = math.prod(node.chunks or (1,))
    size = max(n_values, chunk) * node.dtype.itemsize
    check_unpacked(size, stored, f"`{path}`, dataset {node.name!r},")


def exact(values: NDArray[Any], name: str, *, is_axis: bool = False) -> NDArray[Any]:
    """The same integers, none of which float64 would round.

    The places on an axis of a map, which no fit reads, need only stay different ones:
    times in ns since 1970, a second apart.

    Raises
    ------
    DataError
    """
    is_long = values.dtype.kind in "iu" and values.dtype.itemsize == 8 and values.size
    if is_long and max(int(values.max()), -int(values.min())) > _LARGEST:
        if is_axis and len({*values.tolist()}) == len({*map(float, values.tolist())}):
            return values
        raise DataError(
            f"dataset {name!r} holds integers beyond 2^53, which float64 rounds; "
            "subtract an offset from them first."
        )
    return values


def unpacked(node: h5py.Dataset, *, is_axis: bool = False) -> Unpacked:
    """What makes the numbers of a data set of those that are stored, none rounded.

    Raises
    ------
    DataError
    """
    packing, name = packing_of(node), node.name

    def numbers(stored: NDArray[Any]) -> NDArray[Any]:
        known = stored
        if packing.missing and stored.dtype.itemsize == 8:  # marks lie far out
            known = stored[~np.isin(stored, packing.missing)]
        if not packing.changes:
            return exact(stored, name, is_axis=is_axis)
        exact(known, name, is_axis=is_axis)
        return packing.unpacked(stored)

    return numbers


def type_of(node: h5py.Dataset) -> np.dtype[Any]:
    """Type in which the numbers of rows of a data set are read."""
    return np.dtype(np.float64) if packing_of(node).changes else float_type(node.dtype)


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
    if is_field:
        refuse_packed_fields(dataset)
    packing, numbers = packing_of(dataset), unpacked(dataset)
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
        return as_numbers(numbers(values[tuple(at)].ravel()))

    name = dataset.name.rsplit("/", 1)[-1]
    note = f"{name} is unpacked: {packing}" if packing.changes else ""
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
