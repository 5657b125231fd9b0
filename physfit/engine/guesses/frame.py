"""What the guesses of a row share: the plan, the scratch, the row taken in.

A plan is an array of integers that the models make (see `models.compiled_guess`): how
many polynomial terms and components there are, then for each term the position of its
parameter among all and its power of x, then for each component what its own routine
reads. The first integer of a component is the address of its floats.

The scratch is one array of doubles: a header of numbers, vectors of one double per
sample and one more, then what is small. The samples are taken in sorted by x and
multiplied by their weights, so that everything after is plain least squares.
"""

from __future__ import annotations

import math
from typing import Any

from physfit.engine.abi import as_floats, offset
from physfit.engine.roles import routine, summation

__all__ = ["component_of", "count", "give", "is_known", "number", "scratch_size"]
__all__ += ["small", "take_row", "vector"]

# Header of a plan.
N_TERMS = 0
N_COMPONENTS = 1
#: Columns there must be room for.
WIDTH = 2
#: Whether samples far from their neighbours count for less; whether data are complex.
FOR_M_ESTIMATOR = 3
IS_COMPLEX = 4
#: Integers of a component.
COMPONENT_WIDTH = 5
PLAN_HEADER = 6

#: First integer of a component: the address of its floats.
FLOATS = 0

# Header of the scratch.
N = 0
N_COLUMNS = 1
N_POLYNOMIAL = 2
MIDDLE = 3
HALF = 4
#: Range of x (1 if it is a point), and a typical distance of samples.
SPAN = 5
SPACING = 6
#: Parameter that takes power 0, 1, 2 of x; -1 for none.
POWERS = 7
#: Columns there is room for.
ROOM = 10
#: Sum of squared distances of the samples from even ones, in that distance squared.
UNEVEN = 11
#: Samples in the widest box that may stand for a peak.
WIDEST = 12
#: Places on the axis: half the samples where these are real and imaginary parts.
N_PLACES = 13
#: Peaks among the components.
N_PEAKS = 14
#: State of a search along a line.
LINE = 16
HEADER = 24
# Vectors of the scratch: coordinates, weights, weighted data less what is known or
# explained, the same with the polynomial explained only, a shape, running sums.
X = 0
W = 1
REST = 2
BASE = 3
SHAPE = 4
RUNNING_REST = 5
RUNNING_SQUARES = 6
#: Then the orthonormal columns, and behind these their running sums.
BASIS = 7
# Small arrays, in units of ROOM doubles.
PROJECTIONS = 0
COEFFICIENTS = 1
CENTERS = 2
WIDTHS = 3
GAINS = 4
BEST_CENTERS = 5
BEST_WIDTHS = 6
WHOLE_CENTERS = 7
WHOLE_WIDTHS = 8
OTHER_CENTERS = 9
OTHER_WIDTHS = 10
TRIANGLE = 11


#: Samples so many typical steps from their neighbours are far.
FAR = 6.0


def scratch_size(n: int, room: int) -> int:
    """Doubles of scratch for `n` samples and `room` columns."""
    return HEADER + (n + 1) * (BASIS + 2 * room) + room * (TRIANGLE + room)


@routine
def count(work: Any, entry: Any) -> Any:
    """Integer in the header of the scratch."""
    return int(work[entry])


@routine
def component_of(plan: Any, k: Any) -> Any:
    """Integers of component `k`."""
    start = PLAN_HEADER + 2 * plan[N_TERMS]
    return offset(plan, start + k * plan[COMPONENT_WIDTH])


@routine
def number(component: Any, entry: Any) -> Any:
    """One of the floats of a component."""
    return as_floats(component[FLOATS])[entry]


@routine
def vector(work: Any, index: Any) -> Any:
    """Vector `index` of the scratch."""
    return offset(work, HEADER + index * (count(work, N) + 1))


@routine
def small(work: Any, index: Any) -> Any:
    """Small array `index` of the scratch."""
    room = count(work, ROOM)
    return offset(vector(work, BASIS + 2 * room), index * room)


