"""`curve_fit`: scipy's signature, defaults and return."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from physfit.data.pairing import paired
from physfit.errors import DomainError, InputError, ShapeError
from physfit.fitting import scipy_arguments as given
from physfit.fitting.columns import Columns
from physfit.fitting.far import Far, refuse_beyond
from physfit.fitting.single import fit
from physfit.models.as_model import as_model
from physfit.models.model import Model
from physfit.result import FitResult
from physfit.solve.base import Status, Stop
from physfit.typing import Column, FloatArray

__all__ = ["curve_fit"]


class _Plan(NamedTuple):
    """A fit that is asked for.

    Attributes
    ----------
    model : Model
    columns : Columns
    start : dict of str to float, or None
        None is guessed.
    may_guess : bool
        Whether the start is scipy's own, so that another may take its place.
    peer : callable, optional
        Gives where scipy itself ends, or None.
    """

    model: Model
    columns: Columns
    start: dict[str, float] | None
    may_guess: bool = False
    peer: Callable[[], Any] | None = None


def curve_fit(
    f: Model | str | Callable[..., Any],
    xdata: Any,
    ydata: Column,
    p0: Column | None = None,
    sigma: Column | float | None = None,
    absolute_sigma: bool = False,
    check_finite: bool | None = None,
    bounds: Any = (-math.inf, math.inf),
    method: str | None = None,
    jac: Any = None,
    *,
    full_output: bool = False,
    nan_policy: str | None = None,
    **kwargs: Any,
) -> Any:
    """Fit with the signature, defaults and return of `scipy.optimize.curve_fit`.

    Parameters
    ----------
    f : callable, Model or str
        A function `f(x, a, b)` as scipy takes it, compiled where that is possible; or a
        model, whose free parameters take the place of scipy's positional ones, in the
        order of `f.free_names`.
    xdata : array_like or object
        Of any shape: a function gets it as it is. Models take what `pf.fit` does.
    ydata : array_like
    p0 : array_like, shape (P,), optional
        Start values. Left out, those of a function are ones, or within the bounds, and
        those of a model are guessed. Where a start leads to no minimum others are tried
        that are guessed, and the message of `full_output` says so.
    sigma : float or array_like, shape (n,) or (n, n), optional
        Standard deviations, or for a function the covariance matrix of `ydata`.
    absolute_sigma : bool
        Whether the covariance is absolute; otherwise it is scaled by chi2 / dof.
    check_finite : bool, optional
        Values that are not finite are always refused, unless `nan_policy` is "omit".
    bounds : pair of array_like, or scipy.optimize.Bounds
        Lower and upper bounds of the parameters.
    method : {None, "lm", "trf", "dogbox"}
        None and "lm" are the compiled bounded Levenberg-Marquardt, and "trf" where that
        finds no minimum; the others scipy's, with compiled values and derivatives. As
        with scipy, bounds of a function do not go with "lm".
    jac : object
        Not needed: derivatives are those of the function.
    full_output : bool
        Whether to return the three further values that scipy returns.
    nan_policy : {None, "raise", "omit"}
    **kwargs
        `ftol`, `xtol`, `gtol`, `maxfev` or `max_nfev`. Options of scipy's own steps and
        differences are accepted and have no meaning; with `loss` and `f_scale` it is
        scipy that minimises.

    Returns
    -------
    popt : ndarray, shape (P,)
    pcov : ndarray, shape (P, P)
        Infinite, with an `OptimizeWarning`, where the data do not determine the
        parameters or leave no degree of freedom to scale by; NaN for one that ended on
        its bound.
    infodict, mesg, ier
        Only with `full_output`: a dict with `nfev`, `fvec` and the factors of the
        Jacobian, the status in words, and its number.

    Raises
    ------
    ConvergenceError
        A `RuntimeError`, as scipy raises, when there is no minimum.
    InputError
        A `ValueError`; of more parameters than samples also a `TypeError`.

    Examples
    --------
    >>> popt, pcov = curve_fit(lambda x, a, b: a * x + b, [0, 1, 2], [1.0, 3.1, 4.9])
    >>> popt.round(3)
    array([1.95, 1.05])
    """
    if method not in tuple(given.METHODS):
        raise InputError(
            f"`method` must be None, 'lm', 'trf' or 'dogbox', but is {method!r}."
        )
    is_model = isinstance(f, Model | str)
    if not is_model and given.is_scipys(kwargs):
        from physfit.solve.scipy_adapters import plain_curve_fit

        return plain_curve_fit(
            *(f, xdata, ydata, p0, sigma, absolute_sigma, check_finite, bounds, method),
            **{"jac": jac, "full_output": full_output, "nan_policy": nan_policy},
            **kwargs,
        )
    names = ("xdata", "ydata", "sigma")
    xdata, ydata, sigma, _ = paired(xdata, ydata, sigma, names=names)
    stop, data = given.stop_of(kwargs), (xdata, ydata, sigma)
    limit = {name: own for name, own in kwargs.items() if name.startswith("max")}
    if is_model:
        plan = _of_model(f, data, p0, bounds, nan_policy)
    else:
        checked = given.samples(*data, check_finite, nan_policy)
        plan = _of_function(f, checked, p0, bounds, method)
        arguments = (f, checked.x, checked.y, p0, checked.sigma, absolute_sigma)
        peer = partial(given.ended_by_scipy, arguments, bounds, method, limit)
        plan = plan._replace(peer=peer)
    if plan.columns.sigma is None and absolute_sigma:
        plan = plan._replace(columns=plan.columns._replace(sigma=1.0))
    result, is_guessed = _fitted(plan, given.METHODS[method], stop)
    if result.model != plan.model and result.model.at_origin != plan.model.at_origin:
        refuse_beyond(plan.model, Far(result.model, result.data.x.min(), math.inf))
    if result.status is not Status.UNDETERMINED:
        result.require()
    is_scaled = plan.columns.sigma is not None and not absolute_sigma
    pcov = _covariance(result, absolute_sigma, is_scaled)
    if not full_output:
        return result.solution.theta, pcov
    from physfit.fitting.scipy_output import full_parts

    parts = full_parts(result, method, plan.columns.sigma is not None, is_guessed)
    return result.solution.theta, pcov, *parts


def _of_model(
    f: Any, data: tuple[Any, Any, Any], p0: Any, bounds: Any, nan_policy: str | None
) -> _Plan:
    """The fit of a model of physfit."""
    x, y, sigma = data
    given.check_policy(nan_policy)
    model = as_model(f, "f")
    names = model.free_names
    model = given.with_limits(model, given.limits(bounds, len(names), ", ".join(names)))
    if np.ndim(sigma) == 2:
        raise ShapeError(
            "`sigma` is a matrix, which goes with a function; of a model `curve_fit` "
            "takes one standard deviation per sample."
        )
    nan: Any = "omit" if nan_policy == "omit" else "raise"
    start = None if p0 is None else given.named(model, p0)
    return _Plan(model, Columns(x, y, sigma, nan=nan), start)


def _of_function(
    f: Any, data: given.Samples, p0: Any, bounds: Any, method: str | None
) -> _Plan:
    """The fit of a function, as scipy understands its arguments."""
    n = given.number_of_parameters(f, p0)
    limits = given.limits(bounds, n)
    is_bounded = given.is_bound(limits)
    if method == "lm" and is_bounded:
        raise InputError(
            "Method 'lm' only works for unconstrained problems; leave `method` out, or "
            "take 'trf' or 'dogbox'."
        )
    x, y, sigma, is_opaque = data
    if method in (None, "lm") and not is_bounded and 1 != y.size < n:
        raise given.CountError(
            f"The number of func parameters={n} must not exceed the number of data "
            f"points={y.size}; take more samples, or fewer parameters."
        )
    start = given.starting(*limits) if p0 is None else np.asarray(p0, dtype=float)
    if ((start < limits[0]) | (start > limits[1])).any():
        raise DomainError(
            f"Initial guess is outside of provided bounds: `p0` is {start.tolist()}."
        )
    if is_opaque:
        f, x = given.opaque(f, x), np.arange(float(y.size))
    if sigma is not None and sigma.ndim == 2 and sigma.size > 1:
        f, y, sigma = given.whitened(f, y, sigma)
    model = given.with_limits(as_model(f, "f", n), limits)
    if y.size == 1 and np.size(x) > 1:
        y = np.full(np.shape(model.bound_to(x)[1])[-1], y.item())
    spread = None if sigma is None else given.deviations(sigma, y)
    named = given.named(model, start)
    return _Plan(model, Columns(x, y, spread), named, may_guess=p0 is None)


def _fitted(plan: _Plan, method: str, stop: Stop | None) -> tuple[FitResult, bool]:
    """The fit, and whether its start was guessed where that of ones had failed."""
    result, failure = None, None
    try:
        result = _solved(plan, method, stop)
    except DomainError as error:
        if not plan.may_guess:
            raise
        failure = error
    if result is not None and _is_sound(result):
        is_elsewhere = result.retry_stage is not None or result.nearest_chi2 >= 0.0
        return result, plan.may_guess and is_elsewhere
    theta = None if plan.peer is None else plan.peer()
    starts = [] if theta is None else [given.named(plan.model, theta)]
    for start in [*starts, *[None] * plan.may_guess]:
        try:
            other = _solved(plan._replace(start=start), method, stop)
        except InputError:
            continue
        if _is_sound(other):
            return other, start is None
    if result is None:
        raise failure or InputError("`p0` leads to no finite value; pass another one.")
    return result, False


def _is_sound(result: FitResult) -> bool:
    """Whether it is a minimum where every parameter has an error."""
    return result.converged and not np.isinf(result.covariance.diagonal()).any()


def _solved(plan: _Plan, method: str, stop: Stop | None) -> FitResult:
    """The fit by that method; where ours finds no minimum, by scipy's if it does.

    Scipy's steps may lead out of a valley in which ours come to their limit. What they
    lead to is nearer to what was asked for than what another start does, unless that
    has a lower cost.
    """
    x, y, sigma, nan, *_ = plan.columns
    settings: Any = {"sigma": sigma, "start": plan.start, "stop": stop, "nan": nan}
    result = fit(plan.model, x, y, method=method, **settings)
    is_over = result.converged or result.status is Status.UNDETERMINED
    is_over = is_over and result.retry_stage is None
    is_far = result.model.at_origin != plan.model.at_origin
    if is_over or method != "lm" or is_far:
        return result
    other = fit(plan.model, x, y, method="scipy:trf", **settings)
    from physfit.fitting.retries import EQUAL

    most = (1.0 + EQUAL) * result.solution.cost if result.converged else math.inf
    return other if other.converged and other.solution.cost <= most else result


def _covariance(result: FitResult, absolute_sigma: bool, is_scaled: bool) -> FloatArray:
    """Covariance of the parameters; infinite where there is none."""
    pcov = result.covariance
    if is_scaled:
        with np.errstate(all="ignore"):
            pcov = pcov * result.reduced_chi2
    has_none = result.dof <= 0 and not absolute_sigma
    if has_none or np.isinf(pcov.diagonal()).any():
        from physfit.solve.scipy_adapters import warn_of_covariance

        warn_of_covariance()
        return np.full_like(pcov, np.inf)
    return pcov
