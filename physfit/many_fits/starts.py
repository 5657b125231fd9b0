"""Start values of many rows, from what a caller says."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from physfit.data.arrays import samples
from physfit.data.row_data import RowData
from physfit.errors import DomainError, InputError, ShapeError
from physfit.fitting.far import BEYOND, Far, far_of
from physfit.fitting.fit_settings import StartArgument
from physfit.fitting.start import Start, check_inside, not_free
from physfit.models.guess import guessed_start
from physfit.models.loss import Loss
from physfit.models.model import Model
from physfit.typing import FloatArray

__all__ = ["checked_start", "far_rows"]

PREVIOUS = "previous"


def checked_start(
    model: Model,
    start: StartArgument,
    shape: tuple[int, ...],
) -> Start:
    """Start values of the rows of a map.

    Parameters
    ----------
    model : Model
    start : mapping of str to float or array, "previous", or None
        What is missing is guessed. Arrays have the map's shape.
    shape : tuple of int
        Of the map.

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
    return Start(_values(model, given, shape), is_chained=is_chained)


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
    except OverflowError:  # an int that is larger than all floats
        raise DomainError(f"the start of `{name}` must be a finite number.") from None
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


def far_rows(
    model: Model,
    sample: RowData,
    start: StartArgument,
    loss: Loss,
    most: float = BEYOND,
) -> Far | None:
    """What rows are fitted with where they lie many decay times from x = 0.

    Their first row that can be guessed says so; None where x = 0 is near. The model
    has numbers up to `most` decay times.
    """
    for row in range(sample.n_rows):
        x = sample.x[row] if sample.has_own_x else sample.x
        y = sample.y[row].astype(complex if model.n_outputs == 2 else float)
        if sample.mask is not None:
            y[sample.mask[row % len(sample.mask)]] = np.nan
        try:
            data = samples(x[0], y, None, nan="omit", n_outputs=model.n_outputs)
            theta = guessed_start(model, data, model.free_start, loss.traits)
        except InputError:
            continue
        return far_of(model, data, theta, start, most)
    return None
