"""A whole fit in compiled code: Levenberg-Marquardt steps, then the covariance.

`run_fit` has the data in memory and goes on by itself. Where the sums come from a pass
over a file, Python drives the same steps: `continue_fit` with the sums of the start
values, then with those of each trial.
"""

from __future__ import annotations

import math
from typing import Any

from physfit.engine.abi import as_floats, at, call_sums
from physfit.engine.determined import DEVIANCE_FLOOR, LOOK, close, invert, look
from physfit.engine.levenberg_marquardt import begin, judge, optimality, propose
from physfit.engine.linear_solver import DENSE
from physfit.engine.roles import entry, routine, summation
from physfit.engine.state import (
    NOT_FINITE_AT_START,
    OUTSIDE_DOMAIN,
    RUNNING,
    FitState,
    hold_active,
    variables,
)
from physfit.engine.structs import Problem

__all__ = ["advance", "advanced", "continue_fit", "data_norm", "norm_of_data"]
__all__ += ["run_fit", "set_floor"]

#: Sums of squares of data and weights beyond these have lost digits, or are infinite.
SMALLEST = 1e-280
LARGEST = 1e280
#: What small weights are at least.
SMALL = 1e-140
#: Square of a datum in units of its standard deviation whose rounding is a hundredth of
#: that.
LARGEST_SQUARE = (0.01 / 2.220446049250313e-16) ** 2
#: A radius that cuts no step short.
UNLIMITED = 1e150


@entry("i64(i64, i64, i64, i64, i64)")
def run_fit(sums: Any, problem: Any, address: Any, n: Any, budget: Any) -> Any:
    """Advance a fit by at most `budget` steps; return its status (0: goes on).

    `sums` is the address of what gives cost, gradient and Gauss-Newton matrix. The
    floor of a fresh state is the relative rounding of the data, 0 for deviances.
    """
    return advanced(sums, problem, at(address, FitState), n, budget)


@routine
def advanced(sums: Any, problem: Any, state: Any, n: Any, budget: Any) -> Any:
    """The same, of a state in compiled code."""
    advance(sums, problem, state, n, budget, DENSE)
    v = variables(state, n, DENSE)
    if state.status != RUNNING:
        _judge_end(state, v, n)
        close(sums, problem, state, v, n)
    return int(state.status)


@routine
def advance(
    sums: Any, problem: Any, state: Any, n: Any, budget: Any, solver: Any
) -> None:
    """At most `budget` steps; the first evaluation if there was none."""
    v = variables(state, n, solver)
    if state.n_steps < 0.0:
        cost = call_sums(sums, problem, v.theta, v.trial_gradient, v.trial_matrix)
        squares = state.squares
        if squares < 0.0:
            squares = data_norm(problem)
            if math.isnan(squares):
                state.status = OUTSIDE_DOMAIN
                return
        _open(state, v, n, squares, cost)
    steps = 0
    while state.status == RUNNING and steps < budget:
        propose(state, v, n)
        if state.status == RUNNING:
            cost = call_sums(sums, problem, v.trial, v.trial_gradient, v.trial_matrix)
            judge(state, v, n, cost)
            is_due = state.n_steps >= state.next_look and state.kept == 0.0
            if is_due and state.status == RUNNING:
                look(sums, problem, state, v, n)
        steps += 1


@entry("i64(i64, i64, f64, f64, i64)")
def continue_fit(address: Any, n: Any, squares: Any, cost: Any, damped: Any) -> Any:
    """Take in the sums of start values or of a trial, propose a trial; the status.

    Gradient and matrix stand in the state as those of a trial; `squares` is the norm
    of the data. Without `damped` the first step is a whole Gauss-Newton step.
    """
    state = at(address, FitState)
    v = variables(state, n, DENSE)
    if state.n_steps < 0.0:
        _open(state, v, n, squares, cost)
        if damped == 0:
            state.delta = UNLIMITED
    else:
        judge(state, v, n, cost)
    if state.status == RUNNING:
        propose(state, v, n)
    if state.status != RUNNING:
        _judge_end(state, v, n)
        if state.status != NOT_FINITE_AT_START:
            invert(state, v, n)
    return int(state.status)


@entry("f64(i64)")
def norm_of_data(problem: Any) -> Any:
    """Sum of the squared weighted data."""
    return data_norm(problem)


@routine
def _open(state: Any, v: Any, n: Any, squares: Any, cost: Any) -> None:
    """Floor of the cost, and the sums of the start values."""
    state.n_steps = 0.0
    set_floor(state, squares)
    state.looked_at_cost = math.inf
    state.next_look = LOOK
    begin(state, v, n, cost)


@routine
def set_floor(state: Any, squares: Any) -> None:
    """Floor of the cost, in place of the relative rounding of the data."""
    rounding = state.floor
    scaled = 0.5 * rounding**2 * squares
    state.floor = scaled if rounding > 0.0 else DEVIANCE_FLOOR


@routine
def _judge_end(state: Any, v: Any, n: Any) -> None:
    """What is held where a fit has ended, and how far from optimal the others are."""
    hold_active(v, n)
    state.optimality = optimality(state, v, n)


@summation
def data_norm(address: Any) -> Any:
    """Sum of the squared weighted data, as far as their rounding may be called exact.

    Where a standard deviation is given, residuals far below it are exact, and no
    others: it may be as small as the rounding of the data. NaN where squares of the
    data or of the weights leave the range of doubles.
    """
    problem = at(address, Problem)
    y = as_floats(problem.y)
    w = as_floats(problem.weights)
    total = size = weighted = 0.0
    for o in range(problem.n_outputs):
        first = o * problem.ldy
        for i in range(problem.n_samples):
            value = y[first + i] * w[first + i]
            total += value * value
            size += math.fabs(value)
            weighted += w[first + i] * (w[first + i] - 1.0)
    n = problem.n_outputs * problem.n_samples
    if size > 0.0 and not SMALLEST < total < LARGEST * n:
        return math.nan
    if weighted == 0.0:
        return total
    # of small weights their own sum is left, with a minus
    if not (weighted < LARGEST * n and math.fabs(weighted) > SMALL * n):
        return math.nan
    return min(total, LARGEST_SQUARE * n)
