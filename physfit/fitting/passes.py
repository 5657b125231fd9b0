"""The minimum over rows that come in windows, by passes over all of them."""

from __future__ import annotations

import numpy as np

from physfit.fitting.fit_plan import Ended, FitPlan
from physfit.solve.base import ProgressCallback, Solution, Status, Stop
from physfit.solve.derivatives import held_at_bounds, solution_at
from physfit.solve.least_squares import levenberg_marquardt
from physfit.solve.linear import linear_least_squares
from physfit.solve.residual_scale import minimised_at_scale
from physfit.solve.sums import StreamedObjective
from physfit.typing import FloatArray
from physfit.uncertainty.covariance import Assessment, factorised, from_inverse
from physfit.uncertainty.identifiability import undetermined_sentences
from physfit.uncertainty.sandwich import assess, newton_distance

__all__ = ["assessed", "minimised_in_passes"]

#: Eigenvalues below this, relative to the largest and times their number, are rounding.
NOISE = 1e-13


def minimised_in_passes(
    plan: FitPlan, progress: ProgressCallback | None, *, is_judged: bool = True
) -> Ended:
    """The minimum by Levenberg-Marquardt, one pass over all rows for each step.

    A further pass says what it is worth, where that is wanted.
    """
    model, objective = plan.model, plan.in_passes()
    if plan.is_exact:
        at_zero = objective.normal(np.zeros(objective.n_free))
        solution = linear_least_squares(
            *(objective, model.free_lower, model.free_upper),
            ridge=plan.settings.ridge,
            at_zero=at_zero,
        )
        objective.release()
        judged = _assessed_by(plan, at_zero[2], solution, objective.n_rows)
        return Ended(solution, None, judged)

    def solve(
        theta: FloatArray, stop: Stop | None, progress: ProgressCallback | None
    ) -> Solution:
        return levenberg_marquardt(
            *(objective, theta, model.free_lower, model.free_upper),
            stop=stop,
            progress=progress,
            damped=plan.method.name == "lm",
        )

    theta, scale, stop = plan.theta, plan.scale, plan.settings.stop
    if plan.needs_scale and scale is None:
        near, _ = plan.minimised()  # the scale of 20,000 residuals is known to 1 %
        theta = near.theta if near.status.converged else theta
        ended, scale = minimised_at_scale(
            *(objective, theta, solve), stop=stop or Stop(), progress=progress
        )
    else:
        ended = solve(theta, stop, progress)
    if not is_judged:
        objective.release()
        return Ended(ended, scale)
    judged = assessed(plan, ended.theta, objective)._replace(solution=ended)
    if ended.status is Status.EDGE:
        inverse = (ended.covariance, ended.condition, ended.at_bound)
        known = from_inverse(*inverse) or judged.covariance
        judged = judged._replace(covariance=known)
    return Ended(ended, scale, _opened(plan, judged))


def _opened(plan: FitPlan, judged: Assessment) -> Assessment:
    """The same without errors of what the fit found undetermined."""
    is_open = np.isposinf(judged.solution.covariance.diagonal())
    if not is_open.any():
        return judged
    before, n = judged.covariance, judged.n_samples
    after = before.opened(is_open)
    if not plan.is_absolute and n > before.rank:  # chi2 / dof with the dof left
        after = after.times((n - before.rank) / (n - after.rank))
    return judged._replace(covariance=after)


def assessed(
    plan: FitPlan,
    theta: FloatArray,
    objective: StreamedObjective | None = None,
    *,
    n_steps: int = 0,
) -> Assessment:
    """What parameters are worth, by one pass over all rows."""
    objective = plan.in_passes() if objective is None else objective
    limits = plan.limits
    if plan.is_exact:
        cost, gradient, matrix = objective.normal(theta)
        solution = solution_at(
            *(theta.copy(), cost, gradient, matrix),
            held_at_bounds(theta, gradient, *limits),
            status=Status.REPORTED,
            n_steps=n_steps,
            n_evals=2,
        )
        judged = _assessed_by(plan, matrix, solution, objective.n_rows)
    else:
        judged = assess(
            *(objective, theta, *limits),
            absolute=plan.is_absolute,
            n_steps=n_steps,
        )
    objective.release()
    return judged


def _assessed_by(
    plan: FitPlan, matrix: FloatArray, solution: Solution, n: int
) -> Assessment:
    """What parameters of a linear model are worth, by its normal equations.

    These say everything: the minimum, the covariance, and from any other place the
    step to the minimum. With a ridge all are those of what was minimised, whatever
    the data alone would leave open.

    Parameters
    ----------
    matrix : ndarray, shape (P, P)
        The Gauss-Newton matrix of the data.
    solution : Solution
    n : int
        Number of rows.
    """
    at_bound = solution.at_bound
    base = from_inverse(solution.covariance, solution.condition, at_bound)
    notes: tuple[str, ...] = ()
    if base is None:
        base = factorised(_root(matrix), at_bound)
        notes = undetermined_sentences(base, matrix, plan.model.free_names, n)
    chi2 = 2.0 * solution.cost
    covariance = base.scaled(n, chi2, absolute=plan.is_absolute)
    step = -(base.core @ solution.gradient)
    distance = newton_distance(step, covariance)
    return Assessment(
        *(solution, covariance, None, step, distance, n, "gauss_newton", notes)
    )


def _root(matrix: FloatArray) -> FloatArray:
    """Rows of which the matrix is the product with themselves."""
    values, vectors = np.linalg.eigh(matrix)
    noise = NOISE * len(values) * values.max(initial=0.0)
    rows: FloatArray = vectors * np.sqrt(np.where(values > noise, values, 0.0))
    return rows
