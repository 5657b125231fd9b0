"""The scale of residuals: what a robust loss measures them by where sigma is not known.

With the sizes |y - f| of the n residuals of a fit of p parameters it is

    s = sqrt(n / (n - p)) median |y - f| / 0.6745 ,

the standard deviation of normal noise, to which up to half of the samples may be any
outliers. The fit needs the scale and the scale the fit: they are taken in turn, from
the residuals of the start on, until the scale stays. Each fit begins where the one
before ended, and where the scales close in steadily, the next one is where they lead
(Aitken), so that few of them are needed.

Where more than half of the data are one number (counts or rounded numbers, mostly the
same) a fit may meet all of these: the median says nothing, the scales tend to 0, and
an answer with no error at all would have no meaning. From there on the scale is taken
from the mean size, sqrt(pi / 2) times that for normal noise. Other data that are met
exactly, but for some, have a scale of the size of their rounding.

References
----------
P. J. Huber, Robust Statistics (Wiley, 1981), sections 6.7 and 7.8.
"""

from __future__ import annotations

import math
from typing import Any

from physfit.engine.abi import STRIDE, as_floats, at, offset
from physfit.engine.program import VALUES, over_blocks
from physfit.engine.roles import entry, routine, summation
from physfit.engine.struct import Float64, Struct
from physfit.engine.structs import Problem, stack_entry
from physfit.engine.ties import resolve

__all__ = ["MOST_FITS", "OVER_MEAN", "OVER_MEDIAN", "ROUGH", "ROUNDING", "ScaleState"]
__all__ += ["clear_scale", "follow", "follow_scale", "freedom_of", "look_at_data"]
__all__ += ["scales_at", "scales_of_residuals", "select", "sizes_of_data", "vanishes"]

#: Of normal numbers: their standard deviation over the median, and the mean, of sizes.
OVER_MEDIAN = 1.482602218505602
OVER_MEAN = 1.2533141373155003
#: Relative residuals this small are rounding errors of model and data.
ROUNDING = 4.0 * 2.220446049250313e-16
#: A median of sizes below this share of their mean is none of noise. Farther down the
#: cost of the others hides what the parameters still gain.
VANISHES = 1e-8
#: Accuracy of the first fit, whose scale is another than those after it.
ROUGH = 1e-4
#: Fits after which a scale that does not stay is given up.
MOST_FITS = 60.0
#: Size of the ratio of two changes from which on they are taken to go on like that.
STEADY = 0.02
#: The most that a scale may shrink or grow in one go by what is foreseen.
FARTHEST = 32.0


class ScaleState(Struct):
    """The scale in use, and how it got there."""

    scale: Float64
    #: Last difference of two scales; 0 where one of them was foreseen.
    change: Float64
    #: Scales below it are rounding; known once they are that small.
    floor: Float64
    #: Whether more than half of the data are one number: 1, or -1 for no; 0: not known.
    is_tied: Float64
    #: A scale that changes by less than this share stays: parameters follow it by a
    #: smaller share of their errors.
    stays: Float64
    n_fits: Float64
    #: Whether the mean size has taken the place of the median.
    is_mean: Float64
    #: Steps and evaluations of all fits so far, where compiled code drives them.
    n_steps: Float64
    n_evals: Float64


@routine
def clear_scale(state: Any) -> None:
    """State before any fit."""
    state.scale = 0.0
    state.change = 0.0
    state.n_fits = 0.0
    state.is_mean = 0.0
    state.is_tied = 0.0
    state.floor = 0.0
    state.n_steps = 0.0
    state.n_evals = 0.0


@entry("i64(i64, f64, f64)")
def follow_scale(address: Any, by_median: Any, by_mean: Any) -> Any:
    """See `follow`."""
    return follow(at(address, ScaleState), by_median, by_mean)


@routine
def follow(state: Any, by_median: Any, by_mean: Any) -> Any:
    """Take in the scales of the residuals of a fit, or of its start; whether it stays.

    Then the parameters are those of the scale in use; otherwise that has changed.
    """
    if state.is_tied > 0.0 and vanishes(by_median, by_mean) and state.is_mean == 0.0:
        state.is_mean = 1.0
        state.change = 0.0
    size = max(by_median if state.is_mean == 0.0 else by_mean, state.floor)
    if not (size > 0.0 and size < math.inf):
        size = 1.0 if state.n_fits == 0.0 else state.scale
    state.n_fits += 1.0
    if state.n_fits == 1.0:
        state.scale = size
        return 0
    change = size - state.scale
    is_settled = math.fabs(change) <= state.stays * size and state.n_fits > 2.0
    if is_settled or state.n_fits > MOST_FITS:
        return 1
    ratio = change / state.change if state.change != 0.0 else 0.0
    state.change = change if math.fabs(ratio) <= STEADY else 0.0
    if math.fabs(ratio) > STEADY and ratio < 1.0:
        size = max(state.scale + change / (1.0 - ratio), size / FARTHEST)
        size = min(size, state.scale * FARTHEST)
    state.scale = size
    return 0


