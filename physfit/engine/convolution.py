"""Convolution of a model with a response, evaluated where neither has samples.

With the model f and the response r of unit area,

    h(x) = integral f(x - u) r(u) du

is summed over places u_j that are a step delta apart, which is exact up to what f and r
have together above the wave number 2 pi / delta: for smooth f and r the error falls
exponentially with 1 / delta. The step is a whole part of the distance of samples, and
follows from the widths of both (`models.convolution`). f is asked for wherever it is
needed, beyond the data too; no sample is taken to be zero.

Where the samples are places of a lattice (uniform, with gaps or without, in any order),
the sum is one convolution of columns for each part of its step. Other samples lie on a
lattice that is fine enough for h, which is as smooth as r, and are interpolated: of 16
places, more than five of them in the standard deviation of a Gaussian, with an error of
1e-11. Where that would take too many places each sample is summed by itself. Partials
are the sums of the partials of f, and of r.

A model that begins at x = 0 jumps there, and may rise or fall as any power. Its first
places are summed by a rule of Gauss and Legendre that is dense at 0, the others by the
trapezoidal rule with the end-corrected weights of Gregory; r takes up what the samples
are off.

References
----------
L. N. Trefethen, J. A. C. Weideman, SIAM Review 56 (2014) 385, for the trapezoidal rule;
P. J. Davis, P. Rabinowitz, Methods of Numerical Integration (2nd ed., 1984), 2.9, for
its corrections at an end.
"""

from __future__ import annotations

import math
from typing import Any

from physfit.engine.abi import address_at, as_floats, as_integers, at, offset
from physfit.engine.convolution_response import reach_of
from physfit.engine.convolution_sums import MOST_TAPS, add_program
from physfit.engine.convolution_words import (
    FACTS,
    HEADER,
    LEFT_WIDTHS,
    PROGRAMS,
    RIGHT_WIDTHS,
    ROOM,
    SUPPORT,
    Facts,
    Lattice,
    Space,
)
from physfit.engine.dense import fill
from physfit.engine.inner import SPARE, placed
from physfit.engine.program import VALUES
from physfit.engine.roles import routine

__all__ = ["convolve"]

#: A sample off the lattice by less than this part of its step is on it.
ON_LATTICE = 1e-8
#: Places that samples between them are interpolated from, and how many more of them
#: than the sum over the response needs.
N_NEAR, BETWEEN = 16, 4.4


@routine
def convolve(
    params: Any, x: Any, ldx: Any, n: Any, wanted: Any, context: Any, scratch: Any
) -> None:
    """Curve of all samples, and the partials that are wanted, into the scratch."""
    facts = at(context[FACTS], Facts)
    n_all = 1 + facts.n_left + facts.n_right
    scratch[0], scratch[1], scratch[2] = n, facts.n_outputs, n_all - 1
    curve = offset(scratch, HEADER)
    n_rows = n_all * facts.n_outputs if wanted != VALUES else facts.n_outputs
    fill(curve, math.nan, n_rows * n)
    space = _space(n, facts, offset(curve, n_all * facts.n_outputs * n))
    own = _laid_out(params, facts, context, space)
    by_left, by_right, widest = _resolution(params, facts, context)
    finest = by_left + by_right
    low, high, distance = _extent(x, n)
    if n == 0 or not math.isfinite(low + high) or not finest < math.inf:
        return
    if not distance < math.inf:
        distance = 1.0 / finest if finest > 0.0 else 1.0
    low_u, high_u, half = reach_of(widest, distance, space, own, context)
    if not low_u < high_u:
        return
    by_right = max(by_right, 0.01 * facts.in_half / half)
    finest = by_left + by_right
    about = (low_u, high_u), wanted, space, own, context
    n_steps = math.floor((high - low) / distance + 0.5)
    is_lattice = n_steps < space.n_nodes
    if is_lattice and n_steps > 0.0:
        distance = (high - low) / n_steps
    # A response that is far narrower than the step has places at each sample alone.
    is_lattice = is_lattice and distance * finest <= MOST_TAPS
    if is_lattice and _is_on(x, n, low, distance):
        lattice = _lattice(low, distance, int(n_steps) + 1, finest, about)
        if _sum(lattice, n_rows, about):
            _take(lattice, x, n, n_rows, curve, space)
        return
    by_node = BETWEEN * (by_left if facts.right_begins != 0 else by_right)
    by_samples = as_floats(context[SUPPORT])[2]
    step = 1.0 / _with_samples(by_node, by_samples)
    n_steps = math.ceil((high - low) / step) + N_NEAR
    if n_steps < space.n_nodes:
        first = low - (0.5 * N_NEAR - 1.0) * step
        lattice = _lattice(first, step, int(n_steps) + 1, finest, about)
        if _sum(lattice, n_rows, about):
            _interpolate(lattice, x, n, n_rows, curve, space)
        return
    step = 1.0 / _with_samples(finest, by_samples)
    for i in range(n):
        lattice = Lattice(x[i], step, 1, 1, 1)
        if not _sum(lattice, n_rows, about):
            return
        for k in range(n_rows):
            curve[k * n + i] = space.sums[k]


