"""A whole fit in compiled code: Levenberg-Marquardt steps, then the covariance.

`run_fit` has the data in memory and goes on by itself. Where the sums come from a pass
over a file, Python drives the same steps: `continue_fit` with the sums of the start
values, then with those of each trial.
"""

from __future__ import annotations

from typing import Any

from physfit.engine.abi import as_floats, at, call_sums
from physfit.engine.levenberg_marquardt import begin, judge, optimality, propose
from physfit.engine.linear_solver import DENSE
from physfit.engine.roles import entry, routine, summation
from physfit.engine.state import (
    FACTOR,
    HELD,
    INVERSE,
    MATRIX,
    NOT_FINITE_AT_START,
    RUNNING,
    THETA,
    TRIAL,
    TRIAL_GRADIENT,
    TRIAL_MATRIX,
    FitState,
    hold_active,
    matrix,
    vector,
)
from physfit.engine.structs import Problem

__all__ = ["advance", "close", "continue_fit", "norm_of_data", "run_fit"]

#: A deviance is in units of the statistics, whatever the data: one standard error costs
#: a half. As little as this is nothing.
DEVIANCE_FLOOR = 1e-24
#: A radius that cuts no step short.
UNLIMITED = 1e150


@entry("i64(i64, i64, i64, i64, i64)")
def run_fit(sums: Any, problem: Any, address: Any, n: Any, budget: Any) -> Any:
    """Advance a fit by at most `budget` steps; return its status (0: goes on).

    `sums` is the address of what gives cost, gradient and Gauss-Newton matrix. The
    floor of a fresh state is the relative rounding of the data, 0 for deviances.
    """
    state = at(address, FitState)
    advance(sums, problem, state, n, budget, DENSE)
    return _closed(state, n, DENSE)


@routine
def advance(
    sums: Any, problem: Any, state: Any, n: Any, budget: Any, solver: Any
) -> None:
    """At most `budget` steps; the first evaluation if there was none."""
    gradient = vector(state, n, TRIAL_GRADIENT)
    gauss_newton = matrix(state, n, TRIAL_MATRIX, solver)
    if state.n_steps < 0.0:
        theta = vector(state, n, THETA)
        cost = call_sums(sums, problem, theta, gradient, gauss_newton)
        squares = state.squares
        if squares < 0.0:
            squares = data_norm(problem)
        _open(state, n, squares, cost, solver)
    steps = 0
    while state.status == RUNNING and steps < budget:
        propose(state, n, solver)
        if state.status == RUNNING:
            trial = vector(state, n, TRIAL)
            cost = call_sums(sums, problem, trial, gradient, gauss_newton)
            judge(state, n, cost, solver)
        steps += 1


@entry("i64(i64, i64, f64, f64, i64)")
def continue_fit(address: Any, n: Any, squares: Any, cost: Any, damped: Any) -> Any:
    """Take in the sums of start values or of a trial, propose a trial; the status.

    Gradient and matrix stand in the state as those of a trial; `squares` is the norm
    of the data. Without `damped` the first step is a whole Gauss-Newton step.
    """
    state = at(address, FitState)
    if state.n_steps < 0.0:
        _open(state, n, squares, cost, DENSE)
        if damped == 0:
            state.delta = UNLIMITED
    else:
        judge(state, n, cost, DENSE)
    if state.status == RUNNING:
        propose(state, n, DENSE)
    return _closed(state, n, DENSE)


@entry("f64(i64)")
def norm_of_data(problem: Any) -> Any:
    """Sum of the squared weighted data."""
    return data_norm(problem)


@routine
def _open(state: Any, n: Any, squares: Any, cost: Any, solver: Any) -> None:
    """Floor of the cost, and the sums of the start values."""
    state.n_steps = 0.0
    rounding = state.floor
    scaled = 0.5 * rounding**2 * squares
    state.floor = scaled if rounding > 0.0 else DEVIANCE_FLOOR
    begin(state, n, cost, solver)


@routine
def _closed(state: Any, n: Any, solver: Any) -> Any:
    """Status, with the covariance if the fit has ended at a point that means it."""
    if state.status != RUNNING:
        hold_active(state, n)
        state.optimality = optimality(state, n, solver)
        close(state, n, solver)
    return int(state.status)


@routine
def close(state: Any, n: Any, solver: Any) -> None:
    """Covariance of a fit that has ended, if it has been anywhere."""
    if state.status != NOT_FINITE_AT_START:
        hold_active(state, n)
        state.condition = solver.covariance(
            matrix(state, n, MATRIX, solver),
            vector(state, n, HELD),
            n,
            matrix(state, n, INVERSE, solver),
            matrix(state, n, FACTOR, solver),
            vector(state, n, TRIAL_GRADIENT),
        )


@summation
def data_norm(address: Any) -> Any:
    """Sum of the squared weighted data."""
    problem = at(address, Problem)
    y = as_floats(problem.y)
    w = as_floats(problem.weights)
    total = 0.0
    for o in range(problem.n_outputs):
        first = o * problem.ldy
        for i in range(problem.n_samples):
            total += (y[first + i] * w[first + i]) ** 2
    return total
