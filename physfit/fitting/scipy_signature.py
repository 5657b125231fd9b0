"""`curve_fit`: scipy's signature, defaults and return."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from physfit.errors import InputError, ShapeError
from physfit.fitting.far import Far, refuse_beyond
from physfit.fitting.prepared import Columns
from physfit.fitting.single import fit
from physfit.models.model import Model
from physfit.models.param import bounds as bounded
from physfit.optim.numbers import check_known
from physfit.result import FitResult
from physfit.solve.base import Status, Stop
from physfit.typing import Column

__all__ = ["curve_fit"]

#: Our methods by scipy's names, and fields of `Stop` by its options.
METHODS = {None: "lm", "lm": "lm", "trf": "scipy:trf", "dogbox": "scipy:dogbox"}
OPTIONS = {
    **{name: name for name in ("ftol", "xtol", "gtol")},
    **{name: "max_steps" for name in ("maxfev", "max_nfev")},
}


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
        None and "lm" are the compiled bounded Levenberg-Marquardt, and "trf" where that
        finds no minimum; the others scipy's, with compiled values and derivatives.
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
        Infinite where the data do not determine the parameters or leave no degree of
        freedom to scale by, NaN for one that ended on its bound.
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
    if nan_policy not in (None, "raise", "omit"):
        raise InputError(
            f"`nan_policy` must be None, 'raise' or 'omit', but is {nan_policy!r}."
        )
    if method not in tuple(METHODS):
        raise InputError(
            f"`method` must be None, 'lm', 'trf' or 'dogbox', but is {method!r}."
        )
    model = _model_of(f, bounds)
    if np.ndim(sigma) == 2:  # type: ignore[arg-type]
        raise ShapeError(
            "`sigma` is a matrix; `curve_fit` takes one standard deviation per sample."
        )
    start = None if p0 is None else _named(model, p0)
    columns = Columns(
        *(xdata, ydata, 1.0 if sigma is None and absolute_sigma else sigma),
        nan="omit" if nan_policy == "omit" else "raise",
    )
    result = _fitted(model, columns, start, METHODS[method], _stop(kwargs))
    if result.model != model:  # a decay far from x = 0
        refuse_beyond(model, Far(result.model, float(result.data.x.min()), math.inf))
    if result.status is not Status.UNDETERMINED:
        result.require()
    popt = result.solution.theta
    pcov = result.covariance
    if sigma is not None and not absolute_sigma:
        with np.errstate(all="ignore"):
            pcov = pcov * result.reduced_chi2
    if result.dof <= 0 and not absolute_sigma:
        pcov = np.full_like(pcov, np.inf)
    if not full_output:
        return popt, pcov
    residuals = result.residuals if sigma is None else result.pulls
    info = {"nfev": result.n_evals, "fvec": np.negative(residuals)}
    return popt, pcov, info, result.message, int(result.status)


def _fitted(
    model: Model,
    columns: Columns,
    start: dict[str, float] | None,
    method: str,
    stop: Stop | None,
) -> FitResult:
    """The fit by that method; where ours finds no minimum, by scipy's if it does.

    Scipy's steps may lead out of a valley in which ours come to their limit. What they
    lead to is nearer to what was asked for than what another start does, unless that
    has a lower cost.
    """
    x, y, sigma, nan, *_ = columns
    given: Any = {"sigma": sigma, "start": start, "stop": stop, "nan": nan}
    result = fit(model, x, y, method=method, **given)
    is_over = result.converged or result.status is Status.UNDETERMINED
    is_over = is_over and result.retry_stage is None
    if is_over or method != "lm" or result.model != model:
        return result
    other = fit(model, x, y, method="scipy:trf", **given)
    from physfit.fitting.retries import EQUAL

    most = (1.0 + EQUAL) * result.solution.cost if result.converged else math.inf
    return other if other.converged and other.solution.cost <= most else result


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


def _stop(options: Mapping[str, float]) -> Stop | None:
    check_known("`curve_fit`", "option", options, OPTIONS)
    settings: dict[str, Any] = {
        OPTIONS[name]: value for name, value in options.items() if value is not None
    }
    return Stop(**settings) if settings else None
