"""What gradient and Gauss-Newton matrix say of a point: held, optimal, determined."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from physfit.solve.base import Solution, Status
from physfit.typing import FloatArray, IntArray

__all__ = ["NULL", "SMALLEST_NOISE", "TRUSTED", "held_at_bounds", "largest_cosine"]
__all__ += ["lengths", "newton_step", "noise_at", "pseudo_inverse", "scaled_inverse"]
__all__ += ["solution_at"]

EPSILON = float(np.finfo(np.float64).eps)
#: Condition of the scaled Gauss-Newton matrix up to which its inverse is used: it is
#: good to eight digits then.
TRUSTED = 1e8
#: Noise of data that a model meets exactly, as a share of their size.
SMALLEST_NOISE = 1e-9
#: Eigenvalues of a matrix of unit diagonal below this are rounding.
NULL = 1e-12


def held_at_bounds(
    theta: FloatArray, gradient: FloatArray, lower: FloatArray, upper: FloatArray
) -> IntArray:
    """-1 and 1 on a lower and an upper bound that the gradient pushes against."""
    below = (theta <= lower) & (gradient >= 0.0)
    above = (theta >= upper) & (gradient <= 0.0)
    return above.astype(np.int64) - below.astype(np.int64)


@np.errstate(all="ignore")
def largest_cosine(
    gradient: FloatArray, matrix: FloatArray, at_bound: IntArray, cost: float
) -> float:
    """Largest cosine between the residuals and a free column of the Jacobian."""
    lengths = np.sqrt(2.0 * cost * matrix.diagonal())
    free = (at_bound == 0) & (lengths > 0.0)
    return float((np.abs(gradient[free]) / lengths[free]).max(initial=0.0))


def lengths(rows: FloatArray) -> FloatArray:
    """Euclidean lengths of rows, also where squares leave the range of doubles."""
    size = np.abs(rows).max(axis=1, initial=0.0)
    size[size == 0.0] = 1.0
    length: FloatArray = size * np.linalg.norm(rows / size[:, None], axis=1)
    return length


@np.errstate(all="ignore")
def noise_at(
    cost: float, dof: int, y: FloatArray, least: float = SMALLEST_NOISE
) -> float:
    """Standard deviation of a sample like `y` at that cost, never negligible.

    It is no smaller than the share `least` of the size of `y`.
    """
    dof = max(1, dof)
    size = float(np.sqrt(np.mean(y**2)))
    noise = max(math.sqrt(2.0 * cost / dof), least * size)
    return noise if noise * noise > 0.0 else 1.0


@np.errstate(all="ignore")
def scaled_inverse(
    matrix: FloatArray, at_bound: IntArray, limit: float = 1.0 / EPSILON
) -> tuple[FloatArray, float]:
    """Inverse over the parameters off their bounds, and its condition number.

    The condition is that of the matrix scaled to a unit diagonal. The inverse is NaN
    for parameters on a bound, and all NaN where there is none: the condition is
    infinite from `limit` on.
    """
    n = len(matrix)
    inverse = np.full((n, n), np.nan)
    inside = np.flatnonzero(at_bound == 0)
    diagonal = matrix.diagonal()[inside]
    if not np.isfinite(matrix).all() or not (diagonal > 0.0).all():
        return inverse, math.inf
    if inside.size == 0:
        return inverse, 1.0
    scales = np.sqrt(diagonal)
    scaled = matrix[np.ix_(inside, inside)] / np.outer(scales, scales)
    try:
        inner = np.linalg.inv(scaled)
    except np.linalg.LinAlgError:
        return inverse, math.inf
    condition = float(np.linalg.norm(scaled, np.inf) * np.linalg.norm(inner, np.inf))
    if not condition < limit:
        return inverse, math.inf
    inverse[np.ix_(inside, inside)] = inner / np.outer(scales, scales)
    return inverse, condition


@np.errstate(all="ignore")
def pseudo_inverse(matrices: FloatArray) -> tuple[FloatArray, NDArray[np.intp]]:
    """Pseudo-inverses of matrices, and their ranks.

    Parameters
    ----------
    matrices : ndarray, shape (..., P, P)
        Symmetric, not negative.

    Returns
    -------
    tuple of ndarray
        Inverses, NaN for a matrix that is not finite; numbers of directions that have
        a length.
    """
    diagonal = np.einsum("...kk->...k", matrices)
    unit = np.where(diagonal > 0.0, diagonal, 1.0) ** -0.5
    scaled = matrices * unit[..., :, None] * unit[..., None, :]
    lost = ~np.isfinite(scaled).all(axis=(-2, -1))
    scaled[lost] = 0.0
    values, vectors = np.linalg.eigh(scaled)
    known = values > NULL * np.maximum(values[..., -1:], 1e-300)
    roots = vectors * np.where(known, values, np.inf)[..., None, :] ** -0.5
    roots *= unit[..., :, None]
    roots[lost] = np.nan
    return roots @ np.swapaxes(roots, -1, -2), known.sum(axis=-1)


@np.errstate(all="ignore")
def newton_step(
    theta: FloatArray,
    gradient: FloatArray,
    matrix: FloatArray,
    lower: FloatArray,
    upper: FloatArray,
) -> FloatArray:
    """Gauss-Newton step to the minimum within the bounds; NaN where there is none.

    The parameter that comes to its bound first on the way is put there, and the others
    are moved as that allows, until all keep to their bounds.
    """
    room = np.stack([lower, upper]) - theta
    held = held_at_bounds(theta, gradient, lower, upper)
    step = np.zeros_like(theta)
    for _ in range(len(theta) + 1):
        inside = held == 0
        inverse = scaled_inverse(matrix, held)[0][np.ix_(inside, inside)]
        pull = (gradient + matrix[:, ~inside] @ step[~inside])[inside]
        step[inside] = -inverse @ pull
        if not np.isfinite(step).all():
            return np.full_like(theta, np.nan)
        kept = np.clip(step, *room)
        leaves = inside & (step != kept)
        if not leaves.any():
            break
        first = int(np.argmin(np.where(leaves, kept / step, np.inf)))
        held[first] = np.sign(step[first])
        step[first] = kept[first]
    return step


def solution_at(
    theta: FloatArray,
    cost: float,
    gradient: FloatArray,
    matrix: FloatArray,
    at_bound: IntArray,
    *,
    status: Status,
    n_steps: int,
    n_evals: int,
) -> Solution:
    """Solution at parameters of which cost, gradient and matrix are known."""
    inverse, condition = scaled_inverse(matrix, at_bound)
    return Solution(
        theta,
        cost,
        status,
        n_steps,
        n_evals,
        inverse,
        condition,
        at_bound,
        largest_cosine(gradient, matrix, at_bound, cost),
        gradient,
    )
