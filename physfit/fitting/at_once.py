"""Fits of one curve that end in a minimum, in half the time.

Most fits have columns of doubles and end in a minimum: one call of compiled code checks
the data, copies and fits them. Where start values were given and what is left is no
noise, a lower minimum near them is looked for from there. What is not of this kind, or
does not end so, is fitted by `single` from the beginning, which says what is wrong or
tries other starts; both give the same numbers.
"""

from __future__ import annotations

import math
from time import perf_counter
from typing import Any

import numpy as np

from physfit.data.record import Observations, weights_of
from physfit.engine.jit import compile_seconds
from physfit.fitting.columns import ALL, Columns, check_frame, observed
from physfit.fitting.far import far_of
from physfit.fitting.fit_plan import FitPlan
from physfit.fitting.fit_settings import FitSettings
from physfit.fitting.nearby import SURE, lower_nearby
from physfit.fitting.start import Start, start_values
from physfit.models.loss import Loss, as_loss
from physfit.models.model import Model
from physfit.objective import Objective
from physfit.result import FitResult
from physfit.solve.base import Solution
from physfit.solve.curve import CurveFits, FittedCurve
from physfit.typing import FloatArray

__all__ = ["fitted_at_once"]

#: Losses of which a model keeps its fits.
MOST_LOSSES = 8


def fitted_at_once(
    model: Model, columns: Columns, start: Any, loss: str | Loss
) -> FitResult | None:
    """Result of a fit that ends in a minimum; None where it might not.

    Parameters
    ----------
    model : Model
    columns : Columns
    start : mapping of str to float, or None
        Start values.
    loss : str or Loss
    """
    began, compiled_before = perf_counter(), compile_seconds()
    x, y, sigma, nan, dataset, units, labels, source, x_range, _ = columns
    if nan != "raise" or dataset is not None or x_range != ALL:
        return None
    loss = as_loss(loss)
    fits, values = _fits(model, loss, sigma is not None), _start(model, start)
    if fits is None or values is None:
        return None
    guessed: tuple[str, ...] = ()
    if math.isnan(sum(values)):
        if not fits.takes(x, y, sigma):
            return None
        theta, guessed, _ = start_values(*observed(model, columns), start, loss)
        values = theta.tolist()
    found = fits.fit(x, y, sigma, values)
    if found is None:
        return None
    check_frame(units, labels, source)
    rows, solution, theta = found.rows, found.solution, np.array(values)
    data = Observations(
        *(rows[0:1], rows[1:2], None if sigma is None else rows[2:3]),
        *(labels[0] or "x", labels[1] or "y", *units, source),
    )
    is_far = model.at_origin and found.least_x != 0.0
    if is_far and far_of(model, data, theta, start) is not None:
        return None
    nearest = math.nan
    if len(guessed) < len(values) and not _leaves_noise(found):
        solution, nearest = _lowest(model, data, loss, theta, guessed, solution)
    compiling = compile_seconds() - compiled_before
    return FitResult.made(
        model=model,
        data=data,
        loss=loss,
        method="lm",
        solution=solution,
        start=theta,
        guessed=guessed,
        nearest_chi2=nearest,
        seconds=perf_counter() - began - compiling,
        compile_seconds=compiling,
    )


def _fits(model: Model, loss: Loss, has_sigma: bool) -> CurveFits | None:
    """Fits of a model with a loss; None where they need more than that."""
    known: list[tuple[Loss, bool, CurveFits | None]]
    known = model.__dict__.setdefault("_fits_at_once", [])
    for its_loss, is_weighted, fits in known:
        if its_loss is loss and is_weighted is has_sigma:
            return fits
    values = model.__dict__
    if model.functions and not (
        values.get("_is_pointwise") and values.get("_confirmed") is model
    ):
        return None  # not known before its first fit
    traits = loss.traits
    is_plain = model.layout.is_pointwise
    is_plain = is_plain and not (model.reads_places or traits.has_domain)
    is_plain = is_plain and traits.noise is None and not loss.needs_scale(has_sigma)
    is_plain = is_plain and len(model.free_names) > 0
    found = CurveFits(model, loss) if is_plain else None
    del known[MOST_LOSSES - 1 :]
    known.insert(0, (loss, has_sigma, found))
    return found


def _start(model: Model, start: Any) -> list[float] | None:
    """Start values within their bounds, NaN where one is to be guessed."""
    values: list[float] = model.free_start.tolist()
    if type(start) is dict:
        places = model.free_index
        for name, value in start.items():
            place = places.get(name)
            if place is None or type(value) is not float or value - value != 0.0:
                return None
            values[place] = value
    elif start is not None:
        return None
    for value, lower, upper in zip(values, *model.free_limits, strict=True):
        if not lower <= value <= upper and value == value:
            return None
    return values


def _leaves_noise(found: FittedCurve) -> bool:
    """Whether residuals are noise, as `nearby.is_noise` says of those of a solution."""
    rows, solution = found.rows, found.solution
    dof = rows.shape[1] - len(solution.theta)
    if dof < 1:
        return True
    if len(rows) == 2:
        return found.correlation < SURE
    return bool(2.0 * solution.cost <= dof + SURE * math.sqrt(2.0 * dof))


def _lowest(
    model: Model,
    data: Observations,
    loss: Loss,
    theta: FloatArray,
    guessed: tuple[str, ...],
    solution: Solution,
) -> tuple[Solution, float]:
    """The lowest solution near a start, and chi2 of the nearest if that is another."""
    objective = Objective(model.layout, data.x, data.y, weights_of(data), loss)
    begin, settings = Start(theta, guessed), FitSettings(loss)
    plan = FitPlan(model, data, objective, begin, settings)
    lower = lower_nearby(plan, solution, None, None)
    objective.release()
    return (solution, math.nan) if lower is None else (lower[0], 2.0 * solution.cost)
