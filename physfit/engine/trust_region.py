"""The step of the quadratic model within radius and bounds.

How the Gauss-Newton matrix is stored and its equations are solved is the business of
the `solver` alone, a `LinearSolver`.
"""

from __future__ import annotations

import math
from typing import Any

from physfit.engine.dense import dot, fill, norm
from physfit.engine.roles import routine
from physfit.engine.state import (
    FACTOR,
    GRADIENT,
    HELD,
    LOWER,
    MATRIX,
    RIGHT,
    SCALE,
    STALLED,
    STEP,
    THETA,
    TRIAL,
    UPPER,
    hold_active,
    matrix,
    vector,
)

__all__ = ["find_step"]


@routine
def find_step(state: Any, n: Any, solver: Any) -> None:
    """Step within radius and bounds that the quadratic model predicts to gain.

    The parameters that are active have been held.
    """
    for _ in range(60):
        _radius_step(state, n, solver)
        _into_box(state, n, solver)
        if _predict(state, n, solver):
            return
        state.delta *= 0.25
        state.damping = max(4.0 * state.damping, 1e-12)
        hold_active(state, n)
    state.status = STALLED


@routine
def _predict(state: Any, n: Any, solver: Any) -> Any:
    """Trial parameters and predicted decrease; whether it is a decrease."""
    theta = vector(state, n, THETA)
    trial = vector(state, n, TRIAL)
    lower = vector(state, n, LOWER)
    upper = vector(state, n, UPPER)
    step = vector(state, n, STEP)
    gauss_newton = matrix(state, n, MATRIX, solver)
    gain = -dot(vector(state, n, GRADIENT), step, n)
    for k in range(n):
        gain -= 0.5 * step[k] * solver.row_times(gauss_newton, n, k, step)
        trial[k] = min(max(theta[k] + step[k], lower[k]), upper[k])
    state.predicted = gain
    state.step_norm = norm(vector(state, n, SCALE), step, n)
    return gain > 0.0


@routine
def _solve_at(state: Any, n: Any, shift: Any, solver: Any) -> Any:
    """Step for a lambda; False if the matrix is not positive definite."""
    factor = matrix(state, n, FACTOR, solver)
    held = vector(state, n, HELD)
    gauss_newton = matrix(state, n, MATRIX, solver)
    if not solver.factorise(
        gauss_newton, shift, vector(state, n, SCALE), held, n, factor
    ):
        return False
    step = vector(state, n, STEP)
    gradient = vector(state, n, GRADIENT)
    for k in range(n):
        step[k] = -gradient[k] if held[k] == 0.0 else 0.0
    solver.solve(factor, n, step)
    return True


@routine
def _newton(state: Any, n: Any, excess: Any, solver: Any) -> Any:
    """Newton correction of lambda for the current factor and step."""
    scales = vector(state, n, SCALE)
    step = vector(state, n, STEP)
    right = vector(state, n, RIGHT)
    length = norm(scales, step, n)
    for k in range(n):
        right[k] = scales[k] * step[k] / length
    return (
        excess / state.delta / solver.form(matrix(state, n, FACTOR, solver), n, right)
    )


@routine
def _radius_step(state: Any, n: Any, solver: Any) -> None:
    """Moré's iteration for lambda: |D p| within 10 % of the radius, or shorter."""
    scales = vector(state, n, SCALE)
    step = vector(state, n, STEP)
    delta = state.delta
    low = 0.0
    regular = _solve_at(state, n, 0.0, solver)
    if regular:
        excess = norm(scales, step, n) - delta
        if excess <= 0.1 * delta:
            state.damping = 0.0
            return
        low = _newton(state, n, excess, solver)
    high = _steepest(state, n) / delta
    if high == 0.0:
        high = 1e-300 / min(delta, 0.1)
    shift = min(max(state.damping, low), high)
    if shift == 0.0:
        shift = 1e-3 * high
    for _ in range(12):
        shift = max(shift, 1e-3 * high) if shift == 0.0 else shift
        if not _solve_at(state, n, shift, solver):
            low = max(low, shift)
            shift = max(10.0 * shift, 1e-14)
            high = max(high, shift)
            continue
        excess = norm(scales, step, n) - delta
        if math.fabs(excess) <= 0.1 * delta or (
            not regular and low == 0.0 and excess < 0.0
        ):
            break
        correction = _newton(state, n, excess, solver)
        if excess > 0.0:
            low = max(low, shift)
        else:
            high = min(high, shift)
        shift = max(low, shift + correction)
    state.damping = shift


@routine
def _steepest(state: Any, n: Any) -> Any:
    """Length of D^-1 g over the parameters that are not held."""
    scales = vector(state, n, SCALE)
    gradient = vector(state, n, GRADIENT)
    held = vector(state, n, HELD)
    total = 0.0
    for k in range(n):
        if held[k] == 0.0:
            total += gradient[k] * gradient[k] / scales[k]
    return math.sqrt(total)


@routine
def _into_box(state: Any, n: Any, solver: Any) -> None:
    """Move what leaves the box to its bound; the others solve again given that."""
    theta = vector(state, n, THETA)
    step = vector(state, n, STEP)
    lower = vector(state, n, LOWER)
    upper = vector(state, n, UPPER)
    held = vector(state, n, HELD)
    for _ in range(n):
        leaves = False
        for k in range(n):
            if held[k] != 0.0:
                continue
            room = 0.0
            if theta[k] + step[k] < lower[k]:
                room = lower[k] - theta[k]
            elif theta[k] + step[k] > upper[k]:
                room = upper[k] - theta[k]
            else:
                continue
            step[k] = room
            held[k] = 2.0
            leaves = True
        if not leaves:
            return
        _solve_rest(state, n, solver)


@routine
def _solve_rest(state: Any, n: Any, solver: Any) -> None:
    """Step of the parameters that are not held, given the step of those that are."""
    step = vector(state, n, STEP)
    held = vector(state, n, HELD)
    right = vector(state, n, RIGHT)
    gradient = vector(state, n, GRADIENT)
    gauss_newton = matrix(state, n, MATRIX, solver)
    factor = matrix(state, n, FACTOR, solver)
    for k in range(n):
        right[k] = -gradient[k] if held[k] == 0.0 else 0.0
    solver.subtract_held(gauss_newton, n, held, step, right)
    scales = vector(state, n, SCALE)
    if not solver.factorise(gauss_newton, state.damping, scales, held, n, factor):
        fill(right, 0.0, n)
    else:
        solver.solve(factor, n, right)
    for k in range(n):
        if held[k] == 0.0:
            step[k] = right[k]
