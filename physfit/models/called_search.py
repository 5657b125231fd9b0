"""A search for start values that asks a function for few of its values.

Points are drawn (`called_points`), what the function is linear in is solved for
(`called_linear`), and the best points are improved by steps of Levenberg and Marquardt
in the others, whose slopes are differences of what that solution leaves (variable
projection). A wave is found by its beginning: the same values are compared with the
first quarter and half of the samples as well, where a period may be further off, and
what fits there is improved on ever more of them. The search ends where what is left of
all samples is noise.

References
----------
G. H. Golub and V. Pereyra, "Separable nonlinear least squares: the variable projection
method and its applications", Inverse Problems 19 (2003) R1.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from physfit.models.called_linear import Values, looked_at
from physfit.models.called_points import Draw
from physfit.models.spread_ranges import Interval
from physfit.typing import FloatArray, IntArray

__all__ = ["CalledSearch"]

#: Points of a round for each parameter that is drawn, and the most of them.
PER_PARAMETER, MOST_POINTS = 12, 40
#: Rounds at most: parameters without effect cost no calls.
N_ROUNDS = 20
#: Points that are tried for a look at what is linear.
N_LOOKS = 8
#: Shares of the samples, from the first on, whose best points are improved.
SHARES = (1.0, 0.25, 0.5)
#: Samples for each parameter that a share has at least.
FEWEST = 4
#: Steps on a part of the samples and on all of them; the share of a cost that one must
#: gain; times that a step is tried shorter.
N_STEPS, N_LAST, GAIN, N_SHORTER = 5, 15, 1e-3, 4
#: Damping of the first step, and the least; the longest step, in units of a parameter.
DAMPING, LEAST, LONGEST = 1e-2, 1e-9, 2.0
#: Steps of differences, relative to the parameter; an integrator's values are rough.
DIFFERENCE = 1e-4
#: Standard deviations from which on residuals are no noise.
NOT_NOISE = 2.5
#: Residuals of this share of the data are those of rounding.
EXACT = 1e-9


class _Place(NamedTuple):
    """Parameters, and weighted residuals (m,) of all samples; none where no values."""

    theta: FloatArray
    residuals: FloatArray
    cost: float


class CalledSearch:
    """A search for the parameters of a function that fit data.

    Parameters
    ----------
    ranges : sequence of Interval
        Of all free parameters.
    limits : pair of ndarray, shape (P,)
    data : tuple of ndarray
        Coordinates (n_inputs, n), data and weights (n_outputs, n).
    given : ndarray, shape (P,)
        Values that stay; NaN is searched.
    is_over : callable
        Whether there are no calls left.
    """

    def __init__(
        self,
        ranges: Sequence[Interval],
        limits: tuple[FloatArray, FloatArray],
        data: tuple[FloatArray, FloatArray, FloatArray],
        given: FloatArray,
        is_over: Callable[[], bool],
    ) -> None:
        self.ranges, self.limits, self.given = ranges, limits, given
        self.is_over, self._order = is_over, _along(data[0])
        self._data = data
        self._y, self._w = data[1].ravel(), data[2].ravel()
        self._size = float(np.square(self._y * self._w).sum())

    def best(self, function: Values) -> tuple[FloatArray, bool]:
        """Parameters with the lowest cost that was found, and whether there is one."""
        drawn = [own for own in self.ranges if np.isnan(self.given[own.place])]
        draw = Draw(drawn, *self._data)
        points = [self._full(drawn, own) for own in draw.points(N_LOOKS)]
        signed = [own.place for own in drawn if own.has_signs]
        height = draw.scales.height
        self._function = function
        self._linear = looked_at(function, points, self.limits, signed, height)
        chosen = [
            own._replace(has_signs=own.has_signs and own.place not in self._linear.even)
            for own in drawn
            if own.place not in self._linear.places
        ]
        best = self._searched(Draw(chosen, *self._data), chosen)
        if best is None:
            return points[0], False
        return self._natural(best, chosen).theta, True

    def _searched(self, draw: Draw, drawn: Sequence[Interval]) -> _Place | None:
        """The best place of all rounds."""
        self._free = [own.place for own in drawn]
        n = min(MOST_POINTS, PER_PARAMETER * len(drawn)) if drawn else 1
        best: _Place | None = None
        for _ in range(N_ROUNDS):
            points = draw.points(n)
            if best is not None:
                half = draw.mixed(points[::2], best.theta[self._free])
                points[::2] = half
            places = [self._at(self._full(drawn, own)) for own in points]
            for share in SHARES:
                best = _lower(best, self._improved(places, share))
                if best is not None and self._is_noise(best):
                    return best
            if not drawn or self.is_over():
                break
        return best

    def _full(self, drawn: Sequence[Interval], values: FloatArray) -> FloatArray:
        """All parameters for values of those that are drawn."""
        theta = np.where(np.isnan(self.given), 0.0, self.given)
        theta[[own.place for own in drawn]] = values
        return np.where(np.isnan(self.given), np.clip(theta, *self.limits), self.given)

    def _at(self, theta: FloatArray) -> _Place:
        """A place whose linear parameters are solved for."""
        parts = self._linear.parts(self._function, theta)
        data = self._y, self._w
        found, left = self._linear.solved(parts, data, self.limits, self.given)
        cost = float(left @ left)
        return _Place(found, left, cost if np.isfinite(cost) else np.inf)

    def _improved(self, places: Sequence[_Place], share: float) -> _Place | None:
        """The best place on a share of the samples, improved on ever more of them."""
        samples = self._first(share)
        if samples is None:
            return None
        costs = [_cost(own, samples) for own in places]
        own = places[int(np.argmin(costs))]
        if not np.isfinite(own.cost):
            return None
        while share < 1.0:
            own = self._descended(own, self._first(share), N_STEPS)
            share *= 2.0
        return self._descended(own, self._first(1.0), N_LAST)

    def _first(self, share: float) -> IntArray | None:
        """The first samples along x; None where they are too few, or have no order."""
        if share == 1.0:
            return np.arange(self._y.size)
        if self._order is None:
            return None
        n_samples = self._data[1].shape[1]
        n = int(share * n_samples)
        if n < FEWEST * len(self.limits[0]):
            return None
        n_outputs = len(self._data[1])
        offsets = n_samples * np.arange(n_outputs)[:, None]
        first: IntArray = (offsets + self._order[:n]).ravel()
        return first

    def _descended(
        self, place: _Place, samples: IntArray | None, n_steps: int
    ) -> _Place:
        """Where steps of Levenberg and Marquardt lead on some of the samples."""
        if samples is None or not self._free:
            return place
        cost, damping = _cost(place, samples), DAMPING
        for _ in range(n_steps):
            slopes = self._slopes(place, samples)
            if slopes is None or self.is_over():
                return place
            left, before = place.residuals[samples], cost
            for _ in range(N_SHORTER):
                trial = self._at(self._moved(place.theta, slopes, left, damping))
                after = _cost(trial, samples)
                if after < cost:
                    place, cost, damping = trial, after, max(0.1 * damping, LEAST)
                    break
                damping *= 10.0
            if not cost < before * (1.0 - GAIN):
                break
        return place

    def _slopes(self, place: _Place, samples: IntArray) -> FloatArray | None:
        """Differences of residuals by what is drawn, shape (m, n); None: no values."""
        columns = []
        for k in self._free:
            at, lower, upper = place.theta[k], self.limits[0][k], self.limits[1][k]
            step = DIFFERENCE * (abs(at) or 1.0)
            step = step if at + step <= upper else -min(step, at - lower)
            theta = place.theta.copy()
            theta[k] += step
            other = self._at(theta)
            if theta[k] == at or not np.isfinite(other.cost):
                columns.append(np.zeros(len(samples)))
                continue
            change = other.residuals[samples] - place.residuals[samples]
            columns.append(change / (theta[k] - at))
        slopes = np.array(columns).T
        return slopes if slopes.any() and np.isfinite(slopes).all() else None

    def _moved(
        self, theta: FloatArray, slopes: FloatArray, left: FloatArray, damping: float
    ) -> FloatArray:
        """Parameters after a step."""
        sizes = np.sqrt((slopes * slopes).sum(axis=0))
        sizes[sizes == 0.0] = 1.0
        rows = slopes / sizes
        matrix = rows.T @ rows + damping * np.eye(len(sizes))
        other = theta.copy()
        if not np.isfinite(matrix).all():
            return other
        most = LONGEST * np.where(theta == 0.0, 1.0, np.abs(theta))[self._free]
        step = np.linalg.solve(matrix, rows.T @ left) / sizes
        other[self._free] -= np.clip(step, -most, most)
        return np.clip(other, *self.limits)

    def _is_noise(self, place: _Place) -> bool:
        """Whether neighbouring residuals are independent, or only rounding."""
        if place.cost <= EXACT**2 * self._size:
            return True
        rows = place.residuals.reshape(self._data[1].shape)
        products = rows[:, 1:] * rows[:, :-1]
        root = np.sqrt(place.residuals.size)
        signs = np.sign(products).sum() / root
        return bool(max(root * products.sum() / place.cost, signs) < NOT_NOISE)

    def _natural(self, best: _Place, drawn: Sequence[Interval]) -> _Place:
        """The same with positive sizes where that costs nothing."""
        for own in drawn:
            if own.place not in self._linear.even or best.theta[own.place] >= 0.0:
                continue
            theta = best.theta.copy()
            theta[own.place] = -theta[own.place]
            other = self._at(np.clip(theta, *self.limits))
            if other.cost <= best.cost * (1.0 + GAIN):
                best = other
        return best


def _along(x: FloatArray) -> IntArray | None:
    """Order of the samples along x; None for several coordinates."""
    return np.argsort(x[0], kind="stable") if len(x) == 1 else None


def _cost(place: _Place, samples: IntArray) -> float:
    """Sum of squares over some of the samples."""
    left = place.residuals[samples]
    cost = float(left @ left)
    return cost if np.isfinite(cost) else np.inf


def _lower(one: _Place | None, other: _Place | None) -> _Place | None:
    """The place with the lower cost."""
    if one is None or other is None:
        return other if one is None else one
    return other if other.cost < one.cost else one
