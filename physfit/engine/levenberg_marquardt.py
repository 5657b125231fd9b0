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
the same problem again given that move, until none leaves (at most P rounds). Where the
model does not depend on a parameter to first order, a gradient of 0 says nothing: then
second derivatives decide whether the fit has converged (see `release`).

A driver alternates `propose` (next trial parameters, or why there are none) and `judge`
(cost, gradient and matrix at the trial: accept or not, next radius). The state is a
plain array: checkpoint it, or allocate one per row. A cost, a gradient or a diagonal
that is not finite rejects the trial. A fit has converged when what is left to gain is
below ftol: what the next step is predicted to gain, or, after a whole Newton step, its
own gain times the share by which such gains have been shrinking. A cost at the floor,
the rounding of the data, is an exact fit: below it differences of costs mean nothing.
"""

from __future__ import annotations

import math
from typing import Any

from physfit.engine.dense import copy, dot, fill, norm, square_norm
from physfit.engine.release import examine, judge_release, propose_release
from physfit.engine.roles import routine
from physfit.engine.state import (
    EXACT,
    FTOL_REACHED,
    GTOL_REACHED,
    INTO_BOUND,
    MAX_STEPS_REACHED,
    NOT_FINITE_AROUND,
    NOT_FINITE_AT_START,
    RUNNING,
    STALLED,
    XTOL_REACHED,
    hold_active,
)
from physfit.engine.trust_region import find_step, newton_gain

__all__ = ["begin", "judge", "optimality", "propose"]

FIRST_RADIUS = 100.0
GOOD_ENOUGH = 1e-4
EPSILON = 2.220446049250313e-16
#: Relative rounding of a cost.
ROUNDING = 1e-14
#: Radii beyond it have squares in the range of doubles, or too large.
SHORT = 1e-150
#: A stall with less than this share of the cost left to gain is an arrival.
NEGLIGIBLE = 1e-10
#: A step of this share of the parameters' length takes them far.
WIDE = 0.1
#: Share of the cost that a step may gain after which the next are not looked at.
UNSEEN = 1e-6
#: Share of the cost that the last step may gain, after which it is not evaluated.
LAST = 1e-14
#: Largest share of a step that the next one is believed to be.
MOST_SHRINKING = 0.9
#: Smallest share of a gain that the next one is believed to be: the first steps shrink
#: faster than those at the end.
BELIEVED = 3e-3


@routine
def begin(state: Any, v: Any, n: Any, cost: Any) -> None:
    """Take in cost, trial gradient and trial matrix of the start values."""
    state.n_evals += 1.0
    if not math.isfinite(cost):
        state.status = NOT_FINITE_AT_START
        state.cost = cost
        return
    fill(v.scale, 0.0, n)
    _set_out(state, v, n, cost, v.theta)


@routine
def _set_out(state: Any, v: Any, n: Any, cost: Any, theta: Any) -> None:
    """Steps begin at the trial, with a radius that cuts short the wildest alone."""
    _take(state, v, n, cost, theta)
    length = norm(v.scale, v.theta, n)
    state.delta = FIRST_RADIUS * length if length > 0.0 else FIRST_RADIUS
    state.damping = 0.0
    state.last_predicted = 0.0
    state.arrived = 0.0


@routine
def propose(state: Any, v: Any, n: Any) -> None:
    """Next trial parameters, or a status that says why there are none."""
    if state.kept == 0.0:
        _propose_step(state, v, n)
    if state.kept != 0.0:
        propose_release(state, v, n)


@routine
def _propose_step(state: Any, v: Any, n: Any) -> None:
    """Trial parameters within the radius; the fit may have ended instead."""
    hold_active(v, n)
    if state.cost <= state.floor:
        state.status = EXACT
    elif _is_flat(state, v, n):
        state.status = GTOL_REACHED
    elif state.n_steps >= state.max_steps and state.arrived == 0.0:
        state.status = MAX_STEPS_REACHED
    else:
        find_step(state, v, n)
        is_last = state.arrived != 0.0
        if state.status == RUNNING and not is_last:
            is_last = _is_negligible(state, v, n, state.predicted)
        if is_last:
            _take_last(state, v, n)
            state.status = FTOL_REACHED
        elif state.status == RUNNING and state.ends_unseen != 0.0:
            _end_unseen(state, v, n)
    examine(state, v, n)


@routine
def _take_last(state: Any, v: Any, n: Any) -> None:
    """Take all Newton steps that would follow: what they gain is nothing to speak of.

    It is below the rounding of the cost, but the parameters have some digits more. None
    leads to a bound, where the model has not been looked at.
    """
    if state.status != RUNNING or state.damping > 0.0:
        return
    if not state.predicted <= LAST * state.cost:
        return
    steps = 1.0 / (1.0 - min(state.shrinking, MOST_SHRINKING))
    for k in range(n):
        v.trial[k] = v.theta[k] + steps * v.step[k]
        if v.step[k] != 0.0 and not v.lower[k] < v.trial[k] < v.upper[k]:
            return
    copy(v.theta, v.trial, n)


@routine
def _end_unseen(state: Any, v: Any, n: Any) -> None:
    """Take the step proposed without a look, if the one after it would gain nothing.

    Only a whole Newton step after another, whose gain is small: what it gains is then
    what was predicted, and gradient and matrix are those of the end but for as much.
    A step that ends on a bound is none.
    """
    if state.damping > 0.0 or not state.last_predicted > 0.0:
        return
    if state.predicted > UNSEEN * state.cost:
        return
    for k in range(n):
        if v.held[k] == INTO_BOUND:
            return
    left = max(_remaining(state), BELIEVED * state.predicted)
    if _is_negligible(state, v, n, left):
        copy(v.theta, v.trial, n)
        state.cost -= state.predicted
        state.status = FTOL_REACHED


@routine
def _is_flat(state: Any, v: Any, n: Any) -> Any:
    """Whether the gradient vanishes, within gtol or exactly."""
    if state.gtol > 0.0:
        return optimality(state, v, n) <= state.gtol
    slopes = 0
    for k in range(n):
        if v.held[k] == 0.0 and v.gradient[k] != 0.0:
            slopes += 1
    return slopes == 0


@routine
def _is_negligible(state: Any, v: Any, n: Any, gain: Any) -> Any:
    """Whether a gain is below ftol, or below the rounding of the data.

    What a step can gain that the radius cut short says nothing about the minimum,
    unless it takes the parameters far and gains less than the one before: then the
    minimum is at infinity.
    """
    if state.damping > 0.0 and state.step_norm >= 0.9 * state.delta:
        length = norm(v.scale, v.theta, n)
        if state.delta < WIDE * length or gain >= -state.last_predicted:
            return False
    cost = state.cost
    if state.is_robust != 0.0:
        cost = min(cost, max(state.freedom, 1.0))
    return gain <= max(state.ftol * cost, 0.01 * state.floor)


@routine
def _remaining(state: Any) -> Any:
    """Gain that is left after a whole Newton step.

    Newton steps converge linearly: each is predicted to gain a fixed share of what the
    one before was. That of a step that was cut short is kept with the other sign. Only
    small gains shrink by a share: one after the way from a start far off is as much
    smaller as that was far, which says nothing of the next.
    """
    predicted = state.predicted
    last = state.last_predicted
    if not last > 0.0 or predicted > UNSEEN * state.cost:
        return predicted
    return predicted * min(1.0, predicted / last)


@routine
def judge(state: Any, v: Any, n: Any, cost: Any) -> None:
    """Accept or reject the trial of that cost; next radius, or a final status."""
    state.n_steps += 1.0
    state.n_evals += 1.0
    if state.kept != 0.0:
        if judge_release(state, v, n, cost):
            _set_out(state, v, n, cost, v.trial)
        return
    state.trial_cost = cost
    finite = math.isfinite(cost)
    state.not_finite = 0.0 if finite else 1.0
    before = state.cost
    actual = (before - cost) / before if finite else -1.0
    predicted = state.predicted / before
    ratio = (before - cost) / state.predicted
    whole = state.damping == 0.0
    if finite and _is_rounding(state, max(math.fabs(actual), predicted)):
        # Costs this close differ by rounding only; the gradients are better judges.
        ratio = _gain_by_gradients(v, n) / state.predicted
    arrived = (
        finite
        and state.ends_unseen == 0.0
        and 0.5 <= ratio <= 2.0
        and _is_negligible(state, v, n, _remaining(state))
    )
    _set_radius(state, v, n, actual, ratio, finite)
    # Before, a step shrinks so much that the next one is negligible beside it.
    is_small = finite and whole and predicted <= UNSEEN
    state.shrinking = _shrinking(v, n) if is_small else 0.0
    if finite and ratio >= GOOD_ENOUGH:
        _take(state, v, n, cost, v.trial)
        state.last_predicted = state.predicted if whole else -state.predicted
    if arrived:
        state.arrived = 1.0
    elif _has_shrunk(state, v, n):
        length = norm(v.scale, v.theta, n)
        if not finite:
            state.status = NOT_FINITE_AROUND
        elif predicted <= NEGLIGIBLE:
            state.status = XTOL_REACHED
        elif state.delta <= EPSILON * length:
            is_end = newton_gain(v, n) <= _resolution(state, length)
            state.status = XTOL_REACHED if is_end else STALLED
    examine(state, v, n)


@routine
def _is_rounding(state: Any, change: Any) -> Any:
    """Whether a relative change of the cost is one of rounding, its own or the data's.

    By squares, as a root takes as long as all else here.
    """
    excess = max(change - ROUNDING, 0.0)
    return excess * excess * state.cost <= 4.0 * state.floor


@routine
def _has_shrunk(state: Any, v: Any, n: Any) -> Any:
    """Whether the radius is below xtol, or the rounding, of the parameters' length."""
    share, delta = max(state.xtol, EPSILON), state.delta
    squares = square_norm(v.scale, v.theta, n)
    if delta > SHORT and delta * delta > share * share * squares:  # without a root
        return False
    return delta <= share * math.sqrt(squares) or delta < 1e-300


