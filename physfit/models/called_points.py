"""Points at which a search for start values tries functions called as Python.

Nothing is known of what a parameter of theirs does. So each is drawn in turn as a pure
number, as a length along x, as a rate, as a height, as a place, and as what belongs to
a line in the spectrum of the data. The first points are of positive sizes in the middle
of these ranges: those at the ends, and negative rates, are seldom meant, and take an
integrator a hundred times as long.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from physfit.engine.guesses import spread_ranges as kinds
from physfit.engine.guesses.spread_ranges import Scales, parameter_at
from physfit.models.spread_ranges import Interval, scales_of
from physfit.typing import FloatArray

__all__ = ["Draw"]

#: What a parameter of which nothing is known may be, one as often as the other.
PURE, LENGTH, RATE, HEIGHT, PLACE, WAVE = range(6)
N_ROLES = 6
#: Pure numbers lie within this factor of 1, nine of ten within one of 1000.
FACTOR, FEW = 1e8, 3.0
#: How often a size of further points is negative that may be.
NEGATIVE = 0.25
#: How far the first sizes are from the middle of their range, as a share of it.
CLOSE = 0.5
#: How sizes crowd in the middle of their range: 1 not at all. Pure ones do so by `FEW`.
CROWD = 1.5
#: Frequencies of a spectrum, and how far around a line parameters lie, as a logarithm.
N_WAVES, AROUND = 256, 0.3


class Draw:
    """Values of parameters by what bounds, units and data say of them.

    Parameters
    ----------
    ranges : sequence of Interval
        Of the parameters that are drawn.
    x : ndarray, shape (n_inputs, n)
    y, w : ndarray, shape (n_outputs, n)
        Data, and their weights.
    """

    def __init__(
        self, ranges: Sequence[Interval], x: FloatArray, y: FloatArray, w: FloatArray
    ) -> None:
        height, tallest = float(np.ptp(y)) or 1.0, float(np.abs(y).max()) or 1.0
        scales = scales_of(x)
        self.scales: Scales = scales._replace(height=height, tallest=tallest)
        self.ranges = ranges
        self._rng, self._reach = np.random.default_rng(0), CLOSE
        self._omegas, self._shares = _spectrum(x[0], y[0], w[0], self.scales)

    def points(self, n: int) -> FloatArray:
        """Further points, shape (n, n_drawn), spread evenly over each parameter."""
        reach, self._reach = self._reach, 1.0
        rng, n_drawn = self._rng, len(self.ranges)
        order = np.argsort(rng.uniform(size=(n, n_drawn)), axis=0)
        cube = (order + rng.uniform(size=(n, n_drawn))) / n
        lots = rng.uniform(size=(n, n_drawn, 2))
        return np.array(
            [
                [
                    self._at(*own, reach)
                    for own in zip(self.ranges, parts, more, strict=True)
                ]
                for parts, more in zip(cube.tolist(), lots.tolist(), strict=True)
            ]
        ).reshape(n, n_drawn)

    def mixed(self, points: FloatArray, best: FloatArray) -> FloatArray:
        """The same, some parameters as in the best point so far, or near to them."""
        rng = self._rng
        stays = rng.uniform(size=points.shape) < rng.uniform(size=(len(points), 1))
        near = best * np.exp(AROUND * rng.normal(size=points.shape))
        is_near = rng.uniform(size=points.shape) < 0.5
        return np.where(stays, np.where(is_near, near, best), points)

    def _at(
        self, own: Interval, part: float, lots: Sequence[float], reach: float
    ) -> float:
        """Value of a parameter for numbers between 0 and 1."""
        is_any = own.unit == kinds.ANY
        if not is_any or own.kind in (kinds.UNIFORM, kinds.POSITION):
            return float(parameter_at(own, self.scales, part))
        role = int(N_ROLES * part)
        part = N_ROLES * part - role
        if role == PLACE:
            place = float(self.scales.first + part * self.scales.span)
            is_out = (own.kind == kinds.ABOVE and place < own.edge) or (
                own.kind == kinds.BELOW and place > own.edge
            )
            return own.edge if is_out else place
        size = self._size(role, 0.5 + reach * (part - 0.5), lots[0])
        if own.kind == kinds.EITHER:
            may_turn = own.has_signs and reach == 1.0
            return -size if may_turn and lots[1] < NEGATIVE else size
        return own.edge + size if own.kind == kinds.ABOVE else own.edge - size

    def _size(self, role: int, part: float, lot: float) -> float:
        """Size of a parameter in one of the roles."""
        scales = self.scales
        if role == WAVE:  # where the spectrum is large
            omega = float(np.interp(part, self._shares, self._omegas))
            omega *= math.exp(AROUND * (2.0 * lot - 1.0))
            return (omega, omega / (2.0 * math.pi), 2.0 * math.pi / omega)[int(3 * lot)]
        low, high = {
            PURE: (1.0 / FACTOR, FACTOR),
            LENGTH: (0.5 * scales.spacing, 3.0 * scales.span),
            RATE: (0.2 / scales.span, math.pi / scales.spacing),
            HEIGHT: (0.05 * scales.height, 5.0 * scales.tallest),
        }[role]
        side = 2.0 * part - 1.0
        crowd = FEW if role == PURE else CROWD
        part = 0.5 + 0.5 * math.copysign(abs(side) ** crowd, side)
        return float(low * (high / low) ** part)


def _spectrum(
    x: FloatArray, y: FloatArray, w: FloatArray, scales: Scales
) -> tuple[FloatArray, FloatArray]:
    """Angular frequencies, and shares of the spectrum up to each of them."""
    n = min(N_WAVES, len(np.unique(x)))
    omegas = math.pi / scales.span * np.arange(1.0, n + 1.0)
    mean = np.average(y, weights=w * w) if (w * w).sum() > 0.0 else 0.0
    waves = np.exp(-1j * np.outer(omegas, x - scales.first)) @ (w * (y - mean))
    shares = np.cumsum(np.abs(waves) ** 2)
    if not 0.0 < shares[-1] < math.inf:
        shares = np.arange(1.0, n + 1.0)
    return omegas, shares / shares[-1]
