"""Columns of an open HDF5 file that have not been read.

Each knows its length and type, loads itself whole, or reads a range of its rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from physfit.data.hdf5.chunk_headers import check_chunks
from physfit.data.hdf5.numbers import Packing, check_size, exact, packing_of

__all__ = ["Column", "Counted", "DatasetColumn", "Middles", "as_numbers", "long_axis"]

Dataset: TypeAlias = Any  # h5py has no annotations


def as_numbers(values: NDArray[Any]) -> NDArray[Any]:
    """The values as contiguous float64 or complex128."""
    dtype = np.complex128 if values.dtype.kind == "c" else np.float64
    return np.ascontiguousarray(values, dtype=dtype)


def long_axis(shape: tuple[int, ...]) -> int:
    """The axis of a data set of one dimension; others have the length 1."""
    return next((k for k, size in enumerate(shape) if size != 1), 0)


@dataclass(frozen=True)
class DatasetColumn:
    """One column of a data set.

    Attributes
    ----------
    dataset : h5py.Dataset
    axis : int
        The axis along which the rows follow each other.
    place : int, str or None
        Number of the column on the other axis, or name of the field; None when the
        data set is one column.
    """

    dataset: Dataset
    axis: int = 0
    place: int | str | None = None

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of its numbers."""
        kind: np.dtype[Any] = self.dataset.dtype
        return kind[self.place] if isinstance(self.place, str) else kind

    @property
    def size(self) -> int:
        """How many there are."""
        length: int = self.dataset.shape[self.axis]
        return length

    def load(self) -> NDArray[Any]:
        """Read all of them as float64 or complex128."""
        check_size(self.dataset, Path(self.dataset.file.filename), self.size)
        return self.range(0, self.size)

    def range(self, start: int, stop: int) -> NDArray[Any]:
        """Read rows `start` to `stop` as float64 or complex128."""
        rows = slice(start, stop)
        whole = [slice(0, n) for n in self.dataset.shape]
        whole[self.axis] = rows
        check_chunks(self.dataset, tuple(whole))
        if isinstance(self.place, str):
            values = self.dataset.fields(self.place)[rows]
        elif self.place is None:
            at: list[Any] = [slice(None)] * self.dataset.ndim
            at[self.axis] = rows
            values = self.dataset[tuple(at)]
        else:
            values = self.dataset[
                (rows, self.place) if self.axis == 0 else (self.place, rows)
            ]
        stored = exact(values.ravel(), self.dataset.name)
        packing = self.packing
        return as_numbers(stored if packing is None else packing.unpacked(stored))

    @cached_property
    def packing(self) -> Packing | None:
        """How the numbers were packed into those that are stored."""
        return None if isinstance(self.place, str) else packing_of(self.dataset)


@dataclass(frozen=True)
class Middles:
    """The middles of bins whose edges are a column."""

    edges: DatasetColumn

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of its numbers."""
        return np.dtype(np.float64)

    @property
    def size(self) -> int:
        """How many there are."""
        return self.edges.size - 1

    def load(self) -> NDArray[Any]:
        """All of them."""
        return self.range(0, self.size)

    def range(self, start: int, stop: int) -> NDArray[Any]:
        """Read rows `start` to `stop`."""
        edges = self.edges.range(start, stop + 1)
        middles: NDArray[Any] = 0.5 * (edges[1:] + edges[:-1])
        return middles


@dataclass(frozen=True)
class Counted:
    """The row numbers from 0, where a file names no axis."""

    size: int

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of its numbers."""
        return np.dtype(np.float64)

    def load(self) -> NDArray[Any]:
        """All of them."""
        return self.range(0, self.size)

    def range(self, start: int, stop: int) -> NDArray[Any]:
        """Rows `start` to `stop`."""
        return np.arange(start, stop, dtype=np.float64)


Column: TypeAlias = DatasetColumn | Middles | Counted
