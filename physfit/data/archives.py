"""Columns from numpy's own files: NPZ archives, NPY arrays, structured arrays."""

from __future__ import annotations

import math
import zipfile
from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path
from typing import IO, Any, BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from physfit.data.files.limits import MOST_HEADER, check_unpacked
from physfit.data.headings import split_unit
from physfit.data.image import image_offer, is_image, pixel_axes
from physfit.data.table import Field, LazyColumn, Offer, Wanted
from physfit.errors import DataError

__all__ = ["ARCHIVE_MAGIC", "Header", "array_fields", "as_numbers", "npy_header"]
__all__ += ["read_archive", "table_fields"]

ARCHIVE_MAGIC = (b"PK\x03\x04", b"\x93NUMPY")


class Header(NamedTuple):
    """What the first bytes of an NPY file say, and where its numbers begin."""

    shape: tuple[int, ...]
    is_fortran: bool
    dtype: np.dtype[Any]
    offset: int


def npy_header(stream: IO[bytes]) -> Header:
    """Header of an NPY file, which numpy evaluates: any exception may be raised."""
    head = BytesIO(stream.read(MOST_HEADER))
    version = np.lib.format.read_magic(head)
    # Version 3 differs from 2 in how the names of fields are written.
    read = np.lib.format.read_array_header_2_0
    if version == (1, 0):
        read = np.lib.format.read_array_header_1_0
    return Header(*read(head), head.tell())


def read_archive(path: Path, wanted: Wanted) -> Offer:
    """The columns of an NPZ or NPY file; pickled objects are never loaded.

    An NPY file of one column is enough where x is none of its columns. A matrix may be
    an image, in an archive with its axes `x` and `y` and perhaps `sigma`.
    """
    has_x = wanted.steps is None
    try:
        with path.open("rb") as file:
            if not file.read(6).startswith(ARCHIVE_MAGIC):
                raise ValueError("it begins like neither .npz nor .npy")
            file.seek(0)
            _check_sizes(path, file)
            file.seek(0)
            loaded = np.load(file, allow_pickle=False)
            if isinstance(loaded, np.ndarray):
                if not has_x and loaded.ndim == 1 and not loaded.dtype.names:
                    return Offer(str(path), (_array_field(path, "", loaded),))
                if wanted.may_be_image and _is_image(loaded):
                    return _image_of(path, {"value": loaded})
                return Offer(str(path), array_fields(loaded, f"`{path}`"))
            arrays = {name: _member(loaded, name) for name in loaded.files}
    except DataError:
        raise
    except Exception as error:  # numpy and zipfile raise anything on a damaged file
        raise DataError(_damaged(path, error)) from error
    if wanted.may_be_image and _images(arrays):
        return _image_of(path, arrays)
    return _archive_offer(path, arrays)


def _is_image(array: NDArray[Any]) -> bool:
    return array.dtype.kind in "fiu" and is_image(array.shape)


def _images(arrays: Mapping[str, NDArray[Any] | None]) -> dict[str, NDArray[Any]]:
    """Arrays that are images, without their standard deviations."""
    return {
        name: own
        for name, own in arrays.items()
        if own is not None and _is_image(own) and name != "sigma"
    }


def _image_of(path: Path, arrays: Mapping[str, NDArray[Any] | None]) -> Offer:
    """The image of an archive, with its axes where they are called x and y."""
    images = _images(arrays)
    if len(images) != 1:
        raise DataError(
            f"`{path}` holds {len(images)} images, {', '.join(images)}; save one, with "
            "its axes as x and y, and its standard deviations as sigma."
        )
    [(title, image)], sigma = images.items(), arrays.get("sigma")
    axes = pixel_axes(image.shape)
    for k, (name, size) in enumerate(zip("xy", image.shape[::-1], strict=True)):
        own = arrays.get(name)
        if own is not None and own.shape == (size,) and own.dtype.kind in "fiu":
            axes[k] = Field(name, "", as_numbers(own))
    offer = image_offer(
        str(path), as_numbers(image), axes, "array", Field(*split_unit(title), None)
    )
    if sigma is None:
        return offer
    if sigma.shape != image.shape or sigma.dtype.kind not in "fiu":
        raise DataError(
            f"`{path}` has an image of shape {image.shape} and sigma of shape "
            f"{sigma.shape} and type {sigma.dtype}; save a number for each pixel."
        )
    fields = (
        *offer.fields,
        Field("sigma", offer.fields[2].unit, as_numbers(sigma).ravel()),
    )
    return offer._replace(fields=fields)


