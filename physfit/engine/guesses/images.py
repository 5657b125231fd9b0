"""Start values of round Gaussian peaks on a constant, from samples in a plane.

The moments of what stands above half of the largest sample give a first peak: its
middle, and its width from how large a part of the plane is that high (2 pi ln 2 sigma^2
of a Gaussian is). The largest sample itself is another, for data where noise reaches
half. They are compared by the sum of squares they explain with the constant following;
the better one is improved in width and position. Further peaks are looked for
in what is left. Peaks with unbounded centers are named by rising first coordinate.

The samples need no order and no grid.
"""

from __future__ import annotations

import math
from typing import Any

from physfit.engine.abi import GUESS, offset
from physfit.engine.dense import dot
from physfit.engine.guesses.basis import (
    AT,
    BEST,
    append,
    back_to_polynomial,
    coefficients,
    goes_on,
    next_column,
    start_search,
)
from physfit.engine.guesses.frame import (
    BASIS,
    CENTERS,
    COEFFICIENTS,
    GAINS,
    N_COLUMNS,
    N_COMPONENTS,
    N_POLYNOMIAL,
    REST,
    ROOM,
    RUNNING_REST,
    SHAPE,
    SPACING,
    SPAN,
    WIDTH,
    WIDTHS,
    N,
    W,
    X,
    component_of,
    copy_weighted,
    count,
    give,
    is_known,
    number,
    small,
    vector,
)
from physfit.engine.guesses.polynomials import give_polynomials, take_polynomials
from physfit.engine.roles import entry, routine, summation
from physfit.kernels.elementary import exp

__all__ = ["guess_images"]

# Integers of a component: where its parameters stand, the sign of its amplitude
# (0: any).
AMPLITUDE = 1
CENTER_X = 2
CENTER_Y = 3
SIGMA = 4
SIGN = 5
# Floats: bounds of its center.
LOWER_X = 0
UPPER_X = 1
LOWER_Y = 2
UPPER_Y = 3

#: Second coordinates of the samples, and of the peaks.
Y = RUNNING_REST
CENTERS_Y = GAINS
#: Part of the largest sample above which the moments are taken.
HALF = 0.5
#: What the area above half of a Gaussian is, in sigma^2.
AREA = 2.0 * math.pi * math.log(2.0)
#: Steps of a search: of the logarithm of the width, of the position in widths.
WIDTH_STEP = math.log(1.4)
STEP = 0.4
INDEPENDENT = 1e-6


@entry(GUESS)
def guess_images(
    plan: Any, x: Any, ldx: Any, y: Any, w: Any, n: Any, full: Any, work: Any
) -> None:
    """Fill the parameters of peaks and a constant that are NaN in `full`."""
    _take(plan, x, ldx, y, w, n, work)
    take_polynomials(plan, full, work)
    for k in range(plan[N_COMPONENTS]):
        component = component_of(plan, k)
        _locate(component, full, work, k)
        _append_peak(work, k)
    _sort_free(plan, full, work)
    back_to_polynomial(work)
    for k in range(plan[N_COMPONENTS]):
        _append_peak(work, k)
    coefficients(work)
    heights = offset(small(work, COEFFICIENTS), count(work, N_POLYNOMIAL))
    for k in range(plan[N_COMPONENTS]):
        _give_peak(component_of(plan, k), full, work, k, heights[k])
    give_polynomials(full, work)


@routine
def _take(plan: Any, x: Any, ldx: Any, y: Any, w: Any, n: Any, work: Any) -> None:
    """Take in the samples as they come."""
    work[N], work[ROOM] = n, plan[WIDTH]
    own_x, own_y, rest = vector(work, X), vector(work, Y), vector(work, REST)
    copy_weighted(offset(x, ldx), y, w, n, own_y, vector(work, W), rest)
    copy_weighted(x, y, w, n, own_x, vector(work, W), rest)
    across, along = _range(own_x, n), _range(own_y, n)
    span = max(across, along)
    work[SPAN] = span if span > 0.0 else 1.0
    work[SPACING] = work[SPAN] / math.sqrt(float(n))
    if across > 0.0 and along > 0.0:
        work[SPACING] = math.sqrt(across * along / n)


