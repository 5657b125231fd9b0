"""The guess of a row: its samples taken in, polynomials, and a search for the others.

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
    call_guess,
)
from physfit.engine.guesses.basis import append, coefficients, next_column
from physfit.engine.guesses.frame import (
    N_POWERS,
    Plan,
    Scratch,
    copy,
    give,
    is_known,
    lay_out,
)
from physfit.engine.guesses.samples import take_curve, take_plane
from physfit.engine.roles import entry, routine, summation
from physfit.engine.structs import add_scaled

__all__ = ["guess_row", "take_polynomials"]


@entry(GUESS)
def guess_row(
    plan: Any, x: Any, ldx: Any, y: Any, w: Any, n: Any, full: Any, work: Any
) -> None:
    """Fill the parameters that are NaN in `full`."""
    own, scratch = at(address_at(plan), Plan), at(address_at(work), Scratch)
    lay_out(own, n, scratch)
    if own.n_inputs == 1:
        take_curve(own, x, ldx, y, w, n, scratch)
    else:
        take_plane(x, ldx, y, w, n, scratch)
    take_polynomials(own, full, scratch)
    if own.search != 0:
        call_guess(own.search, plan, x, ldx, y, w, n, full, work)
    coefficients(scratch)
    give_polynomials(full, scratch)


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
    work.n_polynomial = work.n_columns
    copy(as_floats(work.residual), as_floats(work.base), work.n)


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


@routine
def _fill(power: Any, middle: Any, inverse: Any, column: Any, work: Any) -> None:
    """Write the weighted power of the scaled x."""
    fill_power(
        as_floats(work.x), as_floats(work.w), power, middle, inverse, column, work.n
    )


@summation
def fill_power(
    x: Any, w: Any, power: Any, middle: Any, inverse: Any, column: Any, n: Any
) -> None:
    """Weighted power 0, 1 or 2 of the scaled x."""
    for i in range(n):
        u = (x[i] - middle) * inverse
        both = u if power == 1 else u * u
        column[i] = w[i] if power == 0 else w[i] * both
