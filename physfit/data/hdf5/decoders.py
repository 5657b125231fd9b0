"""Decoders of compressed bytes that write into a given buffer, by number of filter.

gzip goes through libdeflate where the system has it (about twice as fast), else through
zlib. The decoders of lz4, zstd, blosc and others come with hdf5plugin: lz4 and zstd are
called by their own functions, the rest through the interface that the HDF5 library uses
(`H5Z_func_t`), which takes a buffer from malloc and puts another in its place. All of
them run without the interpreter's lock. New memory is dear (each page of it a fault),
so buffers belong to threads and are used again.
"""

from __future__ import annotations

import ctypes
import threading
import zlib
from collections.abc import Callable
from contextlib import suppress
from functools import cache, partial
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from physfit.data.hdf5.chunk_headers import check_chunk

__all__ = ["DEFLATE", "Bytes", "Decoder", "decoder_of", "scratch"]

Bytes: TypeAlias = NDArray[np.uint8]
#: `decode(values of the filter, compressed, out)` gives the bytes written; ValueError
#: when damaged.
Decoder: TypeAlias = Callable[[tuple[int, ...], Bytes, Bytes], int]

DEFLATE, LZ4, ZSTD = 1, 32004, 32015
_REVERSE = 0x0100
#: An address, and a number of bytes.
_AT, _SIZE = ctypes.c_void_p, ctypes.c_size_t
_of_thread = threading.local()


