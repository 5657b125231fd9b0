"""Rows of a file of any size, read block by block.

`open_rows` takes HDF5 (a matrix of rows, or a map with one more axis of samples), NPY,
text with one spectrum a line, and files of instruments (`data/instruments`). A source
describes its map (axes, labels, units) and reads half-open ranges of rows, counted
along the map with the last axis fastest. y, x, sigma and mask are columns of it: what
all rows share, or what is read for each.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from physfit.data.files.digests import digest_of_bytes
from physfit.data.files.file_bytes import FileChanged, FileState, Watched
from physfit.data.files.paths import existing_file
from physfit.data.instruments.formats import format_of
from physfit.data.instruments.workbook import is_workbook
from physfit.data.readers import is_hdf5, split_path
from physfit.data.row_column import RowColumn
from physfit.data.row_data import Axis, RowData, shape_of
from physfit.data.x_range import in_range, is_outside, range_text
from physfit.errors import DataError, InputError
from physfit.typing import FloatArray

__all__ = ["COUNTED", "RowSource", "open_rows"]

#: Rows at the beginning, which guesses for all rows are made from; places from there to
#: the end, and rows at each.
FIRST, PROBES, PROBED = 256, 16, 16
#: What is said of rows whose x nobody named.
COUNTED = "x counts samples from 0: the file has no axis of them"


@dataclass(frozen=True, eq=False)
class RowSource:
    """Rows of data, and what is known about them.

    Attributes
    ----------
    name : str
        Path, and the place inside.
    axes : tuple of Axis
        Of the map, slowest first.
    y, x, sigma, mask : RowColumn
    marks : dict of str
        Place inside the file (`dataset`), `kind` and `dtype` of what is stored.
    watched : Watched
        The files that are read.
    opening : dict or None
        Arguments of `open_rows`, if they can be written down.
    multiple : int
        Rows that are stored together; blocks should not cut them.
    grain : int
        Rows that are damaged together: so many of them either can be read or not.
    first : int
        Of all rows of the file, the number of the first one that is counted here.
    x_label, x_unit, y_label, y_unit : str
    columns : str
        What was taken for x, y, sigma and mask; empty where nothing could be chosen.
    remarks : tuple of str
        What a reader of the numbers must know: how those stored were unpacked, and
        whether x is but the number of a sample.
    """

    name: str
    axes: tuple[Axis, ...]
    y: RowColumn
    x: RowColumn
    sigma: RowColumn
    mask: RowColumn
    marks: dict[str, str]
    watched: Watched
    opening: dict[str, Any] | None
    multiple: int = 1
    grain: int = 1
    first: int = 0
    x_label: str = "x"
    x_unit: str = ""
    y_label: str = "y"
    y_unit: str = ""
    columns: str = ""
    remarks: tuple[str, ...] = ()

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the map."""
        return shape_of(self.axes)

    @property
    def files(self) -> tuple[FileState, ...]:
        """The files that are read, as they were when they were opened."""
        return self.watched.states

    @property
    def n_rows(self) -> int:
        """Rows of the map."""
        return math.prod(self.shape)

    @property
    def n_points(self) -> int:
        """Samples of a row."""
        return self.y.width

    @property
    def row_bytes(self) -> int:
        """Bytes of a row of data, as they are held in memory."""
        return 0 if self.y.missing is None else self.y.missing.nbytes

    @property
    def has_sigma(self) -> bool:
        """Whether there are standard deviations."""
        return self.sigma.width > 0

    @property
    def has_equal_weights(self) -> bool:
        """Whether all samples of a row have the same standard deviation."""
        return self.sigma.width <= 1

    @property
    def _columns(self) -> tuple[RowColumn, ...]:
        """As `RowData` takes them."""
        return self.y, self.x, self.sigma, self.mask

    def read(self, start: int, stop: int) -> RowData:
        """The rows `start` to `stop`.

        Raises
        ------
        DataError
            When they cannot be read.
        FileChanged
            When a file is no longer what it was when it was opened.
        """
        start, stop = self.first + start, self.first + stop
        self.watched.check(start, stop)
        try:
            return RowData(*(column.rows(start, stop) for column in self._columns))
        finally:
            self.watched.check(start, stop)

    def missing(self, n: int) -> RowData:
        """So many rows of NaN in the form of those that `read` gives."""
        return RowData(*(column.missing_rows(n) for column in self._columns))

    def part(self, start: int, stop: int) -> RowSource:
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
        first, opening = self.first + start, self.opening
        return replace(
            self,
            axes=(Axis("row", np.arange(start, stop, dtype=np.float64)),),
            opening=None if opening is None else {**opening, "first": first},
            multiple=1,
            grain=1,
            first=first,
        )

    def within(self, low: float | None, high: float | None) -> RowSource:
        """The samples whose x lies in a range, as a source of the same open file.

        Where each row has an x of its own, the others are left out as by a mask.

        Raises
        ------
        InputError
            When no sample lies in the range.
        """
        said = f"samples with x {range_text(low, high)} only"
        opening = self.opening
        source = replace(
            self,
            opening=None if opening is None else {**opening, "x_range": (low, high)},
            remarks=(*self.remarks, said),
        )
        if self.x.shared is None:
            return replace(source, mask=_outside(self, low, high, said))
        keep = in_range(self.x.shared[0], low, high)
        y, x, sigma, mask = (column.samples(keep) for column in self._columns)
        return replace(source, y=y, x=x, sigma=sigma, mask=mask)

    def identity(self) -> dict[str, Any]:
        """Entries of a `DataRecord`: what tells these data from others."""
        return {
            **self.marks,
            "shape": [*self.shape, self.n_points],
            "x": self.x.digest,
            "sigma": self.sigma.digest,
            "mask": self.mask.digest,
            "rows": self._probes(),
            "first_row": self.first,
        }

    def _probes(self) -> str:
        """Digest of the first rows and of some all over the source."""
        last = max(0, self.n_rows - PROBED)
        places = sorted({last * k // (PROBES - 1) for k in range(PROBES)})
        ranges = [(0, FIRST), *((start, start + PROBED) for start in places)]
        digests = []
        for start, stop in ranges:
            try:
                digests.append(self.read(start, min(stop, self.n_rows)).digest())
            except FileChanged:
                raise
            except DataError:
                digests.append("unreadable")
        return digest_of_bytes(" ".join(digests).encode())

    def close(self) -> None:
        """Close the files."""
        self.watched.close()


def open_rows(
    path: str | os.PathLike[str],
    *,
    dataset: str | None = None,
    x: str | None = None,
    sigma: str | float | FloatArray | None = None,
    mask: str | None = None,
    sigma_per: str | None = None,
    rows: tuple[int, int] | None = None,
    map_axes: Sequence[str] | None = None,
    x_range: Sequence[float | None] | None = None,
) -> RowSource:
    """Open the rows of a file.

    Parameters
    ----------
    path : path
        HDF5 (a place inside may follow after `::`), NPY, text, or a file of an
        instrument with many spectra.
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
    map_axes : sequence of str, optional
        Datasets of the positions along the axes of the map, slowest first; "none" where
        they are counted.
    x_range : pair of float or None, optional
        Only samples whose x lies in this range are read, its ends included.

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
    name, inside = split_path(path, dataset)
    file = existing_file(name)
    is_plain = sigma is None or isinstance(sigma, str | int | float)
    places = {"x": x, "mask": mask, "sigma_per": sigma_per}
    opening = {"path": str(file.resolve()), "sigma": sigma, **places}
    if is_hdf5(file):
        from physfit.data.hdf5.rows import hdf5_rows

        source = hdf5_rows(file, inside, opening, rows, map_axes)
    else:
        named = {"dataset": inside, **places, "map_axes": map_axes}
        _refuse_places(file, named, sigma)
        if file.suffix.lower() == ".npz" or is_workbook(file):
            raise DataError(
                f"`{file}` is an archive of arrays or sheets, which is not read by "
                "rows; give the array as .npy, text with a row a line, or HDF5."
            )
        form = format_of(file)
        if form is not None:
            from physfit.data.instruments.rows import instrument_rows

            source = instrument_rows(file, form, opening)
        else:
            from physfit.data.matrix_rows import matrix_rows

            source = matrix_rows(file, opening)
    source = source if is_plain else replace(source, opening=None)
    if x_range is None or tuple(x_range) == (None, None):
        return source
    try:
        return source.within(*x_range)
    except BaseException:
        source.close()
        raise


def _outside(
    source: RowSource, low: float | None, high: float | None, said: str
) -> RowColumn:
    """Mask of rows with an x of their own, and of what lies outside of a range."""
    x, mask, n = source.x, source.mask, source.n_points

    def read(start: int, stop: int) -> NDArray[np.bool_]:
        outside = is_outside(x.rows(start, stop)[:, 0], low, high)
        masked = mask.rows(start, stop)
        return outside if masked is None else outside | masked

    return RowColumn(None, read, np.zeros(n, np.bool_), f"{mask.digest}, {said}")


def _refuse_places(file: Path, places: Mapping[str, object], sigma: Any) -> None:
    """Refuse places inside of a file that is none of HDF5."""
    for option, value in places.items():
        if value is not None:
            raise InputError(
                f"`{option}` names a place in an HDF5 file, but `{file}` is none; "
                "leave it out."
            )
    if isinstance(sigma, str) and sigma != "none":
        raise InputError(
            f"`sigma` {sigma!r} names a place in an HDF5 file, but `{file}` is none; "
            "give a number, or 'none'."
        )
