"""One run of one method, and its trajectory from the start."""

from __future__ import annotations

from typing import cast

import numpy as np

from physfit.comparison.case import Case
from physfit.comparison.methods import MethodLike, of_scipy
from physfit.comparison.recording import RecordedObjective, Recorder
from physfit.fitting.minibatch import fit_minibatches
from physfit.objective import Objective
from physfit.optim.registry import WHOLE
from physfit.solve import scipy_adapters
from physfit.solve.base import ProgressCallback, Solution
from physfit.solve.history import History
from physfit.solve.least_squares import levenberg_marquardt
from physfit.solve.linear import linear_least_squares
from physfit.solve.scipy_adapters import METHODS
from physfit.typing import FloatArray

__all__ = ["batch_of", "history_of", "least_squares", "solve_by", "without_bounds"]


def solve_by(
    case: Case, method: MethodLike, exact: bool, recorder: Recorder | None = None
) -> Solution:
    """Answer of a method, from the start values of the case.

    Parameters
    ----------
    case : Case
    method : str or Optimizer
    exact : bool
        Whether scipy gets our derivatives.
    recorder : Recorder, optional
        Takes down the trajectory, where the method has no history of its own.
    """
    if of_scipy(method) is not None:
        return _by_scipy(case, str(method), exact, recorder)
    if method not in WHOLE:
        return _descended(case, method)
    callback = None if recorder is None else recorder.record
    return least_squares(case, case.theta, str(method), callback)


def least_squares(
    case: Case,
    theta: FloatArray,
    method: str = "lm",
    progress: ProgressCallback | None = None,
) -> Solution:
    """Minimum over all rows by our own methods, from parameters inside the bounds.

    Rows in a file are passed once for each step, and so are those in memory by
    "gauss_newton"; models of spins need no steps.
    """
    lower, upper = case.model.free_lower, case.model.free_upper
    if case.problem.is_exact:
        passes = case.problem.passes()
        return linear_least_squares(case.model.layout, passes, lower, upper)
    if method == "lm" and isinstance(case.objective, Objective):
        return levenberg_marquardt(
            case.objective, theta, lower, upper, progress=progress
        )
    return _in_passes(case, theta, damped=method == "lm")


def _by_scipy(
    case: Case, method: str, exact: bool, recorder: Recorder | None
) -> Solution:
    objective = cast("Objective", case.objective)
    if recorder is not None:
        objective = cast("Objective", RecordedObjective(objective, recorder))
    lower, upper = case.model.free_lower, case.model.free_upper
    if not METHODS[method].takes_bounds:
        lower, upper = without_bounds(lower)
    return scipy_adapters.run(
        objective, case.theta, lower, upper, method=method, gradients=exact
    )


def without_bounds(like: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Bounds that bound nothing."""
    return np.full(like.shape, -np.inf), np.full(like.shape, np.inf)


def _descended(case: Case, method: MethodLike) -> Solution:
    """Answer of a method on minibatches, by the loop of `physfit.fit`."""
    options = case.problem.rows.minibatches(method, case.n_rows)
    return fit_minibatches(case.problem, options, case.theta).solution


def _in_passes(case: Case, theta: FloatArray, *, damped: bool) -> Solution:
    """Answer of least squares in passes over the rows, with its history."""
    objective, recorder = case.problem.objective(), Recorder()
    solution = levenberg_marquardt(
        objective,
        theta,
        case.model.free_lower,
        case.model.free_upper,
        progress=recorder.record,
        damped=damped,
    )
    objective.release()
    history = recorder.history(case.n_rows, len(case.theta), None)
    return solution._replace(history=history)


def batch_of(case: Case, method: MethodLike) -> int | None:
    """Rows of a minibatch; None for methods over all rows."""
    if method in WHOLE or of_scipy(method) is not None:
        return None
    return case.problem.rows.minibatches(method, case.n_rows).batch_size


def history_of(
    case: Case, method: MethodLike, exact: bool, ended: Solution, seconds: float
) -> History:
    """Way of a method: its own history, or that of one more run.

    Parameters
    ----------
    case : Case
    method, exact
        As in `solve_by`.
    ended : Solution
        Of a run that was timed.
    seconds : float
        Its time.
    """
    batch = batch_of(case, method)
    if ended.history is not None:
        own = ended.history
        if batch is None:
            return _within(own, seconds)
        return _from_start(own, case.theta, batch)
    recorder = Recorder()
    if method in WHOLE:
        # Its progress begins after the first step; scipy's adapters begin with a cost.
        recorder.add(1, case.objective.cost(case.theta), case.theta)
        if case.problem.is_exact:
            record = recorder.history(case.n_rows, len(case.theta), None)
            return record._replace(
                seconds=np.full(len(record.step), seconds / ended.n_evals)
            )
    solve_by(case, method, exact, recorder)
    return recorder.history(case.n_rows, len(case.theta), seconds)


def _within(history: History, seconds: float) -> History:
    """The history of one run, no longer than the median of several."""
    last = history.seconds[-1] if len(history.seconds) else 0.0
    shrink = seconds / last if last > seconds else 1.0
    return history._replace(seconds=history.seconds * shrink)


def _from_start(history: History, theta: FloatArray, batch: int) -> History:
    """The history with the start before it, at which the first batch was evaluated."""
    if not len(history.step):
        return history
    share = min(1.0, batch / history.n_rows[0])
    first = History(
        np.zeros(1),
        history.n_rows[:1] * share,
        history.rate[:1],
        history.loss[:1],
        history.seconds[:1] * share,
        theta[None],
    )
    joined = [np.concatenate(pair) for pair in zip(first, history, strict=True)]
    return History(*joined)
