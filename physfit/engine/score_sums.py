"""Score and information sums at one point: what an estimate there is worth.

With slope s_i, Gauss-Newton weight t_i, curvature c_i and partials J_i of row i (both
outputs of a complex row together), and the rows cut into blocks B of `block_rows`,

    g = sum s_i J_i ,   G = sum t_i J_i J_i' ,
    M = sum over B of g_B g_B' ,   g_B = sum of s_i J_i over i in B .

M is the meat of a sandwich: what the gradient varies by, whatever the weights claim. In
blocks it also sees the correlation of rows that stand together. M-estimators need
H = sum c_i J_i J_i' and A = sum w_i^2 J_i J_i' too, and the moments of
psi = s / w and psi' = c / w^2, from which Huber's covariance takes its factor.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from physfit.engine.abi import (
    BLOCK,
    STRIDE,
    SUMS,
    as_floats,
    at,
    offset,
)
from physfit.engine.addresses import address_of
from physfit.engine.dense import fill
from physfit.engine.host import evaluation
from physfit.engine.normal import add_gradient, add_products, terms_of_block
from physfit.engine.problem import Bound
from physfit.engine.program import FREE, VALUES, over_blocks
from physfit.engine.roles import entry, routine, summation
from physfit.engine.structs import Problem, add_scaled
from physfit.engine.ties import resolve
from physfit.typing import FloatArray

__all__ = ["ScoreSums", "moments_of_residuals", "score_sums_of", "score_sums_size"]
__all__ += ["summed_scores"]

# Numbers at the head of the sums.
COST = 0
N_BLOCKS = 1
MOMENTS = 2
HEADER = 5


class ScoreSums(NamedTuple):
    """The sums, as arrays.

    Attributes
    ----------
    cost : float
    gradient : ndarray, shape (P,)
    gauss_newton, meat, curvature, plain : ndarray, shape (P, P)
        G, M, H and A; the last two are zero for a likelihood.
    n_blocks : int
        Blocks that M was summed over.
    moments : list of float
        Sums of psi^2, psi' and psi'^2 over all samples; zero for a likelihood.
    """

    cost: float
    gradient: FloatArray
    gauss_newton: FloatArray
    meat: FloatArray
    curvature: FloatArray
    plain: FloatArray
    n_blocks: int
    moments: list[float]


def summed_scores(
    problem: Bound, n_free: int, theta: FloatArray, block_rows: int, is_likelihood: bool
) -> FloatArray:
    """Sums over all rows of a bound problem; those of several windows may be added."""
    size = score_sums_size(n_free)
    work = np.zeros(size + STRIDE + BLOCK * _padded(n_free))
    call = evaluation(add_scores, problem.program.calls_python)
    cost = call(
        problem.address, address_of(theta), block_rows, is_likelihood, address_of(work)
    )
    work[COST] = cost
    return work[:size]


def score_sums_of(sums: FloatArray, n_free: int) -> ScoreSums:
    """The sums as arrays."""
    n_rows = _padded(n_free)
    products = sums[HEADER : HEADER + 3 * n_rows * (n_rows + 1)]
    three = products.reshape(3, n_rows + 1, n_rows)[:, :, :n_free]
    meat = sums[len(sums) - n_rows * n_rows :].reshape(n_rows, n_rows)[:n_free, :n_free]
    gauss_newton, curvature, plain = (_symmetric(own[:n_free]) for own in three)
    return ScoreSums(
        float(sums[COST]),
        three[0, n_rows].copy(),
        gauss_newton,
        meat.copy(),
        curvature,
        plain,
        int(sums[N_BLOCKS]),
        sums[MOMENTS:HEADER].tolist(),
    )


def score_sums_size(n_free: int) -> int:
    """Doubles in the sums for `n_free` parameters."""
    n_rows = _padded(n_free)
    return HEADER + 3 * n_rows * (n_rows + 1) + n_rows * n_rows


def _padded(n_free: int) -> int:
    """Rows of a problem: a multiple of four."""
    return -(-n_free // 4) * 4


def _symmetric(lower: FloatArray) -> FloatArray:
    """Full matrix from its lower triangle."""
    below: FloatArray = np.tril(lower, -1)
    return below + below.T + np.diag(lower.diagonal())


@entry("f64(i64, f64*, i64, i64, f64*)")
def add_scores(
    address: Any, theta: Any, block_rows: Any, is_likelihood: Any, work: Any
) -> Any:
    """Add all sums but the cost to `work`, which ends in scratch; return the cost."""
    problem = at(address, Problem)
    resolve(problem, theta)
    n = problem.n_samples
    own = (work, block_rows, is_likelihood)
    return over_blocks(problem, 0, n, FREE, _add_block, own)


@routine
def _add_block(problem: Any, output: Any, start: Any, count: Any, own: Any) -> Any:
    """Add the sums of a block, M once all outputs have been seen; its cost."""
    work, block_rows, is_likelihood = own
    n_rows = problem.n_rows
    size = n_rows * (n_rows + 1)
    products = offset(work, HEADER)
    meat = offset(products, 3 * size)
    curvature = offset(meat, n_rows * n_rows)
    gradients = offset(curvature, STRIDE)
    if output == 0:
        fill(gradients, 0.0, BLOCK * n_rows)
    cost = terms_of_block(problem, output, start, count, curvature)
    n_blocks = _add_gradients(problem, output, count, block_rows, gradients)
    add_products(problem, output, count, products)
    if is_likelihood == 0:
        moments = offset(work, MOMENTS)
        add_moments(problem, output, start, count, curvature, moments)
        _weigh(problem, output, start, count, curvature, False)
        add_products(problem, output, count, offset(products, size))
        _weigh(problem, output, start, count, curvature, True)
        add_products(problem, output, count, offset(products, 2 * size))
    if output == problem.n_outputs - 1:
        for b in range(n_blocks):
            _add_square(offset(gradients, b * n_rows), n_rows, meat)
        work[N_BLOCKS] += n_blocks
    return cost


@routine
def _add_gradients(
    problem: Any, output: Any, count: Any, block_rows: Any, gradients: Any
) -> Any:
    """Gradient of each small block of a block, one after the other; their number."""
    n_blocks = 0
    place = 0
    while place < count:
        length = min(block_rows, count - place)
        total = offset(gradients, n_blocks * problem.n_rows)
        add_gradient(problem, output, place, length, total)
        n_blocks += 1
        place += block_rows
    return n_blocks


@routine
def _add_square(vector: Any, n_rows: Any, out: Any) -> None:
    """out += vector vector'."""
    for k in range(n_rows):
        add_scaled(offset(out, k * n_rows), vector, vector[k], n_rows)


