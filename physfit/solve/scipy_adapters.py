"""scipy.optimize behind the same interface, as referee and as second opinion.

scipy sees compiled values and partials (or values only) and decides everything else:
steps, tolerances, when to stop. What differs from a call by hand:

- least squares: residuals are z = (f - y) / sigma, robust losses are scipy's own `loss`
  with `f_scale`. Of losses that have no counterpart there, such as Poisson's, residuals
  are the roots of the deviance, sign(f - y) sqrt(2 rho), whose sum of squares is twice
  the same cost.
  Variables are scaled by the columns of the Jacobian, and where no errors are known the
  residuals by their size at the start: `gtol` is an absolute number to scipy.
- minimize: the variables are counted from the start in units of s / |J_k| (their
  standard error if all others were known) and the cost in units of s^2, where s^2 is
  the cost per degree of freedom at the start, or 1 if errors are known. Without it BFGS
  and CG stop at once or never.

The covariance of least-squares methods is that of scipy's own last Jacobian, by its
singular values; for the others, and where the loss bends the Jacobian, it is the
inverse of our Gauss-Newton matrix. All three families stand in this one module because
it is the one door to scipy.optimize.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
from scipy import optimize

from physfit.errors import InputError
from physfit.models.loss import Loss
from physfit.objective import Objective
from physfit.solve.base import Solution, Status, Stop
from physfit.solve.derivatives import held_at_bounds, solution_at
from physfit.solve.peer_status import Judge
from physfit.typing import FloatArray, IntArray

__all__ = ["METHODS", "Method", "has_loss", "plain_curve_fit", "run"]
__all__ += ["warn_of_covariance"]

EPSILON = float(np.finfo(np.float64).eps)
#: Gradient, per standard error, at which the minimisers stop: scipy's own 1e-5 divided
#: by ten, as the s^2 of the start is too large by what the fit gains.
GTOL = 1e-6
#: Below this relative residual sqrt(rho) loses its digits; its limit has them.
NEAR = 1e-7
#: Words of the errors that scipy raises where numbers overflow on its way, or its own
#: differences leave a bound by a rounding.
OVERFLOWS = (
    *("infs or NaNs", "not finite", "`s` is zero", "within the trust region"),
    *("violates bound constraints", "`x0` is infeasible", "exceed the bounds"),
)


class Method(NamedTuple):
    """A solver of scipy.

    Attributes
    ----------
    family : {"least_squares", "curve_fit", "minimize"}
        The function of scipy.optimize.
    name : str
        Its `method`.
    takes_bounds, takes_gradients : bool
    """

    family: str
    name: str
    takes_bounds: bool
    takes_gradients: bool = True


#: Solvers of scipy by the names that `method=` takes.
METHODS: Mapping[str, Method] = MappingProxyType(
    {
        "scipy:lm": Method("least_squares", "lm", False),
        "scipy:trf": Method("least_squares", "trf", True),
        "scipy:dogbox": Method("least_squares", "dogbox", True),
        "scipy:curve_fit": Method("curve_fit", "lm", False),
        "scipy:curve_fit-trf": Method("curve_fit", "trf", True),
        "scipy:curve_fit-dogbox": Method("curve_fit", "dogbox", True),
        "scipy:bfgs": Method("minimize", "BFGS", False),
        "scipy:l-bfgs-b": Method("minimize", "L-BFGS-B", True),
        "scipy:cg": Method("minimize", "CG", False),
        "scipy:nelder-mead": Method("minimize", "Nelder-Mead", True, False),
    }
)


class _Task(NamedTuple):
    """What a solver of scipy is asked to do; residuals are divided by `unit`."""

    objective: Objective
    theta: FloatArray
    lower: FloatArray
    upper: FloatArray
    method: Method
    gradients: bool
    stop: Stop | None
    unit: float = 1.0

    @property
    def knows_noise(self) -> bool:
        """Whether residuals are in units of their errors."""
        are_weighted = bool(np.any(self.objective.weights != 1.0))
        return self.objective.loss.knows_noise(are_weighted)


class _Ended(NamedTuple):
    """Where it says it ended."""

    theta: FloatArray
    status: Status
    n_steps: int
    covariance: FloatArray | None = None
    active: IntArray | None = None


def run(
    objective: Objective,
    theta: FloatArray,
    lower: FloatArray,
    upper: FloatArray,
    *,
    method: str = "scipy:trf",
    gradients: bool = True,
    stop: Stop | None = None,
) -> Solution:
    """Minimum of an objective by scipy.

    Parameters
    ----------
    objective : Objective
    theta, lower, upper : ndarray, shape (P,)
        Start values inside their bounds. A method that takes no bounds goes without,
        so that its answer may lie outside.
    method : str
        One of `METHODS`.
    gradients : bool
        Whether scipy gets our derivatives or takes differences of values.
    stop : Stop, optional
        Tolerances and limit; scipy's own when left out. The minimisers take the limit
        of steps and `gtol` from it.

    Returns
    -------
    Solution
        Status `REPORTED` when scipy says it converged and no Newton step leads further
        than 0.3 standard errors, `SETTLED` when it gave up within 0.01 of the minimum.
        When scipy raises, which returns nothing, `theta` is the start.

    Raises
    ------
    InputError
        When the method has no such loss, or there are too few samples for it.
    """
    chosen = _checked(objective, method)
    if not chosen.takes_bounds:
        lower, upper = np.full_like(lower, -np.inf), np.full_like(upper, np.inf)
    before = objective.n_evals
    gradients = gradients and chosen.takes_gradients
    task = _Task(objective, theta, lower, upper, chosen, gradients, stop)
    return _solution(task, _ended(task), objective.n_evals - before)


def plain_curve_fit(*arguments: Any, **keywords: Any) -> Any:
    """Answer of scipy's `curve_fit` to its own arguments."""
    return optimize.curve_fit(*arguments, **keywords)


