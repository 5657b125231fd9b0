"""Packed numbers: what the attributes of a data set, and its neighbours, say of it.

netCDF stores `value = stored * scale_factor + add_offset`, and says which stored values
mean that there is none: `_FillValue`, `missing_value`, and all outside of `valid_min`,
`valid_max` or `valid_range`. `_Unsigned` says that signed integers are meant as
unsigned ones [1]_. NeXus has `value = (stored + offset) * scaling_factor`, by
attributes or by data sets `FIELD_scaling_factor` and `FIELD_offset` beside FIELD;
without FIELD they are those of the signal [2]_. What is missing becomes NaN.

References
----------
.. [1] NetCDF Users Guide, appendix A: attribute conventions.
.. [2] NeXus definitions, base class NXdata: FIELDNAME_scaling_factor, FIELDNAME_offset.
"""

from __future__ import annotations

import math
import posixpath
from collections.abc import Iterator
from typing import Any, NamedTuple

import h5py
import numpy as np
from numpy.typing import NDArray

from physfit.data.hdf5.nxdata import is_data, signal_of, text_of
from physfit.errors import DataError

__all__ = ["Packing", "check_errors", "packing_of", "refuse_packed_fields"]

#: Factor and offset, as each convention calls them.
_NETCDF, _NEXUS = ("scale_factor", "add_offset"), ("scaling_factor", "offset")
_MARKS = ("_FillValue", "missing_value")
_LIMITS = ("valid_min", "valid_max", "valid_range")
_ALL = (*_NETCDF, *_NEXUS, *_MARKS, *_LIMITS, "_Unsigned")


class Packing(NamedTuple):
    """How numbers were packed into those that are stored; without values, not at all.

    Attributes
    ----------
    scale, offset : float
    missing : tuple of int or float
        Stored numbers that mean that there is none.
    low, high : float
        Ends of the range of unpacked numbers that are valid.
    unsigned : str
        Type as which stored integers are meant; empty for their own.
    """

    scale: float = 1.0
    offset: float = 0.0
    missing: tuple[int | float, ...] = ()
    low: float = -math.inf
    high: float = math.inf
    unsigned: str = ""

    @property
    def changes(self) -> bool:
        """Whether the numbers are others than those that are stored."""
        return self != Packing()

    @property
    def is_scaled(self) -> bool:
        """Whether there is a factor or an offset."""
        return self[:2] != (1.0, 0.0)

    @np.errstate(all="ignore")
    def unpacked(self, stored: NDArray[Any]) -> NDArray[Any]:
        """The numbers that were packed, NaN where there are none."""
        if not self.changes:
            return stored
        if self.unsigned:
            stored = stored.astype(self.unsigned)
        values: NDArray[Any] = stored.astype(np.float64)
        if self.is_scaled:
            values = values * self.scale + self.offset
        if (self.low, self.high) != (-math.inf, math.inf):
            values[(values < self.low) | (values > self.high)] = np.nan
        for none in self.missing:
            values[stored == none] = np.nan
        return values

    def __str__(self) -> str:
        parts = []
        if self.is_scaled:
            parts.append(f"{self.scale:g} * stored + {self.offset:g}")
        if self.unsigned:
            parts.append(f"read as {self.unsigned}")
        if self.missing:
            parts.append(f"none where {', '.join(map(_short, self.missing))} is stored")
        if (self.low, self.high) != (-math.inf, math.inf):
            parts.append(f"none outside of {self.low:g} to {self.high:g}")
        return ", ".join(parts)


def packing_of(node: h5py.Dataset) -> Packing:
    """How a data set is packed.

    Raises
    ------
    DataError
        When what says so is no number, or contradicts itself.
    """
    scales = [*_scales(node)]
    if len({own for _, own in scales}) > 1:
        (one, _), (other, _), *_ = scales
        raise _error(node, f"has {one} beside {other}, which contradict each other")
    scale, offset = scales[0][1] if scales else (1.0, 0.0)
    if not node.attrs and not scales:
        return Packing()
    unsigned = _unsigned(node)
    stored = np.dtype(unsigned or node.dtype)
    marks = {own for name in _MARKS for own in _marks(node, name, stored)}
    packing = Packing(scale, offset, tuple(sorted(marks)), unsigned=unsigned)
    low, high = _limits(node, packing)
    packing = packing._replace(low=low, high=high)
    if packing.changes and node.dtype.kind == "c":
        raise _error(node, f"is complex and packed ({packing})", "store it unpacked")
    return packing


def refuse_packed_fields(node: h5py.Dataset) -> None:
    """Refuse a table whose attributes say that numbers of some column are packed.

    Raises
    ------
    DataError
    """
    said = [f"the attribute {name}" for name in _ALL if name in node.attrs]
    said += [what for what, _ in _scales(node)]
    if said:
        raise _error(
            node,
            f"has {said[0]}, which does not say of which of its columns",
            "store their numbers as they are meant",
        )


def check_errors(y: h5py.Dataset, sigma: h5py.Dataset) -> None:
    """Refuse standard deviations that may be in the units of what is stored.

    Raises
    ------
    DataError
        When they are integers as they are, beside scaled integers.
    """
    packing = packing_of(y)
    if packing.scale == 1.0 or sigma.dtype.kind not in "iu":
        return
    is_said = {*_NETCDF, *_NEXUS} & {*sigma.attrs}
    if not is_said and not packing_of(sigma).is_scaled:
        raise _error(
            sigma,
            f"is integers without a factor of their own, but {y.name!r} is {packing}",
            "give it scale_factor (1 if there is none), or name another sigma",
        )