@routine
def _weigh(
    problem: Any, output: Any, start: Any, count: Any, curvature: Any, plain: Any
) -> None:
    """Put the curvature, or 1 / sigma^2, where the products look for weights."""
    w = offset(as_floats(problem.weights), output * problem.ldy + start)
    weight = offset(as_floats(problem.terms), STRIDE)
    for i in range(count):
        weight[i] = w[i] * w[i] if plain else curvature[i]


@entry(SUMS)
def moments_of_residuals(address: Any, theta: Any, moments: Any, _matrix: Any) -> Any:
    """Sums of psi^2, psi' and psi'^2 at `theta` over the samples; returns the cost.

    psi and psi' are slope and curvature of the loss by the residual in units of sigma.
    """
    problem = at(address, Problem)
    resolve(problem, theta)
    fill(moments, 0.0, 3)
    return over_blocks(problem, 0, problem.n_samples, VALUES, _moments_of, moments)


@routine
def _moments_of(problem: Any, output: Any, start: Any, count: Any, moments: Any) -> Any:
    """Add the moments of a block; its cost."""
    # The rows of the Jacobian are not in use here; the first holds curvatures.
    curvature = as_floats(problem.jac)
    cost = terms_of_block(problem, output, start, count, curvature)
    add_moments(problem, output, start, count, curvature, moments)
    return cost


@summation
def add_moments(
    problem: Any, output: Any, start: Any, count: Any, curvature: Any, moments: Any
) -> None:
    """Add the sums of psi^2, psi' and psi'^2 over a block whose terms are at hand."""
    w = offset(as_floats(problem.weights), output * problem.ldy + start)
    slope = as_floats(problem.terms)
    squares = bends = bend_squares = 0.0
    for i in range(count):
        psi = slope[i] / w[i]
        bend = curvature[i] / (w[i] * w[i])
        squares += psi * psi
        bends += bend
        bend_squares += bend * bend
    moments[0] += squares
    moments[1] += bends
    moments[2] += bend_squares
