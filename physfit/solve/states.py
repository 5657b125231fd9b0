"""The state of a compiled fit, as Python writes and reads it."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from math import isfinite

import numpy as np

from physfit.engine import state as fields
from physfit.engine.linear_solver import DENSE
from physfit.engine.state import FitState
from physfit.solve.base import Progress, Solution, Status, Stop
from physfit.solve.derivatives import solution_at
from physfit.typing import FloatArray

__all__ = ["nothing_free", "progress_of", "solution_of", "start_state", "vectors_of"]

STATUSES = {float(status): status for status in Status}


def start_state(
    theta: FloatArray, lower: FloatArray, upper: FloatArray, stop: Stop
) -> FloatArray:
    """State before its first evaluation, at start values inside their bounds."""
    n = len(theta)
    state = _blank(n, stop).copy()
    vectors = vectors_of(state, n)
    vectors[fields.THETA] = theta
    vectors[fields.LOWER] = lower
    vectors[fields.UPPER] = upper
    return state


@lru_cache(maxsize=64)
def _blank(n: int, stop: Stop) -> FloatArray:
    """The same without start values."""
    state = np.zeros(fields.state_size(n, DENSE.size(n)))
    state[FitState.n_steps] = state[FitState.squares] = -1.0
    state[FitState.ftol] = stop.ftol
    state[FitState.xtol] = stop.xtol
    state[FitState.gtol] = stop.gtol
    state[FitState.max_steps] = stop.max_steps
    return state


def vectors_of(state: FloatArray, n: int) -> FloatArray:
    """Vectors of the state as rows of a view."""
    return state[FitState.SIZE : FitState.SIZE + fields.N_VECTORS * n].reshape(
        fields.N_VECTORS, n
    )


def progress_of(state: FloatArray, n: int, stop: Stop) -> Progress:
    """What a progress callback is told."""
    theta = vectors_of(state, n)[fields.THETA].copy()
    return Progress(
        int(state[FitState.n_steps]),
        stop.max_steps,
        float(state[FitState.cost]),
        theta,
    )


def solution_of(state: FloatArray, n: int) -> Solution:
    """Solution that the state of a fit that has ended stands for."""
    header = state[: FitState.SIZE].tolist()
    vectors = vectors_of(state, n)
    status, condition = (
        STATUSES[header[FitState.status]],
        header[FitState.condition],
    )
    covariance = state[-n * n :].reshape(n, n)
    if status is Status.NOT_FINITE_AT_START or not isfinite(condition):
        covariance = np.full((n, n), np.nan)
    return Solution(
        vectors[fields.THETA],
        header[FitState.cost],
        status,
        int(header[FitState.n_steps]),
        int(header[FitState.n_evals]),
        covariance,
        condition,
        vectors[fields.HELD].astype(np.int64),
        header[FitState.optimality],
        vectors[fields.GRADIENT],
    )


def nothing_free(cost: Callable[[FloatArray], float]) -> Solution:
    """Solution where every parameter is fixed or tied."""
    nothing = np.empty(0)
    return solution_at(
        *(nothing, cost(nothing), nothing, np.empty((0, 0))),
        np.empty(0, dtype=np.int64),
        status=Status.NOTHING_FREE,
        n_steps=0,
        n_evals=1,
    )
