"""Gradient and Gauss-Newton sums over all samples.

With the loss's slope s_i and weight t_i (never negative) of sample i and the model's
partials J_ki, the cost sum(rho), its gradient and its Gauss-Newton matrix are

    g_k = sum_i s_i J_ki,    G_kl = sum_i t_i J_ki J_li .

Each block's rows are scaled by sqrt(t); the row s / sqrt(t) stands behind them. All
sums are then products of two rows, taken in tiles of 4 x 4: 16 sums stay in registers
while 8 rows are read once, so that the arithmetic, not the loads, sets the pace.
`factor` turns the same scaled rows into the triangle of their QR factorisation, which
does not square the condition number; the covariance comes from it where the sums are
not good enough.
"""

from __future__ import annotations

import math
from typing import Any

from physfit.engine.abi import (
    BLOCK,
    STRIDE,
    SUMS,
    as_floats,
    as_integers,
    call_loss,
    offset,
)
from physfit.engine.program import run_block, scale
from physfit.engine.roles import entry, routine, summation
from physfit.engine.slots import (
    FREE,
    HYPER,
    JAC,
    LDY,
    LOSS,
    N_FREE,
    N_FULL,
    N_OUTPUTS,
    N_ROWS,
    N_SAMPLES,
    PRODUCTS,
    ROWS,
    TERMS,
    W,
    Y,
    row,
    slot,
)
from physfit.engine.ties import apply_ties, resolve

__all__ = ["cost_at", "normal_equations"]


@entry(SUMS)
def normal_equations(problem: Any, theta: Any, gradient: Any, gauss_newton: Any) -> Any:
    """Cost at `theta`; fills its gradient (P) and Gauss-Newton matrix (P, P)."""
    resolve(problem, theta)
    n_rows = problem[N_ROWS]
    products = as_floats(problem[PRODUCTS])
    for k in range(n_rows * n_rows):
        products[k] = 0.0
    n = problem[N_SAMPLES]
    cost = 0.0
    start = 0
    while start < n:
        count = min(BLOCK, n - start)
        run_block(problem, start, count, True)
        apply_ties(problem, count)
        for o in range(problem[N_OUTPUTS]):
            cost += _weigh(problem, o, start, count)
            _accumulate(problem, o, count, products)
        start += BLOCK
    return _collect(problem, cost, products, gradient, gauss_newton)


@entry("f64(i64*, f64*)")
def cost_at(problem: Any, theta: Any) -> Any:
    """Cost at `theta`, without partials."""
    resolve(problem, theta)
    n = problem[N_SAMPLES]
    cost = 0.0
    start = 0
    while start < n:
        count = min(BLOCK, n - start)
        run_block(problem, start, count, False)
        for o in range(problem[N_OUTPUTS]):
            cost += _loss(problem, o, start, count, False)
        start += BLOCK
    return cost


@routine
def _loss(problem: Any, output: Any, start: Any, count: Any, with_terms: Any) -> Any:
    """Sum of rho of a block; slope and weight of each sample to the terms if wanted."""
    place = output * problem[LDY] + start
    y = offset(as_floats(problem[Y]), place)
    w = offset(as_floats(problem[W]), place)
    f = offset(slot(problem, 0), output * STRIDE)
    slope = as_floats(0)
    weight = as_floats(0)
    if with_terms:
        slope = as_floats(problem[TERMS])
        weight = offset(slope, STRIDE)
    hyper = as_floats(problem[HYPER])
    none = as_floats(0)
    return call_loss(problem[LOSS], y, f, w, count, hyper, slope, weight, none)


@routine
def _weigh(problem: Any, output: Any, start: Any, count: Any) -> Any:
    """Loss of a block; free rows scaled by sqrt(weight), the residual row written."""
    cost = _loss(problem, output, start, count, True)
    slope = as_floats(problem[TERMS])
    root = offset(slope, STRIDE)
    residual = row(problem, problem[N_FULL] * problem[N_OUTPUTS] + output)
    _roots(slope, root, residual, count)
    free = as_integers(problem[FREE])
    for k in range(problem[N_FREE]):
        scale(row(problem, free[k] * problem[N_OUTPUTS] + output), root, count)
    return cost


@routine
def _roots(slope: Any, weight: Any, residual: Any, count: Any) -> None:
    """Weights to their roots; a sample of weight zero leaves the sums."""
    for i in range(count):
        root = math.sqrt(weight[i])
        weight[i] = root
        residual[i] = slope[i] / root if root != 0.0 else 0.0


@routine
def _accumulate(problem: Any, output: Any, count: Any, products: Any) -> None:
    """Lower triangle of tiles of all products of rows."""
    n_rows = problem[N_ROWS]
    rows = offset(as_integers(problem[ROWS]), output * n_rows)
    base = as_floats(problem[JAC])
    for a in range(0, n_rows, 4):
        for b in range(0, a + 1, 4):
            out = offset(products, a * n_rows + b)
            _tile(base, offset(rows, a), offset(rows, b), count, out, n_rows)


@summation
def _tile(base: Any, a: Any, b: Any, count: Any, out: Any, width: Any) -> None:
    """out += the 16 products of four rows with four rows."""
    a0 = offset(base, a[0])
    a1 = offset(base, a[1])
    a2 = offset(base, a[2])
    a3 = offset(base, a[3])
    b0 = offset(base, b[0])
    b1 = offset(base, b[1])
    b2 = offset(base, b[2])
    b3 = offset(base, b[3])
    s00 = s01 = s02 = s03 = 0.0
    s10 = s11 = s12 = s13 = 0.0
    s20 = s21 = s22 = s23 = 0.0
    s30 = s31 = s32 = s33 = 0.0
    for i in range(count):
        s00 += a0[i] * b0[i]
        s01 += a0[i] * b1[i]
        s02 += a0[i] * b2[i]
        s03 += a0[i] * b3[i]
        s10 += a1[i] * b0[i]
        s11 += a1[i] * b1[i]
        s12 += a1[i] * b2[i]
        s13 += a1[i] * b3[i]
        s20 += a2[i] * b0[i]
        s21 += a2[i] * b1[i]
        s22 += a2[i] * b2[i]
        s23 += a2[i] * b3[i]
        s30 += a3[i] * b0[i]
        s31 += a3[i] * b1[i]
        s32 += a3[i] * b2[i]
        s33 += a3[i] * b3[i]
    _add_four(out, s00, s01, s02, s03)
    _add_four(offset(out, width), s10, s11, s12, s13)
    _add_four(offset(out, 2 * width), s20, s21, s22, s23)
    _add_four(offset(out, 3 * width), s30, s31, s32, s33)


@routine
def _add_four(out: Any, s0: Any, s1: Any, s2: Any, s3: Any) -> None:
    out[0] += s0
    out[1] += s1
    out[2] += s2
    out[3] += s3


@routine
def _collect(
    problem: Any, cost: Any, products: Any, gradient: Any, gauss_newton: Any
) -> Any:
    """Gradient and full symmetric matrix from the tiles; NaN cost if not finite."""
    n_rows = problem[N_ROWS]
    n_free = problem[N_FREE]
    check = cost
    for k in range(n_free):
        gradient[k] = products[n_free * n_rows + k]
        check += gradient[k] + products[k * n_rows + k]
        for j in range(k + 1):
            value = products[k * n_rows + j]
            gauss_newton[k * n_free + j] = value
            gauss_newton[j * n_free + k] = value
    return cost if math.fabs(check) < math.inf else math.nan
