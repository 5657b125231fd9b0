"""Peaks that are placed: each improved alone, all at once; what they leave.

A peak alone moves to where its shape explains most, the others held. All at once they
take Gauss-Newton steps: the derivatives by centers and widths stand as columns behind
the peaks, so that one solution of least squares has heights and steps. Overlapping
peaks need that; far from the minimum the first goes further.
"""

from __future__ import annotations

import math
from typing import Any

from physfit.engine.abi import as_floats, at, offset
from physfit.engine.dense import dot
from physfit.engine.guesses.basis import (
    append,
    back_to_polynomial,
    coefficients,
    goes_on,
    next_column,
    residual_square,
    start_search,
)
from physfit.engine.guesses.boxes import find_box, start_running
from physfit.engine.guesses.frame import component
from physfit.engine.guesses.shapes import Peak, gain, write_shape, write_slope
from physfit.engine.roles import routine, summation

__all__ = ["append_peak", "explain", "improve", "is_much", "is_poor", "left_by_all"]
__all__ += ["MUCH", "cost_of", "noise_of", "settled", "sweep", "sweep_without"]

#: Steps of a search: of the logarithm of the width, of the center in widths.
WIDTH_STEP = math.log(1.8)
CENTER_STEP = 0.25
#: Steps of all peaks at once: how many at most, at most so much of a width, what part
#: of one that leaves more, and what leaves little less.
MOST_JOINT = 3
MOST_STEP = 0.5
BACK = 0.25
LITTLE = 0.003
#: What is left is poor when it is more than this part of what the background leaves,
MUCH = 0.03
MUCH_OF_MANY = 0.002
#: and squared differences of neighbours are less than twice it, as those of noise are,
#: by so many times 1 / sqrt(n), which is half a standard deviation.
STRUCTURE = 3.0
#: A box that explains so many times the variance of the noise is no noise.
SIGNIFICANT = 14.0


@routine
def improve(work: Any, peak: Any) -> None:
    """Improve width and center of a peak; the others are in the basis."""
    peak.gain = gain(work, peak)
    if peak.known_width == 0.0:
        start_search(work, math.log(peak.width), WIDTH_STEP, peak.gain)
        peak.width = math.exp(work.at)
        while goes_on(work, gain(work, peak)):
            peak.width = math.exp(work.at)
        width = max(math.exp(work.at), work.spacing)
        peak.gain, peak.width = work.best, min(width, 4.0 * work.span)
    if peak.is_placed == 0:
        start_search(work, peak.place, CENTER_STEP * peak.width, peak.gain)
        peak.place = work.at
        while goes_on(work, gain(work, peak)):
            peak.place = work.at
        peak.gain = work.best
        peak.place = min(max(work.at, peak.lower), peak.upper)


@routine
def append_peak(work: Any, peak: Any) -> None:
    """Explain the data by a peak as well."""
    write_shape(work, peak, next_column(work))
    append(work)


@routine
def explain(work: Any, left_out: Any, other: Any) -> None:
    """Explain the data by all peaks in their order but one or two; -1 for none."""
    back_to_polynomial(work)
    for k in range(work.n_components):
        if k != left_out and k != other:
            append_peak(work, at(component(work, k), Peak))


@routine
def cost_of(work: Any) -> Any:
    """Sum of squares left, more for heights that mean nothing.

    A height of the wrong sign costs its own square as well; peaks of both signs what
    they cancel of each other beyond all that is explained.
    """
    cost, n = residual_square(work), work.n_components
    if n == 1:
        return cost
    coefficients(work)
    whole = as_floats(work.running_squares)[work.n]  # of all weights
    heights = offset(as_floats(work.coefficients), work.n_polynomial)
    explained, cancelled = work.base_square - cost, 0.0
    for k in range(n):
        if at(component(work, k), Peak).wanted * heights[k] < 0.0:
            cost += heights[k] * heights[k] * whole
        for j in range(k):
            if heights[j] * heights[k] < 0.0:
                cancelled -= 2.0 * heights[j] * heights[k] * _overlap(work, j, k)
    return cost + max(cancelled - explained, 0.0)


