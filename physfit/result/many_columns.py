"""Columns of the table of many fits: places, quantities with errors, how fits ended.

One line for each row of the map. `pandas`, files and command line have the same names:
NAME and NAME_stderr of every quantity, chi2, dof, status and so on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from enum import IntEnum
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from physfit.data.jobs.map_rows import unique_names
from physfit.data.row_data import Axis
from physfit.document.records import plain
from physfit.result.report import errors
from physfit.solve.base import Status
from physfit.solve.row_table import RetryStage

if TYPE_CHECKING:
    from physfit.result.many_fitted import ManyFitted

__all__ = ["KINDS", "OF_FITS", "axis_labels", "blocks", "columns", "named_columns"]
__all__ += ["provenance", "units", "words_of"]

Array = NDArray[Any]
#: Columns that say how good the fits are, and how they ended: attributes of a result.
OF_FITS = (
    *("chi2", "scale", "reduced_chi2", "dof", "p_value", "n_samples", "converged"),
    *("status", "retry_stage", "n_steps", "refitted"),
)
#: Those of them whose numbers stand for words.
KINDS: Mapping[str, type[IntEnum]] = {"status": Status, "retry_stage": RetryStage}


def columns(many: ManyFitted) -> Iterator[tuple[str, Array]]:
    """Name and numbers of each column but the places, one at a time, shape (n_rows,).

    Fixed parameters have no errors. Statuses and stages are numbers. A name that is
    that of a parameter has `_of_fit` behind it.
    """
    quantities = (*many.names, *many.derived)
    for name in quantities:
        own = many[name]
        yield name, own.value.ravel()
        if not own.fixed:
            yield _free(f"{name}_stderr", quantities), own.stderr.ravel()
    for name, values in _of_fits(many):
        yield _free(name, quantities), values


def _free(name: str, taken: tuple[str, ...]) -> str:
    return f"{name}_of_fit" if name in taken else name


def _of_fits(many: ManyFitted) -> Iterator[tuple[str, Array]]:
    """Those of `OF_FITS` that there are."""
    for name in OF_FITS:
        if name == "refitted" and many.refits is None:
            continue
        values = getattr(many, name)
        if values is not None:
            yield name, values.ravel()


def axis_labels(many: ManyFitted) -> list[str]:
    """Names of the columns of places, which no other column has."""
    taken = [name for name, _ in columns(_rows(many, 0, 0))]
    return unique_names((axis.name for axis in many.axes), taken)


def _places(many: ManyFitted, start: int, stop: int) -> list[Array]:
    """Positions of some rows along each axis of the map."""
    numbers = np.unravel_index(np.arange(start, min(stop, many.n_rows)), many.shape)
    return [
        np.asarray(axis.values)[own]
        for axis, own in zip(many.axes, numbers, strict=True)
    ]


def named_columns(many: ManyFitted) -> dict[str, Array]:
    """All columns, those of places first."""
    labels = axis_labels(many)
    return {
        **dict(zip(labels, _places(many, 0, many.n_rows), strict=True)),
        **dict(columns(many)),
    }


def blocks(many: ManyFitted, size: int) -> Iterator[dict[str, Array]]:
    """The same, so many rows at a time; computed without the data."""
    labels = axis_labels(many)
    for start in range(0, many.n_rows, size):
        own = _places(many, start, start + size)
        part = _rows(many, start, start + size)
        yield {**dict(zip(labels, own, strict=True)), **dict(columns(part))}


def _rows(many: ManyFitted, start: int, stop: int) -> ManyFitted:
    """Some rows of a result, one after the other, without their data."""
    table = many.table.rows(start, stop)
    axis = Axis("row", np.arange(table.n_rows, dtype=np.float64))
    refits = many.refits
    if refits is not None:
        refits = refits._replace(numbers=refits.numbers[start:stop])
    return replace(many, table=table, axes=(axis,), data=None, refits=refits)


def units(many: ManyFitted) -> dict[str, str]:
    """Unit of each column that has one."""
    known = {
        label: axis.unit
        for label, axis in zip(axis_labels(many), many.axes, strict=True)
    }
    empty = _rows(many, 0, 0)
    for name in (*many.names, *many.derived):
        own = empty[name]
        known |= dict.fromkeys((name, f"{name}_stderr"), own.unit)
    return {name: unit for name, unit in known.items() if unit}


def words_of(name: str, values: Array) -> dict[int, str]:
    """Word of each number of a column; none where they are only numbers."""
    kind = KINDS.get(name.removesuffix("_of_fit"))
    if values.dtype != np.uint8 or kind is None:
        return {}
    return {int(own): own.name.lower() for own in kind}


def provenance(many: ManyFitted) -> dict[str, Any]:
    """What was fitted to what, by whom and when, for the metadata of a file."""
    from physfit import __version__

    created = datetime.fromtimestamp(many.created, UTC).isoformat(timespec="seconds")
    record: dict[str, Any] = plain(
        {
            "model": many.model.expression,
            "loss": str(many.loss),
            "errors": errors(many.loss, many.is_absolute, " of each row"),
            "source": many.source,
            "x": many.x_label,
            "x_unit": many.x_unit,
            "y": many.y_label,
            "y_unit": many.y_unit,
            "created": created,
            "physfit": __version__,
            "notes": "; ".join(many.notes),
        }
    )
    return record
