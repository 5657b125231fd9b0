"""What callers pass to `curve_fit`, checked and turned round as scipy does."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from physfit.errors import InputError, ShapeError, check_known
from physfit.models.model import Model
from physfit.models.param import bounds as bounded
from physfit.models.user_function.signature import called_arguments
from physfit.solve.base import Stop
from physfit.typing import FloatArray

__all__ = ["METHODS", "CountError", "Samples", "Whitened", "check_policy"]
__all__ += ["deviations", "ended_by_scipy", "is_bound", "is_scipys", "limits", "named"]
__all__ += ["number_of_parameters", "opaque", "samples", "starting", "stop_of"]
__all__ += ["whitened", "with_limits"]

#: Our methods by scipy's names, and fields of `Stop` by its options.
METHODS = {None: "lm", "lm": "lm", "trf": "scipy:trf", "dogbox": "scipy:dogbox"}
OPTIONS = {
    **{name: name for name in ("ftol", "xtol", "gtol")},
    **{name: "max_steps" for name in ("maxfev", "max_nfev")},
}
#: Options of scipy's own steps and differences, which have no meaning here.
IDLE = (
    *("epsfcn", "factor", "diag", "col_deriv", "x_scale", "diff_step", "verbose"),
    *("loss", "f_scale", "tr_solver", "tr_options", "jac_sparsity", "workers"),
    "callback",
)
POLICIES = "nan_policy must be one of {None, 'raise', 'omit'}"


class CountError(ShapeError, TypeError):
    """More parameters than samples, which scipy reports as a `TypeError`."""


class Samples(NamedTuple):
    """Data as scipy hands them to its solvers.

    Attributes
    ----------
    x : object
        An array, or what the function alone understands.
    y : ndarray
    sigma : ndarray or None
        Standard deviations, or a covariance matrix.
    is_opaque : bool
        Whether x is no array.
    """

    x: Any
    y: FloatArray
    sigma: FloatArray | None
    is_opaque: bool


class Whitened:
    """A function whose values are multiplied by a matrix: the inverse root of sigma."""

    #: It is not traced: products of matrices are for numpy.
    __physfit_called__ = True

    def __init__(self, function: Callable[..., Any], matrix: FloatArray) -> None:
        self.function, self.matrix = function, matrix
        self.__name__ = getattr(function, "__name__", "function")

    def __call__(self, x: Any, *values: Any) -> Any:
        """Values whose errors are independent and 1."""
        return np.matmul(self.matrix, np.ravel(self.function(x, *values)))


def opaque(function: Callable[..., Any], x: Any) -> Callable[..., Any]:
    """A function of samples that are no arrays, as one of their numbers."""

    def called(_: Any, *values: Any) -> Any:
        return function(x, *values)

    called.__name__ = getattr(function, "__name__", "function")
    return called


def samples(
    x: Any, y: Any, sigma: Any, check_finite: bool | None, nan_policy: str | None
) -> Samples:
    """Checked data; samples with NaN are left out where that is the policy."""
    check_policy(nan_policy)
    y = _numbers("ydata", y)
    places, is_opaque = x, not _is_array(x)
    if not is_opaque:
        places = _numbers("xdata", x)
    if y.size == 0:
        raise InputError("`ydata` must not be empty; pass at least one sample.")
    spread = None if sigma is None else _numbers("sigma", sigma)
    if is_opaque:
        return Samples(places, y, spread, is_opaque)
    if np.isfinite(places).all() and np.isfinite(y).all():
        return Samples(places, y, spread, is_opaque)
    bad_x, bad_y = ~np.isfinite(places), ~np.isfinite(y)
    if nan_policy != "omit":
        what = "array must not contain infs or NaNs"
        if nan_policy == "raise" and not check_finite:
            what = "The input contains nan values"
        name = "xdata" if bad_x.any() else "ydata"
        raise InputError(f"{what} (`{name}`); leave them out with nan_policy='omit'.")
    kept = ~(bad_x.any(axis=tuple(range(bad_x.ndim - 1))) | bad_y)
    if spread is not None and spread.ndim > 0 and spread.size > 1:
        spread = spread[np.ix_(*(kept,) * spread.ndim)]
    return Samples(places[..., kept], y[kept], spread, is_opaque)


def check_policy(nan_policy: object) -> None:
    """Refuse a policy that there is not."""
    if nan_policy == "propagate":
        raise InputError(
            "`nan_policy='propagate'` is not supported by this function; take 'omit' "
            "or 'raise'."
        )
    if nan_policy not in (None, "raise", "omit"):
        raise InputError(f"{POLICIES}, but it is {nan_policy!r}.")


def _is_array(x: Any) -> bool:
    """Whether samples are an array; other objects are passed on to the function."""
    if isinstance(x, list | tuple | np.ndarray):
        return True
    kind = getattr(x, "dtype", None)
    return kind is not None and getattr(x, "ndim", 2) == 1 and kind.kind in "fiub"


def _numbers(name: str, values: Any) -> NDArray[Any]:
    if getattr(getattr(values, "dtype", None), "kind", "") == "c":
        raise InputError(
            f"`{name}` is complex, of which `curve_fit` would lose a part; use pf.fit, "
            "which takes complex data."
        )
    try:
        if isinstance(values, np.ma.MaskedArray):
            return np.ma.filled(values.astype(np.float64), np.nan)
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(
            f"`{name}` must be an array of real numbers, but is {type(values).__name__}"
            "; pass one, without complex numbers or texts."
        ) from None


def number_of_parameters(f: Any, p0: Any) -> int:
    """How many parameters a function has: those of `p0`, or its arguments.

    Raises
    ------
    InputError
        When there is no telling.
    """
    if p0 is not None:
        return int(np.size(p0))
    count = called_arguments(f) - 1
    if count < 1:
        raise InputError(
            "Unable to determine number of fit parameters; pass `p0`, or a function "
            "such as lambda x, a: a * x."
        )
    return count


def limits(bounds: Any, n: int, names: str = "") -> tuple[FloatArray, FloatArray]:
    """Lower and upper bounds of each of `n` parameters."""
    pair = (bounds.lb, bounds.ub) if hasattr(bounds, "lb") else bounds
    try:
        lower, upper = (
            np.full(n, side, dtype=np.float64)
            if isinstance(side, int | float)
            else np.broadcast_to(np.asarray(side, dtype=np.float64), n)
            for side in pair
        )
    except (TypeError, ValueError) as error:
        raise ShapeError(
            f"`bounds` must be a pair of numbers or of {n} numbers each"
            f"{', for ' * bool(names)}{names}."
        ) from error
    return lower, upper


def starting(lower: FloatArray, upper: FloatArray) -> FloatArray:
    """Where scipy starts without `p0`: ones, or within the bounds."""
    start = np.ones_like(lower)
    has_lower, has_upper = np.isfinite(lower), np.isfinite(upper)
    with np.errstate(invalid="ignore"):
        start = np.where(has_lower & has_upper, 0.5 * (lower + upper), start)
        start = np.where(has_lower & ~has_upper, lower + 1.0, start)
        return np.where(has_upper & ~has_lower, upper - 1.0, start)


def is_bound(pair: tuple[FloatArray, FloatArray]) -> bool:
    """Whether any of the bounds is finite."""
    return any(math.isfinite(own) for side in pair for own in side.tolist())


def with_limits(model: Model, pair: tuple[FloatArray, FloatArray]) -> Model:
    """A model within bounds of its free parameters."""
    if not is_bound(pair):
        return model
    names, (lower, upper) = model.free_names, pair
    return model.where(
        **{
            name: bounded(float(low), float(high))
            for name, low, high in zip(names, lower, upper, strict=True)
        }
    )


def named(model: Model, p0: Any) -> dict[str, float]:
    """Start values by the names of the free parameters."""
    values = np.asarray(p0, dtype=np.float64).ravel()
    if values.size != len(model.free_names):
        raise ShapeError(
            f"`p0` has {values.size} values, but the model has "
            f"{len(model.free_names)} free parameters: {', '.join(model.free_names)}."
        )
    return dict(zip(model.free_names, values.tolist(), strict=True))


def whitened(
    f: Callable[..., Any], y: FloatArray, covariance: FloatArray
) -> tuple[Callable[..., Any], FloatArray, FloatArray]:
    """Function, data and errors in combinations that are independent.

    Raises
    ------
    InputError
        When the matrix has another shape, or is none of a covariance.
    """
    if covariance.shape != (y.size, y.size):
        raise ShapeError(
            f"`sigma` has incorrect shape {covariance.shape}; pass one standard "
            f"deviation, {y.size} of them, or a matrix of shape {(y.size, y.size)}."
        )
    try:
        root = np.linalg.cholesky(covariance)
    except np.linalg.LinAlgError:
        raise InputError(
            "`sigma` must be positive definite; check the covariance matrix."
        ) from None
    matrix = np.linalg.inv(root)
    return Whitened(f, matrix), matrix @ y.ravel(), np.ones(y.size)


def deviations(sigma: FloatArray, y: FloatArray) -> FloatArray | float:
    """Standard deviations, one or as many as there are data."""
    if sigma.size == 1:
        return float(sigma.item())
    if sigma.shape == (y.size,):
        return sigma
    raise ShapeError(
        f"`sigma` has incorrect shape {sigma.shape}; pass one standard deviation, or "
        f"{y.size} of them."
    )


def ended_by_scipy(
    arguments: tuple[Any, ...],
    bounds: Any,
    method: str | None,
    limit: Mapping[str, Any],
) -> FloatArray | None:
    """Where scipy ends by its own differences, which may lead out of a symmetry."""
    from physfit.solve.scipy_adapters import plain_curve_fit

    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = plain_curve_fit(*arguments, bounds=bounds, method=method, **limit)
    except (ArithmeticError, RuntimeError, TypeError, ValueError):
        return None
    theta: FloatArray = found[0]
    return theta if np.isfinite(theta).all() else None


def is_scipys(options: Mapping[str, Any]) -> bool:
    """Whether options ask for what scipy alone does: other losses than squares."""
    return bool(options.get("loss", "linear") != "linear")


def stop_of(options: Mapping[str, Any]) -> Stop | None:
    """When to stop, from the options of scipy's solvers."""
    if "args" in options:
        raise InputError("'args' is not a supported keyword argument; use a lambda.")
    check_known("`curve_fit` has no option", options, (*OPTIONS, *IDLE))
    settings: dict[str, Any] = {
        OPTIONS[name]: value
        for name, value in options.items()
        if value is not None and name in OPTIONS
    }
    return Stop(**settings) if settings else None