def warn_of_covariance() -> None:
    """Warn as scipy's `curve_fit` does of parameters that data leave open."""
    warnings.warn(
        "Covariance of the parameters could not be estimated",
        category=optimize.OptimizeWarning,
        stacklevel=4,
    )


def _ended(task: _Task) -> _Ended:
    """Where scipy ends, if it can begin."""
    theta, cost = task.theta, task.objective.cost(task.theta)
    if not len(theta):
        return _Ended(theta, Status.NOTHING_FREE, 0)
    if not math.isfinite(cost):
        return _Ended(theta, Status.NOT_FINITE_AT_START, 0)
    if not task.knows_noise:
        task = task._replace(unit=_unit(cost / task.objective.n_samples))
    with _quiet():
        try:
            ended = _FAMILIES[task.method.family](task)
        except (ArithmeticError, np.linalg.LinAlgError):
            ended = _Ended(theta, Status.FAILED, 0)
        except ValueError as error:
            # Any other error is a bug.
            if not any(words in str(error) for words in OVERFLOWS):
                raise
            ended = _Ended(theta, Status.FAILED, 0)
    is_finite = np.isfinite(ended.theta).all()
    return ended if is_finite else _Ended(theta, Status.FAILED, ended.n_steps)


def _unit(cost: float) -> float:
    """Power of two near the size of a residual of that cost, which rounds nothing."""
    return math.ldexp(1.0, round(0.5 * math.log2(cost))) if cost > 0.0 else 1.0


def has_loss(method: Method, loss: Loss) -> bool:
    """Whether a method of scipy can minimise a loss.

    `curve_fit` sums squares, and MINPACK's method knows none of the losses of
    `least_squares`.
    """
    traits = loss.traits
    if traits.is_quadratic or method.family == "minimize":
        return True
    is_minpack = method.name == "lm" and traits.scipy_name is not None
    return method.family == "least_squares" and not is_minpack


def _checked(objective: Objective, method: str) -> Method:
    chosen = METHODS[method]
    if not has_loss(chosen, objective.loss):
        raise InputError(
            f"`{method}` does not have the loss {objective.loss.name!r}; take "
            "'scipy:trf', 'scipy:dogbox' or 'lm'."
        )
    if chosen.name == "lm" and objective.n_samples < objective.n_free:
        raise InputError(
            f"`{method}` needs at least {objective.n_free} samples, one per free "
            f"parameter, but there are {objective.n_samples}."
        )
    return chosen


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence about trials outside the model's domain: the status tells the outcome."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        warnings.simplefilter("ignore", optimize.OptimizeWarning)
        yield


