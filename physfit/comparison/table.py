"""`compare`: whether all methods find the same minimum, on which trajectory and when.

`judging` says what distance and agreement mean, `convergence` what the figure shows.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from os import PathLike
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np

from physfit.comparison.baselines import is_by_scipy, reference, run_all
from physfit.comparison.compared import compared
from physfit.comparison.judging import NEAR, TOLERANCE, ComparisonRow, judged
from physfit.comparison.methods import contenders
from physfit.comparison.rendering import as_record, document
from physfit.data.arrays import NanPolicy
from physfit.data.table import Table
from physfit.engine.jit import compile_seconds
from physfit.errors import ConvergenceError
from physfit.fitting.columns import Columns
from physfit.fitting.exploration.base import Exploration
from physfit.fitting.fit_settings import FitSettings
from physfit.models.loss import Loss
from physfit.result.column_table import TableColumns, columns_of
from physfit.settings.doors import OfCompare
from physfit.settings.keywords import takes
from physfit.settings.setting import checked
from physfit.typing import Column

if TYPE_CHECKING:
    from physfit.data.base import Source

__all__ = ["TOLERANCE", "Comparison", "ComparisonRow", "compare"]

#: Who found the reference, in the words of the report.
BY_SCIPY = "scipy least_squares, tolerances 1e-15"
BY_PASSES = "lm over all rows, ftol 1e-17"
BY_SUMS = "normal equations of all rows"


@dataclass(frozen=True, repr=False)
class Comparison(Exploration):
    """The same fit by several methods.

    Its figure shows the trajectories in three panels: the cost above that of the
    reference against passes over the data and against seconds, and the distance from
    the reference in standard errors against passes, all logarithmic, a line for each
    method. The mark at its end is the method's answer.

    Attributes
    ----------
    expression, loss : str
        Of the model, as `parse_model` reads it, and of the loss.
    n_samples : int
        Real numbers in the data.
    rows : tuple of ComparisonRow
        One for each method and kind of derivatives; `comparison["lm"]` is the first of
        a method.
    values, stderr : dict of str to float
        The reference: scipy's least squares with tolerances of 1e-15, started from the
        best point found that leads to a minimum; for data too large for scipy our own
        over all rows.
    cost : float
        Its cost.
    compile_seconds : float
        Time spent compiling, in s, which is in no method's time; about zero when the
        cache was warm.
    referee : str
        Who found the reference.
    is_minimum : bool
        Whether the reference is a minimum.

    Raises
    ------
    KeyError
        By `comparison[method]` when the method has no row.

    Examples
    --------
    >>> import physfit as pf
    >>> x, y = [0.0, 1.0, 2.0, 3.0], [1.0, 3.1, 4.9, 7.0]
    >>> comparison = pf.compare(pf.models.Linear(), x, y, methods=["lm", "scipy:lm"])
    >>> print(comparison.verdict)
    all 3 runs agree within 0.01 standard errors
    >>> comparison["scipy:lm"].distance < 1e-6
    True
    """

    expression: str
    loss: str
    n_samples: int
    rows: tuple[ComparisonRow, ...]
    values: dict[str, float]
    stderr: dict[str, float]
    cost: float
    compile_seconds: float
    referee: str = BY_SCIPY
    is_minimum: bool = True

    FIGURE = "comparison:comparison_figure"

    def _table(self) -> TableColumns:
        return columns_of(self.rows)

    @property
    def agree(self) -> bool:
        """Whether the reference is a minimum and every method that ran got to it.

        One that could not be run, because it cannot keep the bounds, does not count.
        """
        judged = [row.agrees for row in self.rows if row.agrees is not None]
        return self.is_minimum and bool(judged) and all(judged)

    def __getitem__(self, method: str) -> ComparisonRow:
        """First row of a method; KeyError when it has none."""
        for row in self.rows:
            if row.method == method:
                return row
        raise KeyError(method)

    _document = document

    @property
    def verdict(self) -> str:
        """One sentence that says whether they agree."""
        judged = [row for row in self.rows if row.agrees is not None]
        silent = len(self.rows) - len(judged)
        besides = f" ({silent} more were left out)" * (silent > 0)
        if self.agree:
            near = [row.method for row in judged if row.batch_size is not None]
            wider = (
                f", on minibatches ({', '.join(near)}) within {NEAR:g}" if near else ""
            )
            return (
                f"all {len(judged)} runs agree within {TOLERANCE:g} standard errors"
                f"{wider}{besides}"
            )
        if not self.is_minimum:
            return f"no minimum was found, not even by the reference{besides}"
        missed = [row for row in judged if not row.agrees]
        who = [f"{row.method} ({row.gradients}) {_missed_by(row)}" for row in missed]
        what = "methods disagree"
        if len(missed) == len(judged):
            what = "no method got to the minimum"
        return ": ".join([what, ", ".join(who)] if who else [what]) + besides

    _record = as_record


def _missed_by(row: ComparisonRow) -> str:
    """How a run missed the reference."""
    if row.claims:
        return "ended elsewhere"
    away = f"{row.distance:.2g} standard errors away"
    return f"did not converge, {away if math.isfinite(row.distance) else 'far away'}"


@takes(OfCompare)
@np.errstate(all="ignore")
def compare(
    model: Any,
    x: Column | Table | str | PathLike[str] | Source,
    y: Column | None = None,
    *,
    sigma: Column | float | None = None,
    start: Mapping[str, float] | str | None = None,
    loss: str | Loss = "chi2",
    nan: NanPolicy = "raise",
    dataset: str | None = None,
    **settings: Unpack[OfCompare],
) -> Comparison:
    """Fit by physfit and by scipy, from the same start.

    Parameters
    ----------
    model, x, y, sigma, start, loss, nan, dataset
        As for `physfit.fit`, with the shapes and defaults told there. An HDF5 file
        larger than `memory` is read row by row, and so is a `pf.Hdf5Source` of one.
    **settings
        Of all methods on minibatches.

    Returns
    -------
    Comparison
        `.agree`, `.rows`, `.report()`, `.to_dict()`, `.plot()`.

    Raises
    ------
    InputError, ModelError, DataError
        As `physfit.fit`; also when a method is unknown, has no such loss, or cannot
        read rows that stay in a file.
    ConvergenceError
        When no method finds a finite cost, so that there is nothing to compare with.

    Notes
    -----
    A run agrees when it ends within 0.01 standard errors of the reference, one of a
    first-order method within 0.3, which is all that claims. What it says of itself does
    not count: one that gave up at the minimum agrees; one that converged elsewhere, or
    whose epochs ended too early, does not: the verdict says which, and how far it got.

    Examples
    --------
    >>> import numpy as np
    >>> from physfit.models import Exponential
    >>> t = np.linspace(0.0, 4.0, 300)
    >>> y = 3.0 * np.exp(-t / 1.5) + 0.05 * np.cos(40.0 * t)
    >>> table = compare(Exponential(), t, y, methods=["lm", "adam", "scipy:trf"])
    >>> table.agree, table["adam"].batch_size
    (True, 300)
    >>> table["lm"].distance < 0.01, table["adam"].distance < 0.3
    (True, True)
    """
    compiled_before = compile_seconds()
    given = checked("compare", OfCompare, settings)
    methods = given.get("methods")
    with compared(
        model,
        Columns(x, y, sigma, nan, dataset, x_range=given["x_range"]),
        FitSettings.of(given, loss=loss, start=start),
    ) as plan:
        runs = run_all(
            plan, contenders(plan, methods, given["gradients"]), given["repeats"]
        )
        best = reference(plan, runs)
        if best is None or not math.isfinite(best.cost):
            raise ConvergenceError(
                "no method finds a finite cost from these start values; choose others.",
                best,
            )
        judged_rows, stderr = judged(plan, runs, best)
    names = plan.model.free_names
    by_ours = BY_SUMS if plan.is_exact else BY_PASSES
    return Comparison(
        expression=plan.model.expression,
        loss=str(plan.loss),
        n_samples=plan.over_all.n_samples,
        rows=judged_rows,
        values=dict(zip(names, best.theta.tolist(), strict=True)),
        stderr=dict(zip(names, stderr.tolist(), strict=True)),
        cost=best.cost,
        compile_seconds=compile_seconds() - compiled_before,
        referee=BY_SCIPY if is_by_scipy(plan) else by_ours,
        is_minimum=best.status.converged,
    )
