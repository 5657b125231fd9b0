"""The matrix of an HDF5 file: where it stands, its chunks, its rows as boxes."""

from __future__ import annotations

import math
import posixpath
from collections.abc import Iterator

import h5py
import numpy as np

from physfit.data.hdf5.nxdata import is_data, signal_of, title_of
from physfit.data.hdf5.packing import Packing
from physfit.data.hdf5.place import Place, nodes_below
from physfit.data.row_source import COUNTED
from physfit.data.units import PARTS, unit_factor
from physfit.errors import DataError
from physfit.typing import FloatArray

__all__ = ["boxes", "grain_of", "matrix_in", "middles", "note_of", "sigma_scale"]


def grain_of(y: h5py.Dataset) -> int:
    """Rows, counted along the map, that lie in one chunk wherever it is."""
    if y.chunks is None:
        return 1
    chunk, line = int(y.chunks[-2]), int(y.shape[-2])
    return chunk if y.ndim == 2 else math.gcd(chunk, line)


def matrix_in(place: Place) -> str:
    """Place of the matrix of a group: its signal, its dataset `y`, or the only one.

    Raises
    ------
    DataError
        When there are several, or none.
    """
    group = place.group
    signal = signal_of(group) if is_data(group) else None
    if signal is None and isinstance(group.get("y"), h5py.Dataset):
        signal = "y"
    if signal is not None:
        return posixpath.join(place.name, signal)
    within = _matrices(group)
    if len(within) == 1:
        return posixpath.join(place.name, *within)
    names = [f"{node.name} {node.shape}" for node in _matrices(place.root).values()]
    shown = ", ".join(names[:8]) + (", ..." if len(names) > 8 else "")
    raise DataError(
        f"`{place.path}` does not say where the rows are; it holds "
        f"{shown or 'no matrix of numbers'}: name one with dataset=... or --dataset."
    )


def _matrices(group: h5py.Group) -> dict[str, h5py.Dataset]:
    """Datasets of numbers with two axes or more, by their places in a group."""
    return {
        name: node
        for name, node in nodes_below(group).items()
        if isinstance(node, h5py.Dataset)
        and node.dtype.kind in "fiuc"
        and node.ndim >= 2
    }


def middles(values: FloatArray, size: int) -> FloatArray:
    """Points of an axis, the middles of its bins if it has their edges."""
    return values if len(values) == size else 0.5 * (values[1:] + values[:-1])


def sigma_scale(y: h5py.Dataset, sigma: h5py.Dataset) -> float:
    """What brings standard deviations to the unit of y.

    Raises
    ------
    DataError
        When they are in a unit of something else, or parts of y.
    """
    unit, to = title_of(sigma).unit, title_of(y).unit
    if unit == to or not unit:
        return 1.0
    factor = unit_factor(unit, to) if to else 1.0
    if factor is None or unit in PARTS:
        raise DataError(
            f"`{sigma.file.filename}` has sigma {sigma.name!r} in {unit!r}, but "
            f"y {y.name!r} in {to or 'no unit'!r}; store both in one unit, or give "
            "sigma='none' (--sigma none)."
        )
    return factor


def note_of(
    taken: dict[str, tuple[str, Packing]], sigma_factor: float, *, has_sigma: bool
) -> tuple[str, tuple[str, ...]]:
    """What datasets were taken for, and how their numbers are unpacked, in words."""
    words = [f"{role} = {name!r}" for role, (name, _) in sorted(taken.items())]
    words += [] if has_sigma else ["no sigma"]
    remarks = [
        f"{posixpath.basename(name)} is unpacked: {packing}"
        for name, packing in taken.values()
        if packing.changes
    ]
    if sigma_factor != 1.0:
        remarks.append(f"sigma is multiplied by {sigma_factor:g}, to the unit of y")
    remarks += [] if "x" in taken else [COUNTED]
    return ", ".join(words), tuple(remarks)


def boxes(shape: tuple[int, ...], start: int, stop: int) -> Iterator[tuple[slice, ...]]:
    """Boxes that the rows `start` to `stop` of a map make up, each as large as can be.

    Parameters
    ----------
    shape : tuple of int
        Of the map, whose last axis runs fastest.
    start, stop : int

    Examples
    --------
    >>> for box in boxes((4, 3), 2, 10):
    ...     print([(side.start, side.stop) for side in box])
    [(0, 1), (2, 3)]
    [(1, 3), (0, 3)]
    [(3, 4), (0, 1)]
    """
    while start < stop:
        place = [int(k) for k in np.unravel_index(start, shape)]
        axis, below = len(shape) - 1, 1  # `below` rows lie under one step of `axis`
        while axis > 0 and not place[axis] and below * shape[axis] <= stop - start:
            below *= shape[axis]
            axis -= 1
        steps = min((stop - start) // below, shape[axis] - place[axis])
        box = [slice(k, k + 1) for k in place]
        box[axis] = slice(place[axis], place[axis] + steps)
        box[axis + 1 :] = [slice(0, n) for n in shape[axis + 1 :]]
        yield tuple(box)
        start += steps * below
