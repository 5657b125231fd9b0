"""Standard errors of a solution, and distances in units of them."""

from __future__ import annotations

import math

import numpy as np

from physfit.solve.base import Solution
from physfit.typing import FloatArray

__all__ = ["distance", "stderr_of"]


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