@routine
def _resolution(state: Any, length: Any) -> Any:
    """Gain below which no step can be told: parameters have roundings, too.

    One that is moved by its own rounding changes a cost at the minimum by half the
    square of that, in units of its scale.
    """
    rounding = 2.0 * EPSILON * length
    return max(NEGLIGIBLE * state.cost, 0.5 * rounding * rounding)


@routine
def _shrinking(v: Any, n: Any) -> Any:
    """Share of a whole Newton step that the next one is; negative where it turns back.

    By the gradients at its ends: with the Hessian H and the step p = -G^-1 g the next
    one is -G^-1 (g + H p), and 1 - p.H.p / p.G.p the share along p.
    """
    before = dot(v.gradient, v.step, n)
    return dot(v.trial_gradient, v.step, n) / before if before < 0.0 else 0.0


@routine
def _gain_by_gradients(v: Any, n: Any) -> Any:
    """Gain of a short step: its product with the mean of the gradients at its ends."""
    before = dot(v.gradient, v.step, n)
    return -0.5 * (before + dot(v.trial_gradient, v.step, n))


@routine
def optimality(state: Any, v: Any, n: Any) -> Any:
    """Largest cosine between the residuals and a free column of the Jacobian."""
    length = math.sqrt(2.0 * math.fabs(state.cost))
    largest = 0.0
    for k in range(n):
        column = math.sqrt(v.solver.diagonal(v.matrix, n, k))
        if v.held[k] == 0.0 and column > 0.0 and length > 0.0:
            largest = max(largest, math.fabs(v.gradient[k]) / (column * length))
    return largest


