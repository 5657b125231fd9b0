"""Rows of an HDF5 file as a source, read as they are stored and never all at once."""

from __future__ import annotations

import os
import zlib
from contextlib import ExitStack, closing
from math import lcm

import numpy as np

from physfit.data.base import Raw, Roles, Source
from physfit.data.files.file_bytes import Watched
from physfit.data.files.paths import existing_file
from physfit.data.hdf5.errors import library_errors
from physfit.data.hdf5.guard import open_hdf5
from physfit.data.hdf5.layout import (
    RowReader,
    plain_part,
    rows_of_column,
    rows_of_dataset,
)
from physfit.data.hdf5.nexus import locate
from physfit.data.hdf5.place import files_of
from physfit.data.readers import refuse_text_settings, split_path, wanted_of
from physfit.data.table import Choice, Key, LazyColumn
from physfit.errors import DataError
from physfit.settings.fits import Reading
from physfit.typing import IntArray

__all__ = ["Hdf5Source"]

#: Bytes of a block, unless a chunk is larger.
_BLOCK_BYTES = 1 << 20
#: Rows wanted of a block above which it is read as a whole.
_DENSE = 150


class Hdf5Source(Source):
    """Columns of an HDF5 file as a `Source`.

    Parameters
    ----------
    path : path
        The file; a path inside of it may follow after `::`.
    dataset : str, optional
        A group or data set of the file, in place of `::`.
    x, y, sigma : str or int, optional
        Columns, by the rules of `read_table`; `"a,b"` for several coordinates, or for
        the real and imaginary part of y. A data set x of int8 in more than one
        dimension holds configurations of spins.
    n_inputs, n_outputs : int
        Coordinates of a row and real values of it (2 for complex) the model has.
    reading : mapping, optional
        Settings of `read_table`, `x_start` and `x_step` for a file without x.

    Raises
    ------
    DataError
        When the file or a column is missing, damaged, not numeric or of another length.

    Examples
    --------
    >>> import h5py, tempfile
    >>> name = tempfile.mkdtemp() + "/run.h5"
    >>> with h5py.File(name, "w") as file:
    ...     file["scan"] = np.arange(12.0).reshape(4, 3)
    >>> with Hdf5Source(name) as source:
    ...     print(source.note)
    ...     source.read(1, 3)[0]
    x = column 0, y = column 1, sigma = column 2
    array([[3., 4., 5.],
           [6., 7., 8.]])
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        dataset: str | None = None,
        x: Key = None,
        y: Key = None,
        sigma: Key = None,
        *,
        n_inputs: int = 1,
        n_outputs: int = 1,
        reading: Reading | None = None,
    ) -> None:
        name, inside = split_path(path, dataset)
        file = existing_file(name)
        refuse_text_settings(file, reading or {})
        wanted = wanted_of(x, y, sigma, reading or {})
        wanted = wanted._replace(n_inputs=n_inputs, has_spins=True)
        with ExitStack() as stack, library_errors(file):
            self._watched = stack.enter_context(closing(Watched(file)))
            self._watched.library = library = open_hdf5(file)
            choice = locate(library, file, inside, wanted)
            self._arrange(choice)
            self._check_shape(n_inputs, n_outputs)
            columns = choice.columns((*choice.x, *choice.y, *choice.sigma))
            origins = (column.origin for column in columns if column.origin)
            self._watched.add(files_of(*(origin.dataset for origin in origins)))
            stack.pop_all()

    def __repr__(self) -> str:
        return f"<Hdf5Source {self.name}: {self.n_rows} rows, {self.note}>"

    def _arrange(self, choice: Choice) -> None:
        """Data sets as parts, and the places of the columns in them."""
        if choice.sigma_factor != 1.0:
            raise DataError(
                f"`{choice.offer.source}` has sigma in another unit than y, which is "
                "converted in memory only; store it in the unit of y."
            )
        if choice.form is not None:
            raise DataError(
                f"`{choice.offer.source}` has y by magnitude and phase, which become "
                "complex in memory only; store the real and the imaginary part."
            )
        self.x_label, self.y_label, self.x_unit, self.y_unit, *names = choice.labels[:6]
        self.name, self.note = names
        self._rows: list[RowReader] = []
        numbers: dict[tuple[str, str], int] = {}
        x, y, sigma = (
            [
                place
                for column in choice.columns(at)
                for place in self._places(column, numbers)
            ]
            for at in (choice.x, choice.y, choice.sigma)
        )
        first = choice.columns(choice.x)[0]
        self.n_spins, self.n_rows = _n_spins(first), first.size
        self.roles = Roles.of(x, y, sigma)
        self.parts = tuple(each.part for each in self._rows)
        self.chunk_bytes = sum(each.chunk_bytes for each in self._rows)
        chunks = [each.chunk_rows for each in self._rows]
        # rows of whole chunks of every data set, unless that is too many
        is_many = lcm(*chunks) * self.row_bytes > 4 * _BLOCK_BYTES
        self.chunk_rows = max(chunks) if is_many else lcm(*chunks)
        self.block_rows = self.chunk_rows * max(
            1, round(_BLOCK_BYTES / (self.chunk_rows * self.row_bytes))
        )
        self.cautions = tuple(
            sentence for each in self._rows for sentence in each.cautions
        )

    def _places(
        self, column: LazyColumn, numbers: dict[tuple[str, str], int]
    ) -> list[tuple[int, int]]:
        """Places of a column, two when it is complex; a data set has one reader."""
        file, number, first = self._watched.file, len(self._rows), 0
        n = 2 if column.dtype.kind == "c" else 1
        if _is_plain(column):
            dataset, _, place = column.origin
            number = numbers.setdefault((dataset.file.filename, dataset.name), number)
            if number == len(self._rows):
                self._rows.append(rows_of_dataset(file, dataset))
            first = n * (place or 0)
        else:
            self._rows.append(rows_of_column(file, column))
        return [(number, first + k) for k in range(n)]

    def _check_shape(self, n_inputs: int, n_outputs: int) -> None:
        if self.n_rows == 0:
            raise DataError(f"`{self.name}` has no rows; give a file with data.")
        if not self.n_spins and self.n_inputs != n_inputs:
            raise DataError(
                f"`{self.name}` gives {self.n_inputs} coordinates, but the model has "
                f"{n_inputs}; name them as in --x a,b."
            )
        if self.n_outputs != n_outputs:
            kinds = {1: "one real value", 2: "a complex value"}
            raise DataError(
                f"`{self.name}` gives {kinds.get(self.n_outputs, self.n_outputs)} a "
                f"row, but the model has {kinds.get(n_outputs, n_outputs)}; name y as "
                "in --y signal, or --y re,im for complex data."
            )

    def __enter__(self) -> Hdf5Source:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._watched.close()

    def read_into(self, start: int, stop: int, out: Raw) -> None:
        """Write raw rows `start` to `stop` into the beginning of arrays."""
        self._watched.check(start, stop)
        for rows, target in zip(self._rows, out, strict=True):
            rows.read_into(start, stop, target)

    def take_into(self, rows: IntArray, out: Raw) -> None:
        """Write the raw rows of ascending numbers into the beginning of arrays."""
        self._watched.check(int(rows[0]), int(rows[-1]) + 1)
        blocks = rows // self.block_rows
        edges = np.flatnonzero(np.diff(blocks, prepend=-1)).tolist()
        for first, last in zip(edges, [*edges[1:], rows.size], strict=True):
            begin = int(blocks[first]) * self.block_rows
            self._take(begin, rows[first:last], [target[first:last] for target in out])

    def _take(self, begin: int, rows: IntArray, out: Raw) -> None:
        """Take rows of one block: as a whole, or one by one where they are few."""
        if rows.size < _DENSE and not self.chunk_bytes:
            for k, row in enumerate(rows.tolist()):
                for each, target in zip(self._rows, out, strict=True):
                    each.read_into(row, row + 1, target[k : k + 1])
            return
        end = min(begin + self.block_rows, self.n_rows)
        for values, target in zip(self.read(begin, end), out, strict=True):
            np.take(values, rows - begin, axis=0, out=target)

    def fingerprint(self) -> dict[str, str | int | float]:
        """What tells these data from others: shape, size, date, rows here and there.

        Where the file stands does not count, so a copy that keeps its date will do.
        """
        checksum = 0
        last = max(self.n_rows - _PROBE_ROWS, 0)
        for start in sorted({last * k // (_PROBES - 1) for k in range(_PROBES)}):
            stop = min(start + _PROBE_ROWS, self.n_rows)
            for values in self.read(start, stop):
                checksum = zlib.crc32(values.data.cast("B"), checksum)
        state = self._watched.file.state
        kinds = ", ".join(f"{part.dtype} x {part.width}" for part in self.parts)
        return {
            "n_rows": self.n_rows,
            "dtype": kinds,
            "columns": self.note,
            "file_size": state.size,
            "mtime_ns": state.mtime_ns,
            "checksum": checksum,
        }


#: Places that the fingerprint looks at, and rows of each.
_PROBES, _PROBE_ROWS = 16, 1024


def _is_plain(column: LazyColumn) -> bool:
    """Whether a column's rows are rows of its data set, numbers as the engine reads."""
    if column.origin is None or column.note:
        return False
    dataset, axis, place = column.origin
    is_in_rows = axis == 0 and not isinstance(place, str)
    return is_in_rows and plain_part(dataset) is not None


def _n_spins(column: LazyColumn) -> int:
    """Spins of a row, 0 if the column is a number a row."""
    if column.origin is None or column.origin[1:] != (0, None):
        return 0
    width = int(np.prod(column.origin.dataset.shape[1:]))
    return width if width > 1 else 0
