"""Numbers of any shape from whatever a caller has: the conversion behind every column.

Lists, tuples, numpy and masked arrays, pandas Series, xarray DataArrays and everything
with `__array__` become contiguous float64, or complex128. Neither pandas nor xarray is
imported. Arrays of Python objects are taken if every object is a number (int, float,
Decimal, Fraction) or missing (None, pandas.NA). Strings, booleans, dates and other
objects are refused by name.
"""

from __future__ import annotations

from decimal import Decimal
from numbers import Complex, Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from physfit.errors import InputError, ShapeError
from physfit.typing import FloatArray

__all__ = ["column", "numbers"]

_FLOAT = np.dtype(np.float64)
_COMPLEX = np.dtype(np.complex128)


def numbers(name: str, values: Any, complex_allowed: bool) -> NDArray[Any]:
    """Aligned, contiguous float64 (or complex128) array of any dimension."""
    if type(values) is np.ndarray and values.dtype is _FLOAT:
        flags = values.flags
        if flags.c_contiguous and flags.aligned:
            return values
    array = _as_array(name, values)
    if array.dtype.kind == "O":
        array = _of_objects(name, array)
    kind = array.dtype.kind
    if kind not in ("fiuc" if complex_allowed else "fiu"):
        raise InputError(_not_real(name, array, values))
    with np.errstate(all="ignore"):  # a long double beyond float64 is inf, found below
        dtype = _COMPLEX if kind == "c" else _FLOAT
        return np.require(array, dtype, ["C", "A"])


def column(name: str, values: Any) -> FloatArray:
    """One-dimensional contiguous float64 array; masked points become NaN.

    Parameters
    ----------
    name : str
        What the argument is called, for the error messages.
    values : array_like
        A list, tuple, numpy array, pandas Series, xarray DataArray ... of numbers.

    Returns
    -------
    ndarray
        The values; the same array when nothing had to be converted.

    Raises
    ------
    InputError
        When the values are not numbers.
    ShapeError
        When they do not lie in one dimension.

    Examples
    --------
    >>> column("x", [1, 2, 3])
    array([1., 2., 3.])
    """
    array = numbers(name, values, False)
    if array.ndim == 1:
        return array
    if array.ndim == 0:
        raise ShapeError(
            f"`{name}` must be a list or array, but it is the single number "
            f"{array[()]}; pass one number per sample."
        )
    raise ShapeError(
        f"`{name}` must have one dimension, but its shape is {array.shape}; pass one "
        "row or column of it, or flatten it."
    )


def _as_array(name: str, values: Any) -> NDArray[Any]:
    """Return what `np.asarray` makes of `values`, missing values as NaN."""
    if isinstance(values, np.ma.MaskedArray):
        return _unmasked(values)
    try:
        array = np.asarray(values)
    except (TypeError, ValueError, RuntimeError) as error:
        if "inhomogeneous" in str(error):
            raise ShapeError(
                f"`{name}` must be one row of numbers, but its elements differ in "
                "length; pass one number per sample."
            ) from error
        raise InputError(
            f"`{name}` cannot be read as numbers ({error}); pass a list or array."
        ) from error
    kind = getattr(getattr(values, "dtype", None), "kind", "O")
    if array.dtype.kind == "O" and kind in "fiu" and hasattr(values, "to_numpy"):
        # pandas' nullable columns: pd.NA is no number for numpy
        return np.asarray(values.to_numpy(dtype=np.float64, na_value=np.nan))
    return array


def _of_objects(name: str, array: NDArray[Any]) -> NDArray[Any]:
    """Array of the numbers that Python objects are; itself if one is no number."""
    kinds = set(map(type, array.flat))
    if not all(map(_is_number_type, kinds)) or all(map(_is_missing, kinds)):
        return array
    is_complex = any(issubclass(k, Complex) and not issubclass(k, Real) for k in kinds)
    if any(map(_is_missing, kinds)):
        present = [np.nan if _is_missing(type(v)) else v for v in array.flat]
        array = np.array(present, dtype=object).reshape(array.shape)
    try:
        return array.astype(_COMPLEX if is_complex else _FLOAT)
    except OverflowError as error:
        raise InputError(
            f"`{name}` holds an integer beyond the range of floats; divide it by a "
            "power of ten."
        ) from error


def _is_missing(kind: type) -> bool:
    """Whether objects of this type say that a value is missing: None, pandas.NA."""
    return kind is type(None) or kind.__name__ == "NAType"


def _is_number_type(kind: type) -> bool:
    if issubclass(kind, bool | np.bool_):
        return False
    return issubclass(kind, Complex | Decimal) or _is_missing(kind)


def _unmasked(values: np.ma.MaskedArray[Any, Any]) -> NDArray[Any]:
    data = np.asarray(values.data)
    if data.dtype.kind == "O":
        data = np.where(np.ma.getmaskarray(values), np.nan, data)
        return _of_objects("values", data)
    if data.dtype.kind not in "fiuc":
        return data
    wide = data.astype(_COMPLEX if data.dtype.kind == "c" else _FLOAT)
    wide[np.ma.getmaskarray(values)] = np.nan
    return wide


def _not_real(name: str, array: NDArray[Any], values: Any) -> str:
    """Sentence for an array that does not hold the numbers asked for."""
    kind = array.dtype.kind
    if kind == "c":
        return (
            f"`{name}` must be real, but it is complex; pass its real part, imaginary "
            "part or absolute value."
        )
    if kind == "b":
        return (
            f"`{name}` must be numbers, but it is boolean; if it is a mask, use it to "
            "index the data, else convert it to float."
        )
    if kind in "mM":
        return (
            f"`{name}` must be numbers, but it holds dates or times ({array.dtype}); "
            "subtract the first and divide by a unit such as np.timedelta64(1, 's')."
        )
    if array.ndim == 0:
        return (
            f"`{name}` must be a list or array of numbers, but it is "
            f"{_short(values)}; pass one number per sample."
        )
    index, bad = _first_non_number(array)
    return (
        f"`{name}` must be numbers, but {name}[{index}] is {_short(bad)}; convert it "
        "to float, and use nan where a value is missing."
    )


def _first_non_number(array: NDArray[Any]) -> tuple[int, object]:
    for index, element in enumerate(array.flat):
        if not _is_number_type(type(element)):
            return index, str(element) if isinstance(element, str) else element
    return 0, array.flat[0] if array.size else array.dtype


def _short(value: object) -> str:
    text = repr(value)
    shown = text if len(text) <= 40 else text[:37] + "..."
    return f"{shown} ({type(value).__name__})"
