"""Start values of any model: points spread over bounds and scales, the best improved.

Parameters that the model is linear in follow from one linear solution. The others are
spread over their bounds, or over what their unit allows in these data: positions over
the range of x, widths and times from the distance of samples to some ranges,
frequencies up to half the rate of samples, angles over a turn. Around the points that
fit best others are tried, twice, ever closer; the best of all are improved by some
steps of Levenberg and Marquardt, and the lowest cost is kept. All costs are of least
squares.

A plan (`models.spread`) says what is spread; the problem is the one that is fitted, so
that one curve and rows are guessed alike.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from physfit.engine.abi import (
    SUMS,
    address_at,
    as_floats,
    at,
    call_function,
    call_sums,
    offset,
)
from physfit.engine.dense import copy, dot, fill
from physfit.engine.fit import advance
from physfit.engine.guesses.row import descents
from physfit.engine.linear_solver import DENSE
from physfit.engine.roles import entry, routine
from physfit.engine.state import FitState, state_size, variables
from physfit.engine.struct import Float64, Struct
from physfit.engine.structs import Problem

__all__ = ["Range", "Scales", "Spread", "parameter_at", "search_spread"]
__all__ += ["spread_size"]

#: Points that are improved, and by how many steps.
N_BEST = 8
N_STEPS = 25
#: Closer points around each of the best, and how often they are drawn.
N_NEAR = 10
N_ZOOMS = 2
#: Added to the diagonal of normal equations of unit columns.
RIDGE = 1e-12
#: Relative accuracy of what is improved.
ROUGH = 1e-6
HEADER = FitState.SIZE
EPSILON = 2.220446049250313e-16

# What a parameter is spread over: a range from `low` to `high`, the range of x; sizes
# above or below an edge, or of either sign.
UNIFORM = 0
POSITION = 1
ABOVE = 2
BELOW = 3
EITHER = 4
# What sizes are in units of.
PLAIN = 0
OF_X = 1
PER_X = 2
OF_Y = 3
#: From `low` to `high`.
GIVEN = 4


class Range(Struct):
    """What one parameter is spread over."""

    #: Its place among the free ones.
    place: int
    kind: int
    unit: int
    low: Float64
    high: Float64
    edge: Float64


RANGE_BYTES = 8 * Range.SIZE


class Spread(Struct):
    """What is spread, and how; arrays by their addresses."""

    n_spread: int
    #: Their `Range`s, one after the other.
    ranges: int
    #: Numbers between 0 and 1, one for each range, of all points.
    cube: int
    n_points: int
    #: Numbers between -1 and 1 for each closer point of all zooms.
    moves: int
    #: How far the closer points of the first zoom are.
    near: Float64
    #: For each parameter whether the model is not linear in it (1 or 0); bounds.
    held: int
    lower: int
    upper: int
    #: Least squares, and their sums.
    loss: int
    sums: int
    #: What gives samples other weights, or 0.
    weigh_samples: int


class Scales(NamedTuple):
    """Sizes of data: first x, range, distance of samples, largest |x|, range of y."""

    first: Any
    span: Any
    spacing: Any
    widest: Any
    height: Any


class Points(NamedTuple):
    """The best points so far: costs, places in the cube, parameters; another place."""

    costs: Any
    cubes: Any
    thetas: Any
    centers: Any
    cube: Any


def spread_size(n: int, n_spread: int, n_values: int) -> int:
    """Doubles of scratch for `n` free parameters, some spread, and so many values."""
    points = N_BEST * (1 + 2 * n_spread + n) + n_spread
    return state_size(n, DENSE.size(n)) + points + 2 * n_values


@entry(SUMS)
def search_spread(address: Any, theta: Any, plan: Any, work: Any) -> Any:
    """Fill the free parameters that are NaN in `theta`; returns the cost there."""
    problem, own = at(address, Problem), at(address_at(plan), Spread)
    loss, y, weights, n = problem.loss, problem.y, problem.weights, problem.n_free
    problem.loss = own.loss
    state = at(address_at(work), FitState)
    v = variables(state, n, DENSE)
    points = _points(offset(v.trial_matrix, n * n), own.n_spread, n)
    fill(points.costs, math.inf, N_BEST)
    if own.weigh_samples != 0:
        _weigh(problem, own, offset(points.cube, own.n_spread))
    scales = _scales(problem, own)
    for k in range(own.n_points):
        cube = offset(as_floats(own.cube), k * own.n_spread)
        _try_point(problem, own, scales, cube, theta, v, points)
    if own.n_spread > 0:
        _zoom(problem, own, scales, theta, v, points)
    cost = _improve(problem, own, theta, state, v, points)
    if not cost < math.inf:
        _place(problem, own, scales, as_floats(own.cube), theta, v)
        copy(theta, v.theta, n)
    problem.loss, problem.y, problem.weights = loss, y, weights
    return cost


@routine
def _points(memory: Any, n_spread: Any, n: Any) -> Any:
    """Points in that memory."""
    cubes = offset(memory, N_BEST)
    thetas = offset(cubes, N_BEST * n_spread)
    centers = offset(thetas, N_BEST * n)
    cube = offset(centers, N_BEST * n_spread)
    return Points(memory, cubes, thetas, centers, cube)


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
def _scales(problem: Any, own: Any) -> Any:
    """Sizes of the data that have weight."""
    low, high, bottom, top = math.inf, -math.inf, math.inf, -math.inf
    places, before = 0, math.nan
    if own.n_spread > 0:
        x = as_floats(problem.x)
        for output in range(problem.n_outputs):
            y = offset(as_floats(problem.y), output * problem.ldy)
            w = offset(as_floats(problem.weights), output * problem.ldy)
            for i in range(problem.n_samples):
                if w[i] > 0.0:
                    low, high = min(low, x[i]), max(high, x[i])
                    bottom, top = min(bottom, y[i]), max(top, y[i])
                    places += 1 if output == 0 and x[i] != before else 0
                    before = x[i]
    span = high - low if high > low else 1.0
    height = top - bottom if top > bottom else 1.0
    widest = max(math.fabs(low), math.fabs(high), span)
    return Scales(low, span, span / max(places - 1, 1), widest, height)


@routine
def parameter_at(own: Any, scales: Any, part: Any) -> Any:
    """Value of a parameter for a number between 0 and 1."""
    if own.kind == UNIFORM:
        return own.low + part * (own.high - own.low)
    if own.kind == POSITION:
        return scales.first + part * scales.span
    low, high = 0.01, 100.0
    if own.unit == OF_X:
        low, high = 0.3 * scales.spacing, 20.0 * scales.widest
    elif own.unit == PER_X:
        low, high = 0.1 / scales.span, math.pi / scales.spacing
    elif own.unit == OF_Y:
        low, high = 0.01 * scales.height, 10.0 * scales.height
    elif own.unit == GIVEN:
        low, high = own.low, own.high
    if own.kind == EITHER:
        size = low * math.pow(high / low, math.fabs(2.0 * part - 1.0))
        return size if part >= 0.5 else -size
    size = low * math.pow(high / low, part)
    return own.edge + size if own.kind == ABOVE else own.edge - size


@routine
def _place(problem: Any, own: Any, scales: Any, cube: Any, theta: Any, v: Any) -> None:
    """Parameters of a point: known ones as they are, linear ones 0."""
    lower, upper = as_floats(own.lower), as_floats(own.upper)
    n = problem.n_free
    fill(v.theta, 0.0, n)
    for k in range(own.n_spread):
        line = at(own.ranges + k * RANGE_BYTES, Range)
        v.theta[line.place] = parameter_at(line, scales, cube[k])
    for k in range(n):
        v.theta[k] = min(max(v.theta[k], lower[k]), upper[k])
        if not math.isnan(theta[k]):
            v.theta[k] = theta[k]


@routine
def _try_point(
    problem: Any, own: Any, scales: Any, cube: Any, theta: Any, v: Any, points: Any
) -> None:
    """Solve for the linear parameters at a point; keep it if it is one of the best."""
    n, sums = problem.n_free, own.sums
    _place(problem, own, scales, cube, theta, v)
    cost = call_sums(sums, problem.address, v.theta, v.gradient, v.matrix)
    if not cost < math.inf:
        return
    held = as_floats(own.held)
    n_linear = 0
    for k in range(n):
        v.scale[k] = v.matrix[k * n + k]
        is_out = held[k] != 0.0 or not math.isnan(theta[k]) or not v.scale[k] > 0.0
        v.held[k] = 1.0 if is_out else 0.0
        v.step[k] = 0.0 if is_out else -v.gradient[k]
        n_linear += 0 if is_out else 1
    if n_linear > 0 and DENSE.factorise(v.matrix, RIDGE, v.scale, v.held, n, v.factor):
        DENSE.solve(v.factor, n, v.step)
        cost += 0.5 * dot(v.gradient, v.step, n)
        cost = _moved(problem, own, v, cost)
    _keep(own, cube, v, n, cost, points)


@routine
def _moved(problem: Any, own: Any, v: Any, cost: Any) -> Any:
    """Move by the step, within bounds; the cost there."""
    lower, upper = as_floats(own.lower), as_floats(own.upper)
    is_cut = False
    for k in range(problem.n_free):
        trial = v.theta[k] + v.step[k]
        v.theta[k] = min(max(trial, lower[k]), upper[k])
        is_cut = is_cut or v.theta[k] != trial
    if is_cut:
        return call_sums(
            own.sums, problem.address, v.theta, v.trial_gradient, v.trial_matrix
        )
    return cost


@routine
def _keep(own: Any, cube: Any, v: Any, n: Any, cost: Any, points: Any) -> None:
    """Put a point to its place among the best."""
    n_spread, k = own.n_spread, N_BEST - 1
    if not cost < points.costs[k]:
        return
    while k > 0 and cost < points.costs[k - 1]:
        points.costs[k] = points.costs[k - 1]
        copy(
            offset(points.cubes, k * n_spread),
            offset(points.cubes, (k - 1) * n_spread),
            n_spread,
        )
        copy(offset(points.thetas, k * n), offset(points.thetas, (k - 1) * n), n)
        k -= 1
    points.costs[k] = cost
    copy(offset(points.cubes, k * n_spread), cube, n_spread)
    copy(offset(points.thetas, k * n), v.theta, n)


@routine
def _zoom(problem: Any, own: Any, scales: Any, theta: Any, v: Any, points: Any) -> None:
    """Try points ever closer to the best."""
    n_spread, near = own.n_spread, own.near
    moves = as_floats(own.moves)
    for zoom in range(N_ZOOMS):
        copy(points.centers, points.cubes, N_BEST * n_spread)
        n_known = 0
        for k in range(N_BEST):
            n_known += 1 if points.costs[k] < math.inf else 0
        for j in range(n_known * N_NEAR):
            center = offset(points.centers, j // N_NEAR * n_spread)
            move = offset(moves, (zoom * N_BEST * N_NEAR + j) * n_spread)
            for k in range(n_spread):
                part = center[k] + near * move[k]
                points.cube[k] = min(max(part, 0.0), 1.0)
            _try_point(problem, own, scales, points.cube, theta, v, points)
        near *= 0.25


@routine
def _improve(
    problem: Any, own: Any, theta: Any, state: Any, v: Any, points: Any
) -> Any:
    """Put the best of the improved points to `theta`; its cost, infinite for none."""
    n, best = problem.n_free, math.inf
    for j in range(N_BEST):
        if not points.costs[j] < math.inf:
            break
        fill(as_floats(address_at(state)), 0.0, HEADER)
        state.n_steps = state.squares = -1.0
        state.floor, state.ftol, state.max_steps = EPSILON, ROUGH, float(N_STEPS)
        copy(v.theta, offset(points.thetas, j * n), n)
        copy(v.lower, as_floats(own.lower), n)
        copy(v.upper, as_floats(own.upper), n)
        for k in range(n):
            if not math.isnan(theta[k]):
                v.lower[k] = v.upper[k] = theta[k]
        advance(own.sums, problem.address, state, n, N_STEPS, DENSE)
        if state.cost < best:
            best = state.cost
            copy(points.thetas, v.theta, n)  # its first has been improved
    if best < math.inf:
        copy(theta, points.thetas, n)
    return best
