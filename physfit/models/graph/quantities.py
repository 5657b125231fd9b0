"""Sizes of what a graph computes: ranges from the smallest to the largest plausible."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from physfit.typing import FloatArray

__all__ = ["ARITHMETIC", "AROUND_ONE", "Quantity", "combined", "of_column"]
__all__ += ["of_function", "quotient", "rooted", "spacing_of"]

#: Size of an argument of a function that changes over distances of about 1.
AROUND_ONE = (0.05, math.pi)
#: Size of the cosine of any angle.
OF_WAVE = (0.3, 1.0)
#: Share of the distances of samples that are smaller than the one that counts.
SMALL = 0.1
#: Operations whose sizes follow from those of their operands, see `combined`.
ARITHMETIC = ("add", "sub", "mul", "div", "neg", "abs", "sqrt", "pow", "select")
#: Functions that are small where their argument is.
_ODD = ("sin", "tan", "tanh", "atan", "asin", "sinh", "asinh", "expm1", "log1p", "erf")
_POSITIVE = ("exp", "cosh", "exp2", "expit", "erfc", "erfcx")
#: Functions that rise all the way, so that places of their arguments are places.
_RISING = {"log": np.log, "log10": np.log10, "log2": np.log2, "sqrt": np.sqrt}


class Quantity(NamedTuple):
    """Range of the absolute value of a step; of the value itself where it is known.

    Attributes
    ----------
    low, high : float
    place : tuple of float, optional
        Smallest and largest value.
    is_positive : bool
        Whether it is never below 0, wherever it lies.
    """

    low: float
    high: float
    place: tuple[float, float] | None = None
    is_positive: bool = False

    @staticmethod
    def between(low: float, high: float) -> Quantity:
        """Size of what lies between two values."""
        size = max(abs(low), abs(high))
        least = min(high - low, size) / 200.0
        if low * high > 0.0 or low == high:
            least = max(least, min(abs(low), abs(high)))
        return Quantity(least, size, (low, high), low > 0.0)


def of_column(column: FloatArray) -> Quantity:
    """Sizes of a coordinate: from the smallest distance to the largest value.

    Values that are all far from 0 are none of the smallest distance.
    """
    finite = column[np.isfinite(column)]
    if not finite.size:
        return Quantity(1.0, 1.0)
    low, high = float(finite.min()), float(finite.max())
    nearest = min(abs(low), abs(high)) if low * high > 0.0 else 0.0
    least = max(spacing_of(finite), nearest)
    return Quantity(least, max(abs(low), abs(high)), (low, high))


def spacing_of(column: FloatArray) -> float:
    """Distance of neighbours: the mean, or less where a tenth of them is nearer."""
    places = np.unique(column[np.isfinite(column)])
    if len(places) < 2:
        return 1.0
    mean = float(places[-1] - places[0]) / (len(places) - 1)
    nearest = float(np.quantile(np.diff(places), SMALL))
    return nearest if 0.0 < nearest < mean / 10.0 else mean


def of_function(name: str, parts: list[Quantity | None]) -> Quantity | None:
    """Size of a function whose arguments have sizes."""
    if None in parts:
        return None
    only = parts[0]
    if name in _RISING and only is not None and only.place is not None:
        return _risen(name, only.place)
    if name in ("sin", "cos") and (name == "cos" or _is_turn(parts[0])):
        return Quantity(*OF_WAVE)
    if name in _ODD and only is not None:
        return Quantity(min(only.low, 1.0), min(only.high, 1.0))
    return Quantity(AROUND_ONE[0], 1.0, None, name in _POSITIVE)


def _is_turn(angle: Quantity | None) -> bool:
    return angle is not None and angle.place == (0.0, 2.0 * math.pi)


def _risen(name: str, place: tuple[float, float]) -> Quantity:
    """Size of a rising function between two places."""
    with np.errstate(all="ignore"):
        low, high = (float(_RISING[name](end)) for end in place)
    if math.isfinite(low) and math.isfinite(high):
        return Quantity.between(low, high)
    return Quantity(AROUND_ONE[0], max(1.0, abs(high) if high == high else 1.0))


def combined(name: str, sizes: list[Quantity], operands: list[int]) -> Quantity:
    """Size of an operation of arithmetic on steps, from the sizes of these."""
    one, other = sizes[0], sizes[-1]
    if name == "neg":
        place = None if one.place is None else (-one.place[1], -one.place[0])
        return Quantity(one.low, one.high, place)
    if name == "abs":
        return Quantity(one.low, one.high, None, True)
    if name == "sqrt":
        if one.place is not None:
            return _risen(name, one.place)
        return Quantity(math.sqrt(one.low), math.sqrt(one.high), None, True)
    are_positive = one.is_positive and other.is_positive
    if name == "mul":
        return _product(one, other, operands[0] == operands[1])
    if name == "div":
        low, high = quotient((one.low, one.high), (other.low, other.high))
        return Quantity(low, high, None, are_positive)
    if name == "pow":
        power, is_square = min(other.high, 64.0), other.place == (2.0, 2.0)
        place = _squared(one.place) if is_square else None
        low, high = _power(one.low, power), _power(one.high, power)
        return Quantity(low, high, place, is_square or one.is_positive)
    if name in ("add", "sub") and one.place is not None and other.place is not None:
        low, high = other.place if name == "add" else (-other.place[1], -other.place[0])
        return Quantity.between(one.place[0] + low, one.place[1] + high)
    is_sum = name == "add" and are_positive
    least = max(one.low, other.low) if is_sum else min(one.low, other.low)
    return Quantity(least, max(one.high, other.high), None, is_sum)


def _product(one: Quantity, other: Quantity, is_square: bool) -> Quantity:
    place = None
    if is_square:
        place = _squared(one.place)
    elif one.place is not None and other.place is not None:
        ends = [a * b for a in one.place for b in other.place]
        place = (min(ends), max(ends))
    is_positive = is_square or (one.is_positive and other.is_positive)
    return Quantity(one.low * other.low, one.high * other.high, place, is_positive)


def _squared(place: tuple[float, float] | None) -> tuple[float, float] | None:
    """Range of the square of what lies in a range."""
    if place is None:
        return None
    ends = sorted(end * end for end in place)
    return (0.0 if place[0] < 0.0 < place[1] else ends[0], ends[1])


def quotient(size: tuple[float, float], by: tuple[float, float]) -> tuple[float, float]:
    """Sizes of a quotient: smallest by largest to largest by smallest."""
    low = size[0] / by[1] if by[1] > 0.0 else math.inf
    high = size[1] / by[0] if by[0] > 0.0 else math.inf
    return low, high


def rooted(size: tuple[float, float], power: float) -> tuple[float, float]:
    """Sizes of what has such a power."""
    return _power(size[0], 1.0 / power), _power(size[1], 1.0 / power)


def _power(base: float, exponent: float) -> float:
    try:
        return float(base**exponent)
    except OverflowError:
        return math.inf
