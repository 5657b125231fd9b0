"""Costs on the grid of a landscape: slices and profiles, in compiled code and threads.

A slice holds all other parameters at their values of the minimum. A profile minimises
the cost over them at every point, by Levenberg-Marquardt from the answer at the point
before: first along one column through the minimum, then from there along each row to
both sides. The fit begins at whichever is lower, that answer or the values of the
minimum, so a profile is never above the slice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from physfit.engine.workers import in_threads
from physfit.fitting.exploration.base import CountCallback, counting
from physfit.fitting.exploration.plane import Plane
from physfit.fitting.fit_plan import FitPlan
from physfit.models.param import fixed
from physfit.objective import Objective
from physfit.solve.base import Stop
from physfit.solve.least_squares import levenberg_marquardt
from physfit.typing import FloatArray

__all__ = ["profile", "slices"]

#: A profile needs the cost, not the parameters to the last digit.
STOP = Stop(ftol=1e-9, max_steps=100)


def slices(
    plan: FitPlan,
    plane: Plane,
    axes: Sequence[FloatArray],
    threads: int,
    callback: CountCallback | None = None,
) -> FloatArray:
    """Cost at every point of the grid, the other parameters held."""
    thetas = plane.at(np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1))
    rows = np.array_split(thetas.reshape(-1, thetas.shape[-1]), len(axes[0]))

    def make_worker() -> Callable[[FloatArray], FloatArray]:
        return plan.objective.twin().costs

    found = in_threads(make_worker, rows, threads, progress=counting(callback))
    return np.concatenate(found).reshape(thetas.shape[:-1])


def profile(
    plan: FitPlan,
    plane: Plane,
    axes: Sequence[FloatArray],
    threads: int,
    callback: CountCallback | None = None,
) -> FloatArray:
    """Cost at every point of the grid, minimised over the other parameters."""
    first, last = axes[0], axes[-1]
    center = plane.coordinates(plane.center)
    middle = int(np.argmin(np.abs(first - center[0])))
    across = [np.array([own, *center[1:]]) for own in first]
    spine = _Line(plan, plane).outwards(across, middle)
    if len(axes) == 1:
        return np.array([cost for cost, _ in spine])
    start = int(np.argmin(np.abs(last - center[1])))

    def make_worker() -> Callable[[int], FloatArray]:
        line = _Line(plan, plane)

        def row(k: int) -> FloatArray:
            points = [np.array([first[k], own]) for own in last]
            found = line.outwards(points, start, spine[k][1])
            return np.array([cost for cost, _ in found])

        return row

    rows = list(range(len(first)))
    return np.array(in_threads(make_worker, rows, threads, progress=counting(callback)))


class _Line:
    """Fits of the other parameters along a line of points, each from its neighbour."""

    def __init__(self, plan: FitPlan, plane: Plane) -> None:
        model, whole = plan.model, plan.objective
        values = plane.coordinates(plane.center).tolist()
        held = model.where(
            **{name: fixed(own) for name, own in zip(plane.over, values, strict=True)}
        )
        self._objective = Objective(
            held.layout, whole.x, whole.y, whole.weights, whole.loss
        )
        self._places = [model.index[name] for name in plane.over]
        free = [model.free_index[name] for name in held.free_names]
        self._best = plane.center[free]
        self._limits = held.free_lower, held.free_upper

    def outwards(
        self,
        points: Sequence[FloatArray],
        middle: int,
        theta: FloatArray | None = None,
    ) -> list[tuple[float, FloatArray]]:
        """Costs and other parameters, from the middle to both ends."""
        begin = self._fit(points[middle], self._best if theta is None else theta)
        found = {middle: begin}
        for side in (range(middle + 1, len(points)), range(middle - 1, -1, -1)):
            last = begin
            for k in side:
                last = found[k] = self._fit(points[k], last[1])
        return [found[k] for k in range(len(points))]

    def _fit(self, point: FloatArray, near: FloatArray) -> tuple[float, FloatArray]:
        for place, value in zip(self._places, point, strict=True):
            self._objective.hold(place, float(value))
        costs = self._objective.costs(np.stack([near, self._best]))
        start = near if not costs[0] > costs[1] else self._best
        if not np.isfinite(costs).any() or not len(start):
            return float(costs[0]), near
        solution = levenberg_marquardt(self._objective, start, *self._limits, stop=STOP)
        return solution.cost, solution.theta
