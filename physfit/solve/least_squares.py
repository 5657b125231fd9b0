"""Levenberg-Marquardt in memory: the compiled fit, called in rounds.

Small problems take one call. Large ones return to Python every so many samples, so that
a progress callback is told and Ctrl-C is seen.
"""

from __future__ import annotations

from functools import lru_cache
from math import isfinite

import numpy as np

from physfit.engine import fit, jit, normal
from physfit.engine import state as fields
from physfit.objective import Objective
from physfit.solve.base import Progress, ProgressCallback, Solution, Status, Stop
from physfit.solve.refine import needs_refinement, refined
from physfit.typing import FloatArray

__all__ = ["levenberg_marquardt"]

#: Samples evaluated before compiled code returns to Python: some 50 ms.
SAMPLES_PER_ROUND = 2_000_000
DEFAULT = Stop()
STATUSES = {float(status): status for status in Status}


def levenberg_marquardt(
    objective: Objective,
    theta: FloatArray,
    lower: FloatArray,
    upper: FloatArray,
    *,
    stop: Stop | None = None,
    progress: ProgressCallback | None = None,
) -> Solution:
    """Minimum of an objective within bounds.

    Parameters
    ----------
    objective : Objective
    theta, lower, upper : ndarray, shape (P,)
        Start values inside their bounds.
    stop : Stop, optional
    progress : callable, optional
        Called with a `Progress` after every step.

    Returns
    -------
    Solution
        Not converging is a status, not an error.
    """
    stop = DEFAULT if stop is None else stop.checked()
    n = objective.n_free
    if n == 0:
        return _nothing_free(objective)
    state = _start(theta, lower, upper, stop)
    state[fields.FLOOR] = objective.rounding
    n_samples = max(1, objective.n_samples)
    budget = 1 if progress else max(1, SAMPLES_PER_ROUND // n_samples)
    call = jit.compiled(fit.run_fit).call
    sums, problem = jit.compiled(normal.normal_equations).address, objective.problem
    while not call(sums, problem.address, state.ctypes.data, n, budget):
        if progress is not None:
            progress(_progress(state, n, stop))
    objective.n_evals += int(state[fields.N_EVALS])
    solution = _solution(state, n)
    if needs_refinement(objective, solution):
        return refined(objective, solution, lower, upper, stop)
    return solution


def _start(
    theta: FloatArray, lower: FloatArray, upper: FloatArray, stop: Stop
) -> FloatArray:
    n = len(theta)
    state = _blank(n, stop).copy()
    vectors = _vectors(state, n)
    vectors[fields.THETA] = theta
    vectors[fields.LOWER] = lower
    vectors[fields.UPPER] = upper
    return state


@lru_cache(maxsize=64)
def _blank(n: int, stop: Stop) -> FloatArray:
    """State before its first evaluation."""
    state = np.zeros(fields.state_size(n))
    state[fields.N_STEPS] = -1.0
    state[fields.FTOL] = stop.ftol
    state[fields.XTOL] = stop.xtol
    state[fields.GTOL] = stop.gtol
    state[fields.MAX_STEPS] = stop.max_steps
    return state


def _vectors(state: FloatArray, n: int) -> FloatArray:
    return state[fields.HEADER : fields.HEADER + fields.N_VECTORS * n].reshape(
        fields.N_VECTORS, n
    )


def _progress(state: FloatArray, n: int, stop: Stop) -> Progress:
    theta = _vectors(state, n)[fields.THETA].copy()
    return Progress(
        int(state[fields.N_STEPS]), stop.max_steps, float(state[fields.COST]), theta
    )


def _solution(state: FloatArray, n: int) -> Solution:
    header = state[: fields.HEADER].tolist()
    vectors = _vectors(state, n)
    status, condition = STATUSES[header[fields.STATUS]], header[fields.CONDITION]
    covariance = state[-n * n :].reshape(n, n)
    if status is Status.NOT_FINITE_AT_START or not isfinite(condition):
        covariance = np.full((n, n), np.nan)
    return Solution(
        vectors[fields.THETA],
        header[fields.COST],
        status,
        int(header[fields.N_STEPS]),
        int(header[fields.N_EVALS]),
        covariance,
        condition,
        vectors[fields.HELD].astype(np.int64),
        header[fields.OPTIMALITY],
        vectors[fields.GRADIENT],
    )


def _nothing_free(objective: Objective) -> Solution:
    nothing = np.empty(0)
    return Solution(
        nothing,
        objective.cost(nothing),
        Status.NOTHING_FREE,
        0,
        1,
        np.empty((0, 0)),
        1.0,
        np.empty(0, dtype=np.int64),
        0.0,
        nothing,
    )
