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
    as_integers,
    call_gradient,
    call_transform,
    offset,
)
from physfit.engine.chain import STAGE_WIDTH
from physfit.engine.roles import entry, routine

__all__ = ["descend", "descent_size"]

# Integers of a run.
FUNCTION = 0
PROBLEM = 1
STAGES = 2
N_STAGES = 3
HYPER = 4
N = 5
BATCH = 6
RATES = 7
FIRST_RATE = 8
STATE = 9
HISTORY = 10
N_HISTORY = 11
EVERY = 12
RUN_SIZE = 13
# Header of the state; `T` and `RATE` are what transforms see as numbers.
T = 0
RATE = 1
STATUS = 2
COUNT = 3
COST = 4
SHOWN_COST = 5
SHOWN_ROWS = 6
N_RECORDS = 7
LOSS_SIZE = 8
LIMIT = 9
LAST_COST = 10
MAX_STEPS = 11
N_SEEN = 12
TOTAL_COST = 13
HEADER = 14
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
# A record of the history: step, rate, mean cost, rows seen, the scaled parameters.
RECORD = 4

RUNNING = 0
DIVERGED = 1
NOT_FINITE = 2
ENOUGH = 3


def descent_size(n: int, n_state: int) -> int:
    """Doubles in the state of a run of `n` parameters."""
    return HEADER + (N_VECTORS + n_state) * n


@routine
def _vector(state: Any, n: Any, number: Any) -> Any:
    return offset(state, HEADER + number * n)


@entry("i64(i64*, i64, i64, i64)")
def descend(run: Any, start: Any, stop: Any, ends: Any) -> Any:
    """Steps over the rows `start` to `stop` of the bound window; returns the status.

    With `ends` the last batch is closed even if it has fewer rows.
    """
    state = as_floats(run[STATE])
    n = run[N]
    theta = _vector(state, n, THETA)
    total = _vector(state, n, SUM)
    place = start
    while place < stop and state[STATUS] == RUNNING:
        count = min(run[BATCH] - int(state[COUNT]), stop - place)
        problem = as_integers(run[PROBLEM])
        state[COST] += call_gradient(
            run[FUNCTION], problem, theta, place, place + count, total
        )
        state[COUNT] += count
        place += count
        if state[COUNT] >= run[BATCH]:
            _step(run, state, n)
    if ends != 0 and state[COUNT] > 0.0 and state[STATUS] == RUNNING:
        _step(run, state, n)
    return int(state[STATUS])


@routine
def _step(run: Any, state: Any, n: Any) -> None:
    """One step with the open batch, which is then empty."""
    cost = state[COST] / state[COUNT]
    state[LAST_COST] = cost
    if not _take_gradient(state, n):
        state[STATUS] = NOT_FINITE
        return
    if cost > state[LIMIT]:
        state[STATUS] = DIVERGED
        return
    rates = as_floats(run[RATES])
    state[T] += 1.0
    state[RATE] = rates[int(state[T]) - run[FIRST_RATE]]
    stages = as_integers(run[STAGES])
    own = _vector(state, n, N_VECTORS)
    hyper = as_floats(run[HYPER])
    for k in range(run[N_STAGES]):
        stage = offset(stages, k * STAGE_WIDTH)
        call_transform(
            stage[0],
            _vector(state, n, STEP),
            state,
            offset(own, stage[1]),
            offset(hyper, stage[2]),
            n,
        )
    if not _move(state, n):
        state[STATUS] = NOT_FINITE
    _show(run, state, n)
    if state[T] >= state[MAX_STEPS] and state[STATUS] == RUNNING:
        state[STATUS] = ENOUGH


@routine
def _take_gradient(state: Any, n: Any) -> Any:
    """Scaled gradient of the mean loss to the step; whether it is finite."""
    step = _vector(state, n, STEP)
    scale = _vector(state, n, SCALE)
    total = _vector(state, n, SUM)
    factor = 1.0 / (state[COUNT] * state[LOSS_SIZE])
    check = state[COST]
    for k in range(n):
        step[k] = total[k] * scale[k] * factor
        check += step[k]
        total[k] = 0.0
    state[SHOWN_COST] += state[COST]
    state[SHOWN_ROWS] += state[COUNT]
    state[N_SEEN] += state[COUNT]
    state[TOTAL_COST] += state[COST]
    state[COST] = 0.0
    state[COUNT] = 0.0
    return math.fabs(check) < math.inf


@routine
def _move(state: Any, n: Any) -> Any:
    """Subtract the step within the bounds, unless it is not finite; whether it was."""
    step = _vector(state, n, STEP)
    check = 0.0
    for k in range(n):
        check += step[k]
    if not math.fabs(check) < math.inf:
        return False
    z = _vector(state, n, Z)
    scale = _vector(state, n, SCALE)
    lower = _vector(state, n, LOWER)
    upper = _vector(state, n, UPPER)
    theta = _vector(state, n, THETA)
    for k in range(n):
        z[k] = min(max(z[k] - step[k], lower[k]), upper[k])
        theta[k] = z[k] * scale[k]
    return True


@routine
def _show(run: Any, state: Any, n: Any) -> None:
    """Every so many steps, a record of the mean cost and the parameters."""
    steps = int(state[T])
    record = int(state[N_RECORDS])
    if steps % run[EVERY] != 0 or record >= run[N_HISTORY]:
        return
    history = offset(as_floats(run[HISTORY]), record * (RECORD + n))
    z = _vector(state, n, Z)
    history[0] = state[T]
    history[1] = state[RATE]
    history[2] = state[SHOWN_COST] / state[SHOWN_ROWS]
    history[3] = state[N_SEEN]
    for k in range(n):
        history[RECORD + k] = z[k]
    state[SHOWN_COST] = 0.0
    state[SHOWN_ROWS] = 0.0
    state[N_RECORDS] += 1.0
