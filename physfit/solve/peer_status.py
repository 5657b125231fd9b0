"""Where a run of scipy has ended: how far the minimum is, whatever it says of itself.

A run may give up at the minimum, because its tolerances ask for more than doubles have,
or be content far from it. The Newton step that is left tells, in standard errors.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from physfit.objective import Objective
from physfit.solve.base import Solution, Status
from physfit.solve.derivatives import SMALLEST_NOISE, newton_step, noise_at
from physfit.solve.first_order import NEAR
from physfit.solve.vanishing_columns import release_of
from physfit.typing import FloatArray

__all__ = ["Judge"]

#: Standard errors from the minimum within which a run has converged though it gave up;
#: beyond `NEAR` it has not though it is content.
AT = 0.01
#: Noise, as a share of the data, that scipy's default tolerances are made for: data
#: that a model meets more closely have none.
PRECISE = 1e-6
#: Standard errors from a bound to which a parameter may be put, and what the cost may
#: change by, in units of the variance: as much as a move by 0.01 of them at a minimum.
NEXT, SAME = 1e-4, 5e-5


class Judge(NamedTuple):
    """What a run minimised, and whether residuals are in units of their errors."""

    objective: Objective
    lower: FloatArray
    upper: FloatArray
    knows_noise: bool

    def _noise(self, ended: Solution, least: float = SMALLEST_NOISE) -> float:
        """Standard deviation of a sample whose weight is 1."""
        if self.knows_noise:
            return 1.0
        dof = self.objective.n_samples - self.objective.n_free
        return noise_at(ended.cost, dof, self.objective.y, least)

    def on_bounds(self, ended: Solution) -> FloatArray | None:
        """Parameters, some on a bound so near that it changes nothing; None for none.

        Some methods keep strictly inside of bounds. Where the model is even in a
        parameter, one that should be 0 has an absurd error then, and the others share
        it.
        """
        limits = np.array([self.lower, self.upper])
        nearest = np.argmin(np.abs(limits - ended.theta), axis=0)
        bound = np.take_along_axis(limits, nearest[None], axis=0)[0]
        noise = self._noise(ended)
        stderr = np.sqrt(ended.covariance.diagonal()) * noise
        away = np.abs(ended.theta - bound) / stderr
        is_next = (away > 0.0) & (away < NEXT) & (stderr < np.inf)
        if not is_next.any():
            return None
        put: FloatArray = np.where(is_next, bound, ended.theta)
        change = abs(self.objective.cost(put) - ended.cost)
        return put if change < SAME * noise**2 else None

    def status(self, ended: Solution, matrix: FloatArray) -> Status:
        """Status by how far the minimum is; the run's own where that is not known."""
        limits = (self.lower, self.upper)
        step = newton_step(ended.theta, ended.gradient, matrix, *limits)
        variance = ended.covariance.diagonal()
        inside = ended.at_bound == 0
        away = np.max(np.abs(step[inside]) / np.sqrt(variance[inside]), initial=0.0)
        if (ended.gradient == 0.0).any():
            released = release_of(self.objective, ended.theta, *limits)
            away = max(away, released.distance)
        gave_up = ended.status in (Status.FAILED, Status.MAX_STEPS)
        if gave_up and away <= AT * self._noise(ended):
            return Status.SETTLED
        is_content = ended.status is Status.REPORTED
        if is_content and away > NEAR * self._noise(ended, PRECISE):
            return Status.SHORT
        return ended.status
