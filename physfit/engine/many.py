"""Independent fits of many rows, in one long call per worker.

A worker claims a few consecutive fits at a time from a counter that all share, so that
rows that take long hold nobody up; it returns to Python only when none is left or it is
told to stop. Nothing is allocated, and a fit depends on its own row alone: the answer
is the same bit by bit, whatever the number of workers.

A fit is the one of `fit`: Levenberg-Marquardt steps, then the covariance. It ends as
soon as the step after the next one would gain nothing; the next one is then accepted
without evaluating the cost.

Fits whose normal equations have no digits are finished afterwards (`row_finish`).

A robust loss without sigma is minimised at the scale of the row's own residuals, see
`residual_scale`: all its fits share the limit of steps.

With chained claims each fit but the first starts from the last solution before it.
"""

from __future__ import annotations

import math
from typing import Any

from physfit.engine import jit
from physfit.engine.abi import (
    address_at,
    as_bytes,
    as_floats,
    as_integers,
    as_singles,
    as_words,
    at,
    call_guess,
    call_sums,
    claim,
    offset,
)
from physfit.engine.dense import copy, dot, fill
from physfit.engine.determined import OPEN, close
from physfit.engine.fit import advance
from physfit.engine.linear_solver import DENSE
from physfit.engine.residual_scale import (
    MOST_FITS,
    ROUGH,
    ScaleState,
    clear_scale,
    follow,
    look_at_data,
    scales_of_residuals,
    vanishes,
)
from physfit.engine.roles import entry, routine
from physfit.engine.rows import NOT_TRIED, RowMemory, RowsOfJob, load_row
from physfit.engine.state import (
    MAX_STEPS_REACHED,
    N_VECTORS,
    NOT_FINITE_AT_START,
    UNDETERMINED,
    FitState,
    variables,
)
from physfit.engine.structs import Problem

__all__ = ["MOST_UNROLLED", "Job", "Worker", "compiled_driver", "fit_rows"]
__all__ += ["restart", "weigh_alike", "write_answer"]


class Job(RowsOfJob):
    """Rows, what is to be done with them, and where the answers go."""

    counter: int
    stop: int
    n_fits: int
    claim: int
    is_chained: int
    row_numbers: int
    start: int
    start_by_row: int
    fixed: int
    guess: int
    plan: int
    sums: int
    template: int
    least_squares: int
    least_squares_sums: int
    #: Of a loss with a domain, or one whose covariance is scaled by the residuals.
    moment_sums: int
    # Arrays of answers, one for each kind, a fit after the other.
    statuses: int
    n_steps: int
    n_samples: int
    chi2: int
    conditions: int
    theta: int
    at_bound: int
    covariance: int
    moments: int
    scales: int
    #: Whether the loss measures residuals by their own scale.
    needs_scale: int
    #: Whether the guess is that of `guesses.spread`, which evaluates the model.
    is_spread: int


class Worker(RowMemory):
    """Memory of a worker: also the states of its fit, and scratch memory."""

    state: int
    work: int
    #: A `ScaleState`.
    scale: int


#: Free parameters up to which the loops over them are unrolled.
MOST_UNROLLED = 8
HEADER = FitState.SIZE
#: Steps of a fit before it is looked at again: never.
UNINTERRUPTED = 1 << 40


SIGNATURE = "i64(i64, i64)"


@entry(SIGNATURE)
def fit_rows(job: Any, own: Any) -> Any:
    """Fit rows until none is left or the stop flag is set; returns how many."""
    return work_through(job, own, at(job, Job).n_free)


def compiled_driver(n: int) -> jit.Entry:
    """`fit_rows` for `n` free parameters; for few of them with all loops unrolled.

    A step of four parameters takes 0.10 instead of 0.14 us then.
    """
    if n > MOST_UNROLLED:
        return jit.compiled(fit_rows)
    text = "def main(job, own):\n    return work_through(job, own, NUMBER)\n"
    return jit.compiled_for(n, text, SIGNATURE, work_through)


@routine
def work_through(job_address: Any, own_address: Any, n: Any) -> Any:
    """Claims, one after the other."""
    job, own = at(job_address, Job), at(own_address, Worker)
    stop = as_integers(job.stop)
    done = 0
    while stop[0] == 0:
        first = claim(as_integers(job.counter), job.claim)
        if first >= job.n_fits:
            return done
        last = min(first + job.claim, job.n_fits)
        before = -1
        for number in range(first, last):
            before = _fit(job, own, n, number, before)
        done += last - first
    return done


