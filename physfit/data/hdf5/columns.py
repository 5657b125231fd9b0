"""Columns of an open HDF5 file that have not been read.

Each knows its length and type, loads itself whole, or reads a range of its rows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import h5py
import numpy as np
from numpy.typing import NDArray

from physfit.data.archives import as_numbers
from physfit.data.hdf5.chunk_headers import check_chunks
from physfit.data.hdf5.numbers import Packing, check_size, exact, packing_of
from physfit.typing import FloatArray

__all__ = ["Column", "DatasetColumn", "long_axis", "middles_of", "row_numbers"]


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

    dataset: h5py.Dataset
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
        at: list[Any] = [slice(0, n) for n in self.dataset.shape]
        at[self.axis] = slice(start, stop)
        check_chunks(self.dataset, tuple(at))
        values: Any = self.dataset
        if isinstance(self.place, str):
            values = self.dataset.fields(self.place)
        elif self.place is not None:
            at[1 - self.axis] = self.place
        values = values[tuple(at)]
        stored = exact(values.ravel(), self.dataset.name)
        return as_numbers(self.packing.unpacked(stored) if self.packing else stored)

    @cached_property
    def packing(self) -> Packing | None:
        """How the numbers were packed into those that are stored."""
        return None if isinstance(self.place, str) else packing_of(self.dataset)


class ComputedColumn(NamedTuple):
    """A column that is made from another one, or from nothing.

    Attributes
    ----------
    size : int
        Numbers that there are.
    range : callable
        `range(start, stop)` gives those of some rows.
    """

    size: int
    range: Callable[[int, int], FloatArray]

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of its numbers."""
        return np.dtype(np.float64)

    def load(self) -> FloatArray:
        """All of them."""
        return self.range(0, self.size)


def middles_of(edges: DatasetColumn) -> ComputedColumn:
    """The middles of bins whose edges are a column."""

    def middles(start: int, stop: int) -> FloatArray:
        ends: FloatArray = edges.range(start, stop + 1)
        return 0.5 * (ends[1:] + ends[:-1])

    return ComputedColumn(edges.size - 1, middles)


def row_numbers(n: int) -> ComputedColumn:
    """The row numbers from 0, where a file names no axis."""
    return ComputedColumn(
        n, lambda start, stop: np.arange(start, stop, dtype=np.float64)
    )


Column: TypeAlias = DatasetColumn | ComputedColumn
