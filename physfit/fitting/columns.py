"""The data of a fit as a caller passes them, and what they are once checked."""

from __future__ import annotations

from os import PathLike
from typing import Any, NamedTuple

import numpy as np

from physfit.data.arrays import NanPolicy, samples
from physfit.data.image import flattened, is_image
from physfit.data.pairing import paired
from physfit.data.quantities import check_plain_sigma, headed
from physfit.data.record import Observations
from physfit.data.table import Table
from physfit.errors import InputError, ShapeError
from physfit.fitting.x_range import ALL, within
from physfit.models.model import Model
from physfit.settings.texts import Interval
from physfit.typing import Column, FloatArray

__all__ = ["ALL", "Columns", "check_frame", "n_columns", "observed"]


class Columns(NamedTuple):
    """The data of a fit as a caller passes them; see `physfit.fit`."""

    x: Any
    y: Column | None
    sigma: Column | float | None = None
    nan: NanPolicy = "raise"
    dataset: str | None = None
    units: tuple[str, str] = ("", "")
    labels: tuple[str, str] = ("", "")
    source: str = ""
    x_range: Interval = ALL
    note: str = ""


def observed(model: Model, columns: Columns) -> tuple[Model, Observations]:
    """Checked data, from columns, a table or a file, and the model on their samples."""
    check_frame(columns.units, columns.labels, columns.source)
    if isinstance(columns.x, Observations):
        return model, _of_result(columns)
    if type(columns.x) is not np.ndarray and isinstance(columns.x, str | PathLike):
        columns = _of_file(columns, model)
    elif isinstance(columns.x, Table):
        columns = _of_table(columns)
    if _takes_image(model):
        columns = _of_image(columns)
    x, y, sigma, nan, dataset, units, labels, source, x_range, note = columns
    if y is None:
        raise InputError("`y` is missing; pass the data, or a table or a path as `x`.")
    if dataset is not None:
        raise InputError(
            f"`dataset` {dataset!r} is a place in an HDF5 file, but `x` is no path; "
            "leave it out."
        )
    labels = labels[0] or _name_of(x, "x"), labels[1] or _name_of(y, "y")
    x, y, sigma, units = paired(x, y, sigma, units)
    kept = x, y, sigma
    if x_range != ALL:
        kept = within(model, x, y, sigma, x_range)
    model, places, checked = _on_samples(model, *kept, nan)
    return model, Observations(
        _own(checked.x, x if places is x else None),
        _own(checked.y, y),
        None if checked.sigma is None else _own(checked.sigma, sigma),
        *labels,
        *units,
        source,
        checked.n_left_out,
        note=note,
    )


def _of_result(columns: Columns) -> Observations:
    """Data that a result holds, for which its model is made."""
    data: Observations = columns.x
    others = columns._replace(x=None, nan="raise")
    if (
        any(own is not None for own in others[:3])
        or others[3:] != Columns(None, None)[3:]
    ):
        raise InputError(
            "`x` is the data of a result, which have their own columns and names; take "
            "its x[0] and y[0] to change these, or result.refit."
        )
    return data


def _of_file(columns: Columns, model: Model) -> Columns:
    """The columns with the table of the file that `x` names."""
    from physfit.data.readers import read_table

    if columns.y is not None:
        raise InputError("`x` is a path, so `y` must be left out.")
    table = read_table(columns.x, dataset=columns.dataset, n_inputs=n_columns(model))
    named = _of_table(columns._replace(x=table, sigma=None, dataset=None))
    if columns.sigma is None:
        return named
    check_plain_sigma(table.y_unit, columns.units[1])
    return named._replace(sigma=columns.sigma)


def _of_table(columns: Columns) -> Columns:
    """The columns of the table that `x` is, with the names a caller gave in place."""
    for name in ("y", "sigma"):
        if getattr(columns, name) is not None:
            raise InputError(
                f"`x` is a table, which has its own columns, so `{name}` must be left "
                "out; choose them in pf.read_table, or pass table.x and table.y."
            )
    table, labels = columns.x, columns.labels
    own = table.x_unit, table.y_unit
    x, y, sigma, units = headed(table.x, table.y, table.sigma, own, columns.units)
    return columns._replace(
        x=x,
        y=y,
        sigma=sigma,
        units=units,
        labels=(labels[0] or table.x_label, labels[1] or table.y_label),
        source=columns.source or table.source,
        note="; ".join(table.remarks),
    )


