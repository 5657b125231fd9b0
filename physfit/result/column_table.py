"""Tables with a name for each column: of records, for pandas, as CSV."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from physfit.data.csv_text import Cell, csv_lines
from physfit.data.files.atomic import atomic_file
from physfit.document.fields import Record
from physfit.errors import InputError
from physfit.result.packages import needed

if TYPE_CHECKING:
    import pandas

__all__ = ["TableColumns", "columns_of", "frame_of", "write_columns"]

#: Cells of each column by its name, from top to bottom.
TableColumns = Mapping[str, Sequence[Any] | NDArray[Any]]


def columns_of(records: Iterable[Record]) -> TableColumns:
    """A line for each record; numbers by name and pairs of numbers are columns."""
    lines = [dict(_cells(record)) for record in records]
    names = dict.fromkeys(name for line in lines for name in line)
    return {name: [line.get(name) for line in lines] for name in names}


def _cells(record: Record) -> Iterator[tuple[str, Any]]:
    fields = record._asdict()
    for name, value in fields.items():
        if isinstance(value, Mapping):  # of the parameters, or of settings
            end = "_stderr" if name == "stderr" else ""
            for key, own in value.items():
                yield f"{key}{end}" if key not in fields else f"{name}_{key}", own
        elif isinstance(value, Enum):
            yield name, value.name.lower()
        elif hasattr(value, "_asdict"):  # another table
            continue
        elif isinstance(value, tuple):
            yield from zip((f"{name}_low", f"{name}_high"), value, strict=True)
        else:
            yield name, value


def frame_of(columns: TableColumns) -> pandas.DataFrame:
    """Table of pandas.

    Raises
    ------
    InputError
        When pandas is not installed.
    """
    table: pandas.DataFrame = needed("a table", "pandas").DataFrame(columns)
    return table


def write_columns(
    columns: TableColumns, path: str | os.PathLike[str], *, overwrite: bool
) -> None:
    """Write a table as CSV, numbers with all digits.

    Raises
    ------
    InputError
        When the suffix is another.
    DataError
        When the file exists and may not be replaced, or cannot be written.
    """
    if Path(path).suffix.lower() != ".csv":
        raise InputError(f"`{os.fspath(path)}` must end in .csv, which says its kind.")
    plain = {name: map(_plain, column) for name, column in columns.items()}
    with (
        atomic_file(path, overwrite) as temporary,
        temporary.open("w", encoding="utf-8") as stream,
    ):
        stream.writelines(csv_lines(plain))


def _plain(cell: Any) -> Cell:
    """A cell as Python has it, empty for None."""
    plain: Cell = cell.item() if isinstance(cell, np.generic) else cell
    return "" if plain is None else plain
