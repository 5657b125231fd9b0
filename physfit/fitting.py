"""`fit` and `curve_fit`: from a model and data to a result.

Everything a caller passes is checked here, once, before the model is evaluated.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from os import PathLike
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np

from physfit.data.arrays import NanPolicy, samples
from physfit.data.record import Observations
from physfit.engine.jit import compile_seconds
from physfit.errors import (
    DomainError,
    InputError,
    ShapeError,
    did_you_mean,
)
from physfit.models.loss import Loss, as_loss
from physfit.models.model import Model
from physfit.objective import Objective
from physfit.result import FitResult
from physfit.solve.base import ProgressCallback, Solution, Stop
from physfit.solve.least_squares import levenberg_marquardt
from physfit.typing import Column, FloatArray

__all__ = ["Prepared", "curve_fit", "fit", "prepare", "solve"]


class Prepared(NamedTuple):
    """A checked fit, ready to be solved."""

    model: Model
    data: Observations
    loss: Loss
    objective: Objective
    theta: FloatArray
    guessed: tuple[str, ...]


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
) -> FitResult:
    """Fit a model to one curve.

    Parameters
    ----------
    model : Model
        From `physfit.models`, `parse_model`, sums and products of them.
    x : array_like, shape (n,) or (n_inputs, n), or path
        Where the data were taken; a list, an array, a pandas or xarray column. A path
        of a CSV, NPZ or HDF5 file stands for x, y and sigma; `y` is left out then.
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
    data = _observations(model, x, y, sigma, nan, dataset, units, labels)
    began, compiled_before = perf_counter(), compile_seconds()
    prepared = prepare(model, data, start=start, loss=loss)
    solution = solve(prepared, method, stop=stop, progress=progress)
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


def prepare(
    model: Model,
    data: Observations,
    *,
    start: Mapping[str, float] | None = None,
    loss: str | Loss = "chi2",
) -> Prepared:
    """Bind a model to checked data, with start values inside their bounds."""
    loss = as_loss(loss)
    _check_loss(loss, data)
    if data.y.size < len(model.free_names):
        raise ShapeError(
            f"{data.y.size} samples cannot determine {len(model.free_names)} free "
            f"parameters ({', '.join(model.free_names)}); fix some of them with "
            "where(name=pf.fixed(value))."
        )
    theta, guessed = _start_values(model, data, start)
    weights = np.ones(data.y.shape) if data.sigma is None else 1.0 / data.sigma
    objective = Objective(model.layout, data.x, data.y, weights, loss)
    if guessed and loss.name == "poisson":
        theta = _counts_start(model, data, objective, theta)
    return Prepared(model, data, loss, objective, theta, guessed)


def solve(
    prepared: Prepared,
    method: str = "lm",
    *,
    stop: Stop | None = None,
    progress: ProgressCallback | None = None,
) -> Solution:
    """Run the solver that `method` names."""
    lower, upper = prepared.model.free_lower, prepared.model.free_upper
    objective, theta = prepared.objective, prepared.theta
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


def curve_fit(
    f: Model,
    xdata: Column,
    ydata: Column,
    p0: Column | None = None,
    sigma: Column | float | None = None,
    absolute_sigma: bool = False,
    check_finite: bool = True,
    bounds: tuple[Any, Any] = (-math.inf, math.inf),
    method: str | None = None,
    jac: Any = None,
    *,
    full_output: bool = False,
    nan_policy: str | None = None,
    **kwargs: float,
) -> Any:
    """Fit with the signature, defaults and return of `scipy.optimize.curve_fit`.

    Parameters
    ----------
    f : Model
        A model of `physfit.models`; its free parameters take the place of scipy's
        positional ones, in the order of `f.free_names`.
    xdata, ydata : array_like
    p0 : array_like, shape (P,), optional
        Start values; guessed from the data when left out (scipy takes ones).
    sigma : float or array_like, shape (n,), optional
        Standard deviations. A covariance matrix is not taken.
    absolute_sigma : bool
        Whether the covariance is absolute; otherwise it is scaled by chi2 / dof.
    check_finite : bool
        Values that are not finite are always refused, unless `nan_policy` is "omit".
    bounds : pair of array_like
        Lower and upper bounds of the free parameters.
    method : {None, "lm", "trf", "dogbox"}
        None and "lm" are the compiled bounded Levenberg-Marquardt; the others scipy's,
        with compiled values and derivatives.
    jac : object
        Not needed: derivatives are exact.
    full_output : bool
        Whether to return the three further values that scipy returns.
    nan_policy : {None, "raise", "omit"}
    **kwargs
        `ftol`, `xtol`, `gtol`, `maxfev` or `max_nfev`.

    Returns
    -------
    popt : ndarray, shape (P,)
    pcov : ndarray, shape (P, P)
        Infinite where the data do not determine the parameters, NaN for one that ended
        on its bound.
    infodict, mesg, ier
        Only with `full_output`: a dict with `nfev` and `fvec`, the status in words, and
        its number.

    Raises
    ------
    ConvergenceError
        A `RuntimeError`, as scipy raises, when there is no minimum.

    Examples
    --------
    >>> from physfit.models import Linear
    >>> popt, pcov = curve_fit(Linear(), [0.0, 1.0, 2.0], [1.0, 3.1, 4.9])
    >>> popt.round(3)
    array([1.95, 1.05])
    """
    del check_finite, jac
    model = _model_of(f, bounds)
    if np.ndim(sigma) == 2:  # type: ignore[arg-type]
        raise ShapeError(
            "`sigma` is a matrix; `curve_fit` takes one standard deviation per sample."
        )
    start = None if p0 is None else _named(model, p0)
    result = fit(
        model,
        xdata,
        ydata,
        sigma=1.0 if sigma is None and absolute_sigma else sigma,
        start=start,
        method=_scipy_method(method),
        stop=_stop(kwargs),
        nan="omit" if nan_policy == "omit" else "raise",
    )
    result.require()
    popt = result.solution.theta
    scale = 1.0
    if sigma is not None and not absolute_sigma:
        scale = result.reduced_chi2
    pcov = result.covariance * scale
    if not full_output:
        return popt, pcov
    info = {"nfev": result.n_evals, "fvec": np.negative(result.pulls)}
    return popt, pcov, info, result.message, int(result.status)


