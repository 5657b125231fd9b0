"""One bounded Levenberg-Marquardt step, shared by every driver.

For the cost C(x) with gradient g and Gauss-Newton matrix G the step p solves

    minimise  g.p + p.G.p / 2   subject to  |D p| <= delta,  lower <= x + p <= upper .

Without bounds this is Moré's method (The Levenberg-Marquardt algorithm: implementation
and theory, 1978): p = -(G + lambda D^2)^-1 g with the lambda that makes |D p| = delta,
found by a safeguarded Newton iteration; D is Marquardt's scaling, the largest root of
each diagonal entry of G so far, so it only grows. The radius delta follows the gain
ratio of the actual to the predicted decrease.

Bounds are handled by an active set. A parameter on a bound is held if the gradient
pushes it outwards; there it fulfils the optimality conditions (its multiplier has the
right sign), and it is released as soon as the gradient points inwards. If a step leaves
the box, the parameters that do are moved exactly to their bound, and the others solve
the same problem again given that move, until none leaves (at most P rounds).

A driver alternates `propose` (next trial parameters, or why there are none) and
`judge` (cost, gradient and matrix at the trial: accept or not, next radius). The
state is one array of doubles, so it can be stored, resumed, or have a million
siblings. A cost, a gradient or a diagonal that is not finite rejects the trial. A
cost at the floor, the rounding of the data, is an exact fit: below it differences of
costs mean nothing. So they do for a step predicted to gain less than ftol: it is
taken, a last Newton step, and not evaluated, and the fit has converged.
"""

from __future__ import annotations

import math
from typing import Any

from physfit.engine.abi import offset
from physfit.engine.dense import cholesky, dot, norm, solve, solve_lower
from physfit.engine.roles import routine

__all__ = ["begin", "judge", "propose", "state_size"]

# Header of the state.
STATUS = 0
COST = 1
TRIAL_COST = 2
DELTA = 3
LAMBDA = 4
PREDICTED = 5
STEP_NORM = 6
N_STEPS = 7
N_EVALS = 8
FTOL = 9
XTOL = 10
GTOL = 11
MAX_STEPS = 12
OPTIMALITY = 13
CONDITION = 14
NOT_FINITE = 15
FLOOR = 16
HEADER = 17
# Vectors of the state.
THETA = 0
TRIAL = 1
LOWER = 2
UPPER = 3
GRADIENT = 4
TRIAL_GRADIENT = 5
SCALE = 6
STEP = 7
HELD = 8
RIGHT = 9
N_VECTORS = 10
# Matrices of the state.
MATRIX = 0
TRIAL_MATRIX = 1
FACTOR = 2
INVERSE = 3
N_MATRICES = 4

# Status numbers; the sentences stand in solve.base.Status.
RUNNING = 0
FTOL_REACHED = 1
XTOL_REACHED = 2
GTOL_REACHED = 3
EXACT = 4
MAX_STEPS_REACHED = 20
NOT_FINITE_AT_START = 21
NOT_FINITE_AROUND = 22
STALLED = 23

FIRST_RADIUS = 100.0
GOOD_ENOUGH = 1e-4
EPSILON = 2.220446049250313e-16
#: A stall with less than this share of the cost left to gain is an arrival.
NEGLIGIBLE = 1e-10


def state_size(n: int) -> int:
    """Doubles in the state of a fit of `n` free parameters."""
    return HEADER + N_VECTORS * n + N_MATRICES * n * n


@routine
def vector(state: Any, n: Any, number: Any) -> Any:
    """Vector `number` of the state."""
    return offset(state, HEADER + number * n)


@routine
def matrix(state: Any, n: Any, number: Any) -> Any:
    """Matrix `number` of the state."""
    return offset(state, HEADER + N_VECTORS * n + number * n * n)


@routine
def begin(state: Any, n: Any, cost: Any) -> None:
    """Take in cost, trial gradient and trial matrix of the start values."""
    state[N_EVALS] += 1.0
    if not math.isfinite(cost):
        state[STATUS] = NOT_FINITE_AT_START
        state[COST] = cost
        return
    scales = vector(state, n, SCALE)
    for k in range(n):
        scales[k] = 0.0
    _take(state, n, cost, vector(state, n, THETA))
    length = norm(scales, vector(state, n, THETA), n)
    state[DELTA] = FIRST_RADIUS * length if length > 0.0 else FIRST_RADIUS
    state[LAMBDA] = 0.0


@routine
def propose(state: Any, n: Any) -> None:
    """Next trial parameters, or a status that says why there are none."""
    hold_active(state, n)
    state[OPTIMALITY] = optimality(state, n)
    if state[COST] <= state[FLOOR]:
        state[STATUS] = EXACT
    elif state[OPTIMALITY] <= state[GTOL]:
        state[STATUS] = GTOL_REACHED
    elif state[N_STEPS] >= state[MAX_STEPS]:
        state[STATUS] = MAX_STEPS_REACHED
    else:
        _find_step(state, n)
        if state[STATUS] == RUNNING and state[PREDICTED] <= state[FTOL] * state[COST]:
            _arrive(state, n)


