"""`compare`: whether all methods get to the same minimum, and at what price.

Distances are in units of the standard error at the reference, the largest over all
parameters: |dp| / stderr. A method disagrees when it says it converged and ends further
than `TOLERANCE` from the reference, unless its cost is the same there (components that
changed places, an angle turned by 2 pi): a point at distance d in these units has a
chi2 larger by about d^2.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from typing import Any, NamedTuple

import numpy as np

from physfit.comparison.baselines import Gradients, Run, best_of, reference, run_all
from physfit.comparison.rendering import as_html, as_text, plain
from physfit.data.arrays import NanPolicy
from physfit.errors import ConvergenceError, InputError
from physfit.fitting import Prepared, fit, prepare
from physfit.models.loss import Loss
from physfit.solve.base import Solution, Status
from physfit.typing import Column, FloatArray

__all__ = ["TOLERANCE", "Comparison", "Row", "compare"]

#: Largest distance that counts as agreement, in standard errors. Errors are quoted to
#: two digits, so a hundredth changes nothing anyone quotes; scipy's default tolerance
#: of 1e-8 in the cost alone allows sqrt(1e-8 n), a thousandth for 100 samples.
TOLERANCE = 0.01
#: Noise of data that a model meets exactly, as a share of their size: none is better
#: known, and a standard error of zero measures nothing.
SMALLEST_NOISE = 1e-9


class Row(NamedTuple):
    """What one method did.

    Attributes
    ----------
    method : str
        "lm", or that of scipy.
    gradients : {"exact", "differences", "none"}
        Our derivatives, the method's own differences, or a method without any.
    status : Status or None
        None when it was left out.
    values : dict of str to float
        Free parameters where it ended.
    cost : float
        Half of chi2, or the loss summed.
    distance : float
        Largest |dp| / stderr from the reference.
    stderr_difference : float
        Largest relative difference of a standard error from the reference.
    n_evals : int
        Evaluations of the model over all data.
    seconds : float
        Median time of the solver, in s, without compilation; NaN when left out.
    agrees : bool or None
        None when the method does not claim to have converged.
    note : str
        What else there is to know; often empty.
    """

    method: str
    gradients: str
    status: Status | None
    values: dict[str, float]
    cost: float
    distance: float
    stderr_difference: float
    n_evals: int
    seconds: float
    agrees: bool | None
    note: str


@dataclass(frozen=True)
class Comparison:
    """The same fit by several methods.

    Attributes
    ----------
    expression, loss : str
        Of the model, as `parse_model` reads it, and of the loss.
    n_samples : int
        Real numbers in the data.
    rows : tuple of Row
        One for each method and kind of derivatives; `comparison["lm"]` is the first of
        a method.
    values, stderr : dict of str to float
        The reference: scipy's least squares with tolerances of 1e-15, started from the
        best point found.
    cost : float
        Its cost.
    compile_seconds : float
        Time spent compiling before the runs, in s; about zero when the cache was warm.

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
    all 3 runs that converged agree within 0.01 standard errors
    >>> comparison["scipy:lm"].distance < 1e-6
    True
    """

    expression: str
    loss: str
    n_samples: int
    rows: tuple[Row, ...]
    values: dict[str, float]
    stderr: dict[str, float]
    cost: float
    compile_seconds: float

    @property
    def agree(self) -> bool:
        """Whether every method that claims to have converged got to the reference."""
        return all(row.agrees is not False for row in self.rows)

    def __getitem__(self, method: str) -> Row:
        """First row of a method; KeyError when it has none."""
        for row in self.rows:
            if row.method == method:
                return row
        raise KeyError(method)

    def report(self) -> str:
        """Text with the reference, a line for each method, and the verdict.

        Returns
        -------
        str

        Examples
        --------
        >>> import physfit as pf
        >>> line = pf.models.Linear()
        >>> print(pf.compare(line, [0, 1, 2], [1.0, 3.1, 4.9], methods=["lm"]).report())
        linear, chi2, 3 samples
        ...
        all 1 runs that converged agree within 0.01 standard errors
        """
        return as_text(self)

    @property
    def verdict(self) -> str:
        """One sentence that says whether they agree."""
        judged = [row for row in self.rows if row.agrees is not None]
        silent = len(self.rows) - len(judged)
        besides = f" ({silent} more did not converge or were left out)" * (silent > 0)
        if self.agree:
            return (
                f"all {len(judged)} runs that converged agree within {TOLERANCE:g} "
                f"standard errors{besides}"
            )
        astray = [f"{row.method} ({row.gradients})" for row in judged if not row.agrees]
        return f"methods disagree: {', '.join(astray)} ended elsewhere{besides}"

    def __str__(self) -> str:
        return self.report()

    def _repr_html_(self) -> str:
        return as_html(self)

    def to_dict(self) -> dict[str, Any]:
        """Plain record for JSON; numbers that are not finite become None.

        Returns
        -------
        dict

        Examples
        --------
        >>> import physfit as pf
        >>> line = pf.models.Linear()
        >>> record = pf.compare(line, [0, 1, 2], [1, 3, 4], methods=["lm"]).to_dict()
        >>> record["agree"], [row["method"] for row in record["rows"]]
        (True, ['lm'])
        """
        return {
            "model": self.expression,
            "loss": self.loss,
            "n_samples": self.n_samples,
            "agree": self.agree,
            "tolerance": TOLERANCE,
            "compile_seconds": self.compile_seconds,
            "reference": {
                "values": plain(self.values),
                "stderr": plain(self.stderr),
                "cost": self.cost,
            },
            "rows": [plain(row._asdict()) for row in self.rows],
        }


def compare(
    model: Any,
    x: Column | str | PathLike[str],
    y: Column | None = None,
    *,
    sigma: Column | float | None = None,
    start: Mapping[str, float] | None = None,
    loss: str | Loss = "chi2",
    methods: Sequence[str] | None = None,
    gradients: Gradients = "both",
    repeats: int = 3,
    nan: NanPolicy = "raise",
    dataset: str | None = None,
) -> Comparison:
    """Fit by physfit and by scipy, from the same start.

    Parameters
    ----------
    model, x, y, sigma, start, loss, nan, dataset
        As for `physfit.fit`, with the shapes and defaults told there.
    methods : sequence of str, optional
        "lm" and names such as "scipy:trf"; all that have the loss when left out.
    gradients : {"both", "exact", "differences"}
        Whether scipy gets our derivatives, its own differences, or each in turn.
    repeats : int
        Runs of a method for the median of its time, after one for warmth; fewer where
        they take long.

    Returns
    -------
    Comparison
        `.agree`, `.rows`, `.report()`, `.to_dict()`.

    Raises
    ------
    InputError, ModelError, DataError
        As `physfit.fit`; also when a method is unknown or has no such loss.
    ConvergenceError
        When no method finds a finite cost, so that there is nothing to compare with.

    Examples
    --------
    >>> import numpy as np
    >>> from physfit.models import Exponential
    >>> t = np.linspace(0.0, 4.0, 30)
    >>> y = 3.0 * np.exp(-t / 1.5) + 0.05 * np.cos(40.0 * t)
    >>> table = compare(Exponential(), t, y, methods=["lm", "scipy:trf"])
    >>> table.agree
    True
    """
    if repeats < 1:
        raise InputError(f"`repeats` must be >= 1, but is {repeats!r}.")
    # The fit checks the arguments, guesses starts and compiles what is missing.
    result = fit(
        model, x, y, sigma=sigma, start=start, loss=loss, nan=nan, dataset=dataset
    )
    begin = dict(zip(model.free_names, result.start.tolist(), strict=True))
    prepared = prepare(model, result.data, start=begin, loss=result.loss)
    runs = run_all(prepared, methods, gradients, repeats)
    best = best_of(runs, prepared)
    if best is None or not math.isfinite(best.cost):
        raise ConvergenceError(
            "no method finds a finite cost from these start values; choose others.",
            best,
        )
    return _judged(prepared, runs, reference(prepared, best), result.compile_seconds)


def _judged(
    prepared: Prepared, runs: Sequence[Run], best: Solution, compile_seconds: float
) -> Comparison:
    names = prepared.model.free_names
    noise = _noise(prepared, best)
    stderr = np.sqrt(np.diagonal(best.covariance)) * noise
    rows = tuple(_row(names, run, best, stderr, noise) for run in runs)
    return Comparison(
        expression=prepared.model.expression,
        loss=str(prepared.loss),
        n_samples=prepared.objective.n_samples,
        rows=rows,
        values=dict(zip(names, best.theta.tolist(), strict=True)),
        stderr=dict(zip(names, stderr.tolist(), strict=True)),
        cost=best.cost,
        compile_seconds=compile_seconds,
    )


def _noise(prepared: Prepared, best: Solution) -> float:
    """Standard deviation of a weighted sample: 1 where errors are known."""
    objective = prepared.objective
    if prepared.data.sigma is not None or prepared.loss.name == "poisson":
        return 1.0
    dof = max(1, objective.n_samples - objective.n_free)
    size = float(np.sqrt(np.mean(objective.y**2)))
    return max(math.sqrt(2.0 * best.cost / dof), SMALLEST_NOISE * size)


def _row(
    names: Sequence[str], run: Run, best: Solution, stderr: FloatArray, noise: float
) -> Row:
    ended = run.solution
    if ended is None:
        nan = math.nan
        nothing = dict.fromkeys(names, nan)
        return Row(
            *(run.method, run.gradients, None, nothing, nan, nan, nan, 0, nan, None),
            run.note,
        )
    distance = _distance(ended.theta, best.theta, stderr)
    excess = 2.0 * (ended.cost - best.cost) / noise**2
    agrees, note = None, run.note
    if ended.status.converged and not run.note:
        # NaN is no agreement, so it is asked whether they do, not whether they do not.
        same_cost = excess <= TOLERANCE**2
        agrees = distance <= TOLERANCE or same_cost
        if same_cost and not distance <= TOLERANCE:
            note = "as good a fit at other values"
    stderr_difference = _stderr_difference(ended, best)
    if best.at_bound.any() and stderr_difference > TOLERANCE and not note:
        note = "its errors do not know of the parameter on its bound"
    return Row(
        method=run.method,
        gradients=run.gradients,
        status=ended.status,
        values=dict(zip(names, ended.theta.tolist(), strict=True)),
        cost=ended.cost,
        distance=distance,
        stderr_difference=stderr_difference,
        n_evals=ended.n_evals,
        seconds=run.seconds,
        agrees=agrees,
        note=note,
    )


def _distance(theta: FloatArray, best: FloatArray, stderr: FloatArray) -> float:
    """Largest distance over the parameters that have a standard error."""
    known = np.isfinite(stderr) & (stderr > 0.0)
    if not known.any():
        return 0.0 if np.array_equal(theta, best) else math.nan
    return float(np.max(np.abs(theta - best)[known] / stderr[known]))


def _stderr_difference(ended: Solution, best: Solution) -> float:
    with np.errstate(invalid="ignore"):
        found = np.sqrt(np.diagonal(ended.covariance))
        aim = np.sqrt(np.diagonal(best.covariance))
    both = np.isfinite(found) & np.isfinite(aim) & (aim > 0.0)
    if not both.any():
        return math.nan
    return float(np.max(np.abs(found[both] / aim[both] - 1.0)))
