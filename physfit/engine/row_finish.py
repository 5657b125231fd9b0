"""The end of fits of rows whose normal equations have lost their digits.

Few rows need it: a line far from x = 0, parameters that nearly do the same. They have
been fitted by `many`; here each is loaded once more and goes on from there by singular
values of its weighted Jacobian (`orthogonal`): Gauss-Newton steps where the condition
is bad enough for it, and always the inverse. These are the steps of `solve.refine` and
the inverse of `uncertainty.covariance`, which serve single fits.
"""

from __future__ import annotations

import math
from typing import Any

from physfit.engine.abi import (
    as_bytes,
    as_floats,
    as_integers,
    as_singles,
    as_words,
    at,
    claim,
    offset,
)
from physfit.engine.dense import copy, dot
from physfit.engine.determined import (
    DRAGGED,
    OPEN,
    find_open,
    free_open,
    mark_followers,
    n_held,
    variance_of,
)
from physfit.engine.fit import data_norm, set_floor
from physfit.engine.linear_solver import DENSE
from physfit.engine.many import Job, Worker, restart, weigh_alike, write_answer
from physfit.engine.orthogonal import (
    EPSILON,
    HALVINGS,
    LOST,
    NEGLIGIBLE,
    ROUNDED,
    ROUNDING,
    ROUNDINGS,
    SETTLED,
    SHRINKING,
    SMALL,
    STEPS,
    factorise_rows,
    factors,
    gradient_of,
    singular_values,
    write_inverse,
)
from physfit.engine.residual_scale import ScaleState
from physfit.engine.roles import entry, routine
from physfit.engine.rows import load_row
from physfit.engine.state import (
    EXACT,
    FTOL_REACHED,
    GTOL_REACHED,
    MAX_STEPS_REACHED,
    NOT_FINITE_AROUND,
    STALLED,
    UNDETERMINED,
    XTOL_REACHED,
    FitState,
    hold_active,
    variables,
)
from physfit.engine.structs import Problem

__all__ = ["FinishJob", "finish_rows"]

#: Share of a direction from which on it is a parameter alone.
ALONE = 1.0 - 1e-12


class FinishJob(Job):
    """Fits of a job that are to be finished."""

    #: Their numbers; how many directions the data determine, for each of all fits.
    chosen: int
    ranks: int


@entry("i64(i64, i64)")
def finish_rows(job_address: Any, own_address: Any) -> Any:
    """Finish fits until none is left or the stop flag is set; returns how many."""
    job, own = at(job_address, FinishJob), at(own_address, Worker)
    stop, chosen = as_integers(job.stop), as_integers(job.chosen)
    done = 0
    while stop[0] == 0:
        first = claim(as_integers(job.counter), job.claim)
        if first >= job.n_fits:
            return done
        last = min(first + job.claim, job.n_fits)
        for k in range(first, last):
            _finish(job, own, chosen[k])
        done += last - first
    return done


@routine
def _finish(job: Any, own: Any, number: Any) -> None:
    """Go on with one fit from where it ended."""
    n = job.n_free
    row = number
    if job.row_numbers != 0:
        row = as_integers(job.row_numbers)[number]
    state = at(own.state, FitState)
    v = variables(state, n, DENSE)
    restart(job, state, n)
    kept = load_row(job, own, row)
    if kept < 0:
        return
    if job.needs_scale != 0:
        scale = as_floats(job.scales)[number]
        at(own.scale, ScaleState).scale = scale
        weigh_alike(own, at(own.problem, Problem), 1.0 / scale)
    copy(v.theta, offset(as_floats(job.theta), number * n), n)
    state.status = as_bytes(job.statuses)[number]
    state.n_steps = as_words(job.n_steps)[number]
    state.cost = 0.5 * as_floats(job.chi2)[number]
    state.condition = as_singles(job.conditions)[number]
    f = factors(as_floats(own.work), n)
    state.freedom = float(kept * at(own.problem, Problem).n_outputs - n)
    set_floor(state, data_norm(own.problem))
    if _ended_nearby(state) and not state.condition < LOST:
        _refine(own.problem, state, v, n, f)
    as_words(job.ranks)[number] = _invert(job, own, state, v, n, f)
    write_answer(job, own, state, v, n, number, kept)