@routine
def _arrive(state: Any, n: Any) -> None:
    """Take a step whose gain is below what a cost can show, without evaluating it."""
    theta = vector(state, n, THETA)
    trial = vector(state, n, TRIAL)
    for k in range(n):
        theta[k] = trial[k]
    state[STATUS] = FTOL_REACHED


@routine
def judge(state: Any, n: Any, cost: Any) -> None:
    """Accept or reject the trial of that cost; next radius, or a final status."""
    state[N_STEPS] += 1.0
    state[N_EVALS] += 1.0
    state[TRIAL_COST] = cost
    finite = math.isfinite(cost)
    state[NOT_FINITE] = 0.0 if finite else 1.0
    before = state[COST]
    actual = (before - cost) / before if finite else -1.0
    predicted = state[PREDICTED] / before
    ratio = actual / predicted
    _set_radius(state, n, actual, ratio, finite)
    if finite and ratio >= GOOD_ENOUGH:
        _take(state, n, cost, vector(state, n, TRIAL))
    length = norm(vector(state, n, SCALE), vector(state, n, THETA), n)
    if finite and math.fabs(actual) <= state[FTOL] and predicted <= state[FTOL]:
        state[STATUS] = FTOL_REACHED
    elif state[DELTA] <= max(state[XTOL], EPSILON) * length or state[DELTA] < 1e-300:
        if not finite:
            state[STATUS] = NOT_FINITE_AROUND
        elif predicted <= NEGLIGIBLE:
            state[STATUS] = XTOL_REACHED
        elif state[DELTA] <= EPSILON * length:
            state[STATUS] = STALLED


@routine
def hold_active(state: Any, n: Any) -> None:
    """Hold parameters on a bound that the gradient pushes outwards."""
    theta = vector(state, n, THETA)
    lower = vector(state, n, LOWER)
    upper = vector(state, n, UPPER)
    gradient = vector(state, n, GRADIENT)
    held = vector(state, n, HELD)
    for k in range(n):
        held[k] = 0.0
        if theta[k] <= lower[k] and gradient[k] >= 0.0:
            held[k] = -1.0
        elif theta[k] >= upper[k] and gradient[k] <= 0.0:
            held[k] = 1.0


@routine
def optimality(state: Any, n: Any) -> Any:
    """Largest cosine between the residuals and a free column of the Jacobian."""
    gradient = vector(state, n, GRADIENT)
    gauss_newton = matrix(state, n, MATRIX)
    held = vector(state, n, HELD)
    length = math.sqrt(2.0 * math.fabs(state[COST]))
    largest = 0.0
    for k in range(n):
        column = math.sqrt(gauss_newton[k * n + k])
        if held[k] == 0.0 and column > 0.0 and length > 0.0:
            largest = max(largest, math.fabs(gradient[k]) / (column * length))
    return largest


@routine
def _take(state: Any, n: Any, cost: Any, theta: Any) -> None:
    """The trial becomes the current point; the scaling grows where it must."""
    current = vector(state, n, THETA)
    gradient = vector(state, n, GRADIENT)
    gauss_newton = matrix(state, n, MATRIX)
    scales = vector(state, n, SCALE)
    new_gradient = vector(state, n, TRIAL_GRADIENT)
    new_matrix = matrix(state, n, TRIAL_MATRIX)
    for k in range(n * n):
        gauss_newton[k] = new_matrix[k]
    for k in range(n):
        current[k] = theta[k]
        gradient[k] = new_gradient[k]
        root = math.sqrt(new_matrix[k * n + k])
        if root > scales[k]:
            scales[k] = root
        elif scales[k] == 0.0:
            scales[k] = 1.0
    state[COST] = cost


@routine
def _set_radius(state: Any, n: Any, actual: Any, ratio: Any, finite: Any) -> None:
    """Moré's rules: shrink below a gain of 1/4, grow above 3/4."""
    length = state[STEP_NORM]
    if not finite:
        state[DELTA] = 0.25 * min(state[DELTA], length)
        state[LAMBDA] = 4.0 * state[LAMBDA]
    elif ratio <= 0.25:
        shrink = 0.5
        if actual < 0.0:
            slope = dot(vector(state, n, GRADIENT), vector(state, n, STEP), n)
            slope = slope / state[COST]
            shrink = 0.5 * slope / (slope + actual) if slope + actual < 0.0 else 0.1
            shrink = max(min(shrink, 0.5), 0.1)
        state[DELTA] = shrink * min(state[DELTA], 10.0 * length)
        state[LAMBDA] = state[LAMBDA] / shrink
    elif state[LAMBDA] == 0.0 or ratio >= 0.75:
        state[DELTA] = max(2.0 * length, state[DELTA] if ratio < 0.75 else 0.0)
        state[LAMBDA] = 0.5 * state[LAMBDA]


