"""Levenberg-Marquardt over a file: the compiled steps, one pass per evaluation.

The steps are those of a fit in memory; only the sums come from `StreamedObjective`. So
the answer is the exact least-squares answer, after some ten passes. Where the normal
equations have lost their digits, the triangular factor of the Jacobian finishes the fit
(`refine`), also window by window.
"""

from __future__ import annotations

from physfit.engine import fit, jit
from physfit.engine import state as fields
from physfit.engine.problem import address_of
from physfit.engine.state import FitState
from physfit.solve.base import ProgressCallback, Solution, Stop
from physfit.solve.refine import lost_digits, refined
from physfit.solve.states import (
    nothing_free,
    progress_of,
    solution_of,
    start_state,
    vectors_of,
)
from physfit.solve.sums import StreamedObjective
from physfit.typing import FloatArray

__all__ = ["streamed_levenberg_marquardt"]

DEFAULT = Stop()


def streamed_levenberg_marquardt(
    objective: StreamedObjective,
    theta: FloatArray,
    lower: FloatArray,
    upper: FloatArray,
    *,
    stop: Stop | None = None,
    progress: ProgressCallback | None = None,
    damped: bool = True,
) -> Solution:
    """Minimum of a streamed objective within bounds.

    Parameters
    ----------
    objective : StreamedObjective
    theta, lower, upper : ndarray, shape (P,)
        Start values inside their bounds.
    stop : Stop, optional
    progress : callable, optional
        Called with a `Progress` after every pass but the last.
    damped : bool
        Whether the first step is cut to a radius; otherwise it is a whole Gauss-Newton
        step, and only one that fails makes a radius.

    Returns
    -------
    Solution
        Not converging is a status, not an error.
    """
    stop = DEFAULT if stop is None else stop.checked()
    n = objective.n_free
    if n == 0:
        return nothing_free(objective.cost)
    state = start_state(theta, lower, upper, stop)
    state[FitState.floor] = objective.rounding
    cost = _evaluate(objective, state, fields.THETA)
    start, go_on = jit.compiled(fit.start_fit).call, jit.compiled(fit.continue_fit).call
    ended = start(address_of(state), n, objective.squares, cost, damped)
    while not ended:
        if progress is not None:
            progress(progress_of(state, n, stop))
        cost = _evaluate(objective, state, fields.TRIAL)
        ended = go_on(address_of(state), n, cost)
    solution = solution_of(state, n)
    if lost_digits(solution):
        return refined(objective, solution, lower, upper, stop)
    return solution


def _evaluate(objective: StreamedObjective, state: FloatArray, number: int) -> float:
    """Cost at a vector of the state; gradient and matrix go to those of the trial."""
    n = objective.n_free
    vectors = vectors_of(state, n)
    cost, gradient, matrix = objective.normal(vectors[number])
    vectors[fields.TRIAL_GRADIENT] = gradient
    first = FitState.SIZE + fields.N_VECTORS * n + fields.TRIAL_MATRIX * n * n
    state[first : first + n * n] = matrix.ravel()
    return cost
