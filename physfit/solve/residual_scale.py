"""Fits at the scale of their own residuals, where a robust loss has no sigma.

The rule by which fit and scale follow each other stands in `engine.residual_scale`;
here it is driven for one fit, in memory or in passes over a file.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Protocol

import numpy as np

from physfit.engine import jit
from physfit.engine.addresses import address_of
from physfit.engine.residual_scale import (
    MOST_FITS,
    ROUGH,
    ROUNDING,
    ScaleState,
    follow_scale,
    vanishes,
)
from physfit.solve.base import (
    ProgressCallback,
    Solution,
    Status,
    Stop,
    counting_on,
)
from physfit.typing import FloatArray

__all__ = ["AtScale", "Solve", "minimised_at_scale"]

#: Residuals of this size are nothing, such as those of data that are all zero; weights
#: by a smaller scale have squares beyond the range of doubles.
SMALLEST = 1e-130
#: A change of the scale below this share is none.
LEAST = 1e-9
#: Minimises from a start: `solve(theta, stop, progress)`.
Solve = Callable[[FloatArray, Stop, ProgressCallback | None], Solution]


class Measured(Protocol):
    """What is minimised at one standard deviation of all samples."""

    n_evals: int

    def scales(self, theta: FloatArray) -> tuple[float, float]:
        """Scales of the residuals by their median and by their mean size."""

    def typical_size(self) -> tuple[float, bool]:
        """Median size of the data, and whether more than half of them have it."""

    def measure_by(self, scale: float) -> None:
        """Take a number for the standard deviation of all samples."""


class AtScale(NamedTuple):
    """A minimum, and the scale of its residuals that they were measured by."""

    solution: Solution
    scale: float


@np.errstate(all="ignore")
def minimised_at_scale(
    objective: Measured,
    theta: FloatArray,
    solve: Solve,
    *,
    stop: Stop,
    progress: ProgressCallback | None = None,
) -> AtScale:
    """Minimum at the scale of its own residuals, by which the objective measures then.

    Parameters
    ----------
    objective : Measured
    theta : ndarray, shape (P,)
        Start values.
    solve : callable
        Minimises at the scale that the objective has.
    stop : Stop
        Its limit of steps is that of all fits together.
    progress : callable, optional
        As for a single fit; the steps count on.
    """
    before, state = objective.n_evals, np.zeros(ScaleState.SIZE)
    state[ScaleState.stays] = max(np.sqrt(stop.ftol), LEAST)
    _follows(state, objective, theta)
    n_steps = 0
    while True:
        scale = max(float(state[ScaleState.scale]), SMALLEST)
        objective.measure_by(scale)
        left = stop._replace(max_steps=stop.max_steps - n_steps)
        if state[ScaleState.n_fits] == 1.0:
            left = left._replace(ftol=max(stop.ftol, ROUGH))
        ended = solve(theta, left, counting_on(progress, n_steps))
        n_steps += ended.n_steps
        solution = ended._replace(n_steps=n_steps, n_evals=objective.n_evals - before)
        is_met = scale == SMALLEST
        if is_met or not np.isfinite(ended.cost) or n_steps >= stop.max_steps:
            return AtScale(solution, scale)
        theta = ended.theta
        if _follows(state, objective, theta):
            if state[ScaleState.n_fits] > MOST_FITS:
                solution = solution._replace(status=Status.MAX_STEPS)
            return AtScale(solution, scale)


def _follows(state: FloatArray, objective: Measured, theta: FloatArray) -> bool:
    """Take in the scales at parameters; whether that in use stays."""
    by_median, by_mean = objective.scales(theta)
    if state[ScaleState.is_tied] == 0.0 and vanishes(by_median, by_mean):
        typical, is_tied = objective.typical_size()
        state[ScaleState.floor] = ROUNDING * typical
        state[ScaleState.is_tied] = 1.0 if is_tied else -1.0
    call = jit.compiled(follow_scale).call
    return bool(call(address_of(state), by_median, by_mean))