class _Residuals:
    """Vector whose sum of squares is twice the cost, and its Jacobian."""

    def __init__(self, objective: Objective, unit: float = 1.0) -> None:
        self.objective = objective
        self.unit = unit
        self.are_plain = objective.loss.traits.scipy_name is not None

    def values(self, theta: FloatArray) -> FloatArray:
        """Residuals, shape (n,)."""
        return self._weighed(self.objective.values(theta))[0].ravel() / self.unit

    def jacobian(self, theta: FloatArray) -> FloatArray:
        """Partials, shape (n, P)."""
        values, partials = self.objective.values_and_partials(theta)
        scaled = partials * (self._weighed(values)[1] / self.unit)
        return scaled.reshape(len(theta), -1).T

    def _weighed(self, values: FloatArray) -> tuple[FloatArray, FloatArray]:
        difference = values - self.objective.y
        if self.are_plain:
            weights = self.objective.weights
            return difference * weights, weights
        rho, slope, weight, _ = self.objective.loss_terms(values)
        root = np.sqrt(weight)
        near = np.abs(difference) < NEAR * np.abs(values)
        residual = np.copysign(np.sqrt(2.0 * rho), difference)
        residual[near] = (difference * root)[near]
        np.divide(slope, residual, out=root, where=~near)
        return residual, root


def _least_squares(task: _Task) -> _Ended:
    residuals = _Residuals(task.objective, task.unit)
    loss = task.objective.loss
    name = loss.traits.scipy_name
    least_squares: Any = optimize.least_squares
    result = least_squares(
        residuals.values,
        task.theta,
        jac=residuals.jacobian if task.gradients else "2-point",
        bounds=(task.lower, task.upper),
        method=task.method.name,
        x_scale="jac",
        loss=name or "linear",
        f_scale=loss.hyper[0] / task.unit if name and loss.hyper else 1.0,
        **_tolerances(task.stop, "max_nfev"),
    )
    status = Status.REPORTED if result.status > 0 else Status.FAILED
    if result.status == 0:
        status = Status.MAX_STEPS
    active = np.asarray(result.active_mask, dtype=np.int64)
    covariance = None
    if loss.traits.is_quadratic and np.isfinite(result.jac).all():
        covariance = _covariance(result.jac * task.unit, active)
    n_steps = int(result.nfev)
    return _Ended(np.asarray(result.x), status, n_steps, covariance, active)


def _tolerances(stop: Stop | None, limit: str) -> dict[str, Any]:
    if stop is None:
        return {}
    stop = stop.checked()
    names = ("ftol", "xtol", "gtol")
    tolerances = {name: max(getattr(stop, name), EPSILON) for name in names}
    return {**tolerances, limit: stop.max_steps}


def _covariance(jac: FloatArray, active: IntArray) -> FloatArray:
    """Inverse of J^T J over the columns off their bounds, by singular values."""
    n = jac.shape[1]
    covariance = np.full((n, n), np.nan)
    inside = np.flatnonzero(active == 0)
    lengths = np.linalg.norm(jac[:, inside], axis=0)
    if inside.size == 0 or not lengths.all():
        return covariance
    _, s, rotation = np.linalg.svd(jac[:, inside] / lengths, full_matrices=False)
    if s[-1] > EPSILON * max(jac.shape) * s[0]:
        root = rotation.T / s / lengths[:, None]
        covariance[np.ix_(inside, inside)] = root @ root.T
    return covariance


def _curve_fit(task: _Task) -> _Ended:
    objective = task.objective
    sigma = task.unit / objective.weights.ravel()

    def curve(_: FloatArray, *theta: float) -> FloatArray:
        return objective.values(np.array(theta)).ravel()

    def partials(_: FloatArray, *theta: float) -> FloatArray:
        rows = objective.values_and_partials(np.array(theta))[1]
        return rows.reshape(len(theta), -1).T

    limit_name = "maxfev" if task.method.name == "lm" else "max_nfev"
    curve_fit: Any = optimize.curve_fit
    try:
        popt, pcov, info, _, _ = curve_fit(
            curve,
            np.arange(objective.y.size, dtype=np.float64),
            objective.y.ravel(),
            task.theta,
            sigma=None if np.all(sigma == 1.0) else sigma,
            absolute_sigma=True,
            bounds=(task.lower, task.upper),
            method=task.method.name,
            jac=partials if task.gradients else None,
            full_output=True,
            **_tolerances(task.stop, limit_name),
        )
    except RuntimeError as error:
        # The only way in which curve_fit says that it did not converge.
        if "Optimal parameters not found" not in str(error):
            raise
        limit = "maximum number" in str(error) or "maxfev" in str(error)
        status = Status.MAX_STEPS if limit else Status.FAILED
        return _Ended(task.theta, status, 0)
    covariance = np.where(np.isfinite(pcov), pcov, np.nan) / task.unit**2
    return _Ended(np.asarray(popt), Status.REPORTED, int(info["nfev"]), covariance)