@routine
def _take(state: Any, v: Any, n: Any, cost: Any, theta: Any) -> None:
    """The trial becomes the current point; the scaling grows where it must."""
    copy(v.matrix, v.trial_matrix, v.solver.size(n))
    copy(v.theta, theta, n)
    copy(v.gradient, v.trial_gradient, n)
    for k in range(n):
        diagonal = v.solver.diagonal(v.trial_matrix, n, k)
        if diagonal > v.scale[k]:
            v.scale[k] = diagonal
        elif v.scale[k] == 0.0:
            v.scale[k] = 1.0
    state.cost = cost


@routine
def _set_radius(
    state: Any, v: Any, n: Any, actual: Any, ratio: Any, finite: Any
) -> None:
    """Moré's rules: shrink below a gain of 1/4, grow above 3/4."""
    length = state.step_norm
    if not finite:
        state.delta = 0.25 * min(state.delta, length)
        state.damping = 4.0 * state.damping
    elif ratio <= 0.25:
        shrink = 0.5
        if actual < 0.0:
            slope = dot(v.gradient, v.step, n)
            slope = slope / state.cost
            shrink = 0.5 * slope / (slope + actual) if slope + actual < 0.0 else 0.1
            shrink = max(min(shrink, 0.5), 0.1)
        state.delta = shrink * min(state.delta, 10.0 * length)
        state.damping = state.damping / shrink
    elif state.damping == 0.0 or ratio >= 0.75:
        state.delta = max(2.0 * length, state.delta if ratio < 0.75 else 0.0)
        state.damping = 0.5 * state.damping
