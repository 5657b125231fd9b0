"""Rows of a file of any size, read block by block.

`open_rows` takes HDF5 (a matrix of rows, or a map with one more axis of samples), NPY,
and text with one spectrum a line. A source describes its map (axes, labels, units) and
reads half-open ranges of rows, counted along the map with the last axis fastest.
"""

from __future__ import annotations

import math
import os
from abc import ABC, abstractmethod
from copy import copy
from typing import Any, Self

import numpy as np

from physfit.data.files.file_state import FileState
from physfit.data.files.paths import existing_file
from physfit.data.readers import is_hdf5, split_path
from physfit.data.row_data import Axis, RowData, shape_of
from physfit.data.row_digests import probes_digest
from physfit.errors import InputError
from physfit.typing import FloatArray

__all__ = ["RowSource", "open_rows"]


class RowSource(ABC):
    """Rows of data, and what is known about them.

    Attributes
    ----------
    name : str
        Path, and the place inside.
    axes : tuple of Axis
        Of the map, slowest first.
    n_points : int
        Samples of a row.
    row_bytes : int
        Bytes of a row of data, as they are held in memory.
    multiple : int
        Rows that are stored together; blocks should not cut them.
    grain : int
        Rows that are damaged together: a piece of so many either can be read or not.
    first : int
        Of all rows of the file, the number of the first one that is counted here.
    has_sigma, has_equal_weights : bool
        Whether there are standard deviations, and whether all samples of a row have
        the same.
    x_label, x_unit, y_label, y_unit : str
    opening : dict or None
        What `open_rows` was told, if that can be written down.
    files : tuple of FileState
        The files that are read, as they were when they were opened.
    """

    name: str
    axes: tuple[Axis, ...]
    n_points: int
    row_bytes: int
    multiple: int = 1
    grain: int = 1
    first: int = 0
    has_sigma: bool
    has_equal_weights: bool
    x_label: str = "x"
    x_unit: str = ""
    y_label: str = "y"
    y_unit: str = ""
    opening: dict[str, Any] | None
    files: tuple[FileState, ...]

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the map."""
        return shape_of(self.axes)

    @property
    def n_rows(self) -> int:
        """Rows of the map."""
        return math.prod(self.shape)

    def read(self, start: int, stop: int) -> RowData:
        """The rows `start` to `stop`.

        Raises
        ------
        DataError
            When they cannot be read.
        FileChanged
            When a file is no longer what it was when it was opened.
        """
        return self._read(self.first + start, self.first + stop)

    def part(self, start: int, stop: int) -> Self:
        """The rows `start` to `stop` as a source of their own, of the same open file.

        Raises
        ------
        InputError
            When there are no such rows.
        """
        if not 0 <= start < stop <= self.n_rows:
            raise InputError(
                f"rows {start}:{stop} are not among those of `{self.name}`, which has "
                f"0:{self.n_rows}."
            )
        part = copy(self)
        part.axes = (Axis("row", np.arange(start, stop, dtype=np.float64)),)
        part.multiple = part.grain = 1
        part.first = self.first + start
        if self.opening is not None:
            part.opening = {**self.opening, "first": part.first}
        return part

    def identity(self) -> dict[str, Any]:
        """Entries of a `DataRecord`: what tells these data from others."""
        shape, rows = (
            [*self.shape, self.n_points],
            probes_digest(self.read, self.n_rows),
        )
        return {**self._marks(), "shape": shape, "rows": rows, "first_row": self.first}

    @abstractmethod
    def missing(self, n: int) -> RowData:
        """So many rows of NaN in the form of those that `read` gives."""

    @abstractmethod
    def close(self) -> None:
        """Close the file."""

    @abstractmethod
    def _read(self, start: int, stop: int) -> RowData:
        """Rows as all of the file are counted."""

    @abstractmethod
    def _marks(self) -> dict[str, str]:
        """Place, kind and type of the data; digests of what all rows share."""


def open_rows(
    path: str | os.PathLike[str],
    *,
    dataset: str | None = None,
    x: str | None = None,
    sigma: str | float | FloatArray | None = None,
    mask: str | None = None,
    sigma_per: str | None = None,
    rows: tuple[int, int] | None = None,
) -> RowSource:
    """Open the rows of a file.

    Parameters
    ----------
    path : path
        HDF5 (a place inside may follow after `::`), NPY, or text.
    dataset : str, optional
        Place of the data inside an HDF5 file: a dataset, or a group that has one.
    x, mask : str, optional
        Datasets of x and of a mask (not 0: left out) in an HDF5 file.
    sigma : str, float or ndarray, optional
        A dataset, "none", or the standard deviations themselves.
    sigma_per : {"row", "sample"}, optional
        What a dataset of as many standard deviations as there are rows, and samples
        in a row, is meant for.
    rows : (int, int), optional
        The only rows that are going to be read, counted along the map; the others need
        not have been written yet.

    Returns
    -------
    RowSource

    Raises
    ------
    DataError
        When the file is missing, damaged, or holds no rows.
    InputError
        When options do not fit the kind of the file.
    """
    if sigma_per not in (None, "row", "sample"):
        raise InputError(f"`sigma_per` is 'row' or 'sample', not {sigma_per!r}.")
    given, inside = split_path(path, dataset)
    file = existing_file(given)
    if is_hdf5(file):
        from physfit.data.hdf5.rows import Hdf5Rows

        return Hdf5Rows(
            file,
            inside,
            x=x,
            sigma=sigma,
            mask=mask,
            sigma_per=sigma_per,
            rows=rows,
        )
    named = (("dataset", inside), ("x", x), ("mask", mask), ("sigma_per", sigma_per))
    for option, value in named:
        if value is not None:
            raise InputError(
                f"`{option}` names a place in an HDF5 file, but `{file}` is none; "
                "leave it out."
            )
    from physfit.data.matrix_rows import MatrixRows, open_matrix

    if isinstance(sigma, str) and sigma != "none":
        raise InputError(
            f"`sigma` {sigma!r} names a place in an HDF5 file, but `{file}` is none; "
            "give a number, or 'none'."
        )
    shared = None if isinstance(sigma, str) else sigma
    return MatrixRows(file, open_matrix(file), shared)
