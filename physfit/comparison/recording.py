"""Trajectories of methods that keep no history of their own, recorded in a further run.

The run is not the one that is timed: counting and copying take time, and scipy's
residual methods do not even know the cost. So the times of a record are stretched to
that of the timed run, as if recording had slowed down every evaluation alike.
"""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from physfit.solve.base import Progress
from physfit.solve.history import History
from physfit.typing import FloatArray

if TYPE_CHECKING:
    from physfit.objective import Objective

__all__ = ["RecordedObjective", "Recorder"]


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
