"""Start values of exponential decays on a polynomial, from one row of data.

With the decay constants known everything else is linear. A grid of constants, from
faster than the samples to slower than the data, gives as many columns; the polynomial
is projected out of them, and from their products with each other and with the data
follows how much any choice of them explains, with no further pass over the samples.
All choices of one or two are tried, of more all choices of neighbours in turn. The
chosen constants are then improved, each with the others held. Of several decays the
first component takes the fastest.

A decay whose constant must be negative grows; s is then counted from the last sample,
so that no exponential exceeds 1.
"""

from __future__ import annotations

import math
from typing import Any

from physfit.engine.abi import GUESS, offset
from physfit.engine.dense import dot
from physfit.engine.guesses.basis import (
    AT,
    append,
    back_to_polynomial,
    coefficients,
    goes_on,
    next_column,
    start_search,
    subtract,
)
from physfit.engine.guesses.frame import (
    BASIS,
    CENTERS,
    COEFFICIENTS,
    N_COLUMNS,
    N_COMPONENTS,
    N_POLYNOMIAL,
    POWERS,
    REST,
    ROOM,
    SHAPE,
    SPACING,
    SPAN,
    TRIANGLE,
    WIDTHS,
    N,
    W,
    X,
    component_of,
    count,
    give,
    is_known,
    small,
    take_row,
    vector,
)
from physfit.engine.guesses.polynomials import give_polynomials, take_polynomials
from physfit.engine.roles import entry, routine, summation
from physfit.kernels.elementary import exp

__all__ = ["N_CONSTANTS", "give_decay", "guess_decays", "write_decay"]

# Integers of a component: where its parameters stand, the sign of its constant.
AMPLITUDE = 1
DECAY = 2
SIGN = 3

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
#: A choice must be independent to this part of its squares.
INDEPENDENT = 1e-9
#: Amplitudes are carried back to x = 0 by at most exp of this.
MOST_EXPONENT = 300.0


@entry(GUESS)
def guess_decays(
    plan: Any, x: Any, ldx: Any, y: Any, w: Any, n: Any, full: Any, work: Any
) -> None:
    """Fill the parameters of decays and polynomials that are NaN in `full`."""
    take_row(plan, x, ldx, y, w, n, work)
    take_polynomials(plan, full, work)
    _find_decays(plan, full, work)
    _append_all(plan, work, -1)
    coefficients(work)
    heights = offset(small(work, COEFFICIENTS), count(work, N_POLYNOMIAL))
    for k in range(plan[N_COMPONENTS]):
        give_decay(
            component_of(plan, k), full, work, small(work, CENTERS)[k], heights[k]
        )
    give_polynomials(full, work)


@routine
def give_decay(
    component: Any, full: Any, work: Any, constant: Any, height: Any
) -> None:
    """Parameters from a height where the decay is 1."""
    sign, x = (-1.0 if component[SIGN] < 0 else 1.0), vector(work, X)
    start = x[0] if sign > 0.0 else x[count(work, N) - 1]
    exponent = min(max(sign * start / constant, -MOST_EXPONENT), MOST_EXPONENT)
    give(full, component[AMPLITUDE], height * math.exp(exponent), 0.0)
    give(full, component[DECAY], sign * constant, sign)


@routine
def _find_decays(plan: Any, full: Any, work: Any) -> None:
    """Constants of all decays; those that were given stay."""
    constants, free = small(work, CENTERS), 0
    for k in range(plan[N_COMPONENTS]):
        component = component_of(plan, k)
        constants[k] = -1.0
        if is_known(full, component[DECAY]) and full[component[DECAY]] != 0.0:
            constants[k] = math.fabs(full[component[DECAY]])
        else:
            free += 1
    if free == 0:
        return
    _choose(plan, work, free)
    for sweep in range(SWEEPS if plan[N_COMPONENTS] > 1 else 1):
        for k in range(plan[N_COMPONENTS]):
            if not is_known(full, component_of(plan, k)[DECAY]):
                _append_all(plan, work, k)
                _improve(
                    work, k, component_of(plan, k)[SIGN], 1.5 if sweep == 0 else 1.25
                )
    _sort_free(plan, full, work)


@routine
def _append_all(plan: Any, work: Any, left_out: Any) -> None:
    """Explain the data by the decays but one, as far as they are there."""
    back_to_polynomial(work)
    for k in range(plan[N_COMPONENTS]):
        constant = small(work, CENTERS)[k]
        if k != left_out and constant > 0.0:
            write_decay(work, constant, component_of(plan, k)[SIGN], next_column(work))
            append(work)


@routine
def write_decay(work: Any, constant: Any, sign: Any, column: Any) -> None:
    """Weighted decay, 1 at the first sample; one that grows, at the last."""
    x, n = vector(work, X), count(work, N)
    rate = -1.0 / constant if sign >= 0 else 1.0 / constant
    start = x[0] if sign >= 0 else x[n - 1]
    decay(x, vector(work, W), start, rate, column, n)


@summation
def decay(x: Any, w: Any, start: Any, rate: Any, column: Any, n: Any) -> None:
    """Weighted exponential."""
    for i in range(n):
        column[i] = w[i] * exp((x[i] - start) * rate)


@routine
def _slowest(work: Any) -> Any:
    """Slowest constant that is told from a background."""
    return work[SPAN] * (SLOWEST_ALONE if work[POWERS] < 0.0 else SLOWEST)


@routine
def _constant(work: Any, k: Any) -> Any:
    """Constant `k` of those tried."""
    slowest, fastest = _slowest(work), FASTEST * work[SPACING]
    return fastest * math.exp(math.log(slowest / fastest) * k / (N_CONSTANTS - 1.0))


