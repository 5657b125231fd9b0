"""Small dense linear algebra on row-major matrices, without allocation.

A factor may leave parameters out: where `held[k] != 0` row and column `k` are those of
the unit matrix, so that solutions are zero there and no matrix is ever compacted.
"""

from __future__ import annotations

import math
from typing import Any

from physfit.engine.abi import offset
from physfit.engine.roles import routine, summation

__all__ = ["cholesky", "dot", "invert", "norm", "solve", "solve_lower", "solve_upper"]

#: A pivot below this share of its diagonal is rounding noise of the sums before it.
PIVOT = 4.0e-15


@routine
def cholesky(
    matrix: Any, shift: Any, scale: Any, held: Any, n: Any, factor: Any
) -> Any:
    """Lower factor of matrix + shift diag(scale)^2; False if there is none."""
    for k in range(n):
        line = offset(factor, k * n)
        for j in range(k + 1):
            value = matrix[k * n + j]
            if held[k] != 0.0 or held[j] != 0.0:
                value = 1.0 if j == k else 0.0
            elif j == k:
                value += shift * scale[k] * scale[k]
            rest = value - dot(line, offset(factor, j * n), j)
            if j < k:
                line[j] = rest / factor[j * n + j]
            elif rest > PIVOT * value:
                line[k] = math.sqrt(rest)
            else:
                return False
    return True


@routine
def solve_lower(factor: Any, n: Any, vector: Any) -> None:
    """vector <- L^-1 vector."""
    for k in range(n):
        line = offset(factor, k * n)
        vector[k] = (vector[k] - dot(line, vector, k)) / line[k]


@routine
def solve_upper(factor: Any, n: Any, vector: Any) -> None:
    """vector <- L^-T vector."""
    for j in range(n):
        k = n - 1 - j
        vector[k] /= factor[k * n + k]
        for i in range(k):
            vector[i] -= factor[k * n + i] * vector[k]


@routine
def solve(factor: Any, n: Any, vector: Any) -> None:
    """vector <- (L L^T)^-1 vector."""
    solve_lower(factor, n, vector)
    solve_upper(factor, n, vector)


@routine
def invert(factor: Any, n: Any, inverse: Any) -> None:
    """inverse <- (L L^T)^-1, column by column."""
    for k in range(n):
        column = offset(inverse, k * n)
        for j in range(n):
            column[j] = 1.0 if j == k else 0.0
        solve(factor, n, column)


@summation
def dot(a: Any, b: Any, n: Any) -> Any:
    """Scalar product."""
    total = 0.0
    for i in range(n):
        total += a[i] * b[i]
    return total


@routine
def norm(scale: Any, vector: Any, n: Any) -> Any:
    """Length of diag(scale) vector."""
    total = 0.0
    for i in range(n):
        total += (scale[i] * vector[i]) ** 2
    return math.sqrt(total)
