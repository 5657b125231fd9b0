"""What the partials of a model tell about its parameters.

Which it is linear in: partials do not change when these are doubled. Which are angles
of a wave with a linear amplitude: the slope by the angle is the amplitude times its
partial a quarter of a turn ahead. Which have a sign that is not seen: partials by
linear parameters are the same, but for their signs, when these are negative.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from physfit.engine.guesses import spread_ranges as kinds
from physfit.engine.guesses.spread_ranges import parameter_at
from physfit.engine.problem import Bound, assemble, problem_of, release
from physfit.engine.program import FREE, tabulate
from physfit.models.spread_ranges import Interval, scales_of
from physfit.typing import FloatArray

if TYPE_CHECKING:
    from physfit.models.model import Model

__all__ = ["Looks", "looks_at"]

#: Points that are looked at, of so many that are drawn, and samples there.
N_LOOKS, N_DRAWN = 4, 16
N_SAMPLES = 256
#: Agreement of partials, relative to the largest.
ROUNDING = 1e-9


class Looks(NamedTuple):
    """What was seen, by places among the free parameters.

    Attributes
    ----------
    linear : tuple of int
        The model is linear in all of them together.
    amplitudes : dict of int to int
        Of an angle its amplitude.
    even : tuple of int
        Their sign is not seen.
    kinked : tuple of int
        Linear ones that are not so at 0, such as what a size is proportional to.
    """

    linear: tuple[int, ...]
    amplitudes: dict[int, int]
    even: tuple[int, ...]
    kinked: tuple[int, ...]


# A point may overflow; partials that are not finite are none of a linear parameter.
@np.errstate(all="ignore")
def looks_at(model: Model, ranges: Sequence[Interval], x: FloatArray) -> Looks:
    """Look at a model at points that are drawn from ranges of its parameters."""
    if x.shape[1] > N_SAMPLES:
        chosen = np.random.default_rng(0).choice(x.shape[1], N_SAMPLES, replace=False)
        x = np.ascontiguousarray(x[:, np.sort(chosen)])
    problem = problem_of(assemble(model.layout), x)
    limits = np.array([model.free_lower, model.free_upper])
    rng, scales = np.random.default_rng(0), scales_of(x)
    points = [
        np.clip([parameter_at(own, scales, rng.uniform()) for own in ranges], *limits)
        for _ in range(N_DRAWN)
    ]
    seen = _Seen(problem, ranges, limits, points)
    linear = seen.linear()
    amplitudes = seen.amplitudes(linear)
    kinked = seen.kinked(linear)
    even = seen.even(linear, [k for k in linear if k not in kinked])
    release(problem)
    return Looks(tuple(linear), amplitudes, even, kinked)


class _Seen:
    """Partials at some points."""

    def __init__(
        self,
        problem: Bound,
        ranges: Sequence[Interval],
        limits: FloatArray,
        points: list[FloatArray],
    ) -> None:
        self.problem, self.ranges = problem, ranges
        self.lower, self.upper = limits
        self.points, self.partials = self._finite(points)

    def _finite(
        self, points: list[FloatArray]
    ) -> tuple[list[FloatArray], list[FloatArray]]:
        """The first points with finite partials, or the last ones; their partials."""
        kept: list[tuple[FloatArray, FloatArray]] = []
        for k, point in enumerate(points):
            partials = self._at(point)[1]
            is_needed = N_LOOKS - len(kept) >= len(points) - k
            if is_needed or np.isfinite(partials).all():
                kept.append((point, partials))
            if len(kept) == N_LOOKS:
                break
        return [point for point, _ in kept], [own for _, own in kept]

    def _at(self, theta: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Values (m,) and partials by the free parameters (P, m)."""
        value, partials = tabulate(self.problem, theta, FREE)
        assert partials is not None
        return value.ravel(), partials.reshape(len(partials), -1)

    def linear(self) -> list[int]:
        """Parameters that the model is linear in, all of them together, at all.

        As many as there are; those that say how large y is before pure numbers.
        """
        order = sorted(range(len(self.ranges)), key=self._has_size)
        one, other = self._linear_of(order), self._linear_of(order[::-1])
        return sorted(one if len(one) >= len(other) else other)

    def _linear_of(self, order: list[int]) -> list[int]:
        """Parameters that are linear together, the first ones first."""
        places: list[int] = []
        for k in order:
            if self._is_linear([*places, k]):
                places.append(k)
        return places

    def _has_size(self, k: int) -> bool:
        """Whether a formula says of which size a parameter is, whatever y is."""
        own = self.ranges[k]
        return own.unit == kinds.GIVEN and own.power == 0.0

    def _is_linear(self, places: list[int]) -> bool:
        for point, partials in zip(self.points, self.partials, strict=True):
            doubled, before = point.copy(), partials[places]
            doubled[places] = 2.0 * point[places]
            doubled = np.clip(doubled, self.lower, self.upper)
            after = self._at(doubled)[1][places]
            is_felt = (np.abs(before).max(axis=1, initial=0.0) > 0.0).all()
            if not (is_felt and (doubled != point)[places].all()):
                return False
            if not self._agree(before, after):
                return False
        return True

    def kinked(self, linear: list[int]) -> tuple[int, ...]:
        """Linear parameters whose partials are others where all of them are 0."""
        found = set[int]()
        for point, before in zip(self.points, self.partials, strict=True):
            base = point.copy()
            base[linear] = np.clip(0.0, self.lower[linear], self.upper[linear])
            after = self._at(base)[1]
            found |= {k for k in linear if not self._agree(before[k], after[k])}
        return tuple(sorted(found))

    def amplitudes(self, linear: list[int]) -> dict[int, int]:
        """Amplitude of each angle that has one of its own."""
        found = dict[int, int]()
        for k, own in enumerate(self.ranges):
            is_whole = self.upper[k] - self.lower[k] >= 2.0 * math.pi
            if own.kind != kinds.UNIFORM or own.high - own.low != 2.0 * math.pi:
                continue
            if not is_whole or k in linear:
                continue
            turned = [self._moved(point, k, 0.5 * math.pi) for point in self.points]
            ahead = [self._at(point)[1] for point in turned]
            for a in linear:
                if a not in found.values() and all(
                    self._agree(before[k], point[a] * after[a])
                    for point, before, after in zip(
                        self.points, self.partials, ahead, strict=True
                    )
                ):
                    found[k] = a
                    break
        return found

    def _moved(self, point: FloatArray, k: int, by: float) -> FloatArray:
        moved = point.copy()
        moved[k] += by if moved[k] + by <= self.upper[k] else by - 2.0 * math.pi
        return moved

    def even(self, linear: list[int], smooth: list[int]) -> tuple[int, ...]:
        """Parameters whose sign changes nothing but signs of linear ones."""
        return tuple(
            k
            for k, own in enumerate(self.ranges)
            if own.has_signs and k not in linear and self._is_even(k, linear, smooth)
        )

    def _is_even(self, k: int, linear: list[int], smooth: list[int]) -> bool:
        for point in self.points:
            base = point.copy()
            base[smooth] = np.clip(0.0, self.lower[smooth], self.upper[smooth])
            value, partials = self._at(base)
            base[k] = -base[k]
            other, others = self._at(base)
            if not self._agree(value, other):
                return False
            for a in linear:
                one, two = partials[a], others[a]
                if not (self._agree(one, two) or self._agree(one, -two)):
                    return False
        return True

    def _agree(self, one: FloatArray, other: FloatArray) -> bool:
        """Whether rows agree, relative to the largest entry of each."""
        size = np.abs(one).max(axis=-1, keepdims=True, initial=0.0)
        return bool((np.abs(one - other) <= ROUNDING * size).all())
