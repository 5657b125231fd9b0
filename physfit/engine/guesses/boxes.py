"""Where a row has a peak: the box that explains most of what is left.

A box of m neighbouring samples stands for any peak of about its width. Added to the
columns that are there, it explains

    (sum of w r)^2 / (sum of w^2 - sum over columns of (sum of w q)^2)

of the sum of squares, all sums over the box, and these are differences of running
sums. So every place and a series of widths are tried at the price of a few operations
each, a peak stands out as well as its noise allows whatever its width, and a slope or
an offset of the background costs nothing, up to the ends of the data.

Which place is best is told by one integer: the bits of a double that is not negative
rise with it, so its last bits can carry the place, and a maximum of integers is
vectorised where one of doubles is not.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from physfit.engine.abi import offset
from physfit.engine.guesses.frame import (
    BASIS,
    N_COLUMNS,
    REST,
    ROOM,
    RUNNING_REST,
    RUNNING_SQUARES,
    SHAPE,
    WIDEST,
    N,
    W,
    X,
    count,
    vector,
)
from physfit.engine.roles import routine, summation

__all__ = ["add_running_column", "find_box", "start_running"]

#: A box that leaves less of its square beside the columns says nothing about a peak.
OWN_SHARE = 0.02
#: Boxes that reach over an end are so many to their width.
SHIFTS = 4
#: Last bits of a key, for the place; the others are of what the box explains.
PLACE = (1 << 24) - 1


@routine
def start_running(work: Any) -> None:
    """Running sums of squared weights, and of the columns that are there."""
    n = count(work, N)
    run(vector(work, W), vector(work, W), vector(work, RUNNING_SQUARES), n)
    for j in range(count(work, N_COLUMNS)):
        add_running_column(work, j)


@routine
def add_running_column(work: Any, j: Any) -> None:
    """Running sum of column `j`."""
    target = vector(work, BASIS + count(work, ROOM) + j)
    run(vector(work, W), vector(work, BASIS + j), target, count(work, N))


@routine
def find_box(work: Any, sign: Any, lower: Any, upper: Any) -> Any:
    """First sample and width of the best box with its middle between two coordinates.

    And the sum of squares that it explains. `sign` is that of its height, 0 for any. A
    width of 0 means that there is none.
    """
    n = count(work, N)
    run(vector(work, W), vector(work, REST), vector(work, RUNNING_REST), n)
    x = vector(work, X)
    first, last = 0, n
    if lower > x[0]:
        first = _samples_below(x, n, lower)
    if upper < x[n - 1]:
        last = max(_samples_below(x, n, upper), first + 1)
    best, best_width = PLACE, 0
    width = 2 if n > 4 else 1
    while width <= work[WIDEST]:
        key = _best_of_width(work, sign, width, first, last)
        if key > best:
            best, best_width = key, width
        width *= 2
    place = (best & PLACE) - n if best_width > 0 else 0
    return place, best_width, np.int64(best & ~PLACE).view(np.float64)


@routine
def _best_of_width(work: Any, sign: Any, width: Any, first: Any, last: Any) -> Any:
    """Key of the best box of one width whose middle is a sample of a range."""
    n, half = count(work, N), width // 2
    inside, outside = max(first - half, 0), min(last - half, n - width + 1)
    key = _best_whole(work, sign, width, inside, outside) if inside < outside else 0
    step = max(1, width // SHIFTS)
    i = first - half
    while i < min(last - half, 0):
        key = max(key, _key_at(work, sign, i, width))
        i += step
    i = last - half - 1
    while i > n - width and i >= first - half:
        key = max(key, _key_at(work, sign, i, width))
        i -= step
    return key


@routine
def _key_at(work: Any, sign: Any, i: Any, width: Any) -> Any:
    """Key of a box that may reach over the ends."""
    n = count(work, N)
    low, high = max(i, 0), min(i + width, n)
    rest, squares = vector(work, RUNNING_REST), vector(work, RUNNING_SQUARES)
    along, whole = rest[high] - rest[low], squares[high] - squares[low]
    own = whole
    for j in range(count(work, N_COLUMNS)):
        column = vector(work, BASIS + count(work, ROOM) + j)
        part = column[high] - column[low]
        own -= part * part
    wanted = sign * along if sign != 0.0 else math.fabs(along)
    if not (wanted > 0.0 and own > OWN_SHARE * whole):
        return 0
    return (np.float64(along * along / own).view(np.int64) & ~PLACE) | (i + n)


@routine
def _best_whole(work: Any, sign: Any, width: Any, start: Any, stop: Any) -> Any:
    """Key of the best box of one width that begins in a range."""
    m = stop - start
    own, there = vector(work, SHAPE), count(work, N_COLUMNS)
    squares = offset(vector(work, RUNNING_SQUARES), start)
    open_own(squares, offset(squares, width), own, m)
    for j in range(there):
        column = offset(vector(work, BASIS + count(work, ROOM) + j), start)
        reduce_own(column, offset(column, width), own, m)
    rest = offset(vector(work, RUNNING_REST), start)
    up, down = 1.0 if sign >= 0.0 else 0.0, 1.0 if sign <= 0.0 else 0.0
    ends, floors = offset(rest, width), offset(squares, width)
    return (
        best_key(rest, ends, squares, floors, own, up, down, m) + start + count(work, N)
    )


@summation
def open_own(begins: Any, ends: Any, own: Any, m: Any) -> None:
    """Squares of boxes."""
    for i in range(m):
        own[i] = ends[i] - begins[i]


@summation
def reduce_own(begins: Any, ends: Any, own: Any, m: Any) -> None:
    """Take out of the squares what lies along a column."""
    for i in range(m):
        part = ends[i] - begins[i]
        own[i] -= part * part


@summation
def best_key(
    begins: Any,
    ends: Any,
    low: Any,
    high: Any,
    own: Any,
    up: Any,
    down: Any,
    m: Any,
) -> Any:
    """Largest key; `up` and `down` are 1 where boxes of that sign count, else 0."""
    best = np.int64(0)
    for i in range(m):
        along = ends[i] - begins[i]
        wanted = along * (up if along > 0.0 else down)
        enough = own[i] > OWN_SHARE * (high[i] - low[i])
        ratio = wanted * wanted / own[i] if enough else 0.0
        key = (np.float64(ratio).view(np.int64) & ~PLACE) | np.int64(i)
        best = max(best, key)
    return best


@routine
def _samples_below(x: Any, n: Any, limit: Any) -> Any:
    """How many of the sorted coordinates lie below a limit."""
    low, high = 0, n
    while low < high:
        middle = (low + high) // 2
        if x[middle] < limit:
            low = middle + 1
        else:
            high = middle
    return low


@summation
def run(a: Any, b: Any, total: Any, n: Any) -> None:
    """Running sum of a * b, from 0 over nothing to that over all.

    Four at a time: only one addition in four waits for the one before.
    """
    value = 0.0
    total[0] = value
    whole = n - n % 4
    i = 0
    while i < whole:
        one = a[i] * b[i]
        two = one + a[i + 1] * b[i + 1]
        three = two + a[i + 2] * b[i + 2]
        four = three + a[i + 3] * b[i + 3]
        total[i + 1] = value + one
        total[i + 2] = value + two
        total[i + 3] = value + three
        value += four
        total[i + 4] = value
        i += 4
    for i in range(whole, n):
        value += a[i] * b[i]
        total[i + 1] = value
