"""What a caller passes to `fit_many`, checked and brought into rows."""

from __future__ import annotations

from os import PathLike
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from physfit.data.map_axes import coordinate_of, is_labelled
from physfit.data.row_data import RowData, both_parts, float_type
from physfit.data.x_range import in_range
from physfit.errors import DomainError, InputError, ShapeError
from physfit.models.loss import Loss
from physfit.models.model import Model
from physfit.solve.row_words import check_kind
from physfit.typing import FloatArray

__all__ = ["Named", "checked_rows", "even_rows", "names_of", "placed", "refuse_spins"]
__all__ += ["shaped_sigma", "within"]


def checked_rows(
    model: Model, loss: Loss, x: Any, y: Any, sigma: Any = None, mask: Any = None
) -> tuple[RowData, tuple[int, ...]]:
    """Rows of arrays, and the shape of the map that they make up.

    Parameters
    ----------
    model : Model
    loss : Loss
    x : array_like
        In the shape of a sample axis, (n_points,), shared by all rows; for models of
        several coordinates (n_inputs, ...). In the shape of `y` (n_inputs in front of
        the sample axis) when each row has its own.
    y : array_like
        Shape (..., n_points): the map, then the samples of a row.
    sigma, mask : array_like, optional
        One number, one per sample, one per row (with a last axis of length 1), or in
        the shape of `y`. A complex sigma has those of both parts of complex data.

    Raises
    ------
    InputError, ShapeError, DomainError
        With a sentence that names what does not fit.
    """
    refuse_spins(model)
    values, hidden = _array("y", y, complex_allowed=True)
    places, _ = _array("x", x)
    sample_shape = _sample_shape(model, places, values)
    shape = values.shape[: values.ndim - len(sample_shape)]
    n_points, n_rows = int(np.prod(sample_shape)), int(np.prod(shape))
    if not n_rows or not n_points:
        raise ShapeError(
            f"`y` has shape {values.shape}, which holds no row; pass at least one."
        )
    frame = _Frame(shape, sample_shape)
    rows = values.reshape(n_rows, n_points)
    data = RowData(
        rows,
        _x_rows(model, places, frame),
        _checked_sigma(sigma, frame, rows.dtype.kind == "c"),
        _joined_mask(mask, hidden, frame),
    )
    check_kind(model.layout, loss, data)
    return data, shape


def placed(data: tuple[Any, ...], x: Any, y: Any) -> tuple[Any, Any]:
    """x and y, of which some may stand without their names.

    One alone is y where `x` is named, and else a path, or y of xarray.
    """
    given = [own for own in (x, y) if own is not None]
    if len(data) + len(given) > 2 or (len(data) == 2 and given):
        raise InputError(
            "x and y are given twice; pass a model, x and y, or a model and a path, "
            "and everything else by its name."
        )
    if len(data) == 2:
        return data
    if data and (x is not None or is_labelled(data[0])):
        return x, data[0]
    found = (*data, x)[0], y
    is_path = isinstance(found[0], str | PathLike) or isinstance(y, str | PathLike)
    if found[1] is None and not is_path:
        raise InputError("`y` is missing; pass the rows of data, or a path as `x`.")
    return found


class Named(NamedTuple):
    """x of rows in memory, labels of x and y, the unit of x, and what must be said."""

    x: Any
    labels: tuple[str, str]
    x_unit: str = ""
    notes: tuple[str, ...] = ()


def names_of(x: Any, y: Any, labels: tuple[str, str]) -> Named:
    """x, and what xarray calls x and y where the caller does not.

    Raises
    ------
    InputError
        When there is no x.
    """
    if not is_labelled(y):
        if x is None:
            raise InputError("`x` is missing; pass where the samples of a row are.")
        return Named(x, labels)
    dim, unit, notes = str(y.dims[-1]), "", tuple[str, ...]()
    if x is None:
        coordinate = coordinate_of(y, dim)
        if coordinate is None:
            x = np.arange(float(y.shape[-1]))
            notes = (f"x counts samples from 0: `y` has no coordinate {dim!r}",)
        else:
            x, unit = coordinate.values, coordinate.unit
    own = (dim, str(y.name) if y.name is not None else labels[1])
    defaults = ("x", "y")
    shown = (
        one if one != usual else name
        for one, usual, name in zip(labels, defaults, own, strict=True)
    )
    return Named(x, (next(shown), next(shown)), unit, notes)


