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
from typing import TYPE_CHECKING

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


class Search:
    """A model bound to weighted data, with the scales of these."""

    def __init__(
        self, model: Model, x: FloatArray, y: FloatArray, w: FloatArray
    ) -> None:
        self.problem = problem_of(assemble(model.layout), x)
        self.y, self.w = y, w
        self.params = [model.parameters[name] for name in model.free_names]
        self.lower, self.upper = model.free_lower, model.free_upper
        self.first, self.span = float(x[0].min()), float(np.ptp(x[0])) or 1.0
        spacing = self.span / max(len(np.unique(x[0])) - 1, 1)
        widest = max(float(np.abs(x[0]).max()), self.span)
        height = float(np.ptp(y)) or 1.0
        #: Least and largest size of a parameter in a unit.
        self.sizes = {
            "x": (0.3 * spacing, 20.0 * widest),
            "1/x": (0.1 / self.span, math.pi / spacing),
            "y": (0.01 * height, 10.0 * height),
        }

    def partials(self, theta: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Weighted residuals, shape (m,), and weighted partials, shape (P, m)."""
        value, partials = tabulate(self.problem, theta, FREE)
        assert partials is not None
        residual = ((value - self.y) * self.w).ravel()
        return residual, (partials * self.w).reshape(len(partials), -1)

    def cost(self, theta: FloatArray) -> float:
        """Sum of squares, infinite where it is not finite."""
        residual = ((tabulate(self.problem, theta)[0] - self.y) * self.w).ravel()
        cost = float(residual @ residual)
        return cost if math.isfinite(cost) else math.inf

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

    def values(self, places: NDArray[np.intp], even: FloatArray) -> FloatArray:
        """Values of some free parameters for numbers between 0 and 1."""
        parts = zip(places, even.tolist(), strict=True)
        values = [self._value(self.params[k], part) for k, part in parts]
        return np.clip(values, self.lower[places], self.upper[places])

    def _value(self, own: Param, part: float) -> float:
        """Value of a parameter within what its bounds and its unit allow."""
        lower, upper, unit = own.lower, own.upper, own.unit
        if math.isfinite(lower) and math.isfinite(upper):
            return lower + part * (upper - lower)
        if unit == "'rad'":
            return 2.0 * math.pi * part
        if unit == "x" and math.isinf(lower) and math.isinf(upper):
            return self.first + part * self.span
        low, high = self.sizes.get(unit, (0.01, 100.0))
        if lower >= 0.0:
            return lower + low * float((high / low) ** part)
        if upper <= 0.0:
            return upper - low * float((high / low) ** part)
        size = low * (high / low) ** abs(2.0 * part - 1.0)
        return math.copysign(size, part - 0.5)

    def linear(self, points: FloatArray, unknown: NDArray[np.intp]) -> NDArray[np.intp]:
        """Parameters that the model is linear in, all of them together, at all."""
        places: list[int] = []
        for k in unknown:
            if all(self._is_linear(point, [*places, int(k)]) for point in points):
                places.append(int(k))
        return np.array(places, dtype=np.intp)

    def _is_linear(self, point: FloatArray, places: list[int]) -> bool:
        """Whether partials stay what they are when these parameters are doubled."""
        lower, upper = self.lower[places], self.upper[places]
        doubled = point.copy()
        doubled[places] = np.clip(2.0 * point[places], lower, upper)
        before, after = (self.partials(own)[1][places] for own in (point, doubled))
        scale = np.abs(before).max(initial=0.0)
        is_same = np.allclose(before, after, rtol=1e-9, atol=1e-12 * scale)
        return bool(scale > 0.0 and is_same and (doubled != point)[places].all())

    def improved(self, theta: FloatArray, free: NDArray[np.intp]) -> FloatArray:
        """The point after steps that fit better, damped less the better they do."""
        cost, damping = self.cost(theta), 1e-2
        for _ in range(N_STEPS):
            trial = self.moved(theta, free, damping)
            after = self.cost(trial)
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
    search, rng = Search(model, x, y, w), np.random.default_rng(0)
    some = np.tile(theta, (N_LOOKS, 1))
    for point in some:
        point[unknown] = search.values(unknown, rng.uniform(size=len(unknown)))
    linear = search.linear(some, unknown)
    best = _best_spread(search, rng, some[0], np.setdiff1d(unknown, linear), linear)
    improved = [search.improved(point, unknown) for point in best]
    full[places] = min(improved, key=search.cost)
    release(search.problem)


def _best_spread(
    search: Search,
    rng: np.random.Generator,
    theta: FloatArray,
    spread: NDArray[np.intp],
    linear: NDArray[np.intp],
) -> FloatArray:
    """The best points, with what enters linearly solved for, shape (<= N_BEST, P)."""
    n = min(MOST_POINTS, max(1, PER_PARAMETER * len(spread)))
    # a Latin hypercube: even along each parameter
    cube = (np.argsort(rng.uniform(size=(n, len(spread))), axis=0) + 0.5) / n
    points = np.empty((0, len(theta)))
    cubes, costs = np.empty((0, len(spread))), np.empty(0)
    near = 1.5 * n ** (-1.0 / max(1, len(spread)))
    for _ in range(1 + N_ZOOMS if len(spread) else 1):
        new = np.tile(theta, (len(cube), 1))
        for point, even in zip(new, cube, strict=True):
            point[spread] = search.values(spread, even)
            if len(linear):
                point[:] = search.moved(point, linear, 0.0)
        points, cubes = np.concatenate([points, new]), np.concatenate([cubes, cube])
        costs = np.append(costs, [search.cost(point) for point in new])
        order = np.argsort(costs, kind="stable")
        points, cubes, costs = points[order], cubes[order], costs[order]
        centers = np.repeat(cubes[:N_BEST], N_NEAR, axis=0)
        moved = centers + near * rng.uniform(-1.0, 1.0, centers.shape)
        cube = np.clip(moved, 0.0, 1.0)
        near /= 4.0
    return points[:N_BEST]
