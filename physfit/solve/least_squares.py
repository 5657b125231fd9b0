"""Levenberg-Marquardt: the compiled fit, in memory or in passes over a file.

In memory small problems take one call. Large ones return to Python every so many
samples, so that a progress callback is called and Ctrl-C is seen. Rows in a file take
the same compiled steps, with the sums of a pass (`StreamedObjective`) for each
evaluation: the answer is the exact least-squares answer, after some ten passes. Where
the normal equations have lost their digits, `refine` finishes the fit.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial
from itertools import chain, repeat
from math import isfinite
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from physfit.engine import fit, jit
from physfit.engine.addresses import address_of
from physfit.engine.determined import OPEN
from physfit.engine.host import evaluation
from physfit.engine.linear_solver import DENSE
from physfit.engine.orthogonal import LOST
from physfit.engine.state import FitState, places, state_size
from physfit.engine.workers import check
from physfit.errors import InputError
from physfit.joint_objective import JointObjective
from physfit.objective import Objective
from physfit.solve.base import (
    Progress,
    ProgressCallback,
    Solution,
    Status,
    Stop,
    counting_on,
)
from physfit.solve.derivatives import solution_at
from physfit.solve.domain import Run, led_inside, settled
from physfit.solve.edges import Bound
from physfit.solve.refine import lost_digits, refined
from physfit.solve.undetermined import Minimised, examined, mirrored
from physfit.typing import FloatArray

if TYPE_CHECKING:
    from physfit.solve.sums import StreamedObjective

__all__ = ["inner_start", "levenberg_marquardt", "start_state"]

STATUSES = {float(status): status for status in Status}
#: Objectives that one call of compiled code can minimise.
IN_MEMORY = (Objective, JointObjective)
#: Samples evaluated before compiled code returns to Python: some 50 ms.
SAMPLES_PER_ROUND = 2_000_000
#: Partials that `refine` may hold in memory: 800 MB.
LARGEST = 100_000_000
DEFAULT = Stop()

#: Bounds, what is called after each step, and whether the first one is cut to a radius.
Settings: TypeAlias = tuple[FloatArray, FloatArray, ProgressCallback | None, bool]


def levenberg_marquardt(
    objective: Minimised,
    theta: FloatArray,
    lower: FloatArray,
    upper: FloatArray,
    *,
    stop: Stop | None = None,
    progress: ProgressCallback | None = None,
    damped: bool = True,
) -> Solution:
    """Minimum of an objective within bounds.

    Parameters
    ----------
    objective : Objective, JointObjective or StreamedObjective
    theta, lower, upper : ndarray, shape (P,)
        Start values inside their bounds.
    stop : Stop, optional
    progress : callable, optional
        Called with a `Progress` after every step, or every pass but the last.
    damped : bool
        Whether the first step in passes is cut to a radius; otherwise it is a whole
        Gauss-Newton step, and only one that fails makes a radius.

    Returns
    -------
    Solution
        Not converging is a status, not an error. Where the data leave a parameter open
        that may have the other sign, the start with that is tried as well; steps and
        evaluations are those of both.
    """
    stop = DEFAULT if stop is None else stop.checked()
    limits = (lower, upper, damped)
    solution = _minimum(objective, theta, *limits, stop, progress)
    if solution.status is not Status.UNDETERMINED:
        return solution
    other = mirrored(solution, theta, lower, upper)
    if other is None:
        return solution
    done = solution.n_steps
    left = (stop.after(done), counting_on(progress, done))
    again = _minimum(objective, other, *limits, *left)
    if again.cost < solution.cost:
        return again.after(solution)
    return solution.after(again)


def _minimum(
    objective: Minimised,
    theta: FloatArray,
    lower: FloatArray,
    upper: FloatArray,
    damped: bool,
    stop: Stop,
    progress: ProgressCallback | None,
) -> Solution:
    """Where a fit from one start ends."""
    n = objective.n_free
    if n == 0:
        cost = objective.cost(theta)
        is_finite = isfinite(cost)
        return solution_at(
            *(theta, cost, theta, np.empty((0, 0))),
            np.empty(0, dtype=np.int64),
            status=Status.NOTHING_FREE if is_finite else Status.NOT_FINITE_AT_START,
            n_steps=0,
            n_evals=1,
        )
    settings = (lower, upper, progress, damped)
    if objective.has_domain and not isinstance(objective, JointObjective):
        run = _counted(objective, settings, stop.max_steps)
        solution, on_edge = settled(objective, theta, stop, run, (lower, upper))
        if on_edge:
            return solution
    else:
        solution = _run(objective, settings, theta, stop)
    if lost_digits(solution) and (
        not isinstance(objective, IN_MEMORY) or objective.n_samples * n <= LARGEST
    ):
        solution = refined(objective, solution, lower, upper, stop)
    elif isinstance(objective, IN_MEMORY) and solution.condition < LOST:
        return solution
    return examined(objective, solution, lower, upper)


def _counted(objective: Bound, settings: Settings, limit: int) -> Run:
    """Runs of steps, which are counted on from one to the next."""
    lower, upper, progress, damped = settings
    done = 0

    def run(theta: FloatArray, stop: Stop) -> Solution:
        nonlocal done
        counted = counting_on(progress, done, limit)
        ended = _run(objective, (lower, upper, counted, damped), theta, stop)
        done += ended.n_steps
        return ended

    return run


def inner_start(
    objective: Objective, theta: FloatArray, lower: FloatArray, upper: FloatArray
) -> FloatArray:
    """Start at which the model lies in the domain of the loss everywhere.

    A guess comes from the shape of the data and may dip below zero, where there is no
    likelihood of counts.
    """
    if not objective.loss.traits.has_domain:
        return theta
    run = partial(_run, objective, (lower, upper, None, True))
    return led_inside(objective, theta, Stop(ftol=1e-6), run)


def _run(
    objective: Minimised,
    settings: Settings,
    theta: FloatArray,
    stop: Stop,
) -> Solution:
    """Where the steps of the compiled fit end."""
    lower, upper, progress, damped = settings
    n = objective.n_free
    state = start_state(theta, lower, upper, stop)
    state[FitState.floor] = objective.rounding
    state[FitState.is_robust] = objective.is_robust
    state[FitState.freedom] = objective.n_samples - n
    if isinstance(objective, IN_MEMORY):
        go_on = _in_memory(objective, state, 1 if progress else SAMPLES_PER_ROUND)
    else:
        go_on = _in_passes(objective, state, damped)
    while not go_on():
        check()
        if progress is not None:
            steps, cost = int(state[FitState.n_steps]), float(state[FitState.cost])
            at = state[places(n).theta].copy()
            progress(Progress(steps, stop.max_steps, cost, at))
    solution = solution_of(state, n)
    if isinstance(objective, IN_MEMORY):
        objective.n_evals += solution.n_evals
    if solution.status is Status.OUTSIDE_DOMAIN and isinstance(objective, Objective):
        raise _without_squares(objective)
    return solution


def _in_memory(
    objective: Objective | JointObjective, state: FloatArray, n_samples: int
) -> Callable[[], int]:
    """A round of steps, of about so many samples; it says whether the fit has ended."""
    if not isinstance(objective, Objective):
        state[FitState.squares] = objective.squares
    budget = max(1, n_samples // max(1, objective.n_samples))
    call = evaluation(fit.run_fit, objective.calls_python)
    sums, problem, address = objective.sums, objective.address, address_of(state)
    return partial(call, sums, problem, address, objective.n_free, budget)


def _without_squares(objective: Objective) -> InputError:
    """Data, or their weights, are too large or too small to be squared."""
    size = float(np.abs(objective.y).max(initial=0.0))
    sigma = 1.0 / float(objective.weights.max(initial=0.0))
    of_sigma = "" if sigma == 1.0 else f" and the least sigma {sigma:.3g}"
    return InputError(
        f"`y` and `sigma` must be so that their squares are numbers (1e-140 to 1e140), "
        f"but the largest |y| is {size:.3g}{of_sigma}; take another unit of y."
    )


def _in_passes(
    objective: StreamedObjective, state: FloatArray, damped: bool
) -> Callable[[], int]:
    """A step with the sums of a pass over the rows; it says whether the fit has ended.

    The first of them are those at the start.
    """
    n, address = objective.n_free, address_of(state)
    call = jit.compiled(fit.continue_fit).call
    vectors = chain([places(n).theta], repeat(places(n).trial))

    def go_on() -> int:
        cost = _evaluate(objective, state, next(vectors))
        has_ended: int = call(address, n, objective.squares, cost, damped)
        return has_ended

    return go_on


def _evaluate(objective: StreamedObjective, state: FloatArray, place: slice) -> float:
    """Cost at a vector of the state; gradient and matrix go to those of the trial."""
    at = places(objective.n_free)
    cost, state[at.trial_gradient], matrix = objective.normal(state[place])
    state[at.trial_matrix] = matrix.ravel()
    return cost


def start_state(
    theta: FloatArray, lower: FloatArray, upper: FloatArray, stop: Stop
) -> FloatArray:
    """State before its first evaluation, at start values inside their bounds."""
    n = len(theta)
    state = _blank(n, stop).copy()
    at = places(n)
    state[at.theta] = theta
    state[at.lower] = lower
    state[at.upper] = upper
    return state


@lru_cache(maxsize=64)
def _blank(n: int, stop: Stop) -> FloatArray:
    """State without start values."""
    state = np.zeros(state_size(n, DENSE.size(n)))
    state[FitState.n_steps] = state[FitState.squares] = -1.0
    state[FitState.ftol] = stop.ftol
    state[FitState.xtol] = stop.xtol
    state[FitState.gtol] = stop.gtol
    state[FitState.max_steps] = stop.max_steps
    return state


def solution_of(state: FloatArray, n: int) -> Solution:
    """Solution that the state of a fit that has ended stands for."""
    header = state[: FitState.condition + 1].tolist()
    at = places(n)
    status, condition = STATUSES[header[FitState.status]], header[FitState.condition]
    covariance, held = state[at.trial_matrix].reshape(n, n), state[at.held]
    if status is Status.NOT_FINITE_AT_START or not isfinite(condition):
        covariance = np.full((n, n), np.nan)
    holds = held.tolist()
    if OPEN in holds:
        is_open, covariance = held == OPEN, covariance.copy()
        covariance[is_open, is_open] = np.inf
        held = np.where(is_open, 0.0, held)
    at_bound = held.astype(np.int64) if any(holds) else np.zeros(n, dtype=np.int64)
    return Solution(
        state[at.theta],
        header[FitState.cost],
        status,
        int(header[FitState.n_steps]),
        int(header[FitState.n_evals]),
        covariance,
        condition,
        at_bound,
        header[FitState.optimality],
        state[at.gradient],
    )