def within(
    x: Any, y: Any, sigma: Any, mask: Any, x_range: tuple[float | None, float | None]
) -> tuple[Any, Any, Any, Any]:
    """Samples whose x lies in a range, its ends included.

    Where each row has an x of its own, the others are masked.

    Raises
    ------
    InputError
        When x has several coordinates, or no sample lies in the range.
    """
    if x_range == (None, None):
        return x, y, sigma, mask
    places, values = np.asarray(x, dtype=np.float64), np.asanyarray(y)
    keep = in_range(places, *x_range)
    if places.ndim == 1 and values.shape[-1:] == places.shape:
        parts = (_samples(own, keep) for own in (sigma, mask))
        return places[keep], values[..., keep], *parts
    if places.shape != values.shape:
        raise InputError(
            f"`x_range` is for samples of one coordinate, but `x` has shape "
            f"{places.shape}; leave samples out by `mask`."
        )
    return x, y, sigma, ~keep if mask is None else ~keep | np.asarray(mask)


def _samples(values: Any, keep: NDArray[np.bool_]) -> Any:
    """The same of some samples, where there is one number for each."""
    if values is None or np.ndim(values) == 0 or np.shape(values)[-1] != keep.size:
        return values
    return np.asanyarray(values)[..., keep]


def shaped_sigma(sigma: Any, sigma_per: str | None, y: Any) -> Any:
    """Standard deviations with an axis of samples where they are one per row."""
    if sigma_per not in (None, "row", "sample"):
        raise InputError(f"`sigma_per` is 'row' or 'sample', not {sigma_per!r}.")
    values = sigma if sigma_per is None or sigma is None else np.asanyarray(sigma)
    if sigma_per != "row" or values is None or values.ndim >= np.ndim(y):
        return values
    return values[..., None]


def even_rows(name: str, values: Any) -> Any:
    """An array of any type, masked or not, of rows of one length; None stays None.

    Raises
    ------
    ShapeError
        When rows differ in length.
    """
    try:
        return None if values is None else np.asanyarray(values)
    except ValueError:
        raise ShapeError(
            f"`{name}` has rows of different length; fill the short ones up with NaN, "
            "which are left out."
        ) from None


def refuse_spins(model: Model) -> None:
    """Refuse models whose rows are samples of one fit."""
    if model.spins:
        raise InputError(
            f"{model.expression} takes configurations of spins, which are fitted "
            "together; use pf.fit."
        )


class _Frame(NamedTuple):
    """Shape of the map, and that of the samples of a row."""

    shape: tuple[int, ...]
    sample_shape: tuple[int, ...]

    @property
    def n_points(self) -> int:
        """Samples of a row."""
        return int(np.prod(self.sample_shape))

    def rows(self, name: str, values: NDArray[Any]) -> NDArray[Any]:
        """Array as (1 or n_rows, 1 or n_points)."""
        n_points, whole = self.n_points, (*self.shape, *self.sample_shape)
        if values.ndim == 0:
            return values.reshape(1, 1)
        if values.shape == self.sample_shape:
            return values.reshape(1, n_points)
        if values.shape == whole:
            return values.reshape(-1, n_points)
        per_row = (*self.shape, *(1 for _ in self.sample_shape))
        if values.shape == per_row:
            return values.reshape(-1, 1)
        raise ShapeError(
            f"`{name}` has shape {values.shape}, which fits neither a row of samples "
            f"{self.sample_shape} nor the data {whole}; for one number per row pass "
            f"shape {per_row}."
        )


