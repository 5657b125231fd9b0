"""The parameters and derived quantities of a fit as a table, a line for each."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import TYPE_CHECKING

from physfit.data.csv_text import Cell, csv_lines
from physfit.data.files.atomic import atomic_file
from physfit.data.files.outputs import refuse_inputs
from physfit.errors import InputError
from physfit.result.many_table import needed

if TYPE_CHECKING:
    import pandas

    from physfit.result.fit_result import FitResult

__all__ = ["estimate_frame", "write_estimates"]


def _columns(result: FitResult) -> dict[str, list[Cell]]:
    """Columns of the table; what is no number is NaN."""
    estimates = [result[name] for name in (*result.names, *result.derived)]
    starts = [math.nan if own.start is None else own.start for own in estimates]
    return {
        "name": [own.name for own in estimates],
        "value": [own.value for own in estimates],
        "stderr": [own.stderr for own in estimates],
        "unit": [own.unit for own in estimates],
        "lower": [own.lower for own in estimates],
        "upper": [own.upper for own in estimates],
        "start": [*starts],
        "is_derived": [own.is_derived for own in estimates],
        "note": [own.note for own in estimates],
    }


def estimate_frame(result: FitResult) -> pandas.DataFrame:
    """Table of pandas; see `FitResult.to_frame`."""
    table: pandas.DataFrame = needed("a table", "pandas").DataFrame(_columns(result))
    return table.set_index("name")


def write_estimates(
    result: FitResult, path: str | os.PathLike[str], *, overwrite: bool
) -> None:
    """Write the table; see `FitResult.to_csv`."""
    if Path(path).suffix.lower() != ".csv":
        raise InputError(
            f"`{os.fspath(path)}` must end in .csv; result.save writes other files."
        )
    refuse_inputs({"the table": path}, [result.data.source])
    columns = _columns(result)
    with (
        atomic_file(path, overwrite) as temporary,
        temporary.open("w", encoding="utf-8") as stream,
    ):
        stream.writelines(csv_lines(columns))
