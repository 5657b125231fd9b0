"""Columns from numpy's own files: NPZ archives, NPY arrays, structured arrays."""

from __future__ import annotations

import tokenize
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from physfit.data.table import Field, Offer, split_unit
from physfit.errors import DataError

__all__ = ["ARCHIVE_MAGIC", "array_fields", "read_archive"]

ARCHIVE_MAGIC = (b"PK\x03\x04", b"\x93NUMPY")

# What numpy and zipfile raise on a damaged file; RuntimeError is an encrypted one.
_DAMAGE = (
    OSError,
    ValueError,
    EOFError,
    KeyError,
    RuntimeError,
    SyntaxError,
    tokenize.TokenError,
    zipfile.BadZipFile,
    zlib.error,
)


def read_archive(path: Path) -> Offer:
    """The columns of an NPZ or NPY file; pickled objects are never loaded."""
    try:
        with path.open("rb") as file:
            if not file.read(6).startswith(ARCHIVE_MAGIC):
                raise ValueError("it begins like neither .npz nor .npy")
            file.seek(0)
            loaded = np.load(file, allow_pickle=False)
            if isinstance(loaded, np.ndarray):
                return Offer(str(path), array_fields(loaded, f"`{path}`"))
            arrays = {name: _member(loaded, name, path) for name in loaded.files}
    except _DAMAGE as error:
        raise DataError(_damaged(path, error)) from error
    return _archive_offer(path, arrays)


def _member(archive: Mapping[str, Any], name: str, path: Path) -> NDArray[Any] | None:
    """One array of an archive, or None if it holds pickled objects."""
    try:
        return np.asarray(archive[name])
    except ValueError as error:
        if "allow_pickle" in str(error):
            return None
        raise


def _damaged(path: Path, error: BaseException) -> str:
    if "allow_pickle" in str(error):
        return (
            f"`{path}` holds Python objects, which are never loaded because that can "
            "run code; save arrays of numbers."
        )
    return (
        f"`{path}` is truncated or not a numpy file ({error}); save it again with "
        "numpy.savez or numpy.save."
    )


def _archive_offer(path: Path, arrays: dict[str, NDArray[Any] | None]) -> Offer:
    """Columns of an archive: its 1-D arrays, or the columns of its only array."""
    source = str(path)
    if len(arrays) == 1:
        name, only = next(iter(arrays.items()))
        if only is not None and (only.ndim == 2 or only.dtype.names):
            return Offer(source, array_fields(only, f"`{path}`, array {name!r},"))
    fields = [_array_field(path, name, array) for name, array in arrays.items()]
    # x and y first, so that arrays of these names are the first choice
    fields.sort(key=lambda f: ("x", "y").index(f.name) if f.name in ("x", "y") else 2)
    return Offer(source, tuple(fields), "array")


def _array_field(path: Path, name: str, array: NDArray[Any] | None) -> Field:
    label, unit = split_unit(name)
    start = f"`{path}` holds array {name!r}"
    if array is None:
        problem = f"{start} of Python objects, which are never loaded; save numbers."
    elif array.dtype.kind not in "fiuc":
        problem = f"{start} of type {array.dtype}, not numbers; choose another array."
    elif array.ndim != 1:
        problem = (
            f"{start} of shape {array.shape}, not one column; choose a 1-D array, or "
            "save the column on its own."
        )
    else:
        return Field(label, unit, _plain(array))
    return Field(label, unit, None, problem, is_text=True)


def array_fields(array: NDArray[Any], called: str) -> tuple[Field, ...]:
    """Columns of a structured array, or of a 2-D array of two or three columns.

    An array with two or three rows and more columns than that is read row by row.
    """
    if array.dtype.names:
        flat = array.reshape(-1)
        return tuple(_structured(flat, name, called) for name in array.dtype.names)
    if array.dtype.kind not in "fiuc":
        raise DataError(
            f"{called} has no numeric column, its type is {array.dtype}; save numbers."
        )
    if array.ndim != 2 or 1 in array.shape or 0 in array.shape:
        raise DataError(
            f"{called} has shape {array.shape}, but x and y are at least two columns; "
            "save it with shape (n, 2), or (n, 3) with sigma."
        )
    columns = array if array.shape[0] <= 3 < array.shape[1] else array.T
    return tuple(Field("", "", _plain(column)) for column in columns)


def _structured(array: NDArray[Any], name: str, called: str) -> Field:
    label, unit = split_unit(name)
    values = array[name]
    if values.dtype.kind in "fiuc" and values.ndim == 1:
        return Field(label, unit, _plain(values))
    problem = f"{called} has column {name!r} of type {values.dtype}, not numbers."
    return Field(label, unit, None, problem, is_text=True)


def _plain(values: NDArray[Any]) -> NDArray[Any]:
    dtype = np.complex128 if values.dtype.kind == "c" else np.float64
    return np.ascontiguousarray(values, dtype=dtype)
