"""The response of a convolution at some of its places: where it counts, its weights."""

from __future__ import annotations

import math
from typing import Any

from physfit.engine.abi import as_floats, as_integers, at, offset
from physfit.engine.convolution_words import (
    FACTS,
    MASKS,
    N_ENDS,
    SUPPORT,
    WEIGHTS,
    Facts,
)
from physfit.engine.dense import fill
from physfit.engine.program import FREE, FULL, VALUES, copy_block, over_blocks
from physfit.engine.roles import routine, summation

__all__ = ["evaluate_rows", "load", "masks_of", "measure", "normalise", "reach_of"]

#: Places on each side of the response where its reach is looked for, by this ratio.
N_LOOKS = 96
RATIO = 1.12
FIRST_LOOK = 1.0 / 64.0
#: Beyond its reach the response is below this part of its maximum.
SMALL = 1e-17
#: Part of its maximum that it must have fallen to at the farthest look.
OPEN = 1e-3
#: Part of the sum of |r| below which the sum of r is rounding.
CANCELLED = 1e-13


@routine
def evaluate_rows(problem: Any, count: Any, table: Any, wanted: Any) -> None:
    """Values of a program to the table, and behind `n_outputs` rows its partials."""
    problem.n_samples = count
    mode = FULL if wanted != VALUES else VALUES
    own = table, offset(table, problem.n_outputs * count), mode
    over_blocks(problem, 0, count, mode, copy_block, own)


@routine
def masks_of(number: Any, wanted: Any, facts: Any, context: Any) -> Any:
    """Which partials count: by parameters of a program, and of the response."""
    masks = as_integers(context[MASKS])
    n_left = facts.n_programs * facts.n_left
    if wanted == FREE:
        masks = offset(masks, n_left + facts.n_right)
    return offset(masks, number * facts.n_left), offset(masks, n_left)


@routine
def reach_of(width: Any, step: Any, space: Any, own: Any, context: Any) -> Any:
    """First and last place where the response counts, and its half width.

    They are looked for from a part of the width on, or of the step without a width. NaN
    of a response that does not fall so far out, and so has no area that is known.
    """
    facts, right = at(context[FACTS], Facts), own[0]
    origin = 0.0
    if facts.origin >= 0:
        origin = as_floats(right.full)[facts.origin]
    if facts.is_bounded != 0:
        support = as_floats(context[SUPPORT])
        return origin + support[0], origin + support[1], math.inf
    distance = FIRST_LOOK * (width if width > 0.0 else step)
    space.u[2 * N_LOOKS] = origin
    for k in range(N_LOOKS):
        space.u[k], space.u[N_LOOKS + k] = origin + distance, origin - distance
        distance *= RATIO
    evaluate_rows(right, 2 * N_LOOKS + 1, space.taps, VALUES)
    if facts.right_begins != 0:
        fill(offset(space.taps, N_LOOKS), 0.0, N_LOOKS)
    largest = 0.0
    for k in range(2 * N_LOOKS + 1):
        size = math.fabs(space.taps[k])
        if size > largest:
            largest = size
    half, below = math.inf, offset(space.taps, N_LOOKS)
    end = math.fabs(space.taps[N_LOOKS - 1])
    if facts.right_begins == 0:
        end = max(end, math.fabs(below[N_LOOKS - 1]))
    if not end <= OPEN * largest:
        return math.nan, math.nan, math.nan
    for k in range(N_LOOKS):
        smaller = math.fabs(space.taps[k])
        if facts.right_begins == 0:
            smaller = min(smaller, math.fabs(below[k]))
        if smaller < 0.5 * largest and half == math.inf:
            half = space.u[k] - origin
    high = space.u[_last(space.taps, SMALL * largest)]
    low = space.u[N_LOOKS + _last(below, SMALL * largest)]
    return (origin if facts.right_begins != 0 else low), high, half


@routine
def _last(values: Any, least: Any) -> Any:
    """Look behind the last one whose value counts."""
    last = 0
    for k in range(N_LOOKS):
        if math.fabs(values[k]) > least:
            last = min(k + 1, N_LOOKS - 1)
    return last


@routine
def put_places(begin: Any, stride: Any, count: Any, taps: Any, space: Any) -> None:
    """Places of the response, none beyond its reach."""
    shift, delta, reach = taps
    for k in range(count):
        place = shift + (begin + stride * k) * delta
        space.u[k] = min(max(place, reach[0]), reach[1])


@routine
def _weigh(
    begin: Any, stride: Any, count: Any, delta: Any, rows: Any, about: Any
) -> None:
    """Rows of the response times delta, and by the weights of a beginning."""
    n_rows, facts, weights = about
    for k in range(n_rows):
        row = offset(rows, k * count)
        for i in range(count):
            row[i] *= delta
    if facts.right_begins == 0:
        return
    for i in range(count):
        place = int(begin) + stride * i
        if place < N_ENDS:
            for k in range(n_rows):
                rows[k * count + i] *= weights[place]


@routine
def measure(
    low: Any, n_taps: Any, taps: Any, wanted: Any, space: Any, own: Any, context: Any
) -> Any:
    """Sum of the response, and its partials; False if the sum is rounding."""
    facts = at(context[FACTS], Facts)
    n_rows = 1 + facts.n_right if wanted != VALUES else 1
    fill(space.areas, 0.0, n_rows)
    about = n_rows, facts, as_floats(context[WEIGHTS])
    done, absolute = 0, 0.0
    while done < n_taps:
        count = min(space.n_nodes, n_taps - done)
        put_places(low + done, 1, count, taps, space)
        evaluate_rows(own[0], count, space.taps, wanted)
        _weigh(low + done, 1, count, taps[1], space.taps, about)
        for k in range(n_rows):
            space.areas[k] += _sum(offset(space.taps, k * count), count)
        absolute += _absolute(space.taps, count)
        done += count
    return not abs(space.areas[0]) <= CANCELLED * absolute


@summation
def _sum(values: Any, n: Any) -> Any:
    total = 0.0
    for i in range(n):
        total += values[i]
    return total


@summation
def _absolute(values: Any, n: Any) -> Any:
    total = 0.0
    for i in range(n):
        total += abs(values[i])
    return total


@routine
def load(
    begin: Any,
    stride: Any,
    count: Any,
    taps: Any,
    wanted: Any,
    space: Any,
    right: Any,
    context: Any,
) -> None:
    """Weights of some places of the response, the last first, and their partials."""
    facts = at(context[FACTS], Facts)
    n_rows = 1 + facts.n_right if wanted != VALUES else 1
    put_places(begin, stride, count, taps, space)
    evaluate_rows(right, count, space.taps, wanted)
    about = n_rows, facts, as_floats(context[WEIGHTS])
    _weigh(begin, stride, count, taps[1], space.taps, about)
    normalise(count, n_rows, space, facts)
    for k in range(n_rows):
        row = offset(space.taps, k * count)
        for i in range(count // 2):
            row[i], row[count - 1 - i] = row[count - 1 - i], row[i]


@routine
def normalise(count: Any, n_rows: Any, space: Any, facts: Any) -> None:
    """Divide the response by its sum, its partials by the rule of quotients."""
    if facts.is_normalised == 0:
        return
    area = 1.0 / space.areas[0]
    for i in range(count):
        space.taps[i] *= area
    for k in range(1, n_rows):
        row, slope = offset(space.taps, k * count), space.areas[k]
        for i in range(count):
            row[i] = (row[i] - space.taps[i] * slope) * area
