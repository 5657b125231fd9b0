"""How a Gauss-Newton matrix is stored, and how its equations are solved.

The steps of a fit ask a `LinearSolver` for everything that depends on the places of the
matrix's entries. A driver hands it down as a constant, so that compiled code calls its
functions directly.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

from physfit.engine.abi import offset
from physfit.engine.dense import dot, factorise, form, invert, solve
from physfit.engine.roles import routine

__all__ = ["DENSE", "LinearSolver"]


class LinearSolver(NamedTuple):
    """Functions of a symmetric matrix of `n` parameters in one way of storing it.

    A parameter with `held[k] != 0` takes no part: row and column `k` are then those of
    the unit matrix.

    Attributes
    ----------
    size : callable
        ``(n)``: doubles of a matrix, and of a factor of it.
    diagonal : callable
        ``(matrix, n, k)``: an entry of the diagonal.
    row_times : callable
        ``(matrix, n, k, vector)``: product of row `k` and a vector.
    subtract_held : callable
        ``(matrix, n, held, step, right)``: subtract from the right sides of the
        parameters that are not held what the steps of those that are make of them.
    factorise : callable
        ``(matrix, shift, squares, held, n, factor)``: factor of
        matrix + shift diag(squares); False if it is not positive definite.
    solve : callable
        ``(factor, n, vector)``: put the solution in place of the right sides.
    form : callable
        ``(factor, n, vector)``: v^T matrix^-1 v; overwrites the vector.
    covariance : callable
        ``(matrix, held, n, inverse, factor, units)``: inverse of the matrix, NaN in
        rows and columns that are held; returns its condition when scaled to a unit
        diagonal, infinite if there is no inverse. `units` is memory for `n` doubles.
    """

    size: Callable[..., Any]
    diagonal: Callable[..., Any]
    row_times: Callable[..., Any]
    subtract_held: Callable[..., Any]
    factorise: Callable[..., Any]
    solve: Callable[..., Any]
    form: Callable[..., Any]
    covariance: Callable[..., Any]


@routine
def dense_size(n: Any) -> Any:
    """Doubles of a matrix of `n` rows."""
    return n * n


@routine
def dense_diagonal(matrix: Any, n: Any, k: Any) -> Any:
    """Entry `k` of the diagonal."""
    return matrix[k * n + k]


@routine
def dense_row_times(matrix: Any, n: Any, k: Any, vector: Any) -> Any:
    """Product of row `k` and a vector."""
    return dot(offset(matrix, k * n), vector, n)


@routine
def dense_subtract_held(matrix: Any, n: Any, held: Any, step: Any, right: Any) -> None:
    """Subtract what the steps of held parameters make of the others' right sides."""
    for k in range(n):
        if held[k] == 0.0:
            for j in range(n):
                if held[j] != 0.0:
                    right[k] -= matrix[k * n + j] * step[j]


@routine
def dense_covariance(
    matrix: Any, held: Any, n: Any, inverse: Any, factor: Any, units: Any
) -> Any:
    """Inverse over the parameters that are not held; returns its condition.

    The matrix is scaled to a unit diagonal first; the product of its norm and that of
    its inverse says how many digits the inverse has. It is infinite if there is none.
    """
    for k in range(n):
        diagonal = matrix[k * n + k]
        units[k] = 1.0 / math.sqrt(diagonal) if diagonal > 0.0 else 1.0
    for k in range(n):
        for j in range(n):
            inverse[k * n + j] = matrix[k * n + j] * units[k] * units[j]
    if not factorise(inverse, 0.0, units, held, n, factor):
        return math.inf
    widest = _widest_row(inverse, held, n)
    invert(factor, n, inverse)
    condition = widest * _widest_row(inverse, held, n)
    for k in range(n):
        for j in range(n):
            out = held[k] != 0.0 or held[j] != 0.0
            value = inverse[k * n + j] * units[k] * units[j]
            inverse[k * n + j] = math.nan if out else value
    return condition


@routine
def _widest_row(values: Any, held: Any, n: Any) -> Any:
    """Infinity norm over the rows and columns that are not held."""
    widest = 0.0
    for k in range(n):
        total = 0.0
        for j in range(n):
            if held[k] == 0.0 and held[j] == 0.0:
                total += math.fabs(values[k * n + j])
        widest = max(widest, total)
    return widest


#: All n^2 entries, row by row.
DENSE = LinearSolver(
    dense_size,
    dense_diagonal,
    dense_row_times,
    dense_subtract_held,
    factorise,
    solve,
    form,
    dense_covariance,
)