@routine
def vanishes(by_median: Any, by_mean: Any) -> Any:
    """Whether the median is so far below the mean that the data must be looked at."""
    return by_median <= VANISHES * by_mean


@entry("void(i64, f64*, f64*, f64*)")
def scales_at(address: Any, theta: Any, work: Any, scales: Any) -> None:
    """Scales by median and mean at `theta`."""
    by_median, by_mean = scales_of_residuals(at(address, Problem), theta, work)
    scales[0] = by_median
    scales[1] = by_mean


@entry("i64(i64, f64*)")
def sizes_of_data(address: Any, work: Any) -> Any:
    """How many data have the size of the median, which stands first in `work` then."""
    problem = at(address, Problem)
    typical = _median_size(problem, work)
    count = _count_equal(work, problem.n_samples * problem.n_outputs, typical)
    work[0] = typical
    return count


@routine
def look_at_data(state: Any, problem: Any, work: Any) -> None:
    """See how small scales may be, and whether most data are one number."""
    n = problem.n_samples * problem.n_outputs
    typical = _median_size(problem, work)
    state.floor = ROUNDING * typical
    state.is_tied = 1.0 if 2 * _count_equal(work, n, typical) > n else -1.0


@routine
def _median_size(problem: Any, work: Any) -> Any:
    """The upper median of the sizes of the data, all of which go to `work`."""
    n = problem.n_samples
    for output in range(problem.n_outputs):
        y = offset(as_floats(problem.y), output * problem.ldy)
        _copy_sizes(y, n, offset(work, output * n))
    n_all = n * problem.n_outputs
    return select(work, n_all, n_all // 2)


@summation
def _copy_sizes(y: Any, n: Any, sizes: Any) -> None:
    for i in range(n):
        sizes[i] = math.fabs(y[i])


@summation
def _count_equal(values: Any, n: Any, wanted: Any) -> Any:
    count = 0
    for i in range(n):
        count += 1 if values[i] == wanted else 0
    return count


@routine
def scales_of_residuals(problem: Any, theta: Any, work: Any) -> Any:
    """Scales by the median and by the mean size of the residuals; NaN if not finite.

    `work` has room for a number for each of the data.
    """
    resolve(problem, theta)
    n = problem.n_samples
    total = over_blocks(problem, 0, n, VALUES, _sizes_of_block, work)
    n_all = n * problem.n_outputs
    if not total < math.inf:
        return math.nan, math.nan
    middle = n_all // 2
    median = select(work, n_all, middle)
    if n_all % 2 == 0:
        below = 0.0
        for i in range(middle):
            below = max(below, work[i])
        median = 0.5 * (median + below)
    freedom = freedom_of(n_all, problem.n_free)
    return OVER_MEDIAN * freedom * median, OVER_MEAN * freedom * total / n_all


@routine
def freedom_of(n: Any, n_free: Any) -> Any:
    """By how much residuals of a fit are smaller than the noise; 1 if all are 0."""
    return math.sqrt(n / (n - n_free)) if n > n_free else 1.0


@routine
def _sizes_of_block(
    problem: Any, output: Any, start: Any, count: Any, work: Any
) -> Any:
    """Sizes of the residuals of a block; their sum."""
    y = offset(as_floats(problem.y), output * problem.ldy + start)
    f = offset(stack_entry(problem, 0), output * STRIDE)
    sizes = offset(work, output * problem.n_samples + start)
    return _sizes(y, f, count, sizes)


@summation
def _sizes(y: Any, f: Any, count: Any, sizes: Any) -> Any:
    total = 0.0
    for i in range(count):
        sizes[i] = math.fabs(y[i] - f[i])
        total += sizes[i]
    return total


@routine
def select(values: Any, n: Any, rank: Any) -> Any:
    """The value of that rank, all that are less before it, by Hoare's partitions."""
    low, high = 0, n - 1
    while low < high:
        pivot = values[(low + high) // 2]
        i, j = low, high
        while i <= j:
            while values[i] < pivot:
                i += 1
            while values[j] > pivot:
                j -= 1
            if i <= j:
                values[i], values[j] = values[j], values[i]
                i += 1
                j -= 1
        if rank <= j:
            high = j
        elif rank >= i:
            low = i
        else:
            return values[rank]
    return values[rank]
