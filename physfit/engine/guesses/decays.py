"""Search for the exponential decays of one row of data, beside a polynomial.

With the decay constants known everything else is linear. A grid of constants, from
faster than the samples to slower than the data, gives as many columns; the polynomial
is projected out of them, and from their products with each other and with the data
follows how much any choice of them explains, with no further pass over the samples.
All choices of one or two are tried, of more those of each two in turn. The chosen
constants are then improved, each with the others held. Of several decays the first
component takes the fastest.

A decay whose constant must be negative grows; s is then counted from the last sample,
so that no exponential exceeds 1.

Below peaks a decay of each of some lengths in turn takes its place in the background;
the length over which the peaks leave least is kept.
"""

from __future__ import annotations

import math
from typing import Any

from physfit.engine.abi import (
    address_at,
    as_floats,
    as_integers,
    at,
    call_function,
    offset,
)
from physfit.engine.dense import dot
from physfit.engine.guesses.basis import (
    append,
    back_to_polynomial,
    coefficients,
    explained,
    goes_on,
    keep_base,
    next_column,
    pair_explained,
    residual_square,
    start_search,
)
from physfit.engine.guesses.frame import (
    SEARCH,
    Component,
    Plan,
    Scratch,
    column,
    component,
    copy,
    give,
    is_known,
    sort_free,
)
from physfit.engine.roles import entry, routine, summation
from physfit.engine.struct import Float64
from physfit.engine.structs import add_scaled
from physfit.kernels.elementary import exp

__all__ = ["N_CONSTANTS", "Decay", "search_decays", "search_peaks_over_decay"]


class Decay(Component):
    """A decay: `place` is its constant, above 0 for one that grows as well."""

    # Places of parameters among all.
    amplitude_at: int
    decay_at: int
    #: Sign that the constant must have, 0 for any; of one decay both are tried.
    sign: Float64
    #: Where the amplitude is the value.
    origin: Float64
    #: Whether the constant is to be chosen.
    is_open: int


#: Constants that are tried.
N_CONSTANTS = 24
#: The fastest in sample distances, the slowest in ranges of x; a decay much slower than
#: the data is a straight line, which a background takes.
FASTEST = 0.3
SLOWEST = 3.0
SLOWEST_ALONE = 30.0
#: First columns that the polynomial may take.
POLYNOMIAL = 3
ROUNDS = 2
SWEEPS = 3
#: Lengths that are tried below peaks, in ranges of x.
N_LENGTHS = 20
SHORTEST_BELOW = 0.03
LONGEST_BELOW = 3.0
#: Steps of the logarithm of a constant, in the first sweep and then.
FIRST_STEP = math.log(1.5)
STEP = math.log(1.25)
#: A choice must be independent to this part of its squares.
INDEPENDENT = 1e-9
#: Amplitudes are carried back to the origin by at most exp of this.
MOST_EXPONENT = 690.0


@entry(SEARCH)
def search_decays(full: Any, work: Any, n: Any) -> None:
    """Fill the parameters of decays that are NaN in `full`."""
    scratch = at(address_at(work), Scratch)
    n_open = _take_decays(scratch, full)
    if n_open > 0:
        _choose(scratch, n_open)
        _sweep(scratch)
        sort_free(scratch)
    _explain(scratch, scratch.n_components)
    coefficients(scratch)
    heights = offset(as_floats(scratch.coefficients), scratch.n_polynomial)
    for k in range(scratch.n_components):
        decay = at(component(scratch, k), Decay)
        give_decay(scratch, decay, full, decay.place, heights[k])


@routine
def _take_decays(work: Any, full: Any) -> Any:
    """Note which constants are known; how many are not, below 0 until they are chosen.

    A constant that was given as 0 is none, but stays.
    """
    n_open = 0
    for k in range(work.n_components):
        decay = at(component(work, k), Decay)
        known = is_known(full, decay.decay_at)
        decay.is_free, decay.is_open, decay.place = not known, 1, -1.0
        if known and full[decay.decay_at] != 0.0:
            decay.is_open, decay.place = 0, math.fabs(full[decay.decay_at])
            decay.sign = math.copysign(1.0, full[decay.decay_at])
        n_open += decay.is_open
    return n_open


