"""The rows of a map as a pandas table."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Any

import numpy as np

from physfit.errors import InputError
from physfit.result.many_table import with_places
from physfit.solve.base import Status
from physfit.solve.row_table import RetryStage

if TYPE_CHECKING:
    import pandas

    from physfit.result.many_result import ManyResult

__all__ = ["frame"]


def frame(many: ManyResult) -> pandas.DataFrame:
    """Table with a line for each row; see `ManyResult.to_frame`."""
    try:
        import pandas
    except ImportError:
        raise InputError(
            "a table needs pandas; install it with `pip install 'physfit[tables]'`."
        ) from None
    columns: dict[str, Any] = {}
    for name in (*many.names, *many.derived):
        own = many[name]
        columns[name] = own.value.ravel()
        if not own.fixed:
            columns[f"{name}_stderr"] = own.stderr.ravel()
    columns["chi2"] = many.chi2.ravel()
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
    return pandas.DataFrame(with_places(many, columns))


def _named(numbers: Any, kind: type[IntEnum]) -> Any:
    """Numbers as a categorical column of their names."""
    import pandas

    known, codes = np.unique(numbers, return_inverse=True)
    categories = pandas.Index([kind(int(number)).name.lower() for number in known])
    return pandas.Categorical.from_codes(codes, categories)
