"""Least squares of models that are linear in their parameters, without iterating.

With the Gauss-Newton matrix G, and b minus the gradient where all parameters are 0, the
minimum of

    1/2 sum_n w_n^2 (f_n - y_n)^2 + n lambda / 2 sum_k theta_k^2

solves (G + n lambda I) theta = b. A constant term of the model is not penalised; in
scikit-learn's `Ridge` the same strength is called alpha = n lambda. The matrix is
scaled to a unit diagonal and inverted; if it is singular, the shortest solution in
scaled parameters is taken and the covariance is NaN (see `uncertainty` for what the
data do not determine). A second pass over the data gives cost and gradient at the
solution without cancellation, and one step of refinement.

Bounds are met by active sets: parameters beyond a bound are put on it and those whose
gradient pulls them inside are let go, all at once while that makes progress, then one
at a time in the order of their numbers, which always ends.

References
----------
J. J. Judice and F. M. Pires, Comput. Oper. Res. 21 (1994) 587 (block pivoting).
"""

from __future__ import annotations

import math

import numpy as np

from physfit.engine.spin_table import products_of
from physfit.objective import ROUNDING
from physfit.solve.base import Solution, Status
from physfit.solve.derivatives import largest_cosine, scaled_inverse
from physfit.solve.sums import StreamedObjective
from physfit.typing import FloatArray, IntArray

__all__ = ["linear_least_squares"]

#: Condition of the scaled matrix from which on it counts as singular.
SINGULAR = 1e13
#: Eigenvalues below this, relative to the largest and times their number, are rounding.
NOISE = 1e-13
#: Rounds in which no fewer parameters are wrong, until they are moved one at a time.
PATIENCE = 10


def linear_least_squares(
    objective: StreamedObjective,
    lower: FloatArray,
    upper: FloatArray,
    *,
    ridge: float = 0.0,
    at_zero: tuple[float, FloatArray, FloatArray] | None = None,
) -> Solution:
    """Minimum of chi2, and of a ridge if wanted, of a model that is linear.

    Parameters
    ----------
    objective : StreamedObjective
        Of `IsingEnergy`, without ties.
    lower, upper : ndarray, shape (P,)
        Bounds of the free parameters.
    ridge : float
        The lambda above, per row, not negative.
    at_zero : (float, ndarray, ndarray), optional
        What `objective.normal` gave where all free parameters are 0; one pass fewer.

    Returns
    -------
    Solution
        Its cost is half of chi2, without the ridge; its gradient and covariance
        (the inverse of G + n lambda I) are those of what was minimised.
    """
    n = objective.n_free
    constant = products_of(objective.layout.kernels[0]).constant
    _, slope, gram = objective.normal(np.zeros(n)) if at_zero is None else at_zero
    penalty = np.full(n, objective.n_rows * ridge)
    penalty[[place == constant for place in objective.layout.free]] = 0.0
    matrix = gram + np.diag(penalty)
    theta, held, inverse, condition = _bounded(matrix, -slope, lower, upper)
    cost, gradient = objective.gradient(theta)
    slope = gradient + penalty * theta
    moved = np.clip(theta - inverse @ slope, lower, upper)
    step = moved - theta
    cost += float(gradient @ step + 0.5 * step @ (gram @ step))
    slope += matrix @ step
    is_known = (held == 0) & (held == 0)[:, None] & math.isfinite(condition)
    # A minimum; whether it is the rounding of the data, as for other solvers.
    is_met = 2.0 * cost <= ROUNDING**2 * objective.squares
    ended = Status.EXACT if is_met else Status.GTOL
    return Solution(
        theta=moved,
        cost=max(cost, 0.0),
        status=ended if n else Status.NOTHING_FREE,
        n_steps=1,
        n_evals=2,
        covariance=np.where(is_known, inverse, np.nan),
        condition=condition,
        at_bound=held,
        optimality=largest_cosine(slope, matrix, held, max(cost, 0.0)),
        gradient=slope,
    )


def _inverse(matrix: FloatArray, held: IntArray) -> tuple[FloatArray, float]:
    """Inverse off the bounds, 0 elsewhere, and its condition.

    The condition of a singular matrix is infinite; its inverse is the one that gives
    the shortest solution in scaled parameters.
    """
    inverse, condition = scaled_inverse(matrix, held, limit=SINGULAR)
    if math.isinf(condition):
        inside = np.flatnonzero(held == 0)
        inner = matrix[np.ix_(inside, inside)]
        diagonal = inner.diagonal()
        scale = 1.0 / np.sqrt(np.where(diagonal > 0.0, diagonal, 1.0))
        values, vectors = np.linalg.eigh(inner * np.outer(scale, scale))
        known = values > NOISE * len(values) * values.max(initial=0.0)
        parts = scale[:, None] * vectors[:, known]
        inverse[np.ix_(inside, inside)] = (parts / values[known]) @ parts.T
    return np.nan_to_num(inverse, nan=0.0), condition


def _bounded(
    matrix: FloatArray, vector: FloatArray, lower: FloatArray, upper: FloatArray
) -> tuple[FloatArray, IntArray, FloatArray, float]:
    """Minimum of 1/2 x G x - b x within bounds: x, where it is held, the inverse."""
    n = len(vector)
    held = np.zeros(n, dtype=np.int64)
    fewest, patience = n + 1, PATIENCE
    while True:
        theta = np.where(held < 0, lower, np.where(held > 0, upper, 0.0))
        inverse, condition = _inverse(matrix, held)
        theta += inverse @ (vector - matrix @ theta)
        wrong = _wrong(matrix @ theta - vector, theta, lower, upper, held)
        count = int((wrong != held).sum())
        if count == 0:
            return theta, held, inverse, condition
        if count < fewest:
            fewest, patience = count, PATIENCE
        else:
            patience -= 1
        if patience > 0:
            held = wrong
        else:
            last = int(np.flatnonzero(wrong != held)[-1])
            held = held.copy()
            held[last] = wrong[last]


def _wrong(
    slope: FloatArray,
    theta: FloatArray,
    lower: FloatArray,
    upper: FloatArray,
    held: IntArray,
) -> IntArray:
    """Where each parameter should be held, as it looks now: -1, 0 or 1."""
    wanted = held.copy()
    wanted[(held == 0) & (theta < lower)] = -1
    wanted[(held == 0) & (theta > upper)] = 1
    wanted[(held < 0) & (slope < 0.0)] = 0
    wanted[(held > 0) & (slope > 0.0)] = 0
    # Equal bounds leave no room whatever the slope.
    wanted[(held != 0) & (lower == upper)] = held[(held != 0) & (lower == upper)]
    return wanted
