"""The first places of a model that begins where it is convolved.

It may rise or fall as any power there, which the trapezoidal rule does not follow: the
places are those of Gauss and Legendre, dense at the beginning.
"""

from __future__ import annotations

import math
from typing import Any

from physfit.engine.abi import as_floats, at, offset
from physfit.engine.convolution_response import evaluate_rows, masks_of, normalise
from physfit.engine.convolution_words import FACTS, GRADED, N_ENDS, N_GRADED, Facts
from physfit.engine.program import VALUES
from physfit.engine.roles import routine
from physfit.engine.structs import add_scaled

__all__ = ["add_beginning"]


@routine
def add_beginning(
    number: Any, lattice: Any, taps: Any, wanted: Any, about: Any
) -> None:
    """Add the first places of a program that begins, where it may rise as any power."""
    space, own, context = about
    facts = at(context[FACTS], Facts)
    graded = as_floats(context[GRADED])
    length = N_ENDS * taps[1]
    for g in range(N_GRADED):
        space.x[g] = length * graded[g]
    problem = own[1]
    if number == 1:
        problem = own[2]
    evaluate_rows(problem, N_GRADED, space.window, wanted)
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
        evaluate_rows(own[0], count, space.taps, wanted)
        normalise(count, n_rows, space, facts)
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
    masks, mask = masks_of(number, wanted, facts, context)
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