@routine
def _fit(job: Any, own: Any, n: Any, number: Any, before: Any) -> Any:
    """One fit; the number of the last one that converged, this one or `before`."""
    row = number
    if job.row_numbers != 0:
        row = as_integers(job.row_numbers)[number]
    state = at(own.state, FitState)
    v = variables(state, n, DENSE)
    restart(job, state, n)
    kept = load_row(job, own, row)
    if kept < 0:
        state.status = -kept
    else:
        if before >= 0 and job.is_chained != 0:
            previous = offset(as_floats(job.theta), before * n)
            copy(v.theta, previous, n)
        else:
            _start(job, own, v, n, number, kept)
        state.freedom = float(kept * at(own.problem, Problem).n_outputs - n)
        _solve(job, own, state, v, n)
    if state.status >= NOT_TRIED and state.status != UNDETERMINED:
        _clear(state, v, n)
        kept = 0
    write_answer(job, own, state, v, n, number, kept)
    converged = state.status > 0.0 and state.status < 20.0
    return number if converged else before


@routine
def restart(job: Any, state: Any, n: Any) -> None:
    """Header and vectors of a fresh state, bounds and options among them."""
    size = HEADER + N_VECTORS * n
    copy(as_floats(address_at(state)), as_floats(job.template), size)


@routine
def _start(job: Any, own: Any, v: Any, n: Any, number: Any, kept: Any) -> None:
    """Start values, guessed where they are NaN, moved into their bounds."""
    copy(v.theta, offset(as_floats(job.start), number * job.start_by_row), n)
    if job.guess == 0 or dot(v.theta, v.trial, n) == 0.0:
        return
    if job.is_spread != 0:
        plan, work = as_floats(job.plan), as_floats(own.work)
        call_sums(job.guess, own.problem, v.theta, plan, work)
        return
    problem = at(own.problem, Problem)
    full = as_floats(problem.full)
    free = as_integers(problem.free)
    copy(full, as_floats(job.fixed), problem.n_full)
    for k in range(n):
        full[free[k]] = v.theta[k]
    call_guess(
        job.guess,
        as_integers(job.plan),
        as_floats(problem.x),
        own.length,
        as_floats(problem.y),
        as_floats(problem.weights),
        kept,
        full,
        as_floats(own.work),
    )
    for k in range(n):
        v.theta[k] = min(max(full[free[k]], v.lower[k]), v.upper[k])
    copy(full, as_floats(job.fixed), problem.n_full)


@routine
def _solve(job: Any, own: Any, state: Any, v: Any, n: Any) -> None:
    """Steps to the minimum, the last one unseen, and the covariance there."""
    clear_scale(at(own.scale, ScaleState))
    while _measure(job, own, state, v, n):
        advance(job.sums, own.problem, state, n, UNINTERRUPTED, DENSE)
    if job.least_squares != 0 and state.status != NOT_FINITE_AT_START:
        _take_plain_matrix(job, own, v, n)
    close(job.sums, own.problem, state, v, n)


@routine
def _measure(job: Any, own: Any, state: Any, v: Any, n: Any) -> Any:
    """Whether there is something to fit: once, or at one scale after the other.

    A loss that needs no scale is fitted once. Otherwise the residuals are measured, and
    weighed by their scale, until it stays; steps are then those of all fits.
    """
    scale = at(own.scale, ScaleState)
    if job.needs_scale == 0:
        scale.n_fits += 1.0
        return scale.n_fits == 1.0
    if scale.n_fits > 0.0:
        state.n_steps = scale.n_steps = scale.n_steps + max(state.n_steps, 0.0)
        state.n_evals = scale.n_evals = scale.n_evals + state.n_evals
        ended = state.status == NOT_FINITE_AT_START
        if ended or state.status == MAX_STEPS_REACHED:
            return False
    problem = at(own.problem, Problem)
    stop, problem.n_samples = problem.n_samples, own.kept
    work = as_floats(own.work)
    by_median, by_mean = scales_of_residuals(problem, v.theta, work)
    if scale.n_fits == 0.0:
        scale.stays = math.sqrt(state.ftol)
    if scale.is_tied == 0.0 and vanishes(by_median, by_mean):
        look_at_data(scale, problem, work)
    problem.n_samples = stop
    if follow(scale, by_median, by_mean) != 0:
        if scale.n_fits > MOST_FITS:
            state.status = MAX_STEPS_REACHED
        return False
    weigh_alike(own, problem, 1.0 / scale.scale)
    if scale.n_fits > 1.0:
        _begin_again(job, own, state, v, n)
        state.max_steps -= scale.n_steps
    else:
        state.ftol = max(state.ftol, ROUGH)
    return True


