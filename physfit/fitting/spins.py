"""Energies of spin configurations: exact by one pass, and judged after minibatches.

The model is linear, so that its normal equations say everything: the minimum, the
covariance, and from any other place the step to the minimum.
"""

from __future__ import annotations

import numpy as np

from physfit.models.model import Model
from physfit.solve.base import Status
from physfit.solve.derivatives import held_at_bounds, solution_at
from physfit.solve.identifiability import identifiability
from physfit.solve.linear import linear_least_squares
from physfit.solve.normal_sums import (
    NormalSums,
    Passes,
    cost_and_gradient,
    normal_sums,
)
from physfit.typing import FloatArray
from physfit.uncertainty.covariance import Assessment, factorised, from_inverse
from physfit.uncertainty.propagation import resolve
from physfit.uncertainty.sandwich import newton_distance

__all__ = ["assess_spins", "fit_exactly"]

#: Eigenvalues below this, relative to the largest and times their number, are rounding.
NOISE = 1e-13


def assess_spins(
    model: Model,
    theta: FloatArray,
    passes: Passes,
    *,
    absolute: bool,
    sums: NormalSums | None = None,
    status: Status = Status.REPORTED,
    n_steps: int = 0,
) -> Assessment:
    """What parameters of a linear model are worth, by its normal equations.

    Parameters
    ----------
    model : Model
    theta : ndarray, shape (P,)
    passes : callable
        Over all rows.
    absolute : bool
        Whether sigma was given.
    sums : NormalSums, optional
        Of the same rows; one pass fewer then.
    status, n_steps
        For the solution.
    """
    layout = model.layout
    sums = normal_sums(layout, passes) if sums is None else sums
    free = list(layout.free)
    matrix = sums.gram[np.ix_(free, free)]
    cost, slopes = cost_and_gradient(layout, passes, resolve(layout, theta))
    gradient = slopes[free]
    limits = model.free_lower, model.free_upper
    at_bound = held_at_bounds(theta, gradient, *limits)
    solution = solution_at(
        *(theta.copy(), cost, gradient, matrix, at_bound),
        status=status,
        n_steps=n_steps,
        n_evals=2,
    )
    base = from_inverse(solution.covariance, solution.condition, at_bound)
    notes: tuple[str, ...] = ()
    if base is None:
        base = factorised(_root(matrix), at_bound)
        notes = identifiability(sums, model.names, layout.free).sentences
    covariance = base.scaled(sums.n, 2.0 * cost, absolute=absolute)
    step = -(base.core @ gradient)
    return Assessment(
        solution,
        covariance,
        None,
        step,
        newton_distance(step, covariance),
        sums.n,
        "gauss_newton",
        notes,
    )


def fit_exactly(
    model: Model, passes: Passes, *, absolute: bool, ridge: float = 0.0
) -> Assessment:
    """Least squares of a linear model by its normal equations, with a ridge if wanted.

    With a ridge the covariance is the inverse of what was minimised, whatever the data
    alone would leave open, and there is no step left to its minimum.
    """
    layout = model.layout
    sums = normal_sums(layout, passes)
    limits = model.free_lower, model.free_upper
    solution = linear_least_squares(layout, passes, *limits, ridge=ridge, sums=sums)
    base = None
    if ridge > 0.0:
        base = from_inverse(solution.covariance, solution.condition, solution.at_bound)
    if base is None:
        assessment = assess_spins(
            model, solution.theta, passes, absolute=absolute, sums=sums
        )
        return assessment._replace(solution=solution)
    covariance = base.scaled(sums.n, 2.0 * solution.cost, absolute=absolute)
    no_step = np.zeros(len(solution.theta))
    return Assessment(
        *(solution, covariance, None, no_step, 0.0, sums.n, "gauss_newton")
    )


def _root(matrix: FloatArray) -> FloatArray:
    """Rows of which the matrix is the product with themselves."""
    values, vectors = np.linalg.eigh(matrix)
    noise = NOISE * len(values) * values.max(initial=0.0)
    rows: FloatArray = vectors * np.sqrt(np.where(values > noise, values, 0.0))
    return rows
