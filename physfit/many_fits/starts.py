"""Start values of many rows, from what a caller says."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from physfit.data.row_data import RowData
from physfit.errors import DomainError, InputError, ShapeError
from physfit.fitting.start import check_inside, not_free
from physfit.many_fits.row_job import RowStart, StartArgument
from physfit.models.compiled_guess import compiled_guess
from physfit.models.model import Model
from physfit.typing import FloatArray

__all__ = ["SAMPLE_ROWS", "checked_start"]

#: First rows, whose mean a guess is made from where rows cannot be guessed one by one.
SAMPLE_ROWS = 256
PREVIOUS = "previous"


def checked_start(
    model: Model,
    start: StartArgument,
    shape: tuple[int, ...],
    sample: RowData,
) -> RowStart:
    """Start values of the rows of a map.

    Parameters
    ----------
    model : Model
    start : mapping of str to float or array, "previous", or None
        What is missing is guessed. Arrays have the map's shape.
    shape : tuple of int
        Of the map.
    sample : RowData
        Some rows, for a guess that all rows share where they cannot be guessed one by
        one by compiled code.

    Raises
    ------
    InputError, ShapeError, DomainError
        With a sentence that names the parameter.
    """
    is_chained = isinstance(start, str)
    is_previous = is_chained and start == PREVIOUS
    given = {} if start is None or is_previous else start
    if not isinstance(given, Mapping):
        what = repr(start) if is_chained else type(start).__name__
        raise InputError(
            "`start` must be a dict of names and numbers (or arrays), or 'previous', "
            f"but is {what}."
        )
    values = _values(model, given, shape)
    fallback = np.full(len(model.free_names), np.nan)
    if compiled_guess(model) is None and np.isnan(values).any():
        fallback = _shared_guess(model, sample)
    return RowStart(values, is_chained, fallback)


def _values(
    model: Model, given: Mapping[str, Any], shape: tuple[int, ...]
) -> FloatArray:
    """Shape (P,), or (n_rows, P) if any start has one value per row."""
    columns = list(model.free_start)
    for name, value in given.items():
        if name not in model.free_index:
            raise not_free(model, name)
        columns[model.free_index[name]] = _start_of(name, value, shape)
    if any(np.ndim(own) for own in columns):
        columns = [np.broadcast_to(own, math.prod(shape)) for own in columns]
    values = np.array(columns, dtype=np.float64).T.copy()
    check_inside(model, values)
    return values


def _start_of(name: str, value: Any, shape: tuple[int, ...]) -> FloatArray:
    """Start of one parameter, one number or one per row; NaN is to be guessed."""
    try:
        values = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise DomainError(
            f"the start of `{name}` must be a number or an array of numbers, but is "
            f"{value!r}."
        ) from None
    if values.ndim and values.shape != shape:
        raise ShapeError(
            f"the start of `{name}` has shape {values.shape}, but the map has shape "
            f"{shape}; pass one number, or one per row."
        )
    return values.reshape(-1) if values.ndim else values


def _shared_guess(model: Model, sample: RowData) -> FloatArray:
    """Guess for all rows: from the mean of some, or their samples by their own x."""
    x, y = sample.x, sample.y.astype(complex if model.n_outputs == 2 else float)
    hidden = ~np.isfinite(y)
    if sample.mask is not None:
        hidden |= sample.mask
    if sample.has_own_x:
        x = np.concatenate(x, axis=1)
        y, hidden = y.reshape(1, -1), hidden.reshape(1, -1)
    counts = (~hidden).sum(axis=0)
    with np.errstate(all="ignore"):
        mean = np.where(hidden, 0.0, y).sum(axis=0) / counts
    keep = (counts > 0) & np.isfinite(x).all(axis=0)
    x = x[:, keep]
    found = model.guess(x[0] if model.n_inputs == 1 else x, mean[keep])
    return np.array([found[name] for name in model.free_names])
