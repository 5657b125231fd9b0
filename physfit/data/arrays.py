"""The samples of a fit, checked once, at the first call."""

from __future__ import annotations

from math import isfinite
from sys import float_info
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from physfit.data.columns import column, numbers
from physfit.data.record import Observations, alike
from physfit.errors import DomainError, InputError, ShapeError
from physfit.typing import Column, FloatArray, IntArray

__all__ = ["NanPolicy", "checked_policy", "samples"]

#: Types of most columns, which have no mask.
_MASKLESS = {np.ndarray, float, type(None)}
#: Least standard deviation whose inverse is a finite number.
SMALLEST_SIGMA = 1.0 / float_info.max

NanPolicy: TypeAlias = Literal["raise", "omit"]


def samples(
    x: Column,
    y: Column,
    sigma: Column | float | None = None,
    *,
    nan: NanPolicy = "raise",
    n_inputs: int = 1,
    n_outputs: int = 1,
) -> Observations:
    """Return the samples `(x, y, sigma)` as float64 rows, with every check made.

    Parameters
    ----------
    x : array_like
        Shape (n,), or (n_inputs, n) when `n_inputs > 1`.
    y : array_like
        Shape (n,) and real; for `n_outputs == 2` complex (n,) or real (2, n).
    sigma : float or array_like, optional
        Standard deviation of y, above 0: one for all, one per sample, or the shape of
        the result. Of complex data one holds for both parts unless it is complex: then
        its parts are those of y. (2,) and (2, n) are one for each part as well.
    nan : {"raise", "omit"}
        What happens to a row in which something is NaN or infinite. Masked points are
        always left out.
    n_inputs, n_outputs : int
        How many coordinates and how many real values one sample has.

    Returns
    -------
    Observations
        Without names. Rows are C-contiguous and may be views of the caller's arrays.

    Raises
    ------
    ShapeError
        When lengths differ or there is no sample.
    DomainError
        When a value is NaN or infinite under "raise", or sigma is not above 0.
    InputError
        When something is not a number, or y is complex and the model is not.

    Examples
    --------
    >>> samples([0, 1, 2], [0.5, float("nan"), 0.1], nan="omit").x
    array([[0., 2.]])
    """
    checked_policy(nan)
    x_rows = _x_rows(x, n_inputs)
    n = x_rows.shape[1]
    y_rows = _y_rows(y, n, n_outputs)
    sigma_rows = None if sigma is None else _sigma_rows(sigma, n, n_outputs)
    if n == 0:
        raise ShapeError("`x` and `y` are empty; pass at least one sample.")
    masked = _masked_rows((x, y, sigma), n)
    if masked is None and _is_finite(x_rows) and _is_finite(y_rows):
        if sigma_rows is None or isinstance(sigma, float):  # that is checked
            return Observations(x_rows, y_rows, sigma_rows)
        if _is_finite(sigma_rows):
            _check_positive(sigma_rows, None)
            return Observations(x_rows, y_rows, sigma_rows)
    named = {"x": x_rows, "y": y_rows}
    if sigma_rows is not None:
        named["sigma"] = sigma_rows
    return _select(named, masked, nan)


def checked_policy(nan: NanPolicy) -> NanPolicy:
    """What happens to rows that are not finite, after a look at its name."""
    if nan not in ("raise", "omit"):
        raise InputError(f"`nan` must be 'raise' or 'omit', not {nan!r}.")
    return nan


def _x_rows(x: Any, n_inputs: int) -> FloatArray:
    """Coordinates as (n_inputs, n)."""
    if n_inputs == 1:
        return column("x", x).reshape(1, -1)
    array = numbers("x", x, False)
    if array.ndim != 2 or array.shape[0] != n_inputs:
        hint = "pass `x.T`" if array.shape[1:] == (n_inputs,) else "stack the columns"
        raise ShapeError(
            f"`x` must have shape ({n_inputs}, n) because the model has {n_inputs} "
            f"inputs, but its shape is {array.shape}; {hint}."
        )
    return array


def _y_rows(y: Any, n: int, n_outputs: int) -> FloatArray:
    """Values as (n_outputs, n)."""
    if n_outputs == 1:
        array = numbers("y", y, True)
        if array.dtype.kind == "c":
            raise InputError(
                "`y` is complex, but the model has one real value per sample; pass "
                "`y.real`, `y.imag` or `abs(y)`, or use a complex model."
            )
        array = column("y", array).reshape(1, -1)
    else:
        array = _complex_rows(numbers("y", y, True))
    if array.shape[1] != n:
        raise ShapeError(
            f"`y` has {array.shape[1]} samples, but `x` has {n}; pass one value per "
            "sample."
        )
    return array


def _complex_rows(array: NDArray[Any]) -> FloatArray:
    """Real and imaginary parts as (2, n)."""
    if array.dtype.kind == "c" and array.ndim == 1:
        return np.stack([array.real, array.imag])
    if array.dtype.kind == "f" and array.ndim == 2 and array.shape[0] == 2:
        return array
    raise ShapeError(
        "`y` must be complex of shape (n,), or real of shape (2, n), because the model "
        f"is complex, but it is {array.dtype} of shape {array.shape}; pass "
        "`re + 1j * im`, or name two columns of a file as in --y re,im."
    )