def _minimize(task: _Task) -> _Ended:
    unit, cost_unit = _units(task)
    # Outside the model's domain: a wall above the start. Line searches interpolate
    # between costs, which infinity breaks (L-BFGS-B then reports convergence).
    wall = 100.0 * (1.0 + task.objective.cost(task.theta) / cost_unit)

    def at(u: FloatArray) -> FloatArray:
        inside: FloatArray = np.clip(task.theta + unit * u, task.lower, task.upper)
        return inside

    def cost(u: FloatArray) -> float:
        value = task.objective.cost(at(u)) / cost_unit
        return value if math.isfinite(value) else wall

    def cost_and_gradient(u: FloatArray) -> tuple[float, FloatArray]:
        value, gradient = task.objective.gradient(at(u))
        if not math.isfinite(value):
            return wall, np.zeros_like(u)
        return value / cost_unit, gradient * unit / cost_unit

    n = len(task.theta)
    with_bounds = task.method.takes_bounds
    limits = np.stack([task.lower - task.theta, task.upper - task.theta]) / unit
    minimize: Any = optimize.minimize
    result = minimize(
        cost_and_gradient if task.gradients else cost,
        np.zeros(n),
        method=task.method.name,
        jac=True if task.gradients else None,
        bounds=list(limits.T) if with_bounds else None,
        options=_options(task, limits, cost(np.zeros(n))),
    )
    status = Status.REPORTED if result.success else Status.FAILED
    limit_numbers = (1, 2) if task.method.name == "Nelder-Mead" else (1,)
    if not result.success and result.status in limit_numbers:
        status = Status.MAX_STEPS
    return _Ended(at(np.asarray(result.x)), status, int(result.get("nit", 0)))


def _units(task: _Task) -> tuple[FloatArray, float]:
    """Units of the variables and of the cost; see the module's text."""
    objective = task.objective
    cost, _, matrix = objective.normal(task.theta)
    cost_unit = 1.0
    if not task.knows_noise:
        cost_unit = 2.0 * cost / max(1, objective.n_samples - objective.n_free)
    cost_unit = cost_unit or 1.0
    roots = np.sqrt(np.diagonal(matrix))
    fallback = np.where(task.theta == 0.0, 1.0, np.abs(task.theta))
    steep = np.isfinite(roots) & (roots > 0.0)
    unit = np.where(steep, math.sqrt(cost_unit) / np.where(steep, roots, 1.0), fallback)
    return unit, cost_unit


def _options(task: _Task, limits: FloatArray, cost: float) -> dict[str, Any]:
    n = len(task.theta)
    gtol = task.stop.gtol if task.stop and task.stop.gtol > 0.0 else GTOL
    limit = task.stop.max_steps if task.stop else 200 * n
    if task.method.name == "L-BFGS-B":
        return {"gtol": gtol, "ftol": 1e-14, "maxiter": limit, "maxfun": 100 * limit}
    if task.method.name != "Nelder-Mead":
        return {"gtol": gtol, "maxiter": limit}
    # Edges as long as the way: cost = |u|^2 / 2 for independent parameters.
    edge = max(1.0, math.sqrt(2.0 * cost / n))
    corners = np.vstack([np.zeros(n), np.eye(n) * edge])
    corners = np.where(corners > limits[1], -corners, corners)
    steps = task.stop.max_steps if task.stop else 400 * n
    return {
        "initial_simplex": np.clip(corners, limits[0], limits[1]),
        "xatol": 1e-4,
        "fatol": 1e-8,
        "adaptive": n > 4,
        "maxiter": steps,
        "maxfev": 2 * steps,
    }


_FAMILIES = {
    "least_squares": _least_squares,
    "curve_fit": _curve_fit,
    "minimize": _minimize,
}


@np.errstate(all="ignore")
def _solution(task: _Task, ended: _Ended, n_evals: int) -> Solution:
    """Solution where scipy ended, with the derivatives there."""
    theta = np.array(ended.theta, dtype=np.float64)
    cost, gradient, matrix = task.objective.normal(theta)
    if not math.isfinite(cost):
        matrix = np.full_like(matrix, np.nan)
    at_bound = ended.active
    if at_bound is None:
        at_bound = held_at_bounds(theta, gradient, task.lower, task.upper)
    solution = solution_at(
        *(theta, cost, gradient, matrix, at_bound),
        status=ended.status,
        n_steps=ended.n_steps,
        n_evals=n_evals,
    )
    judge = Judge(task.objective, task.lower, task.upper, task.knows_noise)
    put = judge.on_bounds(solution)
    if put is not None:
        return _solution(task, _Ended(put, ended.status, ended.n_steps), n_evals + 1)
    solution = solution._replace(status=judge.status(solution, matrix))
    if ended.covariance is None:
        return solution
    return solution._replace(covariance=ended.covariance)
