"""The scans of a file as rows that are fitted one by one, all over the same x."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np

from physfit.data.files.file_bytes import Watched
from physfit.data.instruments.formats import Format, scans_of
from physfit.data.instruments.scans import Scans
from physfit.data.row_column import RowColumn, shared_column, sigma_column
from physfit.data.row_data import numbered_axes, shape_of
from physfit.data.row_source import RowSource
from physfit.data.table import Offer
from physfit.errors import DataError
from physfit.typing import FloatArray

__all__ = ["instrument_rows"]

#: Remarks of single scans that are shown.
_MOST_REMARKS = 5


def instrument_rows(path: Path, form: Format, opening: dict[str, Any]) -> RowSource:
    """Rows of a file of an instrument, in memory.

    Scans of another quantity than the first (an interferogram beside spectra) are left
    out, which the remarks say.

    Raises
    ------
    InputError
        When there is another number of standard deviations.
    DataError
        When the file cannot be read, or its scans have not the same x.
    """
    watched = Watched(path)
    scans = scans_of(path, form)
    first = scans.read(0)
    y, said = _matrix(path, scans, first)
    watched.check(0, len(y))
    watched.close()
    x_field, y_field = first.fields[:2]
    left = scans.size - len(y)
    remarks = (f"{left} of {scans.size} scans are of another quantity",) if left else ()
    sigma = RowColumn()
    if opening["sigma"] is not None and not isinstance(opening["sigma"], str):
        sigma = sigma_column(opening["sigma"], y.shape[1], path)
    is_map = scans.axes and math.prod(shape_of(scans.axes)) == len(y)
    return RowSource(
        name=str(path),
        axes=scans.axes if is_map else numbered_axes((len(y),)),
        y=RowColumn(None, lambda i, k: y[i:k], np.full(y.shape[1], np.nan)),
        x=shared_column(np.asarray(x_field.values)[None]),
        sigma=sigma,
        mask=RowColumn(),
        marks={"dataset": "", "kind": form.name, "dtype": str(y.dtype)},
        watched=watched,
        opening=opening,
        x_label=x_field.label,
        x_unit=x_field.unit,
        y_label=y_field.label,
        y_unit=y_field.unit,
        columns=f"x = {x_field.label!r}, y = {y_field.label!r} of {len(y)} scans",
        remarks=(*said, *scans.remarks, *remarks),
    )


def _matrix(
    path: Path, scans: Scans, first: Offer
) -> tuple[FloatArray, tuple[str, ...]]:
    """y of all scans of the quantity of the first, and what is said of them."""
    x_field, y_field = first.fields[:2]
    x = np.asarray(x_field.values)
    rows = np.empty((scans.size, x.size))
    n = 0
    said: dict[str, None] = {}
    for k in range(scans.size):
        offer = scans.read(k)
        other_x, other_y = offer.fields[:2]
        if (other_y.name, other_y.unit) != (y_field.name, y_field.unit):
            continue
        if not np.array_equal(np.asarray(other_x.values), x):
            raise DataError(
                f"`{path}` has another x in scan {k} than in scan 0; fit them one by "
                f"one with scan=... of pf.read_table."
            )
        rows[n] = np.asarray(other_y.values)
        said.update(dict.fromkeys(offer.remarks))
        n += 1
    return rows[:n], tuple(said)[:_MOST_REMARKS]
