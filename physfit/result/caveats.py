"""What a reader of a result must know before using its numbers, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from physfit.result.rounding import probability
from physfit.uncertainty.covariance import ROBUST

if TYPE_CHECKING:
    from collections.abc import Iterator

    from physfit.result.fit_result import FitResult

__all__ = ["caveats"]

#: Correlation from which on two parameters are called hardly separable.
INSEPARABLE = 0.99999
#: p value below which the stated errors do not explain the residuals.
UNLIKELY = 1e-3


def caveats(result: FitResult) -> tuple[str, ...]:
    """Sentences about status, bounds, undetermined parameters, errors and the model."""
    found = [*_status(result), *_bounds(result), *_open(result), *_errors(result)]
    return (*found, *_inseparable(result), *_quality(result), *result.model.notes)


def _status(result: FitResult) -> Iterator[str]:
    if not result.converged:
        yield f"The fit has {result.message}. Values and errors are where it ended."


def _bounds(result: FitResult) -> Iterator[str]:
    sides = zip(result.free_names, result.solution.at_bound.tolist(), strict=True)
    for name, side in sides:
        if side:
            which = "lower" if side < 0 else "upper"
            yield (
                f"`{name}` is at its {which} bound {result.values[name]:g}; it has no "
                "error, and the others' errors are those with it held there."
            )


def _open(result: FitResult) -> Iterator[str]:
    names = [result.free_names[k] for k in result.uncertainty.undetermined]
    if names:
        listed = ", ".join(f"`{name}`" for name in names)
        yield (
            f"Not determined by the data: {listed}. Fix or tie some of them; the other "
            "errors hold."
        )


def _errors(result: FitResult) -> Iterator[str]:
    core = result.uncertainty.core
    if np.isfinite(core).all() or not np.isfinite(result.chi2):
        return
    if result.dof <= 0 and not result.is_absolute:
        yield (
            f"There are no errors: {result.n_samples} samples for {result.n_fitted} "
            "parameters leave no degree of freedom to take them from; give sigma."
        )
    elif result.loss.name in ROBUST:
        yield (
            f"There are no errors: too few residuals lie where {result.loss.name} is "
            "still convex; raise its delta."
        )
    else:
        yield "There are no errors: the partials are not finite at the solution."


def _inseparable(result: FitResult) -> Iterator[str]:
    names = result.free_names
    for i, j in zip(*np.tril_indices(len(names), -1), strict=True):
        value = result.correlation[i, j]
        if abs(value) > INSEPARABLE:
            yield (
                f"`{names[j]}` and `{names[i]}` are hardly separable: their "
                f"correlation is {value:+.8f}."
            )


def _quality(result: FitResult) -> Iterator[str]:
    p = result.p_value
    if result.converged and p is not None and p < UNLIKELY:
        counts = result.loss.name == "poisson"
        spread = "Poisson's law explains" if counts else "their errors explain"
        wrong = "model" if counts else "model or sigma"
        yield (
            f"The residuals are larger than {spread} (p {probability(p)}): the {wrong} "
            "is not right, and the errors may be too small."
        )
