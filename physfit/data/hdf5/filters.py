"""Chunks of HDF5 files decompressed outside the library, by several threads at once.

The library holds one lock while it decompresses; here a chunk goes through the inverse
of its filters, last one first, in the thread that asks for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import h5py

from physfit.data.hdf5.chunk_headers import SLACK, Filter
from physfit.data.hdf5.decoders import Bytes, decoder_of, scratch
from physfit.engine import jit
from physfit.engine.unshuffle import unshuffle
from physfit.errors import DataError, pip_install

__all__ = ["can_decode", "check_plugins", "decoded"]

_SHUFFLE = 2
#: Filters of the library that it has to undo itself: checksum, szip, nbit, scaling.
_LIBRARY_OWN = frozenset({3, 4, 5, 6})


def can_decode(filters: Sequence[Filter]) -> bool:
    """Whether every step can be undone outside the library."""
    return all(
        step.code == _SHUFFLE
        or (step.code not in _LIBRARY_OWN and decoder_of(step.code) is not None)
        for step in filters
    )


def check_plugins(path: Path, filters: Sequence[Filter]) -> None:
    """Refuse a file with a step that nobody here can undo.

    Raises
    ------
    DataError
    """
    for step in filters:
        is_own = step.code in _LIBRARY_OWN or step.code == _SHUFFLE
        if is_own or decoder_of(step.code) is not None:
            continue
        if not h5py.h5z.filter_avail(step.code):
            raise DataError(
                f"`{path}` is compressed by {step.name or step.code}, whose plugin is "
                f"not installed; run {pip_install('hdf5')}, or rewrite the file with "
                "gzip."
            )


def decoded(raw: Bytes, filters: Sequence[Filter], mask: int, out: Bytes) -> None:
    """Write the bytes of a chunk as stored, undone by its filters, into `out`.

    Raises
    ------
    ValueError
        When the chunk is damaged.
    """
    steps = [step for k, step in enumerate(filters) if not mask >> k & 1]
    data = raw
    for k in range(len(steps) - 1, -1, -1):
        target = out if k == 0 else scratch(f"step {k % 2}", out.size + SLACK)
        data = target[: _undone(steps[k], data, target)]
    if data.size != out.size:
        raise ValueError(f"it holds {data.size} bytes instead of {out.size}")
    if not steps:
        out[:] = data


def _undone(step: Filter, data: Bytes, out: Bytes) -> int:
    """Undo one filter; how many bytes it gave."""
    if step.code == _SHUFFLE:
        if not step.values or not 0 < step.values[0] <= SLACK:
            raise ValueError(f"it is shuffled by {step.values} bytes")
        if data.size > out.size:
            raise ValueError(f"it holds {data.size} bytes instead of {out.size}")
        call = jit.compiled(unshuffle).call
        call(data.ctypes.data, data.size, step.values[0], out.ctypes.data)
        return data.size
    decode = decoder_of(step.code)
    if decode is None:
        raise ValueError(f"the plugin of {step.name} is missing")
    return decode(step.values, data, out)
