"""Axes of the map that rows in memory make up: as a caller gives them, or xarray has.

xarray is not imported: an array of it is known by its module.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from physfit.data.columns import numbers
from physfit.data.headings import split_unit
from physfit.data.quantities import without_units
from physfit.data.row_data import Axis, numbered_axes
from physfit.errors import InputError, ShapeError

__all__ = ["axes_given", "axes_of", "coordinate_of", "is_labelled", "is_names"]


def is_labelled(values: Any) -> bool:
    """Whether an array of xarray knows its axes by name."""
    library = type(values).__module__.partition(".")[0]
    return library == "xarray" and hasattr(values, "dims") and hasattr(values, "coords")


def axes_of(values: Any, shape: tuple[int, ...]) -> tuple[Axis, ...]:
    """Axes of the map of some data: those of xarray, or numbers.

    A date becomes seconds from the first one; an axis of words is numbered.

    Parameters
    ----------
    values : array_like
        The data, whose first axes are those of the map.
    shape : tuple of int
        Of the map.
    """
    numbered = numbered_axes(shape)
    if not is_labelled(values):
        return numbered
    return tuple(
        coordinate_of(values, str(dim)) or Axis(str(dim), own.values)
        for dim, own in zip(values.dims[: len(shape)], numbered, strict=True)
    )


def coordinate_of(values: Any, dim: str) -> Axis | None:
    """Coordinate of an axis of an array of xarray; None where it has no numbers."""
    if dim not in values.coords or values.coords[dim].ndim != 1:
        return None
    coordinate = values.coords[dim]
    places, unit = np.asarray(coordinate), str(coordinate.attrs.get("units", ""))
    if places.dtype.kind == "M":
        places, unit = (places - places[0]) / np.timedelta64(1, "s"), "s"
    elif places.dtype.kind == "m":
        places, unit = places / np.timedelta64(1, "s"), "s"
    if places.dtype.kind not in "fiu":
        return None
    return Axis(dim, places.astype(np.float64), unit)


def is_names(given: Any) -> bool:
    """Whether axes are named as datasets of a file are."""
    is_list = isinstance(given, list | tuple)
    return isinstance(given, str) or (
        is_list and all(type(own) is str for own in given)
    )


def axes_given(given: Any, shape: tuple[int, ...]) -> tuple[Axis, ...]:
    """Axes of a map as a caller gives them: positions, or these by name.

    Raises
    ------
    InputError, ShapeError
        When there is another number of axes, or of positions.
    """
    names: list[str] = [axis.name for axis in numbered_axes(shape)]
    if isinstance(given, Mapping):
        names, given = [str(name) for name in given], list(given.values())
    if isinstance(given, str) or not hasattr(given, "__len__"):
        raise InputError(
            "`map_axes` must be positions along each axis of the map, slowest first, "
            f"or a dict of them by name, but is {given!r}."
        )
    if len(given) != len(shape):
        raise ShapeError(
            f"`map_axes` has {len(given)} axes, but the map has {len(shape)}, of shape "
            f"{shape}; give positions for each, slowest first."
        )
    return tuple(map(_axis, names, given, shape))


def _axis(name: str, values: Any, size: int) -> Axis:
    """One axis; a unit may stand in its name, or be that of a quantity."""
    if isinstance(values, Axis):
        name, values, unit = values
    else:
        title = getattr(values, "name", None)  # of pandas and xarray
        name, unit = split_unit(str(title) if isinstance(title, str) else name)
        plain = without_units(values, 0.0, None, (unit, ""))
        values, unit = plain.x, plain.units[0]
    places = numbers("map_axes", values, False)
    if places.shape != (size,):
        raise ShapeError(
            f"`map_axes` has an axis {name!r} of shape {places.shape}, but there the "
            f"map has {size} rows; give one position for each."
        )
    if not np.isfinite(places).all():
        raise InputError(
            f"`map_axes` has positions along {name!r} that are not finite; give one "
            "number for each row."
        )
    return Axis(name, places, unit)
