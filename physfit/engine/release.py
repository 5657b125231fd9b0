"""Release of parameters on which the model does not depend to first order.

A Voigt profile is even in sigma, so its partial vanishes at sigma = 0, and with it the
gradient, whatever the data: a fit that begins or arrives there fulfils the conditions
of a minimum to first order, even where a larger sigma has a lower cost. The same holds
for an oscillator without a spring and for spins without a coupling.

So a fit that has converged with such a parameter is examined at a distance d from it so
small that only the second derivatives count: the gradient there is g = c d, with the
curvature c of the cost, and the Gauss-Newton diagonal is D = F d^2. At other distances
s the cost changes by c s^2 / 2 + F s^4 / 8. Where c < 0 this has its minimum, which
gains g^2 / (2 D), at s^2 = -2 d g / D, and the fit goes on from the longest half of
that step that lowers the cost. Otherwise it has converged indeed.
"""

from __future__ import annotations

import math
from typing import Any

from physfit.engine.roles import routine
from physfit.engine.state import EXACT, RUNNING

__all__ = ["examine", "judge_release", "propose_release"]

#: Distance of the examination from 0: squares of partials there are still in range.
TINY = 1e-60
#: The same from another value, in units of it.
RELATIVE = 1e-8
#: A gain below this share of the cost is rounding.
ROUNDING = 1e-14
#: Share of the step down to which it is halved.
SHORTEST = 1e-3


@routine
def examine(state: Any, v: Any, n: Any) -> None:
    """Let a fit that has converged go on, if a parameter's column vanishes."""
    if state.status == RUNNING or state.status >= EXACT:
        return
    vanishing = 0
    for k in range(n):
        if _vanishes(v, n, k):
            vanishing += 1
    if vanishing > 0 and state.n_steps < state.max_steps:
        state.kept = state.status
        state.status = RUNNING
        state.leap = 0.0


@routine
def propose_release(state: Any, v: Any, n: Any) -> None:
    """Trial parameters: at first those of the examination, then the release."""
    if state.leap == 0.0:
        for k in range(n):
            v.step[k] = _distance(v, k) if _vanishes(v, n, k) else 0.0
    share = state.leap if state.leap > 0.0 else 1.0
    for k in range(n):
        moved = v.theta[k] + share * v.step[k]
        v.trial[k] = min(max(moved, v.lower[k]), v.upper[k])


@routine
def judge_release(state: Any, v: Any, n: Any, cost: Any) -> Any:
    """Whether the trial lowers the cost; if none will, the fit ends as it had."""
    if state.leap == 0.0:
        gain = _set_step(v, n) if math.isfinite(cost) else 0.0
        if gain > max(max(state.ftol, ROUNDING) * state.cost, 0.01 * state.floor):
            state.leap = 1.0
            return False
    elif cost < state.cost:
        state.kept = 0.0
        return True
    else:
        state.leap *= 0.5
        if state.leap > SHORTEST and state.n_steps < state.max_steps:
            return False
    state.status = state.kept
    state.kept = 0.0
    return False


@routine
def _vanishes(v: Any, n: Any, k: Any) -> Any:
    """Whether the model does not depend on a parameter to first order."""
    return v.gradient[k] == 0.0 and v.solver.diagonal(v.matrix, n, k) == 0.0


@routine
def _distance(v: Any, k: Any) -> Any:
    """Where a parameter is examined, into its bounds."""
    distance = max(TINY, RELATIVE * math.fabs(v.theta[k]))
    return -distance if v.theta[k] >= v.upper[k] else distance


@routine
def _set_step(v: Any, n: Any) -> Any:
    """Put the release in place of the distances; what it is predicted to gain.

    Parameters that are released get Marquardt's scaling anew.
    """
    total = 0.0
    for k in range(n):
        distance, slope = v.step[k], v.trial_gradient[k]
        diagonal = v.solver.diagonal(v.trial_matrix, n, k)
        v.step[k] = 0.0
        if distance * slope < 0.0 and diagonal > 0.0:
            length = math.sqrt(-2.0 * distance * slope / diagonal)
            v.step[k] = math.copysign(length, distance)
            v.scale[k] = 0.0
            total += slope * slope / (2.0 * diagonal)
    return total
