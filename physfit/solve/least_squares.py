"""Levenberg-Marquardt in memory: the compiled fit, called in rounds.

Small problems take one call. Large ones return to Python every so many samples, so that
a progress callback is told and Ctrl-C is seen.
"""

from __future__ import annotations

from physfit.engine import fit, jit
from physfit.engine.state import FitState
from physfit.engine.workers import check
from physfit.joint_objective import JointObjective
from physfit.objective import Objective
from physfit.solve.base import ProgressCallback, Solution, Stop
from physfit.solve.refine import needs_refinement, refined
from physfit.solve.states import (
    nothing_free,
    progress_of,
    solution_of,
    start_state,
)
from physfit.typing import FloatArray

__all__ = ["levenberg_marquardt"]

#: Samples evaluated before compiled code returns to Python: some 50 ms.
SAMPLES_PER_ROUND = 2_000_000
DEFAULT = Stop()


def levenberg_marquardt(
    objective: Objective | JointObjective,
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
    objective : Objective or JointObjective
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
        return nothing_free(objective.cost)
    state = start_state(theta, lower, upper, stop)
    state[FitState.floor] = objective.rounding
    if isinstance(objective, JointObjective):
        state[FitState.squares] = objective.squares
    n_samples = max(1, objective.n_samples)
    budget = 1 if progress else max(1, SAMPLES_PER_ROUND // n_samples)
    call = jit.compiled(fit.run_fit).call
    sums, problem = objective.sums, objective.address
    while not call(sums, problem, state.ctypes.data, n, budget):
        check()
        if progress is not None:
            progress(progress_of(state, n, stop))
    objective.n_evals += int(state[FitState.n_evals])
    solution = solution_of(state, n)
    if needs_refinement(objective, solution):
        return refined(objective, solution, lower, upper, stop)
    return solution
