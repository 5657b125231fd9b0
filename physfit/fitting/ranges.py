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

from physfit.models.model import Model
from physfit.typing import FloatArray

__all__ = ["at_shares"]

STANDARD = NormalDist()
#: Factor by which a distance from a single bound may be larger or smaller.
FACTOR = 4.0


@np.errstate(all="ignore")
def at_shares(
    shares: FloatArray,
    model: Model,
    reach: tuple[FloatArray | float, FloatArray | float],
    name: str,
    center: FloatArray | float,
    given: tuple[float, float] | None = None,
) -> FloatArray:
    """Values of a parameter at shares between 0 and 1 of its range.

    Parameters
    ----------
    shares : ndarray
        Uniform ones give a draw from the range.
    model : Model
    reach : (low, high)
        Smallest and largest x of the data.
    name : str
        A free parameter.
    center : float or ndarray
        Its guess; one for each share, or for rows of them.
    given : (low, high), optional
        Its range, if the caller gives one.
    """
    own = model.parameters[name]
    lower, upper = (own.lower, own.upper) if given is None else given
    if math.isfinite(lower) or math.isfinite(upper):
        return _between(shares, lower, upper, np.asarray(center))
    if own.unit == "x" and model.n_inputs == 1:
        low, high = reach
        return low + shares * (high - low)
    if own.unit == "'rad'":
        return center + 2.0 * math.pi * (shares - 0.5)
    deviates = np.array([STANDARD.inv_cdf(float(share)) for share in shares])
    return center + deviates * _size(np.asarray(center))


def _between(
    shares: FloatArray, lower: float, upper: float, center: FloatArray
) -> FloatArray:
    """Values at shares of a range with one bound or two."""
    if math.isfinite(lower) and math.isfinite(upper):
        return lower + shares * (upper - lower)
    size, factor = _size(center), FACTOR ** (2.0 * shares - 1.0)
    if math.isfinite(lower):
        return lower + np.where(center == lower, size, center - lower) * factor
    return upper - np.where(center == upper, size, upper - center) * factor


def _size(center: FloatArray) -> FloatArray:
    """Size of a guess; 1 of one that is 0."""
    return np.where(center == 0.0, 1.0, np.abs(center))
