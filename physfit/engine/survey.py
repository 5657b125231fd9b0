"""Sums at one point that say what an estimate there is worth.

With slope s_i, Gauss-Newton weight t_i, curvature c_i and partials J_i of row i (both
outputs of a complex row together), and the rows cut into blocks B of `block_rows`,

    g = sum s_i J_i ,   G = sum t_i J_i J_i' ,
    M = sum over B of g_B g_B' ,   g_B = sum of s_i J_i over i in B .

M is the meat of a sandwich: what the gradient varies by, whatever the weights claim. In
blocks it also sees the correlation of rows that stand together. Robust losses need
H = sum c_i J_i J_i' and A = sum w_i^2 J_i J_i' too, and the moments of
psi = s / w and psi' = c / w^2.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from physfit.engine import jit
from physfit.engine.abi import (
    BLOCK,
    STRIDE,
    as_floats,
    as_integers,
    at,
    call_loss,
    offset,
)
from physfit.engine.normal import add_products
from physfit.engine.problem import address_of
from physfit.engine.program import FREE, over_blocks
from physfit.engine.roles import entry, routine, summation
from physfit.engine.structs import Problem, stack_entry
from physfit.engine.ties import resolve
from physfit.engine.tiles import gradient_tile
from physfit.typing import FloatArray

__all__ = ["Survey", "survey_of", "survey_size", "survey_sums"]

# Numbers at the head of the sums.
COST = 0
N_BLOCKS = 1
PSI_SQUARED = 2
BEND = 3
BEND_SQUARED = 4
HEADER = 5


class Survey(NamedTuple):
    """The sums, as arrays.

    Attributes
    ----------
    cost : float
    gradient : ndarray, shape (P,)
    gauss_newton, meat, curvature, plain : ndarray, shape (P, P)
        G, M, H and A; the last two are zero unless asked for.
    n_blocks : int
        Blocks that M was summed over.
    moments : list of float
        Sums of psi^2, psi' and psi'^2 over all samples; zero unless asked for.
    """

    cost: float
    gradient: FloatArray
    gauss_newton: FloatArray
    meat: FloatArray
    curvature: FloatArray
    plain: FloatArray
    n_blocks: int
    moments: list[float]


def survey_sums(
    problem: int, n_free: int, theta: FloatArray, block_rows: int, robust: bool
) -> FloatArray:
    """Sums over all rows of a bound problem; those of several windows may be added."""
    size = survey_size(n_free)
    work = np.zeros(size + STRIDE + BLOCK * _padded(n_free))
    call = jit.compiled(survey).call
    cost = call(problem, address_of(theta), block_rows, robust, address_of(work))
    work[COST] = cost
    return work[:size]


def survey_of(sums: FloatArray, n_free: int) -> Survey:
    """The sums as arrays."""
    n_rows = _padded(n_free)
    products = sums[HEADER : HEADER + 3 * n_rows * (n_rows + 1)]
    three = products.reshape(3, n_rows + 1, n_rows)[:, :, :n_free]
    meat = sums[len(sums) - n_rows * n_rows :].reshape(n_rows, n_rows)[:n_free, :n_free]
    gauss_newton, curvature, plain = (_symmetric(own[:n_free]) for own in three)
    return Survey(
        float(sums[COST]),
        three[0, n_rows].copy(),
        gauss_newton,
        meat.copy(),
        curvature,
        plain,
        int(sums[N_BLOCKS]),
        sums[PSI_SQUARED:HEADER].tolist(),
    )


def survey_size(n_free: int) -> int:
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
def survey(address: Any, theta: Any, block_rows: Any, robust: Any, work: Any) -> Any:
    """Add all sums but the cost to `work`, which ends in scratch; return the cost."""
    problem = at(address, Problem)
    resolve(problem, theta)
    n = problem.n_samples
    own = (work, block_rows, robust != 0)
    return over_blocks(problem, 0, n, FREE, _add_block, own)


@routine
def _add_block(problem: Any, output: Any, start: Any, count: Any, own: Any) -> Any:
    """Add the sums of a block, M once all outputs have been seen; its cost."""
    work, block_rows, robust = own
    n_rows = problem.n_rows
    size = n_rows * (n_rows + 1)
    products = offset(work, HEADER)
    meat = offset(products, 3 * size)
    curvature = offset(meat, n_rows * n_rows)
    gradients = offset(curvature, STRIDE)
    if output == 0:
        for k in range(BLOCK * n_rows):
            gradients[k] = 0.0
    cost = _terms(problem, output, start, count, curvature)
    n_blocks = _add_gradients(problem, output, count, block_rows, gradients)
    add_products(problem, output, count, products)
    if robust:
        _add_moments(problem, output, start, count, curvature, work)
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
def _terms(problem: Any, output: Any, start: Any, count: Any, curvature: Any) -> Any:
    """Sum of rho of a block, with slope, weight and curvature of each sample."""
    place = output * problem.ldy + start
    y = offset(as_floats(problem.y), place)
    w = offset(as_floats(problem.weights), place)
    f = offset(stack_entry(problem, 0), output * STRIDE)
    slope = as_floats(problem.terms)
    weight = offset(slope, STRIDE)
    hyper = as_floats(problem.hyper)
    return call_loss(problem.loss, y, f, w, count, hyper, slope, weight, curvature)


@routine
def _add_gradients(
    problem: Any, output: Any, count: Any, block_rows: Any, gradients: Any
) -> Any:
    """Gradient of each small block of a block, one after the other; their number."""
    n_rows = problem.n_rows
    rows = offset(as_integers(problem.rows), output * n_rows)
    n_blocks = 0
    place = 0
    while place < count:
        length = min(block_rows, count - place)
        base = offset(as_floats(problem.jac), place)
        slope = offset(as_floats(problem.terms), place)
        total = offset(gradients, n_blocks * n_rows)
        for a in range(0, n_rows, 4):
            gradient_tile(base, offset(rows, a), slope, length, offset(total, a))
        n_blocks += 1
        place += block_rows
    return n_blocks


@routine
def _add_square(vector: Any, n_rows: Any, out: Any) -> None:
    """out += vector vector'."""
    for k in range(n_rows):
        line = offset(out, k * n_rows)
        for j in range(n_rows):
            line[j] += vector[k] * vector[j]


@summation
def _add_moments(
    problem: Any, output: Any, start: Any, count: Any, curvature: Any, sums: Any
) -> None:
    """Sums of psi^2, psi' and psi'^2 over a block."""
    w = offset(as_floats(problem.weights), output * problem.ldy + start)
    slope = as_floats(problem.terms)
    psi_squared = bend = bend_squared = 0.0
    for i in range(count):
        psi = slope[i] / w[i]
        own = curvature[i] / (w[i] * w[i])
        psi_squared += psi * psi
        bend += own
        bend_squared += own * own
    sums[PSI_SQUARED] += psi_squared
    sums[BEND] += bend
    sums[BEND_SQUARED] += bend_squared


@routine
def _weigh(
    problem: Any, output: Any, start: Any, count: Any, curvature: Any, plain: Any
) -> None:
    """Put the curvature, or 1 / sigma^2, where the products look for weights."""
    w = offset(as_floats(problem.weights), output * problem.ldy + start)
    weight = offset(as_floats(problem.terms), STRIDE)
    for i in range(count):
        weight[i] = w[i] * w[i] if plain else curvature[i]
