"""Derivatives of a graph compared with differences of its function."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Place", "compare_slopes"]

Array = NDArray[np.float64]

#: Widths of differences, relative to the parameters.
WIDE, NARROW = 4e-4, 1e-4
#: Agreement beyond the errors of the differences, relative to the largest.
TOLERANCE = 1e-6
#: What a value of the function may be off by rounding, relative to the largest.
ROUNDING = 1e-14


class Place(NamedTuple):
    """A function near a point: `function(point)` is `values`, None where it fails."""

    function: Callable[[Array], Array | None]
    point: Array
    values: Array


class _Difference(NamedTuple):
    """Central difference, what both sides are apart, and what rounding makes of it."""

    slope: Array
    apart: Array
    rounding: float


def compare_slopes(
    place: Place, slopes: Sequence[Any], *, one_by_one: bool
) -> int | None:
    """Which derivative is not that of the function: its number, -1 for any, or None.

    Parameters
    ----------
    place : Place
    slopes : sequence of array_like
        By each parameter.
    one_by_one : bool
        Whether parameters are moved one after the other, or all at once.
    """
    scales = np.maximum(np.abs(place.point), 1e-3)
    rows = np.eye(scales.size)
    if not one_by_one:
        rows = np.cos(np.arange(1.0, scales.size + 1.0))[None, :]
    for number, row in enumerate(rows):
        along = sum(
            (
                weight * np.asarray(slope)
                for weight, slope in zip(row * scales, slopes, strict=True)
            ),
            np.zeros(1),
        )
        if not _agrees(place, row * scales, along):
            return number if one_by_one else -1
    return None


def _agrees(place: Place, direction: Array, slope: Array) -> bool:
    """Whether a derivative is that of differences, whose own error two widths give.

    Not at a kink: there what differences on both sides are apart does not shrink with
    their width.
    """
    wide, narrow = (_difference(place, direction, width) for width in (WIDE, NARROW))
    if wide is None or narrow is None:
        return True
    ratio = (WIDE / NARROW) ** 2
    better = (ratio * narrow.slope - wide.slope) / (ratio - 1.0)
    error = np.abs(narrow.slope - wide.slope) + narrow.rounding
    is_kink = np.abs(narrow.apart) > 0.5 * np.abs(wide.apart) + narrow.rounding
    good = np.isfinite(better) & np.isfinite(error) & ~is_kink
    if not good.any():
        return True
    scale = np.abs(better[good]).max()
    apart = np.abs(slope - better) - error
    return bool(np.all((apart <= TOLERANCE * scale) | ~good))


def _difference(place: Place, direction: Array, width: float) -> _Difference | None:
    step = width * direction
    ahead, behind = (place.function(place.point + sign * step) for sign in (1.0, -1.0))
    if ahead is None or behind is None:
        return None
    if not ahead.shape == behind.shape == place.values.shape:
        return None
    finite = np.abs(ahead[np.isfinite(ahead)])
    rounding = ROUNDING * finite.max(initial=0.0) / width
    apart = (ahead - 2.0 * place.values + behind) / width
    return _Difference((ahead - behind) / (2.0 * width), apart, float(rounding))
