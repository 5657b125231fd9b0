"""Of minima that differ by a sign, a turn or an exchange the one that people write.

Widths, periods and frequencies are positive where the cost is the same, amplitudes
where that costs no sign of these, angles lie within a turn. What is linear is solved
anew after each change, so that an amplitude takes the other sign where a width does.
"""

from __future__ import annotations

import math
from typing import Any

from physfit.engine.abi import as_floats, at
from physfit.engine.dense import copy
from physfit.engine.fit import data_norm
from physfit.engine.guesses.spread_points import solve_at
from physfit.engine.guesses.spread_ranges import RANGE_BYTES, UNIFORM, Range
from physfit.engine.roles import routine

__all__ = ["make_natural"]

#: Costs that agree to this are the same, relative to the cost and to the data.
SAME, ROUNDING = 1e-6, 1e-14
#: What the sign of a size counts besides that of a linear parameter.
SIZE = 1000
#: Times that all changes are tried.
N_TURNS = 2


@routine
def make_natural(
    problem: Any, own: Any, given: Any, height: Any, cost: Any, best: Any, v: Any
) -> None:
    """Change the parameters `best` of a cost to those of the same that people write."""
    n = problem.n_free
    limit = cost * (1.0 + SAME) + ROUNDING * data_norm(problem.address)
    copy(v.theta, best, n)
    _unwind(own, v)
    _try_change(problem, own, given, height, limit, best, v)
    for _ in range(N_TURNS):
        before = _strangeness(own, best, n)
        if before == 0:
            break
        if before >= SIZE:
            _flip(problem, own, given, height, limit, best, v)
        if _strangeness(own, best, n) > 0:
            _exchange(problem, own, given, height, limit, best, v)
        if _strangeness(own, best, n) == before:
            break


@routine
def _flip(
    problem: Any, own: Any, given: Any, height: Any, limit: Any, best: Any, v: Any
) -> None:
    """Give negative sizes the other sign, alone, with all angles, or with another."""
    n = problem.n_free
    for k in range(own.n_spread):
        line = at(own.ranges + k * RANGE_BYTES, Range)
        if line.has_signs == 0 or not best[line.place] < 0.0:
            continue
        copy(v.theta, best, n)
        v.theta[line.place] = -best[line.place]
        if _try_change(problem, own, given, height, limit, best, v):
            continue
        copy(v.theta, best, n)
        _turn_back(own, v)
        v.theta[line.place] = -best[line.place]
        if _try_change(problem, own, given, height, limit, best, v):
            continue
        if _flip_with_angle(problem, own, given, height, limit, best, v, line.place):
            continue
        for j in range(own.n_spread):
            other = at(own.ranges + j * RANGE_BYTES, Range)
            if j != k and other.has_signs != 0:
                copy(v.theta, best, n)
                v.theta[line.place] = -best[line.place]
                v.theta[other.place] = -best[other.place]
                if _try_change(problem, own, given, height, limit, best, v):
                    break


@routine
def _flip_with_angle(
    problem: Any,
    own: Any,
    given: Any,
    height: Any,
    limit: Any,
    best: Any,
    v: Any,
    place: Any,
) -> Any:
    """Give a size the other sign and an angle half a turn; whether that is the same."""
    for j in range(own.n_spread):
        other = at(own.ranges + j * RANGE_BYTES, Range)
        for turn in range(2 if _is_angle(other) else 0):
            copy(v.theta, best, problem.n_free)
            v.theta[place] = -best[place]
            angle = best[other.place]
            v.theta[other.place] = math.pi + (angle if turn == 0 else -angle)
            _unwind(own, v)
            if _try_change(problem, own, given, height, limit, best, v):
                return True
    return False


@routine
def _unwind(own: Any, v: Any) -> None:
    """Take whole turns off all angles."""
    for k in range(own.n_spread):
        line = at(own.ranges + k * RANGE_BYTES, Range)
        if _is_angle(line):
            turns = v.theta[line.place] / (2.0 * math.pi)
            v.theta[line.place] -= 2.0 * math.pi * math.floor(turns + 0.5)


@routine
def _turn_back(own: Any, v: Any) -> None:
    """Change the sign of all angles."""
    for k in range(own.n_spread):
        line = at(own.ranges + k * RANGE_BYTES, Range)
        if _is_angle(line):
            v.theta[line.place] = -v.theta[line.place]


@routine
def _is_angle(line: Any) -> Any:
    return line.kind == UNIFORM and line.low == 0.0 and line.high == 2.0 * math.pi


@routine
def _exchange(
    problem: Any, own: Any, given: Any, height: Any, limit: Any, best: Any, v: Any
) -> None:
    """Exchange two sizes for which amplitudes have the other sign."""
    n = problem.n_free
    for k in range(own.n_spread):
        line = at(own.ranges + k * RANGE_BYTES, Range)
        for j in range(k):
            other = at(own.ranges + j * RANGE_BYTES, Range)
            if line.kind == other.kind and line.unit == other.unit:
                copy(v.theta, best, n)
                v.theta[line.place] = best[other.place]
                v.theta[other.place] = best[line.place]
                _try_change(problem, own, given, height, limit, best, v)


@routine
def _try_change(
    problem: Any, own: Any, given: Any, height: Any, limit: Any, best: Any, v: Any
) -> Any:
    """Take `v.theta` for `best` if it costs the same and is no stranger."""
    n = problem.n_free
    lower, upper = as_floats(own.lower), as_floats(own.upper)
    before = _strangeness(own, best, n)
    for k in range(n):
        is_given = not math.isnan(given[k]) and v.theta[k] != given[k]
        if is_given or not lower[k] <= v.theta[k] <= upper[k]:
            return False
    cost = solve_at(problem, own, given, height, v)
    after = _strangeness(own, v.theta, n)
    if not cost <= limit or after > before:
        return False
    copy(best, v.theta, n)
    return after < before


@routine
def _strangeness(own: Any, theta: Any, n: Any) -> Any:
    """How many signs people would not write."""
    held, strangeness = as_floats(own.held), 0
    for k in range(n):
        strangeness += 1 if held[k] == 0.0 and theta[k] < 0.0 else 0
    for k in range(own.n_spread):
        line = at(own.ranges + k * RANGE_BYTES, Range)
        is_negative = line.has_signs != 0 and theta[line.place] < 0.0
        strangeness += SIZE if is_negative else 0
    return strangeness