def _array(
    name: str, values: Any, *, complex_allowed: bool = False
) -> tuple[NDArray[Any], NDArray[np.bool_] | None]:
    """Array of floats in native order, and what is masked in it."""
    array = even_rows(name, values)
    hidden = np.ma.getmaskarray(array) if np.ma.isMaskedArray(array) else None
    array = np.asarray(array)
    if array.dtype.kind not in ("fiubc" if complex_allowed else "fiub"):
        raise InputError(
            f"`{name}` must hold {'' if complex_allowed else 'real '}numbers, but has "
            f"dtype {array.dtype}."
        )
    wanted = float_type(array.dtype)
    aligned = all(stride % wanted.itemsize == 0 for stride in array.strides)
    if array.dtype != wanted or not array.flags.aligned or not aligned:
        array = np.ascontiguousarray(array, dtype=wanted)
    return array, hidden


def _sample_shape(model: Model, x: NDArray[Any], y: NDArray[Any]) -> tuple[int, ...]:
    """Trailing axes of `y` that are the samples of a row."""
    n_inputs = model.n_inputs
    if n_inputs == 1:
        shared = x.shape[:1] if x.ndim == 1 else None
        own = x.ndim > 1 and x.shape == y.shape
        if y.ndim and (own or shared == y.shape[-1:]):
            return tuple(y.shape[-1:])
        allowed = f"({y.shape[-1] if y.ndim else 'n_points'},) or {y.shape}"
    else:
        for depth in range(1, y.ndim + 1):
            tail = tuple(y.shape[y.ndim - depth :])
            if x.shape == (n_inputs, *tail):
                return tail
        if y.ndim and x.shape == (*y.shape[:-1], n_inputs, y.shape[-1]):
            return tuple(y.shape[-1:])
        allowed = f"({n_inputs}, ...) before the sample axes of `y`"
    raise ShapeError(
        f"`x` has shape {x.shape}, but `y` has shape {y.shape}: {model.expression} "
        f"needs x of shape {allowed}."
    )


def _x_rows(model: Model, x: NDArray[Any], frame: _Frame) -> FloatArray:
    """x as (n_inputs, n_points), or as (n_rows, n_inputs, n_points)."""
    n_points = int(np.prod(frame.sample_shape))
    shared = (
        frame.sample_shape
        if model.n_inputs == 1
        else (model.n_inputs, *frame.sample_shape)
    )
    values = x.astype(np.float64, copy=False)
    if x.shape == shared:
        if not np.isfinite(values).any():
            raise DomainError("`x` holds no finite number; check it.")
        return values.reshape(model.n_inputs, n_points)
    return values.reshape(-1, model.n_inputs, n_points)


def _checked_sigma(sigma: Any, frame: _Frame, is_complex: bool) -> NDArray[Any] | None:
    """Standard deviations as rows; those that all rows share are checked here."""
    if sigma is None:
        return None
    values, hidden = _array("sigma", sigma, complex_allowed=is_complex)
    if hidden is not None and hidden.any():
        values = np.where(hidden, np.nan, values)
    rows = both_parts(frame.rows("sigma", values), frame.n_points)
    if rows.shape[0] == 1 and (rows <= 0.0).any():
        place = int(np.argmax((rows <= 0.0).reshape(-1, rows.shape[-1]).any(axis=0)))
        raise DomainError(
            f"`sigma` must be above 0, but sigma[{place}] = "
            f"{values.reshape(-1)[place]}; give that sample a standard deviation, or "
            "mask it."
        )
    return rows


def _joined_mask(
    mask: Any, hidden: NDArray[np.bool_] | None, frame: _Frame
) -> NDArray[np.bool_] | None:
    """True where a sample is left out."""
    masks = [] if hidden is None or not hidden.any() else [hidden]
    if mask is not None:
        given = np.asarray(mask)
        if given.dtype != np.bool_:
            raise InputError(
                "`mask` must be boolean, True where a sample is left out, but has "
                f"dtype {given.dtype}."
            )
        masks.append(given)
    if not masks:
        return None
    rows = [frame.rows("mask", own) for own in masks]
    joined = rows[0] if len(rows) == 1 else rows[0] | rows[1]
    n_points = frame.n_points
    return np.ascontiguousarray(np.broadcast_to(joined, (len(joined), n_points)))
