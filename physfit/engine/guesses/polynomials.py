"""The polynomial part of a row: given terms subtracted, the others as columns.

Of two terms of one power the first takes it and the other is 0. Where the powers are
0, 1, ... without a gap the columns are powers of u = (x - middle) / half, which stay
independent far from x = 0, and the coefficients are expanded at the end.
"""

from __future__ import annotations

import math
from typing import Any

from physfit.engine.guesses.basis import append, copy, next_column
from physfit.engine.guesses.frame import (
    BASE,
    COEFFICIENTS,
    HALF,
    MIDDLE,
    N_COLUMNS,
    N_POLYNOMIAL,
    N_TERMS,
    PLAN_HEADER,
    POWERS,
    REST,
    SPAN,
    N,
    W,
    X,
    count,
    give,
    is_known,
    small,
    vector,
)
from physfit.engine.roles import routine, summation

__all__ = ["give_polynomials", "take_polynomials"]


@routine
def take_polynomials(plan: Any, full: Any, work: Any) -> None:
    """Subtract terms that were given, explain the data by the others."""
    n = count(work, N)
    x, w = vector(work, X), vector(work, W)
    _share_powers(plan, full, work)
    _choose_origin(work)
    work[N_COLUMNS] = 0.0
    for power in range(3):
        if work[POWERS + power] >= 0.0:
            column = next_column(work)
            fill_power(x, w, power, work[MIDDLE], 1.0 / work[HALF], column, n)
            append(work)
    work[N_POLYNOMIAL] = work[N_COLUMNS]
    copy(vector(work, REST), vector(work, BASE), n)


@routine
def _share_powers(plan: Any, full: Any, work: Any) -> None:
    """Which parameter takes which power."""
    n = count(work, N)
    for power in range(3):
        work[POWERS + power] = -1.0
    for k in range(plan[N_TERMS]):
        index, power = plan[PLAN_HEADER + 2 * k], plan[PLAN_HEADER + 2 * k + 1]
        if is_known(full, index):
            x, w, rest = vector(work, X), vector(work, W), vector(work, REST)
            subtract_power(x, w, power, full[index], rest, n)
        elif work[POWERS + power] < 0.0:
            work[POWERS + power] = index
        else:
            full[index] = 0.0


@routine
def _choose_origin(work: Any) -> None:
    """Middle and half of the range of x, or 0 and its largest where a power is out."""
    x, n = vector(work, X), count(work, N)
    p0, p1, p2 = work[POWERS], work[POWERS + 1], work[POWERS + 2]
    gap = (p0 < 0.0 and max(p1, p2) >= 0.0) or (p1 < 0.0 and p2 >= 0.0)
    work[MIDDLE] = 0.0 if gap else 0.5 * (x[0] + x[n - 1])
    half = max(math.fabs(x[0]), math.fabs(x[n - 1])) if gap else 0.5 * work[SPAN]
    work[HALF] = half if half > 0.0 else 1.0


@routine
def give_polynomials(full: Any, work: Any) -> None:
    """Coefficients of the first columns as those of powers of x."""
    found = small(work, COEFFICIENTS)
    c0, c1, c2, k = 0.0, 0.0, 0.0, 0
    if work[POWERS] >= 0.0:
        c0 = found[k]
        k += 1
    if work[POWERS + 1] >= 0.0:
        c1 = found[k] / work[HALF]
        k += 1
    if work[POWERS + 2] >= 0.0:
        c2 = found[k] / (work[HALF] * work[HALF])
    middle = work[MIDDLE]
    give(full, count(work, POWERS), c0 - middle * (c1 - middle * c2), 0.0)
    give(full, count(work, POWERS + 1), c1 - 2.0 * middle * c2, 0.0)
    give(full, count(work, POWERS + 2), c2, 0.0)


@summation
def fill_power(
    x: Any, w: Any, power: Any, middle: Any, inverse: Any, column: Any, n: Any
) -> None:
    """Weighted power 0, 1 or 2 of the scaled x."""
    for i in range(n):
        u = (x[i] - middle) * inverse
        both = u if power == 1 else u * u
        column[i] = w[i] if power == 0 else w[i] * both


@summation
def subtract_power(x: Any, w: Any, power: Any, factor: Any, rest: Any, n: Any) -> None:
    """rest -= w factor x^power."""
    for i in range(n):
        both = x[i] if power == 1 else x[i] * x[i]
        value = 1.0 if power == 0 else both
        rest[i] -= w[i] * factor * value
