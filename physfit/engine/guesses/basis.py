"""Orthonormal columns, one after the other, and what they leave of the data.

Modified Gram-Schmidt: a column is made orthogonal to those before it and normalised;
its projection is taken out of the rest at once. So the sum of squares that one more
shape g would explain is (g.rest)^2 / (g.g - sum of (g.q)^2), with no equations to be
solved; the coefficients of the shapes themselves follow at the end from the triangle.
"""

from __future__ import annotations

import math
from typing import Any

from physfit.engine.abi import offset
from physfit.engine.dense import dot
from physfit.engine.guesses.frame import (
    BASE,
    BASIS,
    COEFFICIENTS,
    LINE,
    N_COLUMNS,
    N_POLYNOMIAL,
    PROJECTIONS,
    REST,
    ROOM,
    TRIANGLE,
    N,
    count,
    small,
    vector,
)
from physfit.engine.roles import routine, summation

__all__ = ["append", "back_to_polynomial", "coefficients", "goes_on", "next_column"]
__all__ += ["start_search", "vertex"]

# State of a search: the point to be tried, the step, the best point, gains of that and
# of the one before, steps taken (-1 before the direction is known).
AT = 0
STEP = 1
TOP = 2
BEST = 3
BEFORE = 4
TAKEN = 5
MOST_STEPS = 7.0

#: A column with less than this part of its square left over depends on the others.
INDEPENDENT = 1e-10


@routine
def next_column(work: Any) -> Any:
    """Where the next column is to be written before it is appended."""
    return vector(work, BASIS + count(work, N_COLUMNS))


@routine
def append(work: Any) -> None:
    """Make the next column orthonormal and take its projection out of the rest.

    A column that depends on those before it becomes zero and so does its coefficient.
    """
    n, k = count(work, N), count(work, N_COLUMNS)
    own, rest = next_column(work), vector(work, REST)
    row = offset(small(work, TRIANGLE), k * count(work, ROOM))
    before = dot(own, own, n)
    for j in range(k):
        other = vector(work, BASIS + j)
        row[j] = dot(own, other, n)
        subtract(own, other, row[j], n)
    square = dot(own, own, n)
    inverse = 1.0 / math.sqrt(square) if square > INDEPENDENT * before else 0.0
    row[k] = inverse * square
    along = inverse * dot(own, rest, n)
    small(work, PROJECTIONS)[k] = along
    scale_and_subtract(own, inverse, rest, along, n)
    work[N_COLUMNS] = k + 1.0


@routine
def coefficients(work: Any) -> None:
    """Coefficients of the columns as they were before they became orthonormal."""
    k, room = count(work, N_COLUMNS), count(work, ROOM)
    triangle, found = small(work, TRIANGLE), small(work, COEFFICIENTS)
    along = small(work, PROJECTIONS)
    for back in range(k):
        i = k - 1 - back
        value = along[i]
        for j in range(i + 1, k):
            value -= triangle[j * room + i] * found[j]
        pivot = triangle[i * room + i]
        found[i] = value / pivot if pivot > 0.0 else 0.0


@routine
def back_to_polynomial(work: Any) -> None:
    """Forget all columns but those of the polynomial."""
    copy(vector(work, BASE), vector(work, REST), count(work, N))
    work[N_COLUMNS] = work[N_POLYNOMIAL]


@routine
def start_search(work: Any, start: Any, step: Any, best: Any) -> Any:
    """Start a search along a line where a gain is known; its state."""
    line = offset(work, LINE)
    line[AT], line[STEP], line[TOP] = start + step, step, start
    line[BEST], line[BEFORE], line[TAKEN] = best, best, -1.0
    return line


@routine
def goes_on(line: Any, gain: Any) -> Any:
    """Take in the gain at `line[AT]`; whether another point is to be tried.

    Steps go up as long as that helps. In the end `line[AT]` is the vertex of a parabola
    through the best point and its neighbours, and `line[BEST]` the best gain seen.
    """
    taken = line[TAKEN]
    if gain > line[BEST] and taken < MOST_STEPS:
        line[BEFORE], line[BEST], line[TOP] = line[BEST], gain, line[AT]
        line[TAKEN] = max(taken, 0.0) + 1.0
    elif taken < 0.0:
        line[BEFORE], line[STEP], line[TAKEN] = gain, -line[STEP], 0.0
    else:
        shift = vertex(line[BEFORE], line[BEST], gain)
        line[AT] = line[TOP] + shift * line[STEP]
        return False
    line[AT] = line[TOP] + line[STEP]
    return True


@routine
def vertex(left: Any, middle: Any, right: Any) -> Any:
    """Vertex of the parabola through three equidistant values, in steps."""
    bend = left - 2.0 * middle + right
    if not bend < 0.0:
        return 0.0
    return min(max(0.5 * (left - right) / bend, -0.5), 0.5)


@summation
def subtract(target: Any, source: Any, factor: Any, n: Any) -> None:
    """target -= factor * source."""
    for i in range(n):
        target[i] -= factor * source[i]


@summation
def scale_and_subtract(own: Any, factor: Any, rest: Any, along: Any, n: Any) -> None:
    """own *= factor; rest -= along * own."""
    for i in range(n):
        own[i] *= factor
        rest[i] -= along * own[i]


@summation
def copy(source: Any, target: Any, n: Any) -> None:
    """target = source."""
    for i in range(n):
        target[i] = source[i]
