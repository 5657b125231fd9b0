"""Curves of a result: terms of the model's sum, and the spread of the samples."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from physfit.engine.program import evaluate
from physfit.models import tree as trees
from physfit.models.samples import values_of
from physfit.typing import FloatArray

if TYPE_CHECKING:
    from physfit.result.fit_result import FitResult

__all__ = ["Values", "background_names", "spread", "terms"]

Values = NDArray[np.generic]
#: Ratio of a normal standard deviation to the median size.
MEDIAN_TO_SIGMA = 1.482602218505602


def terms(result: FitResult, full: FloatArray, x: ArrayLike) -> dict[str, Values]:
    """Value at `x` of each term of the sum, with all parameters at `full`."""
    points, shape = result.model.coordinates(x)
    return {
        name: values_of(evaluate(layout, full, points)[0], shape)
        for name, layout in result.model.terms.items()
    }


def background_names(result: FitResult) -> tuple[str, ...]:
    """Names of the terms that are polynomials: backgrounds by the catalogue."""
    return tuple(
        trees.expression(part)
        for part, _ in trees.terms(result.model.tree)
        if all(leave.declaration.is_polynomial for leave in trees.leaves(part))
    )


def spread(result: FitResult, curve: FloatArray) -> FloatArray | float:
    """Standard deviation of the samples; see `FitResult.spread`."""
    if result.loss.traits.noise is not None:
        return result.loss.implied_sigma(curve)
    if result.data.sigma is not None:
        return result.data.sigma
    if not result.loss.traits.is_likelihood:
        size = MEDIAN_TO_SIGMA * float(np.median(np.abs(result.data.y - curve)))
    else:
        size = math.sqrt(result.reduced_chi2)
    return size if size > 0.0 else math.nan
