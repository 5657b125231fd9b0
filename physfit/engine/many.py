"""Independent fits of many rows, in one long call per worker.

A worker claims a few consecutive fits at a time from a counter that all share, so that
rows that take long hold nobody up; it returns to Python only when none is left or it is
told to stop. Nothing is allocated, and a fit depends on its own row alone: the answer
is the same bit by bit, whatever the number of workers.

A fit is the one of `fit`: Levenberg-Marquardt steps, then the covariance. It ends as
soon as the step after the next one would gain nothing; the next one is then taken
without a look at where it leads. What a row leaves behind is one record of doubles.

With chained claims each fit but the first starts from the last solution before it.
"""

from __future__ import annotations

import math
from typing import Any

from physfit.engine.abi import (
    as_floats,
    as_integers,
    call_guess,
    call_sums,
    claim,
    offset,
)
from physfit.engine.dense import dot
from physfit.engine.fit import advance, close
from physfit.engine.roles import entry, routine
from physfit.engine.rows import (
    HAS_COUNTS,
    LENGTH,
    N_FREE,
    OWN_ROWS_SIZE,
    PROBLEM,
    ROWS_SIZE,
    load_row,
)
from physfit.engine.slots import FREE, FULL, LOSS, N_FULL, N_SAMPLES, W, X, Y
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

__all__ = ["fit_rows"]

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
RECORDS = ROWS_SIZE + 13
WIDTH = ROWS_SIZE + 14
LEAST_SQUARES = ROWS_SIZE + 15
LEAST_SQUARES_SUMS = ROWS_SIZE + 16
IS_ROBUST = ROWS_SIZE + 17
JOB_SIZE = ROWS_SIZE + 18
# Integers of a worker's memory, after those of its rows.
STATE = OWN_ROWS_SIZE
WORK = OWN_ROWS_SIZE + 1
OWN_SIZE = OWN_ROWS_SIZE + 2

# A record: a head, the parameters, whether each is at a bound, then the lower triangle
# of the covariance; of the Gauss-Newton matrix where that has no inverse and the
# condition is infinite.
R_STATUS = 0
R_COST = 1
R_STEPS = 2
R_SAMPLES = 3
R_CONDITION = 4
# Three moments of the residuals, of robust losses only (see `spread`).
R_PSI = 5
RECORD_HEAD = 8

#: Relative accuracy of the least squares fit that goes before one to counts.
ROUGH = 1e-6
#: Steps of a fit before it is looked at again: never.
UNINTERRUPTED = 1 << 40


@entry("i64(i64*, i64*)")
def fit_rows(job: Any, own: Any) -> Any:
    """Fit rows until none is left or the stop flag is set; returns how many."""
    return work_through(job, own, job[N_FREE])


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
    record = _record(job, number)
    state = as_floats(own[STATE])
    kept = load_row(job, own, row)
    if kept < 0:
        _write_nothing(job, record, n, -kept)
        return before
    _blank(job, state, n)
    if before >= 0 and job[IS_CHAINED] != 0:
        previous = offset(_record(job, before), RECORD_HEAD)
        _copy(previous, vector(state, n, THETA), n)
    else:
        _start(job, own, state, n, number, kept)
    _solve(job, own, state, n)
    _write(job, own, state, record, n, kept)
    converged = state[STATUS] > 0.0 and state[STATUS] < 20.0
    return number if converged else before


@routine
def _record(job: Any, number: Any) -> Any:
    return offset(as_floats(job[RECORDS]), number * job[WIDTH])


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
    if state[STATUS] == NOT_FINITE_AT_START and job[HAS_COUNTS] != 0:
        _solve_roughly(job, own, state, n)
        advance(job[SUMS], problem, state, n, UNINTERRUPTED)
    if job[IS_ROBUST] != 0 and state[STATUS] != NOT_FINITE_AT_START:
        _take_plain_matrix(job, own, state, n)
    close(state, n)


@routine
def _solve_roughly(job: Any, own: Any, state: Any, n: Any) -> None:
    """Least squares from a start at which a model of counts is not positive.

    Weighted by 1 / sqrt(y), which a model that fits counts ends positive with; then a
    fresh state there.
    """
    problem = as_integers(own[PROBLEM])
    weights, loss = problem[W], problem[LOSS]
    rough = as_floats(own[WORK])
    y = as_floats(problem[Y])
    w = as_floats(weights)
    for i in range(problem[N_SAMPLES]):
        rough[i] = w[i] / math.sqrt(max(y[i], 1.0))
    theta = vector(state, n, THETA)
    work = offset(rough, own[LENGTH])
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
def _write(job: Any, own: Any, state: Any, record: Any, n: Any, kept: Any) -> None:
    """Record of a fit that was tried."""
    record[R_STATUS] = state[STATUS]
    record[R_COST] = state[COST]
    record[R_STEPS] = max(state[N_STEPS], 0.0)
    record[R_SAMPLES] = kept
    record[R_CONDITION] = state[CONDITION]
    for k in range(R_PSI, RECORD_HEAD):
        record[k] = 0.0
    if job[IS_ROBUST] != 0:
        problem = as_integers(own[PROBLEM])
        problem[N_SAMPLES] = kept
        moments_of_residuals(problem, vector(state, n, THETA), offset(record, R_PSI))
    _copy(vector(state, n, THETA), offset(record, RECORD_HEAD), n)
    _copy(vector(state, n, HELD), offset(record, RECORD_HEAD + n), n)
    source = matrix(state, n, INVERSE)
    if not state[CONDITION] < math.inf:
        source = matrix(state, n, MATRIX)
    out = offset(record, RECORD_HEAD + 2 * n)
    place = 0
    for k in range(n):
        for j in range(k + 1):
            known = state[STATUS] != NOT_FINITE_AT_START
            out[place] = source[k * n + j] if known else math.nan
            place += 1


@routine
def _write_nothing(job: Any, record: Any, n: Any, status: Any) -> None:
    """Record of a row that cannot be fitted."""
    for k in range(job[WIDTH]):
        record[k] = math.nan
    record[R_STATUS] = status
    record[R_STEPS] = 0.0
    record[R_SAMPLES] = 0.0
    for k in range(n):
        record[RECORD_HEAD + n + k] = 0.0