@routine
def _with_samples(wanted: Any, by_samples: Any) -> Any:
    """Places per unit of x, of a measured response a multiple of its samples.

    What the sum sees of its spline beyond its samples then falls as the fourth power.
    """
    if by_samples == 0.0:
        return wanted
    return by_samples * math.ceil(wanted / by_samples - 1e-9)


@routine
def _lattice(first: Any, step: Any, n_nodes: Any, finest: Any, about: Any) -> Any:
    """Lattice, the parts of its step that are summed, or every so many steps."""
    space, facts = about[2], at(about[4][FACTS], Facts)
    wanted = min(step * finest, MOST_TAPS)
    parts, stride = max(1, math.ceil(wanted - 1e-9)), 1
    if facts.begins < 0:  # beginnings are on places of the sum
        stride = max(1, int(min(1.0 / wanted, 0.25 * space.n_nodes)))
    return Lattice(first, step, n_nodes, parts, stride)


@routine
def _sum(lattice: Any, n_rows: Any, about: Any) -> Any:
    """Sums at the places of a lattice; False if there are too many for a value."""
    reach, wanted, space, own, context = about
    fill(space.sums, 0.0, n_rows * lattice.n_nodes)
    facts = at(context[FACTS], Facts)
    for number in range(facts.n_programs):
        if not add_program(number, lattice, reach, wanted, space, own, context):
            return False
    return True


@routine
def _take(lattice: Any, x: Any, n: Any, n_rows: Any, curve: Any, space: Any) -> None:
    """Sums on a lattice to the samples on it."""
    for k in range(n_rows):
        source = offset(space.sums, k * lattice.n_nodes)
        target = offset(curve, k * n)
        for i in range(n):
            place = math.floor((x[i] - lattice.first) / lattice.step + 0.5)
            target[i] = source[int(place)]


