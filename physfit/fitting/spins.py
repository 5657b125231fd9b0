"""Energies of spin configurations: exact by one pass, and judged after minibatches.

The model is linear, so that its normal equations say everything: the minimum, the
covariance, and from any other place the step to the minimum.
"""

from __future__ import annotations

import numpy as np

from physfit.models.model import Model
from physfit.solve.base import Status
from physfit.solve.derivatives import held_at_bounds, solution_at
from physfit.solve.linear import linear_least_squares
from physfit.solve.sums import StreamedObjective
from physfit.typing import FloatArray
from physfit.uncertainty.covariance import Assessment, factorised, from_inverse
from physfit.uncertainty.identifiability import undetermined_sentences
from physfit.uncertainty.sandwich import newton_distance

__all__ = ["assess_spins", "fit_exactly"]

#: Eigenvalues below this, relative to the largest and times their number, are rounding.
NOISE = 1e-13


def assess_spins(
    model: Model,
    theta: FloatArray,
    objective: StreamedObjective,
    *,
    absolute: bool,
    matrix: FloatArray | None = None,
    n_steps: int = 0,
) -> Assessment:
    """What parameters of a linear model are worth, by its normal equations.

    Parameters
    ----------
    model : Model
    theta : ndarray, shape (P,)
    objective : StreamedObjective
        Over all rows.
    absolute : bool
        Whether sigma was given.
    matrix : ndarray, shape (P, P), optional
        The Gauss-Newton matrix, which is the same everywhere, where it is known.
    n_steps : int
        For the solution.
    """
    if matrix is None:
        cost, gradient, matrix = objective.normal(theta)
    else:
        cost, gradient = objective.gradient(theta)
    at_bound = held_at_bounds(theta, gradient, model.free_lower, model.free_upper)
    solution = solution_at(
        *(theta.copy(), cost, gradient, matrix, at_bound),
        status=Status.REPORTED,
        n_steps=n_steps,
        n_evals=2,
    )
    n = objective.n_rows
    base = from_inverse(solution.covariance, solution.condition, at_bound)
    notes: tuple[str, ...] = ()
    if base is None:
        base = factorised(_root(matrix), at_bound)
        notes = undetermined_sentences(base, matrix, model.free_names, n)
    covariance = base.scaled(n, 2.0 * cost, absolute=absolute)
    step = -(base.core @ gradient)
    distance = newton_distance(step, covariance)
    return Assessment(
        *(solution, covariance, None, step, distance, n, "gauss_newton", notes)
    )


def fit_exactly(
    model: Model, objective: StreamedObjective, *, absolute: bool, ridge: float = 0.0
) -> Assessment:
    """Least squares of a linear model by its normal equations, with a ridge if wanted.

    With a ridge the covariance is the inverse of what was minimised, whatever the data
    alone would leave open, and there is no step left to its minimum.
    """
    at_zero = objective.normal(np.zeros(objective.n_free))
    solution = linear_least_squares(
        *(objective, model.free_lower, model.free_upper), ridge=ridge, at_zero=at_zero
    )
    base = None
    if ridge > 0.0:
        base = from_inverse(solution.covariance, solution.condition, solution.at_bound)
    if base is None:
        assessment = assess_spins(
            *(model, solution.theta, objective), absolute=absolute, matrix=at_zero[2]
        )
        return assessment._replace(solution=solution)
    n = objective.n_rows
    covariance = base.scaled(n, 2.0 * solution.cost, absolute=absolute)
    no_step = np.zeros(len(solution.theta))
    return Assessment(*(solution, covariance, None, no_step, 0.0, n, "gauss_newton"))


def _root(matrix: FloatArray) -> FloatArray:
    """Rows of which the matrix is the product with themselves."""
    values, vectors = np.linalg.eigh(matrix)
    noise = NOISE * len(values) * values.max(initial=0.0)
    rows: FloatArray = vectors * np.sqrt(np.where(values > noise, values, 0.0))
    return rows
