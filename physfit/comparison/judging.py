"""What the table says of a run: how far it is from the reference, and what that means.

Distances are in units of the standard error at the reference, the largest over all
parameters: |dp| / stderr. A run agrees when it ends within `TOLERANCE` of the
reference, whatever it says of itself, or has the same cost (components that changed
places, an angle turned by 2 pi): a point at distance d in these units has a chi2 larger
by about d^2. The cost alone decides where a parameter has no standard error, on a bound
or not determined. A method on minibatches promises to be within `NEAR` standard errors,
and is held to that.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from physfit.comparison.baselines import MethodRun
from physfit.comparison.convergence import Convergence, Heights, convergence_of
from physfit.document.fields import fields_html
from physfit.fitting.distances import distance, stderr_of
from physfit.fitting.fit_plan import FitPlan
from physfit.solve.base import Solution, Status
from physfit.solve.derivatives import noise_at
from physfit.solve.first_order import NEAR
from physfit.solve.history import History
from physfit.typing import FloatArray

__all__ = ["NEAR", "TOLERANCE", "ComparisonRow", "judged"]

#: Largest distance that counts as agreement, in standard errors. Errors are quoted to
#: two digits, so a hundredth changes nothing anyone quotes; scipy's default tolerance
#: of 1e-8 in the cost alone allows sqrt(1e-8 n), a thousandth for 100 samples.
TOLERANCE = 0.01


class ComparisonRow(NamedTuple):
    """What one method did.

    Attributes
    ----------
    method : str
        As it was asked for: "lm", "adam:beta1=0.95", "scipy:trf".
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
        Evaluations of the model over all data; for a method on minibatches its passes
        over the rows, and that which says what the answer is worth.
    seconds : float
        Median time of the solver, in s, without compilation; NaN when left out.
    agrees : bool or None
        Whether it ended within 0.01 standard errors of the reference, or of the cost
        there, whatever its status; within 0.3 for a method on minibatches, which claims
        no more. None when it was left out, or left the bounds of the model.
    note : str
        What else there is to know; often empty.
    batch_size : int or None
        Rows of a minibatch; None for methods over all rows.
    history : History or None
        How it went. Methods over all rows have a record for each lower cost, no rate,
        and the cost over the number of rows as loss; None when it was left out.
    path : Convergence or None
        Its trajectory as the figure shows it: excess of the cost and distance from the
        reference against passes and seconds.
    """

    method: str
    gradients: str
    status: Status | None
    values: dict[str, float]
    cost: float = math.nan
    distance: float = math.nan
    stderr_difference: float = math.nan
    n_evals: int = 0
    seconds: float = math.nan
    agrees: bool | None = None
    note: str = ""
    batch_size: int | None = None
    history: History | None = None
    path: Convergence | None = None

    @property
    def claims(self) -> bool:
        """Whether the method says that it found a minimum."""
        return self.status is not None and self.status.converged

    def _repr_html_(self) -> str:
        return fields_html(self, self.method)


@np.errstate(all="ignore")
def judged(
    plan: FitPlan, runs: Sequence[MethodRun], best: Solution
) -> tuple[tuple[ComparisonRow, ...], FloatArray]:
    """A row for each run, beside the reference `best`, and the standard errors there.

    These errors are the unit of all distances.
    """
    dof = plan.over_all.n_samples - plan.over_all.n_free
    noise = 1.0
    if not plan.is_absolute:
        noise = noise_at(best.cost, dof, plan.data.y)
    stderr = stderr_of(best, noise)
    heights = Heights(plan, best)
    rows = []
    for run in runs:
        row = _row(plan.model.free_names, run, best, stderr, noise)
        path = convergence_of(plan, run, best, stderr, heights)
        rows.append(row._replace(path=path))
    return tuple(rows), stderr


def _row(
    names: Sequence[str],
    run: MethodRun,
    best: Solution,
    stderr: FloatArray,
    noise: float,
) -> ComparisonRow:
    method, gradients = run.method.name, run.method.gradients
    ended = run.solution
    if ended is None:
        nothing = dict.fromkeys(names, math.nan)
        return ComparisonRow(method, gradients, None, nothing, note=run.note)
    away = distance(ended.theta, best.theta, stderr)
    # How much higher chi2 is than at the best; NaN where there is no scale for it.
    excess = float(np.float64(2.0 * (ended.cost - best.cost)) / noise / noise)
    # A parameter without an error has no part in the distance, but in the cost.
    is_whole = bool(np.isfinite(stderr).all())
    agrees, note = _verdict(run, away if is_whole else math.nan, excess)
    stderr_difference = _stderr_difference(ended, best)
    if best.at_bound.any() and stderr_difference > TOLERANCE and not note:
        note = "its errors do not know of the parameter on its bound"
    return ComparisonRow(
        method=method,
        gradients=gradients,
        status=ended.status,
        values=dict(zip(names, ended.theta.tolist(), strict=True)),
        cost=ended.cost,
        distance=away,
        stderr_difference=stderr_difference,
        n_evals=ended.n_evals,
        seconds=run.seconds,
        agrees=agrees,
        note=note,
        batch_size=run.method.batch_size,
        history=run.history,
    )


def _verdict(run: MethodRun, away: float, excess: float) -> tuple[bool | None, str]:
    """Whether a run agrees, None where it solved another problem; and a note."""
    if run.note:
        return None, run.note
    allowed = TOLERANCE if run.method.minibatches is None else NEAR
    # NaN is no agreement, so it is asked whether they do, not whether they do not.
    same_cost = abs(excess) <= allowed**2
    if same_cost and away > allowed:
        return True, "as good a fit at other values"
    return away <= allowed or same_cost, ""


def _stderr_difference(ended: Solution, best: Solution) -> float:
    found = np.sqrt(np.diagonal(ended.covariance))
    aim = np.sqrt(np.diagonal(best.covariance))
    both = np.isfinite(found) & np.isfinite(aim) & (aim > 0.0)
    if not both.any():
        return math.nan
    return float(np.max(np.abs(found[both] / aim[both] - 1.0)))