@routine
def _interpolate(
    lattice: Any, x: Any, n: Any, n_rows: Any, curve: Any, space: Any
) -> None:
    """Sums on a lattice to samples between, by the polynomials through `N_NEAR`."""
    weights = space.u
    for i in range(n):
        place = (x[i] - lattice.first) / lattice.step
        first = min(int(place) - N_NEAR // 2 + 1, lattice.n_nodes - N_NEAR)
        first = max(first, 0)  # the first sample is on a place, but for its rounding
        part = place - first
        weight, total, exact = 1.0, 0.0, -1
        for j in range(N_NEAR):
            if part == j:
                exact = j
            weights[j] = weight / (part - j)
            total += weights[j]
            weight *= -(N_NEAR - 1.0 - j) / (j + 1.0)
        for j in range(N_NEAR):
            weights[j] /= total
            if exact >= 0:
                weights[j] = 1.0 if j == exact else 0.0
        for k in range(n_rows):
            near = offset(space.sums, k * lattice.n_nodes + first)
            value = 0.0
            for j in range(N_NEAR):
                value += weights[j] * near[j]
            curve[k * n + i] = value


@routine
def _space(n: Any, facts: Any, memory: Any) -> Any:
    """Memory behind the curve, as `convolution_words.sizes` counts it."""
    n_nodes, n_outputs = 2 * n + ROOM, facts.n_outputs
    n_all = 1 + facts.n_left + facts.n_right
    window = offset(memory, n_all * n_outputs * n_nodes)
    taps = offset(window, 2 * (1 + facts.n_left) * n_outputs * n_nodes)
    x = offset(taps, (1 + facts.n_right) * n_nodes)
    u = offset(x, 2 * n_nodes)
    areas = offset(u, n_nodes)
    return Space(memory, window, taps, x, u, areas, n_nodes)


@routine
def _laid_out(params: Any, facts: Any, context: Any, space: Any) -> Any:
    """Programs of the response and of the left side, at these parameters."""
    memory = offset(space.areas, 1 + facts.n_right)
    right = placed(context[PROGRAMS], context[PROGRAMS + 1], memory)
    full = as_floats(right.full)
    for k in range(facts.n_right):
        full[k] = params[facts.n_left + k]
    if facts.scale >= 0:
        full[facts.scale] = 1.0
    right.x = address_at(space.u)
    memory = offset(memory, context[PROGRAMS + 1] + SPARE)
    left = _left_program(0, params, facts, context, space, memory)
    if facts.n_programs == 1:
        return right, left, left
    memory = offset(memory, context[PROGRAMS + 3] + SPARE)
    return right, left, _left_program(1, params, facts, context, space, memory)


@routine
def _left_program(
    number: Any, params: Any, facts: Any, context: Any, space: Any, memory: Any
) -> Any:
    template = PROGRAMS + 2 + 2 * number
    problem = placed(context[template], context[template + 1], memory)
    full = as_floats(problem.full)
    for k in range(facts.n_left):
        full[k] = params[k]
    problem.x = address_at(space.x)
    problem.ldx = problem.ldy = problem.capacity = 2 * space.n_nodes
    return problem


@routine
def _resolution(params: Any, facts: Any, context: Any) -> Any:
    """Places per unit of x that both sides need, and the width of the response."""
    by_left, _ = _narrowest(params, as_integers(context[LEFT_WIDTHS]))
    right = offset(params, facts.n_left)
    by_right, widest = _narrowest(right, as_integers(context[RIGHT_WIDTHS]))
    by_samples = as_floats(context[SUPPORT])[2]
    by_right += max(0.5 * by_samples, by_samples - by_left - by_right)
    return by_left, by_right, widest


@routine
def _narrowest(params: Any, table: Any) -> Any:
    """Places per unit of x that the narrowest component needs, and the widest width.

    A table holds the number of components, and for each how many places it needs in its
    width (in hundredths), how many widths are added up, and where they are.
    """
    finest, widest, place = 0.0, 0.0, 1
    for _ in range(table[0]):
        wanted, count = 0.01 * table[place], table[place + 1]
        width = 0.0
        for k in range(count):
            width += math.fabs(params[table[place + 2 + k]])
        place += 2 + count
        finest = max(finest, wanted / width)
        widest = max(widest, width)
    return finest, widest


@routine
def _extent(x: Any, n: Any) -> Any:
    """First place, last place, and the least distance of neighbours that differ."""
    low, high, least = math.inf, -math.inf, math.inf
    for k in range(n):
        low, high = min(low, x[k]), max(high, x[k])
        distance = math.fabs(x[k] - x[max(k - 1, 0)])
        if distance > 0.0 and distance < least:
            least = distance
    return low, high, least


@routine
def _is_on(x: Any, n: Any, first: Any, step: Any) -> Any:
    """Whether all samples are on a lattice."""
    for k in range(n):
        place = (x[k] - first) / step
        if not math.fabs(place - math.floor(place + 0.5)) < ON_LATTICE:
            return False
    return True
