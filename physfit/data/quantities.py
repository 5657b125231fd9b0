"""Columns of numbers with units: of astropy, pint and unyt, and attributes of xarray.

None of these libraries is imported: a column is asked for its unit, and the library
that made it converts. Standard deviations become numbers in the unit of y, so that mV
beside V are no factor of 1000.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any, NamedTuple

import numpy as np

from physfit.data.units import unit_factor
from physfit.errors import InputError

__all__ = ["Plain", "without_units"]

#: What has no unit, looked at first: most columns are of these types.
_PLAIN = frozenset((np.ndarray, float, int, type(None), str))
_DIMENSIONLESS = ("dimensionless", "1")


class Plain(NamedTuple):
    """The numbers of columns, and the units of x and y, empty where there is none."""

    x: Any
    y: Any
    sigma: Any
    units: tuple[str, str]


class _Unit(NamedTuple):
    """A unit as a library has it, and in words; `own` is None where it is words."""

    own: Any
    text: str


def without_units(
    x: Any, y: Any, sigma: Any, units: tuple[str, str] = ("", "")
) -> Plain:
    """Columns as numbers in the units that `units` says, or else in their own.

    Parameters
    ----------
    x, y, sigma : array_like or quantity
        `x` may be a tuple of several coordinates.
    units : pair of str
        Units of x and y that a caller asks for; empty for their own.

    Raises
    ------
    InputError
        When a unit cannot be converted, or only `sigma` has one.

    Examples
    --------
    >>> without_units([1.0, 2.0], [3.0, 5.0], 0.1).sigma
    0.1
    """
    if isinstance(x, tuple):
        parts = [_converted("x", own, _unit_of("x", own), units[0]) for own in x]
        x, x_unit = tuple(part[0] for part in parts), parts[0][1] if parts else ""
    else:
        x, x_unit = _converted("x", x, _unit_of("x", x), units[0])
    own_unit, unit = _unit_of("y", y), _unit_of("sigma", sigma)
    y, y_unit = _converted("y", y, own_unit, units[1])
    if unit is not None:
        if own_unit is None or units[1]:
            own_unit = _Unit(None, y_unit) if y_unit else None
        sigma = _as_y(sigma, unit, own_unit)
    return Plain(x, y, sigma, (x_unit, y_unit))


def _converted(
    name: str, values: Any, unit: _Unit | None, wanted: str
) -> tuple[Any, str]:
    """Numbers of a column in the unit that is asked for, or else in its own."""
    if unit is None or unit.own is None:  # the words of an attribute name the unit
        return values, wanted or ("" if unit is None else unit.text)
    if not wanted or wanted == unit.text:
        return _magnitudes(values), unit.text
    factor = _factor(unit, _Unit(None, wanted))
    if factor is None:
        raise InputError(
            f"`units` wants `{name}` in {wanted!r}, but it is in {unit.text!r}, which "
            "cannot be converted; leave the unit out, or convert the column yourself."
        )
    return _magnitudes(values) * factor, wanted


def _as_y(sigma: Any, unit: _Unit, of_y: _Unit | None) -> Any:
    """Standard deviations in the unit of y."""
    numbers = sigma if unit.own is None else _magnitudes(sigma)
    if of_y is None:
        if unit.own is None or not unit.text:
            return numbers
        raise InputError(
            f"`sigma` is in {unit.text!r}, but `y` has no unit; pass `y` with its unit "
            "or say units=(..., ...), or pass `sigma` as numbers in the unit of `y`."
        )
    if unit.text == of_y.text:
        return numbers
    factor = _factor(unit, of_y)
    if factor is None:
        raise InputError(
            f"`sigma` is in {unit.text or 'no unit'!r} and `y` in "
            f"{of_y.text or 'no unit'!r}, which cannot be converted; pass `sigma` in "
            "the unit of `y`."
        )
    return np.asanyarray(numbers) * factor if np.ndim(numbers) else numbers * factor


def _unit_of(name: str, values: Any) -> _Unit | None:
    """The unit of a column, None if it has none."""
    if type(values) in _PLAIN:
        return None
    if isinstance(values, list | tuple):
        first = values[0] if len(values) else None
        if _library_unit(first) is None:
            return None
        raise InputError(
            f"`{name}` is a list of quantities; pass one array with a unit, such as "
            "[1, 2, 3] * unit."
        )
    own = _library_unit(_held(values))
    if own is not None:
        return _Unit(own, _text_of(own))
    attributes = getattr(values, "attrs", None)
    if isinstance(attributes, Mapping) and attributes.get("units"):
        return _Unit(None, str(attributes["units"]))
    return None


def _held(values: Any) -> Any:
    """The quantity inside of a column of xarray or pandas; else the column itself."""
    if not isinstance(getattr(values, "attrs", None), Mapping):
        return values
    inner = getattr(values, "data", None)  # xarray, and what it wraps
    if inner is not None and _library_unit(inner) is not None:
        return inner
    inner = getattr(getattr(values, "array", None), "quantity", None)  # pandas
    return values if inner is None else inner


def _library_unit(values: Any) -> Any:
    """Unit of a quantity as its library has it; None for anything else."""
    if type(values) in _PLAIN or isinstance(getattr(values, "attrs", None), Mapping):
        return None
    for name in ("unit", "units"):
        unit = getattr(values, name, None)
        if unit is not None and not callable(getattr(values, "iloc", None)):
            return unit
    return None


def _text_of(unit: Any) -> str:
    """A unit in words, with its symbols."""
    text = f"{unit:~}" if hasattr(unit, "_REGISTRY") else str(unit)
    text = text.replace(" / ", "/").replace(" * ", "*").replace("**", "^")
    text = text.replace("deg_C", "°C")
    return "" if text in _DIMENSIONLESS else text


def _magnitudes(values: Any) -> Any:
    """The numbers of a quantity, masked ones still masked."""
    values = _held(values)
    if hasattr(values, "unmasked"):  # astropy's masked quantities
        return np.ma.array(np.asarray(values.unmasked.value), mask=values.mask)
    for name in ("magnitude", "value", "data"):
        numbers = getattr(values, name, None)
        if numbers is not None and not callable(numbers):
            return float(numbers) if np.ndim(numbers) == 0 else numbers
    return np.asarray(values)


def _factor(unit: _Unit, to: _Unit) -> float | None:
    """By what numbers in a unit are multiplied; None where that is not known.

    Degrees of one scale and another differ by an offset, which a standard deviation
    does not have; logarithmic units have no factor.
    """
    if unit.own is not None:
        target = to.text if to.own is None else to.own
        with suppress(Exception):  # each library, and each parser, has its own errors
            zero, one, two = (_converted_by_library(c, unit.own, target) for c in "012")
            factor = two - one
            is_linear = np.isclose(one - zero, factor, rtol=1e-9, atol=0.0)
            return factor if is_linear and factor > 0.0 else None
    return unit_factor(unit.text, to.text)


def _converted_by_library(digit: str, unit: Any, target: Any) -> float:
    """A number of units in other units."""
    registry = getattr(unit, "_REGISTRY", None)
    if registry is None:
        return float((float(digit) * unit).to_value(target))
    if str(unit).startswith("delta_"):  # pint's differences of temperatures
        target = f"delta_{target}"
    return float(registry.Quantity(float(digit), unit).m_as(target))
