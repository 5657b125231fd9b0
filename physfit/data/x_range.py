"""Which samples lie in a range of x; an end that is None has no limit."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from physfit.errors import InputError
from physfit.typing import FloatArray

__all__ = ["in_range", "is_outside", "range_text"]


def is_outside(
    x: FloatArray, low: float | None, high: float | None
) -> NDArray[np.bool_]:
    """Which samples lie outside of a range of x; its ends and NaN do not.

    Examples
    --------
    >>> is_outside(np.array([1.0, 2.0, np.nan, 3.0]), None, 2.0)
    array([False, False, False,  True])
    """
    least, most = _limits(low, high)
    outside: NDArray[np.bool_] = (x < least) | (x > most)
    return outside


def in_range(x: FloatArray, low: float | None, high: float | None) -> NDArray[np.bool_]:
    """Which samples lie in a range of x, its ends included; NaN stays.

    Raises
    ------
    InputError
        When none does.
    """
    keep = ~is_outside(x, low, high)
    if not keep.any():
        raise InputError(
            f"no sample lies in the range of x {range_text(low, high)}; x goes from "
            f"{np.nanmin(x):.6g} to {np.nanmax(x):.6g}."
        )
    return keep


def range_text(low: float | None, high: float | None) -> str:
    """A range in words.

    Examples
    --------
    >>> range_text(0.5, None)
    'from 0.5 to inf'
    """
    least, most = _limits(low, high)
    return f"from {least:.15g} to {most:.15g}"


def _limits(low: float | None, high: float | None) -> tuple[float, float]:
    return -math.inf if low is None else low, math.inf if high is None else high
