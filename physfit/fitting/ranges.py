"""What the start of a parameter may be where it is drawn at random.

The range of a parameter is, in this order,

- what the caller gives;
- from bound to bound;
- with one bound, a distance from it between 1/4 and 4 times that of the guess;
- the range of x for a place on the x axis, a full turn for an angle;
- else normal around the guess, with the guess's own size as standard deviation.
"""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np

from physfit.data.record import Observations
from physfit.models.model import Model
from physfit.typing import FloatArray

__all__ = ["at_shares"]

#: Factor by which a distance from a single bound may be larger or smaller.
FACTOR = 4.0


@np.errstate(all="ignore")
def at_shares(
    shares: FloatArray,
    model: Model,
    data: Observations,
    name: str,
    center: float,
    given: tuple[float, float] | None = None,
) -> FloatArray:
    """Values of a parameter at shares between 0 and 1 of its range.

    Parameters
    ----------
    shares : ndarray
        Uniform ones give a draw from the range.
    model : Model
    data : Observations
    name : str
        A free parameter.
    center : float
        Its guess.
    given : (low, high), optional
        Its range, if the caller gives one.
    """
    own = model.parameters[name]
    lower, upper = (own.lower, own.upper) if given is None else given
    if math.isfinite(lower) or math.isfinite(upper):
        return _between(shares, lower, upper, center)
    if own.unit == "x" and model.n_inputs == 1:
        low, high = float(data.x.min()), float(data.x.max())
        return low + shares * (high - low)
    if own.unit == "'rad'":
        return center + 2.0 * math.pi * (shares - 0.5)
    normal = NormalDist(center, abs(center) or 1.0)
    return np.array([normal.inv_cdf(float(share)) for share in shares])


def _between(
    shares: FloatArray, lower: float, upper: float, center: float
) -> FloatArray:
    """Values at shares of a range with one bound or two."""
    if math.isfinite(lower) and math.isfinite(upper):
        return lower + shares * (upper - lower)
    size, factor = abs(center) or 1.0, FACTOR ** (2.0 * shares - 1.0)
    if math.isfinite(lower):
        return lower + ((center - lower) or size) * factor
    return upper - ((upper - center) or size) * factor
