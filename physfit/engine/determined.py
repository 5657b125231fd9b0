"""Which parameters the data leave open, where a fit has ended.

A standard error is that of the linearised model. Where it is far larger than the
parameter itself, either the parameter is near zero and the error right, or the model is
nothing like linear over such a distance: the cost has no minimum but keeps falling, by
less and less, as a decay becomes infinitely slow or a peak infinitely narrow between
two samples. The cost tells: one standard error away, along the parameter alone or with
the others following, it must have grown by half a unit, and the model must depend on
the parameter about as it does here. Where that is so on neither side, within a factor
of 100 (10 for the partials), the parameter is not determined, and its variance is
infinite. Neither is what follows it: a parameter whose error shrinks by far once it is
held. The others keep the errors that they have with it free.

Where a model is even in a parameter, as a Voigt profile in sigma, its own error grows
without bound near 0, though its square has a plain one: such a parameter is determined.

Fits that are on their way to such a place gain next to nothing, step after step, and
would go on for ever; `look` ends them.
"""

from __future__ import annotations

import math
from typing import Any

from physfit.engine.abi import call_sums
from physfit.engine.dense import copy, fill
from physfit.engine.roles import routine
from physfit.engine.state import (
    EXACT,
    NOT_FINITE_AROUND,
    NOT_FINITE_AT_START,
    OUTSIDE_DOMAIN,
    RUNNING,
    UNDETERMINED,
    hold_active,
)

__all__ = ["DEVIANCE_FLOOR", "LOOK", "OPEN", "close", "find_open", "free_open"]
__all__ += ["invert", "look", "mark_followers"]

#: A deviance is in units of the statistics, whatever the data: one standard error costs
#: a half. As little as this is nothing.
DEVIANCE_FLOOR = 1e-24
#: What `held` says of a parameter that is not determined.
OPEN = 3.0
#: Square of the error, in units of the parameter, from which on it is looked at.
SUSPECT = 1e4
#: The same where it is so many errors away that the cost is looked at.
SUSPECT_IF_EXACT = 1e-4
#: Share of its square that an error keeps of one which depended on others.
SHRUNK = 1e-4
#: Square of the share of its error by which a parameter must go along with others.
DRAGGED = 1e-4
#: Condition up to which the inverse of the matrix is good enough for this.
INVERTED = 1e13
#: Share of the growth below which a bound makes no difference.
SAME = 1e-4
#: What the cost may grow by, and the square of a partial, in units of what they should
#: be, and one over it.
FACTOR = 100.0
#: Variances by which a fit goes on from an exact answer, whose costs are rounding.
BEYOND = 1e6
#: Steps from one look to the next.
LOOK = 32.0
#: What so many steps gain of a variance at least, if they are worth it.
SLOW = 1e-3


@routine
def close(sums: Any, problem: Any, state: Any, v: Any, n: Any) -> None:
    """Covariance of a fit that has ended, if it has been anywhere."""
    if state.status == NOT_FINITE_AT_START or state.status == OUTSIDE_DOMAIN:
        return
    n_open = _settle(sums, problem, state, v, n)
    if n_open > 0 and state.status != EXACT and state.status != NOT_FINITE_AROUND:
        state.status = UNDETERMINED


@routine
def look(sums: Any, problem: Any, state: Any, v: Any, n: Any) -> None:
    """End a fit that gains nothing any more and is lost.

    Where the matrix has no inverse, steps that gain so little lead nowhere either.
    """
    gained = state.looked_at_cost - state.cost
    state.looked_at_cost = state.cost
    state.next_look = state.n_steps + LOOK
    if gained > SLOW * variance_of(state):
        return
    n_open = _settle(sums, problem, state, v, n)
    if n_open > 0 or not state.condition < INVERTED:
        state.status = UNDETERMINED