def _sigma_rows(sigma: Any, n: int, n_outputs: int) -> FloatArray:
    """Return the standard deviations as (n_outputs, n)."""
    if isinstance(sigma, float):
        return alike((n_outputs, n), _one_sigma(sigma))
    array = numbers("sigma", sigma, n_outputs == 2)
    if array.dtype.kind == "c":
        array = np.stack([array.real, array.imag])
    shape = array.shape
    if shape == (n,) and n_outputs == 1:
        return array.reshape(1, -1)
    if shape == (n_outputs, n) and n_outputs > 1:
        return array
    if shape == ():
        return alike((n_outputs, n), _one_sigma(float(array)))
    if shape == (n,) and not (n == 2 and np.iscomplexobj(sigma)):
        return np.tile(array, (n_outputs, 1))
    if shape == (2,) == (n_outputs,):
        return np.stack([alike((n,), _one_sigma(float(own))) for own in array])
    shapes = f"({n},)" if n_outputs == 1 else f"({n},), (2,) or (2, {n})"
    raise ShapeError(
        f"`sigma` has shape {shape}, but there are {n} samples; pass one number for "
        f"all, or shape {shapes}."
    )


def _one_sigma(value: float) -> float:
    """Check a single standard deviation: its message needs no index."""
    if isfinite(value) and value >= SMALLEST_SIGMA:
        return value
    raise DomainError(
        f"`sigma` must be finite and {_above(value)}, but it is {value}; pass the "
        "standard deviation of y, or no sigma at all."
    )


def _masked_rows(columns: tuple[Any, ...], n: int) -> NDArray[np.bool_] | None:
    """Return True where any of the columns is masked; None when nothing is."""
    if _MASKLESS.issuperset(map(type, columns)):
        return None
    masks = [
        np.ma.getmaskarray(values).reshape(-1, n).any(axis=0)
        for values in columns
        if isinstance(values, np.ma.MaskedArray) and values.ndim
    ]
    masked = np.any(masks, axis=0) if masks else None
    return masked if masked is not None and masked.any() else None


def _is_finite(rows: FloatArray) -> bool:
    # a sum or dot product of the values warns on overflow; a look at bytes cannot
    return 0 not in np.isfinite(rows).tobytes()


def _check_positive(sigma: FloatArray, kept: IntArray | None) -> None:
    if np.count_nonzero(sigma >= SMALLEST_SIGMA) == sigma.size:
        return
    row, at = np.argwhere(~(sigma >= SMALLEST_SIGMA))[0]
    index = at if kept is None else kept[at]
    raise DomainError(
        f"`sigma` must be {_above(sigma[row, at])}, but sigma[{index}] = "
        f"{sigma[row, at]}; give that sample a standard deviation, or leave it out."
    )


def _above(value: float) -> str:
    """What a standard deviation must be that is not, in words."""
    return f"above {SMALLEST_SIGMA:.0e}" if value > 0.0 else "above 0"


def _select(
    named: dict[str, FloatArray], masked: NDArray[np.bool_] | None, nan: NanPolicy
) -> Observations:
    """Select the rows that are neither masked nor, under "omit", NaN or infinite."""
    n = named["x"].shape[1]
    keep = np.ones(n, dtype=np.bool_) if masked is None else ~masked
    if not keep.any():
        raise DomainError("Every sample is masked; leave at least one unmasked.")
    for name, rows in named.items():
        finite = np.isfinite(rows).all(axis=0)
        usable = keep & finite
        if not usable.any():
            raise DomainError(_no_value_left(name, bool((~finite).all())))
        if nan == "raise" and not np.array_equal(usable, keep):
            raise DomainError(_not_finite(name, rows, keep & ~finite))
        keep = usable
    kept = None if keep.all() else np.flatnonzero(keep).astype(np.int64)
    x, y = (np.ascontiguousarray(named[name][:, keep]) for name in ("x", "y"))
    sigma = named.get("sigma")
    if sigma is not None:
        sigma = np.ascontiguousarray(sigma[:, keep])
        _check_positive(sigma, kept)
    return Observations(x, y, sigma, n_left_out=n - x.shape[1])


def _no_value_left(name: str, alone: bool) -> str:
    if alone:
        return f"`{name}` holds no finite number, only NaN or inf; check the column."
    return (
        "No sample is complete: every one has NaN, inf or a masked value in some "
        "column; check which samples belong together."
    )


def _not_finite(name: str, rows: FloatArray, bad: NDArray[np.bool_]) -> str:
    index = int(np.flatnonzero(bad)[0])
    at = rows[:, index]
    value = at[~np.isfinite(at)][0]
    more = f" ({int(bad.sum())} such samples)" if bad.sum() > 1 else ""
    return (
        f"`{name}` must be finite, but {name}[{index}] = {value}{more}; correct the "
        "data, or leave such samples out with nan='omit' or --nan omit."
    )
