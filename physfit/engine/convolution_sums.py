"""Sums of a convolution over the places of the response (see `convolution`)."""

from __future__ import annotations

import math
from typing import Any

from physfit.engine.abi import as_floats, at, offset
from physfit.engine.convolution_beginning import add_beginning
from physfit.engine.convolution_response import evaluate_rows, load, masks_of, measure
from physfit.engine.convolution_words import FACTS, N_ENDS, WEIGHTS, Facts
from physfit.engine.program import VALUES
from physfit.engine.roles import routine, summation

__all__ = ["MOST_TAPS", "add_program", "correlate"]

#: Places of the response in all, beyond which a model is too narrow to be summed.
MOST_TAPS = 5e4
#: Of a step: a place so near to the end of the support belongs to it.
CLOSE = 1e-9


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
    is_normalised = facts.is_normalised != 0
    if is_normalised and not measure(low, n_taps, taps, wanted, space, own, context):
        return False
    if begins:
        add_beginning(number, lattice, taps, wanted, (space, own, context))
    for part in range(lattice.parts):
        count, done = (n_taps - part + lattice.parts - 1) // lattice.parts, 0
        while done < count:
            length = min(space.n_nodes // lattice.stride, count - done)
            begin = low + part + lattice.parts * done
            load(begin, lattice.parts, length, taps, wanted, space, own[0], context)
            last = begin + lattice.parts * (length - 1)
            _window(
                number, first - last, lattice, length, wanted, (space, own, context)
            )
            _add(number, lattice, length, wanted, space, context)
            done += length
    return True


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
    evaluate_rows(problem, count, space.window, wanted)
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
def _add(
    number: Any, lattice: Any, length: Any, wanted: Any, space: Any, context: Any
) -> None:
    """Add the convolution of rows with some places of the response."""
    facts = at(context[FACTS], Facts)
    masks, mask = masks_of(number, wanted, facts, context)
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
