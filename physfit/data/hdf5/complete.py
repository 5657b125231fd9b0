"""Whether all numbers of a data set are there: its own, and those in other files.

The library replaces by the fill value, zero as a rule, whatever it does not find:
sources of a virtual data set that are missing or too small, parts of it that no source
covers, raw files that are missing or end early, chunks that were never written. Such
data sets are refused here, before their numbers are used.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from physfit.data.hdf5.guard import open_hdf5
from physfit.data.hdf5.place import is_numbered, raw_place, source_places
from physfit.errors import DataError

__all__ = ["check_complete"]

#: Virtual data sets of virtual data sets of ..., at most.
_DEEPEST = 16
#: Bytes, and chunks for each that was written, of which nobody means to leave out most.
_VAST, _SPARSE = 256 << 20, 1000


def check_complete(
    node: h5py.Dataset, path: Path, depth: int = 0, lines: tuple[int, int] | None = None
) -> None:
    """Refuse a data set of which the library would make up numbers.

    Parameters
    ----------
    node : h5py.Dataset
    path : Path
        The file that was opened.
    depth : int
        Virtual data sets around it.
    lines : (int, int), optional
        The range of its first axis that is read; all if left out.

    Raises
    ------
    DataError
        When sources or raw files are missing or too small, unless the fill value is
        NaN; when nothing was written, or chunks are missing and nobody set their value.
    """
    if not node.shape or 0 in node.shape:
        return
    start = f"`{path}`, dataset {node.name!r},"
    if node.external:
        _check_raw_files(start, node)
    elif node.is_virtual:
        _check_sources(start, node, path, depth)
    else:
        _check_written(start, node, lines)


def _is_nan(node: h5py.Dataset) -> bool:
    """Whether what is missing is read as NaN, which is left out."""
    is_float: bool = node.dtype.kind in "fc"
    return is_float and bool(np.isnan(node.fillvalue))


def _check_raw_files(start: str, node: h5py.Dataset) -> None:
    wanted = node.dtype.itemsize * math.prod(node.shape)
    for name, offset, size in node.external:
        place = raw_place(name)
        if not place.is_file():
            raise DataError(
                f"{start} keeps its numbers in `{place}`, which does not exist or is "
                "no file; put it there, or run where it is."
            )
        held = min(max(place.stat().st_size - offset, 0), size)
        if held < min(size, wanted):
            raise DataError(
                f"{start} keeps its numbers in `{place}`, which ends early: it holds "
                f"{held} of {min(size, wanted)} bytes; copy it anew."
            )
        wanted -= held
    if wanted > 0:
        raise DataError(
            f"{start} keeps its numbers in other files, which lack {wanted} bytes of "
            "them; write it anew."
        )


def _check_written(
    start: str, node: h5py.Dataset, lines: tuple[int, int] | None
) -> None:
    if node.chunks is None:
        layout = node.id.get_create_plist().get_layout()
        is_stored = layout == h5py.h5d.COMPACT or node.id.get_storage_size() > 0
        missing, n, word = int(not is_stored), 1, "part"
    else:
        grid = [-(-n // k) for n, k in zip(node.shape, node.chunks, strict=True)]
        n, word = math.prod(grid), "chunks"
        missing = n - node.id.get_num_chunks()
        if missing > 0 and lines is not None:
            n, missing = _chunks_within(node, grid, lines)
    fill = node.id.get_create_plist().fill_value_defined()
    is_said = missing < n and fill == h5py.h5d.FILL_VALUE_USER_DEFINED
    is_meant = is_said or _is_nan(node)
    size = node.dtype.itemsize * math.prod(node.shape)
    is_vast = size > _VAST and n > _SPARSE * (n - missing)
    if missing > 0 and (is_vast or not is_meant):
        raise DataError(
            f"{start} was not written to its end: {missing} of {n} {word} of it "
            f"{'is' if missing == 1 else 'are'} missing and would be read as "
            f"{node.fillvalue}; write it whole, or fit only the rows that are there "
            "(`fit-many --rows A:B`)."
        )


def _chunks_within(
    node: h5py.Dataset, grid: list[int], lines: tuple[int, int]
) -> tuple[int, int]:
    """Chunks of a range of the first axis, and how many of them are missing."""
    first, last = lines[0] // node.chunks[0], -(-lines[1] // node.chunks[0])
    n = max(min(last, grid[0]) - first, 0) * math.prod(grid[1:])
    there = 0

    def count(chunk: Any) -> None:
        nonlocal there
        there += first <= chunk.chunk_offset[0] // node.chunks[0] < last

    node.id.chunk_iter(count)
    return n, n - there


def _check_sources(start: str, node: h5py.Dataset, path: Path, depth: int) -> None:
    """Every source is there and large enough, and together they cover the data set."""
    if depth > _DEEPEST:
        raise DataError(f"{start} is a virtual data set of itself; write it anew.")
    covered, size = 0, math.prod(node.shape)
    for source in node.virtual_sources():
        for place, inside in source_places(path, source):
            _check_source(start, source, (place, inside), depth)
        is_open = is_numbered(source) or node.maxshape != node.shape
        covered += size if is_open else source.vspace.get_select_npoints()
    if covered < size and not _is_nan(node):
        raise DataError(
            f"{start} is virtual, and its sources cover {covered} of its {size} "
            f"numbers; the others would be read as {node.fillvalue}: write it anew."
        )


def _check_source(start: str, source: Any, at: tuple[Path, str], depth: int) -> None:
    place, inside = at
    if not place.is_file():
        raise DataError(
            f"{start} is virtual, and `{place}`, a source of it, does not exist; put "
            "it there, or write the data set anew."
        )
    try:
        with open_hdf5(place) as other:
            node = other.get(inside)
            if not isinstance(node, h5py.Dataset):
                raise DataError(
                    f"{start} is virtual, and `{place}` has no dataset {inside!r}; "
                    "write it anew."
                )
            if not is_numbered(source):
                _check_extent(start, source, node, place)
            check_complete(node, place, depth + 1)
    except OSError as error:
        raise DataError(
            f"{start} is virtual, and `{place}`, a source of it, is truncated, damaged "
            "or not an HDF5 file; copy it anew."
        ) from error


def _check_extent(start: str, source: Any, node: h5py.Dataset, place: Path) -> None:
    """The source has as many numbers, on each axis, as are taken from it."""
    space, shape = source.src_space, node.shape or ()
    if space.get_select_type() == h5py.h5s.SEL_HYPERSLABS:
        wanted = tuple(int(last) + 1 for last in space.get_select_bounds()[1])
        is_held = len(shape) == len(wanted) and all(
            have >= want for have, want in zip(shape, wanted, strict=True)
        )
    else:
        wanted = (int(source.vspace.get_select_npoints()),)
        is_held = math.prod(shape) >= wanted[0]
    if not is_held:
        raise DataError(
            f"{start} is virtual and takes {wanted} numbers of {node.name!r} in "
            f"`{place}`, which has shape {shape}; write it anew."
        )
