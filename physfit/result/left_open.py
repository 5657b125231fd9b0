"""What a report says of parameters that the data leave open."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from physfit.result.rounding import short
from physfit.solve.base import Status
from physfit.uncertainty.plateau import Plateau, plateau_of

if TYPE_CHECKING:
    from physfit.result.fit_result import FitResult

__all__ = ["open_sentences"]

#: Names that a sentence lists.
NAMED = 12
#: Square of the rounding of data, relative to theirs.
ROUNDING = 1e-28


def open_sentences(result: FitResult) -> Iterator[str]:
    """Which parameters are not determined, and what is known of them."""
    names = [result.free_names[k] for k in result.uncertainty.undetermined]
    yield from _plateaus(result)
    yield from _spikes(result) if names else ()
    if names:
        listed = ", ".join(f"`{name}`" for name in names[:NAMED])
        if len(names) > NAMED:
            listed += f" and {len(names) - NAMED} more"
        has_ended = result.converged or result.status is Status.UNDETERMINED
        advice = "; the other errors hold" if has_ended else ""
        which = "it" if len(names) == 1 else "some of them"
        yield f"Not determined by the data: {listed}. Fix or tie {which}{advice}."


def _plateaus(result: FitResult) -> Iterator[str]:
    """What is known of parameters that the fit found undetermined."""
    if result.data.n_total is not None:
        return  # the samples at hand are not all that were fitted
    spread = 1.0 if result.is_absolute else result.reduced_chi2
    spread = spread if math.isfinite(spread) else 0.0
    growth = 0.5 * max(spread, ROUNDING * float((result.data.y**2).mean()))
    for k in np.flatnonzero(np.isposinf(result.solution.covariance.diagonal())):
        cost, theta = result.objective.cost, result.solution.theta
        found = plateau_of(cost, theta, int(k), growth)
        if found is not None:
            yield f"`{result.free_names[k]}` is not determined: {_where(found)}."


def _spikes(result: FitResult) -> Iterator[str]:
    """Peaks without a width of their own, as they lie between two samples."""
    if len(result.data.x) != 1:
        return
    steps = np.diff(np.unique(result.data.x))
    if steps.size == 0:
        return
    for declared in result.model.derived:
        own, is_width = result.derived[declared.name], declared.unit == "x"
        is_width = is_width and own.name.endswith("fwhm")
        if is_width and own.stderr == math.inf and own.value < steps.min():
            yield (
                f"`{own.name}` of {short(own.value, 2)} is below the spacing of x, "
                f"{short(steps.min(), 3)}: the peak lies between two samples, and its "
                "width and height are not determined."
            )


def _where(found: Plateau) -> str:
    """Where the curve does not change, in words."""
    if math.isnan(found.limit):
        return "the curve does not depend on it"
    limit = short(found.limit, 3)
    if found.is_outwards and found.limit > 0.0:
        return f"from {limit} on the curve no longer changes"
    side = "below" if found.is_outwards == (found.limit < 0.0) else "above"
    return f"{side} {limit} the curve no longer changes"
