"""Numbers of HDF5 data sets: what is none is refused, packed ones are unpacked.

Columns of an open file are read range by range (`dataset_column`).

netCDF stores `value = stored * scale_factor + add_offset`, and says which stored values
mean that there is none (`_FillValue`, `missing_value`); these become NaN.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, NamedTuple

import h5py
import numpy as np
from numpy.typing import NDArray

from physfit.data.archives import as_numbers
from physfit.data.files.limits import check_unpacked
from physfit.data.hdf5.chunk_headers import check_chunks
from physfit.data.hdf5.place import is_number, source_files
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
    "packing_of",
    "row_numbers",
]

#: Integers beyond are not all numbers of float64.
_LARGEST = 1 << 53


class Packing(NamedTuple):
    """How numbers were packed into those that are stored; without values, not at all.

    Attributes
    ----------
    scale, offset : float
    missing : tuple of float
        Stored numbers that mean that there is none.
    """

    scale: float = 1.0
    offset: float = 0.0
    missing: tuple[float, ...] = ()

    @property
    def changes(self) -> bool:
        """Whether the numbers are others than those that are stored."""
        return self != Packing()

    def unpacked(self, stored: NDArray[Any]) -> NDArray[Any]:
        """The numbers that were packed, NaN where there are none."""
        if not self.changes:
            return stored
        values: NDArray[Any] = stored.astype(np.float64) * self.scale + self.offset
        for none in self.missing:
            values[stored == none] = np.nan
        return values

    def __str__(self) -> str:
        scaled = f"{self.scale:g} * stored + {self.offset:g}"
        return scaled if self[:2] != (1.0, 0.0) else f"{self.missing} left out"


def packing_of(node: h5py.Dataset) -> Packing:
    """How a data set is packed.

    Raises
    ------
    DataError
        When an attribute that says so is no number.
    """
    if not node.attrs:
        return Packing()
    for name in ("_Unsigned", "scaling_factor"):
        if name in node.attrs and not _changes_nothing(name, node.attrs[name]):
            raise DataError(
                f"`{node.file.filename}` has the attribute {name} at {node.name!r}, "
                "which says that its numbers are others than those that are stored; "
                "store them as they are meant."
            )
    scale = _attribute(node, "scale_factor", (1.0,))[0]
    offset = _attribute(node, "add_offset", (0.0,))[0]
    marks = (_attribute(node, name, ()) for name in ("_FillValue", "missing_value"))
    missing = {value for values in marks for value in values if not math.isnan(value)}
    packing = Packing(scale, offset, tuple(sorted(missing)))
    if packing.changes and node.dtype.kind == "c":
        raise DataError(
            f"`{node.file.filename}`, dataset {node.name!r}, is complex and packed "
            f"({packing}); store it unpacked."
        )
    return packing


def _changes_nothing(name: str, value: Any) -> bool:
    if name == "_Unsigned":
        return str(value) in ("false", "b'false'")
    return is_number(value, 1.0)


def _attribute(
    node: h5py.Dataset, name: str, default: tuple[float, ...]
) -> tuple[float, ...]:
    """Numbers of an attribute."""
    if name not in node.attrs:
        return default
    value = np.asarray(node.attrs[name])
    if value.dtype.kind not in "fiu" or not value.size:
        raise DataError(
            f"`{node.file.filename}` has the attribute {name} = {value!r} at "
            f"{node.name!r}, which must be a number; correct or remove it."
        )
    return tuple(float(number) for number in value.ravel())


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
    packing = Packing() if is_field else packing_of(dataset)
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
        return as_numbers(packing.unpacked(stored))

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
