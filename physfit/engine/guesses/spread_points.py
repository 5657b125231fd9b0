"""Points of a search: parameters of a place in a unit cube, the linear ones solved.

An angle of a wave whose amplitude is linear is solved for together with it: the slope
by the angle is the wave a quarter of a turn ahead, times the amplitude, so that both
are the two linear parameters of a cosine and a sine.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from physfit.engine.abi import as_floats, as_integers, at, call_sums, offset
from physfit.engine.dense import copy, dot, fill
from physfit.engine.guesses.spread_ranges import RANGE_BYTES, Range, parameter_at
from physfit.engine.linear_solver import DENSE
from physfit.engine.roles import routine

__all__ = ["N_BEST", "Points", "keep", "points_in", "points_size"]
__all__ += ["replace", "solve_at", "spread_at"]

#: Points that are kept.
N_BEST = 8
#: Added to the diagonal of normal equations of unit columns.
RIDGE = 1e-12
#: Share of a cost below which the difference of two has too few digits.
CANCELLED = 1e-8


class Points(NamedTuple):
    """The best points so far: costs, places in the cube, parameters.

    Besides another place, centers of a zoom, and the best parameters of all rounds.
    """

    costs: Any
    cubes: Any
    thetas: Any
    centers: Any
    cube: Any
    best: Any


def points_size(n: int, n_spread: int) -> int:
    """Doubles of `Points`."""
    return N_BEST * (1 + 2 * n_spread + n) + n_spread + n


@routine
def points_in(memory: Any, n_spread: Any, n: Any) -> Any:
    """Points in that memory."""
    cubes = offset(memory, N_BEST)
    thetas = offset(cubes, N_BEST * n_spread)
    centers = offset(thetas, N_BEST * n)
    cube = offset(centers, N_BEST * n_spread)
    return Points(memory, cubes, thetas, centers, cube, offset(cube, n_spread))


@routine
def spread_at(
    problem: Any, own: Any, scales: Any, cube: Any, given: Any, v: Any, points: Any
) -> None:
    """Parameters at a place of the cube, or where it is none, of the best so far."""
    lower, upper = as_floats(own.lower), as_floats(own.upper)
    n = problem.n_free
    fill(v.theta, 0.0, n)
    for k in range(own.n_spread):
        line = at(own.ranges + k * RANGE_BYTES, Range)
        if math.isnan(cube[k]):
            v.theta[line.place] = points.best[line.place]
        else:
            v.theta[line.place] = parameter_at(line, scales, cube[k])
    for k in range(n):
        v.theta[k] = min(max(v.theta[k], lower[k]), upper[k])
        if not math.isnan(given[k]):
            v.theta[k] = given[k]


@routine
def solve_at(problem: Any, own: Any, given: Any, height: Any, v: Any) -> Any:
    """Solve for linear parameters and their angles from `v.theta`; the cost there.

    Not finite where the model is not. `height` is the range of the data.
    """
    n = problem.n_free
    held, amplitudes = as_floats(own.held), as_integers(own.amplitudes)
    _open(own, given, height, v, n)
    cost = call_sums(own.sums, problem.address, v.theta, v.gradient, v.matrix)
    if not cost < math.inf:
        return cost
    n_open = 0
    for k in range(n):
        v.scale[k] = v.matrix[k * n + k]
        is_in = held[k] == 0.0 or _is_turned(given, amplitudes, v, k)
        is_in = is_in and math.isnan(given[k]) and v.scale[k] > 0.0
        v.held[k] = 0.0 if is_in else 1.0
        v.step[k] = -v.gradient[k] if is_in else 0.0
        n_open += 1 if is_in else 0
    if n_open > 0 and DENSE.factorise(v.matrix, RIDGE, v.scale, v.held, n, v.factor):
        DENSE.solve(v.factor, n, v.step)
        left = cost + 0.5 * dot(v.gradient, v.step, n)
        is_sure = left > CANCELLED * cost
        cost = _moved(problem, own, given, v, left, is_sure)
    return cost


@routine
def _open(own: Any, given: Any, height: Any, v: Any, n: Any) -> None:
    """Linear parameters are 0, or of the size of the data where that says nothing."""
    lower, upper, units = (
        as_floats(own.lower),
        as_floats(own.upper),
        as_floats(own.units),
    )
    held = as_floats(own.held)
    for k in range(n):
        if held[k] == 0.0 and math.isnan(given[k]):
            size = units[k] * height
            v.theta[k] = min(max(size, lower[k]), upper[k])
            if v.theta[k] == 0.0 and size > 0.0:
                v.theta[k] = max(-size, lower[k])


@routine
def _is_turned(given: Any, amplitudes: Any, v: Any, k: Any) -> Any:
    """Whether a parameter is an angle that is solved for."""
    a = amplitudes[k]
    return a >= 0 and math.isnan(given[a]) and v.theta[max(a, 0)] != 0.0


@routine
def _moved(problem: Any, own: Any, given: Any, v: Any, cost: Any, is_sure: Any) -> Any:
    """Move by the step, within bounds; the cost there."""
    lower, upper = as_floats(own.lower), as_floats(own.upper)
    amplitudes = as_integers(own.amplitudes)
    n, is_cut = problem.n_free, not is_sure
    for k in range(n):
        if v.held[k] == 0.0 and _is_turned(given, amplitudes, v, k):
            _turn(v, amplitudes[k], k, lower[k], upper[k])
    for k in range(n):
        trial = v.theta[k] + v.step[k]
        v.theta[k] = min(max(trial, lower[k]), upper[k])
        is_cut = is_cut or v.theta[k] != trial
    if is_cut:
        return call_sums(
            own.sums, problem.address, v.theta, v.trial_gradient, v.trial_matrix
        )
    return cost


@routine
def _turn(v: Any, a: Any, k: Any, lower: Any, upper: Any) -> None:
    """Steps of amplitude and angle from those of cosine and sine, within a turn."""
    size = v.theta[a]
    sign = 1.0 if size > 0.0 else -1.0
    along, across = size + v.step[a], size * v.step[k]
    angle = v.theta[k] + math.atan2(sign * across, sign * along)
    angle -= 2.0 * math.pi * math.floor(angle / (2.0 * math.pi) + 0.5)
    if angle < lower:
        angle += 2.0 * math.pi
    elif angle > upper:
        angle -= 2.0 * math.pi
    v.step[a] = sign * math.sqrt(along * along + across * across) - size
    v.step[k] = angle - v.theta[k]


@routine
def keep(own: Any, cube: Any, v: Any, n: Any, cost: Any, points: Any) -> None:
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
    points.costs[k] = math.inf
    replace(own, cube, v, n, cost, points, k)


@routine
def replace(
    own: Any, cube: Any, v: Any, n: Any, cost: Any, points: Any, k: Any
) -> None:
    """Put a point in the place of number `k` if its cost is lower."""
    if cost < points.costs[k]:
        points.costs[k] = cost
        copy(offset(points.cubes, k * own.n_spread), cube, own.n_spread)
        copy(offset(points.thetas, k * n), v.theta, n)
