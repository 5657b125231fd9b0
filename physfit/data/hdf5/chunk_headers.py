"""Filters of chunks, and sizes that compressed ones declare, compared with their bytes.

The plugins of lz4, blosc and bitshuffle believe the sizes in a chunk: of a damaged one
they read or write beyond their buffers. So whoever hands them a chunk looks first.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import product
from typing import NamedTuple

import h5py

__all__ = ["SLACK", "Filter", "check_chunk", "check_chunks", "filters_of"]

_BLOSC, _LZ4, _BITSHUFFLE = 32001, 32004, 32008
_KNOWN = {_BLOSC: "blosc", _LZ4: "lz4", _BITSHUFFLE: "bitshuffle", 32015: "zstd"}
#: A checksum behind a chunk, and its bytes.
_FLETCHER32, _SUM_BYTES = 3, 4
#: Bytes by which a step may be longer than the chunk, as a checksum makes it.
SLACK = 1 << 12


class Filter(NamedTuple):
    """One step of a pipeline, with its values as the file gives them."""

    code: int
    values: tuple[int, ...]
    name: str


def filters_of(dataset: h5py.Dataset) -> tuple[Filter, ...]:
    """The pipeline of a data set, in the order in which it was applied."""
    properties = dataset.id.get_create_plist()
    steps = [properties.get_filter(k) for k in range(properties.get_nfilters())]
    return tuple(
        Filter(code, tuple(values), _KNOWN.get(code, name.decode(errors="replace")))
        for code, _, values, name in steps
    )


def check_chunk(
    code: int, values: Sequence[int], data: bytes | memoryview, size: int
) -> None:
    """Compare what a chunk says with its length, and with its size in memory.

    Raises
    ------
    ValueError
        When it is damaged.
    """
    check = _CHECKS.get(code)
    if check is not None:
        check(values, memoryview(data), size)


def check_chunks(dataset: h5py.Dataset, box: tuple[slice, ...] = ()) -> None:
    """Check the chunks that hold a box of rows, before the library decodes them.

    Parameters
    ----------
    dataset : h5py.Dataset
    box : tuple of slice
        For each axis from the first on; the axes that follow are whole.

    Raises
    ------
    ValueError
        When one is damaged.
    """
    if dataset.chunks is None:
        return
    filters = filters_of(dataset)
    has_sum = bool(filters) and filters[-1].code == _FLETCHER32
    number = len(filters) - 1 - has_sum
    if number < 0 or filters[number].code not in _CHECKS:
        return
    code, values, _ = filters[number]
    size = dataset.dtype.itemsize * math.prod(dataset.chunks)
    whole = [slice(0, n) for n in dataset.shape[len(box) :]]
    places = (
        range(rows.start // n * n, rows.stop, n)
        for rows, n in zip((*box, *whole), dataset.chunks, strict=True)
    )
    for place in product(*places):
        info = dataset.id.get_chunk_info_by_coord(place)
        if info.byte_offset is None or info.filter_mask >> number & 1:
            continue
        _, data = dataset.id.read_direct_chunk(place)
        end = len(data) - (_SUM_BYTES if has_sum else 0)
        check_chunk(code, values, memoryview(data)[: max(end, 0)], size)


def _big(data: memoryview, at: int, n: int) -> int:
    """Number of n bytes, highest first; ValueError where the chunk has ended."""
    if at + n > len(data):
        raise ValueError("it ends early")
    return int.from_bytes(data[at : at + n], "big")


def _check_lz4(values: Sequence[int], data: memoryview, size: int) -> None:
    total, block = _big(data, 0, 8), _big(data, 8, 4)
    if total > size + SLACK or not block:
        raise ValueError(f"its lz4 frame says {total} bytes in blocks of {block}")
    at, left = 12, total
    while left > 0:
        at += 4 + _big(data, at, 4)
        left -= block
    if at > len(data):
        raise ValueError("its lz4 frame ends early")


def _check_blosc(values: Sequence[int], data: memoryview, size: int) -> None:
    total, block, stored = (
        int.from_bytes(data[k : k + 4], "little") for k in (4, 8, 12)
    )
    is_whole = 16 <= stored <= len(data) and total <= size + SLACK
    if len(data) < 16 or not is_whole or (total and not 0 < block <= total):
        raise ValueError(f"its blosc frame says {stored} bytes that make {total}")


def _check_bitshuffle(values: Sequence[int], data: memoryview, size: int) -> None:
    item = values[2] if len(values) > 2 else 0
    if len(values) < 5 or values[4] == 0:
        if len(data) > size + SLACK or not item:
            raise ValueError(f"it holds {len(data)} bytes instead of {size}")
        return
    total, block = _big(data, 0, 8), _big(data, 8, 4)
    if total > size + SLACK or not item or block < 8 * item or total % item:
        raise ValueError(f"its bitshuffle frame says {total} bytes")
    count, per_block = total // item, block // item
    last = count % per_block // 8 > 0
    at = 12
    for _ in range(count // per_block + last):
        at += 4 + _big(data, at, 4)
    if at + count % 8 * item > len(data):
        raise ValueError("its bitshuffle frame ends early")


_CHECKS: dict[int, Callable[[Sequence[int], memoryview, int], None]] = {
    _BLOSC: _check_blosc,
    _LZ4: _check_lz4,
    _BITSHUFFLE: _check_bitshuffle,
}
