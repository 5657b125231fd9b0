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

from physfit.data.units import is_unit, unit_factor
from physfit.errors import InputError

__all__ = ["Plain", "check_plain_sigma", "headed", "in_unit", "without_units"]

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


class _Line(NamedTuple):
    """What numbers are multiplied by, and then added to, to be in another unit.

    Degrees of one scale and another differ by an offset, which standard deviations do
    not have.
    """

    offset: float
    factor: float


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
        When a unit cannot be converted, only `sigma` has one, or `sigma` has none
        beside a `y` that is converted.

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
    if unit is None and sigma is not None and own_unit is not None:
        _check_plain_sigma(own_unit, y_unit)
    if unit is not None:
        if own_unit is None or units[1]:
            own_unit = _Unit(None, y_unit) if y_unit else None
        sigma = _as_y(sigma, unit, own_unit)
    return Plain(x, y, sigma, (x_unit, y_unit))


def in_unit(name: str, values: Any, unit: str, wanted: str) -> tuple[Any, str]:
    """Numbers of a column in the unit that is wanted, if any, and which unit they have.

    Raises
    ------
    InputError
        When both units are known, but not how to convert.

    Examples
    --------
    >>> in_unit("x", np.array([2000.0]), "ms", "s"), in_unit("x", 2.0, "ms", "")
    ((array([2.]), 's'), (2.0, 'ms'))
    """
    return _converted(name, values, _Unit(None, unit) if unit else None, wanted)


def headed(
    x: Any, y: Any, sigma: Any, own: tuple[str, str], units: tuple[str, str]
) -> Plain:
    """Columns whose headings name their units, in the units that `units` says.

    Parameters
    ----------
    x, y : ndarray
    sigma : ndarray or None
        In the unit of y.
    own : pair of str
        Units of x and y as the headings have them.
    units : pair of str
        Those that a caller asks for; empty for their own.

    Raises
    ------
    InputError
        When both units are known, but not how to convert.

    Examples
    --------
    >>> time, volts = np.array([2000.0]), np.array([5.0])
    >>> headed(time, volts, None, ("ms", "V"), ("s", ""))[0:2]
    (array([2.]), array([5.]))
    """
    x, x_unit = in_unit("x", x, own[0], units[0])
    y, y_unit = in_unit("y", y, own[1], units[1])
    if sigma is not None and own[1] not in ("", y_unit):
        line = _line(_Unit(None, own[1]), _Unit(None, y_unit))
        sigma = sigma if line is None else sigma * line.factor
    return Plain(x, y, sigma, (x_unit, y_unit))


def check_plain_sigma(unit: str, wanted: str) -> None:
    """Refuse standard deviations without a unit where `y` changes its own."""
    if unit and wanted:
        _check_plain_sigma(_Unit(None, unit), wanted)


def _converted(
    name: str, values: Any, unit: _Unit | None, wanted: str
) -> tuple[Any, str]:
    """Numbers of a column in the unit that is asked for, or else in its own."""
    if unit is None:
        return values, wanted
    numbers = values if unit.own is None else _magnitudes(values)
    if not wanted or wanted == unit.text:
        return numbers, unit.text
    line = _line(unit, _Unit(None, wanted))
    if line is not None:
        return _on_line(numbers, line), wanted
    if unit.own is None and not (is_unit(unit.text) and is_unit(wanted)):
        return numbers, wanted  # words for what is counted
    raise InputError(
        f"`units` wants `{name}` in {wanted!r}, but it is in {unit.text!r}, which "
        "cannot be converted; leave the unit out, or convert the column yourself."
    )


def _on_line(numbers: Any, line: _Line) -> Any:
    """Numbers in another unit; the same ones where nothing changes."""
    if line == _Line(0.0, 1.0):
        return numbers
    scaled = numbers * line.factor
    return scaled + line.offset if line.offset else scaled


def _check_plain_sigma(unit: _Unit, y_unit: str) -> None:
    """Refuse standard deviations without a unit where `y` changes its own."""
    line = None if unit.text == y_unit else _line(unit, _Unit(None, y_unit))
    if line is not None and line.factor != 1.0:
        raise InputError(
            f"`units` wants `y` in {y_unit!r}, but it is in {unit.text!r} and `sigma` "
            "has no unit, so that it may be in either; pass `sigma` with its unit, or "
            "leave the unit of `y` out."
        )


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
    line = _line(unit, of_y)
    if line is None:
        raise InputError(
            f"`sigma` is in {unit.text or 'no unit'!r} and `y` in "
            f"{of_y.text or 'no unit'!r}, which cannot be converted; pass `sigma` in "
            "the unit of `y`."
        )
    differences = line._replace(offset=0.0)
    return _on_line(
        np.asanyarray(numbers) if np.ndim(numbers) else numbers, differences
    )


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


def _line(unit: _Unit, to: _Unit) -> _Line | None:
    """How numbers in a unit become those in another; None where that is not known.

    Logarithmic units are on no line.
    """
    if unit.own is not None:
        target = to.text if to.own is None else to.own
        with suppress(Exception):  # each library, and each parser, has its own errors
            zero, one, two = (_converted_by_library(c, unit.own, target) for c in "012")
            factor = two - one
            is_linear = np.isclose(one - zero, factor, rtol=1e-9, atol=0.0)
            return _Line(zero, factor) if is_linear and factor > 0.0 else None
    factor_of_words = unit_factor(unit.text, to.text)
    return None if factor_of_words is None else _Line(0.0, factor_of_words)


def _converted_by_library(digit: str, unit: Any, target: Any) -> float:
    """A number of units in other units."""
    registry = getattr(unit, "_REGISTRY", None)
    if registry is None:
        return float((float(digit) * unit).to_value(target))
    if str(unit).startswith("delta_"):  # pint's differences of temperatures
        target = f"delta_{target}"
    return float(registry.Quantity(float(digit), unit).m_as(target))