@routine
def give_decay(work: Any, decay: Any, full: Any, constant: Any, height: Any) -> None:
    """Parameters from a height where the decay is 1."""
    x, sign = as_floats(work.x), (-1.0 if decay.sign < 0.0 else 1.0)
    start = (x[0] if sign > 0.0 else x[work.n - 1]) - decay.origin
    exponent = min(max(sign * start / constant, -MOST_EXPONENT), MOST_EXPONENT)
    give(full, decay.amplitude_at, height * math.exp(exponent), 0.0)
    give(full, decay.decay_at, sign * constant, sign)


@routine
def _sweep(work: Any) -> None:
    """Improve each constant with the others held, some times if there are others."""
    for sweep in range(SWEEPS if work.n_components > 1 else 1):
        for k in range(work.n_components):
            decay = at(component(work, k), Decay)
            if decay.is_free == 1:
                _explain(work, k)
                _improve(work, decay, FIRST_STEP if sweep == 0 else STEP)


@routine
def _explain(work: Any, left_out: Any) -> None:
    """Explain the data by the decays but one, as far as they are there."""
    back_to_polynomial(work)
    for k in range(work.n_components):
        decay = at(component(work, k), Decay)
        if k != left_out and decay.place > 0.0:
            write_decay(work, decay.place, decay.sign, next_column(work))
            append(work)


@summation
def write_decay(work: Any, constant: Any, sign: Any, values: Any) -> None:
    """Weighted decay, 1 at the first sample; one that grows, at the last."""
    x, w, n = as_floats(work.x), as_floats(work.w), work.n
    rate = -1.0 / constant if sign >= 0.0 else 1.0 / constant
    start = x[0] if sign >= 0.0 else x[n - 1]
    for i in range(n):
        values[i] = w[i] * exp((x[i] - start) * rate)


@routine
def _slowest(work: Any) -> Any:
    """Slowest constant that is told from a background."""
    is_alone = as_integers(work.powers)[0] < 0
    return work.span * (SLOWEST_ALONE if is_alone else SLOWEST)


@routine
def _constant(work: Any, k: Any) -> Any:
    """Constant `k` of those tried."""
    slowest, fastest = _slowest(work), FASTEST * work.spacing
    return fastest * math.exp(math.log(slowest / fastest) * k / (N_CONSTANTS - 1.0))


@routine
def _products(work: Any, k: Any) -> Any:
    """Products of constant `k` with the others, and with the rest at N_CONSTANTS."""
    return offset(as_floats(work.triangle), (POLYNOMIAL + k) * work.room)


@routine
def _choose(work: Any, n_open: Any) -> None:
    """Constants that explain most: one alone, of several two in turn, others held."""
    for _ in range(ROUNDS if n_open > 2 else 1):
        for k in range(work.n_components):
            one = at(component(work, k), Decay)
            if one.is_open == 1 and n_open == 1:
                _choose_one(work, one)
            for j in range(k):
                other = at(component(work, j), Decay)
                if one.is_open == 1 and other.is_open == 1:
                    _choose_two(work, other, one)


