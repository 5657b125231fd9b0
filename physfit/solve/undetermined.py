"""Which parameters the data leave open, for fits that compiled code did not end.

The same question as in `engine.determined`, put to the end of a fit by singular values,
of one in passes over a file, and of one by scipy: whether the cost grows one standard
error away from a parameter as the error claims.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from physfit.engine.determined import BEYOND, FACTOR, SHRUNK, SUSPECT
from physfit.joint_objective import JointObjective
from physfit.objective import Objective
from physfit.solve.base import Solution, Status
from physfit.solve.derivatives import lengths
from physfit.typing import FloatArray

if TYPE_CHECKING:
    from physfit.solve.sums import StreamedObjective

__all__ = ["Minimised", "examined"]

#: What is minimised: data in memory, several terms, or rows in passes.
Minimised: TypeAlias = "Objective | JointObjective | StreamedObjective"
#: Condition up to which the solver's inverse will do.
CONDITION = 1e12
#: Singular values below this, relative to the largest, are noise of the partials.
NOISE = 1e-13
#: Share in the directions of these from which on a parameter takes part in them.
SHARE = 1e-6
_NOWHERE = (Status.NOTHING_FREE, Status.NOT_FINITE_AT_START, Status.FAILED)


@np.errstate(all="ignore")
def examined(
    objective: Minimised, solution: Solution, lower: FloatArray, upper: FloatArray
) -> Solution:
    """Solution in which parameters that the data leave open have infinite variances.

    Its status says so too, but for an exact answer, which can be had without them.
    """
    theta, inside = solution.theta, solution.at_bound == 0
    if solution.status in _NOWHERE or not inside.any():
        return solution
    is_exact = solution.status is Status.EXACT
    if is_exact and objective.rounding == 0.0:
        return solution
    variance = _variance(objective, solution.cost) * (BEYOND if is_exact else 1.0)
    suspect = SUSPECT * theta**2
    if solution.condition < CONDITION:
        known = solution.covariance.diagonal()
        if not (variance * known[inside] > suspect[inside]).any():
            return solution
    rows, residual = objective.weighted_rows(theta)
    if not (np.isfinite(rows).all() and np.isfinite(residual).all()):
        return solution
    inverse = _inverse(rows, inside)
    is_open = np.zeros(len(theta), dtype=np.bool_)
    for k in np.flatnonzero(variance * inverse.diagonal() > suspect):
        step = np.where(inside, inverse[k], 0.0) / math.sqrt(inverse[k, k])
        alone = float(lengths(rows[k : k + 1])[0])
        if alone == 0.0:
            is_open[k] = True
            continue
        if math.sqrt(variance) > alone * math.sqrt(suspect[k]):
            step = np.where(np.arange(len(theta)) == k, 1.0 / alone, 0.0)
        step = np.nan_to_num(step) * math.sqrt(variance)
        limits = (lower, upper, 0.5 * variance)
        is_open[k] = not _grows(objective, solution, step, *limits)
        if is_open[k] and lower[k] <= 0.0 <= upper[k]:
            is_open[k] = not _is_even(objective, solution, int(k), 0.5 * variance)
    if not is_open.any():
        return solution
    rest = _inverse(rows, inside & ~is_open)
    is_open |= rest.diagonal() < SHRUNK * inverse.diagonal()
    covariance = _inverse(rows, inside & ~is_open)
    covariance[is_open, is_open] = np.inf
    status = Status.EXACT if is_exact else Status.UNDETERMINED
    return solution._replace(covariance=covariance, status=status)


def _inverse(rows: FloatArray, free: NDArray[np.bool_]) -> FloatArray:
    """Inverse of `rows @ rows.T` over some parameters; NaN where there is none."""
    moved = np.flatnonzero(free)
    inverse = np.full((len(rows), len(rows)), np.nan)
    length = lengths(rows[moved])
    length[length == 0.0] = 1.0
    upper = np.linalg.qr(rows[moved].T / length, mode="r")
    _, singular, right = np.linalg.svd(upper)
    singular = np.append(singular, np.zeros(len(moved) - len(singular)))
    known = singular > NOISE * len(moved) * singular.max(initial=0.0)
    root = right[known] / (singular[known, None] * length)
    lost = np.abs(right[~known]).max(axis=0, initial=0.0) > SHARE
    inner = root.T @ root
    inner[lost] = inner[:, lost] = np.nan
    inverse[np.ix_(moved, moved)] = inner
    return inverse


def _variance(objective: Minimised, cost: float) -> float:
    """Variance of the weighted data that the residuals show; rounding at least."""
    rounding = 0.5 * objective.rounding**2
    floor = rounding * objective.squares if rounding > 0.0 else 0.0
    return 2.0 * max(cost, floor) / max(objective.n_samples - objective.n_free, 1)


def _is_even(objective: Minimised, solution: Solution, k: int, growth: float) -> bool:
    """Whether a parameter is near 0 where the model depends on its square."""
    trial = solution.theta.copy()
    trial[k] = 0.0
    cost, _, matrix = objective.normal(trial)
    return bool(matrix[k, k] == 0.0 and abs(cost - solution.cost) < growth)


def _grows(
    objective: Minimised,
    solution: Solution,
    step: FloatArray,
    lower: FloatArray,
    upper: FloatArray,
    growth: float,
) -> bool:
    """Whether the cost grows by so much, about, on one side of a step.

    A deviance that ends there does so at the edge of its domain, which holds the model.
    """
    for side in (step, -step):
        trial = solution.theta + side
        if ((trial >= lower) & (trial <= upper)).all():
            cost = objective.cost(trial)
            if 1.0 / FACTOR < (cost - solution.cost) / growth < FACTOR:
                return True
            if objective.rounding == 0.0 and not math.isfinite(cost):
                return True
    return False
