"""Small dense linear algebra on row-major matrices, without allocation.

A symmetric matrix is factorised as L D L^T: no roots, and the inverse pivots stand on
the diagonal, so that solutions multiply instead of dividing; of a matrix of four rows
half the time was spent waiting for roots and quotients.

A factor may leave parameters out: where `held[k] != 0` row and column `k` are those of
the unit matrix, so that solutions are zero there and no matrix is ever compacted.
"""

from __future__ import annotations

import math
from typing import Any

from physfit.engine.abi import offset
from physfit.engine.roles import routine, summation

__all__ = ["copy", "dot", "factorise", "fill", "form", "invert", "norm", "solve"]
__all__ += ["square_norm"]

#: A pivot below this share of its diagonal is rounding noise of the sums before it.
PIVOT = 4.0e-15


@routine
def factorise(
    matrix: Any, shift: Any, squares: Any, held: Any, n: Any, factor: Any
) -> Any:
    """Factor of matrix + shift diag(squares); False if it is not positive definite.

    Below the diagonal of `factor` stands the unit lower L, on it the inverse of D.
    """
    for k in range(n):
        line = offset(factor, k * n)
        for j in range(k):
            value = matrix[k * n + j]
            if held[k] != 0.0 or held[j] != 0.0:
                value = 0.0
            before = offset(factor, j * n)
            for i in range(j):
                value -= line[i] * before[i]
            line[j] = value
        value = matrix[k * n + k] + shift * squares[k]
        if held[k] != 0.0:
            value = 1.0
        rest = value
        for j in range(k):
            scaled = line[j] * factor[j * n + j]
            rest -= line[j] * scaled
            line[j] = scaled
        if not rest > PIVOT * value:
            return False
        line[k] = 1.0 / rest
    return True


@routine
def _forward(factor: Any, n: Any, vector: Any) -> None:
    """vector <- L^-1 vector."""
    for k in range(n):
        line = offset(factor, k * n)
        value = vector[k]
        for i in range(k):
            value -= line[i] * vector[i]
        vector[k] = value


@routine
def solve(factor: Any, n: Any, vector: Any) -> None:
    """vector <- (L D L^T)^-1 vector."""
    _forward(factor, n, vector)
    for k in range(n):
        vector[k] *= factor[k * n + k]
    for j in range(n):
        k = n - 1 - j
        for i in range(k):
            vector[i] -= factor[k * n + i] * vector[k]


@routine
def form(factor: Any, n: Any, vector: Any) -> Any:
    """v^T (L D L^T)^-1 v; overwrites `vector`."""
    _forward(factor, n, vector)
    total = 0.0
    for k in range(n):
        total += vector[k] * vector[k] * factor[k * n + k]
    return total


@routine
def invert(factor: Any, n: Any, inverse: Any) -> None:
    """inverse <- (L D L^T)^-1, column by column."""
    for k in range(n):
        column = offset(inverse, k * n)
        for j in range(n):
            column[j] = 1.0 if j == k else 0.0
        solve(factor, n, column)


@routine
def fill(target: Any, value: Any, n: Any) -> None:
    """target = value."""
    for i in range(n):
        target[i] = value


@routine
def copy(target: Any, source: Any, n: Any) -> None:
    """target = source."""
    for i in range(n):
        target[i] = source[i]


@summation
def dot(a: Any, b: Any, n: Any) -> Any:
    """Scalar product."""
    total = 0.0
    for i in range(n):
        total += a[i] * b[i]
    return total


@routine
def norm(squares: Any, vector: Any, n: Any) -> Any:
    """Root of the sum of squares times those of the vector."""
    return math.sqrt(square_norm(squares, vector, n))


@routine
def square_norm(squares: Any, vector: Any, n: Any) -> Any:
    """Sum of squares times those of the vector."""
    total = 0.0
    for i in range(n):
        total += squares[i] * vector[i] * vector[i]
    return total