@routine
def _choose_one(work: Any, decay: Any) -> None:
    """The constant that explains most, of either sign where it may have either.

    One needs no grid as fine as two.
    """
    highest, best, sign = 0.0, _constant(work, N_CONSTANTS // 2), decay.sign
    _explain(work, work.n_components)
    for side in range(2):
        own = 1.0 - 2.0 * side
        for k in range(0, N_CONSTANTS, 2):
            gain = 0.0
            if own * decay.sign >= 0.0:
                gain = _gain(work, _constant(work, k), own)
            if gain > highest:
                highest, best, sign = gain, _constant(work, k), own
    decay.place, decay.sign = best, sign


@routine
def _choose_two(work: Any, one: Any, other: Any) -> None:
    """The two constants that explain most, the first the smaller."""
    one.place, other.place = -1.0, -1.0
    _explain(work, work.n_components)
    _take_products(work, one.sign)
    highest = -1.0
    for k in range(1, N_CONSTANTS):
        products = _products(work, k)
        for j in range(k):
            a, along = _products(work, j)[j], _products(work, j)[N_CONSTANTS]
            b, c, least = products[j], products[k], INDEPENDENT * a * products[k]
            gain = pair_explained(a, b, c, along, products[N_CONSTANTS], least)
            if gain > highest:
                highest = gain
                one.place, other.place = _constant(work, j), _constant(work, k)


@routine
def _take_products(work: Any, sign: Any) -> None:
    """Products of all constants, what the columns that are there explain taken out."""
    n, residual = work.n, as_floats(work.residual)
    for k in range(N_CONSTANTS):
        shape, products = column(work, work.room + k), _products(work, k)
        write_decay(work, _constant(work, k), sign, shape)
        whole = dot(shape, shape, n)
        for j in range(work.n_columns):
            other = column(work, j)
            add_scaled(shape, other, -dot(shape, other, n), n)
        for j in range(k + 1):
            products[j] = dot(shape, column(work, work.room + j), n)
        products[N_CONSTANTS] = dot(shape, residual, n)
        if products[k] < INDEPENDENT * whole:
            products[N_CONSTANTS], products[k] = 0.0, whole


@routine
def _gain(work: Any, constant: Any, sign: Any) -> Any:
    """Sum of squares that one more decay explains."""
    n, shape = work.n, as_floats(work.shape)
    write_decay(work, constant, sign, shape)
    along = dot(shape, as_floats(work.residual), n)
    return explained(work, dot(shape, shape, n), along, INDEPENDENT)


@routine
def _improve(work: Any, decay: Any, step: Any) -> None:
    """Let the constant go where more is explained."""
    best = _gain(work, decay.place, decay.sign)
    start_search(work, math.log(decay.place), step, best)
    while goes_on(work, _gain(work, math.exp(work.at), decay.sign)):
        pass
    constant = min(math.exp(work.at), _slowest(work))
    decay.place = max(constant, FASTEST * work.spacing)


@entry(SEARCH)
def search_peaks_over_decay(full: Any, work: Any, n: Any) -> None:
    """Fill the parameters of peaks and of a decay that are NaN in `full`."""
    scratch = at(address_at(work), Scratch)
    plan = at(scratch.plan, Plan)
    decay = at(plan.decay, Decay)
    n_polynomial, base = scratch.n_polynomial, column(scratch, scratch.room - 1)
    copy(as_floats(scratch.base), base, scratch.n)
    is_fixed = is_known(full, decay.decay_at) and full[decay.decay_at] != 0.0
    n_lengths = 1 if is_fixed else N_LENGTHS
    lowest, best, length = math.inf, 0, 0.0
    for trial in range(n_lengths + 1):  # the best of them once more
        scratch.is_trial = trial < n_lengths
        length = _length_of_trial(scratch, trial if trial < n_lengths else best)
        if is_fixed:
            length = math.fabs(full[decay.decay_at])
        scratch.n_columns = n_polynomial
        copy(base, as_floats(scratch.residual), scratch.n)
        write_decay(scratch, length, decay.sign, next_column(scratch))
        append(scratch)
        keep_base(scratch)
        call_function(plan.search_peaks, full, work, n)
        left = residual_square(scratch)
        if left < lowest:
            lowest, best = left, trial
    height = as_floats(scratch.coefficients)[n_polynomial]
    give_decay(scratch, decay, full, length, height)


@routine
def _length_of_trial(work: Any, trial: Any) -> Any:
    """Length of a trial."""
    step = math.log(LONGEST_BELOW / SHORTEST_BELOW) * trial / (N_LENGTHS - 1.0)
    return SHORTEST_BELOW * work.span * math.exp(step)