def _observations(
    model: Model,
    x: Any,
    y: Column | None,
    sigma: Column | float | None,
    nan: NanPolicy,
    dataset: str | None,
    units: tuple[str, str],
    labels: tuple[str, str],
) -> Observations:
    """Checked data, from columns or a file."""
    if not isinstance(model, Model):
        raise InputError(
            f"`model` must be a physfit model, but is {type(model).__name__}; take one "
            "of physfit.models or pf.parse_model('gaussian + linear')."
        )
    source = ""
    if isinstance(x, str | PathLike):
        if y is not None:
            raise InputError("`x` is a path, so `y` must be left out.")
        from physfit.data.readers import read_table

        table = read_table(x, dataset=dataset)
        source, x, y = table.source, table.x, table.y
        sigma = table.sigma if sigma is None else sigma
        units = (units[0] or table.x_unit, units[1] or table.y_unit)
        labels = (labels[0] or table.x_label, labels[1] or table.y_label)
    elif y is None:
        raise InputError("`y` is missing; pass the data, or a path as `x`.")
    checked = samples(
        x, y, sigma, nan=nan, n_inputs=model.n_inputs, n_outputs=model.n_outputs
    )
    left_out = 0 if checked.kept is None else len(y) - len(checked.kept)
    return Observations(
        checked.x,
        checked.y,
        checked.sigma,
        labels[0] or _name_of(x, "x"),
        labels[1] or _name_of(y, "y"),
        units[0] or _unit_of(x),
        units[1] or _unit_of(y),
        source,
        left_out,
    )


def _name_of(values: Any, default: str) -> str:
    """Name of a pandas or xarray column."""
    if type(values) is np.ndarray:
        return default
    name = getattr(values, "name", None)
    return name if isinstance(name, str) and name else default


def _unit_of(values: Any) -> str:
    """Unit in the attributes of a pandas or xarray column."""
    if type(values) is np.ndarray:
        return ""
    attributes = getattr(values, "attrs", None)
    if not isinstance(attributes, Mapping):
        return ""
    return str(attributes.get("units", ""))


def _check_loss(loss: Loss, data: Observations) -> None:
    if loss.name != "poisson":
        return
    if data.sigma is not None:
        raise InputError(
            "`poisson` takes its errors from the model; leave `sigma` out, or use "
            "`chi2`."
        )
    if data.y.shape[0] != 1:
        raise InputError("`poisson` is for counts, but the model is complex.")
    if data.y.min() < 0.0:
        first = int(np.argmax(data.y[0] < 0.0))
        raise DomainError(
            f"`poisson` needs y >= 0; y[{first}] = {float(data.y[0, first])!r}. Use "
            "`chi2`, or leave the sample out."
        )


def _start_values(
    model: Model, data: Observations, start: Mapping[str, float] | None
) -> tuple[FloatArray, tuple[str, ...]]:
    """Start of every free parameter, and the names of those that were guessed."""
    values = model.free_start.tolist()
    if start:
        places = model.free_index
        for name, value in start.items():
            place = places.get(name)
            if place is None:
                raise _not_free(model, name)
            plain = type(value) is float and value - value == 0.0
            values[place] = value if plain else _number(name, value)
    theta = np.array(values)
    if all(map(_lies_within, values, *model.free_limits)):
        return theta, ()
    _check_inside(model, theta)
    guessed = _guess_missing(model, data, theta, start) if np.isnan(theta).any() else ()
    return theta, guessed


def _lies_within(value: float, lower: float, upper: float) -> bool:
    """Whether a start is within its bounds; NaN is not."""
    return lower <= value <= upper


