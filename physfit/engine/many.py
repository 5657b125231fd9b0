"""Independent fits of many rows, in one long call per worker.

A worker claims a few consecutive fits at a time from a counter that all share, so that
rows that take long hold nobody up; it returns to Python only when none is left or it is
told to stop. Nothing is allocated, and a fit depends on its own row alone: the answer
is the same bit by bit, whatever the number of workers.

A fit is the one of `fit`: Levenberg-Marquardt steps, then the covariance. It ends as
soon as the step after the next one would gain nothing; the next one is then taken
without a look at where it leads.

With chained claims each fit but the first starts from the last solution before it.
"""

from __future__ import annotations

import math
from typing import Any

from physfit.engine import jit
from physfit.engine.abi import (
    BLOCK,
    STRIDE,
    as_bytes,
    as_floats,
    as_integers,
    as_singles,
    as_words,
    call_guess,
    call_loss,
    call_sums,
    claim,
    offset,
)
from physfit.engine.dense import dot
from physfit.engine.fit import advance, close
from physfit.engine.roles import entry, routine
from physfit.engine.rows import (
    LENGTH,
    N_FREE,
    OWN_ROWS_SIZE,
    PROBLEM,
    ROWS_SIZE,
    load_row,
)
from physfit.engine.slots import (
    FREE,
    FULL,
    HYPER,
    LOSS,
    N_FULL,
    N_OUTPUTS,
    N_SAMPLES,
    TERMS,
    W,
    X,
    Y,
)
from physfit.engine.spread import moments_of_residuals
from physfit.engine.state import (
    CONDITION,
    COST,
    FTOL,
    HEADER,
    HELD,
    INVERSE,
    LOWER,
    MATRIX,
    N_STEPS,
    N_VECTORS,
    NOT_FINITE_AT_START,
    STATUS,
    THETA,
    TRIAL,
    TRIAL_GRADIENT,
    TRIAL_MATRIX,
    UPPER,
    matrix,
    vector,
)

__all__ = ["MOST_UNROLLED", "compiled_driver", "fit_rows"]

# Integers of a job, after those of its rows (see `rows`).
COUNTER = ROWS_SIZE
STOP = ROWS_SIZE + 1
N_FITS = ROWS_SIZE + 2
CLAIM = ROWS_SIZE + 3
IS_CHAINED = ROWS_SIZE + 4
ROW_NUMBERS = ROWS_SIZE + 5
START = ROWS_SIZE + 6
START_BY_ROW = ROWS_SIZE + 7
FIXED = ROWS_SIZE + 8
GUESS = ROWS_SIZE + 9
PLAN = ROWS_SIZE + 10
SUMS = ROWS_SIZE + 11
BLANK = ROWS_SIZE + 12
LEAST_SQUARES = ROWS_SIZE + 13
LEAST_SQUARES_SUMS = ROWS_SIZE + 14
FROM_RESIDUALS = ROWS_SIZE + 15
IS_ABSOLUTE = ROWS_SIZE + 16
# Where the answers go: one array for each, a fit after the other.
STATUS_OUT = ROWS_SIZE + 17
STEPS_OUT = ROWS_SIZE + 18
SAMPLES_OUT = ROWS_SIZE + 19
CHI2_OUT = ROWS_SIZE + 20
CONDITION_OUT = ROWS_SIZE + 21
THETA_OUT = ROWS_SIZE + 22
AT_BOUND_OUT = ROWS_SIZE + 23
COVARIANCE_OUT = ROWS_SIZE + 24
MOMENTS_OUT = ROWS_SIZE + 25
LEAST_MEAN = ROWS_SIZE + 26
JOB_SIZE = ROWS_SIZE + 27
# Integers of a worker's memory, after those of its rows.
STATE = OWN_ROWS_SIZE
WORK = OWN_ROWS_SIZE + 1
OWN_SIZE = OWN_ROWS_SIZE + 2

#: Why a row cannot be fitted; the sentence stands in solve.base.Status.
OUTSIDE_DOMAIN = 30
#: Relative accuracy of the least squares fit that goes before where the model must be.
ROUGH = 1e-6
#: Free parameters up to which the loops over them are unrolled.
MOST_UNROLLED = 8
#: Steps of a fit before it is looked at again: never.
UNINTERRUPTED = 1 << 40


SIGNATURE = "i64(i64*, i64*)"


@entry(SIGNATURE)
def fit_rows(job: Any, own: Any) -> Any:
    """Fit rows until none is left or the stop flag is set; returns how many."""
    return work_through(job, own, job[N_FREE])


def compiled_driver(n: int) -> jit.Entry:
    """`fit_rows` for `n` free parameters; for few of them with all loops unrolled.

    A step of four parameters takes 0.10 instead of 0.14 us then.
    """
    if n > MOST_UNROLLED:
        return jit.compiled(fit_rows)
    text = "def main(job, own):\n    return work_through(job, own, NUMBER)\n"
    return jit.compiled_for(n, text, SIGNATURE, work_through)


