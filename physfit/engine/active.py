"""Backgrounds that follow the peaks of their sum, over the samples of a curve.

With the peaks P, of samples at x in growing order (or falling, see `Kinds`),

    Shirley    B(x) = k integral of P(t) dt,  from the first sample to x
    Tougaard   B(x) = b integral of P(t) T / (C + T^2)^2 dt,  T = |x - t|

by the trapezoidal rule over the samples. Both are linear in P, so the partials by
parameters of the peaks are the same integrals of the partials of P.

References
----------
D. A. Shirley, Phys. Rev. B 5 (1972) 4709; A. Herrera-Gomez et al., Surf. Interface
Anal. 46 (2014) 897, for the active one; S. Tougaard, Surf. Interface Anal. 25 (1997)
137, for the universal cross section.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from physfit.engine.abi import address_at, as_floats, as_integers, at, offset
from physfit.engine.dense import copy, fill
from physfit.engine.inner import SPARE, placed
from physfit.engine.program import FULL, VALUES, copy_block, over_blocks
from physfit.engine.roles import routine, summation
from physfit.engine.struct import Struct
from physfit.engine.trajectory import sort_places

__all__ = ["HEADER", "Facts", "follow_peaks", "sizes"]

#: Doubles before the curve in the scratch, as in `host`: samples, outputs, parameters.
HEADER = 3
# Addresses in the context: facts, backgrounds (kind, way, first parameter), masks of
# the programs, the scratch of each (so much, and so much for each sample), then
# template and size of each.
FACTS, BACKGROUNDS, MASKS, ROOMS, PROGRAMS = range(0, 10, 2)
#: Steps that differ by less than this part are one.
UNIFORM = 1e-9
SHIRLEY = 0


class Facts(Struct):
    """What the context says; the first program are the peaks."""

    n_parameters: int
    n_programs: int
    n_backgrounds: int
    #: Whether the programs belong to the value, or the backgrounds alone.
    is_whole: int


class Space(NamedTuple):
    """Rows of the curve, of the peaks and of these in order, and columns."""

    curve: Any
    peaks: Any
    rows: Any
    order: Any
    places: Any
    lags: Any
    slopes: Any
    sums: Any


def sizes(n_parameters: int) -> tuple[int, int]:
    """Doubles of scratch but for programs: so many, and so many for each sample."""
    return HEADER, 3 * (1 + n_parameters) + 5


@routine
def follow_peaks(
    params: Any, x: Any, ldx: Any, n: Any, wanted: Any, context: Any, scratch: Any
) -> None:
    """Sum of peaks, other terms and backgrounds, and its partials, into the scratch."""
    facts = at(context[FACTS], Facts)
    n_all = 1 + facts.n_parameters
    scratch[0], scratch[1], scratch[2] = n, 1, facts.n_parameters
    space = _space(offset(scratch, HEADER), n_all, n)
    n_rows = n_all if wanted != VALUES else 1
    fill(space.curve, 0.0, n_rows * n)
    memory = offset(space.sums, n)
    for k in range(facts.n_programs):
        table = space.rows if k > 0 else space.peaks
        template = PROGRAMS + 2 * k
        problem = placed(context[template], context[template + 1], memory)
        copy(as_floats(problem.full), params, facts.n_parameters)
        problem.x, problem.ldx = address_at(x), ldx
        problem.n_samples = problem.capacity = n
        memory = offset(memory, context[template + 1] + SPARE)
        room = offset(as_integers(context[ROOMS]), 2 * k)
        if room[1] > 0:  # else it is in the memory of the program
            problem.scratch = address_at(memory)
            memory = offset(memory, room[0] + room[1] * n)
        own = table, offset(table, n), wanted
        over_blocks(
            problem, 0, n, FULL if wanted != VALUES else VALUES, copy_block, own
        )
        mask = offset(as_integers(context[MASKS]), k * facts.n_parameters)
        _mask(table, n_rows, n, mask)
        if facts.is_whole != 0:
            for i in range(n_rows * n):
                space.curve[i] += table[i]
    for k in range(facts.n_backgrounds):
        own = offset(as_integers(context[BACKGROUNDS]), 3 * k)
        _put_in_order(x, n, own[1], space, n_rows)
        if own[0] == SHIRLEY:
            _add_shirley(params, own[2], n, n_rows, space)
        else:
            _add_tougaard(params, own[2], n, n_rows, space)


@routine
def _space(memory: Any, n_all: Any, n: Any) -> Any:
    peaks = offset(memory, n_all * n)
    rows = offset(peaks, n_all * n)
    order = offset(rows, n_all * n)
    places, lags = offset(order, n), offset(order, 2 * n)
    slopes, sums = offset(order, 3 * n), offset(order, 4 * n)
    return Space(memory, peaks, rows, order, places, lags, slopes, sums)


@routine
def _mask(table: Any, n_rows: Any, n: Any, mask: Any) -> None:
    """No partials by the parameters of other programs."""
    for k in range(1, n_rows):
        if mask[k - 1] == 0:
            fill(offset(table, k * n), 0.0, n)


@routine
def _put_in_order(x: Any, n: Any, way: Any, space: Any, n_rows: Any) -> None:
    """Places from the first sample on, and rows of the peaks times their weights."""
    sort_places(x, n, space.order)
    if way < 0:
        for k in range(n // 2):
            other = n - 1 - k
            order = space.order
            order[k], order[other] = order[other], order[k]
    for k in range(n):
        space.places[k] = math.fabs(x[int(space.order[k])] - x[int(space.order[0])])
    for r in range(n_rows):
        source, target = offset(space.peaks, r * n), offset(space.rows, r * n)
        for k in range(n):
            target[k] = source[int(space.order[k])]


@routine
def _add_shirley(params: Any, first: Any, n: Any, n_rows: Any, space: Any) -> None:
    """Integral of the peaks up to each sample, times k."""
    factor = params[first]
    for r in range(n_rows):
        row, total = offset(space.rows, r * n), 0.0
        space.sums[0] = 0.0
        for k in range(1, n):
            width = space.places[k] - space.places[k - 1]
            total += 0.5 * (row[k] + row[k - 1]) * width
            space.sums[k] = total
        _add(space, offset(space.curve, r * n), factor, n)
        if r == 0 and n_rows > 1:
            _add(space, offset(space.curve, (1 + first) * n), 1.0, n)


@routine
def _add(space: Any, target: Any, factor: Any, n: Any) -> None:
    """Add the sums to a row, in the order of the samples."""
    for k in range(n):
        target[int(space.order[k])] += factor * space.sums[k]


@routine
def _add_tougaard(params: Any, first: Any, n: Any, n_rows: Any, space: Any) -> None:
    """Peaks convolved with the cross section, times b."""
    b, c = params[first], params[first + 1]
    _weigh(n, n_rows, space)
    is_uniform = _is_uniform(n, space)
    if is_uniform:
        for k in range(n):
            _cross_section(space, k, space.places[n - 1 - k], c)
    for k in range(n):
        place = offset(space.lags, n - 1 - k), offset(space.slopes, n - 1 - k)
        if not is_uniform:
            place = space.lags, space.slopes
            for j in range(k + 1):
                _cross_section(space, j, space.places[k] - space.places[j], c)
        i = int(space.order[k])
        for r in range(n_rows):
            total = _dot(place[0], offset(space.rows, r * n), k + 1)
            space.curve[r * n + i] += b * total
            if r == 0 and n_rows > 1:
                space.curve[(1 + first) * n + i] += total
                slope = _dot(place[1], space.rows, k + 1)
                space.curve[(2 + first) * n + i] += b * slope


@routine
def _weigh(n: Any, n_rows: Any, space: Any) -> None:
    """Rows times the weights of the trapezoidal rule; the last has no part in any."""
    for r in range(n_rows):
        row = offset(space.rows, r * n)
        for k in range(n):
            last, following = max(k - 1, 0), min(k + 1, n - 1)
            row[k] *= 0.5 * (space.places[following] - space.places[last])


@routine
def _is_uniform(n: Any, space: Any) -> Any:
    step = space.places[n - 1] / max(n - 1, 1)
    farthest = 0.0
    for k in range(n):
        farthest = max(farthest, math.fabs(space.places[k] - k * step))
    return farthest <= UNIFORM * step


@routine
def _cross_section(space: Any, k: Any, distance: Any, c: Any) -> None:
    """T / (C + T^2)^2, and its derivative by C."""
    square = c + distance * distance
    space.lags[k] = distance / (square * square)
    space.slopes[k] = -2.0 * distance / (square * square * square)


@summation
def _dot(one: Any, other: Any, n: Any) -> Any:
    total = 0.0
    for k in range(n):
        total += one[k] * other[k]
    return total
