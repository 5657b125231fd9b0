"""Ranges of rows of one HDF5 data set, by the fastest way its layout allows.

Without filters the bytes of a range lie at known offsets and are read straight into
place. Compressed chunks are read as they are and decompressed here. The library, which
lets one thread in at a time, is asked only once for the offsets, and reads what is laid
out in a way of its own (compound types, other byte orders, checksums, chunks that were
never written).
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from typing import Any, NamedTuple

import h5py
import numpy as np
from numpy.typing import NDArray

from physfit.data.base import RawArray
from physfit.data.files.file_bytes import FileBytes
from physfit.data.files.limits import check_unpacked
from physfit.data.hdf5.chunk_headers import Filter, check_chunks, filters_of
from physfit.data.hdf5.decoders import scratch
from physfit.data.hdf5.errors import unreadable_rows
from physfit.data.hdf5.filters import can_decode, check_plugins, decoded
from physfit.data.table import LazyColumn
from physfit.engine.gather import DTYPES
from physfit.errors import DataError

__all__ = ["RowReader", "plain_part", "rows_of_column", "rows_of_dataset"]

#: Chunks whose offsets are kept in memory (24 bytes each); beyond, the library reads.
_MOST_CHUNKS = 1 << 20
#: A chunk below this costs more to find than to read.
_SMALL_CHUNK = 1 << 13


class RowReader(NamedTuple):
    """Rows of one data set.

    Attributes
    ----------
    part : RawArray
        What is written.
    read_into : callable
        `read_into(start, stop, out)` writes rows into the beginning of (rows, width).
    chunk_rows : int
        Rows that are stored together; 1 if any range is as good.
    chunk_bytes : int
        Bytes of a chunk in memory if it can only be had as a whole, else 0.
    cautions : tuple of str
        What cannot be fast.
    """

    part: RawArray
    read_into: Callable[[int, int, NDArray[Any]], None]
    chunk_rows: int = 1
    chunk_bytes: int = 0
    cautions: tuple[str, ...] = ()


def rows_of_dataset(file: FileBytes, dataset: h5py.Dataset) -> RowReader:
    """Rows of a data set of numbers that `plain_part` describes."""
    holder = os.path.realpath(dataset.file.filename)
    if holder != os.path.realpath(file.path):  # its offsets are those of another file
        return _by_library(file, dataset)
    is_native = dataset.dtype.isnative
    if dataset.chunks is None:
        is_plain = is_native and dataset.id.get_offset() is not None
        return (_contiguous if is_plain else _by_library)(file, dataset)
    filters = filters_of(dataset)
    check_plugins(file.path, filters)
    grid = [-(-n // k) for n, k in zip(dataset.shape, dataset.chunks, strict=True)]
    has_whole_rows = dataset.ndim == 2 or math.prod(grid[1:]) == 1
    is_small = math.prod(grid) <= _MOST_CHUNKS
    if is_native and has_whole_rows and is_small and can_decode(filters):
        return _Chunked(file, dataset, filters).reader()
    return _by_library(file, dataset)


def rows_of_column(file: FileBytes, column: LazyColumn) -> RowReader:
    """Rows of a column that only the library can read, as float64 or pairs of it."""
    part = RawArray(np.dtype(np.float64), 2 if column.dtype.kind == "c" else 1)
    dataset = column.origin.dataset if column.origin else None
    return _read_slowly(file, dataset, part, column.read)


def plain_part(dataset: h5py.Dataset) -> RawArray | None:
    """Raw numbers of a data set, complex ones as pairs; None if they must change."""
    kind = dataset.dtype.newbyteorder("=")
    width = math.prod(dataset.shape[1:])
    if kind.kind == "c":
        kind, width = np.zeros(1, kind).real.dtype, 2 * width
    return RawArray(kind, width) if kind in DTYPES else None


def _part(dataset: h5py.Dataset) -> RawArray:
    part = plain_part(dataset)
    if part is None:
        raise DataError(f"The data set {dataset.name!r} is of type {dataset.dtype}.")
    return part


def _contiguous(file: FileBytes, dataset: h5py.Dataset) -> RowReader:
    """All rows one after the other."""
    part, offset = _part(dataset), dataset.id.get_offset()

    def read_into(start: int, stop: int, out: NDArray[Any]) -> None:
        at = offset + start * part.row_bytes
        file.read_into(out[: stop - start], at, start, stop)

    return RowReader(part, read_into)


class _Chunked:
    """Chunks along the rows and, for a table, perhaps along the columns too."""

    def __init__(
        self, file: FileBytes, dataset: h5py.Dataset, filters: tuple[Filter, ...]
    ) -> None:
        self._file, self._filters, self._dataset = file, filters, dataset
        self._part = _part(dataset)
        self._chunk_rows = dataset.chunks[0]
        n_columns = dataset.shape[1] if dataset.ndim == 2 else 1
        chunk_columns = dataset.chunks[1] if dataset.ndim == 2 else 1
        self._strips = -(-n_columns // chunk_columns)
        per_column = self._part.width // n_columns
        self._strip_width = chunk_columns * per_column
        self._bytes = self._chunk_rows * self._strip_width * self._part.dtype.itemsize
        stored = max(dataset.id.get_storage_size(), file.state.size)
        check_unpacked(
            self._bytes, stored, f"`{file.path}`, a chunk of {dataset.name!r},"
        )
        self._table = self._chunks(dataset, chunk_columns)

    def reader(self) -> RowReader:
        """Rows of these chunks."""
        chunk_bytes = self._bytes if self._filters else 0
        cautions = () if self._bytes >= _SMALL_CHUNK else (self._caution(),)
        return RowReader(
            self._part, self._read_into, self._chunk_rows, chunk_bytes, cautions
        )

    def _chunks(self, dataset: h5py.Dataset, chunk_columns: int) -> NDArray[np.int64]:
        """Offset, size and filter mask of each chunk; offset -1 if never written."""
        n = -(-dataset.shape[0] // self._chunk_rows)
        table = np.full((n, self._strips, 3), -1, dtype=np.int64)

        def note(chunk: Any) -> None:
            place = chunk.chunk_offset
            strip = place[1] // chunk_columns if len(place) == 2 else 0
            row = place[0] // self._chunk_rows
            if row < n and strip < self._strips:
                table[row, strip] = chunk.byte_offset, chunk.size, chunk.filter_mask

        dataset.id.chunk_iter(note)
        ends, stored = table[..., :2].sum(axis=-1), self._file.state.size
        if (ends > stored).any() or (table[..., 1] < -1).any():
            raise DataError(
                f"`{self._file.path}` is damaged: chunks of {dataset.name!r} lie "
                "beyond its end; copy it anew."
            )
        return table

    def _caution(self) -> str:
        rows = "1 row" if self._chunk_rows == 1 else f"{self._chunk_rows} rows"
        return (
            f"`{self._file.path}` stores {rows} of {self._dataset.name!r} in a chunk "
            f"({self._bytes} bytes), and each chunk costs a read of its own; rewrite "
            "it with chunks of about 1 MiB, for example by `h5repack -l CHUNK=...`."
        )

    def _read_into(self, start: int, stop: int, out: NDArray[Any]) -> None:
        first, last = start // self._chunk_rows, -(-stop // self._chunk_rows)
        for row in range(first, last):
            for strip in range(self._strips):
                self._read_chunk(row, strip, (start, stop), out)

    def _read_chunk(
        self, row: int, strip: int, rows: tuple[int, int], out: NDArray[Any]
    ) -> None:
        """Put what a chunk holds of a range of rows into its place."""
        begin = row * self._chunk_rows
        start, stop = max(begin, rows[0]), min(begin + self._chunk_rows, rows[1])
        columns = slice(strip * self._strip_width, (strip + 1) * self._strip_width)
        target = out[start - rows[0] : stop - rows[0], columns]
        at, size, mask = self._table[row, strip].tolist()
        if at < 0:
            target[:] = self._dataset.fillvalue
            return
        has_whole_rows = self._strip_width == self._part.width  # and not beyond them
        if has_whole_rows and not self._filters:
            skip = (start - begin) * self._part.row_bytes
            self._file.read_into(target, at + skip, start, stop)
            return
        if has_whole_rows and stop - start == self._chunk_rows:
            self._fill(target, (at, size, mask), (start, stop))
            return
        whole = scratch("chunk", self._bytes).view(self._part.dtype)
        whole = whole.reshape(self._chunk_rows, self._strip_width)
        self._fill(whole, (at, size, mask), (start, stop))
        target[:] = whole[start - begin : stop - begin, : target.shape[1]]

    def _fill(
        self,
        target: NDArray[Any],
        place: tuple[int, int, int],
        rows: tuple[int, int],
    ) -> None:
        """Read a whole chunk and undo its filters."""
        at, size, mask = place
        if not self._filters:
            self._file.read_into(target, at, *rows)
            return
        raw = scratch("raw", size)
        self._file.read_into(raw, at, *rows)
        try:
            out = target.reshape(-1).view(np.uint8)
            decoded(raw, self._filters, mask, out)
        except ValueError as error:
            raise DataError(
                f"`{self._file.path}` is damaged: rows {rows[0]} to {rows[1]} of "
                f"{self._dataset.name!r} cannot be decompressed ({error}); the other "
                "rows can be read. Copy the file anew, or leave these rows out."
            ) from error


def _by_library(file: FileBytes, dataset: h5py.Dataset) -> RowReader:
    """Rows of a data set as the HDF5 library reads them."""

    def read(start: int, stop: int) -> NDArray[Any]:
        check_chunks(dataset, (slice(start, stop),))
        rows: NDArray[Any] = dataset[start:stop].reshape(stop - start, -1)
        return rows.astype(rows.dtype.newbyteorder("="), copy=False)

    return _read_slowly(file, dataset, _part(dataset), read)


def _read_slowly(
    file: FileBytes,
    dataset: h5py.Dataset | None,
    part: RawArray,
    read: Callable[[int, int], NDArray[Any]],
) -> RowReader:
    """Rows that one thread at a time reads, from a data set if there is one."""

    def read_into(start: int, stop: int, out: NDArray[Any]) -> None:
        with unreadable_rows(str(file.path), start, stop):
            values = read(start, stop)
        out[: stop - start] = values.view(part.dtype).reshape(stop - start, -1)

    if dataset is None:
        return RowReader(part, read_into)
    caution = (
        f"`{file.path}` stores {dataset.name!r} in a way that only the HDF5 library "
        "reads, by one thread at a time; plain float64 columns are faster."
    )
    chunk_rows = dataset.chunks[0] if dataset.chunks else 1
    return RowReader(part, read_into, chunk_rows, cautions=(caution,))