@routine
def work_through(job: Any, own: Any, n: Any) -> Any:
    """Claims, one after the other."""
    stop = as_integers(job[STOP])
    done = 0
    while stop[0] == 0:
        first = claim(as_integers(job[COUNTER]), job[CLAIM])
        if first >= job[N_FITS]:
            return done
        last = min(first + job[CLAIM], job[N_FITS])
        before = -1
        for number in range(first, last):
            before = _fit(job, own, n, number, before)
        done += last - first
    return done


@routine
def _fit(job: Any, own: Any, n: Any, number: Any, before: Any) -> Any:
    """One fit; the number of the last one that converged, this one or `before`."""
    row = number
    if job[ROW_NUMBERS] != 0:
        row = as_integers(job[ROW_NUMBERS])[number]
    state = as_floats(own[STATE])
    _blank(job, state, n)
    kept = load_row(job, own, row)
    if kept < 0:
        _write_nothing(job, number, n, -kept)
        return before
    if before >= 0 and job[IS_CHAINED] != 0:
        previous = offset(as_floats(job[THETA_OUT]), before * n)
        _copy(previous, vector(state, n, THETA), n)
    else:
        _start(job, own, state, n, number, kept)
    _solve(job, own, state, n)
    if state[STATUS] == OUTSIDE_DOMAIN:
        _write_nothing(job, number, n, OUTSIDE_DOMAIN)
        return before
    _write(job, own, state, n, number, kept)
    converged = state[STATUS] > 0.0 and state[STATUS] < 20.0
    return number if converged else before


@routine
def _copy(source: Any, target: Any, n: Any) -> None:
    for k in range(n):
        target[k] = source[k]


@routine
def _blank(job: Any, state: Any, n: Any) -> None:
    """Header and vectors of a fresh state, bounds and options among them."""
    _copy(as_floats(job[BLANK]), state, HEADER + N_VECTORS * n)


@routine
def _start(job: Any, own: Any, state: Any, n: Any, number: Any, kept: Any) -> None:
    """Start values, guessed where they are NaN, moved into their bounds."""
    theta = vector(state, n, THETA)
    given = offset(as_floats(job[START]), number * job[START_BY_ROW])
    _copy(given, theta, n)
    if job[GUESS] == 0 or dot(theta, vector(state, n, TRIAL), n) == 0.0:
        return
    problem = as_integers(own[PROBLEM])
    full = as_floats(problem[FULL])
    free = as_integers(problem[FREE])
    _copy(as_floats(job[FIXED]), full, problem[N_FULL])
    for k in range(n):
        full[free[k]] = theta[k]
    call_guess(
        job[GUESS],
        as_integers(job[PLAN]),
        as_floats(problem[X]),
        own[LENGTH],
        as_floats(problem[Y]),
        as_floats(problem[W]),
        kept,
        full,
        as_floats(own[WORK]),
    )
    lower = vector(state, n, LOWER)
    upper = vector(state, n, UPPER)
    for k in range(n):
        theta[k] = min(max(full[free[k]], lower[k]), upper[k])
    _copy(as_floats(job[FIXED]), full, problem[N_FULL])


@routine
def _solve(job: Any, own: Any, state: Any, n: Any) -> None:
    """Steps to the minimum, the last one unseen, and the covariance there."""
    problem = as_integers(own[PROBLEM])
    advance(job[SUMS], problem, state, n, UNINTERRUPTED)
    if state[STATUS] == NOT_FINITE_AT_START and job[LEAST_MEAN] != 0:
        if not _weigh_data(job, own):
            state[STATUS] = OUTSIDE_DOMAIN
            return
        _solve_roughly(job, own, state, n)
        advance(job[SUMS], problem, state, n, UNINTERRUPTED)
    if job[FROM_RESIDUALS] != 0 and state[STATUS] != NOT_FINITE_AT_START:
        _take_plain_matrix(job, own, state, n)
    close(state, n)


@routine
def _weigh_data(job: Any, own: Any) -> Any:
    """Roots of the weights of data that are their own means, put to the work memory.

    False where the loss cannot take a datum.
    """
    problem = as_integers(own[PROBLEM])
    least = as_floats(job[LEAST_MEAN])[0]
    slope = as_floats(problem[TERMS])
    weight = offset(slope, STRIDE)
    hyper = as_floats(problem[HYPER])
    n = problem[N_SAMPLES]
    check = 0.0
    start = 0
    while start < n:
        count = min(BLOCK, n - start)
        y = offset(as_floats(problem[Y]), start)
        w = offset(as_floats(problem[W]), start)
        root = offset(as_floats(own[WORK]), start)
        for i in range(count):
            root[i] = max(y[i], least)
        none = as_floats(0)
        check += call_loss(problem[LOSS], y, root, w, count, hyper, slope, weight, none)
        for i in range(count):
            root[i] = math.sqrt(weight[i]) if w[i] > 0.0 else 0.0
        start += BLOCK
    return check == check


