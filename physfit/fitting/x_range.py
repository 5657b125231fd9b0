"""The samples of a curve whose x lies in a range."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from physfit.data.columns import numbers
from physfit.data.x_range import is_outside, range_text
from physfit.errors import InputError, ShapeError
from physfit.models.model import Model
from physfit.result.rounding import ends
from physfit.settings.texts import Interval
from physfit.typing import FloatArray

__all__ = ["ALL", "within"]

#: The range of all x.
ALL: Interval = (None, None)


def within(
    model: Model, x: Any, y: Any, sigma: Any, x_range: Interval
) -> tuple[Any, Any, Any]:
    """Samples whose x lies in the range, its ends included; NaN in x stays.

    Nothing of the other samples is looked at, so that they may be anything.

    Raises
    ------
    InputError
        When a sample has not one coordinate, or none lies in the range.
    ShapeError
        When x and y differ in length.
    """
    places = numbers("x", x, False)
    if model.spins or places.ndim != 1:
        raise InputError(
            f"`x_range` is for samples of one coordinate, but `x` has shape "
            f"{places.shape}; leave samples out of `x` and `y` yourself."
        )
    keep = ~is_outside(places, *x_range)
    if keep.size and not keep.any():
        raise _nothing_left(places, x_range)
    kept_y = _kept("y", y, keep)
    is_one = sigma is None or np.ndim(sigma) == 0
    return _kept("x", x, keep), kept_y, sigma if is_one else _kept("sigma", sigma, keep)


def _nothing_left(x: FloatArray, x_range: Interval) -> InputError:
    least, largest = ends(float(np.min(x)), float(np.max(x)))
    return InputError(
        f"no sample lies in the range of x {range_text(*x_range)}; x goes from {least} "
        f"to {largest}."
    )


def _kept(name: str, values: Any, keep: NDArray[np.bool_]) -> NDArray[Any]:
    """Kept samples, masked ones still masked."""
    is_masked = isinstance(values, np.ma.MaskedArray)
    array = values if is_masked else numbers(name, values, True)
    if array.shape[-1:] != keep.shape:
        raise ShapeError(
            f"`{name}` has shape {array.shape}, but `x` has {keep.size} samples; pass "
            "one value per sample."
        )
    kept: NDArray[Any] = array[..., keep]
    return kept
