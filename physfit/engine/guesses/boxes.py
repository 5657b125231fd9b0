"""Where a row has a peak: the box that explains most of what is left.

A box of m neighbouring samples stands for any peak of about its width. Added to the
columns that are there, it explains

    (sum of w r)^2 / (sum of w^2 - sum over columns of (sum of w q)^2)

of the sum of squares, all sums over the box, and these are differences of running
sums. So every place and a series of widths are tried at the price of a few operations
each, a peak stands out as well as its noise allows whatever its width, and a slope or
an offset of the background costs nothing, up to the ends of the data: running sums go
on beyond them, so that a box may reach over an end by half of its width.

Which place is best is told by one integer: the bits of a double that is not negative
rise with it, so its last bits can carry the place, and a maximum of integers is
vectorised where one of doubles is not.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from physfit.engine.abi import as_floats, offset
from physfit.engine.guesses.frame import column
from physfit.engine.roles import routine, summation

__all__ = ["add_running_column", "find_box", "start_running"]

#: A box that leaves less of its square beside the columns says nothing about a peak.
OWN_SHARE = 0.02
#: Last bits of a key, for the place; the others are of what the box explains.
PLACE = (1 << 24) - 1


@routine
def start_running(work: Any) -> None:
    """Running sums of squared weights, and of the columns that are there."""
    _run(work, as_floats(work.w), as_floats(work.running_squares))
    for j in range(work.n_columns):
        add_running_column(work, j)


@routine
def add_running_column(work: Any, j: Any) -> None:
    """Running sum of column `j`."""
    _run(work, column(work, j), running_column(work, j))


@routine
def running_column(work: Any, j: Any) -> Any:
    """Running sums of column `j`."""
    return as_floats(work.running_basis + j * work.running_bytes)


@routine
def _run(work: Any, values: Any, total: Any) -> None:
    """Running sum of values times weights, and beyond both ends."""
    n, pad = work.n, work.pad
    run(as_floats(work.w), values, total, n)
    fill(offset(total, -pad), 0.0, pad)
    fill(offset(total, n + 1), total[n], pad)


@routine
def find_box(work: Any, sign: Any, lower: Any, upper: Any) -> Any:
    """Find the best box with its middle between two coordinates.

    Its first sample and its width are noted in `work`; a width of 0 means that there
    is none. `sign` is that of its height, 0 for any.

    Returns
    -------
    float
        Sum of squares that it explains.
    """
    n, x = work.n, as_floats(work.x)
    _run(work, as_floats(work.residual), as_floats(work.running))
    first = min(_samples_below(x, n, lower), n - 1)
    last = max(_samples_below(x, n, upper), first + 1)
    best, width = PLACE, 2 if n > 4 else 1
    work.box_width = 0
    while width <= work.widest:
        key = _best_of_width(work, sign, width, first - width // 2, last - first)
        if key > best:
            best, work.box_width = key, width
        width *= 2
    work.box = (best & PLACE) - n if work.box_width > 0 else 0
    return np.int64(best & ~PLACE).view(np.float64)


@summation
def _best_of_width(work: Any, sign: Any, width: Any, start: Any, n: Any) -> Any:
    """Key of the best box of one width that begins at one of `n` places."""
    left = as_floats(work.shape)  # of the square of a box beside the columns
    squares = offset(as_floats(work.running_squares), start)
    for i in range(n):
        left[i] = squares[i + width] - squares[i]
    for j in range(work.n_columns):
        sums = offset(running_column(work, j), start)
        for i in range(n):
            part = sums[i + width] - sums[i]
            left[i] -= part * part
    sums, best = offset(as_floats(work.running), start), np.int64(0)
    up, down = 1.0 if sign >= 0.0 else 0.0, 1.0 if sign <= 0.0 else 0.0
    for i in range(n):
        along = sums[i + width] - sums[i]
        wanted = along * (up if along > 0.0 else down)
        enough = left[i] > OWN_SHARE * (squares[i + width] - squares[i])
        ratio = wanted * wanted / left[i] if enough else 0.0
        key = (np.float64(ratio).view(np.int64) & ~PLACE) | np.int64(i)
        best = max(best, key)
    return best + start + work.n


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
def fill(values: Any, value: Any, n: Any) -> None:
    """values = value."""
    for i in range(n):
        values[i] = value


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
