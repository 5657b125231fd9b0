"""One run of one method, and its trajectory from the start."""

from __future__ import annotations

from typing import cast

import numpy as np

from physfit.comparison.case import Case
from physfit.comparison.methods import Contender
from physfit.comparison.recording import RecordedObjective, Recorder
from physfit.fitting.minibatch import fit_minibatches
from physfit.objective import Objective
from physfit.solve import scipy_adapters
from physfit.solve.base import ProgressCallback, Solution
from physfit.solve.history import History
from physfit.solve.least_squares import levenberg_marquardt
from physfit.solve.linear import linear_least_squares
from physfit.typing import FloatArray

__all__ = ["history_of", "least_squares", "solve_by"]


def solve_by(
    case: Case, contender: Contender, recorder: Recorder | None = None
) -> Solution:
    """Answer of a method, from the start values of the case.

    Parameters
    ----------
    case : Case
    contender : Contender
    recorder : Recorder, optional
        Takes down the trajectory, where the method has no history of its own.
    """
    if contender.solver is not None:
        return _by_scipy(case, contender, recorder)
    if contender.minibatches is not None:
        return fit_minibatches(case.problem, contender.minibatches, case.theta).solution
    callback = None if recorder is None else recorder.record
    return least_squares(case, case.theta, contender.name, callback)


def least_squares(
    case: Case,
    theta: FloatArray,
    method: str = "lm",
    progress: ProgressCallback | None = None,
) -> Solution:
    """Minimum over all rows by our own methods, from parameters inside the bounds.

    Rows in a file are passed once for each step, and so are those in memory by
    "gauss_newton", which leaves a history; models of spins need no steps.
    """
    limits = case.model.free_lower, case.model.free_upper
    if case.problem.is_exact:
        return linear_least_squares(case.problem.objective(), *limits)
    if method == "lm" and isinstance(case.objective, Objective):
        return levenberg_marquardt(case.objective, theta, *limits, progress=progress)
    objective, recorder = case.problem.objective(), Recorder()
    solution = levenberg_marquardt(
        *(objective, theta, *limits),
        progress=recorder.record,
        damped=method == "lm",
    )
    objective.release()
    history = recorder.history(case.n_rows, len(case.theta), None)
    return solution._replace(history=history)


def _by_scipy(case: Case, contender: Contender, recorder: Recorder | None) -> Solution:
    objective = cast("Objective", case.objective)
    if recorder is not None:
        objective = cast("Objective", RecordedObjective(objective, recorder))
    limits = case.model.free_lower, case.model.free_upper
    return scipy_adapters.run(
        *(objective, case.theta, *limits),
        method=contender.name,
        gradients=contender.gradients == "exact",
    )


def history_of(
    case: Case, contender: Contender, ended: Solution, seconds: float
) -> History:
    """Trajectory of a method: its own history, or that of one more run.

    Parameters
    ----------
    case : Case
    contender : Contender
    ended : Solution
        Of a run that was timed.
    seconds : float
        Its time.
    """
    if ended.history is not None:
        if contender.batch_size is None:
            return _within(ended.history, seconds)
        return _from_start(ended.history, case.theta, contender.batch_size)
    recorder = Recorder()
    if contender.solver is None:
        # Its progress begins after the first step; scipy's adapters begin with a cost.
        recorder.add(1, case.objective.cost(case.theta), case.theta)
        if case.problem.is_exact:
            record = recorder.history(case.n_rows, len(case.theta), None)
            return record._replace(
                seconds=np.full(len(record.step), seconds / ended.n_evals)
            )
    solve_by(case, contender, recorder)
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
