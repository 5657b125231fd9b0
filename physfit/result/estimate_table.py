"""The parameters and derived quantities of a fit as a table, a line for each."""

from __future__ import annotations

import math
import os
from typing import TYPE_CHECKING

from physfit.data.files.outputs import refuse_inputs
from physfit.result.column_table import TableColumns, frame_of, write_columns

if TYPE_CHECKING:
    import pandas

    from physfit.result.fit_result import FitResult

__all__ = ["estimate_frame", "estimate_latex", "write_estimates"]


def _columns(result: FitResult) -> TableColumns:
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
    return frame_of(_columns(result)).set_index("name")


def estimate_latex(result: FitResult) -> str:
    """Table of LaTeX; see `FitResult.to_latex`."""
    from physfit.document.latex import as_latex
    from physfit.result.report import quantities

    whole = quantities(result)
    shown = [whole.titles.index(title) for title in ("", "value +- stderr", "unit")]
    return as_latex([whole.of_columns(shown)])


def write_estimates(
    result: FitResult, path: str | os.PathLike[str], *, overwrite: bool
) -> None:
    """Write the table; see `FitResult.to_csv`."""
    refuse_inputs({"the table": path}, [result.data.source])
    write_columns(_columns(result), path, overwrite=overwrite)