@routine
def _ended_nearby(state: Any) -> Any:
    """Whether a fit ended where steps may lead on."""
    if FTOL_REACHED <= state.status <= GTOL_REACHED:
        return True
    stopped = state.status == MAX_STEPS_REACHED or state.status == STALLED
    return stopped or state.status == UNDETERMINED


@routine
def _refine(address: Any, state: Any, v: Any, n: Any, f: Any) -> None:
    """Gauss-Newton steps by singular values; never to a higher cost."""
    problem, last, steps = at(address, Problem), math.inf, 0
    cost = factorise_rows(problem, v.theta, f)
    while not math.isnan(cost) and steps < STEPS:
        state.cost = cost
        gain = _step(v, n, f)
        if cost <= state.floor:
            state.status = EXACT
            return
        unseen = _resolution(v, n, f)
        if unseen > SMALL * cost and _n_lost(v, n, f) > 0:
            state.status = STALLED
            return
        if gain <= ROUNDING * cost:
            state.status = FTOL_REACHED
            return
        if SHRINKING * last < gain and gain <= max(SETTLED * cost, unseen):
            state.status = XTOL_REACHED
            return
        copy(v.right, v.theta, n)
        after = _accepted(problem, v, n, f, cost)
        if not after < cost:
            copy(v.theta, v.right, n)
            if gain <= max(NEGLIGIBLE * cost, unseen):
                state.status = XTOL_REACHED
            elif FTOL_REACHED <= state.status <= GTOL_REACHED:
                state.status = STALLED
            return
        cost, last, steps = after, gain, steps + 1
        state.n_steps += 1.0
    if not math.isnan(cost):
        state.cost = cost
        if FTOL_REACHED <= state.status <= GTOL_REACHED:
            state.status = MAX_STEPS_REACHED


@routine
def _resolution(v: Any, n: Any, f: Any) -> Any:
    """Gain that steps cannot have where parameters are rounded."""
    total = 0.0
    for k in range(n):
        if v.held[k] == 0.0:
            size = f.lengths[k] * v.theta[k]
            total += size * size
    return 0.5 * (ROUNDINGS * EPSILON) ** 2 * total


@routine
def _n_lost(v: Any, n: Any, f: Any) -> Any:
    """How many directions of the parameters that move are not determined."""
    lost = 0
    for k in range(n):
        lost += 1 if v.held[k] == 0.0 else 0
        lost -= 1 if f.singular[k] > 0.0 else 0
    return lost


@routine
def _step(v: Any, n: Any, f: Any) -> Any:
    """Gauss-Newton step of the parameters that are not held; its predicted gain."""
    gradient_of(f, n, v.gradient)
    hold_active(v, n)
    singular_values(f, v.held, n)
    for k in range(n):
        v.step[k] = 0.0
    for s in range(n):
        if f.singular[s] > 0.0:
            for k in range(n):
                part = f.right[s * n + k] * f.along[s] / f.singular[s]
                v.step[k] -= part / f.lengths[k]
    return 0.5 * dot(f.along, f.along, n)


@routine
def _accepted(problem: Any, v: Any, n: Any, f: Any, cost: Any) -> Any:
    """Cost after the longest half of the step that lowers it, with the factor there."""
    factor = 1.0
    after = math.inf
    for _ in range(HALVINGS):
        for k in range(n):
            trial = v.right[k] + factor * v.step[k]
            v.theta[k] = min(max(trial, v.lower[k]), v.upper[k])
        after = factorise_rows(problem, v.theta, f)
        if after < cost:
            return after
        factor *= 0.5
    return math.inf


