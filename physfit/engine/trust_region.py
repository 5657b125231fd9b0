"""The step of the quadratic model within radius and bounds.

How the Gauss-Newton matrix is stored and its equations are solved is the business of
the `solver` alone, a `LinearSolver`.
"""

from __future__ import annotations

import math
from typing import Any

from physfit.engine.dense import dot, fill, norm
from physfit.engine.roles import routine
from physfit.engine.state import INTO_BOUND, STALLED, hold_active

__all__ = ["find_step", "newton_gain"]


@routine
def find_step(state: Any, v: Any, n: Any) -> None:
    """Step within radius and bounds that the quadratic model predicts to gain.

    The parameters that are active have been held.
    """
    for _ in range(60):
        is_whole = _radius_step(state, v, n)
        if _into_box(state, v, n) or not is_whole:
            state.step_norm = norm(v.scale, v.step, n)
        if _predict(state, v, n):
            return
        state.delta *= 0.25
        state.damping = max(4.0 * state.damping, 1e-12)
        hold_active(v, n)
    state.status = STALLED


@routine
def _predict(state: Any, v: Any, n: Any) -> Any:
    """Trial parameters and predicted decrease; whether it is a decrease."""
    gain = -dot(v.gradient, v.step, n)
    for k in range(n):
        gain -= 0.5 * v.step[k] * v.solver.row_times(v.matrix, n, k, v.step)
        v.trial[k] = min(max(v.theta[k] + v.step[k], v.lower[k]), v.upper[k])
    state.predicted = gain
    return gain > 0.0


@routine
def _solve_at(v: Any, n: Any, shift: Any) -> Any:
    """Step for a lambda; False if the matrix is not positive definite."""
    if not v.solver.factorise(v.matrix, shift, v.scale, v.held, n, v.factor):
        return False
    for k in range(n):
        v.step[k] = -v.gradient[k] if v.held[k] == 0.0 else 0.0
    v.solver.solve(v.factor, n, v.step)
    return True


@routine
def newton_gain(v: Any, n: Any) -> Any:
    """Gain of a whole Newton step; infinite if the matrix is not positive definite.

    The parameters that are active have been held; overwrites the step.
    """
    if not _solve_at(v, n, 0.0):
        return math.inf
    return -0.5 * dot(v.gradient, v.step, n)


@routine
def _newton(state: Any, v: Any, n: Any, excess: Any) -> Any:
    """Newton correction of lambda for the current factor and step."""
    length = norm(v.scale, v.step, n)
    for k in range(n):
        v.right[k] = v.scale[k] * v.step[k] / length
    return excess / state.delta / v.solver.form(v.factor, n, v.right)


@routine
def _radius_step(state: Any, v: Any, n: Any) -> Any:
    """Moré's iteration for lambda: |D p| within 10 % of the radius, or shorter.

    True for a whole Newton step, whose length is kept.
    """
    delta = state.delta
    low = 0.0
    regular = _solve_at(v, n, 0.0)
    if regular:
        state.step_norm = norm(v.scale, v.step, n)
        excess = state.step_norm - delta
        if excess <= 0.1 * delta:
            state.damping = 0.0
            return True
        low = _newton(state, v, n, excess)
    high = _steepest(v, n) / delta
    if high == 0.0:
        high = 1e-300 / min(delta, 0.1)
    shift = min(max(state.damping, low), high)
    if shift == 0.0:
        shift = 1e-3 * high
    for _ in range(12):
        shift = max(shift, 1e-3 * high) if shift == 0.0 else shift
        if not _solve_at(v, n, shift):
            low = max(low, shift)
            shift = max(10.0 * shift, 1e-14)
            high = max(high, shift)
            continue
        excess = norm(v.scale, v.step, n) - delta
        if math.fabs(excess) <= 0.1 * delta or (
            not regular and low == 0.0 and excess < 0.0
        ):
            break
        correction = _newton(state, v, n, excess)
        if excess > 0.0:
            low = max(low, shift)
        else:
            high = min(high, shift)
        shift = max(low, shift + correction)
    state.damping = shift
    return False


@routine
def _steepest(v: Any, n: Any) -> Any:
    """Length of D^-1 g over the parameters that are not held."""
    total = 0.0
    for k in range(n):
        if v.held[k] == 0.0:
            total += v.gradient[k] * v.gradient[k] / v.scale[k]
    return math.sqrt(total)


@routine
def _into_box(state: Any, v: Any, n: Any) -> Any:
    """Move what leaves the box to its bound; the others solve again given that.

    Whether something did.
    """
    for number in range(n):
        leaves = False
        for k in range(n):
            if v.held[k] != 0.0:
                continue
            room = 0.0
            if v.theta[k] + v.step[k] < v.lower[k]:
                room = v.lower[k] - v.theta[k]
            elif v.theta[k] + v.step[k] > v.upper[k]:
                room = v.upper[k] - v.theta[k]
            else:
                continue
            v.step[k] = room
            v.held[k] = INTO_BOUND
            leaves = True
        if not leaves:
            return number > 0
        _solve_rest(state, v, n)
    return True


@routine
def _solve_rest(state: Any, v: Any, n: Any) -> None:
    """Step of the parameters that are not held, given the step of those that are."""
    for k in range(n):
        v.right[k] = -v.gradient[k] if v.held[k] == 0.0 else 0.0
    v.solver.subtract_held(v.matrix, n, v.held, v.step, v.right)
    if not v.solver.factorise(v.matrix, state.damping, v.scale, v.held, n, v.factor):
        fill(v.right, 0.0, n)
    else:
        v.solver.solve(v.factor, n, v.right)
    for k in range(n):
        if v.held[k] == 0.0:
            v.step[k] = v.right[k]