@routine
def _solve_roughly(job: Any, own: Any, state: Any, n: Any) -> None:
    """Least squares from a start at which the model is not in the loss's domain.

    With weights of the data themselves, which a model that fits ends inside with; then
    a fresh state there.
    """
    problem = as_integers(own[PROBLEM])
    weights, loss = problem[W], problem[LOSS]
    theta = vector(state, n, THETA)
    work = offset(as_floats(own[WORK]), own[LENGTH])
    _copy(theta, work, n)
    _blank(job, state, n)
    state[FTOL] = ROUGH
    _copy(work, theta, n)
    problem[W], problem[LOSS] = own[WORK], job[LEAST_SQUARES]
    advance(job[LEAST_SQUARES_SUMS], problem, state, n, UNINTERRUPTED)
    problem[W], problem[LOSS] = weights, loss
    _copy(theta, work, n)
    _blank(job, state, n)
    _copy(work, theta, n)


@routine
def _take_plain_matrix(job: Any, own: Any, state: Any, n: Any) -> None:
    """Gauss-Newton matrix without the weights of a robust loss (see `covariance`)."""
    problem = as_integers(own[PROBLEM])
    loss = problem[LOSS]
    problem[LOSS] = job[LEAST_SQUARES]
    call_sums(
        job[LEAST_SQUARES_SUMS],
        problem,
        vector(state, n, THETA),
        vector(state, n, TRIAL_GRADIENT),
        matrix(state, n, TRIAL_MATRIX),
    )
    problem[LOSS] = loss
    _copy(matrix(state, n, TRIAL_MATRIX), matrix(state, n, MATRIX), n * n)


@routine
def _write(job: Any, own: Any, state: Any, n: Any, number: Any, kept: Any) -> None:
    """Answer of a fit that was tried."""
    as_bytes(job[STATUS_OUT])[number] = int(state[STATUS])
    as_words(job[STEPS_OUT])[number] = int(max(state[N_STEPS], 0.0))
    as_words(job[SAMPLES_OUT])[number] = kept
    as_floats(job[CHI2_OUT])[number] = 2.0 * state[COST]
    as_singles(job[CONDITION_OUT])[number] = state[CONDITION]
    held = vector(state, n, HELD)
    at_bound = offset(as_bytes(job[AT_BOUND_OUT]), number * n)
    rank = n
    for k in range(n):
        at_bound[k] = int(held[k])
        if held[k] != 0.0:
            rank -= 1
    theta = vector(state, n, THETA)
    _copy(theta, offset(as_floats(job[THETA_OUT]), number * n), n)
    _write_covariance(job, state, n, number, _factor(job, own, state, n, number, rank))


@routine
def _factor(job: Any, own: Any, state: Any, n: Any, number: Any, rank: Any) -> Any:
    """What the inverse is multiplied by (see `uncertainty.covariance`)."""
    problem = as_integers(own[PROBLEM])
    kept = as_words(job[SAMPLES_OUT])[number]
    numbers = float(kept * problem[N_OUTPUTS])
    dof = numbers - rank
    if job[FROM_RESIDUALS] != 0:
        problem[N_SAMPLES] = kept
        moments = offset(as_floats(job[MOMENTS_OUT]), number * 3)
        moments_of_residuals(problem, vector(state, n, THETA), moments)
        mean = moments[1] / numbers
        variance = moments[2] / numbers - mean * mean
        correction = 1.0 + rank / numbers * variance / (mean * mean)
        value = correction * correction * moments[0] / dof / (mean * mean)
        return value if dof > 0.0 and mean > 0.0 else math.nan
    if job[IS_ABSOLUTE] != 0:
        return 1.0
    return 2.0 * state[COST] / dof if dof > 0.0 else math.nan


@routine
def _write_covariance(job: Any, state: Any, n: Any, number: Any, factor: Any) -> None:
    """Packed covariance; the Gauss-Newton matrix where that has no inverse."""
    source = matrix(state, n, INVERSE)
    if not state[CONDITION] < math.inf:
        source = matrix(state, n, MATRIX)
        factor = 1.0
    if state[STATUS] == NOT_FINITE_AT_START:
        factor = math.nan
    out = offset(as_floats(job[COVARIANCE_OUT]), number * (n * (n + 1) // 2))
    place = 0
    for k in range(n):
        for j in range(k + 1):
            out[place] = source[k * n + j] * factor
            place += 1


@routine
def _write_nothing(job: Any, number: Any, n: Any, status: Any) -> None:
    """Answer of a row that cannot be fitted."""
    as_bytes(job[STATUS_OUT])[number] = status
    as_words(job[STEPS_OUT])[number] = 0
    as_words(job[SAMPLES_OUT])[number] = 0
    as_floats(job[CHI2_OUT])[number] = math.nan
    as_singles(job[CONDITION_OUT])[number] = math.nan
    at_bound = offset(as_bytes(job[AT_BOUND_OUT]), number * n)
    theta = offset(as_floats(job[THETA_OUT]), number * n)
    covariance = offset(as_floats(job[COVARIANCE_OUT]), number * (n * (n + 1) // 2))
    for k in range(n):
        at_bound[k] = 0
        theta[k] = math.nan
    for k in range(n * (n + 1) // 2):
        covariance[k] = math.nan
