"""Start values of any model: points spread over bounds and scales, the best improved.

Parameters that enter linearly follow from one linear solution (found by their partials,
which do not change when they do). The others are spread over their bounds, or over what
their unit allows in these data: positions over the range of x, widths and times from
the distance of samples to some ranges, frequencies up to half the rate of samples,
angles over a turn. Values and partials come from the model's own compiled code. The
points that fit best are improved by damped Gauss-Newton steps; the best one is kept.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from physfit.engine.problem import assemble, problem_of, release
from physfit.engine.program import FREE, tabulate
from physfit.typing import FloatArray

if TYPE_CHECKING:
    from physfit.models.model import Model
    from physfit.models.param import Param

__all__ = ["spread_start"]

#: Samples that are used, where there are more: drawn at random, because every k-th
#: sample of an oscillation would show another frequency.
N_SAMPLES = 2000
#: Points at which it is seen what enters linearly.
N_LOOKS = 4
#: Points for one parameter that is spread, and the most of them.
PER_PARAMETER = 300
MOST_POINTS = 1500
#: Closer points around each of the best, and how often they are drawn.
N_NEAR = 10
N_ZOOMS = 2
#: Points that are improved, and by how many steps.
N_BEST = 8
N_STEPS = 25
#: Added to the diagonal of normal equations of unit columns.
RIDGE = 1e-12


class Scales(NamedTuple):
    """Scales of the data: range of x, distance of samples, largest |x|, range of y."""

    first: float
    last: float
    spacing: float
    height: float

    @property
    def span(self) -> float:
        """Length of the range of x."""
        return self.last - self.first


class Fit:
    """A model bound to weighted data: its equations at a point."""

    def __init__(
        self, model: Model, x: FloatArray, y: FloatArray, w: FloatArray
    ) -> None:
        self.problem = problem_of(assemble(model.layout), x)
        self.y, self.w = y, w
        self.lower, self.upper = model.free_lower, model.free_upper

    def partials(self, theta: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Weighted residuals, shape (m,), and weighted partials, shape (P, m)."""
        value, partials = tabulate(self.problem, theta, FREE)
        assert partials is not None
        residual = ((value - self.y) * self.w).ravel()
        return residual, (partials * self.w).reshape(len(partials), -1)

    def cost(self, theta: FloatArray) -> float:
        """Sum of squares, infinite where it is not finite."""
        residual = ((tabulate(self.problem, theta)[0] - self.y) * self.w).ravel()
        return _finite(float(residual @ residual))

    def moved(
        self, theta: FloatArray, free: NDArray[np.intp], damping: float
    ) -> FloatArray:
        """The point after a damped Gauss-Newton step of some parameters."""
        residual, rows = self.partials(theta)
        rows = rows[free]
        size = np.sqrt(np.einsum("ij,ij->i", rows, rows))
        size[~((size > 0.0) & np.isfinite(size))] = 1.0
        rows = rows / size[:, None]
        matrix = rows @ rows.T
        matrix[np.diag_indices_from(matrix)] += RIDGE + damping
        if not np.isfinite(matrix).all() or not np.isfinite(residual).all():
            return theta
        moved = theta.copy()
        moved[free] -= np.linalg.solve(matrix, rows @ residual) / size
        clipped: FloatArray = np.clip(moved, self.lower, self.upper)
        return clipped


# A point may overflow; it then counts as infinitely bad.
@np.errstate(all="ignore")
def spread_start(
    model: Model, x: FloatArray, y: FloatArray, w: FloatArray, full: FloatArray
) -> None:
    """Fill the free parameters that are NaN in `full`.

    Parameters
    ----------
    model : Model
    x : ndarray, shape (n_inputs, n)
    y, w : ndarray, shape (n_outputs, n)
        Data and weights.
    full : ndarray, shape (n_parameters,)
    """
    n = x.shape[1]
    if n > N_SAMPLES:
        drawn = np.random.default_rng(0).choice(n, N_SAMPLES, replace=False)
        x, y, w = (own[:, np.sort(drawn)] for own in (x, y, w))
    places = [model.index[name] for name in model.free_names]
    theta = full[places]
    unknown = np.flatnonzero(np.isnan(theta))
    fit, scales = Fit(model, x, y, w), _scales(x, y)
    rng = np.random.default_rng(0)
    some = np.tile(theta, (N_LOOKS, 1))
    for point in some:
        point[unknown] = _values(model, unknown, rng.uniform(size=len(unknown)), scales)
    theta, linear = some[0], _linear(fit, some, unknown)
    spread = np.setdiff1d(unknown, linear)
    n = min(MOST_POINTS, max(1, PER_PARAMETER * len(spread)))
    # a Latin hypercube: even along each parameter
    cube = np.argsort(rng.uniform(size=(n, len(spread))), axis=0)
    tried = _tried(model, fit, scales, theta, (cube + 0.5) / n, spread, linear)
    near = 1.5 * n ** (-1.0 / max(1, len(spread)))
    for _ in range(N_ZOOMS if len(spread) else 0):
        centers = np.repeat([own.even for own in tried[:N_BEST]], N_NEAR, axis=0)
        moved = centers + near * rng.uniform(-1.0, 1.0, centers.shape)
        closer = np.clip(moved, 0.0, 1.0)
        tried += _tried(model, fit, scales, theta, closer, spread, linear)
        tried.sort(key=_cost)
        near /= 4.0
    improved = [_improved(fit, own.theta, unknown) for own in tried[:N_BEST]]
    full[places] = min(improved, key=fit.cost)
    release(fit.problem)


