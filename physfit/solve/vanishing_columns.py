"""What second derivatives say of parameters whose columns vanish; see `engine.release`.

For methods that do not examine it on their way: where the model does not depend on a
parameter to first order, its gradient is 0 though the minimum may be elsewhere.
"""

from __future__ import annotations

import math
from typing import NamedTuple, Protocol

import numpy as np

from physfit.engine.release import RELATIVE, TINY
from physfit.typing import FloatArray

__all__ = ["Release", "release_of"]


class HasNormal(Protocol):
    """What gives cost, gradient and Gauss-Newton matrix."""

    def normal(self, theta: FloatArray) -> tuple[float, FloatArray, FloatArray]:
        """All three at free parameters."""


class Release(NamedTuple):
    """Where parameters with a vanishing column go.

    Attributes
    ----------
    step : ndarray, shape (P,)
        To the minimum along each of them; 0 for the others, and for those that are at
        their minimum.
    distance : float
        Root of what the steps lower chi2 by: a distance in standard errors, with the
        weights that the objective has.
    """

    step: FloatArray
    distance: float


@np.errstate(all="ignore")
def release_of(
    objective: HasNormal, theta: FloatArray, lower: FloatArray, upper: FloatArray
) -> Release:
    """Release of the parameters whose columns vanish at `theta`, within bounds.

    Takes one evaluation, and a second one where there are such parameters.
    """
    step = np.zeros_like(theta)
    _, gradient, matrix = objective.normal(theta)
    vanishes = (gradient == 0.0) & (matrix.diagonal() == 0.0)
    if not vanishes.any():
        return Release(step, 0.0)
    away = np.maximum(TINY, RELATIVE * np.abs(theta))
    away = np.where(theta >= upper, -away, away) * vanishes
    _, slope, matrix = objective.normal(theta + away)
    diagonal = matrix.diagonal()
    falls = (away * slope < 0.0) & (diagonal > 0.0)
    length = np.sqrt(-2.0 * away[falls] * slope[falls] / diagonal[falls])
    step[falls] = np.copysign(length, away[falls])
    step = np.clip(theta + step, lower, upper) - theta
    gain = float(np.sum(slope[falls] ** 2 / diagonal[falls]))
    return Release(step, math.sqrt(gain))
