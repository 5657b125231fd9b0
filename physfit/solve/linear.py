"""Least squares of models that are linear in their parameters, without iterating.

With the Gauss-Newton matrix G, and b minus the gradient where all parameters are 0, the
minimum of

    1/2 sum_n w_n^2 (f_n - y_n)^2 + n lambda / 2 sum_k theta_k^2

solves (G + n lambda I) theta = b. A constant term of the model is not penalised; in
scikit-learn's `Ridge` the same strength is called alpha = n lambda. The matrix is
scaled to a unit diagonal and inverted if it has a Cholesky factor; if it has none, the
shortest solution in scaled parameters is taken and the covariance is NaN (see
`uncertainty` for what the data do not determine). A second pass over the data gives
cost and gradient at the solution without cancellation, and one step of refinement.

Bounds are met by active sets: parameters beyond a bound are put on it and those whose
gradient pulls them inside are let go, all at once while that makes progress, then one
at a time in the order of their numbers, which always ends.

References
----------
J. J. Judice and F. M. Pires, Comput. Oper. Res. 21 (1994) 587 (block pivoting).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from physfit.engine.layout import Layout
from physfit.engine.spin_table import products_of
from physfit.errors import DomainError, ModelError
from physfit.objective import ROUNDING
from physfit.solve.base import Solution, Status
from physfit.solve.derivatives import largest_cosine
from physfit.solve.sums import StreamedObjective
from physfit.typing import FloatArray, IntArray

__all__ = ["linear_least_squares"]

#: Pivots of the scaled matrix below this are rounding noise.
PIVOT = 1e-13
#: Rounds in which no fewer parameters are wrong, until they are moved one at a time.
PATIENCE = 10
#: Iterations for the largest and smallest eigenvalue.
POWERS = 50


class _Inverse(NamedTuple):
    """Inverse of a symmetric matrix, and its condition when scaled."""

    matrix: FloatArray
    condition: float


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
        The lambda above, per row.
    at_zero : (float, ndarray, ndarray), optional
        What `objective.normal` gave where all free parameters are 0; one pass fewer.

    Returns
    -------
    Solution
        Its cost is half of chi2, without the ridge; its gradient and covariance
        (the inverse of G + n lambda I) are those of what was minimised.

    Raises
    ------
    DomainError
        When the ridge is negative or not finite.
    ModelError
        When the model is not linear.
    """
    n = objective.n_free
    constant = _constant(objective.layout, ridge)
    _, slope, gram = objective.normal(np.zeros(n)) if at_zero is None else at_zero
    penalty = np.full(n, objective.n_rows * ridge)
    penalty[[place == constant for place in objective.layout.free]] = 0.0
    matrix = gram + np.diag(penalty)
    theta, held, inverse = _bounded(matrix, -slope, lower, upper)
    cost, gradient = objective.gradient(theta)
    slope = gradient + penalty * theta
    step = np.where(held == 0, -inverse.matrix @ np.where(held == 0, slope, 0.0), 0.0)
    moved = np.clip(theta + step, lower, upper)
    step = moved - theta
    cost += float(gradient @ step + 0.5 * step @ (gram @ step))
    slope += matrix @ step
    return Solution(
        theta=moved,
        cost=max(cost, 0.0),
        status=_status(n, 2.0 * cost, objective.squares),
        n_steps=1,
        n_evals=2,
        covariance=_covariance(inverse, held),
        condition=inverse.condition,
        at_bound=held,
        optimality=largest_cosine(slope, matrix, held, max(cost, 0.0)),
        gradient=slope,
    )


def _constant(layout: Layout, ridge: float) -> int:
    """Number of the parameter that is not penalised, -1 for none."""
    if not layout.takes_spins:
        raise ModelError(
            "normal equations in one pass need a model that is linear in its "
            "parameters, such as ising_energy(40, all_pairs); take method='lm' for "
            "others."
        )
    if layout.ties:
        raise ModelError(
            "linear least squares take no ties; use method='lm', or fix the tied "
            "parameters."
        )
    if not (math.isfinite(ridge) and ridge >= 0.0):
        raise DomainError(f"`ridge` must be a number >= 0, but is {ridge!r}.")
    return products_of(layout.kernels[0]).constant


