"""One run of one method, and its trajectory from the start.

A method that keeps no history of its own is recorded in a further run, not in the one
that is timed: counting and copying take time, and scipy's residual methods do not even
know the cost. So the times of a record are stretched to that of the timed run, as if
recording had slowed down every evaluation alike.
"""

from __future__ import annotations

from time import perf_counter
from typing import Any, cast

import numpy as np

from physfit.fitting.fit_plan import FitPlan
from physfit.fitting.methods import Method
from physfit.fitting.passes import minimised_in_passes
from physfit.fitting.runners import is_by_passes, run
from physfit.objective import Objective
from physfit.solve.base import Progress, Solution
from physfit.solve.history import History
from physfit.solve.linear import linear_least_squares
from physfit.typing import FloatArray

__all__ = ["RecordedObjective", "Recorder", "history_of", "solve_by"]


def solve_by(
    plan: FitPlan, method: Method, recorder: Recorder | None = None
) -> Solution:
    """Answer of a method, from the start values of the plan.

    Parameters
    ----------
    plan : FitPlan
    method : Method
    recorder : Recorder, optional
        Takes down the trajectory, where the method has no history of its own.
    """
    plan = plan._replace(method=method)
    if is_by_passes(plan):
        return _in_passes(plan)
    if recorder is None:
        return run(plan).solution
    if method.solver is not None:
        recorded = RecordedObjective(plan.objective, recorder)
        plan = plan._replace(objective=cast("Objective", recorded))
    return run(plan, recorder.record).solution


def _in_passes(plan: FitPlan) -> Solution:
    """Answer by passes, of which only steps count; it leaves a history."""
    if plan.is_exact:
        return linear_least_squares(plan.in_passes(), *plan.limits)
    recorder = Recorder()
    ended = minimised_in_passes(plan, recorder.record, is_judged=False)
    history = recorder.history(plan.rows.n_rows, len(plan.theta), None)
    return ended.solution._replace(history=history)


def history_of(
    plan: FitPlan, method: Method, ended: Solution, seconds: float
) -> History:
    """Trajectory of a method: its own history, or that of one more run.

    Parameters
    ----------
    plan : FitPlan
    method : Method
    ended : Solution
        Of a run that was timed.
    seconds : float
        Its time.
    """
    if ended.history is not None:
        if method.batch_size is None:
            return _within(ended.history, seconds)
        return _from_start(ended.history, plan.theta, method.batch_size)
    recorder = Recorder()
    if method.solver is None:
        # Its progress begins after the first step; scipy's adapters begin with a cost.
        recorder.add(1, plan.over_all.cost(plan.theta), plan.theta)
        if plan.is_exact:
            record = recorder.history(plan.rows.n_rows, len(plan.theta), None)
            return record._replace(
                seconds=np.full(len(record.step), seconds / ended.n_evals)
            )
    solve_by(plan, method, recorder)
    return recorder.history(plan.rows.n_rows, len(plan.theta), seconds)


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
        history.learning_rate[:1],
        history.loss[:1],
        history.seconds[:1] * share,
        theta[None],
    )
    joined = [np.concatenate(pair) for pair in zip(first, history, strict=True)]
    return History(*joined)


class Recorder:
    """Evaluations, seconds, cost and parameters, each time the cost was the lowest."""

    def __init__(self) -> None:
        self._began = perf_counter()
        self._best = np.inf
        self._counts: list[tuple[int, float, float]] = []
        self._places: list[FloatArray] = []

    def add(self, n_evals: int, cost: float, theta: FloatArray) -> None:
        """Take down a point if none before was as low."""
        if cost < self._best:
            self._best = cost
            self._counts.append((n_evals, perf_counter() - self._began, cost))
            self._places.append(np.array(theta, dtype=np.float64))

    def record(self, progress: Progress) -> None:
        """Take down the progress of a callback: one evaluation for each step."""
        self.add(progress.n_steps + 1, progress.cost, progress.theta)

    @np.errstate(all="ignore")
    def history(self, n_rows: int, n_free: int, seconds: float | None) -> History:
        """What was taken down, the end of the run being at `seconds` if given.

        Parameters
        ----------
        n_rows : int
            Rows of the data, which each evaluation passes.
        n_free : int
        seconds : float or None
            None keeps the times as they were.
        """
        if not self._counts:
            return History.empty(n_free)
        whole = perf_counter() - self._began
        stretch = 1.0 if seconds is None else seconds / whole
        evals, times, costs = np.array(self._counts).T
        rate = np.full(len(evals), np.nan)
        places = np.array(self._places)
        return History(
            evals, evals * n_rows, rate, costs / n_rows, times * stretch, places
        )


#: What evaluates an objective, and gives its cost or the values of the model first.
EVALUATIONS = ("cost", "gradient", "normal", "values", "values_and_partials")


class RecordedObjective:
    """An objective whose every evaluation is recorded, for scipy's adapters."""

    def __init__(self, objective: Objective, recorder: Recorder) -> None:
        self._objective = objective
        self._recorder = recorder
        self._before = objective.n_evals

    @property
    def n_evals(self) -> int:
        """Evaluations since the record began."""
        return self._objective.n_evals - self._before

    def __getattr__(self, name: str) -> Any:
        """Attribute of the objective; a method that evaluates it is recorded."""
        attribute = getattr(self._objective, name)
        if name not in EVALUATIONS:
            return attribute

        def evaluated(theta: FloatArray) -> Any:
            result = attribute(theta)
            first = result[0] if isinstance(result, tuple) else result
            if np.ndim(first):
                first = self._objective.loss_terms(first)[0].sum()
            self._recorder.add(self.n_evals, float(first), theta)
            return result

        return evaluated
