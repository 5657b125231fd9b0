"""Orthonormal columns, one after the other, and what they leave of the data.

Modified Gram-Schmidt: a column is made orthogonal to those before it and normalised;
its projection is taken out of the residual at once. So the sum of squares that one more
shape g would explain is (g.residual)^2 / (g.g - sum of (g.q)^2), with no equations to
be solved; the coefficients of the shapes themselves follow at the end from the
triangle.
"""

from __future__ import annotations

import math
from typing import Any

from physfit.engine.abi import as_floats, offset
from physfit.engine.dense import dot
from physfit.engine.guesses.frame import column, copy
from physfit.engine.roles import routine, summation
from physfit.engine.structs import add_scaled

__all__ = ["append", "back_to_polynomial", "coefficients", "explained", "goes_on"]
__all__ += ["keep_base", "next_column", "pair_explained", "residual_square"]
__all__ += ["start_search", "vertex"]

MOST_STEPS = 7

#: A column with less than this part of its square left over depends on the others.
INDEPENDENT = 1e-10


@routine
def next_column(work: Any) -> Any:
    """Where the next column is to be written before it is appended."""
    return column(work, work.n_columns)


@routine
def append(work: Any) -> None:
    """Make the next column orthonormal and take its projection out of the residual.

    A column that depends on those before it becomes zero and so does its coefficient.
    """
    n, k = work.n, work.n_columns
    new, residual = next_column(work), as_floats(work.residual)
    row = offset(as_floats(work.triangle), k * work.room)
    before = dot(new, new, n)
    for j in range(k):
        other = column(work, j)
        row[j] = dot(new, other, n)
        add_scaled(new, other, -row[j], n)
    square = dot(new, new, n)
    inverse = 1.0 / math.sqrt(square) if square > INDEPENDENT * before else 0.0
    row[k] = inverse * square
    along = inverse * dot(new, residual, n)
    as_floats(work.projections)[k] = along
    scale_and_subtract(new, inverse, residual, along, n)
    work.n_columns = k + 1


@routine
def coefficients(work: Any) -> None:
    """Coefficients of the columns as they were before they became orthonormal."""
    k, room, triangle = work.n_columns, work.room, as_floats(work.triangle)
    along, solution = as_floats(work.projections), as_floats(work.coefficients)
    for back in range(k):
        i = k - 1 - back
        value = along[i]
        for j in range(i + 1, k):
            value -= triangle[j * room + i] * solution[j]
        pivot = triangle[i * room + i]
        solution[i] = value / pivot if pivot > 0.0 else 0.0


@routine
def explained(work: Any, square: Any, along: Any, least: Any) -> Any:
    """Sum of squares that what stands in `shape` would explain.

    `square` and `along` are its products with itself and the residual. Where less than
    the part `least` of it is left beside the columns it explains nothing.
    """
    shape, left = as_floats(work.shape), square
    for j in range(work.n_columns):
        part = dot(shape, column(work, j), work.n)
        left -= part * part
    return along * along / left if left > least * square else 0.0


@routine
def pair_explained(a: Any, b: Any, c: Any, r: Any, t: Any, least: Any) -> Any:
    """Sum of squares that two columns would explain.

    `a`, `b` and `c` are their products with each other, `r` and `t` those with the
    residual. With a determinant of `least` or less they explain nothing.
    """
    determinant = a * c - b * b
    if not determinant > least:
        return 0.0
    return (r * r * c - 2.0 * r * t * b + t * t * a) / determinant


@routine
def residual_square(work: Any) -> Any:
    """Sum of squares that the columns leave."""
    residual = as_floats(work.residual)
    return dot(residual, residual, work.n)


@routine
def keep_base(work: Any) -> None:
    """Let the columns that are there be those of the polynomial."""
    work.n_polynomial, work.base_square = work.n_columns, residual_square(work)
    copy(as_floats(work.residual), as_floats(work.base), work.n)


@routine
def back_to_polynomial(work: Any) -> None:
    """Forget all columns but those of the polynomial."""
    copy(as_floats(work.base), as_floats(work.residual), work.n)
    work.n_columns = work.n_polynomial


@routine
def start_search(work: Any, start: Any, step: Any, best: Any) -> None:
    """Start a search along a line where a gain is known."""
    work.at, work.step, work.top = start + step, step, start
    work.best, work.before, work.taken = best, best, -1


@routine
def goes_on(work: Any, gain: Any) -> Any:
    """Take in the gain at `work.at`; whether another point is to be tried.

    Steps go up as long as that helps. In the end `work.at` is the vertex of a parabola
    through the best point and its neighbours, and `work.best` the best gain seen.
    """
    if gain > work.best and work.taken < MOST_STEPS:
        work.before, work.best, work.top = work.best, gain, work.at
        work.taken = max(work.taken, 0) + 1
    elif work.taken < 0:
        work.before, work.step, work.taken = gain, -work.step, 0
    else:
        shift = vertex(work.before, work.best, gain)
        work.at = work.top + shift * work.step
        return False
    work.at = work.top + work.step
    return True


@routine
def vertex(left: Any, middle: Any, right: Any) -> Any:
    """Vertex of the parabola through three equidistant values, in steps."""
    bend = left - 2.0 * middle + right
    if not bend < 0.0:
        return 0.0
    return min(max(0.5 * (left - right) / bend, -0.5), 0.5)


@summation
def scale_and_subtract(
    column: Any, factor: Any, residual: Any, along: Any, n: Any
) -> None:
    """column *= factor; residual -= along * column."""
    for i in range(n):
        column[i] *= factor
        residual[i] -= along * column[i]
