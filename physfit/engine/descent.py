"""The minibatch loop: gradient of a batch -> chain of transforms -> parameters.

One call runs through the rows of a window. A batch may begin in one window and end in
the next: its sums stay in the state, so the rows are never copied together. The chain
sees scaled parameters z = theta / scale and the gradient of the mean loss divided by
the loss's own size V,

    g_k = scale_k / (V n_batch) sum_i s_i J_ki ,

so that one rate fits all parameters, whatever their units. What the chain leaves of it
is subtracted: z <- z - step. The chain's own projection lets averages see the bounds;
the subtraction keeps to them once more, because z - (z - bound) may round to the wrong
side of the bound.

Everything that changes is one array of doubles, the state; stored and read back it goes
on bit by bit where it stopped.
"""

from __future__ import annotations

import math
from typing import Any

from physfit.engine.abi import (
    as_floats,
    at,
    behind,
    call_gradient,
    call_transform,
    offset,
)
from physfit.engine.chain import StageWords
from physfit.engine.roles import entry, routine
from physfit.engine.struct import Float64, Struct

__all__ = ["DescentJob", "DescentState", "descend", "descent_size"]


class DescentJob(Struct):
    """What a run works with: numbers, and addresses."""

    function: int
    problem: int
    stages: int
    n_stages: int
    hyper: int
    n: int
    batch: int
    rates: int
    first_rate: int
    state: int
    history: int
    n_history: int
    every: int


class DescentState(Struct):
    """Head of the state; `t` and `rate` are what transforms see as numbers."""

    t: Float64
    rate: Float64
    status: Float64
    count: Float64
    cost: Float64
    shown_cost: Float64
    shown_rows: Float64
    n_records: Float64
    loss_size: Float64
    limit: Float64
    last_cost: Float64
    max_steps: Float64
    n_seen: Float64
    total_cost: Float64


# Vectors of the state; the first ones are those that transforms see.
STEP = 0
Z = 1
SCALE = 2
LOWER = 3
UPPER = 4
METRIC = 5
THETA = 6
SUM = 7
N_VECTORS = 8
#: Bytes of a stage of the chain.
STAGE = 8 * StageWords.SIZE
# A record of the history: step, rate, mean cost, rows seen, the scaled parameters.
RECORD = 4

RUNNING = 0
DIVERGED = 1
NOT_FINITE = 2
ENOUGH = 3


def descent_size(n: int, n_state: int) -> int:
    """Doubles in the state of a run of `n` parameters."""
    return DescentState.SIZE + (N_VECTORS + n_state) * n


@routine
def vector(state: Any, n: Any, number: Any) -> Any:
    """Vector `number` of the state."""
    return offset(behind(state), number * n)


@entry("i64(i64, i64, i64, i64)")
def descend(address: Any, start: Any, stop: Any, ends: Any) -> Any:
    """Steps over the rows `start` to `stop` of the bound window; returns the status.

    With `ends` the last batch is closed even if it has fewer rows.
    """
    run = at(address, DescentJob)
    state = at(run.state, DescentState)
    n = run.n
    theta = vector(state, n, THETA)
    total = vector(state, n, SUM)
    place = start
    while place < stop and state.status == RUNNING:
        count = min(run.batch - int(state.count), stop - place)
        state.cost += call_gradient(
            run.function, run.problem, theta, place, place + count, total
        )
        state.count += count
        place += count
        if state.count >= run.batch:
            _step(run, state, n)
    if ends != 0 and state.count > 0.0 and state.status == RUNNING:
        _step(run, state, n)
    return int(state.status)


@routine
def _step(run: Any, state: Any, n: Any) -> None:
    """One step with the open batch, which is then empty."""
    cost = state.cost / state.count
    state.last_cost = cost
    if not _take_gradient(state, n):
        state.status = NOT_FINITE
        return
    if cost > state.limit:
        state.status = DIVERGED
        return
    rates = as_floats(run.rates)
    state.t += 1.0
    state.rate = rates[int(state.t) - run.first_rate]
    own = vector(state, n, N_VECTORS)
    hyper = as_floats(run.hyper)
    for k in range(run.n_stages):
        stage = at(run.stages + k * STAGE, StageWords)
        call_transform(
            stage.code,
            vector(state, n, STEP),
            as_floats(run.state),
            offset(own, stage.state),
            offset(hyper, stage.hyper),
            n,
        )
    if not _move(state, n):
        state.status = NOT_FINITE
    _show(run, state, n)
    if state.t >= state.max_steps and state.status == RUNNING:
        state.status = ENOUGH


@routine
def _take_gradient(state: Any, n: Any) -> Any:
    """Scaled gradient of the mean loss to the step; whether it is finite."""
    step = vector(state, n, STEP)
    scale = vector(state, n, SCALE)
    total = vector(state, n, SUM)
    factor = 1.0 / (state.count * state.loss_size)
    check = state.cost
    for k in range(n):
        step[k] = total[k] * scale[k] * factor
        check += step[k]
        total[k] = 0.0
    state.shown_cost += state.cost
    state.shown_rows += state.count
    state.n_seen += state.count
    state.total_cost += state.cost
    state.cost = 0.0
    state.count = 0.0
    return math.fabs(check) < math.inf


@routine
def _move(state: Any, n: Any) -> Any:
    """Subtract the step within the bounds, unless it is not finite; whether it was."""
    step = vector(state, n, STEP)
    check = 0.0
    for k in range(n):
        check += step[k]
    if not math.fabs(check) < math.inf:
        return False
    z = vector(state, n, Z)
    scale = vector(state, n, SCALE)
    lower = vector(state, n, LOWER)
    upper = vector(state, n, UPPER)
    theta = vector(state, n, THETA)
    for k in range(n):
        z[k] = min(max(z[k] - step[k], lower[k]), upper[k])
        theta[k] = z[k] * scale[k]
    return True


@routine
def _show(run: Any, state: Any, n: Any) -> None:
    """Every so many steps, a record of the mean cost and the parameters."""
    steps = int(state.t)
    record = int(state.n_records)
    if steps % run.every != 0 or record >= run.n_history:
        return
    history = offset(as_floats(run.history), record * (RECORD + n))
    z = vector(state, n, Z)
    history[0] = state.t
    history[1] = state.rate
    history[2] = state.shown_cost / state.shown_rows
    history[3] = state.n_seen
    for k in range(n):
        history[RECORD + k] = z[k]
    state.shown_cost = 0.0
    state.shown_rows = 0.0
    state.n_records += 1.0
