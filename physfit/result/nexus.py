"""The record of a result in the shape of NeXus, for HDF5 files, and back.

    /entry (NXentry)
        /fit (NXfit): label, figure_of_merit, status, message, covariance, free_names
            /data (NXdata): input_independent, input_dependent, its errors, fit_sum,
                residual; for complex data these are the real parts, and the
                imaginary ones end in _imaginary
            /global_fit_function (NXfit_function)
                /fit_parameters (NXparameters): each with stderr, initial, min, max,
                    vary, expression and units as attributes
                /derived (NXparameters)
            /record (NXcollection): what the result is rebuilt from

NeXus has no place for a covariance or a status; they stand in NXfit under their names.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np

from physfit.data.files.schema import convert
from physfit.errors import DataError
from physfit.result.fit_result import FitResult
from physfit.result.record import to_record
from physfit.typing import FloatArray

__all__ = ["from_nexus", "to_nexus"]

Tree = dict[str, Any]
X, Y, FIT = "input_independent", "input_dependent", "fit_sum"
PARTS = ("", "_imaginary")
#: Entries of the record that stand elsewhere in the file.
ELSEWHERE = ("parameters", "derived", "covariance", "correlation", "free_names")


class NexusFit(msgspec.Struct):
    """The group of the fit: data as columns, all else in a collection."""

    record: dict[str, Any]
    data: dict[str, Any]


class NexusEntry(msgspec.Struct):
    """The entry of the file."""

    fit: NexusFit


class NexusRecord(msgspec.Struct):
    """The root of the file."""

    entry: NexusEntry


def to_nexus(result: FitResult) -> Tree:
    """Tree of groups, datasets and attributes for `write_record`."""
    record = to_record(result)
    entry = {
        "@NX_class": "NXentry",
        "@default": "fit",
        "title": f"fit of {result.model.expression}",
        "program_name": "physfit",
        "program_name@version": record["versions"]["physfit"],
        "end_time": record["date"],
        "fit": _fit(result, record),
    }
    return {"@NX_class": "NXroot", "@default": "entry", "entry": entry}


def from_nexus(tree: Mapping[str, Any]) -> Tree:
    """Record for `from_record`.

    Raises
    ------
    DataError
        When the groups are not those that `to_nexus` makes.
    """
    fit = convert(tree, NexusRecord).entry.fit
    record, columns = _without_attributes(fit.record), fit.data
    x = columns.get(X)
    arrays = {
        "x": x[None] if isinstance(x, np.ndarray) and x.ndim == 1 else x,
        "y": _rows(columns, Y),
        "sigma": _rows(columns, f"{Y}_errors"),
    }
    described = record.get("data")
    return record | {
        "data": described | arrays if isinstance(described, dict) else described
    }


def _without_attributes(tree: Tree) -> Tree:
    """The tree without the attributes of groups and datasets."""
    return {
        key: _without_attributes(value) if isinstance(value, dict) else value
        for key, value in tree.items()
        if "@" not in key
    }


def _fit(result: FitResult, record: Tree) -> Tree:
    kept = {key: value for key, value in record.items() if key not in ELSEWHERE}
    described = {
        key: value
        for key, value in record["data"].items()
        if key not in ("x", "y", "sigma")
    }
    return {
        "@NX_class": "NXfit",
        "@default": "data",
        "label": result.model.expression,
        "data": _data(result),
        "global_fit_function": {
            "@NX_class": "NXfit_function",
            "description": result.model.description,
            "formula_description": result.model.expression,
            "fit_parameters": _parameters(result, result.names),
            "derived": _parameters(result, tuple(result.derived)),
        },
        "error_function": {
            "@NX_class": "NXfit_function",
            "description": result.method,
            "formula_description": str(result.loss),
        },
        "figure_of_merit": result.chi2,
        "figure_of_merit@metric": result.loss.traits.statistic,
        "status": int(result.status),
        "message": result.message,
        **{key: record[key] for key in ("free_names", "covariance", "correlation")},
        "record": {"@NX_class": "NXcollection", **kept, "data": described},
    }


def _data(result: FitResult) -> Tree:
    data = result.data
    is_curve = len(data.x) == 1
    tree: Tree = {
        "@NX_class": "NXdata",
        "@signal": Y,
        X: data.x[0] if is_curve else data.x,
        f"{X}@long_name": data.x_label,
    }
    if is_curve:
        tree["@axes"] = [X]
    columns: dict[str, FloatArray | None] = {
        Y: data.y,
        f"{Y}_errors": data.sigma,
        FIT: _parts(result.best_fit),
        "residual": _parts(result.residuals),
    }
    for name, rows in columns.items():
        for part, row in zip(PARTS, () if rows is None else rows, strict=False):
            tree[name + part] = row
            tree[f"{name}{part}@units"] = data.y_unit
    tree[f"{Y}@long_name"] = data.y_label
    tree[f"{X}@units"] = data.x_unit
    signals = [
        name for name in tree if name in (FIT, *(n + PARTS[1] for n in (Y, FIT)))
    ]
    return {**tree, "@auxiliary_signals": signals}


def _parts(values: Any) -> FloatArray:
    """Rows of real values, or of real and imaginary parts."""
    if np.iscomplexobj(values):
        return np.stack([values.real, values.imag])
    rows: FloatArray = values[None]
    return rows


def _rows(columns: Mapping[str, Any], name: str) -> FloatArray | None:
    """Rows of a quantity; None when there is none."""
    parts = [columns[name + part] for part in PARTS if name + part in columns]
    if not parts:
        return None
    try:
        return np.stack(parts)
    except (TypeError, ValueError) as error:
        raise DataError(f"its columns {name!r} are not of one length.") from error


def _parameters(result: FitResult, names: tuple[str, ...]) -> Tree:
    tree: Tree = {"@NX_class": "NXparameters"}
    for name in names:
        own = result[name]
        attributes = {
            "units": own.unit,
            "stderr": own.stderr,
            "initial": own.start,
            "min": own.lower,
            "max": own.upper,
            "vary": not own.is_derived and own.tie is None and not own.fixed,
            "expression": own.tie,
            "description": own.description,
        }
        tree[name] = own.value
        tree |= {f"{name}@{key}": v for key, v in attributes.items() if v is not None}
    return tree
