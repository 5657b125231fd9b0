"""Gauss-Newton steps by singular values, where normal equations have no digits.

The compiled fit works with sums of products, whose condition is that of the Jacobian
squared: a straight line 1e9 away from x = 0 with a width of 10 leaves them without a
digit. Such a fit ends near its minimum, or in circles around it. From there a few steps
by the singular values of the weighted, column-scaled Jacobian finish it. They need all
partials in memory at once, so they are taken only where they are needed. (A file that
does not fit gives the triangular factor of that Jacobian instead, which has the same
singular values. Fits of rows take the same steps in `engine.row_finish`.)
"""

from __future__ import annotations

import math

import numpy as np

from physfit.engine.orthogonal import (
    EPSILON,
    HALVINGS,
    LOST,
    NEGLIGIBLE,
    NOISE,
    ROUNDING,
    ROUNDINGS,
    SETTLED,
    SHRINKING,
    SMALL,
    STEPS,
)
from physfit.solve.base import Solution, Status, Stop
from physfit.solve.derivatives import held_at_bounds, largest_cosine, lengths
from physfit.solve.undetermined import Minimised, floor_of
from physfit.typing import FloatArray

__all__ = ["lost_digits", "refined"]

_ENDED_NEARBY = (
    Status.FTOL,
    Status.XTOL,
    Status.GTOL,
    Status.MAX_STEPS,
    Status.STALLED,
)


def lost_digits(solution: Solution) -> bool:
    """Whether a compiled fit ended where its normal equations were too bad."""
    is_lost = solution.condition >= LOST
    if solution.status is Status.UNDETERMINED:
        return is_lost
    # A square below the range of doubles: its parameter's variance is infinite.
    is_lost = is_lost or math.inf in solution.covariance.diagonal().tolist()
    return is_lost and solution.status in _ENDED_NEARBY


@np.errstate(all="ignore")
def refined(
    objective: Minimised,
    solution: Solution,
    lower: FloatArray,
    upper: FloatArray,
    stop: Stop,
) -> Solution:
    """Solution after Gauss-Newton steps by singular values; never of a higher cost.

    Parameters on a bound that the gradient pushes outwards stay there. Directions that
    the data do not determine are left where they are. Where the steps do not arrive,
    the fit has not converged, whatever normal equations without digits said.
    """
    evaluations = objective.n_evals
    theta, cost, status = solution.theta.copy(), solution.cost, solution.status
    last, n_steps = np.inf, 0
    floor = floor_of(objective)
    while n_steps < STEPS:
        step, gain, unseen, is_lost = _step(objective, theta, lower, upper)
        if cost <= floor:
            status = Status.EXACT
            break
        if unseen > SMALL * cost and is_lost:
            status = Status.STALLED
            break
        if gain <= max(stop.ftol, ROUNDING) * cost:
            status = Status.FTOL
            break
        if SHRINKING * last < gain <= max(SETTLED * cost, unseen):
            status = Status.XTOL
            break
        accepted = _accepted(objective, theta, step, cost, lower, upper)
        if accepted is None:
            if gain <= max(NEGLIGIBLE * cost, unseen):
                status = Status.XTOL
            elif status.converged:
                status = Status.STALLED
            break
        (theta, cost), last, n_steps = accepted, gain, n_steps + 1
    else:
        status = Status.MAX_STEPS if status.converged else status
    _, gradient, matrix = objective.normal(theta)
    at_bound = held_at_bounds(theta, gradient, lower, upper)
    return solution._replace(
        theta=theta,
        cost=cost,
        status=status,
        n_steps=solution.n_steps + n_steps,
        n_evals=solution.n_evals + objective.n_evals - evaluations,
        gradient=gradient,
        at_bound=at_bound,
        optimality=largest_cosine(gradient, matrix, at_bound, cost),
    )


def _step(
    objective: Minimised, theta: FloatArray, lower: FloatArray, upper: FloatArray
) -> tuple[FloatArray, float, float, bool]:
    """Gauss-Newton step of the parameters that are not held, and its predicted gain.

    Then what no step can gain where parameters are rounded, and whether there are
    directions that are not determined.
    """
    rows, residual = objective.weighted_rows(theta)
    step = np.zeros(len(theta))
    if not (np.isfinite(rows).all() and np.isfinite(residual).all()):
        return step, np.nan, 0.0, False
    moving = np.flatnonzero(held_at_bounds(theta, rows @ residual, lower, upper) == 0)
    length = lengths(rows[moving])
    length[length == 0.0] = 1.0
    left, singular, right = np.linalg.svd(rows[moving].T / length, full_matrices=False)
    known = singular > NOISE * max(1, len(moving)) * singular.max(initial=0.0)
    along = left.T[known] @ residual
    step[moving] = -(right[known].T @ (along / singular[known])) / length
    rounding = ROUNDINGS * EPSILON * float(np.linalg.norm(length * theta[moving]))
    is_lost = int(known.sum()) < len(moving)
    return step, 0.5 * float(along @ along), 0.5 * rounding**2, is_lost


def _accepted(
    objective: Minimised,
    theta: FloatArray,
    step: FloatArray,
    cost: float,
    lower: FloatArray,
    upper: FloatArray,
) -> tuple[FloatArray, float] | None:
    """Parameters and cost after the longest half of a step that lowers the cost."""
    for _ in range(HALVINGS):
        trial = np.clip(theta + step, lower, upper)
        trial_cost = objective.cost(trial)
        if trial_cost < cost:
            return trial, trial_cost
        step = 0.5 * step
    return None
