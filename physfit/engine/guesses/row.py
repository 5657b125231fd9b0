"""The guess of a row: samples taken in, polynomials, and a search for what is beside.

Data are multiplied by their weights, so that all after is plain least squares. Samples
of a curve are sorted by x; the imaginary parts of complex data follow the real ones,
with the same coordinates.

Of the polynomial terms those that were given are subtracted, the others are columns; of
two terms of one power the first takes it and the other is 0. Where the powers are 0, 1,
... without a gap the columns are powers of u = (x - middle) / half, which stay
independent far from x = 0, and the coefficients are expanded at the end.

All models share this entry. What searches for peaks, waves, decays is another one,
called by its address, so that each is compiled when a model first needs it.
"""

from __future__ import annotations

import math
from typing import Any

from physfit.engine.abi import (
    GUESS,
    address_at,
    as_floats,
    as_integers,
    at,
    call_function,
    call_guess,
    offset,
)
from physfit.engine.guesses.basis import append, coefficients, keep_base, next_column
from physfit.engine.guesses.frame import (
    N_POWERS,
    Plan,
    Scratch,
    give,
    is_known,
    lay_out,
)
from physfit.engine.roles import entry, routine, summation
from physfit.engine.structs import add_scaled

__all__ = ["guess_row", "take", "take_curve", "take_polynomials"]


@entry(GUESS)
def guess_row(
    plan: Any, x: Any, ldx: Any, y: Any, w: Any, n: Any, full: Any, work: Any
) -> None:
    """Fill the parameters that are NaN in `full`."""
    own, scratch = at(address_at(plan), Plan), at(address_at(work), Scratch)
    lay_out(own, n, scratch)
    if own.take_samples == 0:
        take_curve(own, x, ldx, y, w, n, scratch)
    else:
        call_guess(own.take_samples, plan, x, ldx, y, w, n, full, work)
    take_polynomials(own, full, scratch)
    if own.search != 0:
        call_function(own.search, full, work, n)
    coefficients(scratch)
    give_polynomials(full, scratch)


@routine
def take_curve(plan: Any, x: Any, ldx: Any, y: Any, w: Any, n: Any, work: Any) -> None:
    """Take in the samples of a curve, by rising x."""
    for part in range(plan.n_outputs):
        _take_part(plan, x, offset(y, part * ldx), offset(w, part * ldx), n, part, work)
    own_x = as_floats(work.x)
    span = own_x[n - 1] - own_x[0]
    work.span = span if span > 0.0 else 1.0
    work.spacing = work.span / max(n - 1, 1)


@routine
def _take_part(plan: Any, x: Any, y: Any, w: Any, n: Any, part: Any, work: Any) -> None:
    """Take in real or imaginary parts."""
    start, falls = 8 * part * n, descents(x, n)
    own_x, own_w = as_floats(work.x + start), as_floats(work.w + start)
    residual = as_floats(work.residual + start)
    is_reversed = 2 * falls > n
    first, step = (n - 1 if is_reversed else 0), (-1 if is_reversed else 1)
    take(x, y, w, first, step, own_x, own_w, residual, n)
    if falls != 0 and descents(own_x, n) != 0:
        sort_samples(own_x, own_w, residual, n)
    if plan.weigh_samples != 0:
        call_function(plan.weigh_samples, own_w, residual, n)


@summation
def descents(x: Any, n: Any) -> Any:
    """How often x falls from one sample to the next."""
    falls = 0
    for i in range(n - 1):
        falls += 1 if x[i + 1] < x[i] else 0
    return falls


@summation
def take(
    x: Any,
    y: Any,
    w: Any,
    first: Any,
    step: Any,
    own_x: Any,
    own_w: Any,
    residual: Any,
    n: Any,
) -> None:
    """Coordinates, weights, weighted data, in the order they have or the reverse."""
    for i in range(n):
        source = first + step * i
        own_x[i] = x[source]
        own_w[i] = w[source]
        residual[i] = w[source] * y[source]


@routine
def sort_samples(x: Any, w: Any, residual: Any, n: Any) -> None:
    """Sort samples by x, by insertion over shrinking gaps."""
    gap = n // 2
    while gap > 0:
        for i in range(gap, n):
            own_x, own_w, own = x[i], w[i], residual[i]
            j = i
            while j >= gap and x[j - gap] > own_x:
                x[j], w[j], residual[j] = x[j - gap], w[j - gap], residual[j - gap]
                j -= gap
            x[j], w[j], residual[j] = own_x, own_w, own
        gap = 1 if gap == 2 else int(gap / 2.2)


@routine
def take_polynomials(plan: Any, full: Any, work: Any) -> None:
    """Subtract terms that were given, explain the data by the others."""
    powers = as_integers(work.powers)
    _share_powers(plan, full, powers, work)
    _choose_origin(powers, work)
    for power in range(N_POWERS):
        if powers[power] >= 0:
            _fill(power, work.middle, 1.0 / work.half, next_column(work), work)
            append(work)
    keep_base(work)


@routine
def _share_powers(plan: Any, full: Any, powers: Any, work: Any) -> None:
    """Which parameter takes which power."""
    for power in range(N_POWERS):
        powers[power] = -1
    terms, shape = as_integers(plan.terms), as_floats(work.shape)
    for k in range(plan.n_terms):
        place, power = terms[2 * k], terms[2 * k + 1]
        if is_known(full, place):
            _fill(power, 0.0, 1.0, shape, work)
            add_scaled(as_floats(work.residual), shape, -full[place], work.n)
        elif powers[power] < 0:
            powers[power] = place
        else:
            full[place] = 0.0


@routine
def _choose_origin(powers: Any, work: Any) -> None:
    """Middle and half of the range of x, or 0 and its largest where a power is out."""
    x = as_floats(work.x)
    first, last = x[0], x[work.n - 1]
    work.middle, half = 0.5 * (first + last), 0.5 * work.span
    higher = max(powers[1], powers[2])
    if (powers[0] < 0 and higher >= 0) or (powers[1] < 0 and powers[2] >= 0):
        work.middle, half = 0.0, max(math.fabs(first), math.fabs(last))
    work.half = half if half > 0.0 else 1.0


@routine
def give_polynomials(full: Any, work: Any) -> None:
    """Coefficients of the first columns as those of powers of x."""
    powers, columns = as_integers(work.powers), as_floats(work.coefficients)
    middle, half = work.middle, work.half
    k = 1 if powers[0] >= 0 else 0
    c0 = columns[0] if powers[0] >= 0 else 0.0
    c1 = columns[k] / half if powers[1] >= 0 else 0.0
    k += 1 if powers[1] >= 0 else 0
    c2 = columns[k] / (half * half) if powers[2] >= 0 else 0.0
    give(full, powers[0], c0 - middle * (c1 - middle * c2), 0.0)
    give(full, powers[1], c1 - 2.0 * middle * c2, 0.0)
    give(full, powers[2], c2, 0.0)


@summation
def _fill(power: Any, middle: Any, inverse: Any, column: Any, work: Any) -> None:
    """Write the weighted power 0, 1 or 2 of the scaled x; it has no imaginary part."""
    x, w = as_floats(work.x), as_floats(work.w)
    for i in range(work.n_places):
        u = (x[i] - middle) * inverse
        both = u if power == 1 else u * u
        column[i] = w[i] if power == 0 else w[i] * both
    for i in range(work.n_places, work.n):
        column[i] = 0.0
