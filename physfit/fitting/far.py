"""Decays whose data lie many decay times away from x = 0.

At the seconds of a day a decay of a minute has an amplitude of exp(1440) at x = 0, and
its partials there are as small. Such a fit is made with x counted from the data's end
nearest to zero. Where the amplitude at x = 0 is a number all the same, the fit goes on
from there as it was asked for; where it is none, the answer is the one at the data, and
its model says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from physfit.data.record import Observations
from physfit.errors import InputError
from physfit.models.model import Model
from physfit.models.origins import (
    at_zero,
    bound_to_zero,
    decays_between,
    from_origin,
)
from physfit.typing import FloatArray

__all__ = ["BEYOND", "SQUARED", "Far", "far_of", "refuse_beyond", "refuse_far"]

#: Decay times from zero at which a fit no longer finds its way.
FAR = 30.0
#: The logarithm of the largest number, but for data that are large themselves.
BEYOND = 600.0
#: That of squares of numbers, which fits need that do not begin next to their end.
SQUARED = 300.0


class Far(NamedTuple):
    """A model counted from the data, where that is, and decay times to there."""

    model: Model
    origin: float
    distance: float

    def start(self, full: FloatArray) -> dict[str, FloatArray] | None:
        """Starts of the model asked for that stand for what this one ended with.

        None where x = 0 is beyond its numbers, else NaN for rows that have none.

        Parameters
        ----------
        full : ndarray, shape (n_full,) or (n_full, n_rows)
            All parameters of this model.
        """
        if decays_between(self.model, full, self.origin) > BEYOND:
            return None
        values = dict(zip(self.model.names, full, strict=True))
        values |= at_zero(self.model, full, self.origin)
        starts = {name: values[name] for name in self.model.free_names}
        return {k: np.where(np.isfinite(v), v, np.nan) for k, v in starts.items()}


def far_of(
    model: Model,
    data: Observations,
    theta: FloatArray,
    start: Mapping[str, float] | str | None,
    most: float = BEYOND,
) -> Far | None:
    """What a fit is made with in place of a model, None where x = 0 is near.

    Parameters
    ----------
    model : Model
    data : Observations
    theta : ndarray, shape (P,)
        Start values, the decay times among them.
    start : mapping of str to float, or "random", optional
        Those that were given.
    most : float
        Decay times at which the model still has numbers.

    Raises
    ------
    InputError
        When the model has no numbers there, and what is asked of amplitude or phase
        does not let it be counted from elsewhere.
    """
    if not model.at_origin:
        return None
    x = data.x[0]
    origin = float(x.min())
    values = dict(zip(model.free_names, theta.tolist(), strict=True))
    distance = decays_between(model, model.full_values(values), origin)
    if distance < FAR:
        return None
    given = set() if start is None or isinstance(start, str) else set(start)
    if not bound_to_zero(model) and given.isdisjoint(model.at_origin):
        return Far(from_origin(model, origin), origin, distance)
    if distance <= most:
        return None
    raise _beyond(model, origin, "")


def refuse_beyond(model: Model, far: Far | None) -> None:
    """Refuse a model that has no numbers, or none to be squared, where the data are."""
    if far is not None and far.distance > SQUARED:
        hint = f", or take the model '{far.model.expression}'"
        raise _beyond(model, far.origin, hint)


def refuse_far(
    model: Model,
    data: Observations,
    theta: FloatArray,
    start: Mapping[str, float] | str | None = None,
) -> None:
    """Refuse a model that has no numbers at its start values; as `far_of`."""
    refuse_beyond(model, far_of(model, data, theta, start, SQUARED))


def _beyond(model: Model, origin: float, hint: str) -> InputError:
    listed = ", ".join(f"`{name}`" for name in model.at_origin)
    return InputError(
        f"the data lie so many decay times from x = 0 that {model.expression} has no "
        f"{listed} there that can be computed with; subtract the first x, "
        f"{origin:.15g}, from all of them{hint}."
    )