class Trial(NamedTuple):
    """A point, what is spread as numbers between 0 and 1, and its sum of squares."""

    theta: FloatArray
    even: FloatArray
    cost: float


def _cost(trial: Trial) -> float:
    return trial.cost


def _tried(
    model: Model,
    fit: Fit,
    scales: Scales,
    theta: FloatArray,
    cube: FloatArray,
    spread: NDArray[np.intp],
    linear: NDArray[np.intp],
) -> list[Trial]:
    """Points with what enters linearly solved for, the best first."""
    found = []
    for even in cube:
        point = theta.copy()
        point[spread] = _values(model, spread, even, scales)
        if len(linear):
            point = fit.moved(point, linear, 0.0)
        found.append(Trial(point, even, fit.cost(point)))
    return sorted(found, key=_cost)


def _finite(value: float) -> float:
    return value if math.isfinite(value) else math.inf


def _scales(x: FloatArray, y: FloatArray) -> Scales:
    first, last = float(x[0].min()), float(x[0].max())
    span = last - first or 1.0
    spacing = span / max(len(np.unique(x[0])) - 1, 1)
    return Scales(first, last, spacing, float(np.ptp(y)) or 1.0)


def _values(
    model: Model, places: NDArray[np.intp], even: FloatArray, scales: Scales
) -> list[float]:
    """Values of some free parameters for numbers between 0 and 1."""
    params = [model.parameters[model.free_names[k]] for k in places]
    return [
        min(max(_value(own, part, scales), own.lower), own.upper)
        for own, part in zip(params, even.tolist(), strict=True)
    ]


def _value(own: Param, part: float, scales: Scales) -> float:
    """Value of a parameter within what its bounds and its unit allow."""
    lower, upper, unit = own.lower, own.upper, own.unit
    if math.isfinite(lower) and math.isfinite(upper):
        return lower + part * (upper - lower)
    if unit == "'rad'":
        return 2.0 * math.pi * part
    if unit == "x" and math.isinf(lower) and math.isinf(upper):
        return scales.first + part * scales.span
    low, high = _sizes(unit, scales)
    if lower >= 0.0:
        return lower + low * float((high / low) ** part)
    if upper <= 0.0:
        return upper - low * float((high / low) ** part)
    size = low * (high / low) ** abs(2.0 * part - 1.0)
    return math.copysign(size, part - 0.5)


def _sizes(unit: str, scales: Scales) -> tuple[float, float]:
    """Least and largest size of a parameter in a unit."""
    widest = max(abs(scales.first), abs(scales.last), scales.span)
    if unit == "x":
        return 0.3 * scales.spacing, 20.0 * widest
    if unit == "1/x":
        return 0.1 / scales.span, math.pi / scales.spacing
    if unit == "y":
        return 0.01 * scales.height, 10.0 * scales.height
    return 0.01, 100.0


def _linear(
    fit: Fit, points: FloatArray, unknown: NDArray[np.intp]
) -> NDArray[np.intp]:
    """Parameters that the model is linear in, all of them together, at all points."""
    found: list[int] = []
    for k in unknown:
        if all(_is_linear(fit, point, [*found, int(k)]) for point in points):
            found.append(int(k))
    return np.array(found, dtype=np.intp)


def _is_linear(fit: Fit, point: FloatArray, places: list[int]) -> bool:
    """Whether partials stay what they are when these parameters are doubled."""
    doubled = point.copy()
    doubled[places] = np.clip(2.0 * point[places], fit.lower[places], fit.upper[places])
    before, after = (fit.partials(own)[1][places] for own in (point, doubled))
    scale = np.abs(before).max(initial=0.0)
    is_same = np.allclose(before, after, rtol=1e-9, atol=1e-12 * scale)
    return bool(scale > 0.0 and is_same and (doubled != point)[places].all())


def _improved(fit: Fit, theta: FloatArray, free: NDArray[np.intp]) -> FloatArray:
    """The point after steps that fit better, damped less the better they do."""
    cost, damping = fit.cost(theta), 1e-2
    for _ in range(N_STEPS):
        trial = fit.moved(theta, free, damping)
        after = fit.cost(trial)
        if after < cost:
            is_done = cost - after < 1e-6 * cost
            theta, cost, damping = trial, after, 0.2 * damping
            if is_done:
                break
        else:
            damping *= 5.0
            if damping > 1e6:
                break
    return theta
