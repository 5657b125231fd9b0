"""Columns as lines of CSV, numbers with all digits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from physfit.data.headings import as_cell

__all__ = ["Cell", "csv_lines"]

Cell = str | float | bool


def csv_lines(columns: Mapping[str, Iterable[Cell]]) -> Iterator[str]:
    """Lines of a table: the names, then a line for each row.

    Examples
    --------
    >>> print(*csv_lines({"name": ["a, b"], "value": [0.5]}), sep="", end="")
    name,value
    "a, b",0.5
    """
    yield ",".join(map(as_cell, columns)) + "\n"
    for row in zip(*columns.values(), strict=True):
        yield ",".join(map(_written, row)) + "\n"


def _written(cell: Cell) -> str:
    if isinstance(cell, str):
        return as_cell(cell)
    return repr(cell)
