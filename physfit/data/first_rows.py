"""What notebooks show of a table: which columns were taken, and the first rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from physfit.document import blocks
from physfit.document.blocks import Document, Heading, Text
from physfit.document.fields import brief

if TYPE_CHECKING:
    from physfit.data.table import Table

__all__ = ["first_rows"]

N_ROWS = 5


def first_rows(table: Table) -> Document:
    """Source and note of a table, its first rows below labels and units."""
    x = np.atleast_2d(table.x) if table.x.ndim < 2 else table.x
    labels = table.x_label.split(", ") if len(x) > 1 else [table.x_label]
    labels = labels if len(labels) == len(x) else [table.x_label] * len(x)
    columns = [*zip(labels, [table.x_unit] * len(x), x, strict=True)]
    columns.append((table.y_label or "y", table.y_unit, table.y))
    if table.sigma is not None:
        columns.append(("sigma", table.y_unit, table.sigma))
    titles = [
        f"{label or 'x'} ({unit})" if unit else label or "x"
        for label, unit, _ in columns
    ]
    rows = [
        tuple(brief(own) for own in row)
        for row in zip(*(values[:N_ROWS] for *_, values in columns), strict=True)
    ]
    n_left = table.y.size - len(rows)
    return [
        Heading(table.source),
        Text([table.note] if table.note else []),
        blocks.table("r", titles, rows),
        Text([f"and {n_left} more rows"] if n_left else []),
    ]
