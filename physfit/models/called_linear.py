"""Which parameters a function called as Python is linear in, told by its values.

A function of Python costs more than all else in a search for start values, and its
partials cost several calls. So only values are asked for: what a function is linear in
changes alike by two steps, and by several parameters together as by each alone. Where
these are solved for, the model is a base and a column for each; what is the same at two
points, such as the column of an offset, is the same everywhere and not asked again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np

from physfit.typing import FloatArray

__all__ = ["Linear", "Parts", "Values", "looked_at"]

#: Values of a function (m,), NaN where it has none.
Values: TypeAlias = Callable[[FloatArray], FloatArray]
#: Agreement of changes, which integrators give to few digits, and of equal values.
ALIKE, EQUAL = 1e-3, 1e-6
#: Added to the diagonal of normal equations of unit columns.
RIDGE = 1e-12


class Parts(NamedTuple):
    """A function at a point: values at `base` are (m,), `columns` (m, n_linear)."""

    theta: FloatArray
    values: FloatArray
    columns: FloatArray


class Linear(NamedTuple):
    """Parameters that a function is linear in together.

    Attributes
    ----------
    places : list of int
    even : frozenset of int
        Others whose sign is not seen.
    base, moved : ndarray, shape (P,)
        Where the linear ones are for the base and, one at a time, for the columns.
    values : ndarray or None
        Of the base where they are the same everywhere.
    columns : dict of int to ndarray
        Those that are the same everywhere.
    """

    places: list[int]
    even: frozenset[int]
    base: FloatArray
    moved: FloatArray
    values: FloatArray | None = None
    columns: dict[int, FloatArray] = {}  # noqa: RUF012

    def parts(self, function: Values, theta: FloatArray) -> Parts:
        """Base and columns of a function where the others are as in `theta`."""
        theta = theta.copy()
        theta[self.places] = self.base[self.places]
        values = function(theta) if self.values is None else self.values
        columns = np.empty((len(values), len(self.places)))
        for k, place in enumerate(self.places):
            known = self.columns.get(place)
            if known is None:
                other = theta.copy()
                other[place] = self.moved[place]
                known = (function(other) - values) / (other[place] - theta[place])
            columns[:, k] = known
        if not self.places:
            columns = np.empty((len(values), 0))
        return Parts(theta, values, columns)

    def solved(
        self,
        parts: Parts,
        data: tuple[FloatArray, FloatArray],
        limits: tuple[FloatArray, FloatArray],
        given: FloatArray,
    ) -> tuple[FloatArray, FloatArray]:
        """Parameters that fit weighted data best, and the weighted residuals there.

        Linear ones are cut to their limits; those that are not NaN in `given` stay.
        """
        (y, w), theta = data, parts.theta.copy()
        left = (y - parts.values) * w
        open_ = [k for k, p in enumerate(self.places) if np.isnan(given[p])]
        for k, place in enumerate(self.places):
            if k not in open_:
                theta[place] = given[place]
                by = given[place] - self.base[place]
                left = left - by * w * parts.columns[:, k]
        if open_:
            rows = parts.columns[:, open_] * w[:, None]
            sizes = np.sqrt((rows * rows).sum(axis=0))
            rows = rows / np.where(sizes > 0.0, sizes, 1.0)
            matrix = rows.T @ rows + RIDGE * np.eye(len(open_))
            matrix += np.diag(np.where(sizes > 0.0, 0.0, 1.0))
            if np.isfinite(matrix).all():
                found = np.linalg.solve(matrix, rows.T @ left)
                found /= np.where(sizes > 0.0, sizes, 1.0)
                where = [self.places[k] for k in open_]
                theta[where] = np.clip(
                    self.base[where] + found, limits[0][where], limits[1][where]
                )
                columns = parts.columns[:, open_] * w[:, None]
                left = left - columns @ (theta[where] - self.base[where])
        return theta, left


def looked_at(
    function: Values,
    points: Sequence[FloatArray],
    limits: tuple[FloatArray, FloatArray],
    signed: Sequence[int],
    height: float,
) -> Linear:
    """What a function is linear in, by looks at the first two points with values.

    Parameters
    ----------
    function : callable
    points : sequence of ndarray, shape (P,)
    limits : pair of ndarray, shape (P,)
    signed : sequence of int
        Parameters that may have either sign.
    height : float
        Size of the data.
    """
    seen: list[tuple[FloatArray, FloatArray]] = []
    for point in points:
        value = function(point)
        if np.isfinite(value).all():
            seen.append((point, value))
        if len(seen) == 2:
            break
    n = len(limits[0])
    places = list(range(n)) if len(seen) == 2 else []
    for point, value in seen if places else ():
        places = [k for k in places if _is_linear(function, point, value, k, limits)]
    places = _together(function, seen, places, limits)
    even = frozenset(
        k
        for k in signed
        if seen and k not in places and _is_even(function, *seen[0], k)
    )
    base, moved = np.zeros(n), np.zeros(n)
    base[:] = np.clip(0.0, *limits)
    moved[:] = np.clip(base + height, *limits)
    moved = np.where(moved == base, np.clip(base - height, *limits), moved)
    linear = Linear(places, even, base, moved)
    if not places:
        return linear
    one, other = (linear.parts(function, point) for point, _ in seen)
    values = one.values if _agree(one.values, other.values, EQUAL) else None
    columns = {
        place: one.columns[:, k]
        for k, place in enumerate(places)
        if _agree(one.columns[:, k], other.columns[:, k], EQUAL)
    }
    return linear._replace(values=values, columns=columns)


def _moved(
    point: FloatArray, places: Sequence[int], by: float, limits: Sequence[FloatArray]
) -> FloatArray:
    """A point with some parameters moved by a share of themselves, within limits."""
    other, own = point.copy(), list(places)
    sizes = np.where(point[own] == 0.0, 1.0, point[own])
    other[own] = np.clip(point[own] + by * sizes, limits[0][own], limits[1][own])
    return other


def _is_linear(
    function: Values,
    point: FloatArray,
    value: FloatArray,
    k: int,
    limits: tuple[FloatArray, FloatArray],
) -> bool:
    """Whether two steps of a parameter, one of them to 0, change values alike."""
    above, below = (_moved(point, [k], by, limits) for by in (1.0, -1.0))
    if above[k] == point[k] or below[k] == point[k]:
        return False
    one = (function(above) - value) / (above[k] - point[k])
    if not np.isfinite(one).all() or not one.any():
        return False
    other = (value - function(below)) / (point[k] - below[k])
    return _agree(one, other, ALIKE)


def _together(
    function: Values,
    seen: Sequence[tuple[FloatArray, FloatArray]],
    places: list[int],
    limits: tuple[FloatArray, FloatArray],
) -> list[int]:
    """Parameters that are linear together: as many as fit to the first ones."""

    def are_linear(some: list[int]) -> bool:
        for point, value in seen:
            changes = [function(_moved(point, [k], 1.0, limits)) - value for k in some]
            change = function(_moved(point, some, 1.0, limits)) - value
            size = max((float(np.abs(own).max()) for own in changes), default=0.0)
            apart = float(np.abs(change - np.sum(changes, axis=0)).max())
            if not apart <= ALIKE * size:
                return False
        return True

    if len(places) < 2 or are_linear(places):
        return places
    kept = places[:1]
    for k in places[1:]:
        if are_linear([*kept, k]):
            kept.append(k)
    return kept


def _is_even(function: Values, point: FloatArray, value: FloatArray, k: int) -> bool:
    """Whether the other sign of a parameter changes at most that of the values."""
    other = point.copy()
    other[k] = -point[k]
    turned = function(other)
    return _agree(value, turned, EQUAL) or _agree(value, -turned, EQUAL)


def _agree(one: FloatArray, other: FloatArray, within: float) -> bool:
    """Whether arrays agree, relative to the largest entry."""
    size = float(np.abs(one).max(initial=0.0))
    return bool((np.abs(one - other) <= within * size).all())