@routine
def take_row(plan: Any, x: Any, ldx: Any, y: Any, w: Any, n: Any, work: Any) -> None:
    """Take in the samples, by rising x and weighted.

    The imaginary parts of complex data follow the real ones, with the same coordinates.
    """
    work[N] = n * (1 + plan[IS_COMPLEX])
    work[N_PLACES], work[ROOM] = n, plan[WIDTH]
    for part in range(1 + plan[IS_COMPLEX]):
        _take_part(x, offset(y, part * ldx), offset(w, part * ldx), n, part * n, work)
        if plan[FOR_M_ESTIMATOR] == 1:
            start = part * n
            soften(offset(vector(work, W), start), offset(vector(work, REST), start), n)
    own_x = vector(work, X)
    span = own_x[n - 1] - own_x[0]
    work[SPAN] = span if span > 0.0 else 1.0
    work[SPACING] = work[SPAN] / max(n - 1, 1)


@routine
def _take_part(x: Any, y: Any, w: Any, n: Any, start: Any, work: Any) -> None:
    """Take in real or imaginary parts, from one place of the vectors on."""
    own_x, own_w = offset(vector(work, X), start), offset(vector(work, W), start)
    rest = offset(vector(work, REST), start)
    falls = descents(x, n)
    if 2 * falls > n:
        copy_reversed(x, y, w, n, own_x, own_w, rest)
    else:
        copy_weighted(x, y, w, n, own_x, own_w, rest)
    if falls != 0 and descents(own_x, n) != 0:
        sort_samples(own_x, own_w, rest, n)


@routine
def soften(w: Any, rest: Any, n: Any) -> None:
    """Let samples far from both neighbours count for less, as a robust loss does.

    What is far is told by steps to the nearer neighbour. The root of each is averaged,
    so that the outliers among them say little.
    """
    total = 0.0
    for i in range(1, n - 1):
        left, right = math.fabs(rest[i] - rest[i - 1]), math.fabs(rest[i + 1] - rest[i])
        total += math.sqrt(min(left, right))
    limit = FAR * (total / n) ** 2
    for i in range(1, n - 1):
        if not (w[i - 1] > 0.0 and w[i] > 0.0 and w[i + 1] > 0.0):
            continue
        one, other = rest[i - 1] / w[i - 1], rest[i + 1] / w[i + 1]
        value = rest[i] / w[i]
        middle = max(min(one, other), min(value, max(one, other)))
        off = math.fabs(value - middle) * w[i]
        if off > limit:
            w[i] *= limit / off
            rest[i] *= limit / off


@summation
def descents(x: Any, n: Any) -> Any:
    """How often x falls from one sample to the next."""
    falls = 0
    for i in range(n - 1):
        falls += 1 if x[i + 1] < x[i] else 0
    return falls


@summation
def copy_weighted(
    x: Any, y: Any, w: Any, n: Any, own_x: Any, own_w: Any, rest: Any
) -> None:
    """Coordinates, weights, weighted data in the order they have."""
    for i in range(n):
        own_x[i] = x[i]
        own_w[i] = w[i]
        rest[i] = w[i] * y[i]


@summation
def copy_reversed(
    x: Any, y: Any, w: Any, n: Any, own_x: Any, own_w: Any, rest: Any
) -> None:
    """Coordinates, weights, weighted data in reverse order."""
    for i in range(n):
        own_x[i] = x[n - 1 - i]
        own_w[i] = w[n - 1 - i]
        rest[i] = w[n - 1 - i] * y[n - 1 - i]


@routine
def sort_samples(x: Any, w: Any, rest: Any, n: Any) -> None:
    """Sort samples by x, by insertion over shrinking gaps."""
    gap = n // 2
    while gap > 0:
        for i in range(gap, n):
            own_x, own_w, own_rest = x[i], w[i], rest[i]
            j = i
            while j >= gap and x[j - gap] > own_x:
                x[j], w[j], rest[j] = x[j - gap], w[j - gap], rest[j - gap]
                j -= gap
            x[j], w[j], rest[j] = own_x, own_w, own_rest
        gap = 1 if gap == 2 else int(gap / 2.2)


@routine
def is_known(full: Any, index: Any) -> Any:
    """Whether parameter `index` was given; there may be none (-1)."""
    return index >= 0 and not math.isnan(full[index])


@routine
def give(full: Any, index: Any, value: Any, otherwise: Any) -> None:
    """Set a parameter that was not given, to `otherwise` if the value is not finite."""
    if index >= 0 and math.isnan(full[index]):
        full[index] = value if math.fabs(value) < math.inf else otherwise