def _check_inside(model: Model, theta: FloatArray) -> None:
    """Refuse a start outside its bounds; NaN is one that is still to be guessed."""
    below, above = theta < model.free_lower, theta > model.free_upper
    if not (below | above).any():
        return
    place = int(np.argmax(below | above))
    lower, upper = float(model.free_lower[place]), float(model.free_upper[place])
    raise DomainError(
        f"the start of `{model.free_names[place]}` must lie within its bounds "
        f"{lower!r} to {upper!r}, but is {float(theta[place])!r}."
    )


def _number(name: str, value: object) -> float:
    """A start value that a caller gave."""
    if isinstance(value, int | float) and math.isfinite(value):
        return value
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number):
        raise DomainError(
            f"the start of `{name}` must be a finite number, but is {value!r}."
        )
    return number


def _guess_missing(
    model: Model,
    data: Observations,
    theta: FloatArray,
    start: Mapping[str, float] | None,
) -> tuple[str, ...]:
    names = model.free_names
    missing = tuple(
        name
        for name, value in zip(names, theta, strict=True)
        if math.isnan(value) and not (start and name in start)
    )
    given = model.where(**start) if start else model
    x = data.x[0] if model.n_inputs == 1 else data.x
    y = data.y[0] if model.n_outputs == 1 else data.y[0] + 1j * data.y[1]
    found = given.guess(x, y)
    for name in missing:
        place = model.free_index[name]
        inside = max(found[name], model.free_lower[place])
        theta[place] = min(inside, model.free_upper[place])
    return missing


def _counts_start(
    model: Model, data: Observations, objective: Objective, theta: FloatArray
) -> FloatArray:
    """Start at which a model of counts is positive everywhere.

    A guess comes from the shape of the data and may dip below zero, where the Poisson
    loss is not defined; a least-squares fit with weights 1 / sqrt(y) then goes first.
    """
    if math.isfinite(objective.cost(theta)):
        return theta
    weights = 1.0 / np.sqrt(np.maximum(data.y, 1.0))
    first = Objective(model.layout, data.x, data.y, weights, Loss("chi2"))
    bounds = (model.free_lower, model.free_upper)
    return levenberg_marquardt(first, theta, *bounds, stop=Stop(ftol=1e-6)).theta


def _not_free(model: Model, name: str) -> InputError:
    if name not in model.parameters:
        return InputError(
            f"`start` names {name!r}, which is no parameter of {model.expression}; "
            f"{did_you_mean(name, model.free_names)}"
        )
    own = model.parameters[name]
    how = f"tied to {own.tie!r}" if own.tie is not None else "fixed"
    return InputError(
        f"`start` names {name!r}, but it is {how}; free it with "
        f"where({name}=pf.param()) or leave it out."
    )


def _model_of(f: Any, bounds: tuple[Any, Any]) -> Model:
    if not isinstance(f, Model):
        raise InputError(
            f"`f` must be a physfit model, but is {type(f).__name__}; take one of "
            "physfit.models, or sums and products of them."
        )
    n = len(f.free_names)
    try:
        lower, upper = (
            np.broadcast_to(np.asarray(side, dtype=np.float64), n) for side in bounds
        )
    except ValueError as error:
        raise ShapeError(
            f"`bounds` must be a pair of numbers or of {n} numbers each, for "
            f"{', '.join(f.free_names)}."
        ) from error
    if not (np.isfinite(lower).any() or np.isfinite(upper).any()):
        return f
    from physfit.models.param import bounds as bounded

    return f.where(
        **{
            name: bounded(float(low), float(high))
            for name, low, high in zip(f.free_names, lower, upper, strict=True)
        }
    )


def _named(model: Model, p0: Any) -> dict[str, float]:
    values = np.asarray(p0, dtype=np.float64).ravel()
    if values.size != len(model.free_names):
        raise ShapeError(
            f"`p0` has {values.size} values, but the model has "
            f"{len(model.free_names)} free parameters: {', '.join(model.free_names)}."
        )
    return dict(zip(model.free_names, values.tolist(), strict=True))


def _scipy_method(method: str | None) -> str:
    if method in (None, "lm"):
        return "lm"
    if method in ("trf", "dogbox"):
        return f"scipy:{method}"
    raise InputError(
        f"`method` must be None, 'lm', 'trf' or 'dogbox', but is {method!r}."
    )


def _stop(options: Mapping[str, float]) -> Stop | None:
    names = {"ftol": "ftol", "xtol": "xtol", "gtol": "gtol"}
    names |= {"maxfev": "max_steps", "max_nfev": "max_steps"}
    for name in options:
        if name not in names:
            raise InputError(
                f"`curve_fit` takes no {name!r}; {did_you_mean(name, names)}"
            )
    given: dict[str, Any] = {
        names[name]: value for name, value in options.items() if value is not None
    }
    return Stop(**given) if given else None