def n_columns(model: Model) -> int:
    """Columns of a file that are coordinates; functions take x as one array."""
    return 1 if model.functions or model.spins else model.n_inputs


def _takes_image(model: Model) -> bool:
    """Whether the data of a model may be an image; functions look at it themselves."""
    return not (model.functions or model.spins) and model.n_inputs == 2


def _of_image(columns: Columns) -> Columns:
    """The columns with an image as its pixels, if the data are one."""
    x: Any = columns.x
    y: Any = columns.y
    if y is None and np.ndim(x) > 1 and np.shape(x)[0] != 2:
        if not is_image(np.shape(x)):
            raise ShapeError(
                "an image alone must have more than four rows and columns, but its "
                f"shape is {np.shape(x)}; pass a smaller one as `y`, beside x=None or "
                "its places."
            )
        x, y = None, x
    if np.ndim(y) != 2 or (x is not None and not hasattr(x, "__len__")):
        return columns
    names = "x, y"
    if x is None:
        names = "column, row"
        if len(getattr(y, "dims", ())) == 2:  # of xarray
            rows, across = y.dims
            x, names = (y[across], y[rows]), f"{across}, {rows}"
    labels = columns.labels[0] or names, columns.labels[1] or _name_of(y, "value")
    x, y, sigma, units = paired(x, y, columns.sigma, columns.units)
    x, y, sigma = flattened(x, y, sigma)
    return columns._replace(x=x, y=y, sigma=sigma, units=units, labels=labels)


def _on_samples(
    model: Model, x: Any, y: Any, sigma: Any, nan: NanPolicy
) -> tuple[Model, Any, Observations]:
    """The model on the samples, their coordinates, the samples with every check."""
    places = model.coordinates(x)[0] if model.spins else x
    size = 0
    if model.functions:
        is_array = type(y) is np.ndarray
        size, n_axes = (y.size, y.ndim) if is_array else (np.size(y), np.ndim(y))
        bound, places = model.bound_to(x, size)
        if n_axes > 1 and bound.n_outputs == 1:
            y, sigma = np.ravel(y), sigma if np.ndim(sigma) < 2 else np.ravel(sigma)
    else:
        bound = model
    checked = samples(
        places, y, sigma, nan=nan, n_inputs=bound.n_inputs, n_outputs=bound.n_outputs
    )
    if checked.n_left_out and bound is not model:
        from physfit.models.user_function.binding import bound_to_kept

        bound = bound_to_kept(model, x, size, checked.x)
    return bound, places, checked


def check_frame(units: object, labels: object, source: object = "") -> None:
    """Refuse names of x and y that are no pairs of texts, and a source that is none."""
    _check_pair("units", units, "('s', 'V')")
    _check_pair("labels", labels, "('time', 'voltage')")
    if not isinstance(source, str):
        raise InputError(
            f"`source` must be a text, the name of a file, but is {source!r}."
        )


def _own(values: FloatArray, given: object) -> FloatArray:
    """Values that the caller cannot change later: a result is lazy and looks again."""
    is_new = values.base is None and values is not given
    return values if is_new else values.copy()


def _check_pair(name: str, given: Any, example: str) -> None:
    is_pair = isinstance(given, (tuple, list)) and len(given) == 2
    if not (is_pair and isinstance(given[0], str) and isinstance(given[1], str)):
        raise InputError(
            f"`{name}` must be a pair of texts, for x and y, such as {example}, but is "
            f"{given!r}."
        )


def _name_of(values: Any, default: str) -> str:
    """Name of a pandas or xarray column."""
    if type(values) is np.ndarray:
        return default
    name = getattr(values, "name", None)
    return name if isinstance(name, str) and name else default