@routine
def _find_step(state: Any, n: Any) -> None:
    """Step within radius and bounds that the quadratic model predicts to gain."""
    for _ in range(60):
        hold_active(state, n)
        _radius_step(state, n)
        _into_box(state, n)
        if _predict(state, n):
            return
        state[DELTA] *= 0.25
        state[LAMBDA] = max(4.0 * state[LAMBDA], 1e-12)
    state[STATUS] = STALLED


@routine
def _predict(state: Any, n: Any) -> Any:
    """Trial parameters and predicted decrease; whether it is a decrease."""
    theta = vector(state, n, THETA)
    trial = vector(state, n, TRIAL)
    lower = vector(state, n, LOWER)
    upper = vector(state, n, UPPER)
    step = vector(state, n, STEP)
    gauss_newton = matrix(state, n, MATRIX)
    gain = -dot(vector(state, n, GRADIENT), step, n)
    for k in range(n):
        gain -= 0.5 * step[k] * dot(offset(gauss_newton, k * n), step, n)
        trial[k] = min(max(theta[k] + step[k], lower[k]), upper[k])
    state[PREDICTED] = gain
    state[STEP_NORM] = norm(vector(state, n, SCALE), step, n)
    return gain > 0.0


@routine
def _solve_at(state: Any, n: Any, shift: Any) -> Any:
    """Step for a lambda; False if the matrix is not positive definite."""
    factor = matrix(state, n, FACTOR)
    held = vector(state, n, HELD)
    gauss_newton = matrix(state, n, MATRIX)
    if not cholesky(gauss_newton, shift, vector(state, n, SCALE), held, n, factor):
        return False
    step = vector(state, n, STEP)
    gradient = vector(state, n, GRADIENT)
    for k in range(n):
        step[k] = -gradient[k] if held[k] == 0.0 else 0.0
    solve(factor, n, step)
    return True


@routine
def _newton(state: Any, n: Any, excess: Any) -> Any:
    """Newton correction of lambda for the current factor and step."""
    scales = vector(state, n, SCALE)
    step = vector(state, n, STEP)
    right = vector(state, n, RIGHT)
    length = norm(scales, step, n)
    for k in range(n):
        right[k] = scales[k] * scales[k] * step[k] / length
    solve_lower(matrix(state, n, FACTOR), n, right)
    return excess / state[DELTA] / dot(right, right, n)


@routine
def _radius_step(state: Any, n: Any) -> None:
    """Moré's iteration for lambda: |D p| within 10 % of the radius, or shorter."""
    scales = vector(state, n, SCALE)
    step = vector(state, n, STEP)
    delta = state[DELTA]
    low = 0.0
    regular = _solve_at(state, n, 0.0)
    if regular:
        excess = norm(scales, step, n) - delta
        if excess <= 0.1 * delta:
            state[LAMBDA] = 0.0
            return
        low = _newton(state, n, excess)
    high = _steepest(state, n) / delta
    if high == 0.0:
        high = 1e-300 / min(delta, 0.1)
    shift = min(max(state[LAMBDA], low), high)
    if shift == 0.0:
        shift = 1e-3 * high
    for _ in range(12):
        shift = max(shift, 1e-3 * high) if shift == 0.0 else shift
        if not _solve_at(state, n, shift):
            low = max(low, shift)
            shift = max(10.0 * shift, 1e-14)
            high = max(high, shift)
            continue
        excess = norm(scales, step, n) - delta
        if math.fabs(excess) <= 0.1 * delta or (
            not regular and low == 0.0 and excess < 0.0
        ):
            break
        correction = _newton(state, n, excess)
        if excess > 0.0:
            low = max(low, shift)
        else:
            high = min(high, shift)
        shift = max(low, shift + correction)
    state[LAMBDA] = shift


@routine
def _steepest(state: Any, n: Any) -> Any:
    """Length of D^-1 g over the parameters that are not held."""
    scales = vector(state, n, SCALE)
    gradient = vector(state, n, GRADIENT)
    held = vector(state, n, HELD)
    total = 0.0
    for k in range(n):
        if held[k] == 0.0:
            total += (gradient[k] / scales[k]) ** 2
    return math.sqrt(total)


@routine
def _into_box(state: Any, n: Any) -> None:
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
        _solve_rest(state, n)


@routine
def _solve_rest(state: Any, n: Any) -> None:
    """Step of the parameters that are not held, given the step of those that are."""
    step = vector(state, n, STEP)
    held = vector(state, n, HELD)
    right = vector(state, n, RIGHT)
    gradient = vector(state, n, GRADIENT)
    gauss_newton = matrix(state, n, MATRIX)
    factor = matrix(state, n, FACTOR)
    for k in range(n):
        right[k] = 0.0
        if held[k] == 0.0:
            right[k] = -gradient[k]
            for j in range(n):
                if held[j] != 0.0:
                    right[k] -= gauss_newton[k * n + j] * step[j]
    scales = vector(state, n, SCALE)
    if not cholesky(gauss_newton, state[LAMBDA], scales, held, n, factor):
        for k in range(n):
            right[k] = 0.0
    else:
        solve(factor, n, right)
    for k in range(n):
        if held[k] == 0.0:
            step[k] = right[k]
