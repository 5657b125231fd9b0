"""Search for round Gaussian peaks on a constant, in samples in a plane.

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

from physfit.engine.abi import GUESS, address_at, as_floats, at, offset
from physfit.engine.dense import dot
from physfit.engine.guesses.basis import (
    append,
    back_to_polynomial,
    coefficients,
    explained,
    goes_on,
    next_column,
    start_search,
)
from physfit.engine.guesses.frame import (
    SEARCH,
    Component,
    Scratch,
    component,
    copy,
    give,
    is_known,
    sort_free,
)
from physfit.engine.guesses.row import take
from physfit.engine.roles import entry, routine, summation
from physfit.engine.struct import Float64
from physfit.kernels.elementary import exp

__all__ = ["RoundPeak", "search_images", "take_plane"]


class RoundPeak(Component):
    """A peak: `place` and `place_y` are its center, `width` is sigma."""

    # Places of parameters among all.
    amplitude_at: int
    center_x_at: int
    center_y_at: int
    sigma_at: int
    #: Sign that the amplitude must have, 0 for any.
    sign: Float64
    # Bounds of the center.
    lower_x: Float64
    upper_x: Float64
    lower_y: Float64
    upper_y: Float64


#: Part of the largest sample above which the moments are taken.
HALF = 0.5
#: What the area above half of a Gaussian is, in sigma^2.
AREA = 2.0 * math.pi * math.log(2.0)
#: Steps of a search: of the logarithm of the width, of the position in widths.
WIDTH_STEP = math.log(1.4)
STEP = 0.4
INDEPENDENT = 1e-6


@entry(GUESS)
def take_plane(
    plan: Any, x: Any, ldx: Any, y: Any, w: Any, n: Any, full: Any, work: Any
) -> None:
    """Take in samples as they come; second coordinates where running sums are."""
    scratch = at(address_at(work), Scratch)
    own_x, own_y = as_floats(scratch.x), as_floats(scratch.running)
    own_w, residual = as_floats(scratch.w), as_floats(scratch.residual)
    take(x, y, w, 0, 1, own_x, own_w, residual, n)
    copy(offset(x, ldx), own_y, n)
    across, along = _range(own_x, n), _range(own_y, n)
    span = max(across, along)
    scratch.span = span if span > 0.0 else 1.0
    scratch.spacing = scratch.span / math.sqrt(float(n))
    if across > 0.0 and along > 0.0:
        scratch.spacing = math.sqrt(across * along / n)


@routine
def _range(values: Any, n: Any) -> Any:
    """Largest less smallest value."""
    low, high = values[0], values[0]
    for i in range(n):
        low, high = min(low, values[i]), max(high, values[i])
    return high - low


@entry(SEARCH)
def search_images(full: Any, work: Any, n: Any) -> None:
    """Fill the parameters of peaks that are NaN in `full`."""
    scratch = at(address_at(work), Scratch)
    for k in range(scratch.n_components):
        peak = at(component(scratch, k), RoundPeak)
        _locate(scratch, peak, full)
        _append_peak(scratch, peak)
    sort_free(scratch)
    back_to_polynomial(scratch)
    for k in range(scratch.n_components):
        _append_peak(scratch, at(component(scratch, k), RoundPeak))
    coefficients(scratch)
    heights = offset(as_floats(scratch.coefficients), scratch.n_polynomial)
    for k in range(scratch.n_components):
        _give_peak(at(component(scratch, k), RoundPeak), full, heights[k])


@routine
def _locate(work: Any, peak: Any, full: Any) -> None:
    """Place a peak where it explains most of what is left, near what is known."""
    knows_x, knows_y = (
        is_known(full, peak.center_x_at),
        is_known(full, peak.center_y_at),
    )
    knows_width, near = is_known(full, peak.sigma_at), 2.0 * work.spacing
    if knows_x:
        center = full[peak.center_x_at]
        peak.lower_x, peak.upper_x = center - near, center + near
    if knows_y:
        center = full[peak.center_y_at]
        peak.lower_y, peak.upper_y = center - near, center + near
    peak.is_free = math.isinf(peak.upper_x - peak.lower_x) and not knows_y
    peak.place, peak.place_y = as_floats(work.x)[0], as_floats(work.running)[0]
    peak.width, best = 0.2 * work.span, 0.0
    if peak.sign >= 0.0:
        best = _try_sign(work, peak, 1.0, best)
    if peak.sign <= 0.0:
        best = _try_sign(work, peak, -1.0, best)
    if knows_x:
        peak.place = full[peak.center_x_at]
    if knows_y:
        peak.place_y = full[peak.center_y_at]
    if knows_width and full[peak.sigma_at] > 0.0:
        peak.width = full[peak.sigma_at]
    _improve(work, peak, knows_x, knows_y, knows_width)


@routine
def _try_sign(work: Any, peak: Any, sign: Any, best: Any) -> Any:
    """Take the best first peak of one sign if it explains more."""
    x, y, n = as_floats(work.x), as_floats(work.running), work.n
    residual, top = as_floats(work.residual), -1
    for i in range(n):
        higher = top < 0 or sign * residual[i] > sign * residual[top]
        if higher and _is_inside(peak, x[i], y[i]):
            top = i
    if top < 0 or sign * residual[top] <= 0.0:
        return best
    limit = HALF * sign * residual[top]
    total, over, mean_x, mean_y = above(x, y, residual, sign, limit, n)
    scale = work.spacing / math.sqrt(AREA)
    width = max(scale * math.sqrt(over), 0.5 * work.spacing)
    best = _try(work, peak, sign, x[top], y[top], width, best)
    mean_x, mean_y = mean_x / total, mean_y / total
    if _is_inside(peak, mean_x, mean_y):
        best = _try(work, peak, sign, mean_x, mean_y, width, best)
    return best


@routine
def _try(work: Any, peak: Any, sign: Any, x: Any, y: Any, sigma: Any, best: Any) -> Any:
    """Take a peak if it explains more."""
    value = sign * gain(work, x, y, sigma)
    if value <= best:
        return best
    peak.place, peak.place_y, peak.width = x, y, sigma
    return value


@routine
def _is_inside(peak: Any, x: Any, y: Any) -> Any:
    """Whether a peak may be there."""
    return peak.lower_x <= x <= peak.upper_x and peak.lower_y <= y <= peak.upper_y


@summation
def above(x: Any, y: Any, residual: Any, sign: Any, limit: Any, n: Any) -> Any:
    """Sum, number and first moments of the samples above a limit."""
    total, over, mean_x, mean_y = 0.0, 0.0, 0.0, 0.0
    for i in range(n):
        value = sign * residual[i]
        high = value if value >= limit else 0.0
        over += 1.0 if value >= limit else 0.0
        total += high
        mean_x += high * x[i]
        mean_y += high * y[i]
    return total, over, mean_x, mean_y


@routine
def gain(work: Any, x: Any, y: Any, sigma: Any) -> Any:
    """Sum of squares that a peak would explain, with the sign of its height."""
    shape, n = as_floats(work.shape), work.n
    write_peak(work, x, y, sigma, shape)
    along = dot(shape, as_floats(work.residual), n)
    value = explained(work, dot(shape, shape, n), along, INDEPENDENT)
    return math.copysign(value, along)


@summation
def write_peak(work: Any, x: Any, y: Any, sigma: Any, column: Any) -> None:
    """Weighted peak of unit height."""
    own_x, own_y, w = as_floats(work.x), as_floats(work.running), as_floats(work.w)
    factor = -0.5 / (sigma * sigma)
    for i in range(work.n):
        across, along = own_x[i] - x, own_y[i] - y
        column[i] = w[i] * exp(factor * (across * across + along * along))


@routine
def _append_peak(work: Any, peak: Any) -> None:
    """Explain the data by a peak as well."""
    write_peak(work, peak.place, peak.place_y, peak.width, next_column(work))
    append(work)


@routine
def _improve(
    work: Any, peak: Any, knows_x: Any, knows_y: Any, knows_width: Any
) -> None:
    """Let the width and both coordinates go where more is explained."""
    x, y, sigma = peak.place, peak.place_y, peak.width
    best = gain(work, x, y, sigma)
    sign = -1.0 if best < 0.0 else 1.0
    best *= sign
    if not knows_width:
        start_search(work, math.log(sigma), WIDTH_STEP, best)
        while goes_on(work, sign * gain(work, x, y, math.exp(work.at))):
            pass
        sigma = max(math.exp(work.at), 0.3 * work.spacing)
        best, sigma = work.best, min(sigma, 3.0 * work.span)
    if not knows_x:
        start_search(work, x, STEP * sigma, best)
        while goes_on(work, sign * gain(work, work.at, y, sigma)):
            pass
        best, x = work.best, min(max(work.at, peak.lower_x), peak.upper_x)
    if not knows_y:
        start_search(work, y, STEP * sigma, best)
        while goes_on(work, sign * gain(work, x, work.at, sigma)):
            pass
        y = min(max(work.at, peak.lower_y), peak.upper_y)
    peak.place, peak.place_y, peak.width = x, y, sigma


@routine
def _give_peak(peak: Any, full: Any, height: Any) -> None:
    """Parameters of a peak, its volume from height and width."""
    sigma = peak.width
    give(full, peak.amplitude_at, 2.0 * math.pi * sigma * sigma * height, 0.0)
    give(full, peak.center_x_at, peak.place, 0.0)
    give(full, peak.center_y_at, peak.place_y, 0.0)
    give(full, peak.sigma_at, sigma, 1.0)
