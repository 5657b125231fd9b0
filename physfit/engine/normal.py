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
    STRIDE,
    SUMS,
    as_floats,
    as_integers,
    at,
    call_loss,
    offset,
)
from physfit.engine.dense import fill
from physfit.engine.program import FREE, VALUES, over_blocks
from physfit.engine.roles import entry, routine
from physfit.engine.structs import Problem, stack_entry
from physfit.engine.ties import resolve
from physfit.engine.tiles import gradient_tile, product_tile, row_tile, square_tile

__all__ = ["add_gradient", "add_products", "cost_at", "costs_at", "normal_equations"]
__all__ += ["terms_of_block"]


@entry(SUMS)
def normal_equations(address: Any, theta: Any, gradient: Any, gauss_newton: Any) -> Any:
    """Cost at `theta`; fills its gradient (P) and Gauss-Newton matrix (P, P)."""
    problem = at(address, Problem)
    resolve(problem, theta)
    n_rows = problem.n_rows
    products = as_floats(problem.products)
    fill(products, 0.0, n_rows * (n_rows + 1))
    cost = over_blocks(problem, 0, problem.n_samples, FREE, _add_block, products)
    return _collect(problem, cost, products, gradient, gauss_newton)


@routine
def _add_block(problem: Any, output: Any, start: Any, count: Any, products: Any) -> Any:
    """Add the sums of a block; its cost."""
    cost = terms_of_block(problem, output, start, count, as_floats(0))
    add_products(problem, output, count, products)
    return cost


@entry("f64(i64, f64*)")
def cost_at(address: Any, theta: Any) -> Any:
    """Cost at `theta`, without partials."""
    return _cost(at(address, Problem), theta)


@entry("void(i64, f64*, i64, i64, f64*)")
def costs_at(address: Any, thetas: Any, n_points: Any, n: Any, costs: Any) -> None:
    """Costs at many points of `n` free parameters each, one after the other."""
    for k in range(n_points):
        costs[k] = _cost(at(address, Problem), offset(thetas, k * n))


@routine
def _cost(problem: Any, theta: Any) -> Any:
    """Sum of rho over all samples."""
    resolve(problem, theta)
    n = problem.n_samples
    return over_blocks(problem, 0, n, VALUES, _cost_of_block, as_floats(0))


@routine
def _cost_of_block(problem: Any, output: Any, start: Any, count: Any, none: Any) -> Any:
    """Sum of rho of a block; `none` is NULL."""
    return _loss_of(problem, output, start, count, none, none, none)


@routine
def terms_of_block(
    problem: Any, output: Any, start: Any, count: Any, curvature: Any
) -> Any:
    """Sum of rho of a block; slope and weight of each sample go to the terms.

    Curvatures, too, unless the pointer for them is NULL.
    """
    slope = as_floats(problem.terms)
    weight = offset(slope, STRIDE)
    return _loss_of(problem, output, start, count, slope, weight, curvature)


@routine
def _loss_of(
    problem: Any,
    output: Any,
    start: Any,
    count: Any,
    slope: Any,
    weight: Any,
    curvature: Any,
) -> Any:
    """Sum of rho of a block, and of each sample what a pointer is given for."""
    place = output * problem.ldy + start
    y = offset(as_floats(problem.y), place)
    w = offset(as_floats(problem.weights), place)
    f = offset(stack_entry(problem, 0), output * STRIDE)
    hyper = as_floats(problem.hyper)
    return call_loss(problem.loss, y, f, w, count, hyper, slope, weight, curvature)


@routine
def add_gradient(
    problem: Any, output: Any, place: Any, count: Any, gradient: Any
) -> None:
    """Slope times the rows of the free parameters, from a place of the block on."""
    n_rows = problem.n_rows
    rows = offset(as_integers(problem.rows), output * n_rows)
    base = offset(as_floats(problem.jac), place)
    slope = offset(as_floats(problem.terms), place)
    for a in range(0, n_rows, 4):
        gradient_tile(base, offset(rows, a), slope, count, offset(gradient, a))


@routine
def add_products(problem: Any, output: Any, count: Any, products: Any) -> None:
    """Lower triangle of tiles of all products of rows, the gradient behind them."""
    n_rows = problem.n_rows
    rows = offset(as_integers(problem.rows), output * n_rows)
    base = as_floats(problem.jac)
    slope = as_floats(problem.terms)
    weight = offset(slope, STRIDE)
    gradient = offset(products, n_rows * n_rows)
    for a in range(0, n_rows, 4):
        side = offset(rows, a)
        out = offset(products, a * n_rows)
        if problem.n_free - a <= 2:
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
    n_rows = problem.n_rows
    rows = offset(as_integers(problem.rows), output * n_rows)
    base = as_floats(problem.jac)
    slope = as_floats(problem.terms)
    weight = offset(slope, STRIDE)
    for k in range(problem.n_free - first):
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
    n_rows = problem.n_rows
    n_free = problem.n_free
    check = cost
    for k in range(n_free):
        gradient[k] = products[n_rows * n_rows + k]
        check += gradient[k] + products[k * n_rows + k]
        for j in range(k + 1):
            value = products[k * n_rows + j]
            gauss_newton[k * n_free + j] = value
            gauss_newton[j * n_free + k] = value
    return cost if math.fabs(check) < math.inf else math.nan
