"""Start values of any model: points spread over bounds and scales, the best improved.

Parameters that the model is linear in follow from one linear solution, with angles of
their waves (`spread_points`). The others are spread over their bounds, or over what
their unit or their place in a formula allows in these data (`spread_ranges`). Around
the points that fit best others are tried, twice, ever closer; the best of all are
improved by some steps of Levenberg and Marquardt, and the lowest cost is kept. While
neighbouring residuals belong together, further rounds follow in which some of the
parameters are drawn anew and the others stay: a component that fits already is kept
while another one is searched. All costs are of least squares. Of minima of one cost
the one that people write is taken (`natural`).

A plan (`models.spread`) says what is spread; the problem is the one that is fitted, so
that one curve and rows are guessed alike.
"""

from __future__ import annotations

import math
from typing import Any

from physfit.engine.abi import (
    SUMS,
    address_at,
    as_floats,
    at,
    call_function,
    offset,
)
from physfit.engine.dense import copy, fill
from physfit.engine.fit import advance
from physfit.engine.guesses.natural import make_natural
from physfit.engine.guesses.row import descents
from physfit.engine.guesses.spread_data import N_TABLES, has_wave, scales_of, tell_more
from physfit.engine.guesses.spread_points import (
    N_BEST,
    keep,
    points_in,
    points_size,
    replace,
    solve_at,
    spread_at,
)
from physfit.engine.linear_solver import DENSE
from physfit.engine.residuals import correlation
from physfit.engine.roles import entry, routine
from physfit.engine.state import FitState, state_size, variables
from physfit.engine.struct import Float64, Struct
from physfit.engine.structs import Problem

__all__ = ["N_NEAR", "N_ZOOMS", "Spread", "search_spread", "spread_size"]

#: Steps by which the best points are improved.
N_STEPS = 25
#: Closer points around each of the best, and how often they are drawn.
N_NEAR = 10
N_ZOOMS = 2
#: Relative accuracy of what is improved.
ROUGH = 1e-6
HEADER = FitState.SIZE
EPSILON = 2.220446049250313e-16
#: Standard deviations from which on residuals are no noise.
NOT_NOISE = 2.5
#: How much lower a cost is that is lower.
LOWER = 1e-3
#: What turns the numbers of one round into those of the next: no multiples repeat.
GOLDEN, PLASTIC = 0.6180339887498949, 0.7548776662466927


class Spread(Struct):
    """What is spread, and how; arrays by their addresses."""

    n_spread: int
    #: Their `Range`s, one after the other.
    ranges: int
    #: Numbers between 0 and 1, one for each range, of all points.
    cube: int
    #: Others, which tell what is drawn anew in further rounds.
    anew: int
    n_points: int
    #: Rounds at most, and at least; those without a lower cost after which it ends.
    n_rounds: int
    n_sure: int
    n_vain: int
    #: How often closer points are tried; how many points are improved.
    n_zooms: int
    n_improved: int
    #: Numbers between -1 and 1 for each closer point of all zooms.
    moves: int
    #: How far the closer points of the first zoom are.
    near: Float64
    #: Whether places are drawn by what the data tell; whether frequencies are: the
    #: address of `spread_data.turn`, or 0.
    has_places: int
    turn: int
    #: For each parameter whether the model is not linear in it (1 or 0); of an angle
    #: the place of its amplitude, else -1; bounds.
    held: int
    amplitudes: int
    #: For each linear parameter 1 where it must not be 0 to be solved for, else 0.
    units: int
    lower: int
    upper: int
    #: Least squares, and their sums.
    loss: int
    sums: int
    #: What gives samples other weights, or 0.
    weigh_samples: int


def spread_size(n: int, n_spread: int, n_samples: int, n_values: int) -> int:
    """Doubles of scratch for `n` free parameters, some spread, and so many values."""
    fixed = state_size(n, DENSE.size(n)) + points_size(n, n_spread)
    return fixed + N_TABLES * n_samples + 2 * n_values


@entry(SUMS, unroll=False)
def search_spread(address: Any, theta: Any, plan: Any, work: Any) -> Any:
    """Fill the free parameters that are NaN in `theta`; returns the cost there."""
    problem, own = at(address, Problem), at(address_at(plan), Spread)
    loss, y, weights, n = problem.loss, problem.y, problem.weights, problem.n_free
    problem.loss = own.loss
    state = at(address_at(work), FitState)
    v = variables(state, n, DENSE)
    points = points_in(offset(v.trial_matrix, n * n), own.n_spread, n)
    tables = offset(points.best, n)
    if own.weigh_samples != 0:
        _weigh(problem, own, offset(tables, N_TABLES * problem.n_samples))
    cost = _search(problem, own, theta, state, v, points, tables)
    if cost < math.inf:
        height = scales_of(problem).height
        make_natural(problem, own, theta, height, cost, points.best, v)
        copy(theta, points.best, n)
    else:
        spread_at(
            problem, own, scales_of(problem), as_floats(own.cube), theta, v, points
        )
        copy(theta, v.theta, n)
    problem.loss, problem.y, problem.weights = loss, y, weights
    return cost