def _scales(node: h5py.Dataset) -> Iterator[tuple[str, tuple[float, float]]]:
    """Factors and offsets that change something, and what says so."""
    name = posixpath.basename(node.name)
    group = node.parent
    is_nexus = "NX_class" in group.attrs or is_data(group)
    for factor, offset in (_NETCDF, _NEXUS):
        held = {key: node.attrs[key] for key in (factor, offset) if key in node.attrs}
        if "vector" in node.attrs and offset == "offset":
            held.pop(offset, None)  # of an NXtransformations axis: a place in space
        for what, scale in _scale(node, "the attribute ", (factor, offset), held):
            _check_nexus(node, what, is_nexus or offset != "offset" or factor in held)
            yield what, scale
    names = [(f"{name}_scaling_factor", f"{name}_offset")]
    if is_nexus and signal_of(group) in (None, name):
        names.append(_NEXUS)
    for pair in names:
        nodes = {key: group.get(key) for key in pair}
        held = {
            key: own[()]
            for key, own in nodes.items()
            if isinstance(own, h5py.Dataset) and own.size == 1
        }
        for what, scale in _scale(node, "the dataset ", pair, held):
            _check_nexus(node, f"{what} beside it", is_nexus or pair[0] in held)
            yield what, scale


def _check_nexus(node: h5py.Dataset, what: str, is_nexus: bool) -> None:
    """Refuse an offset alone outside of NeXus, which may mean anything."""
    if not is_nexus:
        raise _error(
            node,
            f"has {what}, which NeXus would add to it, but is not in a group of NeXus",
            "rename that one, or store the numbers as they are meant",
        )


def _scale(
    node: h5py.Dataset, what: str, pair: tuple[str, str], held: dict[str, Any]
) -> Iterator[tuple[str, tuple[float, float]]]:
    """Factor and offset, if they are there and change something."""
    scale, offset = (
        _number(node, what, key, held[key]) if key in held else neutral
        for key, neutral in zip(pair, (1.0, 0.0), strict=True)
    )
    if scale == 0.0:
        raise _error(node, f"has {what}{pair[0]} = 0, which leaves nothing")
    if (scale, offset) == (1.0, 0.0):
        return
    if pair != _NETCDF:
        offset *= scale  # NeXus adds it first
    yield f"{what}{next(key for key in pair if key in held)}", (scale, offset)


def _number(node: h5py.Dataset, what: str, name: str, value: Any) -> float:
    """One finite number."""
    held = np.asarray(value)
    if held.dtype.kind not in "fiu" or held.size != 1 or not np.isfinite(held).all():
        raise _error(node, f"has {what}{name} = {value!r}, which must be a number")
    return float(held.item())


def _numbers(node: h5py.Dataset, name: str) -> NDArray[Any]:
    """Numbers of an attribute, none if it is not there."""
    if name not in node.attrs:
        return np.empty(0)
    held = np.asarray(node.attrs[name])
    if held.dtype.kind not in "fiu" or not held.size:
        what = f"has the attribute {name} = {node.attrs[name]!r}, which must be a"
        raise _error(node, f"{what} number")
    return held.ravel()


def _marks(
    node: h5py.Dataset, name: str, stored: np.dtype[Any]
) -> Iterator[int | float]:
    """Stored numbers that mean that there is none."""
    for value in _numbers(node, name).tolist():
        if stored.kind in "iu":
            limits, size = np.iinfo(stored), 1 << (8 * stored.itemsize)
            if stored.kind == "u" and -size // 2 <= value < 0:
                value += size  # written as signed
            if value != value or not limits.min <= value <= limits.max or value % 1:
                raise _error(
                    node, f"has {name} = {value}, which is none of its type {stored}"
                )
            yield int(value)
        elif value == value:
            yield value


@np.errstate(all="ignore")
def _limits(node: h5py.Dataset, packing: Packing) -> tuple[float, float]:
    """Ends of what is valid, unpacked; given in the type of what is stored, or not."""
    low, high = -math.inf, math.inf
    for name, place in (("valid_min", 0), ("valid_max", 1), ("valid_range", 2)):
        held = _numbers(node, name)
        if not held.size:
            continue
        if held.size != (2 if place == 2 else 1):
            raise _error(node, f"has {name} with {held.size} numbers")
        is_unpacked = held.dtype.kind == "f" and node.dtype.kind in "iu"
        if packing.unsigned and not is_unpacked:
            held = held.astype(node.dtype).astype(packing.unsigned)
        ends = held.astype(np.float64)
        if not is_unpacked:
            ends = ends * packing.scale + packing.offset
        least, most = (ends[0], ends[-1])
        if not is_unpacked and packing.scale < 0.0:
            least, most = (most, least)
            place = (1, 0, 2)[place]
        low = max(low, float(least)) if place != 1 else low
        high = min(high, float(most)) if place != 0 else high
    if low > high:
        raise _error(node, f"has valid numbers from {low:g} to {high:g} only")
    return low, high


def _unsigned(node: h5py.Dataset) -> str:
    """Type as which signed integers are meant, or nothing."""
    value = node.attrs.get("_Unsigned", "false")
    text = text_of(value).lower()
    if text not in ("true", "false"):
        raise _error(node, f"has the attribute _Unsigned = {value!r}", "say true")
    if text == "false" or node.dtype.kind != "i":
        return ""
    return f"u{node.dtype.itemsize}"


def _short(value: int | float) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _error(
    node: h5py.Dataset, what: str, cure: str = "correct or remove it"
) -> DataError:
    return DataError(f"`{node.file.filename}`, dataset {node.name!r}, {what}; {cure}.")
