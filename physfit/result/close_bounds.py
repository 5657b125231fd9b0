"""Bounds that are closer to a parameter than its standard error says.

Where the model does not depend on a parameter at its bound to first order, as a Voigt
profile on sigma at 0, it depends on the square of the distance q from there; that has
an error of 2 q times the one of q, so in units of it the bound is half as far away.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from physfit.result.fit_result import FitResult

__all__ = ["close_bounds"]

#: Stated standard errors within which a bound is examined: farther ones are 2 or more
#: away by the square too. Within one the stated error shows by itself how close it is.
CLOSE = 4.0


def close_bounds(result: FitResult) -> Iterator[str]:
    """Sentences on parameters whose bound is closer than their errors say."""
    theta, stderr = result.solution.theta, result.stderr
    for k, name in enumerate(result.free_names):
        limits = np.array([result.model.free_lower[k], result.model.free_upper[k]])
        bound = float(limits[np.argmin(np.abs(limits - theta[k]))])
        error = stderr[name] if 0.0 < stderr[name] < math.inf else math.nan
        away = abs(float(theta[k]) - bound) / error
        if not 1.0 < away < CLOSE or result.data.n_total is not None:
            continue
        there = np.array([*theta[:k], bound, *theta[k + 1 :]])
        if (result.objective.values_and_partials(there)[1][k] == 0.0).all():
            yield (
                f"`{name}` lies {away:.2g} of its standard errors from its bound "
                f"{bound:g}, but the model depends on the square of that distance: the "
                f"bound is only {0.5 * away:.2g} standard errors away."
            )
