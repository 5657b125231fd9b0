"""What a reader of a result must know before using its numbers, in sentences."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from physfit.result.report import sandwich_ratios, suspects
from physfit.result.rounding import probability
from physfit.solve.base import Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from physfit.result.fit_result import FitResult

__all__ = ["caveats"]

#: Correlation from which on two parameters are called hardly separable.
INSEPARABLE = 0.99999
#: p value below which the stated errors do not explain the residuals.
UNLIKELY = 1e-3
#: Names that a sentence lists.
NAMED = 12
#: Ratio of the sandwich's errors to the stated ones, or its inverse, that is told.
DOUBTFUL = 1.2


def caveats(result: FitResult) -> tuple[str, ...]:
    """Sentences about status, bounds, undetermined parameters, errors and the model."""
    found = [*_status(result), *_bounds(result), *_open(result), *_errors(result)]
    found += [*_inseparable(result), *_quality(result), *_sandwich(result)]
    if result.assessment is not None:
        found += result.assessment.notes
    return (*found, *result.model.notes)


def _status(result: FitResult) -> Iterator[str]:
    if not result.converged:
        yield f"The fit has {result.message}. Values and errors are where it ended."
    if result.status is Status.DIVERGED:
        yield (
            f"Learning rate {_last_rate(result):g} diverged at step "
            f"{result.n_steps + 1}; take a "
            "smaller one: `physfit lr-find` (pf.find_rate) suggests it."
        )
    elif not result.converged and result.distance > 0.0:
        yield (
            f"The minimum is {result.distance:.2g} standard errors away, by the Newton "
            "step that is left; take more epochs, a larger rate or one that decays "
            "(weight decay keeps it away), or method 'lm'."
        )


def _last_rate(result: FitResult) -> float:
    history = result.history
    if history is None or len(history.rate) == 0:
        return math.nan
    return float(history.rate[-1])


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
        listed = ", ".join(f"`{name}`" for name in names[:NAMED])
        if len(names) > NAMED:
            listed += f" and {len(names) - NAMED} more"
        yield (
            f"Not determined by the data: {listed}. Fix or tie some of them; the other "
            "errors hold."
        )


def _errors(result: FitResult) -> Iterator[str]:
    core = result.uncertainty.core
    if np.isfinite(core).all() or not np.isfinite(result.chi2):
        return
    is_likelihood = result.loss.traits.is_likelihood
    if result.dof <= 0 and not (result.is_absolute and is_likelihood):
        advice = "give sigma" if is_likelihood else "take more samples"
        yield (
            f"There are no errors: {result.n_samples} samples for {result.n_fitted} "
            f"parameters leave no degree of freedom to take them from; {advice}."
        )
    elif not is_likelihood:
        yield (
            f"There are no errors: too few residuals lie where {result.loss} is "
            f"still convex; raise its {result.loss.hyper_names[0]}."
        )
    else:
        yield "There are no errors: the partials are not finite at the solution."


def _inseparable(result: FitResult) -> Iterator[str]:
    names = result.free_names
    lower = np.tril(result.correlation, -1)
    for i, j in np.argwhere(np.abs(lower) > INSEPARABLE).tolist():
        yield (
            f"`{names[j]}` and `{names[i]}` are hardly separable: their "
            f"correlation is {lower[i, j]:+.8f}."
        )


def _sandwich(result: FitResult) -> Iterator[str]:
    ratios = sandwich_ratios(result)
    worst = max((*ratios, *(1.0 / ratios)), default=1.0)
    if result.converged and worst > DOUBTFUL:
        yield (
            "The gradient varies between rows as if the errors were "
            f"{ratios.min():.2g} to {ratios.max():.2g} times those stated (sandwich "
            "estimate): sigma or the model is not right, or rows that stand together "
            "are correlated."
        )


def _quality(result: FitResult) -> Iterator[str]:
    p = result.p_value
    if result.converged and p is not None and p < UNLIKELY:
        spread, wrong = suspects(result.loss)
        yield (
            f"The residuals are larger than {spread} (p {probability(p)}): the {wrong} "
            "is not right, and the errors may be too small."
        )
