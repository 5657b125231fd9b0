"""Trajectories of equations of motion with their sensitivities, at given samples.

With the state y, the equations y' = f(t, y, p) and the sensitivities S = dy/dp, which
follow S' = (df/dy) S + df/dp, are integrated as one system by steps of order 8
(`dormand_prince`). The error of a step is held below `rtol` of the largest value so
far of each state, and of each column of S measured in these. The same steps are taken
whether derivatives are asked for or not, so that a value never depends on that, and S
is the derivative of the polynomials that give the samples.

Where a branch of f changes (a switch g(t, y, p) goes through 0), f is continued
smoothly to the end of the step; the zero of g is found on the polynomial of the step,
the branch is changed there, and S jumps by (f_before - f_after) dt/dp, where

    dt/dp = -(dg/dy S + dg/dp) / (dg/dt + dg/dy f_before).

Where the fields of both sides point to g = 0, as with dry friction at rest, the state
slides along it with the combination of both that stays there (Filippov), until one side
leads away. No value follows from a state that slides along two switches, from one that
is not finite, from steps that become too small or too many, or of stiff equations: the
samples from there on are NaN.

The module is long because a step, its error, the switches inside of it and what slides
along them share one scratch, whose layout stands here alone.

References
----------
E. Hairer, S. P. Norsett, G. Wanner, Solving Ordinary Differential Equations I (2nd ed.,
1993), sections II.4 to II.6; A. F. Filippov, Differential Equations with Discontinuous
Righthand Sides (1988); for the jump of S, Galan, Feehery & Barton, Appl. Numer. Math.
31 (1999) 17.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from physfit.engine.abi import as_floats, offset
from physfit.engine.dense import copy
from physfit.engine.roles import routine

__all__ = ["HEADER", "Equations", "Sizes", "follow", "sort_places", "work_size"]

#: Doubles before the curve in the scratch: samples, outputs, parameters.
HEADER = 3
N_ALL = 16
N_STAGES = 12
N_DEGREES = 7
# Rows of the tableau.
WEIGHTS, THIRD, FIFTH, INSIDE, TIMES = 16 * 16, 17 * 16, 18 * 16, 19 * 16, 23 * 16
#: Places inside of a step where switches are looked at.
N_LOOKS = 8
N_HALVINGS = 60
#: Smallest step, of the range of the samples.
SHORTEST = 1e-14
#: Steps in a row whose length is that of stability before equations are stiff.
N_STIFF, STABLE = 25, 6.1
SAFETY, SHRINK, GROW = 0.9, 0.2, 6.0


class Equations(NamedTuple):
    """The compiled functions of a motion; `z` holds states, then columns of S.

    Attributes
    ----------
    begin
        `(p, z, slopes, context) -> t0`: start and its derivatives, those of t0.
    rates
        `(t, z, p, modes, slide, out, context)`: derivative of z by time.
    switches
        `(t, z, p, modes, slide, out, context)`: switches, by the states alone.
    crossing
        `(k, t, z, p, modes, rates, out, context)`: derivative of switch k by time, and
        by the parameters.
    can_slide
        `(k)`: whether the rate of switch k differs on both of its sides.
    observe
        `(t, z, p, out, n, context)`: values and their partials, `n` doubles apart.
    """

    begin: Any
    rates: Any
    switches: Any
    crossing: Any
    can_slide: Any
    observe: Any


class Sizes(NamedTuple):
    """Sizes of a motion and tolerances of its steps."""

    states: Any
    parameters: Any
    outputs: Any
    switches: Any
    rtol: Any
    atol: Any
    max_steps: Any


class Work(NamedTuple):
    """Memory of a trajectory."""

    z: Any
    after: Any
    trial: Any
    stages: Any
    inside: Any
    largest: Any
    modes: Any
    levels: Any
    moved: Any
    table: Any
    context: Any
    params: Any


def work_size(states: int, parameters: int, switches: int) -> int:
    """Doubles of memory besides those of the samples."""
    size = states * (1 + parameters)
    columns = states + parameters + 2 * switches + 1 + parameters
    return HEADER + (3 + N_ALL + N_DEGREES) * size + columns


@routine
def follow(params: Any, x: Any, n: Any, context: Any, scratch: Any, own: Any) -> None:
    """Curve of all samples, and its partials, into the scratch.

    `own` is a tuple of `Equations` and `Sizes`.
    """
    equations, sizes = own
    scratch[0], scratch[1], scratch[2] = n, sizes.outputs, sizes.parameters
    curve = offset(scratch, HEADER)
    n_values = sizes.outputs * (1 + sizes.parameters) * n
    for k in range(n_values):
        curve[k] = math.nan
    order = offset(curve, n_values)
    sort_places(x, n, order)
    work = _work(params, context, offset(order, n), sizes)
    t0 = equations.begin(work.params, work.z, work.moved, context)
    first = 0
    while first < n and x[int(order[first])] < t0:
        first += 1
    for side in range(2):
        if side == 1:
            equations.begin(work.params, work.z, work.moved, context)
        count = n - first if side == 0 else first
        if count > 0 and math.isfinite(t0):
            line = order, first - side, count, 1.0 - 2.0 * side
            _march(t0, x, n, line, curve, work, own)


@routine
def _work(params: Any, context: Any, memory: Any, sizes: Any) -> Any:
    size = sizes.states * (1 + sizes.parameters)
    numbers = offset(memory, (3 + N_ALL + N_DEGREES) * size)
    modes = offset(numbers, sizes.states + sizes.parameters)
    return Work(
        memory,
        offset(memory, size),
        offset(memory, 2 * size),
        offset(memory, 3 * size),
        offset(memory, (3 + N_ALL) * size),
        numbers,
        modes,
        offset(modes, sizes.switches),
        offset(modes, 2 * sizes.switches),
        as_floats(context[0]),
        context,
        params,
    )


@routine
def sort_places(x: Any, n: Any, order: Any) -> None:
    """Places of the samples by their times."""
    is_sorted = True
    for k in range(n):
        order[k] = k
        is_sorted = is_sorted and (k == 0 or x[k - 1] <= x[k])
    if is_sorted:
        return
    gap = n // 2
    while gap > 0:
        for k in range(gap, n):
            place, j = order[k], k
            while j >= gap and x[int(order[j - gap])] > x[int(place)]:
                order[j] = order[j - gap]
                j -= gap
            order[j] = place
        gap = 1 if gap == 2 else (gap * 5) // 11


@routine
def _march(t0: Any, x: Any, n: Any, line: Any, curve: Any, work: Any, own: Any) -> None:
    """Samples from t0 on, in one direction, until the last or until there is none."""
    equations, sizes = own
    order, first, count, way = line
    size = sizes.states * (1 + sizes.parameters)
    slide = _begin(t0, way, work, own)
    if slide < 0:
        return
    t, end = t0, x[int(order[first + int(way) * (count - 1)])]
    span = math.fabs(end - t0)
    done, n_stiff, is_fresh = 0, 0, False
    while done < count and x[int(order[first + int(way) * done])] == t0:
        place = int(order[first + int(way) * done])
        _observe(t, 0.0, place, curve, n, work, own)
        done += 1
    h = _first_step(work, own, span)
    for _ in range(sizes.max_steps):
        if done >= count:
            return
        if not is_fresh:
            equations.rates(
                *(t, work.z, work.params, work.modes, slide, work.stages),
                work.context,
            )
            is_fresh = True
        left = math.fabs(end - t)
        is_last = not h < left
        length = left if is_last else h
        step = way * length
        error, stretch = _step(t, step, slide, work, own)
        if not error <= 1.0:
            factor = SHRINK
            if error < 1e30:
                factor = max(SHRINK, SAFETY * math.pow(error, -0.125))
            h = length * factor
            if not h > SHORTEST * max(span, math.fabs(t)):
                return
            continue
        n_stiff = n_stiff + 1 if stretch > STABLE else 0
        if n_stiff >= N_STIFF:
            return
        after = end if is_last else t + step
        ahead = x[int(order[first + int(way) * done])]
        part, switch = 1.0, -1
        if sizes.switches > 0 or way * (after - ahead) >= 0.0:
            _complete(t, step, slide, work, own)
            if sizes.switches > 0:
                part, switch = _first_switch(t, step, slide, work, own)
        if switch >= 0:
            after = t + part * step
        while done < count:
            place = int(order[first + int(way) * done])
            if way * (x[place] - after) > 0.0:
                break
            _observe(x[place], (x[place] - t) / step, place, curve, n, work, own)
            done += 1
        _measure(work, sizes)
        if switch >= 0:
            _interpolate(part, size, work, size)
            copy(work.z, work.trial, size)
            slide = _switch(after, switch, way, slide, work, own)
            if slide < 0:
                return
            is_fresh = False
        else:
            copy(work.z, work.after, size)
            copy(work.stages, offset(work.stages, N_STAGES * size), size)
            factor = GROW
            if error > 0.0:
                factor = min(GROW, max(SHRINK, SAFETY * math.pow(error, -0.125)))
            h = max(h, length * factor) if is_last else length * factor
        t = after


@routine
def _begin(t0: Any, way: Any, work: Any, own: Any) -> Any:
    """Branches at the start, where S takes part in a t0 that moves; -1: no way on."""
    equations, sizes = own
    for k in range(sizes.states + sizes.parameters):
        work.largest[k] = 0.0
    for k in range(sizes.switches):
        work.modes[k] = 1.0
    slide = 0
    for k in range(sizes.switches):
        equations.switches(
            t0, work.z, work.params, work.modes, slide, work.levels, work.context
        )
        if work.levels[k] < 0.0:
            work.modes[k] = -1.0
        elif work.levels[k] == 0.0:
            # the side that the state comes from, were it not at rest
            work.modes[k] = -1.0
            slide = _switch_at_rest(t0, k, way, slide, work, own)
            if slide < 0:
                return -1
    equations.rates(
        t0, work.z, work.params, work.modes, slide, work.stages, work.context
    )
    m = sizes.states
    for q in range(sizes.parameters):
        for i in range(m):
            work.z[m * (1 + q) + i] -= work.moved[q] * work.stages[i]
    return slide


@routine
def _switch_at_rest(t: Any, k: Any, way: Any, slide: Any, work: Any, own: Any) -> Any:
    """Branch of a state that begins on a switch; what is slid along, or -1."""
    above, below = 0.0, 0.0
    work.modes[k] = 1.0
    above = way * _speed(t, k, slide, work, own)
    work.modes[k] = -1.0
    below = way * _speed(t, k, slide, work, own)
    if above > 0.0:
        work.modes[k] = 1.0
        return slide
    if below < 0.0 or (above == 0.0 and below == 0.0):
        return slide
    equations = own[0]
    if slide != 0 or way < 0.0 or not equations.can_slide(k):
        return -1
    return k + 1


@routine
def _speed(t: Any, k: Any, slide: Any, work: Any, own: Any) -> Any:
    """Derivative of a switch by time, for the branches as they stand."""
    equations, sizes = own
    rates = offset(work.stages, sizes.states * (1 + sizes.parameters))
    keep = work.inside
    equations.rates(t, work.z, work.params, work.modes, slide, rates, work.context)
    equations.crossing(k, t, work.z, work.params, work.modes, rates, keep, work.context)
    return keep[0]


@routine
def _first_step(work: Any, own: Any, span: Any) -> Any:
    """Length of a step that changes each state by little of its size."""
    sizes = own[1]
    h = 0.01 * span
    for i in range(sizes.states):
        size, rate = math.fabs(work.z[i]), math.fabs(work.stages[i])
        if size > 0.0 and rate * h > 0.05 * size:
            h = max(0.05 * size / rate, 1e-6 * span)
    return h


@routine
def _step(t: Any, step: Any, slide: Any, work: Any, own: Any) -> Any:
    """State after a step; its error in units of what is allowed, and its stiffness."""
    equations, sizes = own
    size = sizes.states * (1 + sizes.parameters)
    for stage in range(1, N_STAGES + 1):
        row = WEIGHTS if stage == N_STAGES else stage * N_ALL
        target = work.after if stage == N_STAGES else work.trial
        _combine(row, stage, step, target, size, work)
        time = t + step * work.table[TIMES + stage]
        out = offset(work.stages, stage * size)
        equations.rates(time, target, work.params, work.modes, slide, out, work.context)
    return _error(step, work, sizes), _stretch(step, work, sizes)


@routine
def _combine(row: Any, count: Any, step: Any, out: Any, size: Any, work: Any) -> None:
    """State at the start of the step and a combination of stages."""
    for c in range(size):
        out[c] = 0.0
    for j in range(count):
        weight = work.table[row + j]
        if weight != 0.0:
            stage = offset(work.stages, j * size)
            for c in range(size):
                out[c] += weight * stage[c]
    for c in range(size):
        out[c] = work.z[c] + step * out[c]


@routine
def _error(step: Any, work: Any, sizes: Any) -> Any:
    """Largest error of states and of columns of S, in units of what is allowed.

    A column that begins at 0 may grow with a power of time above the order of the
    method, of which no step has a part that is right: its first step is not judged.
    """
    m = sizes.states
    size = m * (1 + sizes.parameters)
    worst = 0.0
    for q in range(1 + sizes.parameters):
        third, fifth, column, was_zero = 0.0, 0.0, 0.0, q > 0
        if q > 0:
            column = work.largest[m + q - 1]
            was_zero = column == 0.0
        for i in range(m):
            c = q * m + i
            scale = max(
                work.largest[i], max(math.fabs(work.z[i]), math.fabs(work.after[i]))
            )
            three, five = 0.0, 0.0
            for j in range(N_STAGES + 1):
                rate = work.stages[j * size + c]
                three += work.table[THIRD + j] * rate
                five += work.table[FIFTH + j] * rate
            allowed = sizes.rtol * scale + sizes.atol if q == 0 else scale
            if allowed > 0.0:
                third = max(third, math.fabs(three) / allowed)
                fifth = max(fifth, math.fabs(five) / allowed)
                if q > 0:
                    column = max(column, math.fabs(work.after[c]) / allowed)
            was_zero = was_zero and work.z[c] == 0.0
            if not math.isfinite(work.after[c]):
                return math.inf
        if q > 0:
            if was_zero or not column > 0.0:
                continue
            third, fifth = third / column / sizes.rtol, fifth / column / sizes.rtol
        below = math.sqrt(fifth * fifth + 0.01 * third * third)
        if below > 0.0:
            worst = max(worst, math.fabs(step) * fifth * fifth / below)
        if not below < math.inf:
            return math.inf
    return worst


@routine
def _stretch(step: Any, work: Any, sizes: Any) -> Any:
    """Length of the step times the slope of the rates, as its last stages show it."""
    size = sizes.states * (1 + sizes.parameters)
    rates, places = 0.0, 0.0
    for i in range(sizes.states):
        scale = max(math.fabs(work.after[i]), work.largest[i])
        if scale > 0.0:
            rate = work.stages[N_STAGES * size + i]
            rate -= work.stages[(N_STAGES - 1) * size + i]
            rates += (rate / scale) ** 2
            place = (work.after[i] - work.trial[i]) / scale
            places += place * place
    return math.fabs(step) * math.sqrt(rates / places) if places > 0.0 else 0.0


@routine
def _complete(t: Any, step: Any, slide: Any, work: Any, own: Any) -> None:
    """Polynomial of a step."""
    equations, sizes = own
    size = sizes.states * (1 + sizes.parameters)
    for stage in range(N_STAGES + 1, N_ALL):
        _combine(stage * N_ALL, stage, step, work.trial, size, work)
        time = t + step * work.table[TIMES + stage]
        out = offset(work.stages, stage * size)
        equations.rates(
            time, work.trial, work.params, work.modes, slide, out, work.context
        )
    last = offset(work.stages, N_STAGES * size)
    for c in range(size):
        change = work.after[c] - work.z[c]
        work.inside[c] = change
        work.inside[size + c] = step * work.stages[c] - change
        work.inside[2 * size + c] = 2.0 * change - step * (last[c] + work.stages[c])
    for d in range(3, N_DEGREES):
        inside = offset(work.inside, d * size)
        for c in range(size):
            inside[c] = 0.0
        for j in range(N_ALL):
            weight = work.table[INSIDE + (d - 3) * N_ALL + j]
            if weight != 0.0:
                stage = offset(work.stages, j * size)
                for c in range(size):
                    inside[c] += step * weight * stage[c]


@routine
def _interpolate(part: Any, size: Any, work: Any, count: Any) -> None:
    """First `count` entries of z at a part of the step, to `trial`."""
    rest = 1.0 - part
    for c in range(count):
        value = work.inside[6 * size + c] * part + work.inside[5 * size + c]
        value = value * rest + work.inside[4 * size + c]
        value = value * part + work.inside[3 * size + c]
        value = value * rest + work.inside[2 * size + c]
        value = value * part + work.inside[size + c]
        value = value * rest + work.inside[c]
        work.trial[c] = work.z[c] + value * part


@routine
def _observe(
    t: Any, part: Any, place: Any, curve: Any, n: Any, work: Any, own: Any
) -> None:
    """What is observed at a part of the step."""
    equations, sizes = own
    size = sizes.states * (1 + sizes.parameters)
    if part == 0.0:
        copy(work.trial, work.z, size)
    else:
        _interpolate(part, size, work, size)
    equations.observe(t, work.trial, work.params, offset(curve, place), n, work.context)


@routine
def _measure(work: Any, sizes: Any) -> None:
    """Largest values so far of states, and of columns of S in units of these."""
    m = sizes.states
    for i in range(m):
        size = max(math.fabs(work.z[i]), math.fabs(work.after[i]))
        work.largest[i] = max(work.largest[i], size)
    for q in range(sizes.parameters):
        for i in range(m):
            if work.largest[i] > 0.0:
                size = math.fabs(work.after[m * (1 + q) + i]) / work.largest[i]
                work.largest[m + q] = max(work.largest[m + q], size)


@routine
def _first_switch(t: Any, step: Any, slide: Any, work: Any, own: Any) -> Any:
    """Part of the step after which the first switch goes through 0, and which; -1."""
    sizes = own[1]
    for look in range(1, N_LOOKS + 1):
        part, switch = look / N_LOOKS, -1
        low = (look - 1) / N_LOOKS
        _levels(t, step, part, slide, work, own)
        for k in range(sizes.switches):
            if _is_behind(k, slide, work):
                switch = k
                break
        if switch < 0:
            continue
        for _ in range(N_HALVINGS):
            middle = 0.5 * (low + part)
            _levels(t, step, middle, slide, work, own)
            before = -1
            for k in range(sizes.switches):
                if before < 0 and _is_behind(k, slide, work):
                    before = k
            if before >= 0:
                part, switch = middle, before
            else:
                low = middle
        return part, switch
    return 1.0, -1


@routine
def _levels(t: Any, step: Any, part: Any, slide: Any, work: Any, own: Any) -> None:
    equations, sizes = own
    size = sizes.states * (1 + sizes.parameters)
    _interpolate(part, size, work, sizes.states)
    equations.switches(
        *(t + part * step, work.trial, work.params, work.modes, slide),
        *(work.levels, work.context),
    )


@routine
def _is_behind(k: Any, slide: Any, work: Any) -> Any:
    """Whether a switch has left its side, or what is slid along no longer holds."""
    if slide == k + 1:
        return work.levels[k] < 0.0
    return work.modes[k] * work.levels[k] < 0.0


@routine
def _switch(t: Any, k: Any, way: Any, slide: Any, work: Any, own: Any) -> Any:
    """Change the branch at a switch, with the jump of S; what is slid along, or -1."""
    equations, sizes = own
    size = sizes.states * (1 + sizes.parameters)
    if slide == k + 1:  # the rates do not change, and so S does not jump
        work.modes[k] = 1.0
        above = math.fabs(_speed(t, k, 0, work, own))
        work.modes[k] = -1.0
        if above < math.fabs(_speed(t, k, 0, work, own)):
            work.modes[k] = 1.0
        return 0
    before, after = work.stages, offset(work.stages, 2 * size)
    equations.rates(t, work.z, work.params, work.modes, slide, before, work.context)
    equations.crossing(
        k, t, work.z, work.params, work.modes, before, work.moved, work.context
    )
    side = -work.modes[k]
    work.modes[k] = side
    if not way * side * _speed(t, k, slide, work, own) > 0.0:
        if slide != 0 or way < 0.0 or not equations.can_slide(k):
            return -1
        slide = k + 1
    equations.rates(t, work.z, work.params, work.modes, slide, after, work.context)
    m = sizes.states
    for q in range(sizes.parameters):
        late = -work.moved[1 + q] / work.moved[0]
        for i in range(m):
            work.z[m * (1 + q) + i] += (before[i] - after[i]) * late
    return slide
