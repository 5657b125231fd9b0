"""Scales of the parameters, so that one learning rate fits all.

A minibatch run moves z = theta / scale and looks at the mean loss divided by V. With
curvature scaling both come from a sample of the rows at the start values:

    V = mean of w^2 (y - mean y)^2       scale_k = sqrt(V / mean of t J_k^2) ,

so that a change of z_k by 1 changes the model by as much as the data vary, and the
scaled Gauss-Newton matrix has a unit diagonal: whatever the units of x, y and the
parameters, gradient descent is stable up to a rate of 2 over the largest eigenvalue of
a correlation matrix, between 2 / P and 2. For a start drawn at random the curvature at
the guess counts as well, where it is larger.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from physfit.settings.minibatches import ScalingName
from physfit.typing import FloatArray

__all__ = ["Scaling", "scaling_of"]


class Scaling(NamedTuple):
    """Scales of the free parameters, and the size of the loss.

    Attributes
    ----------
    scale : ndarray, shape (P,)
        Above 0, in the units of the parameters.
    loss_size : float
        What the mean loss is divided by.
    """

    scale: FloatArray
    loss_size: float


def scaling_of(
    name: ScalingName,
    theta: FloatArray,
    lower: FloatArray,
    upper: FloatArray,
    curvature: FloatArray,
    loss_size: float,
) -> Scaling:
    """Scales by that name.

    Parameters
    ----------
    name : str
        "curvature"; "magnitude": that of the start values; "bounds": their distance,
        and by magnitude where there are none; "none": 1, and the loss as it is.
    theta, lower, upper : ndarray, shape (P,)
        Start values and bounds.
    curvature : ndarray, shape (P,)
        Diagonal of the Gauss-Newton matrix, per sample.
    loss_size : float
        Mean weighted square of the data around their mean.
    """
    size = loss_size if math.isfinite(loss_size) and loss_size > 0.0 else 1.0
    if name == "none":
        return Scaling(np.ones_like(theta), 1.0)
    width = upper - lower
    bounded = np.isfinite(width)
    magnitude = np.where(theta != 0.0, np.abs(theta), 1.0)
    if name == "magnitude":
        scale = magnitude
    elif name == "bounds":
        scale = np.where(bounded, width, magnitude)
    else:
        known = np.isfinite(curvature) & (curvature > 0.0)
        root = np.sqrt(size / np.where(known, curvature, 1.0))
        scale = np.where(known, root, magnitude)
        scale = np.where(bounded, np.minimum(scale, width), scale)
    return Scaling(scale, size)