@routine
def weigh_alike(own: Any, problem: Any, weight: Any) -> None:
    """One weight for all samples, 0 for those that only fill up vectors."""
    for part in range(problem.n_outputs):
        w = offset(as_floats(own.weights), part * own.length)
        fill(w, weight, own.kept)
        fill(offset(w, own.kept), 0.0, problem.n_samples - own.kept)
    problem.weights = own.weights


@routine
def _begin_again(job: Any, own: Any, state: Any, v: Any, n: Any) -> None:
    """A fresh state at the parameters that are there."""
    work, freedom = offset(as_floats(own.work), own.length), state.freedom
    copy(work, v.theta, n)
    restart(job, state, n)
    copy(v.theta, work, n)
    state.freedom = freedom


@routine
def _take_plain_matrix(job: Any, own: Any, v: Any, n: Any) -> None:
    """Gauss-Newton matrix without the weights of a robust loss (see `covariance`)."""
    problem = at(own.problem, Problem)
    loss = problem.loss
    problem.loss = job.least_squares
    sums = job.least_squares_sums
    call_sums(sums, own.problem, v.theta, v.trial_gradient, v.trial_matrix)
    problem.loss = loss
    copy(v.matrix, v.trial_matrix, n * n)


@routine
def _clear(state: Any, v: Any, n: Any) -> None:
    """Numbers of a row that cannot be fitted."""
    state.n_steps = 0.0
    state.cost = math.nan
    state.condition = math.nan
    fill(v.theta, math.nan, n)
    fill(v.held, 0.0, n)
    fill(v.matrix, math.nan, n * n)


@routine
def write_answer(
    job: Any, own: Any, state: Any, v: Any, n: Any, number: Any, kept: Any
) -> None:
    """Answer of a fit, `kept` being its samples."""
    as_bytes(job.statuses)[number] = int(state.status)
    as_words(job.n_steps)[number] = int(max(state.n_steps, 0.0))
    as_words(job.n_samples)[number] = kept
    as_floats(job.chi2)[number] = 2.0 * state.cost
    as_singles(job.conditions)[number] = state.condition
    has_scale = job.needs_scale != 0 and kept > 0
    scale = at(own.scale, ScaleState).scale if has_scale else math.nan
    as_floats(job.scales)[number] = scale
    at_bound = offset(as_bytes(job.at_bound), number * n)
    n_open = 0
    for k in range(n):
        is_open = v.held[k] == OPEN
        at_bound[k] = 0 if is_open else int(v.held[k])
        n_open += 1 if is_open else 0
    copy(offset(as_floats(job.theta), number * n), v.theta, n)
    if job.moment_sums != 0 and kept > 0:
        at(own.problem, Problem).n_samples = kept
        moments = offset(as_floats(job.moments), number * 3)
        moments[0] = math.nan
        if job.least_squares != 0 or state.condition < math.inf:
            inverse = v.trial_matrix
            call_sums(job.moment_sums, own.problem, v.theta, moments, inverse)
    inverse = offset(as_floats(job.covariance), number * (n * (n + 1) // 2))
    _write_inverse(state, v, n, inverse)
    if n_open > 0:
        _write_open(v, n, inverse)


@routine
def _write_inverse(state: Any, v: Any, n: Any, out: Any) -> None:
    """Packed inverse of the Gauss-Newton matrix; the matrix where that has none."""
    source = v.trial_matrix
    if not state.condition < math.inf:
        source = v.matrix
    factor = math.nan if state.status == NOT_FINITE_AT_START else 1.0
    place = 0
    for k in range(n):
        for j in range(k + 1):
            out[place] = source[k * n + j] * factor
            place += 1


@routine
def _write_open(v: Any, n: Any, out: Any) -> None:
    """Infinite variances of what is open, without covariances."""
    place = 0
    for k in range(n):
        for j in range(k + 1):
            if v.held[k] == OPEN or v.held[j] == OPEN:
                out[place] = math.nan
            place += 1
        if v.held[k] == OPEN:
            out[place - 1] = math.inf