@routine
def _products(work: Any, k: Any) -> Any:
    """Products of constant `k` with the others, and with the rest at N_CONSTANTS."""
    room = count(work, ROOM)
    return offset(small(work, TRIANGLE), (POLYNOMIAL + k) * room)


@routine
def _choose(plan: Any, work: Any, free: Any) -> None:
    """Constants that explain most, for the decays that are not known."""
    constants, chosen = small(work, CENTERS), small(work, WIDTHS)
    sign = 0
    _append_all(plan, work, -1)
    for k in range(plan[N_COMPONENTS]):
        if constants[k] < 0.0 and sign == 0:
            sign = component_of(plan, k)[SIGN]
    _take_products(work, sign, free)
    for k in range(free):
        chosen[k] = float(((k + 1) * N_CONSTANTS) // (free + 1))
    if free == 1:
        _choose_one(work, chosen)
    for _ in range(ROUNDS if free > 2 else 1):
        for k in range(free - 1):
            _choose_two(work, chosen, k, free)
    j = 0
    for k in range(plan[N_COMPONENTS]):
        if constants[k] < 0.0:
            constants[k] = _constant(work, chosen[j])
            j += 1


@routine
def _take_products(work: Any, sign: Any, free: Any) -> None:
    """Products of all constants, what the columns that are there explain taken out."""
    n, there, rest = count(work, N), count(work, N_COLUMNS), vector(work, REST)
    first = BASIS + count(work, ROOM)
    for k in range(N_CONSTANTS):
        own, line = vector(work, first + k), _products(work, k)
        if free == 1 and k % 2 == 1:  # one decay needs none as fine as two
            line[k] = 0.0
            continue
        write_decay(work, _constant(work, float(k)), sign, own)
        whole = dot(own, own, n)
        for j in range(there):
            column = vector(work, BASIS + j)
            subtract(own, column, dot(own, column, n), n)
        for j in range(k if free == 1 else 0, k + 1):
            line[j] = dot(own, vector(work, first + j), n)
        line[N_CONSTANTS] = dot(own, rest, n)
        if line[k] < INDEPENDENT * whole:
            line[N_CONSTANTS] = 0.0
            line[k] = whole


@routine
def _choose_one(work: Any, chosen: Any) -> None:
    """The constant that explains most."""
    best = 0.0
    for k in range(N_CONSTANTS):
        line = _products(work, k)
        gain = line[N_CONSTANTS] * line[N_CONSTANTS] / line[k] if line[k] > 0.0 else 0.0
        if gain > best:
            best, chosen[0] = gain, float(k)


@routine
def _choose_two(work: Any, chosen: Any, k: Any, free: Any) -> None:
    """Constants k and k + 1 of the choice that explain most with the others held."""
    best, low, high = -1.0, chosen[k], chosen[k + 1]
    start = chosen[k - 1] + 1.0 if k > 0 else 0.0
    stop = chosen[k + 2] if k + 2 < free else float(N_CONSTANTS)
    one = start
    while one < stop - 1.0:
        two = one + 1.0
        while two < stop:
            chosen[k], chosen[k + 1] = one, two
            gain = _explained(work, chosen, free)
            if gain > best:
                best, low, high = gain, one, two
            two += 1.0
        one += 1.0
    chosen[k], chosen[k + 1] = low, high


@routine
def _explained(work: Any, chosen: Any, free: Any) -> Any:
    """Sum of squares that a choice of constants explains, by a Cholesky factor."""
    factor, total = vector(work, BASIS + POLYNOMIAL), 0.0
    width = free + 1
    for i in range(free):
        line = _products(work, int(chosen[i]))
        whole = line[int(chosen[i])]
        for j in range(i + 1):
            value = line[int(chosen[j])]
            for m in range(j):
                value -= factor[i * width + m] * factor[j * width + m]
            if j < i:
                factor[i * width + j] = value / factor[j * width + j]
            elif value > INDEPENDENT * whole:
                factor[i * width + i] = math.sqrt(value)
            else:
                return 0.0
        along = line[N_CONSTANTS]
        for m in range(i):
            along -= factor[i * width + m] * factor[m * width + free]
        factor[i * width + free] = along / factor[i * width + i]
        total += factor[i * width + free] ** 2
    return total


@routine
def _gain(work: Any, constant: Any, sign: Any) -> Any:
    """Sum of squares that one more decay explains."""
    n, own = count(work, N), vector(work, SHAPE)
    write_decay(work, constant, sign, own)
    whole, along = dot(own, own, n), dot(own, vector(work, REST), n)
    left = whole
    for j in range(count(work, N_COLUMNS)):
        part = dot(own, vector(work, BASIS + j), n)
        left -= part * part
    return along * along / left if left > INDEPENDENT * whole else 0.0


@routine
def _improve(work: Any, k: Any, sign: Any, factor: Any) -> None:
    """Constant that explains more."""
    constants = small(work, CENTERS)
    best = _gain(work, constants[k], sign)
    line = start_search(work, math.log(constants[k]), math.log(factor), best)
    while goes_on(line, _gain(work, exp(line[AT]), sign)):
        pass
    constants[k] = max(min(exp(line[AT]), _slowest(work)), FASTEST * work[SPACING])


@routine
def _sort_free(plan: Any, full: Any, work: Any) -> None:
    """Rising constants among the decays that were not given."""
    constants = small(work, CENTERS)
    for k in range(plan[N_COMPONENTS]):
        for j in range(k):
            known = is_known(full, component_of(plan, k)[DECAY])
            known = known or is_known(full, component_of(plan, j)[DECAY])
            if constants[k] < constants[j] and not known:
                constants[k], constants[j] = constants[j], constants[k]
