"""The pilot fit: scales before a run and standard errors during it, from a sample."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from physfit.data.record import Observations, weights_of
from physfit.data.sampled_rows import source_of
from physfit.fitting.start import is_exact
from physfit.models.loss import Loss
from physfit.models.model import Model
from physfit.objective import Objective
from physfit.solve.derivatives import scaled_inverse
from physfit.solve.sums import StreamedObjective
from physfit.solve.vanishing_columns import release_of
from physfit.typing import FloatArray

__all__ = ["PilotFit", "pilot_fit"]


class PilotFit(NamedTuple):
    """Scales of parameters and loss, and standard errors, from a sample of the rows.

    Attributes
    ----------
    start : ndarray, shape (P,)
        Start values, moved where their gradient would be 0 whatever the data.
    start_loss : float
        Mean loss at the start values.
    loss_size : float
        Mean weighted square of the data around their mean.
    curvature : ndarray, shape (P,)
        Diagonal of the Gauss-Newton matrix, per row.
    stderr : callable
        Standard errors with all rows, at free parameters; NaN where unknown.
    """

    start: FloatArray
    start_loss: float
    loss_size: float
    curvature: FloatArray
    stderr: Callable[[FloatArray], FloatArray]


def pilot_fit(
    model: Model,
    sample: Observations,
    loss: Loss,
    theta: FloatArray,
    n_rows: int,
    guess: FloatArray | None = None,
    *,
    scale: float | None = None,
) -> PilotFit:
    """Pilot fit to a sample of the rows.

    Parameters
    ----------
    model : Model
    sample : Observations
    loss : Loss
    theta : ndarray, shape (P,)
        Start values.
    n_rows : int
        Rows of the whole data.
    guess : ndarray, shape (P,), optional
        A second place, whose curvature counts where it is larger. A start drawn at
        random may have none: a peak outside of the data, whose center would then be
        moved by any amount.
    scale : float, optional
        Of the residuals, by which a loss without sigma measures them.
    """
    weights, rows = weights_of(sample, scale), sample.y.shape[1]
    objective: Objective | StreamedObjective
    if is_exact(model, loss):
        spins = source_of(sample, spins=True)
        objective = StreamedObjective(model.layout, spins, loss)
    else:
        objective = Objective(model.layout, sample.x, sample.y, weights, loss)
        limits = (model.free_lower, model.free_upper)
        theta = theta + release_of(objective, theta, *limits).step
    cost, _, matrix = objective.normal(theta)
    curvature = np.diagonal(matrix)
    if guess is not None:
        curvature = np.fmax(curvature, np.diagonal(objective.normal(guess)[2]))
    anywhere: tuple[float, FloatArray] | None = None
    if isinstance(objective, StreamedObjective):
        # Of a linear model: one matrix, and the cost that is left to explain.
        inverse = scaled_inverse(matrix, np.zeros(len(theta), dtype=np.int64))[0]
        anywhere = min(cost, 0.5 * objective.squares), np.diagonal(inverse)
    absolute = scale is not None or loss.knows_noise(sample.sigma is not None)
    dof = max(1, sample.y.size - len(theta))

    def stderr(theta: FloatArray) -> FloatArray:
        cost, variance = anywhere or _variances(objective, theta)
        variance = variance * (rows / n_rows)
        if not absolute:
            variance = variance * 2.0 * cost / dof
        return np.sqrt(np.where(variance > 0.0, variance, np.nan))

    size = _loss_size(sample, weights, loss)
    return PilotFit(theta, cost / rows, size, curvature / rows, stderr)


def _variances(
    objective: Objective | StreamedObjective, theta: FloatArray
) -> tuple[float, FloatArray]:
    """Cost at free parameters, and the diagonal of the inverse matrix there."""
    cost, _, matrix = objective.normal(theta)
    try:
        return cost, np.diagonal(np.linalg.inv(matrix))
    except np.linalg.LinAlgError:
        return cost, np.full(len(theta), np.nan)


def _loss_size(sample: Observations, weights: FloatArray, loss: Loss) -> float:
    """Mean weighted square of the data around their mean."""
    y = sample.y
    around = y - y.mean(axis=1, keepdims=True)
    if loss.traits.noise is not None:
        around /= loss.implied_sigma(y - around)
    return float(np.sum((around * weights) ** 2) / y.shape[1])
