"""`landscape`: the loss over one or two parameters, and how optimisers walk on it.

The heights are those of chi2 above the best fit, in units of the noise: twice the cost
difference. Where the grid finds a place below the fit, the fit goes on from there and
the landscape is drawn anew, so that nothing in view is deeper than its zero.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from os import PathLike
from time import perf_counter
from typing import Any, Literal, Unpack

import numpy as np

from physfit.data.arrays import NanPolicy
from physfit.data.files.limits import check_option
from physfit.data.table import Table
from physfit.errors import ConvergenceError, InputError, check_known
from physfit.fitting.columns import Columns, observed
from physfit.fitting.distances import stderr_of
from physfit.fitting.exploration.descents import Trajectory, descent_settings, follow
from physfit.fitting.exploration.grids import profile, slices
from physfit.fitting.exploration.landscape_result import Landscape
from physfit.fitting.exploration.plane import (
    PRINCIPAL,
    Plane,
    Span,
    over_parameters,
    over_principal,
)
from physfit.fitting.fit_plan import FitPlan, measured_plan
from physfit.fitting.fit_settings import FitSettings
from physfit.models.as_model import as_model
from physfit.models.loss import Loss
from physfit.models.units import resolve_unit
from physfit.optim.base import Optimizer
from physfit.progress import COUNTS, checked_progress, counted, draws_bar
from physfit.settings.doors import OfLandscape
from physfit.settings.keywords import takes
from physfit.settings.minibatches import LearningRate
from physfit.settings.setting import checked, or_default
from physfit.solve.base import Solution
from physfit.solve.least_squares import levenberg_marquardt
from physfit.typing import Column, FloatArray

__all__ = ["landscape"]

Others = Literal["fixed", "profile"]
Rates = Mapping[str, LearningRate]
#: A place below the fit by less than this, in units of chi2, is rounding.
BELOW = 1e-3
#: Times that the fit may go on from a lower place in view.
ROUNDS = 4
#: Bytes of a place of the plane: its costs, and what draws it.
_POINT_BYTES = 256


@takes(OfLandscape)
@draws_bar("landscape", counted)
@np.errstate(all="ignore")
def landscape(
    model: Any,
    x: Column | Table | str | PathLike[str],
    y: Column | None = None,
    *,
    sigma: Column | float | None = None,
    loss: str | Loss = "chi2",
    progress: Callable[[int, int], None] | bool | None = None,
    nan: NanPolicy = "raise",
    dataset: str | None = None,
    units: tuple[str, str] = ("", ""),
    **settings: Unpack[OfLandscape],
) -> Landscape:
    """Heights of chi2 over one or two parameters, with the paths of optimisers.

    Parameters
    ----------
    model, x, y, sigma, loss, nan, dataset, units
        As for `physfit.fit`.
    progress : callable or bool, optional
        Given the number of rows of the grid that are done, and of all. True draws a
        bar.
    **settings
        What is drawn, and how the paths go.

    Returns
    -------
    Landscape

    Raises
    ------
    InputError, ModelError, DataError
        Arguments, model or file are not usable.
    ConvergenceError
        When no fit is found around which to draw.

    Examples
    --------
    >>> import numpy as np
    >>> from physfit.models import Exponential
    >>> t = np.linspace(0.0, 4.0, 30)
    >>> y = 3.0 * np.exp(-t / 1.5)
    >>> model, over = Exponential(), ("amplitude", "decay")
    >>> found = landscape(model, t, y, sigma=0.1, over=over, methods=["adam"])
    >>> found.delta_chi2.shape, found.paths[0].method
    ((81, 81), 'adam')
    """
    began, given = perf_counter(), checked("landscape", OfLandscape, settings)
    progress = checked_progress(progress, COUNTS)
    over, points, others = given["over"], given["points"], given["others"]
    start, methods = given.get("start"), or_default(given.get("methods"), ())
    learning_rate = given.get("learning_rate")
    _check(points, others, over)
    _check_paths(given)
    asked = FitSettings.of(given, loss=loss, start=start).without("learning_rate")
    columns = Columns(*(x, y, sigma, nan, dataset, units), x_range=given["x_range"])
    seen = observed(as_model(model, start=start), columns)
    plan = measured_plan(*seen, asked)
    data = plan.data
    best, plane, costs = _drawn(
        plan,
        over,
        given.get("span"),
        points,
        others,
        asked.n_threads,
        progress,
    )
    names = plan.model.free_names
    noise = plan.noise(best.cost)
    first = _first(plan, plane, start or {}) if methods else plane.center
    paths = tuple(_path(plan, first, method, learning_rate) for method in methods)
    stderr = stderr_of(best, noise)
    return Landscape(
        expression=plan.model.expression,
        loss=str(plan.loss),
        over=plane.over,
        units=tuple(
            resolve_unit(unit, data.x_unit, data.y_unit) for unit in plane.units
        ),
        others=others,
        axes=plane.axes(points),
        delta_chi2=2.0 * (costs - best.cost) / noise**2,
        center=plane.coordinates(best.theta),
        values=dict(zip(names, best.theta.tolist(), strict=True)),
        stderr=dict(zip(names, stderr.tolist(), strict=True)),
        cost=best.cost,
        noise=noise,
        paths=paths,
        coordinates=tuple(plane.coordinates(path.theta) for path in paths),
        heights=tuple(
            2.0 * (plan.objective.costs(path.theta) - best.cost) / noise**2
            for path in paths
        ),
        seconds=perf_counter() - began,
    )


def _check(points: int, others: Others, over: object) -> None:
    check_option("points", points**2, _POINT_BYTES)
    if over == PRINCIPAL and others == "profile":
        raise InputError(
            "`others` must be 'fixed' for principal directions, which move all "
            "parameters; name two parameters for a profile."
        )


def _check_paths(given: OfLandscape) -> None:
    """Refuse settings of paths that there are not."""
    methods, rate = or_default(given.get("methods"), ()), given.get("learning_rate")
    if isinstance(methods, str) or not isinstance(methods, Iterable):
        raise InputError(
            f"`methods` must be a list of names, such as ['gd', 'adam'], but is "
            f"{methods!r}."
        )
    named = rate if isinstance(rate, Mapping) else ()
    known = list(map(str, methods))
    check_known("`learning_rate` names", named, known, ", which is none of the methods")
    if not methods and given.keys() & {"learning_rate", "batch_size"}:
        raise InputError(
            "`learning_rate` and `batch_size` are for paths, but `methods` names none; "
            "leave them out, or add a method such as 'adam'."
        )


def _drawn(
    plan: FitPlan,
    over: Sequence[str] | str,
    span: Span,
    points: int,
    others: Others,
    threads: int,
    callback: Callable[[int, int], None] | None,
) -> tuple[Solution, Plane, FloatArray]:
    """Best fit, plane through it and costs; again while a lower place is in view."""
    theta = plan.theta
    for _ in range(ROUNDS):
        best = levenberg_marquardt(plan.objective, theta, *plan.limits)
        if not np.isfinite(best.cost):
            raise ConvergenceError(
                "no fit is found around which to draw a landscape; give `start`.", best
            )
        plane = _plane(plan, over, best, span)
        axes = plane.axes(points)
        grid = profile if others == "profile" else slices
        costs = grid(plan, plane, axes, threads, callback)
        noise = plan.noise(best.cost)
        lowest = costs.min(initial=np.inf, where=np.isfinite(costs))
        if not lowest < best.cost - BELOW * noise**2:
            break
        theta = _lowest(plan, plane, axes, costs)
    return best, plane, costs


def _plane(
    plan: FitPlan, over: Sequence[str] | str, best: Solution, span: Span
) -> Plane:
    noise = plan.noise(best.cost)
    if over == PRINCIPAL:
        covariance = best.covariance * noise**2
        return over_principal(best.theta, covariance, span)
    stderr = stderr_of(best, noise)
    return over_parameters(plan.model, over, best.theta, stderr, span)


def _lowest(
    plan: FitPlan, plane: Plane, axes: Sequence[FloatArray], costs: FloatArray
) -> FloatArray:
    """Free parameters at the lowest point of the grid, within their bounds."""
    place = np.unravel_index(int(np.nanargmin(costs)), costs.shape)
    point = np.array([axis[k] for axis, k in zip(axes, place, strict=True)])
    theta: FloatArray = np.clip(plane.at(point), *plan.limits)
    return theta


def _first(plan: FitPlan, plane: Plane, given: Mapping[str, float]) -> FloatArray:
    """Where the paths begin: what is given, else a place near a corner."""
    if given:
        theta = plane.center.copy()
        for name in given:
            place = plan.model.free_index[name]
            theta[place] = plan.theta[place]
        return theta
    shares = (0.1, 0.85)
    point = [
        low + share * (high - low)
        for (low, high), share in zip(plane.ranges, shares, strict=False)
    ]
    theta = plane.at(np.array(point))
    return np.clip(theta, *plan.limits)


def _path(
    plan: FitPlan,
    first: FloatArray,
    method: str | Optimizer,
    learning_rate: Rates | LearningRate | None,
) -> Trajectory:
    if isinstance(learning_rate, Mapping):
        learning_rate = learning_rate.get(str(method))
    n_rows, asked = plan.objective.y.shape[1], plan.settings
    if learning_rate is not None:
        asked = asked.but(learning_rate=learning_rate)
    options = descent_settings(method, n_rows, asked)
    return follow(plan, first, options)
