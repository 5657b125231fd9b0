"""Backgrounds that follow from the data alone, to be taken off before a fit.

Shirley's and Tougaard's are those of spectra of electrons; the other algorithms are
those of pybaselines, which is used here only.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from physfit.data.columns import column
from physfit.errors import (
    DomainError,
    InputError,
    ShapeError,
    check_known,
    pip_install,
)
from physfit.typing import Column, FloatArray

__all__ = ["UNIVERSAL_C", "background", "shirley_of"]

#: C of the universal cross section, in eV^2.
UNIVERSAL_C = 1643.0
#: Iterations of Shirley's background, and the change by which they end.
MOST_ROUNDS, UNCHANGED = 200, 1e-9
#: Samples whose mean is the value at an end.
ENDS = 5
#: What pybaselines has beside algorithms for one curve.
_OTHERS = frozenset({"collab_pls", "custom_bc", "optimize_extended_range"})


def background(x: Column, y: Column, method: str, **options: Any) -> FloatArray:
    """Background of a curve, from its data alone.

    Parameters
    ----------
    x, y : array_like, shape (n,)
        The curve, in any order; all finite.
    method : str
        "shirley" or "tougaard", or an algorithm of pybaselines, such as "snip",
        "arpls", "asls", "modpoly": see its documentation for all of them.
    **options
        Of "shirley" and "tougaard" `ends`, the number of samples whose mean is the
        value at an end (default 5); of "tougaard" `C` (default 1643, x in eV). Else
        what the algorithm takes, such as `lam` or `max_half_window`.

    Returns
    -------
    ndarray, shape (n,)
        To be subtracted from `y`. The errors of a fit to what is left do not know that
        it was: `pf.models.Shirley` and `Tougaard` are fitted with the peaks.

    Raises
    ------
    InputError
        When the method or an option is unknown, or pybaselines is not installed.
    ShapeError, DomainError
        When the columns are none of a curve, or have no such background.

    Examples
    --------
    >>> import numpy as np
    >>> import physfit as pf
    >>> x = np.linspace(0.0, 10.0, 101)
    >>> y = np.exp(-0.5 * (x - 5.0) ** 2) + 1.0 / (1.0 + np.exp(5.0 - x))
    >>> pf.background(x, y, "shirley")[[0, 50, 100]].round(2)
    array([0.01, 0.64, 0.99])
    """
    places, values = _curve(x, y)
    order = np.argsort(places, kind="stable")
    found = np.empty(len(values))
    make = _OWN.get(method) if isinstance(method, str) else None
    if make is not None:
        said = f"`{method}` takes"
        check_known(said, options, make.options, ", which is no option of it")
        with np.errstate(over="ignore", invalid="ignore"):  # what comes is checked
            found[order] = make.function(places[order], values[order], **options)
    else:
        found[order] = _by_pybaselines(places[order], values[order], method, options)
    if not np.isfinite(found).all():
        raise DomainError(
            f"`{method}` gives no numbers for this curve of {len(values)} samples, "
            f"whose y is {values.min():.3g} to {values.max():.3g}; take another method."
        )
    return found


def _curve(x: Column, y: Column) -> tuple[FloatArray, FloatArray]:
    places, values = column("x", x), column("y", y)
    if places.size != values.size or places.size < 4:
        raise ShapeError(
            f"a background takes 4 samples or more, as many x as y, but there are "
            f"{places.size} x and {values.size} y."
        )
    if not (np.isfinite(places).all() and np.isfinite(values).all()):
        raise DomainError("the curve has samples that are not finite; leave them out.")
    return places, values


def shirley_of(x: FloatArray, y: FloatArray, ends: int = ENDS) -> FloatArray:
    """Shirley background between both ends of a curve, x in growing order.

    Above the lower end it grows with the part of the peaks' area that x has passed.
    """
    low, high = _ends(y, ends)
    found: FloatArray = np.linspace(low, high, len(x))
    for _ in range(MOST_ROUNDS):
        areas = _integral(x, y - found)
        if not np.abs(areas[-1]) > 0.0:
            return found
        before = found
        found = low + (high - low) * areas / areas[-1]
        if np.abs(found - before).max() <= UNCHANGED * max(abs(low), abs(high)):
            return found
    raise DomainError(
        "the Shirley background does not settle: the curve has no peak above the line "
        "between its ends; choose a range of x that begins and ends beside the peaks."
    )


def _tougaard(
    x: FloatArray, y: FloatArray, ends: int = ENDS, C: float = UNIVERSAL_C
) -> FloatArray:
    """Tougaard background that is 0 at the lower end and meets the higher one."""
    low, high = _ends(y, ends)
    if high < low:
        return _tougaard(-x[::-1], y[::-1], ends, C)[::-1]
    if not C > 0.0:
        raise DomainError(f"`C` must be above 0, but is {C!r}.")
    above = y - low
    weights = np.gradient(x)
    losses = np.empty(len(x))
    for k in range(len(x)):  # row by row: a matrix of a long curve is too large
        loss = x[k] - x[: k + 1]
        section = loss / (C + loss**2) ** 2
        losses[k] = section @ (above[: k + 1] * weights[: k + 1])
    last = losses[-max(1, ends) :].mean()
    if not last > 0.0:
        raise DomainError(
            "the Tougaard background has no losses to scale: the curve lies below its "
            "end; choose another range of x."
        )
    found: FloatArray = low + losses * ((high - low) / last)
    return found


def _ends(y: FloatArray, ends: int) -> tuple[float, float]:
    if not (isinstance(ends, int) and 1 <= ends <= len(y) // 2):
        raise InputError(
            f"`ends` takes 1 to {len(y) // 2} of {len(y)} samples, not {ends!r}."
        )
    return float(y[:ends].mean()), float(y[-ends:].mean())


def _integral(x: FloatArray, y: FloatArray) -> FloatArray:
    found = np.zeros(len(x))
    np.cumsum(0.5 * (y[1:] + y[:-1]) * np.diff(x), out=found[1:])
    return found


class _Own(NamedTuple):
    function: Callable[..., FloatArray]
    options: tuple[str, ...]


_OWN: Mapping[str, _Own] = {
    "shirley": _Own(shirley_of, ("ends",)),
    "tougaard": _Own(_tougaard, ("ends", "C")),
}


def _by_pybaselines(
    x: FloatArray, y: FloatArray, method: str, options: Mapping[str, Any]
) -> FloatArray:
    """Baseline by an algorithm of pybaselines."""
    try:
        from pybaselines import Baseline
    except ImportError as error:
        raise InputError(
            f"`{method}` is an algorithm of pybaselines, which is not installed; run "
            f"{pip_install('baselines')}, or take {' or '.join(map(repr, _OWN))}."
        ) from error
    fitter = Baseline(x)
    public = [name for name in dir(Baseline) if not name.startswith("_")]
    known = {name for name in public if callable(getattr(Baseline, name))} - _OTHERS
    check_known("there is no background", [method], known | {*_OWN})
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = getattr(fitter, method)(y, **options)[0]
    except Exception as error:  # of what it calls, errors of any class come through
        reason = str(error).strip().rstrip(".")
        raise InputError(f"pybaselines refuses `{method}`: {reason}.") from error
    return np.asarray(found, dtype=np.float64)
