"""Separable least squares for start values: linear coefficients follow from the rest.

Most parameters of our models enter linearly (areas, amplitudes, backgrounds). A guess
then needs a search over the few others only: for each candidate the linear ones are
solved for, and the smallest sum of squares wins (variable projection).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from physfit.models.param import Param
from physfit.typing import FloatArray

__all__ = ["Piece", "compass_search", "polynomial_columns", "project", "thinned"]

Columns = list[NDArray[Any]]
#: Samples that are enough to compare candidates.
ENOUGH = 2000
#: Added to the diagonal of normal equations of unit columns, lest equal columns fail.
RIDGE = 1e-12


class Piece(NamedTuple):
    """A component with its parameters by their names without prefix."""

    kind: str
    params: Mapping[str, Param]

    def known(self, name: str) -> float | None:
        """Start or fixed value that a user gave, or None."""
        return self.params[name].start

    def full(self, values: Mapping[str, float]) -> dict[str, float]:
        """The values under the full names."""
        return {self.params[name].name: value for name, value in values.items()}


def project(
    columns: Columns, y: NDArray[Any]
) -> tuple[NDArray[Any], NDArray[Any], float]:
    """Linear least squares: coefficients, what is left of `y`, its sum of squares.

    Columns that are not finite give an infinite sum.
    """
    if not columns:
        return np.empty(0), y, float(np.vdot(y, y).real)
    matrix = np.array(columns)
    if not np.isfinite(matrix).all():
        return np.zeros(len(columns)), y, np.inf
    scale = np.sqrt(np.maximum(np.sum(np.abs(matrix) ** 2, axis=1), 1e-300))
    matrix = matrix / scale[:, None]
    gram = matrix.conj() @ matrix.T
    gram[np.diag_indices_from(gram)] += RIDGE
    coefficients = np.linalg.solve(gram, matrix.conj() @ y)
    rest = y - coefficients @ matrix
    return coefficients / scale, rest, float(np.vdot(rest, rest).real)


def compass_search(
    cost: Callable[[FloatArray], float],
    start: Iterable[float],
    steps: Iterable[float],
    n_rounds: int = 12,
) -> FloatArray:
    """Point of lower cost near `start`: steps each way, halved when none helps.

    A coordinate with a step of 0 stays.
    """
    best = np.array(list(start), dtype=np.float64)
    sizes = np.array(list(steps), dtype=np.float64)
    lowest = cost(best)
    for _ in range(n_rounds):
        moved = False
        for k in np.flatnonzero(sizes):
            for sign in (1.0, -1.0):
                trial = best.copy()
                trial[k] += sign * sizes[k]
                value = cost(trial)
                if value < lowest:
                    best, lowest, moved = trial, value, True
                    break
        if not moved:
            sizes /= 2.0
    return best


def polynomial_columns(x: FloatArray, order: int) -> Columns:
    """Powers 0 to `order` of x, shifted and scaled to -1 .. 1; none for order -1."""
    middle = 0.5 * (x.max() + x.min())
    half = 0.5 * np.ptp(x)
    u = (x - middle) / (half if half > 0.0 else 1.0)
    return [u**power for power in range(order + 1)]


def thinned(n: int, enough: int = ENOUGH) -> slice:
    """Slice that leaves about `enough` of `n` samples."""
    return slice(None, None, max(1, n // enough))