def scratch(name: str, size: int) -> Bytes:
    """Buffer of this thread, its content undefined, the same for the same name."""
    kept: Bytes | None = getattr(_of_thread, name, None)
    if kept is None or kept.size < size:
        kept = np.empty(size + size // 4, dtype=np.uint8)
        setattr(_of_thread, name, kept)
    return kept[:size]


def _declared(function: Any, result: Any, *arguments: Any) -> Any:
    """A function of C with the types of its result and its arguments."""
    function.restype, function.argtypes = result, arguments
    return function


@cache
def decoder_of(code: int) -> Decoder | None:
    """The decoder of a filter, None if there is none here."""
    if code == DEFLATE:
        return _inflate if _libdeflate() is None else _inflate_fast
    file = _plugin_files().get(code)
    if file is None:
        return None
    library = ctypes.CDLL(file)
    if code == LZ4 and hasattr(library, "LZ4_decompress_safe"):
        number, function = ctypes.c_int, library.LZ4_decompress_safe
        return partial(_lz4, _declared(function, number, _AT, _AT, number, number))
    if code == ZSTD and hasattr(library, "ZSTD_decompress"):
        function = library.ZSTD_decompress
        return partial(_zstd, _declared(function, _SIZE, _AT, _SIZE, _AT, _SIZE))
    return partial(_by_plugin, code, _description(library).filter)


# ---------------------------------------------------------------------------- gzip
@cache
def _libdeflate() -> Any:
    for name in ("libdeflate.so.0", "libdeflate.0.dylib", "libdeflate.dll"):
        with suppress(OSError):
            library = ctypes.CDLL(name)
            _declared(library.libdeflate_alloc_decompressor, _AT)
            _declared(library.libdeflate_free_decompressor, None, _AT)
            sizes = (_AT, _SIZE, _AT, _SIZE, ctypes.POINTER(_SIZE))
            _declared(library.libdeflate_zlib_decompress, ctypes.c_int, _AT, *sizes)
            return library
    return None


class _Decompressor:
    """State of libdeflate, which goes with the thread that it belongs to."""

    def __init__(self, library: Any) -> None:
        self._library = library
        self.address: int | None = library.libdeflate_alloc_decompressor()
        if not self.address:
            raise MemoryError("libdeflate has no memory for its state")

    def __del__(self) -> None:
        if self.address:
            self._library.libdeflate_free_decompressor(self.address)


def _inflate_fast(values: tuple[int, ...], data: Bytes, out: Bytes) -> int:
    library = _libdeflate()
    state = getattr(_of_thread, "decompressor", None)
    if state is None:
        state = _of_thread.decompressor = _Decompressor(library)
    written = ctypes.c_size_t()
    code = library.libdeflate_zlib_decompress(
        state.address,
        data.ctypes.data,
        data.size,
        out.ctypes.data,
        out.size,
        ctypes.byref(written),
    )
    if code != 0:
        raise ValueError(f"libdeflate gives error {code}")
    return written.value


def _inflate(values: tuple[int, ...], data: Bytes, out: Bytes) -> int:
    try:
        result = zlib.decompressobj().decompress(data.data, out.size + 1)
    except zlib.error as error:
        raise ValueError(str(error)) from error
    n = min(len(result), out.size)
    out[:n] = np.frombuffer(result, dtype=np.uint8, count=n)
    return len(result)


# --------------------------------------------------------------------- lz4 and zstd
def _lz4(function: Any, values: tuple[int, ...], data: Bytes, out: Bytes) -> int:
    """The filter's frame: size (8 bytes), block size (4), then size and bytes of each.

    A block whose size is its size in memory is stored as it is.
    """
    head = data[:12].tobytes()
    total, block = (int.from_bytes(part, "big") for part in (head[:8], head[8:]))
    if len(head) < 12 or total > out.size or block <= 0:
        raise ValueError(f"its lz4 frame says {total} bytes in blocks of {block}")
    at, done = 12, 0
    while done < total:
        n = int.from_bytes(data[at : at + 4].tobytes(), "big")
        at += 4
        wanted = min(block, total - done)
        if n <= 0 or at + n > data.size:
            raise ValueError("its lz4 frame ends early")
        if n == wanted:
            out[done : done + n] = data[at : at + n]
        else:
            source, target = data.ctypes.data + at, out.ctypes.data + done
            if function(source, target, n, wanted) != wanted:
                raise ValueError("its lz4 block is damaged")
        at, done = at + n, done + wanted
    return total


def _zstd(function: Any, values: tuple[int, ...], data: Bytes, out: Bytes) -> int:
    n: int = function(out.ctypes.data, out.size, data.ctypes.data, data.size)
    if n > out.size:  # an error is a number close to the largest
        raise ValueError("its zstd frame is damaged")
    return n


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


def _description(library: Any) -> Any:
    library.H5PLget_plugin_info.restype = ctypes.POINTER(_FilterClass)
    return library.H5PLget_plugin_info().contents


@cache
def _plugin_files() -> dict[int, str]:
    """Libraries that hdf5plugin installs, by the number of their filter."""
    try:
        import hdf5plugin
    except ImportError:
        return {}
    files = hdf5plugin.get_config().registered_filters.values()
    return {_description(ctypes.CDLL(file)).id: file for file in files}


@cache
def _libc() -> Any:
    library = ctypes.CDLL(None)
    _declared(library.malloc, _AT, _SIZE)
    _declared(library.free, None, _AT)
    return library


def _by_plugin(
    code: int, function: Any, values: tuple[int, ...], data: Bytes, out: Bytes
) -> int:
    check_chunk(code, values, data.data, out.size)
    libc = _libc()
    buffer = ctypes.c_void_p(libc.malloc(max(data.size, 1)))
    ctypes.memmove(buffer, data.ctypes.data, data.size)
    capacity = ctypes.c_size_t(data.size)
    array = (ctypes.c_uint * len(values))(*values)
    try:
        n: int = function(
            _REVERSE,
            len(values),
            array,
            data.size,
            ctypes.byref(capacity),
            ctypes.byref(buffer),
        )
        if n == 0 or n > out.size:
            raise ValueError(f"its filter gives {n} bytes instead of {out.size}")
        ctypes.memmove(out.ctypes.data, buffer, n)
        return n
    finally:
        libc.free(buffer)
