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

from physfit.engine.determined import (
    BEYOND,
    DEVIANCE_FLOOR,
    DRAGGED,
    FACTOR,
    SHRUNK,
    SUSPECT,
    SUSPECT_IF_EXACT,
)
from physfit.engine.orthogonal import LOST, NOISE, ROUNDED, SHARE
from physfit.joint_objective import JointObjective
from physfit.objective import Objective
from physfit.solve.base import Solution, Status
from physfit.solve.derivatives import lengths
from physfit.typing import FloatArray

if TYPE_CHECKING:
    from physfit.solve.sums import StreamedObjective

__all__ = ["Minimised", "examined", "floor_of", "mirrored"]

#: What is minimised: data in memory, several terms, or rows in passes.
Minimised: TypeAlias = "Objective | JointObjective | StreamedObjective"
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
    suspect = (SUSPECT_IF_EXACT if is_exact else SUSPECT) * theta**2
    if solution.condition < LOST:
        variances = solution.covariance.diagonal()
        if not (variance * variances[inside] > suspect[inside]).any():
            return solution
    rows, residual = objective.weighted_rows(theta)
    if not (np.isfinite(rows).all() and np.isfinite(residual).all()):
        return solution
    inverse, null = _inverse(rows, inside)
    is_open = _dragged(theta, inverse, null, variance)
    if inside.all():  # else what is held, such as a height at 0, may be why
        # What the model does not depend on where it is, unless its square counts.
        is_open |= ~rows.any(axis=1) & (theta != 0.0)
    known = np.isfinite(inverse.diagonal())
    for k in np.flatnonzero(known & (variance * inverse.diagonal() > suspect)):
        step = np.where(inside, inverse[k], 0.0) / math.sqrt(inverse[k, k])
        alone = float(lengths(rows[k : k + 1])[0])
        if math.sqrt(variance) > alone * math.sqrt(suspect[k]):
            step = np.where(np.arange(len(theta)) == k, 1.0 / alone, 0.0)
        step, growth = np.nan_to_num(step) * math.sqrt(variance), 0.5 * variance
        column, limits = (int(k), alone), (lower, upper)
        is_open[k] |= not (
            _grows(objective, solution, step, *limits, growth, column)
            or _is_even(objective, solution, int(k), *limits, growth)
        )
    if not is_open.any():
        return solution
    rest, _ = _inverse(rows, inside & ~is_open)
    is_open |= rest.diagonal() < SHRUNK * inverse.diagonal()
    covariance = inverse.copy()
    covariance[is_open] = covariance[:, is_open] = np.nan
    covariance[is_open, is_open] = np.inf
    status = Status.EXACT if is_exact else Status.UNDETERMINED
    return solution._replace(covariance=covariance, status=status)


def mirrored(
    solution: Solution, theta: FloatArray, lower: FloatArray, upper: FloatArray
) -> FloatArray | None:
    """Start with the other sign of what was left open; None where it may not have it.

    A decay that wants to be slower than infinite is one that grows.
    """
    if solution.status is not Status.UNDETERMINED:
        return None
    is_open = np.isposinf(solution.covariance.diagonal())
    other = np.where(is_open, -theta, theta)
    inside = (other >= lower) & (other <= upper)
    return other if inside.all() and (other != theta).any() else None


def _dragged(
    theta: FloatArray, inverse: FloatArray, null: FloatArray, variance: float
) -> NDArray[np.bool_]:
    """Parameters that have an error, but go along where others change without a limit.

    Their part in that direction is small, but is a hundredth of their error or more
    before one of the others has changed by as much as itself.
    """
    lost = np.isposinf(inverse.diagonal())
    dragged = np.zeros(len(theta), dtype=np.bool_)
    for direction in null:
        reach = np.abs(theta[lost] / direction[lost]).min(initial=np.inf)
        moved = reach * np.abs(direction)
        dragged |= moved**2 > DRAGGED * variance * inverse.diagonal()
    return dragged


def _inverse(
    rows: FloatArray, free: NDArray[np.bool_]
) -> tuple[FloatArray, FloatArray]:
    """Inverse of `rows @ rows.T` over some parameters; NaN where there is none.

    One that takes part in a direction of which the rows know nothing has an infinite
    variance. These directions, shape (r, P), come second, without what is rounding.
    """
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
    inner[lost, lost] = np.inf
    inverse[np.ix_(moved, moved)] = inner
    null = np.zeros((int((~known).sum()), len(rows)))
    parts = right[~known]
    null[:, moved] = np.where(np.abs(parts) > ROUNDED, parts, 0.0) / length
    return inverse, null


def floor_of(objective: Minimised) -> float:
    """Cost that is rounding of the data, or nothing where counts are met exactly."""
    rounding = 0.5 * objective.rounding**2
    return rounding * objective.squares if rounding > 0.0 else DEVIANCE_FLOOR


def _variance(objective: Minimised, cost: float) -> float:
    """Variance of the weighted data that the residuals show; rounding at least."""
    dof = max(objective.n_samples - objective.n_free, 1)
    variance = 2.0 * max(cost, floor_of(objective)) / dof
    return min(variance, 1.0) if objective.is_robust else variance


def _is_even(
    objective: Minimised,
    solution: Solution,
    k: int,
    lower: FloatArray,
    upper: FloatArray,
    growth: float,
) -> bool:
    """Whether a parameter is near 0 where the model depends on its square.

    Its partials are halved at half of it then, and vanish at 0.
    """
    if not lower[k] <= 0.0 <= upper[k]:
        return False
    trial = solution.theta.copy()
    here = objective.normal(trial)[2][k, k]
    trial[k] *= 0.5
    half = objective.normal(trial)[2][k, k]
    trial[k] = 0.0
    cost, _, matrix = objective.normal(trial)
    vanishes = 0.125 * here < half < 0.5 * here and matrix[k, k] == 0.0
    return bool(vanishes and abs(cost - solution.cost) < growth)


def _grows(
    objective: Minimised,
    solution: Solution,
    step: FloatArray,
    lower: FloatArray,
    upper: FloatArray,
    growth: float,
    column: tuple[int, float],
) -> bool:
    """Whether the cost grows by so much, about, on one side of a step.

    The column of a parameter, its number and its length, must be about as long there.
    """
    for side in (step, -step):
        trial = solution.theta + side
        if ((trial >= lower) & (trial <= upper)).all():
            cost, _, matrix = objective.normal(trial)
            number, length = column
            ratios = (cost - solution.cost) / growth, matrix[number, number] / length**2
            if all(1.0 / FACTOR < ratio < FACTOR for ratio in ratios):
                return True
    return False