def _check_sizes(path: Path, file: BinaryIO) -> None:
    """Refuse arrays that are said to be larger than what is stored of them."""
    stored = path.stat().st_size
    if file.read(6).startswith(ARCHIVE_MAGIC[1]):
        file.seek(0)
        _check_declared(file, stored)
        return
    with zipfile.ZipFile(file) as archive:
        members = archive.infolist()
        if len({member.filename for member in members}) < len(members):
            raise ValueError("two arrays have one name")
        size = sum(member.file_size for member in members)
        check_unpacked(size, stored, f"`{path}`")
        for member in members:
            if member.filename.endswith(".npy"):
                with archive.open(member) as stream:
                    _check_declared(stream, member.file_size)


def _check_declared(stream: IO[bytes], held: int) -> None:
    """Compare the shape in the header of an array with the bytes that there are."""
    shape, _, dtype, offset = npy_header(stream)
    size = 0 if dtype.hasobject else dtype.itemsize * math.prod(shape)
    if size + offset > held or any(n < 0 for n in shape):
        raise ValueError(f"an array of shape {shape} and type {dtype} is not whole")


def _member(archive: Mapping[str, Any], name: str) -> NDArray[Any] | None:
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
        return Field(label, unit, as_numbers(array))
    return Field(label, unit, None, problem, is_text=True)


def array_fields(array: NDArray[Any], called: str) -> tuple[Field, ...]:
    """Columns of a structured array, or of a 2-D array of two or three columns.

    An array with two or three rows and more columns than that is read row by row.
    Columns without imaginary parts in one of complex numbers are real.
    """
    if array.dtype.names:
        array = array.reshape(-1)

    def column(place: int | str, axis: int) -> NDArray[Any]:
        if isinstance(place, str):
            return as_numbers(array[place])
        values = as_numbers(array[place] if axis == 1 else array[:, place])
        is_real = values.dtype.kind == "c" and not values.imag.any()
        return np.ascontiguousarray(values.real) if is_real else values

    return table_fields(array.dtype, array.shape, called, column)


def table_fields(
    dtype: np.dtype[Any],
    shape: tuple[int, ...],
    called: str,
    column: Callable[[int | str, int], NDArray[Any] | LazyColumn],
) -> tuple[Field, ...]:
    """Columns of a table of this type and shape, by `column(place, axis)`.

    `place` is a field's name or a number; rows follow each other along `axis`.
    """
    if dtype.names:
        fields = []
        for name in dtype.names:
            kind = dtype[name]
            is_column = kind.kind in "fiuc" and not kind.shape
            values = column(name, 0) if is_column else None
            problem = f"{called} has column {name!r} of type {kind}, not numbers."
            problem = "" if is_column else problem
            fields.append(Field(*split_unit(name), values, problem, not is_column))
        return tuple(fields)
    if dtype.kind not in "fiuc":
        raise DataError(
            f"{called} has no numeric column, its type is {dtype}; save numbers."
        )
    if len(shape) != 2 or 1 in shape or 0 in shape:
        cure = ", or say x_start=... and x_step=... for y alone" * (len(shape) == 1)
        raise DataError(
            f"{called} has shape {shape}, but x and y are at least two columns; "
            f"save it with shape (n, 2), or (n, 3) with sigma{cure}."
        )
    axis = 1 if shape[0] <= 3 < shape[1] else 0
    return tuple(Field("", "", column(k, axis)) for k in range(shape[1 - axis]))


def as_numbers(values: NDArray[Any]) -> NDArray[Any]:
    """The values as contiguous float64 or complex128."""
    dtype = np.complex128 if values.dtype.kind == "c" else np.float64
    return np.ascontiguousarray(values, dtype=dtype)