@routine
def _settle(sums: Any, problem: Any, state: Any, v: Any, n: Any) -> Any:
    """Covariance, condition, what is held and what is open; returns how many are."""
    hold_active(v, n)
    invert(state, v, n)
    if not (state.condition < INVERTED and _is_doubtful(state, v, n)):
        return 0
    before = n_held(v, n)
    n_open = find_open(sums, problem, state, v, n, False)
    if n_held(v, n) > before:
        invert(state, v, n)
    if n_open > 0:
        n_open += mark_followers(v, n)
        free_open(v, n, 0.0)
        invert(state, v, n)
        free_open(v, n, OPEN)
    return n_open


@routine
def free_open(v: Any, n: Any, held: Any) -> None:
    """Let what is open take part in the inverse for a while, or no more.

    The others have the errors that they have whatever it is: of some that are open
    together a combination may well be determined, on which others depend.
    """
    for k in range(n):
        if v.held[k] == OPEN and held == 0.0:
            v.held[k], v.right[k] = 0.0, -1.0
        elif v.held[k] == 0.0 and v.right[k] == -1.0 and held == OPEN:
            v.held[k] = OPEN


@routine
def n_held(v: Any, n: Any) -> Any:
    """How many parameters take no part."""
    count = 0
    for k in range(n):
        count += 1 if v.held[k] != 0.0 else 0
    return count


@routine
def invert(state: Any, v: Any, n: Any) -> None:
    """Covariance of the parameters that are not held, and its condition."""
    state.condition = v.solver.covariance(
        v.matrix, v.held, n, v.trial_matrix, v.factor, v.trial_gradient
    )


@routine
def variance_of(state: Any) -> Any:
    """Variance of the weighted data that the residuals show; rounding at least."""
    variance = 2.0 * max(state.cost, state.floor) / max(state.freedom, 1.0)
    return min(variance, 1.0) if state.is_robust != 0.0 else variance


@routine
def _reach(state: Any) -> Any:
    """Variance at which the cost is looked at, and from which error on.

    Where counts are met exactly nothing is: the deviance is no square there, and its
    slope says all.
    """
    variance = variance_of(state)
    if state.cost > state.floor:
        return variance, SUSPECT
    if state.floor == DEVIANCE_FLOOR:
        return variance, math.inf
    return variance * BEYOND, SUSPECT_IF_EXACT


@routine
def _is_doubtful(state: Any, v: Any, n: Any) -> Any:
    """Whether an error is that much larger than its parameter."""
    variance, limit = _reach(state)
    for k in range(n):
        error = variance * v.solver.diagonal(v.trial_matrix, n, k)
        if error > limit * v.theta[k] * v.theta[k]:
            return True
    return False


@routine
def find_open(
    sums: Any, problem: Any, state: Any, v: Any, n: Any, by_inverse: Any
) -> Any:
    """Mark what is open, and keep all variances; returns how many were found.

    The trial matrix holds the inverse, dense if steps are taken from it; it has more
    digits than the matrix then, of which the diagonal alone is looked at.
    """
    (variance, limit), found = _reach(state), 0
    for k in range(n):
        v.right[k] = v.solver.diagonal(v.trial_matrix, n, k)
    for k in range(n):
        suspect = limit * v.theta[k] * v.theta[k]
        error = variance * v.right[k]
        if v.held[k] == 0.0 and suspect < error < math.inf:
            alone = variance / v.solver.diagonal(v.matrix, n, k) > suspect
            _aim(v, n, k, math.sqrt(variance), alone, by_inverse)
            grows = _grows(sums, problem, state, v, n, k, 0.5 * variance)
            grows = grows or _is_even(sums, problem, state, v, n, k, 0.5 * variance)
            if not (grows or _rests(sums, problem, state, v, n, k, 0.5 * variance)):
                v.right[k] = -v.right[k]
    for k in range(n):
        if v.right[k] < 0.0:
            v.held[k], v.right[k] = OPEN, -v.right[k]
            found += 1
    return found


