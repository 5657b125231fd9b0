"""Numbers of HDF5 data sets: what is none is refused, packed ones are unpacked.

netCDF stores `value = stored * scale_factor + add_offset`, and says which stored values
mean that there is none (`_FillValue`, `missing_value`); these become NaN.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, NamedTuple

import h5py
import numpy as np
from numpy.typing import NDArray

from physfit.data.files.limits import check_unpacked
from physfit.data.hdf5.complete import check_complete
from physfit.data.hdf5.linked_files import source_files
from physfit.data.hdf5.place import is_number
from physfit.errors import DataError

__all__ = ["Packing", "check_numbers", "check_size", "exact", "packing_of", "unpacked"]

#: Integers beyond are not all numbers of float64.
_LARGEST = 1 << 53


class Packing(NamedTuple):
    """How numbers were packed into those that are stored.

    Attributes
    ----------
    scale, offset : float
    missing : tuple of float
        Stored numbers that mean that there is none.
    """

    scale: float = 1.0
    offset: float = 0.0
    missing: tuple[float, ...] = ()

    def unpacked(self, stored: NDArray[Any]) -> NDArray[Any]:
        """The numbers that were packed, NaN where there are none."""
        values: NDArray[Any] = stored.astype(np.float64) * self.scale + self.offset
        for none in self.missing:
            values[stored == none] = np.nan
        return values

    def __str__(self) -> str:
        scaled = f"{self.scale:g} * stored + {self.offset:g}"
        return scaled if self[:2] != (1.0, 0.0) else f"{self.missing} left out"


def packing_of(node: h5py.Dataset) -> Packing | None:
    """How a data set is packed; None where stored numbers are the numbers.

    Raises
    ------
    DataError
        When an attribute that says so is no number.
    """
    if not node.attrs:
        return None
    for name in ("_Unsigned", "scaling_factor"):
        if name in node.attrs and not _changes_nothing(name, node.attrs[name]):
            raise DataError(
                f"`{node.file.filename}` has the attribute {name} at {node.name!r}, "
                "which says that its numbers are others than those that are stored; "
                "store them as they are meant."
            )
    scale = _attribute(node, "scale_factor", (1.0,))[0]
    offset = _attribute(node, "add_offset", (0.0,))[0]
    marks = (_attribute(node, name, ()) for name in ("_FillValue", "missing_value"))
    missing = {value for values in marks for value in values if not math.isnan(value)}
    packing = Packing(scale, offset, tuple(sorted(missing)))
    if packing == Packing():
        return None
    if node.dtype.kind == "c":
        raise DataError(
            f"`{node.file.filename}`, dataset {node.name!r}, is complex and packed "
            f"({packing}); store it unpacked."
        )
    return packing


def unpacked(node: h5py.Dataset, stored: NDArray[Any]) -> NDArray[Any]:
    """The numbers that stored ones of a data set mean."""
    packing = packing_of(node)
    return stored if packing is None else packing.unpacked(stored)


def _changes_nothing(name: str, value: Any) -> bool:
    if name == "_Unsigned":
        return str(value) in ("false", "b'false'")
    return is_number(value, 1.0)


def _attribute(
    node: h5py.Dataset, name: str, default: tuple[float, ...]
) -> tuple[float, ...]:
    """Numbers of an attribute."""
    if name not in node.attrs:
        return default
    value = np.asarray(node.attrs[name])
    if value.dtype.kind not in "fiu" or not value.size:
        raise DataError(
            f"`{node.file.filename}` has the attribute {name} = {value!r} at "
            f"{node.name!r}, which must be a number; correct or remove it."
        )
    return tuple(float(number) for number in value.ravel())


def check_numbers(
    node: h5py.Dataset,
    path: Path,
    role: str,
    kinds: str = "fiu",
    *,
    lines: tuple[int, int] | None = None,
) -> None:
    """Refuse a node that cannot be x, sigma, a mask or an axis.

    Parameters
    ----------
    node : h5py.Dataset
    path : Path
    role : str
        What it is to be, for messages.
    kinds : str
        Kinds of types that it may have.
    lines : (int, int), optional
        The range of its first axis that is read; all if left out.

    Raises
    ------
    DataError
        When it is a group, empty, of another type than `kinds`, or lacks a part.
    """
    start = f"`{path}`, {role} in {node.name!r},"
    if not isinstance(node, h5py.Dataset):
        raise DataError(f"{start} is a group; name a dataset of it.")
    if node.shape is None or 0 in node.shape:
        raise DataError(f"{start} is empty; name a dataset of numbers.")
    is_coded = h5py.check_enum_dtype(node.dtype) is not None and "b" not in kinds
    if node.dtype.kind not in kinds or is_coded:
        what = "an enumeration" if is_coded else f"of type {node.dtype}"
        wanted = "real numbers" if "b" not in kinds else "numbers or true and false"
        raise DataError(f"{start} is {what}, not {wanted}; name another dataset.")
    check_complete(node, path, lines=lines)


def check_size(node: h5py.Dataset, path: Path, n_values: int) -> None:
    """Refuse to read so many values at once where far fewer bytes are stored.

    Raises
    ------
    DataError
    """
    stored = int(node.id.get_storage_size())
    if node.is_virtual or node.external:
        others = source_files(path, node)
        stored = sum(file.stat().st_size for file in others if file.is_file())
        stored += path.stat().st_size
    chunk = math.prod(node.chunks or (1,))
    size = max(n_values, chunk) * node.dtype.itemsize
    check_unpacked(size, stored, f"`{path}`, dataset {node.name!r},")


def exact(values: NDArray[Any], name: str, *, is_axis: bool = False) -> NDArray[Any]:
    """The same integers, none of which float64 would round.

    The places on an axis of a map, which no fit reads, need only stay different ones:
    times in ns since 1970, a second apart.

    Raises
    ------
    DataError
    """
    is_long = values.dtype.kind in "iu" and values.dtype.itemsize == 8 and values.size
    if is_long and max(int(values.max()), -int(values.min())) > _LARGEST:
        if is_axis and len({*values.tolist()}) == len({*map(float, values.tolist())}):
            return values
        raise DataError(
            f"dataset {name!r} holds integers beyond 2^53, which float64 rounds; "
            "subtract an offset from them first."
        )
    return values