@routine
def _range(values: Any, n: Any) -> Any:
    """Largest less smallest value."""
    low, high = values[0], values[0]
    for i in range(n):
        low, high = min(low, values[i]), max(high, values[i])
    return high - low


@routine
def _locate(component: Any, full: Any, work: Any, k: Any) -> None:
    """Place peak `k` where it explains most of what is left."""
    peak_x, peak_y = small(work, CENTERS), small(work, CENTERS_Y)
    sigma = small(work, WIDTHS)
    peak_x[k], peak_y[k] = vector(work, X)[0], vector(work, Y)[0]
    sigma[k] = 0.2 * work[SPAN]
    best = 0.0
    if component[SIGN] >= 0:
        best = _try_sign(component, full, work, k, 1.0, best)
    if component[SIGN] <= 0:
        best = _try_sign(component, full, work, k, -1.0, best)
    if is_known(full, component[CENTER_X]):
        peak_x[k] = full[component[CENTER_X]]
    if is_known(full, component[CENTER_Y]):
        peak_y[k] = full[component[CENTER_Y]]
    if is_known(full, component[SIGMA]) and full[component[SIGMA]] > 0.0:
        sigma[k] = full[component[SIGMA]]
    _improve(component, full, work, k)


@routine
def _try_sign(
    component: Any, full: Any, work: Any, k: Any, sign: Any, best: Any
) -> Any:
    """Take the best first peak of one sign if it explains more."""
    x, y, n = vector(work, X), vector(work, Y), count(work, N)
    rest, top = vector(work, REST), -1
    for i in range(n):
        higher = top < 0 or sign * rest[i] > sign * rest[top]
        if higher and _is_inside(component, full, work, x[i], y[i]):
            top = i
    if top < 0 or sign * rest[top] <= 0.0:
        return best
    limit = HALF * sign * rest[top]
    total, over, mean_x, mean_y = above(x, y, rest, sign, limit, n)
    scale = work[SPACING] / math.sqrt(AREA)
    width = max(scale * math.sqrt(over), 0.5 * work[SPACING])
    best = _try(work, k, sign, x[top], y[top], width, best)
    if _is_inside(component, full, work, mean_x / total, mean_y / total):
        best = _try(work, k, sign, mean_x / total, mean_y / total, width, best)
    return best


@routine
def _try(
    work: Any, k: Any, sign: Any, at_x: Any, at_y: Any, sigma: Any, best: Any
) -> Any:
    """Take a peak if it explains more."""
    value = sign * gain(work, at_x, at_y, sigma)
    if value <= best:
        return best
    small(work, CENTERS)[k], small(work, CENTERS_Y)[k] = at_x, at_y
    small(work, WIDTHS)[k] = sigma
    return value


@routine
def _is_inside(component: Any, full: Any, work: Any, x: Any, y: Any) -> Any:
    """Whether a peak may be there: between its bounds, near what is known."""
    near = 2.0 * work[SPACING]
    if (
        is_known(full, component[CENTER_X])
        and math.fabs(x - full[component[CENTER_X]]) > near
    ):
        return False
    if (
        is_known(full, component[CENTER_Y])
        and math.fabs(y - full[component[CENTER_Y]]) > near
    ):
        return False
    inside = number(component, LOWER_X) <= x <= number(component, UPPER_X)
    return inside and number(component, LOWER_Y) <= y <= number(component, UPPER_Y)


@summation
def above(x: Any, y: Any, rest: Any, sign: Any, limit: Any, n: Any) -> Any:
    """Sum, number and first moments of the samples above a limit."""
    total, over, mean_x, mean_y = 0.0, 0.0, 0.0, 0.0
    for i in range(n):
        value = sign * rest[i]
        own = value if value >= limit else 0.0
        over += 1.0 if value >= limit else 0.0
        total += own
        mean_x += own * x[i]
        mean_y += own * y[i]
    return total, over, mean_x, mean_y


@routine
def gain(work: Any, at_x: Any, at_y: Any, sigma: Any) -> Any:
    """Sum of squares that a peak would explain, with the sign of its height."""
    n, shape = count(work, N), vector(work, SHAPE)
    write_peak(work, at_x, at_y, sigma, shape)
    square, along = dot(shape, shape, n), dot(shape, vector(work, REST), n)
    own = square
    for j in range(count(work, N_COLUMNS)):
        part = dot(shape, vector(work, BASIS + j), n)
        own -= part * part
    if own <= INDEPENDENT * square:
        return 0.0
    return along * math.fabs(along) / own


