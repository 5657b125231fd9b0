"""Derivatives of a function by differences, with steps found by trial.

A central difference with step h is wrong by the third derivative, h^2 f''' / 6, and by
the rounding of f, e / h. Where e is that of doubles and the parameter has the scale of
its value, h = 4e-6 of it leaves some 4e-11. But a position may be known to a millionth
of itself, and an integrator rounds at 1e-8. So differences at steps a factor of 8 apart
are compared: their distance is the error of the worse of the two, and the steps go on
in the direction in which it falls. What is found at one point serves around it, in
proportion to the parameter within a factor of 16, and as long as the function is nearly
straight over a step and changes by more than its rounding; elsewhere a step is sought
anew.

References
----------
W. H. Press et al., Numerical Recipes (3rd ed., Cambridge 2007), section 5.7.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import inf, log2
from typing import NamedTuple, TypeAlias

import numpy as np

from physfit.typing import FloatArray

__all__ = ["NOTHING", "Steps", "by_differences", "steps_at"]

Function: TypeAlias = Callable[[FloatArray], FloatArray]

#: Steps are this power of 8 below the parameter, or below 1 where it is zero.
FIRST, SHORTEST, SHORTEST_AT_ZERO = 6, 14, 24
#: Half of what doubles round by.
EPSILON = 1.1e-16
#: A step that leaves this relative error may be that of a local minimum.
POOR = 1e-4
#: That of a step that is sought anew.
COARSE = 1e-2
#: A relative error from which on differences say nothing.
NOTHING = 0.3
#: A difference that grows by more than this with a step 8 times shorter is that of a
#: jump, beside which the slope is 0.
JUMP = 4.0
#: How far steps follow a parameter.
REACH = 16.0
#: Bend over a step, relative to the change, and change, relative to the values, beyond
#: which a step is sought anew. Where no step was better than an error e, its root times
#: `NOISY` is allowed.
BENT, LOST, NOISY = 1e-3, 1e-10, 30.0


#: A slope, and the bend over its step.
Difference: TypeAlias = tuple[FloatArray, float]


class StepSize(NamedTuple):
    """A step, the relative error that it leaves, and the difference if it is known."""

    size: float
    error: float
    difference: Difference | None


class Steps(NamedTuple):
    """Steps of differences at a point, and the relative errors that they leave."""

    at: FloatArray
    size: FloatArray
    errors: FloatArray
    lower: FloatArray
    upper: FloatArray

    def sizes(self, params: FloatArray) -> FloatArray:
        """Steps at other parameters."""
        scale = np.where(self.at == 0.0, 1.0, np.abs(self.at))
        ratio = np.where(self.at == 0.0, 1.0, np.abs(params) / scale)
        sizes: FloatArray = self.size * np.clip(ratio, 1.0 / REACH, REACH)
        return sizes


@np.errstate(all="ignore")
def by_differences(
    function: Function,
    params: FloatArray,
    value: FloatArray,
    steps: Steps,
    known: Sequence[Difference | None] | None = None,
) -> tuple[FloatArray, bool]:
    """Derivatives of a function by each of its parameters.

    Parameters
    ----------
    function : callable
        From parameters, shape (P,), to an array.
    params : ndarray, shape (P,)
    value : ndarray
        The function there.
    steps : Steps
    known : sequence of tuple, optional
        Differences at these steps and parameters, where they are known.

    Returns
    -------
    slopes : ndarray, shape (P, ...)
        Within the bounds of `steps`: one-sided, of second order, where a central
        difference would leave them or the domain of the function.
    is_far : bool
        Whether a step was no good there, and another one was sought.
    """
    sizes, limits = steps.sizes(params).tolist(), (steps.lower, steps.upper)
    slopes, is_far = np.empty((len(params), *value.shape)), False
    for k, error in enumerate(steps.errors.tolist()):
        allowed = min(max(BENT, NOISY * error**0.5), NOTHING)
        here = None if known is None else known[k]
        if here is None:
            here = _difference(function, params, value, k, sizes[k], limits)
        slope, bend = here
        if bend > allowed:
            is_far = True
            found = _step(function, params, value, k, limits, near=sizes[k])
            size, left, again = found
            if again is None:
                again = _difference(function, params, value, k, size, limits)
            slope, _ = again
            if NOTHING < left < inf:
                near, _ = _difference(function, params, value, k, size / 8.0, limits)
                slope = np.where(np.abs(near) > JUMP * np.abs(slope), 0.0, slope)
        slopes[k] = slope
    return slopes, is_far


@np.errstate(all="ignore")
def steps_at(
    function: Function,
    params: FloatArray,
    value: FloatArray,
    lower: FloatArray,
    upper: FloatArray,
) -> tuple[Steps, FloatArray]:
    """Steps that suit a function at a point, within bounds, and the slopes there."""
    found = [
        _step(function, params, value, k, (lower, upper)) for k in range(len(params))
    ]
    size, errors = np.array([own[:2] for own in found]).reshape(len(params), 2).T
    steps = Steps(params.copy(), size, errors, lower, upper)
    known = [own.difference for own in found]
    return steps, by_differences(function, params, value, steps, known)[0]


def _step(
    function: Function,
    params: FloatArray,
    value: FloatArray,
    k: int,
    limits: tuple[FloatArray, FloatArray],
    near: float = 0.0,
) -> StepSize:
    """Step for a parameter, and the relative error that it leaves.

    From a known step `near` on, if there is one, and then with fewer trials.
    """
    size = abs(float(params[k]))
    scale = 2.0 ** round(log2(size)) if size else 1.0
    # Never far beyond the parameter: there a function may take for ever.
    longest = min(SHORTEST, 1 - round(log2(max(1.0, size) / scale) / 3.0))
    known: dict[int, Difference] = {}
    errors: dict[int, float] = {}

    def error(exponent: int) -> float:
        """Distance of the differences at a step and at the next smaller one."""
        if exponent not in errors:
            for own in (exponent, exponent + 1):
                if own not in known:
                    step = scale * 8.0**-own
                    known[own] = _difference(function, params, value, k, step, limits)
            pair = known[exponent][0], known[exponent + 1][0]
            step = scale * 8.0 ** -(exponent + 1)
            errors[exponent] = _distance(*pair, value) + _lost(pair[1], value, step)
        return errors[exponent]

    first = FIRST if size else SHORTEST_AT_ZERO
    if near > 0.0:
        first = max(longest, min(SHORTEST_AT_ZERO, round(log2(scale / near) / 3.0)))
    best, poor = first, COARSE if near > 0.0 else POOR
    while best < SHORTEST and error(best + 1) < error(best):
        best += 1
    if best == first:
        while best > longest and (
            error(best) > NOTHING or error(best - 1) < error(best)
        ):
            best -= 1
    if error(best) > poor and size:
        best = min({*range(1, SHORTEST + 1), *errors}, key=error)
    if NOTHING < error(best) < inf:  # a jump, which is no slope
        best = FIRST
    return StepSize(scale * 8.0**-best, error(best), known.get(best))


def _distance(one: FloatArray, other: FloatArray, value: FloatArray) -> float:
    """Largest distance of two derivatives, relative to the largest of them.

    Infinite where the function does not move.
    """
    seen = np.isfinite(value)
    if not (np.isfinite(one[seen]).all() and np.isfinite(other[seen]).all()):
        return np.inf
    size = float(np.abs(one[seen]).max(initial=0.0))
    apart = float(np.abs(one[seen] - other[seen]).max(initial=0.0))
    return apart / size if size > 0.0 else np.inf


def _lost(slope: FloatArray, value: FloatArray, step: float) -> float:
    """Error of a derivative by the rounding of values, relative to the largest of it.

    Values that do not move over a step, beside one that does, have no distance.
    """
    seen = np.isfinite(value) & np.isfinite(slope)
    rounding = EPSILON * float(np.abs(value[seen]).max(initial=0.0)) / step
    size = float(np.abs(slope[seen]).max(initial=0.0))
    return rounding / size if size > 0.0 else 0.0


def _difference(
    function: Function,
    params: FloatArray,
    value: FloatArray,
    k: int,
    size: float,
    limits: tuple[FloatArray, FloatArray],
) -> tuple[FloatArray, float]:
    """Derivative by parameter `k`: central, or one-sided where it has to be.

    Also the bend of a central difference, infinite where rounding is all there is.
    """
    at, lower, upper = float(params[k]), float(limits[0][k]), float(limits[1][k])
    size = max(size, 4.0 * float(np.spacing(abs(at))))

    def moved(by: float) -> tuple[FloatArray, float]:
        other = params.copy()
        other[k] = at + by
        return function(other), float(other[k]) - at

    slope, bend = np.full(value.shape, np.nan), 0.0
    if lower <= at - size and at + size <= upper:
        (above, up), (below, down) = moved(size), moved(-size)
        slope = (above - below) / (up - down)
        bend = _bend(above, value, below)
    for sign in (1.0, -1.0):
        lost = ~np.isfinite(slope)
        if (
            lost.any()
            and (lost & np.isfinite(value)).any()
            and lower <= at + 2.0 * sign * size <= upper
        ):
            (near, one), (far, two) = moved(sign * size), moved(2.0 * sign * size)
            # The parabola through three points that need not be equally spaced.
            first, second = (near - value) / one, (far - value) / two
            slope = np.where(lost, (first * two - second * one) / (two - one), slope)
    return slope, bend


def _bend(above: FloatArray, value: FloatArray, below: FloatArray) -> float:
    """Second difference relative to the first; infinite where that is rounding."""
    bend = above - 2.0 * value + below
    if not np.isfinite(bend).all():
        seen = np.isfinite(bend)
        above, value, below, bend = above[seen], value[seen], below[seen], bend[seen]
    change = float(np.abs(above - below).max(initial=0.0))
    if change <= LOST * float(np.abs(value).max(initial=0.0)):
        return np.inf if value.size else 0.0
    return float(np.abs(bend).max(initial=0.0)) / change