@routine
def _overlap(work: Any, j: Any, k: Any) -> Any:
    """Product of two shapes beside the polynomial; the first stands before."""
    first, triangle = work.n_polynomial, as_floats(work.triangle)
    one = offset(triangle, (first + j) * work.room)
    other = offset(triangle, (first + k) * work.room)
    return dot(offset(one, first), offset(other, first), j + 1)


@routine
def sweep(work: Any) -> None:
    """Improve each peak with the others held."""
    sweep_without(work, -1)


@routine
def sweep_without(work: Any, left_out: Any) -> None:
    """Improve each peak but one that is not there, with the others held."""
    for k in range(work.n_components):
        if k != left_out:
            explain(work, k, left_out)
            improve(work, at(component(work, k), Peak))


@routine
def settled(work: Any, left: Any) -> Any:
    """Move all peaks at once as long as that leaves clearly less; what is left.

    All are explained before, and after.
    """
    for _ in range(MOST_JOINT):
        _find_step(work)
        after = _left_after(work, 1.0)
        if not after < left:
            after = _left_after(work, BACK)
        if not after < left:
            return _left_after(work, 0.0)
        is_done = left - after < LITTLE * left
        left = after
        if is_done:
            return left
    return left


@routine
def _find_step(work: Any) -> None:
    """Gauss-Newton step of all centers and widths.

    Their derivatives stand as columns behind the peaks, so that the coefficients of all
    are the solution of the linearised problem.
    """
    coefficients(work)
    solution = offset(as_floats(work.coefficients), work.n_polynomial)
    for k in range(work.n_components):
        at(component(work, k), Peak).height = solution[k]
    for k in range(work.n_components):
        peak = at(component(work, k), Peak)
        write_slope(work, peak, 0.0, next_column(work))
        append(work)
        write_slope(work, peak, 1.0, next_column(work))
        append(work)
    coefficients(work)
    largest = MOST_STEP
    for j in range(work.n_components, 3 * work.n_components):
        largest = max(largest, math.fabs(solution[j]))
    for k in range(work.n_components):
        peak, j = at(component(work, k), Peak), work.n_components + 2 * k
        peak.old_place, peak.old_width = peak.place, peak.width
        peak.place_step = solution[j] * (MOST_STEP / largest)
        peak.width_step = solution[j + 1] * (MOST_STEP / largest)


@routine
def _left_after(work: Any, part: Any) -> Any:
    """What is left after a part of the step."""
    for k in range(work.n_components):
        peak = at(component(work, k), Peak)
        if peak.is_placed == 0:
            place = peak.old_place + part * peak.place_step * peak.old_width
            peak.place = min(max(place, peak.lower), peak.upper)
        if peak.known_width == 0.0:
            width = peak.old_width * math.exp(part * peak.width_step)
            peak.width = min(max(width, work.spacing), 4.0 * work.span)
    return left_by_all(work)


@routine
def left_by_all(work: Any) -> Any:
    """What all peaks leave, by its cost."""
    explain(work, -1, -1)
    return cost_of(work)


@routine
def is_poor(work: Any) -> Any:
    """Whether much is left, and more than noise.

    Of one peak it is no noise where neighbours are alike; of several, where a box
    explains more of it than noise allows.
    """
    if not is_much(work):
        return False
    n, left, noise = work.n, residual_square(work), noise_of(work)
    if work.n_components == 1:
        return 2.0 * noise < (2.0 - STRUCTURE / math.sqrt(float(n))) * left / n
    work.widest = (n + 1) // 2
    start_running(work)
    explained = find_box(work, 0.0, -math.inf, math.inf)
    return explained > max(SIGNIFICANT * noise, MUCH_OF_MANY * work.base_square)


@routine
def is_much(work: Any) -> Any:
    """Whether much is left, noise or not."""
    much = MUCH if work.n_components == 1 else MUCH_OF_MANY
    return residual_square(work) >= much * work.base_square


@routine
def noise_of(work: Any) -> Any:
    """Variance of what is left, from the differences of neighbours."""
    return 0.5 * squared_steps(as_floats(work.residual), work.n) / work.n


@summation
def squared_steps(values: Any, n: Any) -> Any:
    """Sum of squared differences of neighbours."""
    total = 0.0
    for i in range(n - 1):
        step = values[i + 1] - values[i]
        total += step * step
    return total
