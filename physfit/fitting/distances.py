"""Standard errors of a solution, and distances in units of them."""

from __future__ import annotations

import math

import numpy as np

from physfit.solve.base import Solution
from physfit.typing import FloatArray

__all__ = ["distance", "noise_at", "stderr_of"]

#: Noise of data that a model meets exactly, as a share of their size.
SMALLEST_NOISE = 1e-9


@np.errstate(all="ignore")
def noise_at(cost: float, dof: int, y: FloatArray) -> float:
    """Standard deviation of a sample like `y` at that cost, never negligible."""
    dof = max(1, dof)
    size = float(np.sqrt(np.mean(y**2)))
    noise = max(math.sqrt(2.0 * cost / dof), SMALLEST_NOISE * size)
    return noise if noise * noise > 0.0 else 1.0


@np.errstate(all="ignore")
def stderr_of(solution: Solution, noise: float = 1.0) -> FloatArray:
    """Standard errors of the free parameters; NaN where there is none."""
    variance = np.diagonal(solution.covariance)
    errors: FloatArray = np.sqrt(np.where(variance >= 0.0, variance, np.nan)) * noise
    return errors


@np.errstate(all="ignore")
def distance(theta: FloatArray, best: FloatArray, stderr: FloatArray) -> float:
    """Largest distance over the parameters that have a standard error."""
    known = np.isfinite(stderr) & (stderr > 0.0)
    if not known.any():
        return 0.0 if np.array_equal(theta, best) else math.nan
    return float(np.max(np.abs(theta - best)[known] / stderr[known]))
