r"""How far from the minimum each method was on its trajectory, as the figure shows it.

Two numbers for each point theta of a trajectory, with theta* the reference: the largest
|theta_k - theta*_k| / stderr_k, and the cost above the minimum. Methods over all rows
know their cost. Those on minibatches know that of their last rows, whose noise hides
the minimum, so the cost is computed afterwards, from all rows in memory; where these
stay in a file, from a sample S of n of the N rows:

    excess = N / n (c_S(theta) - c_S(theta*) - g_S d) + g d ,   d = theta - theta* .

The same rows on both sides cancel most of their noise, and the gradients g_S of the
sample and g of all rows (zero but at bounds) put the minimum where it is; so the excess
has a relative error of a few times 1 / sqrt(n), far away as well as close by.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from physfit.comparison.baselines import MethodRun
from physfit.data.record import weights_of
from physfit.fitting.distances import distance
from physfit.fitting.fit_plan import FitPlan
from physfit.objective import Objective
from physfit.solve.base import Solution
from physfit.typing import FloatArray

__all__ = ["Convergence", "Heights", "convergence_of"]

#: Points of a path, at most and at least, and samples evaluated for them in all.
MOST, FEWEST, WORK = 150, 25, 2e8


class Convergence(NamedTuple):
    """A method's trajectory, from the start to its answer.

    The last point is the answer. For a method on minibatches that is the average of the
    parameters, which may be far closer to the minimum than the point before, where the
    parameters themselves ended.

    Attributes
    ----------
    passes : ndarray, shape (n,)
        Passes over the data so far: evaluations, or rows seen over all rows.
    seconds : ndarray, shape (n,)
        Time so far.
    excess : ndarray, shape (n,)
        Cost above that of the reference; half of the chi2 that is left to gain.
    distance : ndarray, shape (n,)
        Largest |dp| / stderr from the reference.
    """

    passes: FloatArray
    seconds: FloatArray
    excess: FloatArray
    distance: FloatArray


class Heights:
    """The cost above the minimum anywhere, from all rows in memory or a sample."""

    def __init__(self, plan: FitPlan, best: Solution) -> None:
        self._best, self._factor = best.theta, 1.0
        self._slope = np.zeros(len(best.theta))
        self._cost = best.cost
        sample, loss = plan.data, plan.loss
        # An objective of its own, so that no method's evaluations are counted.
        columns = sample.x, sample.y, weights_of(sample, plan.scale)
        self._objective = Objective(plan.model.layout, *columns, loss)
        n = self._objective.n_samples
        if plan.is_streamed:
            n = sample.y.shape[1]
            self._factor = plan.over_all.n_samples / sample.y.size
            self._cost, gradient, _ = self._objective.normal(best.theta)
            self._slope = best.gradient - self._factor * gradient
        self.n_points = int(np.clip(WORK / n, FEWEST, MOST))

    def __call__(self, theta: FloatArray) -> float:
        """Excess at free parameters."""
        above = self._factor * (self._objective.cost(theta) - self._cost)
        return above + float(self._slope @ (theta - self._best))


def convergence_of(
    plan: FitPlan, run: MethodRun, best: Solution, stderr: FloatArray, heights: Heights
) -> Convergence | None:
    """Trajectory of a run from its history and its answer; None if it was left out.

    The cost is that of `heights` for a method on minibatches; others know their own.
    """
    history, ended = run.history, run.solution
    if history is None or ended is None:
        return None
    is_descent = run.method.batch_size is not None
    kept = _thinned(len(history.step), heights.n_points if is_descent else MOST)
    places = history.theta[kept]
    last = (float(ended.n_evals), run.seconds)
    if not is_descent:
        excess = list(history.loss[kept] * plan.rows.n_rows - best.cost)
    else:
        excess = [heights(theta) for theta in places]
        if len(kept):
            last = (history.n_rows[-1] / plan.rows.n_rows, history.seconds[-1])
    return Convergence(
        np.append(history.n_rows[kept] / plan.rows.n_rows, last[0]),
        np.append(history.seconds[kept], last[1]),
        np.array([*excess, ended.cost - best.cost]),
        np.array([distance(own, best.theta, stderr) for own in (*places, ended.theta)]),
    )


def _thinned(n: int, most: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Places of up to so many of n records, evenly on a log scale, first and last."""
    if n <= most:
        return np.arange(n, dtype=np.int64)
    return np.unique(np.geomspace(1, n, most).round().astype(np.int64)) - 1
