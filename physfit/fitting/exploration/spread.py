"""Start values spread over everything that a model's parameters may be.

A Latin hypercube: the n starts fall one into each n-th of the range of every parameter,
so that a hundred of them miss no region that is a hundredth wide along one parameter,
whatever their number is (Sobol's points want powers of two). What the range of a
parameter is says `ranges`.

References
----------
McKay, Beckman & Conover, Technometrics 21, 239 (1979).
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from physfit.data.record import Observations
from physfit.errors import InputError, check_known
from physfit.fitting.ranges import at_shares
from physfit.models.model import Model
from physfit.typing import FloatArray

__all__ = ["NO_PARAMETER", "checked_range", "latin_hypercube", "spread_starts"]

#: End of a sentence on a name.
NO_PARAMETER = ", which is no free parameter"


def latin_hypercube(n: int, n_free: int, rng: np.random.Generator) -> FloatArray:
    """Points inside the unit cube, one in each n-th of every axis; shape (n, P)."""
    strata = np.tile(np.arange(n, dtype=np.float64)[:, None], (1, n_free))
    inside = rng.uniform(0.0, 1.0, (n, n_free)) + 1e-12
    return np.minimum((rng.permuted(strata, axis=0) + inside) / n, 1.0 - 1e-12)


def spread_starts(
    model: Model,
    data: Observations,
    center: FloatArray,
    n: int,
    rng: np.random.Generator,
    within: Mapping[str, tuple[float, float]] | None = None,
) -> FloatArray:
    """Starts of the free parameters, shape (n, P), each within its bounds.

    Parameters
    ----------
    model : Model
    data : Observations
    center : ndarray, shape (P,)
        A guess.
    n : int
    rng : Generator
    within : mapping of str to (low, high), optional
        Ranges of some parameters.
    """
    ranges = _checked(model, within or {})
    cube = latin_hypercube(n, len(center), rng)
    reach = float(data.x.min()), float(data.x.max())
    columns = [
        at_shares(cube[:, k], model, reach, name, float(center[k]), ranges.get(name))
        for k, name in enumerate(model.free_names)
    ]
    starts = np.stack(columns, axis=1) if columns else cube
    return np.clip(starts, model.free_lower, model.free_upper)


def _checked(
    model: Model, within: Mapping[str, tuple[float, float]]
) -> Mapping[str, tuple[float, float]]:
    if not isinstance(within, Mapping):
        raise InputError(
            "`within` must map names to ranges, such as {'center': (4.0, 6.0)}, but is "
            f"{within!r}."
        )
    check_known("`within` names", within, model.free_names, NO_PARAMETER)
    for name, pair in within.items():
        checked_range(model, "within", name, pair)
    return within


def checked_range(
    model: Model, argument: str, name: str, pair: tuple[float, float]
) -> tuple[float, float]:
    """Range of a parameter, inside its bounds."""
    lower, upper = model.parameters[name].lower, model.parameters[name].upper
    try:
        low, high = map(float, pair)
    except (TypeError, ValueError):
        low = high = math.nan
    if not lower <= low < high <= upper or math.isinf(high - low):
        raise InputError(
            f"`{argument}` must give `{name}` a range (low, high) inside its bounds "
            f"{lower!r} to {upper!r}, but gives {pair!r}."
        )
    return low, high