@routine
def write_peak(work: Any, at_x: Any, at_y: Any, sigma: Any, column: Any) -> None:
    """Weighted peak of unit height."""
    x, y, w = vector(work, X), vector(work, Y), vector(work, W)
    round_shape(x, y, w, at_x, at_y, -0.5 / (sigma * sigma), column, count(work, N))


@summation
def round_shape(
    x: Any, y: Any, w: Any, at_x: Any, at_y: Any, factor: Any, column: Any, n: Any
) -> None:
    """Weighted Gaussian of the distance from a point."""
    for i in range(n):
        across, along = x[i] - at_x, y[i] - at_y
        column[i] = w[i] * exp(factor * (across * across + along * along))


@routine
def _append_peak(work: Any, k: Any) -> None:
    """Explain the data by peak `k` as well."""
    at_x, at_y = small(work, CENTERS)[k], small(work, CENTERS_Y)[k]
    write_peak(work, at_x, at_y, small(work, WIDTHS)[k], next_column(work))
    append(work)


@routine
def _improve(component: Any, full: Any, work: Any, k: Any) -> None:
    """Let the width and both coordinates go where more is explained."""
    peak_x, peak_y = small(work, CENTERS), small(work, CENTERS_Y)
    sigma = small(work, WIDTHS)
    best = gain(work, peak_x[k], peak_y[k], sigma[k])
    sign = -1.0 if best < 0.0 else 1.0
    best *= sign
    if not is_known(full, component[SIGMA]):
        line = start_search(work, math.log(sigma[k]), WIDTH_STEP, best)
        while goes_on(line, sign * gain(work, peak_x[k], peak_y[k], exp(line[AT]))):
            pass
        best = line[BEST]
        sigma[k] = min(max(exp(line[AT]), 0.3 * work[SPACING]), 3.0 * work[SPAN])
    if not is_known(full, component[CENTER_X]):
        line = start_search(work, peak_x[k], STEP * sigma[k], best)
        while goes_on(line, sign * gain(work, line[AT], peak_y[k], sigma[k])):
            pass
        best, lower = line[BEST], number(component, LOWER_X)
        peak_x[k] = min(max(line[AT], lower), number(component, UPPER_X))
    if not is_known(full, component[CENTER_Y]):
        line = start_search(work, peak_y[k], STEP * sigma[k], best)
        while goes_on(line, sign * gain(work, peak_x[k], line[AT], sigma[k])):
            pass
        lower = number(component, LOWER_Y)
        peak_y[k] = min(max(line[AT], lower), number(component, UPPER_Y))


@routine
def _is_free(component: Any, full: Any) -> Any:
    """Whether a peak may be anywhere along the first coordinate."""
    if is_known(full, component[CENTER_X]) or is_known(full, component[CENTER_Y]):
        return False
    return math.isinf(number(component, UPPER_X) - number(component, LOWER_X))


@routine
def _sort_free(plan: Any, full: Any, work: Any) -> None:
    """Peaks by rising first coordinate among those that are free."""
    peak_x, peak_y = small(work, CENTERS), small(work, CENTERS_Y)
    sigma = small(work, WIDTHS)
    for k in range(plan[N_COMPONENTS]):
        for j in range(k):
            free = _is_free(component_of(plan, k), full)
            free = free and _is_free(component_of(plan, j), full)
            if free and peak_x[k] < peak_x[j]:
                peak_x[k], peak_x[j] = peak_x[j], peak_x[k]
                peak_y[k], peak_y[j] = peak_y[j], peak_y[k]
                sigma[k], sigma[j] = sigma[j], sigma[k]


@routine
def _give_peak(component: Any, full: Any, work: Any, k: Any, height: Any) -> None:
    """Parameters of a peak, its volume from height and width."""
    sigma = small(work, WIDTHS)[k]
    give(full, component[AMPLITUDE], 2.0 * math.pi * sigma * sigma * height, 0.0)
    give(full, component[CENTER_X], small(work, CENTERS)[k], 0.0)
    give(full, component[CENTER_Y], small(work, CENTERS_Y)[k], 0.0)
    give(full, component[SIGMA], sigma, 1.0)