@routine
def _search(
    problem: Any, own: Any, given: Any, state: Any, v: Any, points: Any, tables: Any
) -> Any:
    """Put the best parameters of some rounds to `points.best`; their cost.

    Every other round looks at what is left, the others at the data as they are.
    """
    best, n_vain, data = math.inf, 0, scales_of(problem)
    for number in range(own.n_rounds):
        scales = data
        if own.has_places != 0 or own.turn != 0:
            is_known = best < math.inf and number % 2 == 1
            scales = tell_more(problem, data, points.best, own.turn, is_known, tables)
        # every third round knows nothing, or none would leave a wide minimum
        is_known = best < math.inf and number % 3 != 2
        _draw(problem, own, scales, given, v, points, number, is_known)
        if own.n_spread > 0:
            _zoom(problem, own, scales, given, v, points)
        before = best
        best = _improve(problem, own, given, state, v, points, best)
        n_vain = n_vain + 1 if best >= before * (1.0 - LOWER) else 0
        if own.n_spread == 0 or n_vain == own.n_vain:
            break
        if number + 1 < own.n_sure or not best < math.inf:
            continue
        if correlation(problem, points.best) < NOT_NOISE and not (
            own.turn != 0 and has_wave(problem, data, points.best, own.turn, tables)
        ):
            break
    return best


@routine
def _draw(
    problem: Any,
    own: Any,
    scales: Any,
    given: Any,
    v: Any,
    points: Any,
    number: Any,
    is_known: Any,
) -> None:
    """Keep the best points of a round; of further ones some parameters are anew."""
    n_spread, cube = own.n_spread, points.cube
    fill(points.costs, math.inf, N_BEST)
    for j in range(own.n_points):
        parts = offset(as_floats(own.cube), j * n_spread)
        anew = offset(as_floats(own.anew), j * n_spread)
        copy(cube, parts, n_spread)
        for k in range(n_spread if number > 0 else 0):
            share = 0.25 + 0.25 * (j % 5)
            part = parts[k] + number * GOLDEN * (k + 1)
            lot = anew[k] + number * PLASTIC
            cube[k] = part - math.floor(part)
            if is_known and k != j % n_spread and lot - math.floor(lot) > share:
                cube[k] = math.nan
        spread_at(problem, own, scales, cube, given, v, points)
        cost = solve_at(problem, own, given, scales.height, v)
        keep(own, cube, v, problem.n_free, cost, points)


@routine
def _weigh(problem: Any, own: Any, memory: Any) -> None:
    """Bind copies of data and weights, weighed as the loss weighs them.

    Samples are compared with their neighbours, so that x must rise or fall.
    """
    x, n = as_floats(problem.x), problem.n_samples
    falls = descents(x, n)
    if falls != 0 and falls != n - 1 and n > 0:
        return
    ldy = problem.ldy
    values, weights = memory, offset(memory, problem.n_outputs * ldy)
    for output in range(problem.n_outputs):
        y, w = offset(values, output * ldy), offset(weights, output * ldy)
        copy(y, offset(as_floats(problem.y), output * ldy), n)
        copy(w, offset(as_floats(problem.weights), output * ldy), n)
        for i in range(n):
            y[i] *= w[i]
        call_function(own.weigh_samples, w, y, n)
        for i in range(n):
            y[i] = y[i] / w[i] if w[i] > 0.0 else 0.0
    problem.y, problem.weights = address_at(values), address_at(weights)


@routine
def _zoom(problem: Any, own: Any, scales: Any, given: Any, v: Any, points: Any) -> None:
    """Try points ever closer to each of the best."""
    n_spread, n, near = own.n_spread, problem.n_free, own.near
    moves = as_floats(own.moves)
    for zoom in range(own.n_zooms):
        copy(points.centers, points.cubes, N_BEST * n_spread)
        for j in range(N_BEST * N_NEAR):
            k = j // N_NEAR
            if not points.costs[k] < math.inf:
                break
            center = offset(points.centers, k * n_spread)
            move = offset(moves, (zoom * N_BEST * N_NEAR + j) * n_spread)
            for i in range(n_spread):
                part = center[i] + near * move[i]
                points.cube[i] = min(max(part, 0.0), 1.0)
                if math.isnan(center[i]):
                    points.cube[i] = math.nan
            spread_at(problem, own, scales, points.cube, given, v, points)
            cost = solve_at(problem, own, given, scales.height, v)
            replace(own, points.cube, v, n, cost, points, k)
        near *= 0.25


@routine
def _improve(
    problem: Any, own: Any, given: Any, state: Any, v: Any, points: Any, best: Any
) -> Any:
    """Put the best of the improved points to `points.best` if that is better."""
    n = problem.n_free
    for j in range(own.n_improved):
        if not points.costs[j] < math.inf:
            continue
        fill(as_floats(address_at(state)), 0.0, HEADER)
        state.n_steps = state.squares = -1.0
        state.floor, state.ftol, state.max_steps = EPSILON, ROUGH, float(N_STEPS)
        copy(v.theta, offset(points.thetas, j * n), n)
        copy(v.lower, as_floats(own.lower), n)
        copy(v.upper, as_floats(own.upper), n)
        for k in range(n):
            if not math.isnan(given[k]):
                v.lower[k] = v.upper[k] = given[k]
        advance(own.sums, problem.address, state, n, N_STEPS, DENSE)
        if state.cost < best:
            best = state.cost
            copy(points.best, v.theta, n)
    return best
