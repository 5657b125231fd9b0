"""Chunks of HDF5 files decompressed outside the library, by several threads at once.

The library holds one lock while it decompresses. Here zlib is called for gzip, and for
lz4, zstd, blosc and the like the decoder of the plugin that hdf5plugin installs, called
through the interface that the library itself uses (`H5Z_func_t`): it takes a buffer
from malloc and puts another in its place. Both run without the interpreter's lock.
"""

from __future__ import annotations

import ctypes
import zlib
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, NamedTuple, TypeAlias

import h5py
import numpy as np
from numpy.typing import NDArray

from physfit.engine import jit
from physfit.engine.unshuffle import unshuffle
from physfit.errors import DataError

__all__ = ["Filter", "can_decode", "decoded", "filters_of", "missing_plugin"]

Bytes: TypeAlias = NDArray[np.uint8]

_DEFLATE, _SHUFFLE = 1, 2
#: Filters of the library itself that it has to undo itself.
_LIBRARY_OWN = frozenset({3, 4, 5, 6})
_REVERSE = 0x0100
_KNOWN = {32001: "blosc", 32004: "lz4", 32008: "bitshuffle", 32015: "zstd"}


class Filter(NamedTuple):
    """One step of a pipeline, with its values as the file gives them."""

    code: int
    values: tuple[int, ...]
    name: str


def filters_of(dataset: Any) -> tuple[Filter, ...]:
    """The pipeline of a data set, in the order in which it was applied."""
    properties = dataset.id.get_create_plist()
    steps = [properties.get_filter(k) for k in range(properties.get_nfilters())]
    return tuple(
        Filter(code, tuple(values), _KNOWN.get(code, name.decode(errors="replace")))
        for code, _, values, name in steps
    )


def can_decode(filters: Sequence[Filter]) -> bool:
    """Whether every step can be undone outside the library."""
    return all(
        step.code in (_DEFLATE, _SHUFFLE)
        or (step.code not in _LIBRARY_OWN and _plugin(step.code) is not None)
        for step in filters
    )


def missing_plugin(filters: Sequence[Filter]) -> str | None:
    """Name of a step that nobody here can undo."""
    for step in filters:
        is_own = step.code in _LIBRARY_OWN or step.code in (_DEFLATE, _SHUFFLE)
        if is_own or _plugin(step.code) is not None:
            continue
        if not h5py.h5z.filter_avail(step.code):
            return step.name or str(step.code)
    return None


def decoded(raw: Bytes, filters: Sequence[Filter], mask: int, out: Bytes) -> None:
    """Write the bytes of a chunk as stored, undone by its filters, into `out`.

    Raises
    ------
    ValueError
        When the chunk is damaged.
    """
    steps = [step for k, step in enumerate(filters) if not mask >> k & 1]
    data = raw
    for k, step in reversed(list(enumerate(steps))):
        if step.code == _DEFLATE:
            data = _inflated(data, out.size)
        elif step.code == _SHUFFLE:
            data = _unshuffled(data, step.values[0], out if k == 0 else None)
        else:
            data = _by_plugin(step, data, out if k == 0 else None, out.size)
    if data.size != out.size:
        raise ValueError(f"it holds {data.size} bytes instead of {out.size}")
    if data is not out:
        out[:] = data


def _inflated(data: Bytes, size: int) -> Bytes:
    try:
        return np.frombuffer(zlib.decompress(data.data, bufsize=size), dtype=np.uint8)
    except zlib.error as error:
        raise ValueError(str(error)) from error


def _unshuffled(data: Bytes, size: int, out: Bytes | None) -> Bytes:
    target = np.empty(data.size, np.uint8) if out is None else out
    if target.size != data.size:
        raise ValueError(f"it holds {data.size} bytes instead of {target.size}")
    call = jit.compiled(unshuffle).call
    call(data.ctypes.data, data.size, size, target.ctypes.data)
    return target


# ------------------------------------------------------------------------- plugins
_FUNCTION = ctypes.CFUNCTYPE(
    ctypes.c_size_t,
    ctypes.c_uint,
    ctypes.c_size_t,
    ctypes.POINTER(ctypes.c_uint),
    ctypes.c_size_t,
    ctypes.POINTER(ctypes.c_size_t),
    ctypes.POINTER(ctypes.c_void_p),
)


class _FilterClass(ctypes.Structure):
    """`H5Z_class2_t` of the library."""

    _fields_ = (
        ("version", ctypes.c_int),
        ("id", ctypes.c_int),
        ("encoder_present", ctypes.c_uint),
        ("decoder_present", ctypes.c_uint),
        ("name", ctypes.c_char_p),
        ("can_apply", ctypes.c_void_p),
        ("set_local", ctypes.c_void_p),
        ("filter", _FUNCTION),
    )


@cache
def _plugins() -> dict[int, Callable[..., int]]:
    """Decoders that hdf5plugin installs, by the number of their filter."""
    try:
        import hdf5plugin
    except ImportError:
        return {}
    found: dict[int, Callable[..., int]] = {}
    for file in hdf5plugin.get_config().registered_filters.values():
        library = ctypes.CDLL(file)
        library.H5PLget_plugin_info.restype = ctypes.POINTER(_FilterClass)
        description = library.H5PLget_plugin_info().contents
        found[description.id] = description.filter
    return found


def _plugin(code: int) -> Callable[..., int] | None:
    return _plugins().get(code)


@cache
def _libc() -> Any:
    library = ctypes.CDLL(None)
    library.malloc.restype = ctypes.c_void_p
    library.malloc.argtypes = (ctypes.c_size_t,)
    library.free.restype = None
    library.free.argtypes = (ctypes.c_void_p,)
    return library


def _by_plugin(step: Filter, data: Bytes, out: Bytes | None, size: int) -> Bytes:
    function = _plugin(step.code)
    if function is None:
        raise DataError(f"The plugin of filter {step.name!r} is gone; import it again.")
    libc = _libc()
    buffer = ctypes.c_void_p(libc.malloc(max(data.size, 1)))
    ctypes.memmove(buffer, data.ctypes.data, data.size)
    capacity = ctypes.c_size_t(data.size)
    values = (ctypes.c_uint * len(step.values))(*step.values)
    try:
        n = function(
            _REVERSE,
            len(step.values),
            values,
            data.size,
            ctypes.byref(capacity),
            ctypes.byref(buffer),
        )
        if n == 0 or (out is not None and n != out.size):
            raise ValueError(f"{step.name} gives {n} bytes instead of {size}")
        target = np.empty(n, np.uint8) if out is None else out
        ctypes.memmove(target.ctypes.data, buffer, n)
        return target
    finally:
        libc.free(buffer)
