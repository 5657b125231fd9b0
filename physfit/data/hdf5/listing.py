"""The data sets of an HDF5 file, for people who look for what to fit."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import h5py

from physfit.data.hdf5.errors import library_errors
from physfit.data.hdf5.guard import open_hdf5
from physfit.data.hdf5.nxdata import title_of
from physfit.data.hdf5.place import nodes_below

__all__ = ["DatasetSeen", "datasets_of"]


class DatasetSeen(NamedTuple):
    """A data set: where it stands, its shape, type and unit."""

    place: str
    shape: tuple[int, ...]
    dtype: str
    unit: str
    is_numbers: bool


def datasets_of(path: Path) -> list[DatasetSeen]:
    """Data sets of a file in the order of their places; links are left out.

    Raises
    ------
    DataError
        When it cannot be read.
    """
    with library_errors(path), open_hdf5(path) as file:
        return [
            _seen(f"/{place}", node)
            for place, node in nodes_below(file).items()
            if isinstance(node, h5py.Dataset)
        ]


def _seen(place: str, node: h5py.Dataset) -> DatasetSeen:
    names = node.dtype.names
    kind = f"table of {', '.join(names)}" if names else node.dtype.name
    if h5py.check_string_dtype(node.dtype) is not None:
        kind = "text"
    shape, is_numbers = tuple(node.shape or ()), node.dtype.kind in "iufc"
    return DatasetSeen(place, shape, kind, title_of(node).unit, is_numbers)
