"""Data of several fits side by side: losses with a domain look at all their samples."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from physfit.models.loss import Loss
from physfit.objective import Objective
from physfit.typing import FloatArray, IntArray

__all__ = ["Mask", "Stacked"]

Mask: TypeAlias = NDArray[np.bool_]


class Stacked(NamedTuple):
    """Fits of one model and loss, to as many samples each.

    Attributes
    ----------
    objectives : sequence of Objective, of length R
        The model of each, at all of its samples or those that are used; one alone for
        fits that share x. Their data are not looked at.
    y, weights : ndarray, shape (R, n)
        Where a sample is not used y is 1 above the least there is, and so are models.
    used, is_least : ndarray of bool, shape (R, n)
        Which samples are used, and may lie on the edge.
    """

    objectives: Sequence[Objective]
    y: FloatArray
    weights: FloatArray
    used: Mask
    is_least: Mask

    @classmethod
    def of(
        cls, objectives: Sequence[Objective], y: FloatArray, used: Mask | None = None
    ) -> Stacked:
        """Fits to data without errors of their own."""
        lower = objectives[0].loss.traits.lower
        used = np.ones(y.shape, dtype=bool) if used is None else used
        y = np.where(used, y, lower + 1.0)
        return cls(objectives, y, np.ones_like(y), used, y <= lower)

    @classmethod
    def of_one(cls, objective: Objective) -> Stacked:
        """One fit."""
        stack = cls.of([objective], objective.y.reshape(1, -1))
        return stack._replace(weights=objective.weights.reshape(1, -1))

    @property
    def loss(self) -> Loss:
        """The loss of all."""
        return self.objectives[0].loss

    @property
    def is_empty(self) -> Mask:
        """Whether no datum lies above the least there is, shape (R,)."""
        empty: Mask = ~np.any(self.used & ~self.is_least, axis=1)
        return empty

    def some(self, which: IntArray) -> Stacked:
        """The fits of these places."""
        chosen = self.objectives
        if len(chosen) > 1:
            chosen = [chosen[k] for k in which.tolist()]
        data = self.y[which], self.weights[which]
        return Stacked(chosen, *data, self.used[which], self.is_least[which])

    def values(self, theta: FloatArray) -> FloatArray:
        """Model at parameters (R, P), shape (R, n)."""
        f = np.empty(self.y.shape)
        for rows, samples, own in self._places():
            value, _ = own.at_sets(theta[rows], partials=False)
            f[rows, samples] = value[:, 0]
        f[~self.used] = self.loss.traits.lower + 1.0
        return f

    def partials(self, theta: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Model (R, n) and its partials (R, n, P)."""
        n_rows, n_free = theta.shape
        f, jac = np.empty(self.y.shape), np.empty((n_rows, n_free, self.y.shape[1]))
        for rows, samples, own in self._places():
            value, partials = own.at_sets(theta[rows], partials=True)
            assert partials is not None
            f[rows, samples] = value[:, 0]
            jac[rows, :, samples] = partials[:, :, 0]
        across = np.swapaxes(jac, 1, 2)
        f[~self.used], across[~self.used] = self.loss.traits.lower + 1.0, 0.0
        return f, across

    def _places(self) -> Iterator[tuple[slice, Mask | slice, Objective]]:
        """Which rows and samples an objective computes."""
        is_shared = len(self.objectives) == 1
        for k, own in enumerate(self.objectives):
            is_whole = own.n_samples == self.y.shape[1]
            rows = slice(None) if is_shared else slice(k, k + 1)
            yield rows, slice(None) if is_whole else self.used[k], own

    def terms(self, f: FloatArray) -> FloatArray:
        """Rho, slope, weight and curvature of every sample, shape (4, R, n)."""
        return self.loss.terms(self.y, f, self.weights) * self.used

    def costs(self, theta: FloatArray) -> FloatArray:
        """Costs at parameters (R, P), shape (R,); infinite outside the domain."""
        with np.errstate(all="ignore"):
            total: FloatArray = self.terms(self.values(theta))[0].sum(axis=1)
        return np.where(np.isfinite(total), total, np.inf)
