"""Results of many rows as tables: CSV by numpy, Parquet by pandas and pyarrow."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from physfit.data.files.atomic import atomic_file
from physfit.data.headings import as_cell
from physfit.data.jobs.map_rows import unique_names
from physfit.errors import InputError

if TYPE_CHECKING:
    from physfit.result.many_result import ManyResult

__all__ = ["table_columns", "with_places", "write_table"]

#: Rows that are written at a time.
BLOCK = 65536


def table_columns(result: ManyResult) -> dict[str, NDArray[Any]]:
    """Columns of a table: place in the map, parameters with errors, quality."""
    columns: dict[str, NDArray[Any]] = {}
    for k, name in enumerate(result.model.free_names):
        columns[name] = result.table.theta[:, k]
        columns[f"{name}_error"] = result.stderr[:, k]
    columns["chi2"] = result.table.chi2
    columns["dof"] = result.dof.reshape(-1)
    columns["status"] = result.table.status
    columns["n_steps"] = result.table.n_steps
    columns["retry_stage"] = result.table.retry_stage
    return with_places(result, columns)


def with_places(result: ManyResult, columns: Mapping[str, Any]) -> dict[str, Any]:
    """Columns behind those of the place of each row along the axes of the map."""
    labels = unique_names((axis.name for axis in result.axes), columns)
    places = np.meshgrid(*(axis.values for axis in result.axes), indexing="ij")
    values = [place.ravel() for place in places]
    return {**dict(zip(labels, values, strict=True)), **columns}


def write_table(result: ManyResult, path: Path, *, overwrite: bool = False) -> None:
    """Write a table, one line or record for each row.

    Raises
    ------
    InputError
        When the suffix is another than .csv and .parquet, or a package is missing.
    DataError
        When the file exists and may not be replaced, or cannot be written.
    """
    columns = table_columns(result)
    if path.suffix.lower() == ".parquet":
        _write_parquet(columns, path, overwrite)
        return
    if path.suffix.lower() != ".csv":
        raise InputError(f"`{path}` must end in .csv or .parquet.")
    formats = [
        "%d" if column.dtype.kind in "iu" else "%.17g" for column in columns.values()
    ]
    with (
        atomic_file(path, overwrite) as temporary,
        temporary.open("w", encoding="utf-8") as stream,
    ):
        stream.write(",".join(map(as_cell, columns)) + "\n")
        for start in range(0, result.n_rows, BLOCK):
            block = [column[start : start + BLOCK] for column in columns.values()]
            rows = np.column_stack(block)
            np.savetxt(stream, rows, fmt=formats, delimiter=",")


def _write_parquet(
    columns: dict[str, NDArray[Any]], path: Path, overwrite: bool
) -> None:
    try:
        import pandas as pd
        import pyarrow  # noqa: F401  pandas writes Parquet by it
    except ImportError as error:
        raise InputError(
            f"writing `{path}` needs pandas and pyarrow: pip install "
            "'physfit[tables]', or write .csv."
        ) from error
    with atomic_file(path, overwrite) as temporary:
        pd.DataFrame(columns).to_parquet(temporary, index=False)
