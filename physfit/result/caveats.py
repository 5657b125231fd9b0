"""What a reader must know of a fit before using its numbers."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from physfit.models.loss import Loss
from physfit.models.tree import convolutions, leaves
from physfit.result.close_bounds import close_bounds
from physfit.result.left_open import open_sentences
from physfit.result.residual_structure import structure
from physfit.result.rounding import probability, short
from physfit.solve.base import Status
from physfit.solve.edges import EDGE
from physfit.typing import FloatArray

if TYPE_CHECKING:
    from physfit.result.fit_result import FitResult

__all__ = ["GAPS", "UNLIKELY", "UNRESOLVED", "caveats", "is_unresolved"]
__all__ += ["sandwich_ratios", "suspects"]

#: Correlation from which on two parameters are called hardly separable.
INSEPARABLE = 0.99999
#: p value below which, or above 1 less which, stated errors do not explain residuals.
UNLIKELY = 1e-3
#: Share of a scale from which on another is called the same.
AGREES = 0.99
#: Loss at the end of a path over that of its answer from which on a rate is too large.
NOISY = 1.1
#: What is said of a scale that is not that of the median, after "A" or "In ... a".
UNRESOLVED = (
    "fit at the scale of the median residual would meet more than half of the samples "
    "exactly; the scale is that of their mean size, which outliers raise. Give sigma "
    "(of rounded data, the step / sqrt(12))."
)
#: What is said of samples that are missing where a function needs the whole curve.
GAPS = (
    "The model gives a sample another value when others are left out, and some were: "
    "it was called without them. Give them any value, with a sigma so large that they "
    "do not count."
)
#: Ratio of the sandwich's errors to the stated ones, or its inverse, that is told.
DOUBTFUL = 1.2


def caveats(result: FitResult) -> tuple[str, ...]:
    """Sentences about status, bounds, undetermined parameters, errors and the model."""
    found = [*_status(result), *_nearest(result), *_retried(result), *_bounds(result)]
    found += [*close_bounds(result), *open_sentences(result)]
    found += [*_errors(result), *_inseparable(result), *_improbable(result)]
    found += [
        *_structure(result),
        *_sandwich(result),
        *_unresolved(result),
        *_gaps(result),
    ]
    found += _echoes(result)
    if result.assessment is not None:
        found += result.assessment.notes
    return (*found, *result.model.notes)


def _status(result: FitResult) -> Iterator[str]:
    if not result.converged:
        yield f"The fit has {result.message}. Values and errors are where it ended."
    if result.status is Status.NOT_FINITE_AT_START:
        yield from _not_finite(result)
    if result.status in (Status.NOT_FINITE_AT_START, Status.NOT_FINITE_AROUND):
        yield from _not_followed(result)
    if result.status is Status.DIVERGED:
        rates = [] if result.history is None else result.history.learning_rate.tolist()
        rate = rates[-1] if rates else math.nan
        yield (
            f"Learning rate {rate:g} diverged at step {result.n_steps + 1}; take a "
            "smaller one: `physfit lr-find` (pf.find_rate) suggests it."
        )
    elif not result.converged and result.distance > 0.0:
        yield (
            f"The minimum is {result.distance:.2g} standard errors away, by the Newton "
            f"step that is left; {_advice(result)}."
        )


def _not_followed(result: FitResult) -> Iterator[str]:
    """Why a motion, or a convolution, may have no values."""
    if convolutions(result.model.tree):
        yield (
            "A convolution has no values where the response does not fall at the end "
            "of its reach, so that it has no area, or where one side is so narrow that "
            "the sum would need more than 50,000 places of the response."
        )
    if any(own.declaration.motion is not None for own in leaves(result.model.tree)):
        yield (
            "Equations of motion have no values where they are stiff (a rate that is "
            "fast beside the curve: the method is explicit), leave the range of "
            "numbers, slide along two switches at once, or need more than `max_steps` "
            "steps."
        )


def _not_finite(result: FitResult) -> Iterator[str]:
    """The first sample at which the model has no finite value."""
    if result.model.n_inputs > 1 or result.model.reads_places or result.model.spins:
        return
    values = result.objective.values(result.start)
    lost = result.data.x[0, ~np.isfinite(values).all(axis=0)]
    if lost.size:
        more = lost.size - 1
        others = f" and {more} other sample{'s' * (more > 1)}" if more else ""
        yield (
            "At the start values the model has no finite value at "
            f"{result.data.x_label or 'x'} = {lost[0]:.6g}{others}."
        )


def _nearest(result: FitResult) -> Iterator[str]:
    if not math.isnan(result.nearest_chi2):
        cost = "chi2" if result.loss.traits.is_likelihood else "2 x cost"
        yield (
            f"The start values lead to a minimum beside this one, of {cost} "
            f"{result.nearest_chi2:.6g}; this one was found near them from a start "
            "guessed from the data."
        )


def _gaps(result: FitResult) -> Iterator[str]:
    """Samples that are left out of a curve that needs all of them."""
    if result.data.n_left_out and result.model.depends_on_grid:
        yield GAPS


def _echoes(result: FitResult) -> Iterator[str]:
    """Functions that read the data which they are fitted to."""
    if not result.model.functions:
        return
    from physfit.models.user_function.dependencies import arrays_read

    for own in result.model.functions:
        if any(
            array.size == result.data.y.size > 1
            and np.array_equal(array.ravel(), result.data.y.ravel())
            for array in arrays_read(own.function)
        ):
            yield (
                f"`{own.name}` reads the data that it is fitted to: if it returns the "
                "difference from them, return the curve alone."
            )


def _retried(result: FitResult) -> Iterator[str]:
    if result.retry_stage is not None:
        yield (
            "A fit from the start values found no minimum; this answer comes from "
            f"{result.retry_stage.sentence}."
        )


def _advice(result: FitResult) -> str:
    """What may bring a run that did not converge nearer to the minimum."""
    if result.history is None or not len(result.history.loss):
        return "take more steps (`stop`) or other start values"
    if result.weight_decay > 0.0:
        return f"weight decay {result.weight_decay:g} pulls away from it, leave it out"
    if result.run is not None and "shrink_l1" in result.run.transforms:
        return "the penalty `l1` pulls away from it, leave it out"
    loss = result.history.loss
    path = loss[-max(1, len(loss) // 10) :].mean()
    if path > NOISY * result.solution.cost / result.n_samples * len(result.data.y):
        return "take a smaller rate or one that decays, or method 'lm'"
    return "take more epochs, a larger rate or one that decays, or method 'lm'"


def _bounds(result: FitResult) -> Iterator[str]:
    sides = zip(result.free_names, result.solution.at_bound.tolist(), strict=True)
    if result.status is Status.EDGE:
        data = result.loss.traits.data
        yield (
            f"The model reaches 0 where no {data} were found, the edge of what "
            f"{result.loss} allows: errors are those along the edge and inwards, and "
            "what is held there has an upper limit, not an error."
        )
    for name, side in sides:
        if side == EDGE:
            yield (
                f"`{name}` is held at {result.values[name]:.3g} by the edge of what "
                f"{result.loss} allows; it has no error."
            )
        elif side:
            which = "lower" if side < 0 else "upper"
            yield (
                f"`{name}` is at its {which} bound {result.values[name]:g}; it has no "
                "error, and the others' errors are those with it held there."
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
    elif np.isfinite(core.diagonal()).any():
        infinite = ~np.isfinite(core.diagonal())
        for name in np.array(result.free_names)[infinite].tolist():
            yield (
                f"`{name}` has no error, as its square is no number; the other errors "
                "hold."
            )
    else:
        yield "There are no errors: the partials are not finite at the solution."


def _unresolved(result: FitResult) -> Iterator[str]:
    """Where the scale is not that of the median of the residuals."""
    if is_unresolved(result):
        yield f"A {UNRESOLVED}"


def is_unresolved(result: FitResult) -> bool:
    """Whether the scale is that of the mean size, as the median would vanish."""
    if result.scale is None or result.assessment is not None:
        return False
    if not result.converged or result.status is Status.EXACT:
        return False
    by_median, by_mean = result.objective.scales(result.solution.theta)
    return by_median < AGREES * result.scale and result.scale > AGREES * by_mean


def _inseparable(result: FitResult) -> Iterator[str]:
    """Parameters that move together, but not for being held on an edge."""
    if result.status is Status.EDGE:
        return
    names = result.free_names
    lower = np.tril(result.correlation, -1)
    for i, j in np.argwhere(np.abs(lower) > INSEPARABLE).tolist():
        yield (
            f"`{names[j]}` and `{names[i]}` are hardly separable: their "
            f"correlation is {lower[i, j]:+.8f}."
        )


def sandwich_ratios(result: FitResult) -> FloatArray:
    """Errors that do not believe sigma over the stated ones, where both exist."""
    sandwich = result.sandwich_stderr
    if sandwich is None:
        return np.empty(0)
    pairs = np.array([(sandwich[own], result.stderr[own]) for own in sandwich])
    pairs = pairs.reshape(-1, 2)
    known = np.isfinite(pairs).all(axis=1) & (pairs[:, 1] > 0.0)
    ratios: FloatArray = pairs[known, 0] / pairs[known, 1]
    return ratios


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


def suspects(loss: Loss) -> tuple[str, str, str]:
    """What should explain residuals; what is wrong if they are larger, or smaller."""
    traits = loss.traits
    if traits.noise is None:
        return "their errors explain", "model or sigma", "sigma is overstated"
    return (
        f"{traits.noise.law} explains",
        "model",
        f"the data are no plain {traits.data}, but divided by a time or another factor "
        "(fit them as they were taken)",
    )


def _improbable(result: FitResult) -> Iterator[str]:
    p = result.p_value
    if not result.converged or p is None:
        return
    spread, wrong, overstated = suspects(result.loss)
    if p < UNLIKELY:
        beside = ", or the start values given do not lead to the best minimum,"
        yield (
            f"The residuals are larger than {spread} (p {probability(p)}): the {wrong} "
            f"is not right{beside if _has_given_start(result) else ','} and the errors "
            "may be too small."
        )
    elif p > 1.0 - UNLIKELY and result.status is not Status.EXACT:
        yield (
            f"The residuals are far smaller than {spread} (reduced "
            f"{result.loss.traits.statistic} {short(result.reduced_chi2, 3)}, p = "
            f"{p:.6g}): {overstated}, and the errors are too large."
        )


def _structure(result: FitResult) -> Iterator[str]:
    """Residuals that are not independent, though nothing is wrong with their size."""
    p, traits = result.p_value, result.loss.traits
    is_told = p is not None and p < UNLIKELY
    if not result.converged or result.status is Status.EXACT or is_told or traits.noise:
        return
    runs = structure(result)
    if runs is not None:
        starts = " given" if _has_given_start(result) else " guessed"
        yield (
            f"Residuals of neighbouring samples belong together: {runs.n} runs of one "
            f"sign, where independent ones have {runs.expected:.0f} +- "
            f"{runs.deviation:.0f} (p {probability(runs.p)}): the model is not right, "
            f"start values{starts} do not lead to the best minimum, or the noise is "
            "correlated, and the errors may be too small."
        )


def _has_given_start(result: FitResult) -> bool:
    """Whether some start values are known that the data did not suggest."""
    known = zip(result.free_names, np.isfinite(result.start).tolist(), strict=True)
    return any(is_known and name not in result.guessed for name, is_known in known)