@routine
def _is_even(
    sums: Any, problem: Any, state: Any, v: Any, n: Any, k: Any, growth: Any
) -> Any:
    """Whether a parameter is near 0 where the model depends on its square.

    Its partials are halved at half of it then, and vanish at 0. Its own error grows
    without bound there, and the cost with the fourth power.
    """
    if not v.lower[k] <= 0.0 <= v.upper[k]:
        return False
    copy(v.trial, v.theta, n)
    v.trial[k] = 0.5 * v.theta[k]
    call_sums(sums, problem, v.trial, v.trial_gradient, v.factor)
    here = v.solver.diagonal(v.matrix, n, k)
    halved = 0.125 * here < v.solver.diagonal(v.factor, n, k) < 0.5 * here
    v.trial[k] = 0.0
    cost = call_sums(sums, problem, v.trial, v.trial_gradient, v.factor)
    state.n_evals += 2.0
    vanishes = v.solver.diagonal(v.factor, n, k) == 0.0
    return halved and vanishes and math.fabs(cost - state.cost) < growth


@routine
def _rests(
    sums: Any, problem: Any, state: Any, v: Any, n: Any, k: Any, growth: Any
) -> Any:
    """Whether a bound makes no difference; at the end of a fit it is put there."""
    for end in range(2):
        side = 2.0 * end - 1.0
        bound = v.lower[k] if end == 0 else v.upper[k]
        if math.isfinite(bound):
            copy(v.trial, v.theta, n)
            v.trial[k] = bound
            cost = call_sums(sums, problem, v.trial, v.trial_gradient, v.factor)
            state.n_evals += 1.0
            if math.fabs(cost - state.cost) < SAME * growth:
                if state.status != RUNNING:
                    v.theta[k], v.held[k], state.cost = bound, side, cost
                return True
    return False


@routine
def _aim(v: Any, n: Any, k: Any, length: Any, is_alone: Any, by_inverse: Any) -> None:
    """Step of one standard error of a parameter, alone or with the others following."""
    fill(v.step, 0.0, n)
    v.step[k] = 1.0
    if is_alone:
        share = length / math.sqrt(v.solver.diagonal(v.matrix, n, k))
    else:
        if by_inverse:
            for j in range(n):
                along = v.trial_matrix[k * n + j]
                v.step[j] = along if math.isfinite(along) else 0.0
        else:
            v.solver.factorise(v.matrix, 0.0, v.scale, v.held, n, v.factor)
            v.solver.solve(v.factor, n, v.step)
        share = length / math.sqrt(v.step[k])
    for j in range(n):
        v.step[j] *= share


@routine
def _grows(
    sums: Any, problem: Any, state: Any, v: Any, n: Any, k: Any, growth: Any
) -> Any:
    """Whether the cost grows by so much, about, on one side of a step.

    The model must depend on the parameter there about as it does here: what follows it
    may cost as much where it makes no difference any more.
    """
    here = v.solver.diagonal(v.matrix, n, k)
    for side in range(2):
        inside = True
        for j in range(n):
            step = v.step[j] if side == 0 else -v.step[j]
            v.trial[j] = v.theta[j] + step
            inside = inside and v.lower[j] <= v.trial[j] <= v.upper[j]
        if inside:
            cost = call_sums(sums, problem, v.trial, v.trial_gradient, v.factor)
            state.n_evals += 1.0
            ratio = (cost - state.cost) / growth
            there = v.solver.diagonal(v.factor, n, k)
            if (
                1.0 / FACTOR < ratio < FACTOR
                and here < FACTOR * there < FACTOR**2 * here
            ):
                return True
    return False


@routine
def mark_followers(v: Any, n: Any) -> Any:
    """Mark what is determined only while others are held; returns how many are."""
    found = 0
    for k in range(n):
        shrunk = v.solver.diagonal(v.trial_matrix, n, k) < SHRUNK * v.right[k]
        if v.held[k] == 0.0 and shrunk:
            v.held[k] = OPEN
            found += 1
    return found
