"""Gradient and Gauss-Newton sums over all samples.

With the loss's slope s_i and weight t_i (never negative) of sample i and the model's
partials J_ki, the cost sum(rho), its gradient and its Gauss-Newton matrix are

    g_k = sum_i s_i J_ki,    G_kl = sum_i t_i J_ki J_li .

They are summed block by block in the tiles of `tiles`, over the rows of the free
parameters where the program left them.
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
from physfit.engine.program import run_block
from physfit.engine.roles import entry, routine
from physfit.engine.slots import (
    HYPER,
    JAC,
    LDY,
    LOSS,
    N_FREE,
    N_OUTPUTS,
    N_ROWS,
    N_SAMPLES,
    PRODUCTS,
    ROWS,
    TERMS,
    W,
    Y,
    slot,
)
from physfit.engine.ties import apply_ties, resolve
from physfit.engine.tiles import product_tile, row_tile, square_tile

__all__ = ["add_products", "cost_at", "costs_at", "loss_of_block", "normal_equations"]


@entry(SUMS)
def normal_equations(problem: Any, theta: Any, gradient: Any, gauss_newton: Any) -> Any:
    """Cost at `theta`; fills its gradient (P) and Gauss-Newton matrix (P, P)."""
    resolve(problem, theta)
    n_rows = problem[N_ROWS]
    products = as_floats(problem[PRODUCTS])
    for k in range(n_rows * (n_rows + 1)):
        products[k] = 0.0
    n = problem[N_SAMPLES]
    cost = 0.0
    start = 0
    while start < n:
        count = min(BLOCK, n - start)
        run_block(problem, start, count, True)
        apply_ties(problem, count)
        for o in range(problem[N_OUTPUTS]):
            cost += loss_of_block(problem, o, start, count, True)
            add_products(problem, o, count, products)
        start += BLOCK
    return _collect(problem, cost, products, gradient, gauss_newton)


@entry("f64(i64*, f64*)")
def cost_at(problem: Any, theta: Any) -> Any:
    """Cost at `theta`, without partials."""
    return _cost(problem, theta)


@entry("void(i64*, f64*, i64, i64, f64*)")
def costs_at(problem: Any, thetas: Any, n_points: Any, n: Any, costs: Any) -> None:
    """Costs at many points of `n` free parameters each, one after the other."""
    for k in range(n_points):
        costs[k] = _cost(problem, offset(thetas, k * n))


@routine
def _cost(problem: Any, theta: Any) -> Any:
    """Sum of rho over all samples."""
    resolve(problem, theta)
    n = problem[N_SAMPLES]
    cost = 0.0
    start = 0
    while start < n:
        count = min(BLOCK, n - start)
        run_block(problem, start, count, False)
        for o in range(problem[N_OUTPUTS]):
            cost += loss_of_block(problem, o, start, count, False)
        start += BLOCK
    return cost


@routine
def loss_of_block(
    problem: Any, output: Any, start: Any, count: Any, with_terms: Any
) -> Any:
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
def add_products(problem: Any, output: Any, count: Any, products: Any) -> None:
    """Lower triangle of tiles of all products of rows, the gradient behind them."""
    n_rows = problem[N_ROWS]
    rows = offset(as_integers(problem[ROWS]), output * n_rows)
    base = as_floats(problem[JAC])
    slope = as_floats(problem[TERMS])
    weight = offset(slope, STRIDE)
    gradient = offset(products, n_rows * n_rows)
    for a in range(0, n_rows, 4):
        side = offset(rows, a)
        out = offset(products, a * n_rows)
        if problem[N_FREE] - a <= 2:
            _leftover(problem, output, a, count, out, offset(gradient, a))
            return
        for b in range(0, a, 4):
            tile = offset(out, b)
            product_tile(base, side, offset(rows, b), weight, count, tile, n_rows)
        tile = offset(out, a)
        square_tile(base, side, slope, weight, count, tile, n_rows, offset(gradient, a))


@routine
def _leftover(
    problem: Any, output: Any, first: Any, count: Any, out: Any, gradient: Any
) -> None:
    """Products of the last one or two rows with all rows."""
    n_rows = problem[N_ROWS]
    rows = offset(as_integers(problem[ROWS]), output * n_rows)
    base = as_floats(problem[JAC])
    slope = as_floats(problem[TERMS])
    weight = offset(slope, STRIDE)
    for k in range(problem[N_FREE] - first):
        side = offset(rows, first + k)
        line = offset(out, k * n_rows)
        # Of one or two rows the second has one before it; the fourth is of zeros.
        before = offset(rows, first if k == 1 else first + 3)
        pair = square = total = 0.0
        for b in range(0, max(first, 1), 4):
            four = offset(rows, b)
            pair, square, total = row_tile(
                base, side, four, before, slope, weight, count, offset(line, b)
            )
        gradient[k] += total
        if first > 0:
            line[first] += pair
            line[first + k] += square


@routine
def _collect(
    problem: Any, cost: Any, products: Any, gradient: Any, gauss_newton: Any
) -> Any:
    """Gradient and full symmetric matrix from the tiles; NaN cost if not finite."""
    n_rows = problem[N_ROWS]
    n_free = problem[N_FREE]
    check = cost
    for k in range(n_free):
        gradient[k] = products[n_rows * n_rows + k]
        check += gradient[k] + products[k * n_rows + k]
        for j in range(k + 1):
            value = products[k * n_rows + j]
            gauss_newton[k * n_free + j] = value
            gauss_newton[j * n_free + k] = value
    return cost if math.fabs(check) < math.inf else math.nan
