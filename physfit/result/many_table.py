"""Results of many rows as tables: CSV by numpy, Parquet by pyarrow, and pandas' own."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from physfit.data.files.atomic import atomic_file
from physfit.data.headings import as_cell
from physfit.data.jobs.map_rows import unique_names
from physfit.errors import InputError, pip_install
from physfit.solve.base import Status
from physfit.solve.row_table import RetryStage

if TYPE_CHECKING:
    import pandas

    from physfit.result.many_result import ManyResult

__all__ = ["frame", "needed_pandas", "write_table"]

#: Rows that are written at a time.
BLOCK = 65536


def table_columns(result: ManyResult) -> dict[str, NDArray[Any]]:
    """Columns of a table: place in the map, parameters with errors, quality."""
    columns: dict[str, NDArray[Any]] = {}
    for k, name in enumerate(result.model.free_names):
        columns[name] = result.table.theta[:, k]
        columns[f"{name}_stderr"] = result.stderr[:, k]
    columns["chi2"] = result.table.chi2
    if result.scale is not None:
        columns["scale"] = result.table.scale
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
            f"writing `{path}` needs pandas and pyarrow; run {pip_install('tables')}, "
            "or write .csv."
        ) from error
    with atomic_file(path, overwrite) as temporary:
        pd.DataFrame(columns).to_parquet(temporary, index=False)


def needed_pandas() -> ModuleType:
    """Pandas, which is needed for tables in memory."""
    try:
        import pandas
    except ImportError:
        raise InputError(
            f"a table needs pandas; run {pip_install('tables')}."
        ) from None
    return pandas


def frame(many: ManyResult) -> pandas.DataFrame:
    """Table with a line for each row; see `ManyResult.to_frame`."""
    module = needed_pandas()
    columns: dict[str, Any] = {}
    for name in (*many.names, *many.derived):
        own = many[name]
        columns[name] = own.value.ravel()
        if not own.fixed:
            columns[f"{name}_stderr"] = own.stderr.ravel()
    columns["chi2"] = many.chi2.ravel()
    if many.scale is not None:
        columns["scale"] = many.scale.ravel()
    columns["reduced_chi2"] = many.reduced_chi2.ravel()
    columns["dof"] = many.dof.ravel()
    p = many.p_value
    if p is not None:
        columns["p_value"] = p.ravel()
    columns["n_samples"] = many.table.n_samples
    columns["converged"] = many.converged.ravel()
    columns["status"] = _named(many.table.status, Status)
    columns["retry_stage"] = _named(many.table.retry_stage, RetryStage)
    columns["n_steps"] = many.table.n_steps
    table: pandas.DataFrame = module.DataFrame(with_places(many, columns))
    return table


def _named(numbers: Any, kind: type[IntEnum]) -> Any:
    """Numbers as a categorical column of their names."""
    import pandas

    known, codes = np.unique(numbers, return_inverse=True)
    categories = pandas.Index([kind(int(number)).name.lower() for number in known])
    return pandas.Categorical.from_codes(codes, categories)
