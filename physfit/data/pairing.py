"""Columns as a caller passes them, brought together: labels compared, units converted.

Samples are paired by place. Two columns whose index holds the same labels in another
order, or for other rows, were meant to be paired by label, and are refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations
from typing import Any

import numpy as np

from physfit.data.quantities import Plain, without_units
from physfit.errors import InputError

__all__ = ["paired"]

#: What has neither labels nor units, looked at first: most columns are of these types.
_PLAIN = frozenset((np.ndarray, float, int, type(None)))


def paired(
    x: Any,
    y: Any,
    sigma: Any,
    units: tuple[str, str] = ("", ""),
    names: tuple[str, str, str] = ("x", "y", "sigma"),
) -> Plain:
    """Columns that belong together, as numbers, and the units of x and y.

    Parameters
    ----------
    x, y, sigma
        Columns of any kind; `x` may be a tuple of several coordinates.
    units : pair of str
        Units of x and y that a caller asks for; empty for their own.
    names : tuple of str
        What the caller calls the columns.

    Raises
    ------
    InputError
        When columns share labels which stand at different places, a unit cannot be
        converted, or only `sigma` has one.
    """
    if type(x) in _PLAIN and type(y) in _PLAIN and type(sigma) in _PLAIN:
        return Plain(x, y, sigma, units)
    _check_labels(zip(names, (x, y, sigma), strict=True))
    _check_dimensions(names, x, y, sigma)
    return without_units(x, y, sigma, units)


def _check_dimensions(names: tuple[str, str, str], x: Any, y: Any, sigma: Any) -> None:
    """Refuse arrays of xarray with the same dimensions in another order.

    Samples run along the last one; of one number for each row `sigma` has fewer.
    """
    dims = _dimensions(y)
    for name, own in ((names[0], x), (names[2], sigma)):
        theirs = _dimensions(own)
        if name == names[2] and len(theirs) != len(dims):
            continue
        for place, dim in enumerate(reversed(theirs)):
            if dim in dims and dim != dims[len(dims) - 1 - place]:
                raise InputError(
                    f"`{name}` has dimensions {theirs} and `{names[1]}` has {dims}, "
                    f"but {dim!r} must stand at the same place from the end, samples "
                    "last; call .transpose(...) of one of them."
                )


def _dimensions(values: Any) -> tuple[Any, ...]:
    """Names of the dimensions of an array of xarray."""
    is_named = type(values).__module__.partition(".")[0] == "xarray"
    return tuple(values.dims) if is_named else ()


def _check_labels(columns: Iterable[tuple[str, Any]]) -> None:
    """Refuse columns that share labels which stand at different places."""
    labelled = [(name, own) for name, own in columns if _indexes(own)]
    for (one, first), (other, second) in combinations(labelled, 2):
        theirs = _indexes(second)
        for axis, index in _indexes(first).items():
            against = theirs.get(axis)
            if against is None or index.equals(against):
                continue
            if index.isin(against).any():
                raise InputError(_not_paired(one, index, other, against))


def _indexes(values: Any) -> dict[str, Any]:
    """Labels of the samples by the name of their axis."""
    library = type(values).__module__.partition(".")[0]
    if library == "pandas" and hasattr(values, "index"):
        return {"index": values.index}
    return dict(values.indexes) if library == "xarray" else {}


def _not_paired(one: str, index: Any, other: str, against: Any) -> str:
    n = min(len(index), len(against))
    at = next((i for i in range(n) if index[i] != against[i]), n)
    said = f"{len(index)} and {len(against)} labels"
    if at < n:
        said = f"{index[at]} and {against[at]} in place {at}"
    return (
        f"`{one}` and `{other}` share labels of their index, but not in the same order "
        f"({said}); select the same rows of both, or pass .to_numpy() of both to pair "
        "them by place."
    )
