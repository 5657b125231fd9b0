"""`fit`: one model, one curve."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike
from time import perf_counter

import numpy as np

from physfit.data.arrays import NanPolicy
from physfit.engine.jit import compile_seconds
from physfit.errors import InputError, did_you_mean
from physfit.fitting.prepared import Prepared, observations, prepare
from physfit.models.loss import Loss
from physfit.models.model import Model
from physfit.objective import Objective
from physfit.result import FitResult
from physfit.solve.base import ProgressCallback, Solution, Stop
from physfit.solve.least_squares import levenberg_marquardt
from physfit.solve.linear import is_linear, linear_least_squares
from physfit.solve.normal_sums import Passes, in_memory
from physfit.typing import Column

__all__ = ["fit", "solve"]


def fit(
    model: Model,
    x: Column | str | PathLike[str],
    y: Column | None = None,
    *,
    sigma: Column | float | None = None,
    start: Mapping[str, float] | None = None,
    loss: str | Loss = "chi2",
    method: str = "lm",
    stop: Stop | None = None,
    progress: ProgressCallback | None = None,
    nan: NanPolicy = "raise",
    dataset: str | None = None,
    units: tuple[str, str] = ("", ""),
    labels: tuple[str, str] = ("", ""),
    source: str = "",
) -> FitResult:
    """Fit a model to one curve.

    Parameters
    ----------
    model : Model
        From `physfit.models`, `parse_model`, sums and products of them.
    x : array_like, shape (n,) or (n_inputs, n), or path
        Where the data were taken; a list, an array, a pandas or xarray column; one
        configuration a row for models of spins, shape (n, L) or (n, L, L). A path of
        a CSV, NPZ or HDF5 file stands for x, y and sigma; `y` is left out then.
    y : array_like, shape (n,)
        Data; complex for complex models.
    sigma : float or array_like, optional
        Standard deviations of `y`. Given, the errors of the parameters are absolute;
        left out, they are scaled by sqrt(chi2 / dof) and there is no p value.
    start : mapping of str to float, optional
        Start values; what is missing is guessed from the data.
    loss : str or Loss
        "chi2", "poisson", "huber", "soft_l1" or "cauchy", with a hyper-parameter after
        a colon where wanted ("huber:1.5").
    method : str
        "lm", or scipy as referee: "scipy:trf", "scipy:bfgs" and others.
    stop : Stop, optional
        Tolerances and the limit of steps.
    progress : callable, optional
        Called with a `Progress` after every step; raise to stop.
    nan : {"raise", "omit"}
        Whether samples that are not finite are refused or left out.
    dataset : str, optional
        Path inside an HDF5 file.
    units, labels : pair of str
        Units and names of x and y, for reports and plots.
    source : str, optional
        File that the columns come from, for the report and the saved result; the path
        when `x` is one.

    Returns
    -------
    FitResult
        Not converging is a status there; `result.require()` raises.

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
    data = observations(model, x, y, sigma, nan, dataset, units, labels, source)
    began, compiled_before = perf_counter(), compile_seconds()
    prepared = prepare(model, data, start=start, loss=loss)
    solution = solve(prepared, method, stop=stop, progress=progress)
    prepared.objective.release()
    compiling = compile_seconds() - compiled_before
    return FitResult(
        model=model,
        data=data,
        loss=prepared.loss,
        method=method,
        solution=solution,
        start=prepared.theta,
        guessed=prepared.guessed,
        seconds=perf_counter() - began - compiling,
        compile_seconds=compiling,
    )


def solve(
    prepared: Prepared,
    method: str = "lm",
    *,
    stop: Stop | None = None,
    progress: ProgressCallback | None = None,
) -> Solution:
    """Run the solver that `method` names."""
    if stop is not None and not isinstance(stop, Stop):
        raise InputError(
            f"`stop` must be a pf.Stop, such as pf.Stop(ftol=1e-6), but is {stop!r}."
        )
    if progress is not None and not callable(progress):
        raise InputError(
            "`progress` must be a function that takes a pf.Progress, but is "
            f"{progress!r}."
        )
    lower, upper = prepared.model.free_lower, prepared.model.free_upper
    objective, theta = prepared.objective, prepared.theta
    if method == "lm" and objective.loss.name == "chi2" and is_linear(objective.layout):
        return linear_least_squares(objective.layout, _spins(objective), lower, upper)
    if method == "lm":
        return levenberg_marquardt(
            objective, theta, lower, upper, stop=stop, progress=progress
        )
    from physfit.solve import scipy_adapters

    chosen = scipy_adapters.METHODS.get(method)
    if chosen is None:
        allowed = ["lm", *scipy_adapters.METHODS]
        raise InputError(
            f"`method` {method!r} is unknown; {did_you_mean(method, allowed)}"
        )
    free = not chosen.takes_bounds
    limits = (np.full(theta.size, -np.inf), np.full(theta.size, np.inf))
    solution = scipy_adapters.run(
        objective,
        theta,
        *(limits if free else (lower, upper)),
        method=method,
        stop=stop,
    )
    if free and ((solution.theta < lower) | (solution.theta > upper)).any():
        raise InputError(
            f"`{method}` cannot keep bounds, and it left those of the model; take 'lm' "
            "or another method that keeps them."
        )
    return solution


def _spins(objective: Objective) -> Passes:
    """Passes over the configurations that an objective holds in columns."""
    spins = np.ascontiguousarray(objective.x.T, dtype=np.int8)
    return in_memory(spins, objective.y, objective.weights)
