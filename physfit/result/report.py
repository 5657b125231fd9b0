"""The report of a fit, and what a reader must know of it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import PurePath
from typing import TYPE_CHECKING

import numpy as np

from physfit.errors import printable
from physfit.models.guess import how_guessed
from physfit.models.loss import Loss
from physfit.result.close_bounds import close_bounds
from physfit.result.document import Column, Document, Heading, Notes, Pairs, Table
from physfit.result.goodness import has_p_value
from physfit.result.left_open import open_sentences
from physfit.result.rounding import duration, ends, percent, probability, rounded, short
from physfit.solve.base import Status
from physfit.solve.domain import EDGE
from physfit.typing import FloatArray

if TYPE_CHECKING:
    from physfit.result.estimate import Estimate
    from physfit.result.fit_result import FitResult

__all__ = ["UNLIKELY", "UNRESOLVED", "caveats", "document", "errors", "file_name"]
__all__ += ["in_unit", "is_unresolved", "labelled", "suspects"]

#: Correlations below this are not listed.
LISTED = 0.5
#: Most correlations that are listed.
MOST = 20
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
#: Ratio of the sandwich's errors to the stated ones, or its inverse, that is told.
DOUBTFUL = 1.2
COLUMNS = (
    Column("", is_left=True),
    Column("value"),
    Column("stderr", is_left=True, is_error=True),
    Column("relative"),
    Column("unit", is_left=True),
    Column("start"),
    Column("note", is_left=True),
)


def document(result: FitResult) -> Document:
    """Report of a fit."""
    rows = [_cells(result[name]) for name in result.names]
    derived = [_cells(quantity) for quantity in result.derived.values()]
    strong = [(pair, f"{value:+.4f}") for pair, value in correlations(result)]
    head = [
        ("data", _data(result)),
        ("errors", errors(result.loss, result.is_absolute)),
        ("method", _method(result)),
        *_scale(result),
        *_start(result),
        ("status", result.message),
        *_quality(result),
        *_distance(result),
        ("work", _work(result)),
    ]
    return [
        Heading(result.model.expression),
        Pairs(head, joined=True),
        Table(COLUMNS, [("", rows), ("derived", derived)]),
        Pairs(strong, f"correlations above {LISTED:g}", is_detail=True),
        Notes(result.warnings),
    ]


def _start(result: FitResult) -> Iterator[tuple[str, str]]:
    """How start values that nobody gave were found."""
    n_free, n_guessed = len(result.free_names), len(result.guessed)
    if n_guessed:
        which = "" if n_guessed == n_free else f"{n_guessed} of {n_free} "
        yield "start", f"{which}{how_guessed(result.model)}"


def _method(result: FitResult) -> str:
    """Method with its settings, and the loss."""
    parts = [result.method]
    if result.run is not None:
        parts += [f"batches of {result.run.batch_size}", f"rate {result.run.rate}"]
    if result.weight_decay > 0.0:
        parts.append(f"weight decay {result.weight_decay:g}")
    return ", ".join([*parts, f"loss {result.loss}"])


def _scale(result: FitResult) -> Iterator[tuple[str, str]]:
    """By what a robust loss measured residuals."""
    if result.scale is not None:
        size = in_unit(result.scale, result.data.y_unit)
        yield "scale", f"{size} a sample, from the residuals, as no sigma was given"


def in_unit(value: float, unit: str) -> str:
    """Number of four digits with its unit."""
    return f"{short(value, 4)} {printable(unit)}".rstrip()


def errors(loss: Loss, is_absolute: bool, of: str = "") -> str:
    """Where the standard errors come from, in words; `of` ends "of each row"."""
    traits = loss.traits
    if not traits.is_likelihood:
        spread = f"from the spread of the residuals{of}"
        if is_absolute:
            return f"absolute, {spread} in units of sigma (Huber's formula)"
        return f"{spread} (Huber's formula for M-estimators)"
    if traits.noise is not None:
        return f"absolute, from the Fisher information of the {traits.data}"
    if is_absolute:
        return "absolute, from the sigma given with the data"
    return f"scaled by sqrt(chi2 / dof){of}, because no sigma was given"


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


def correlations(result: FitResult) -> list[tuple[str, float]]:
    """Pairs of free parameters with their correlation, the strongest first."""
    matrix = result.correlation
    strong = np.argwhere(np.abs(np.tril(matrix, -1)) > LISTED).tolist()
    pairs = [
        (f"{result.free_names[j]}, {result.free_names[i]}", float(matrix[i, j]))
        for i, j in strong
    ]
    return sorted(pairs, key=lambda pair: -abs(pair[1]))[:MOST]


def _cells(quantity: Estimate) -> tuple[str, ...]:
    """Line of a parameter or derived quantity."""
    value, stderr = rounded(quantity.value, quantity.stderr)
    start = ""
    if (
        quantity.start is not None
        and not quantity.fixed
        and not math.isnan(quantity.start)
    ):
        start = short(quantity.start)
    relative = percent(quantity.relative_error)
    return (
        *(quantity.name, value, stderr, relative),
        *(quantity.unit, start, quantity.note),
    )


def _data(result: FitResult) -> str:
    data = result.data
    n = data.y.shape[1] if data.n_total is None else data.n_total
    kind = "complex " if len(data.y) == 2 else ""
    text = _several(n, f"{kind}sample")
    if data.source:
        text += f" of {file_name(data.source)}"
    text += f": {labelled(data.y_label, data.y_unit)}"
    text += f" against {labelled(data.x_label, data.x_unit)}"
    if len(data.x) == 1:
        about = "about " if data.n_total is not None else ""
        low, high = ends(float(data.x.min()), float(data.x.max()))
        text += f" from {about}{low} to {about}{high}"
    if data.n_left_out:
        text += f"; {data.n_left_out} left out (masked or not finite)"
    return text


def file_name(source: str) -> str:
    """Name of the file without its folders, and the place inside it."""
    path, _, inside = source.partition("::")
    name = PurePath(path).name
    return printable(f"{name}::{inside}" if inside.strip("/") else name)


def labelled(label: str, unit: str) -> str:
    """Name of a quantity with its unit."""
    return printable(f"{label} ({unit})" if unit not in ("", label) else label)


def _quality(result: FitResult) -> Iterator[tuple[str, str]]:
    text = f"{short(result.chi2)}, {result.dof} degrees of freedom"
    if math.isfinite(result.reduced_chi2):
        text += f", reduced {short(result.reduced_chi2, 4)}"
    if result.p_value is not None and math.isfinite(result.p_value):
        text += f", p {probability(result.p_value)}"
    elif result.p_value is None and has_p_value(result) and not result.weight_decay:
        few = f"so few {result.loss.traits.data} follow no known law"
        shown = "its law is not known from a sample of the rows"
        text += f", no p ({few if result.data.n_total is None else shown})"
    yield result.loss.traits.statistic, text
    if result.aic is not None and result.bic is not None and result.chi2 >= 0.0:
        yield "AIC, BIC", f"{result.aic:.6g}, {result.bic:.6g}"


def _distance(result: FitResult) -> Iterator[tuple[str, str]]:
    """How far the minimum still is, and what sigma has to do with the errors."""
    if not math.isfinite(result.distance) or result.status is Status.EXACT:
        return  # where nothing but rounding is left, there is no error to measure by
    away = f"{short(result.distance, 2)} standard errors away, by the Newton step left"
    yield "minimum", away
    ratios = sandwich_ratios(result)
    if len(ratios):
        low, high = short(ratios.min(), 3), short(ratios.max(), 3)
        text = f"{low} to {high}" if low != high else low
        yield "sandwich", f"{text} times the standard errors below"


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


def _work(result: FitResult) -> str:
    text = (
        f"{_several(result.n_steps, 'step')}, {_several(result.n_evals, 'evaluation')}"
    )
    if result.history is not None and len(result.history.n_rows):
        rows = f"{result.history.n_rows[-1]:.0f}"
        text = f"{_several(result.n_steps, 'step')} over {rows} rows"
    if math.isfinite(result.seconds):
        text += f", {duration(result.seconds)}"
    if result.compile_seconds > 0.0:
        text += f" (and {duration(result.compile_seconds)} of compilation)"
    return text


def _several(n: int, word: str) -> str:
    return f"{n} {word}" if n == 1 else f"{n} {word}s"


def caveats(result: FitResult) -> tuple[str, ...]:
    """Sentences about status, bounds, undetermined parameters, errors and the model."""
    found = [*_status(result), *_nearest(result), *_bounds(result)]
    found += [*close_bounds(result), *open_sentences(result)]
    found += [*_errors(result), *_inseparable(result), *_improbable(result)]
    found += [*_sandwich(result), *_unresolved(result)]
    if result.assessment is not None:
        found += result.assessment.notes
    return (*found, *result.model.notes)


def _status(result: FitResult) -> Iterator[str]:
    if not result.converged:
        yield f"The fit has {result.message}. Values and errors are where it ended."
    if result.status is Status.DIVERGED:
        rates = [] if result.history is None else result.history.rate.tolist()
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


def _nearest(result: FitResult) -> Iterator[str]:
    if not math.isnan(result.nearest_chi2):
        cost = "chi2" if result.loss.traits.is_likelihood else "2 x cost"
        yield (
            f"The start values lead to a minimum beside this one, of {cost} "
            f"{result.nearest_chi2:.6g}; this one was found near them from a start "
            "guessed from the data."
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
            f"{result.loss} allows: errors are those along the edge, and what is held "
            "there has an upper limit, not an error."
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


def _improbable(result: FitResult) -> Iterator[str]:
    p = result.p_value
    if not result.converged or p is None:
        return
    spread, wrong, overstated = suspects(result.loss)
    if p < UNLIKELY:
        yield (
            f"The residuals are larger than {spread} (p {probability(p)}): the {wrong} "
            "is not right, and the errors may be too small."
        )
    elif p > 1.0 - UNLIKELY and result.status is not Status.EXACT:
        yield (
            f"The residuals are far smaller than {spread} (reduced "
            f"{result.loss.traits.statistic} {short(result.reduced_chi2, 3)}, p = "
            f"{p:.6g}): {overstated}, and the errors are too large."
        )
