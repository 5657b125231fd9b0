"""Sums of a convolution over the places of the response (see `convolution`)."""

from __future__ import annotations

import math
from typing import Any

from physfit.engine.abi import as_floats, as_integers, at, offset
from physfit.engine.convolution_words import (
    FACTS,
    GRADED,
    MASKS,
    N_ENDS,
    N_GRADED,
    SUPPORT,
    WEIGHTS,
    Facts,
)
from physfit.engine.dense import fill
from physfit.engine.program import FREE, FULL, VALUES, copy_block, over_blocks
from physfit.engine.roles import routine, summation
from physfit.engine.structs import add_scaled

__all__ = ["MOST_TAPS", "add_program", "correlate", "reach_of"]

#: Places on each side of the response where its reach is looked for, by this ratio.
N_LOOKS = 96
RATIO = 1.12
FIRST_LOOK = 1.0 / 64.0
#: Beyond its reach the response is below this part of its maximum.
SMALL = 1e-17
#: Places of the response in all, beyond which a model is too narrow to be summed.
MOST_TAPS = 5e4
#: Of a step: a place so near to the end of the support belongs to it.
CLOSE = 1e-9


@routine
def reach_of(width: Any, step: Any, space: Any, own: Any, context: Any) -> Any:
    """First and last place where the response counts, and its half width.

    They are looked for from a part of the width on, or of the step without a width.
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
    _evaluate(right, 2 * N_LOOKS + 1, space.taps, 2 * N_LOOKS + 1, VALUES)
    if facts.right_begins != 0:
        fill(offset(space.taps, N_LOOKS), 0.0, N_LOOKS)
    largest = 0.0
    for k in range(2 * N_LOOKS + 1):
        size = math.fabs(space.taps[k])
        if size > largest:
            largest = size
    half, below = math.inf, offset(space.taps, N_LOOKS)
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
def _evaluate(problem: Any, count: Any, table: Any, length: Any, wanted: Any) -> None:
    """Values of a program to the table, and behind `n_outputs` rows its partials."""
    problem.n_samples = count
    jac = offset(table, problem.n_outputs * count)
    over_blocks(problem, 0, count, wanted, copy_block, (table, jac, wanted))


@routine
def add_program(
    number: Any,
    lattice: Any,
    reach: Any,
    wanted: Any,
    space: Any,
    own: Any,
    context: Any,
) -> Any:
    """Add the convolution of one program of the left side; False if it is too long."""
    facts = at(context[FACTS], Facts)
    delta = lattice.step * lattice.stride / lattice.parts
    begins = number == facts.begins
    first = 0.0
    if begins:
        first = math.floor(lattice.first / delta + 0.5)
    shift = lattice.first - first * delta if begins else 0.0
    low = math.ceil((reach[0] - shift) / delta - CLOSE)
    high = math.floor((reach[1] - shift) / delta + CLOSE)
    if not high - low < MOST_TAPS:
        return False
    taps = shift, delta, reach
    n_taps = int(high - low) + 1
    if facts.is_normalised != 0:
        _measure(low, n_taps, taps, wanted, space, own, context)
    if begins:
        _add_beginning(number, lattice, taps, wanted, (space, own, context))
    for part in range(lattice.parts):
        count, done = (n_taps - part + lattice.parts - 1) // lattice.parts, 0
        while done < count:
            length = min(space.n_nodes // lattice.stride, count - done)
            begin = low + part + lattice.parts * done
            _load(begin, lattice.parts, length, taps, wanted, space, own[0], context)
            last = begin + lattice.parts * (length - 1)
            _window(
                number, first - last, lattice, length, wanted, (space, own, context)
            )
            _add(number, lattice, length, wanted, space, context)
            done += length
    return True


@routine
def _places(begin: Any, stride: Any, count: Any, taps: Any, space: Any) -> None:
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
def _measure(
    low: Any, n_taps: Any, taps: Any, wanted: Any, space: Any, own: Any, context: Any
) -> None:
    """Sum of the response, and its partials."""
    facts = at(context[FACTS], Facts)
    n_rows = 1 + facts.n_right if wanted != VALUES else 1
    fill(space.areas, 0.0, n_rows)
    about = n_rows, facts, as_floats(context[WEIGHTS])
    done = 0
    while done < n_taps:
        count = min(space.n_nodes, n_taps - done)
        _places(low + done, 1, count, taps, space)
        _evaluate(
            own[0], count, space.taps, count, FULL if wanted != VALUES else VALUES
        )
        _weigh(low + done, 1, count, taps[1], space.taps, about)
        for k in range(n_rows):
            space.areas[k] += _sum(offset(space.taps, k * count), count)
        done += count


@summation
def _sum(values: Any, n: Any) -> Any:
    total = 0.0
    for i in range(n):
        total += values[i]
    return total


@routine
def _load(
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
    _places(begin, stride, count, taps, space)
    _evaluate(right, count, space.taps, count, FULL if wanted != VALUES else VALUES)
    about = n_rows, facts, as_floats(context[WEIGHTS])
    _weigh(begin, stride, count, taps[1], space.taps, about)
    _normalise(count, n_rows, space, facts)
    for k in range(n_rows):
        row = offset(space.taps, k * count)
        for i in range(count // 2):
            row[i], row[count - 1 - i] = row[count - 1 - i], row[i]


@routine
def _normalise(count: Any, n_rows: Any, space: Any, facts: Any) -> None:
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


@routine
def _window(
    number: Any, first: Any, lattice: Any, length: Any, wanted: Any, about: Any
) -> None:
    """Left side at all places that some places of the response lead to.

    `first` is the first of them, in parts of the step, where the program begins at 0.
    """
    space, own, context = about
    facts = at(context[FACTS], Facts)
    count = lattice.n_nodes + lattice.stride * (length - 1)
    delta = lattice.step * lattice.stride / lattice.parts
    begins = number == facts.begins
    start = lattice.first - space.u[length - 1]
    for k in range(count):
        if begins:
            space.x[k] = (first + lattice.parts * k) * delta
        else:
            space.x[k] = start + k * lattice.step
    problem = own[1]
    if number == 1:
        problem = own[2]
    _evaluate(problem, count, space.window, count, FULL if wanted != VALUES else VALUES)
    if not begins:
        return
    weights = as_floats(context[WEIGHTS])
    n_rows = facts.n_outputs * (1 + facts.n_left if wanted != VALUES else 1)
    for i in range(count):
        place = first + lattice.parts * i - N_ENDS
        if place >= N_ENDS:
            break
        weight = 0.0 if place < 0.0 else weights[int(place)]
        for k in range(n_rows):
            value = space.window[k * count + i]
            space.window[k * count + i] = 0.0 if place < 0.0 else weight * value


@routine
def _add_beginning(
    number: Any, lattice: Any, taps: Any, wanted: Any, about: Any
) -> None:
    """Add the first places of a program that begins, where it may rise as any power."""
    space, own, context = about
    facts = at(context[FACTS], Facts)
    graded = as_floats(context[GRADED])
    length = N_ENDS * taps[1]
    mode = FULL if wanted != VALUES else VALUES
    for g in range(N_GRADED):
        space.x[g] = length * graded[g]
    problem = own[1]
    if number == 1:
        problem = own[2]
    _evaluate(problem, N_GRADED, space.window, N_GRADED, mode)
    n_rows = 1 + facts.n_right if wanted != VALUES else 1
    for g in range(N_GRADED):
        place = lattice.first - space.x[g]
        start = max(0, math.ceil((taps[2][0] - place) / lattice.step))
        stop = min(lattice.n_nodes, math.floor((taps[2][1] - place) / lattice.step) + 1)
        count = stop - start
        if count <= 0:
            continue
        for i in range(count):
            space.u[i] = place + (start + i) * lattice.step
        _evaluate(own[0], count, space.taps, count, mode)
        _normalise(count, n_rows, space, facts)
        weight = length * graded[N_GRADED + g]
        _add_place(number, g, weight, start, count, lattice, wanted, about)


@routine
def _add_place(
    number: Any,
    g: Any,
    weight: Any,
    start: Any,
    count: Any,
    lattice: Any,
    wanted: Any,
    about: Any,
) -> None:
    """Add the response to one place of a program, times its value there."""
    space, _, context = about
    facts = at(context[FACTS], Facts)
    masks, mask = _masks(number, wanted, facts, context)
    n_outputs, n = facts.n_outputs, lattice.n_nodes
    for part in range(n_outputs):
        value = weight * space.window[part * N_GRADED + g]
        add_scaled(offset(space.sums, part * n + start), space.taps, value, count)
        if wanted == VALUES:
            continue
        for k in range(facts.n_left):
            if masks[k] != 0:
                row = (1 + k) * n_outputs + part
                slope = weight * space.window[row * N_GRADED + g]
                target = offset(space.sums, row * n + start)
                add_scaled(target, space.taps, slope, count)
        for k in range(facts.n_right):
            if mask[k] != 0:
                row = (1 + facts.n_left + k) * n_outputs + part
                target = offset(space.sums, row * n + start)
                add_scaled(target, offset(space.taps, (1 + k) * count), value, count)


@routine
def _masks(number: Any, wanted: Any, facts: Any, context: Any) -> Any:
    """Which partials count: by parameters of a program, and of the response."""
    masks = as_integers(context[MASKS])
    n_left = facts.n_programs * facts.n_left
    if wanted == FREE:
        masks = offset(masks, n_left + facts.n_right)
    return offset(masks, number * facts.n_left), offset(masks, n_left)


@routine
def _add(
    number: Any, lattice: Any, length: Any, wanted: Any, space: Any, context: Any
) -> None:
    """Add the convolution of rows with some places of the response."""
    facts = at(context[FACTS], Facts)
    masks, mask = _masks(number, wanted, facts, context)
    n_nodes, stride = lattice.n_nodes, lattice.stride
    count = n_nodes + stride * (length - 1)
    n_outputs = facts.n_outputs
    for part in range(n_outputs):
        values = offset(space.window, part * count)
        sums = offset(space.sums, part * n_nodes)
        correlate(sums, values, space.taps, n_nodes, length, stride)
        if wanted == VALUES:
            continue
        for k in range(facts.n_left):
            if masks[k] != 0:
                place = (1 + k) * n_outputs + part
                target = offset(space.sums, place * n_nodes)
                slopes = offset(space.window, place * count)
                correlate(target, slopes, space.taps, n_nodes, length, stride)
        for k in range(facts.n_right):
            if mask[k] != 0:
                place = (1 + facts.n_left + k) * n_outputs + part
                target = offset(space.sums, place * n_nodes)
                slopes = offset(space.taps, (1 + k) * length)
                correlate(target, values, slopes, n_nodes, length, stride)


@summation
def correlate(
    out: Any, values: Any, weights: Any, n: Any, length: Any, stride: Any
) -> None:
    """out[i] += sum over s of weights[s] * values[i + stride * s]."""
    done = 0
    while done + 8 <= length:
        w, v0 = offset(weights, done), offset(values, done * stride)
        v1, v2, v3 = offset(v0, stride), offset(v0, 2 * stride), offset(v0, 3 * stride)
        v4, v5, v6 = offset(v3, stride), offset(v3, 2 * stride), offset(v3, 3 * stride)
        v7 = offset(v6, stride)
        w0, w1, w2, w3 = w[0], w[1], w[2], w[3]
        w4, w5, w6, w7 = w[4], w[5], w[6], w[7]
        for i in range(n):
            low = w0 * v0[i] + w1 * v1[i] + w2 * v2[i] + w3 * v3[i]
            high = w4 * v4[i] + w5 * v5[i] + w6 * v6[i] + w7 * v7[i]
            out[i] += low + high
        done += 8
    for s in range(done, length):
        weight, shifted = weights[s], offset(values, s * stride)
        for i in range(n):
            out[i] += weight * shifted[i]
