"""`fit`: one model, and one curve or the rows of a file."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from os import PathLike
from time import perf_counter
from typing import TYPE_CHECKING, Any, NamedTuple, Unpack

import numpy as np

from physfit.data.arrays import NanPolicy
from physfit.engine.host_calls import begun_with, call_limit
from physfit.engine.jit import compile_seconds
from physfit.errors import InputError
from physfit.fitting.at_once import fitted_at_once
from physfit.fitting.columns import ALL, Columns, observed
from physfit.fitting.far import far_of
from physfit.fitting.fit_plan import FitPlan, plan_of
from physfit.fitting.fit_settings import FitSettings
from physfit.fitting.methods import LEVENBERG_MARQUARDT, MethodLike, method_of
from physfit.fitting.nearby import lower_nearby
from physfit.fitting.runners import run
from physfit.models.as_model import as_model
from physfit.models.loss import Loss
from physfit.models.model import Model
from physfit.models.user_function.columns import drawable
from physfit.progress import pace_of_fit, progress_bar
from physfit.result import FitResult
from physfit.settings.doors import OfFit
from physfit.settings.keywords import takes
from physfit.settings.setting import checked
from physfit.solve.base import ProgressCallback, Solution, Stop, check_run
from physfit.solve.row_table import RetryStage
from physfit.solve.undetermined import examined
from physfit.typing import Column

if TYPE_CHECKING:
    from physfit.data.base import Source
    from physfit.data.table import Table
    from physfit.optim.base import Optimizer

__all__ = ["fit"]

#: How many times as often as the fit a look for a lower minimum near given starts may
#: call Python functions.
SHARE = 1
#: What columns usually are; everything else is looked at.
_ARRAYS = (np.ndarray, list, tuple)


@takes(OfFit)
def fit(
    model: Model | str | Callable[..., Any],
    x: Column | tuple[Column, ...] | Table | str | PathLike[str] | Source,
    y: Column | None = None,
    *,
    sigma: Column | float | None = None,
    start: Mapping[str, float] | str | None = None,
    loss: str | Loss = "chi2",
    method: str | Optimizer = "lm",
    stop: Stop | None = None,
    progress: ProgressCallback | bool | None = None,
    nan: NanPolicy = "raise",
    dataset: str | None = None,
    units: tuple[str, str] = ("", ""),
    labels: tuple[str, str] = ("", ""),
    source: str = "",
    **settings: Unpack[OfFit],
) -> FitResult:
    """Fit a model to one curve, or to the rows of a file larger than memory.

    Parameters
    ----------
    model : Model, str or callable
        From `physfit.models`, sums and products of them; a text such as
        "gaussian + linear"; or a function `f(x, a, b)` of numpy (see `pf.model`).
    x : array_like, shape (n,) or (n_inputs, n), or path
        Where the data were taken; a list, an array, a pandas or xarray column, a
        quantity with a unit (astropy, pint, unyt); one configuration a row for models
        of spins, shape (n, L) or (n, L, L). A path of a CSV, NPZ or HDF5 file stands
        for x, y and sigma, and so does what `pf.read_table` gives, or a
        `pf.Hdf5Source`; `y` is left out then.
    y : array_like, shape (n,)
        Data; complex for complex models. Of a model of two coordinates also an image,
        shape (rows, columns), beside `x=(places of columns, places of rows)`, or alone,
        `fit(model, image)`, whose pixels are counted from 0.
    sigma : float or array_like, optional
        Standard deviations of `y`; with a unit, converted to that of `y`. Given, the
        errors of the parameters are absolute; left out, they are scaled by
        sqrt(chi2 / dof) and there is no p value.
    start : mapping of str to float, or "random", optional
        Start values; what is missing is guessed from the data. Where those given lead
        to residuals that are not noise, and the data suggest a minimum that leaves
        noise within their neighbourhood (scales within a factor of 2.5, a position
        within 3 widths), that one is taken, and the report says so. A fit that fails is
        tried again as a row of `fit_many` is: from a guess, then from several starts;
        `result.retry_stage` says which of them led to the answer. "random" draws
        them within the bounds, from the range of x or a full turn, or around the guess,
        as `pf.multistart` does.
    loss : str or Loss
        "chi2", "poisson", "huber", "soft_l1" or "cauchy", with a hyper-parameter after
        a colon where wanted ("huber:1.5"). Robust ones bend at so many standard
        deviations: of `sigma`, or where it is left out of the residuals' own scale,
        `result.scale`.
    method : str or Optimizer
        "lm"; "gauss_newton", the same without damping at first, in passes over a file;
        a first-order method on minibatches, "gd", "sgd", "momentum", "nesterov",
        "rmsprop", "adam", "adamw", "adagrad" or "lecture_adam", with hyper-parameters
        after a colon ("adam:beta1=0.95"), or a chain of your own; or scipy as referee:
        "scipy:trf", "scipy:bfgs" and others.
    stop : Stop, optional
        Tolerances and the limit of steps.
    progress : callable or bool, optional
        Called with a `Progress` after every step; raise to stop. True draws a bar in a
        terminal or notebook.
    nan : {"raise", "omit"}
        Whether samples that are not finite are refused or left out.
    dataset : str, optional
        Path inside an HDF5 file, or a sheet of a workbook.
    units, labels : pair of str
        Units and names of x and y, for reports and plots; quantities are converted to
        these units, or else keep their own.
    source : str, optional
        File that the columns come from, for the report and the saved result; the path
        when `x` is one.
    **settings
        Samples, and how fits on minibatches and in passes over a file go.

    Returns
    -------
    FitResult
        Not converging is a status there; `result.require()` raises. Where x lies so
        many decay times from 0 that amplitudes there are no numbers, its model counts
        from the first x, as `pf.models.from_origin` does.

    Raises
    ------
    InputError, ModelError, DataError
        Arguments, model or file are not usable.

    Examples
    --------
    >>> import numpy as np
    >>> from physfit.models import Exponential
    >>> t = np.linspace(0.0, 4.0, 9)
    >>> result = fit(Exponential(), t, 3.0 * np.exp(-t / 1.5))
    >>> round(result["decay"].value, 6)
    1.5
    """
    model = as_model(model, start=start)
    given = checked("fit", OfFit, settings) if settings else settings
    x_range = given.pop("x_range", ALL)
    is_plain = not settings and method == "lm" and isinstance(x, _ARRAYS)
    columns = Columns(x, y, sigma, nan, dataset, units, labels, source, x_range)
    if is_plain and stop is None and progress is None:
        result = fitted_at_once(model, columns, start, loss)
        if result is not None:
            return result
    asked = FitSettings.of(given, loss=loss, start=start, stop=stop)
    is_by_rows = False
    if not is_plain or bool(getattr(model, "spins", None)):
        from physfit.fitting import streaming

        is_by_rows = streaming.is_by_rows(model, x, method, asked)
    door = streaming.fit_rows if is_by_rows else _of_arrays
    if not isinstance(progress, bool):
        return door(model, columns, asked, method, progress)
    with progress_bar("fitting", pace_of_fit(), is_wanted=progress) as callback:
        return door(model, columns, asked, method, callback)


def _of_arrays(
    model: Model,
    columns: Columns,
    settings: FitSettings,
    method: MethodLike,
    progress: ProgressCallback | None,
) -> FitResult:
    """Fit to samples in memory."""
    model, data = observed(model, columns)
    drawn = drawable(model, data) if model.reads_places else (model, data)
    began, compiled_before = perf_counter(), compile_seconds()
    chosen = method_of(method, settings, len(data.y[0]))
    plan = plan_of(*drawn, settings)
    if model.at_origin:
        plan = _near_zero(plan)
    if chosen is not LEVENBERG_MARQUARDT:
        plan = plan._replace(method=chosen)
    progress = check_run(settings.stop, progress)
    answer = _answered(plan, progress)
    plan.objective.release()
    compiling = compile_seconds() - compiled_before
    return FitResult(
        model=model if plan.model is drawn[0] else plan.model,
        data=data,
        loss=plan.loss,
        method=str(method),
        solution=answer.solution,
        start=plan.theta,
        guessed=plan.start.guessed,
        nearest_chi2=answer.nearest,
        retry_stage=answer.stage,
        seconds=perf_counter() - began - compiling,
        compile_seconds=compiling,
        scale=answer.scale,
    )


class _Answer(NamedTuple):
    """Where a fit ended, and by which way: see `FitResult`."""

    solution: Solution
    scale: float | None
    nearest: float
    stage: RetryStage | None


def _answered(plan: FitPlan, progress: ProgressCallback | None) -> _Answer:
    """Answer of a plan; of Levenberg-Marquardt that of a lower minimum nearby.

    A fit by it that failed is tried again.
    """
    nearest, stage, n_calls = math.nan, None, 0
    if plan.objective.calls_python:
        with call_limit() as calls, begun_with(plan.objective.look):
            solution, scale, _ = run(plan, progress)
        n_calls = calls.n
    else:
        solution, scale, _ = run(plan, progress)
    if plan.method.solver is not None:
        solution = _within_bounds(plan, solution)
    if plan.method is LEVENBERG_MARQUARDT and not plan.settings.is_random:
        look = (plan, solution, scale, progress)
        lower = lower_nearby(*look, most_calls=SHARE * max(n_calls, 1))
        if lower is not None:
            nearest = 2.0 * solution.cost
            solution, scale = lower
        if not solution.status.converged:
            from physfit.fitting.single_retry import tried_again

            again = tried_again(plan, solution, scale)
            if again is not None:
                solution, scale, stage = again
    return _Answer(solution, scale, nearest, stage)


def _near_zero(plan: FitPlan) -> FitPlan:
    """The fit of a decay far from x = 0 with a start, or a model, that has numbers."""
    model, data = plan.model, plan.data
    far = far_of(model, data, plan.theta, plan.settings.start)
    if far is None:
        return plan
    near = plan_of(far.model, data, plan.settings)
    theta = near.minimised(plan.settings.stop)[0].theta.tolist()
    named = dict(zip(far.model.free_names, theta, strict=True))
    found = far.start(far.model.full_values(named))
    values = [] if found is None else [float(found[name]) for name in model.free_names]
    if found is None or not np.isfinite(values).all():
        return near
    return plan.begun_at(np.clip(values, *plan.limits))


def _within_bounds(plan: FitPlan, solution: Solution) -> Solution:
    """The answer of a method of scipy, refused outside of the bounds."""
    lower, upper = plan.limits
    if ((solution.theta < lower) | (solution.theta > upper)).any():
        raise InputError(
            f"`{plan.method.name}` cannot keep bounds, and it left those of the model; "
            "take 'lm' or another method that keeps them."
        )
    return examined(plan.objective, solution, lower, upper)