@routine
def _invert(job: Any, own: Any, state: Any, v: Any, n: Any, f: Any) -> Any:
    """Inverse of the normal matrix and its condition; how many directions it has.

    That of a robust loss is without its weights (see `uncertainty.covariance`).
    """
    problem = at(own.problem, Problem)
    cost = factorise_rows(problem, v.theta, f)
    gradient_of(f, n, v.gradient)
    hold_active(v, n)
    if job.least_squares != 0:
        loss = problem.loss
        problem.loss = job.least_squares
        cost = factorise_rows(problem, v.theta, f)
        problem.loss = loss
    if math.isnan(cost):
        for k in range(n * n):
            v.matrix[k] = math.nan
        state.condition = math.inf
        return n
    largest, least = 0.0, singular_values(f, v.held, n)
    for s in range(n):
        largest = max(largest, f.singular[s])
    rank = write_inverse(f, v.held, n, v.trial_matrix)
    if _is_open(job, own, state, v, n, f):
        free_open(v, n, 0.0)
        least = singular_values(f, v.held, n)
        rank = write_inverse(f, v.held, n, v.trial_matrix)
        free_open(v, n, OPEN)
    copy(v.matrix, v.trial_matrix, n * n)
    free = 0
    for k in range(n):
        free += 1 if v.held[k] == 0.0 else 0
    state.condition = (largest / least) ** 2 if rank == free else math.inf
    return rank


@routine
def _is_open(job: Any, own: Any, state: Any, v: Any, n: Any, f: Any) -> Any:
    """Whether parameters leave the inverse: as the data leave them open, mostly."""
    for k in range(n):
        v.matrix[k * n + k] = f.lengths[k] * f.lengths[k]
    before = n_held(v, n)
    found = find_open(job.sums, own.problem, state, v, n, True)
    found += _mark_dragged(state, v, n, f)
    if before == 0:
        found += _mark_alone(v, n, f)
    if found > 0:
        singular_values(f, v.held, n)
        write_inverse(f, v.held, n, v.trial_matrix)
        mark_followers(v, n)
        if state.status != NOT_FINITE_AROUND and state.status != EXACT:
            state.status = UNDETERMINED
    return n_held(v, n) > before


@routine
def _mark_alone(v: Any, n: Any, f: Any) -> Any:
    """Mark what the model does not depend on at all where it is; returns how many.

    A direction without data is that parameter alone. At zero it may be one on whose
    square the model depends; where others are held, such as a height at 0, they may be
    why, and a minimum is there.
    """
    found = 0
    for s in range(n):
        for k in range(n):
            is_lost = f.singular[s] == 0.0 and math.fabs(f.right[s * n + k]) > ALONE
            if is_lost and v.held[k] == 0.0 and v.theta[k] != 0.0:
                v.held[k] = OPEN
                found += 1
    return found


@routine
def _mark_dragged(state: Any, v: Any, n: Any, f: Any) -> Any:
    """Mark what goes along where others change without a limit; returns how many do.

    Its part in that direction is small, but is a hundredth of its error or more before
    one of the others has changed by as much as itself.
    """
    variance, found = variance_of(state), 0
    for s in range(n):
        reach = math.inf
        for k in range(n):
            part = math.fabs(f.right[s * n + k]) if f.singular[s] == 0.0 else 0.0
            is_lost = v.held[k] == 0.0 and v.trial_matrix[k * n + k] == math.inf
            if is_lost and part > 0.0:
                reach = min(reach, math.fabs(v.theta[k]) * f.lengths[k] / part)
        for k in range(n):
            part = math.fabs(f.right[s * n + k])
            if reach < math.inf and v.held[k] == 0.0 and part > ROUNDED:
                moved = reach * part / f.lengths[k]
                error = variance * v.trial_matrix[k * n + k]
                if moved * moved > DRAGGED * error:
                    v.held[k] = OPEN
                    found += 1
    return found
