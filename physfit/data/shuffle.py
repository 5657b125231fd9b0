"""One permanent permutation of the rows of an HDF5 file, with bounded memory.

Every row draws one of K buckets, uniformly and independently, and is appended to it;
then each bucket, small enough for memory, is shuffled by itself and the buckets are
written one after the other. All n! orders are equally likely: given the sizes of the
buckets, every way to fill them has the same probability, and so has every order within
(Rao 1961, Sandelius 1962). Both draws come from counters keyed by the seed, so that
data sets of one length are permuted alike, one after the other, through one scratch
file of the size of the largest.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import IO, Any, NamedTuple, TypeAlias, Unpack

import h5py
import numpy as np
from numpy.typing import NDArray

from physfit.data.base import shuffled
from physfit.data.files.atomic import atomic_file
from physfit.data.files.file_bytes import FileBytes
from physfit.data.files.outputs import refuse_inputs
from physfit.data.files.paths import existing_file
from physfit.data.hdf5.chunk_headers import check_chunks, filters_of
from physfit.data.hdf5.complete import check_complete
from physfit.data.hdf5.errors import LIBRARY_ERRORS, meaning_of
from physfit.data.hdf5.filters import check_plugins
from physfit.data.hdf5.guard import open_hdf5
from physfit.data.hdf5.numbers import check_size
from physfit.data.hdf5.output import hdf5_output
from physfit.data.hdf5.place import nodes_below
from physfit.data.samplers import uniform_key
from physfit.document.fields import fields_html
from physfit.engine.workers import by_caller, check, undisturbed
from physfit.errors import DataError, InputError, PhysfitError
from physfit.progress import COUNTS, checked_progress, counted, draws_bar
from physfit.settings.doors import OfShuffleFile
from physfit.settings.keywords import takes
from physfit.settings.setting import checked
from physfit.typing import IntArray

__all__ = ["Shuffled", "shuffle_file"]

#: Called with (rows done, rows in all) now and then; a row counts once a data set.
ShuffleProgress: TypeAlias = Callable[[int, int], None]

_BUCKET, _WITHIN = 11, 12
_MOST_DRAWN = 1 << 16


class Shuffled(NamedTuple):
    """What `shuffle_file` did: rows, and which data sets were permuted or kept."""

    n_rows: int
    permuted: tuple[str, ...]
    kept: tuple[str, ...]

    def _repr_html_(self) -> str:
        return fields_html(self)


@dataclass(frozen=True)
class _Buckets:
    """How rows are spread over buckets: the seed, how many, rows drawn for at once."""

    seed: int
    n_buckets: int
    n_drawn: int
    n_rows: int

    def ranges(self) -> Iterator[tuple[int, int, NDArray[np.uint16]]]:
        """Ranges of rows, each with the buckets of its rows."""
        for index, start in enumerate(range(0, self.n_rows, self.n_drawn)):
            stop = min(start + self.n_drawn, self.n_rows)
            key = uniform_key(self.seed, 0, index, _BUCKET)
            generator = np.random.Generator(np.random.Philox(key=key))
            buckets = generator.integers(
                0, self.n_buckets, stop - start, dtype=np.uint16
            )
            yield start, stop, buckets

    @cached_property
    def sizes(self) -> IntArray:
        """Rows of each bucket."""
        sizes = np.zeros(self.n_buckets, dtype=np.int64)
        for _, _, buckets in self.ranges():
            sizes += np.bincount(buckets, minlength=self.n_buckets)
        return sizes


@takes(OfShuffleFile)
@draws_bar("shuffling", counted)
@undisturbed
def shuffle_file(
    path: str | os.PathLike[str],
    output: str | os.PathLike[str],
    *,
    progress: ShuffleProgress | bool | None = None,
    **settings: Unpack[OfShuffleFile],
) -> Shuffled:
    """Write a copy of an HDF5 file whose rows stand in a uniformly random order.

    All data sets as long as the longest one are permuted alike; everything else, the
    attributes and the layout are those of the original.

    Parameters
    ----------
    path, output : path
        The file, and the one to write, atomically.
    progress : callable or bool, optional
        Called with (rows done, rows in all); True draws a bar.
    **settings
        Of the order.

    Returns
    -------
    Shuffled
        Which data sets were permuted, and how many rows they have.

    Raises
    ------
    DataError
        When the file is missing or damaged, or `output` exists.
    InputError
        When `memory` does not hold a few rows.

    Examples
    --------
    >>> name = tempfile.mkdtemp()
    >>> with h5py.File(f"{name}/a.h5", "w") as file:
    ...     file["x"], file["y"] = np.arange(100.0), -np.arange(100.0)
    >>> shuffle_file(f"{name}/a.h5", f"{name}/b.h5", seed=1).permuted
    ('/x', '/y')
    >>> with h5py.File(f"{name}/b.h5") as file:
    ...     x, y = file["x"][:], file["y"][:]
    >>> bool((np.sort(x) == np.arange(100.0)).all() and (x == -y).all())
    True
    """
    given = checked("shuffle_file", OfShuffleFile, settings)
    seed, memory = given["seed"], given["memory"]
    progress = checked_progress(progress, COUNTS)
    progress = by_caller(progress or (lambda rows, total: None))
    file = existing_file(path)
    refuse_inputs({"`output` (-o)": output}, [file])
    with atomic_file(output, given.get("overwrite", False)) as temporary:
        try:
            watched = FileBytes(file)
            with open_hdf5(file) as source:
                buckets, done = _plan(source, file, seed, memory)
                shutil.copyfile(file, temporary)
                cache = 4 * max(_chunk_bytes(source[x]) for x in done.permuted)
                room, total = max(cache, 1 << 20), done.n_rows * len(done.permuted)
                with (
                    hdf5_output(temporary, "r+", rdcc_nbytes=room) as new,
                    tempfile.TemporaryFile(dir=temporary.parent) as scratch,
                ):
                    for k, name in enumerate(done.permuted):
                        half = _scatter(watched, source[name], scratch, buckets)
                        steps = chain(half, _collect(new[name], scratch, buckets))
                        for rows in steps:
                            check()
                            progress(k * done.n_rows + rows, total)
        except PhysfitError:
            raise
        except LIBRARY_ERRORS as error:
            raise DataError(
                f"`{file}` cannot be shuffled into `{output}`: {meaning_of(error)}."
            ) from error
    return done


def _plan(source: Any, file: Path, seed: int, memory: int) -> tuple[_Buckets, Shuffled]:
    """Which data sets are permuted, and into which buckets."""
    nodes = nodes_below(source).values()
    datasets = [node for node in nodes if isinstance(node, h5py.Dataset)]
    tables = [node for node in datasets if node.shape]
    if not tables:
        raise DataError(f"`{file}` has no data set with rows; give a file with data.")
    n_rows = max(node.shape[0] for node in tables)
    permuted = [node for node in tables if node.shape[0] == n_rows]
    kept = [node for node in datasets if node not in permuted]
    _check(file, n_rows, permuted, kept)
    row = max(_row_bytes(node) for node in permuted)
    names = tuple(node.name for node in permuted)
    return _buckets(n_rows, row, seed, memory), Shuffled(
        n_rows, names, tuple(node.name for node in kept)
    )


def _check(
    file: Path, n_rows: int, permuted: list[h5py.Dataset], kept: list[h5py.Dataset]
) -> None:
    for node in permuted:
        if node.is_virtual or node.external:  # to write into it writes to other files
            raise DataError(
                f"`{file}` keeps the numbers of {node.name!r} in other files; write "
                "them into one file first, for example by `h5repack`."
            )
        check_size(node, file, int(node.size))
        check_complete(node, file)
        if node.dtype.hasobject:
            raise DataError(
                f"`{file}` has text or references of variable length in {node.name!r}, "
                "which cannot be shuffled; store it with a fixed length, or leave it "
                "out."
            )
        check_plugins(file, filters_of(node))
    for node in kept:
        if node.shape and n_rows > 1 and n_rows in node.shape:
            raise DataError(
                f"`{file}` has rows along another dimension in {node.name!r}, of shape "
                f"{node.shape}; store it transposed."
            )


def _row_bytes(node: h5py.Dataset) -> int:
    return int(node.dtype.itemsize * np.prod(node.shape[1:], dtype=np.int64))


def _chunk_bytes(node: h5py.Dataset) -> int:
    chunks = node.chunks or (1,)
    return int(node.dtype.itemsize * np.prod(chunks, dtype=np.int64))


def _buckets(n_rows: int, row_bytes: int, seed: int, memory: int) -> _Buckets:
    """Buckets of a quarter of the memory, with room for their spread of 5 sigma."""
    room = memory // (4 * max(row_bytes, 1))
    if room < 64:
        raise InputError(
            f"`memory` is {memory} bytes, but 256 rows of {row_bytes} bytes are the "
            f"least to shuffle with; raise it to {256 * row_bytes} or more."
        )
    n_drawn = min(room, _MOST_DRAWN)
    if n_rows <= room:
        return _Buckets(seed, 1, n_drawn, n_rows)
    n_buckets = -(-n_rows // int(room - 5.0 * room**0.5))
    if n_buckets > np.iinfo(np.uint16).max:
        raise InputError(
            f"`memory` is {memory} bytes, too little for {n_rows} rows of {row_bytes} "
            "bytes; raise it."
        )
    return _Buckets(seed, n_buckets, n_drawn, n_rows)


def _scatter(
    watched: FileBytes, node: h5py.Dataset, scratch: IO[bytes], drawn: _Buckets
) -> Iterator[int]:
    """Append every row to its bucket in the scratch file; yields half of those done."""
    row = _row_bytes(node)
    places = (np.cumsum(drawn.sizes) - drawn.sizes) * row
    for start, stop, buckets in drawn.ranges():
        watched.check(start, stop)
        check_chunks(node, (slice(start, stop),))
        values = node[start:stop]
        watched.check(start, stop)
        order = np.argsort(buckets, kind="stable")
        counts = np.bincount(buckets, minlength=drawn.n_buckets)
        data = np.ascontiguousarray(values[order]).reshape(-1).view(np.uint8)
        at = 0
        for bucket in np.flatnonzero(counts).tolist():
            size = int(counts[bucket]) * row
            scratch.seek(int(places[bucket]))
            scratch.write(data[at : at + size].data)
            places[bucket] += size
            at += size
        yield stop // 2


def _collect(node: h5py.Dataset, scratch: IO[bytes], drawn: _Buckets) -> Iterator[int]:
    """Shuffle each bucket and write them one after the other; yields as `_scatter`."""
    row = _row_bytes(node)
    start = 0
    scratch.seek(0)
    for bucket, n in enumerate(drawn.sizes.tolist()):
        order = shuffled(n, uniform_key(drawn.seed, 0, bucket, _WITHIN))
        data = np.frombuffer(scratch.read(n * row), dtype=node.dtype)
        rows = data.reshape(n, *node.shape[1:])
        if n:
            node[start : start + n] = rows[order]
        start += n
        yield drawn.n_rows // 2 + start // 2