def _status(n_free: int, chi2: float, squares: float) -> Status:
    """A minimum; whether it is the rounding of the data, as for other solvers."""
    if n_free == 0:
        return Status.NOTHING_FREE
    return Status.EXACT if chi2 <= ROUNDING**2 * squares else Status.GTOL


def _inverse(matrix: FloatArray, vector: FloatArray) -> tuple[FloatArray, _Inverse]:
    """Solution of matrix x = vector, and the inverse; the shortest if singular."""
    n = len(vector)
    if n == 0:
        return np.empty(0), _Inverse(np.empty((0, 0)), 1.0)
    diagonal = np.diag(matrix)
    scale = 1.0 / np.sqrt(np.where(diagonal > 0.0, diagonal, 1.0))
    scaled: FloatArray = matrix * np.outer(scale, scale)
    if _is_definite(scaled):
        inverse = np.asarray(np.linalg.inv(scaled), dtype=np.float64)
        condition = _largest(scaled) * _largest(inverse)
    else:
        values, vectors = np.linalg.eigh(scaled)
        keep = values > PIVOT * n * values[-1]
        inverse = (vectors[:, keep] / values[keep]) @ vectors[:, keep].T
        condition = math.inf
    unscaled = inverse * np.outer(scale, scale)
    return unscaled @ vector, _Inverse(unscaled, condition)


def _is_definite(scaled: FloatArray) -> bool:
    try:
        factor = np.linalg.cholesky(scaled)
    except np.linalg.LinAlgError:
        return False
    return bool((np.diag(factor) ** 2 > PIVOT * len(scaled)).all())


def _largest(matrix: FloatArray) -> float:
    """Largest eigenvalue of a positive matrix by powers, good to a percent or so."""
    vector = 1.0 + np.arange(len(matrix)) % 7 / 7.0
    value = 0.0
    for _ in range(POWERS):
        vector = vector / np.linalg.norm(vector)
        product = matrix @ vector
        value = float(vector @ product)
        vector = product
    return value


def _bounded(
    matrix: FloatArray, vector: FloatArray, lower: FloatArray, upper: FloatArray
) -> tuple[FloatArray, IntArray, _Inverse]:
    """Minimum of 1/2 x G x - b x within bounds: x, where it is held, the inverse."""
    n = len(vector)
    held = np.zeros(n, dtype=np.int64)
    fewest, patience = n + 1, PATIENCE
    while True:
        theta, inverse = _held_minimum(matrix, vector, lower, upper, held)
        wrong = _wrong(matrix @ theta - vector, theta, lower, upper, held)
        count = int((wrong != held).sum())
        if count == 0:
            return theta, held, inverse
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


def _held_minimum(
    matrix: FloatArray,
    vector: FloatArray,
    lower: FloatArray,
    upper: FloatArray,
    held: IntArray,
) -> tuple[FloatArray, _Inverse]:
    """Minimum with some parameters at their bounds; the inverse is 0 for these."""
    n = len(vector)
    theta = np.where(held < 0, lower, np.where(held > 0, upper, 0.0))
    inside = np.flatnonzero(held == 0)
    rest = (vector - matrix @ theta)[inside]
    theta[inside], found = _inverse(matrix[np.ix_(inside, inside)], rest)
    whole = np.zeros((n, n))
    whole[np.ix_(inside, inside)] = found.matrix
    return theta, _Inverse(whole, found.condition)


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


def _covariance(inverse: _Inverse, held: NDArray[np.int64]) -> FloatArray:
    """The inverse, NaN for parameters on a bound or if the matrix is singular."""
    if math.isinf(inverse.condition):
        return np.full(inverse.matrix.shape, np.nan)
    covariance = inverse.matrix.copy()
    covariance[held != 0] = covariance[:, held != 0] = np.nan
    return covariance
