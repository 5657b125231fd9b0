"""The pilot fit: scales before a run and standard errors during it, from a sample."""

from __future__ import annotations

import numpy as np

from physfit.data.record import Observations, weights_of
from physfit.fitting.spins import SpinPilotFit
from physfit.fitting.start import is_exact
from physfit.models.loss import Loss
from physfit.models.model import Model
from physfit.objective import Objective
from physfit.typing import FloatArray

__all__ = ["PilotFit", "pilot_fit"]


def pilot_fit(
    model: Model, shown: Observations, loss: Loss, theta: FloatArray, n_rows: int
) -> PilotFit | SpinPilotFit:
    """Pilot fit to a sample of the rows."""
    if is_exact(model, loss):
        return SpinPilotFit(model, shown, theta, n_rows)
    return PilotFit(model, shown, loss, theta, n_rows)


class PilotFit:
    """Scales of parameters and loss, and standard errors, from a sample of the rows."""

    def __init__(
        self,
        model: Model,
        shown: Observations,
        loss: Loss,
        theta: FloatArray,
        n_rows: int,
    ) -> None:
        weights = weights_of(shown)
        self._objective = Objective(model.layout, shown.x, shown.y, weights, loss)
        self._share = shown.y.shape[1] / n_rows
        self._absolute = loss.knows_noise(shown.sigma is not None)
        n = self._objective.n_samples
        cost, _, matrix = self._objective.normal(theta)
        self.start_loss = cost / shown.y.shape[1]
        self._n_shown = shown.y.shape[1]
        self.curvature: FloatArray = np.diagonal(matrix) / self._n_shown
        self.loss_size = _loss_size(shown, weights, loss)
        self._n = n

    def look_at(self, theta: FloatArray) -> None:
        """Let the curvature at a second point count where it is larger.

        A start drawn at random may have none: a peak outside of the data, whose center
        would then be moved by any amount.
        """
        matrix = self._objective.normal(theta)[2]
        second = np.diagonal(matrix) / self._n_shown
        self.curvature = np.fmax(self.curvature, second)

    def stderr(self, theta: FloatArray) -> FloatArray:
        """Standard errors of the free parameters with all rows; NaN where unknown."""
        cost, _, matrix = self._objective.normal(theta)
        try:
            variance = np.diagonal(np.linalg.inv(matrix)) * self._share
        except np.linalg.LinAlgError:
            return np.full(len(theta), np.nan)
        if not self._absolute:
            variance = variance * 2.0 * cost / max(1, self._n - len(theta))
        return np.sqrt(np.where(variance > 0.0, variance, np.nan))


def _loss_size(shown: Observations, weights: FloatArray, loss: Loss) -> float:
    """Mean weighted square of the data around their mean."""
    y = shown.y
    around = y - y.mean(axis=1, keepdims=True)
    if loss.traits.noise is not None:
        around /= loss.implied_sigma(y - around)
    return float(np.sum((around * weights) ** 2) / y.shape[1])
