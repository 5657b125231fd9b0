"""From where on a parameter changes nothing.

A parameter that the data leave open on one side has a limit only on the other: a decay
that is too slow to be seen may be slower still. That limit is where the cost, with the
other parameters as they are, is higher by half a variance than beyond it: one standard
error.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from physfit.typing import FloatArray

__all__ = ["Plateau", "plateau_of"]

#: Factors of 2 by which a parameter must be free to move.
FAR = 40
#: Factors of 2 over which the limit is looked for.
MOST = 200
#: Halvings of the last factor: the limit is good to 5 %.
HALVINGS = 4


class Plateau(NamedTuple):
    """Where a curve stops changing with a parameter.

    Attributes
    ----------
    limit : float
        Value from which on it does not change; NaN if it does nowhere.
    is_outwards : bool
        Whether it is so away from zero, or towards it.
    """

    limit: float
    is_outwards: bool


@np.errstate(all="ignore")
def plateau_of(
    cost: Callable[[FloatArray], float],
    theta: FloatArray,
    index: int,
    growth: float,
) -> Plateau | None:
    """Plateau on which a parameter lies; None where it lies on none.

    Parameters
    ----------
    cost : callable
        Cost at parameters, shape (P,).
    theta : ndarray, shape (P,)
    index : int
        Which of them.
    growth : float
        What the cost may change by.
    """
    own = float(theta[index])
    trial, here = theta.copy(), cost(theta)

    def is_flat(power: float) -> bool:
        trial[index] = own * 2.0**power
        return abs(cost(trial) - here) <= growth

    sides = [all(is_flat(side * k) for k in (1, 4, 10, FAR)) for side in (1.0, -1.0)]
    if own == 0.0 or not any(sides):
        return None
    if all(sides):
        return Plateau(math.nan, True)
    side = 1.0 if sides[0] else -1.0
    end = next((k for k in range(1, MOST) if not is_flat(-side * k)), None)
    if end is None:
        return Plateau(math.nan, sides[0])
    flat, steep = float(end - 1), float(end)
    for _ in range(HALVINGS):
        middle = 0.5 * (flat + steep)
        flat, steep = (middle, steep) if is_flat(-side * middle) else (flat, middle)
    return Plateau(own * 2.0 ** (-side * flat), sides[0])
