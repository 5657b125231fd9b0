"""One fit by many methods, timed, and the tight reference they are measured against."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from time import perf_counter
from typing import Literal, NamedTuple

import numpy as np

from physfit.engine.jit import compile_seconds
from physfit.errors import InputError, did_you_mean
from physfit.fitting import Prepared
from physfit.solve import scipy_adapters
from physfit.solve.base import Solution, Status, Stop
from physfit.solve.least_squares import levenberg_marquardt
from physfit.solve.scipy_adapters import METHODS, ROBUST
from physfit.typing import FloatArray

__all__ = ["DEFAULT_METHODS", "Gradients", "Run", "best_of", "reference", "run_all"]

#: Which derivatives a peer may have: ours, its own differences, or each in turn.
Gradients = Literal["both", "exact", "differences"]

DEFAULT_METHODS = (
    "lm",
    "scipy:curve_fit",
    "scipy:curve_fit-trf",
    "scipy:curve_fit-dogbox",
    "scipy:lm",
    "scipy:trf",
    "scipy:bfgs",
    "scipy:l-bfgs-b",
    "scipy:cg",
    "scipy:nelder-mead",
)
#: As tight as scipy lets its tolerances be, with a margin.
TIGHT = Stop(ftol=1e-15, xtol=1e-15, gtol=1e-15, max_steps=5000)
#: A first run longer than this, in s, is not repeated, so it is the time.
LONG = 2.0
#: No further run for the median once those timed took this long together, in s.
ENOUGH = 1.0


class Run(NamedTuple):
    """One method's way through the problem.

    Attributes
    ----------
    method : str
    gradients : {"exact", "differences", "none"}
    solution : Solution or None
        None when the method was left out; `note` says why.
    seconds : float
        Median time of the solver, in s; compilation and imports left out.
    note : str
    """

    method: str
    gradients: str
    solution: Solution | None
    seconds: float
    note: str = ""


def run_all(
    prepared: Prepared,
    methods: Sequence[str] | None,
    gradients: Gradients,
    repeats: int,
) -> list[Run]:
    """Every method from the same start, physfit's own first in time."""
    own = _timed(prepared, "lm", True, repeats)
    runs = []
    for method in _chosen(prepared, methods):
        if method == "lm":
            runs.append(own)
            continue
        for exact in _with_gradients(method, gradients):
            runs.append(_peer(prepared, method, exact, repeats, own))
    return runs


def reference(prepared: Prepared, best: Solution) -> Solution:
    """Minimum by scipy's least squares with tolerances of 1e-15, from the best found.

    Without a parameter on its bound, bounds do not change the minimum, and MINPACK's
    method is used; otherwise, and for robust losses, the trust-region reflective one.
    """
    model, objective = prepared.model, prepared.objective
    lower, upper = model.free_lower, model.free_upper
    method = "scipy:trf"
    if not best.at_bound.any() and objective.loss.name not in ROBUST:
        method, lower, upper = "scipy:lm", *_without_bounds(lower)
    return scipy_adapters.run(
        objective, best.theta, lower, upper, method=method, stop=TIGHT
    )


def _chosen(prepared: Prepared, methods: Sequence[str] | None) -> list[str]:
    """Methods asked for, or those of the defaults that have the loss."""
    if methods is not None:
        allowed = ["lm", *METHODS]
        if isinstance(methods, str) or not methods:
            raise InputError(
                "`methods` must be a list of names, such as ['lm', 'scipy:trf'], but "
                f"is {methods!r}."
            )
        for method in methods:
            if method not in allowed:
                raise InputError(
                    f"`methods` names {method!r}, which is unknown; "
                    f"{did_you_mean(method, allowed)}"
                )
        return list(dict.fromkeys(methods))
    loss = prepared.loss.name
    left_out = set() if loss == "chi2" else {"curve_fit"}
    chosen = [
        method
        for method in DEFAULT_METHODS
        if method == "lm" or METHODS[method].family not in left_out
    ]
    if loss in ROBUST:
        chosen.remove("scipy:lm")
    return chosen


def _with_gradients(method: str, gradients: Gradients) -> tuple[bool, ...]:
    if not METHODS[method].takes_gradients:
        return (False,)
    both = {"both": (True, False), "exact": (True,), "differences": (False,)}
    if gradients not in both:
        raise InputError(
            f"`gradients` must be 'both', 'exact' or 'differences', not {gradients!r}."
        )
    return both[gradients]


def _peer(prepared: Prepared, method: str, exact: bool, repeats: int, own: Run) -> Run:
    """Run of a method of scipy; without bounds where it has none and none matter."""
    model = prepared.model
    if METHODS[method].takes_bounds or not model.is_bounded:
        return _timed(prepared, method, exact, repeats)
    if own.solution is not None and own.solution.at_bound.any():
        note = "left out: cannot keep the bounds, and the minimum lies on one"
        return Run(method, _label(method, exact), None, np.nan, note)
    run = _timed(prepared, method, exact, repeats)
    if run.solution is not None and _outside(prepared, run.solution.theta):
        return run._replace(note="left the bounds, which it cannot keep")
    return run


def _timed(prepared: Prepared, method: str, exact: bool, repeats: int) -> Run:
    """Last of several equal runs, with their median time.

    The first is for warmth: what it imports for itself would count as its time. It
    counts only where it is so long that this does not matter.
    """
    solution, first = _once(prepared, method, exact)
    seconds = [first] if first > LONG else []
    while not seconds or (len(seconds) < repeats and sum(seconds) < ENOUGH):
        solution, took = _once(prepared, method, exact)
        seconds.append(took)
    return Run(method, _label(method, exact), solution, median(seconds))


def _once(prepared: Prepared, method: str, exact: bool) -> tuple[Solution, float]:
    """Solution, and the seconds it took apart from compilation."""
    began, compiled_before = perf_counter(), compile_seconds()
    solution = _solve(prepared, method, exact)
    compiling = compile_seconds() - compiled_before
    return solution, perf_counter() - began - compiling


def _solve(prepared: Prepared, method: str, exact: bool) -> Solution:
    objective, theta, model = prepared.objective, prepared.theta, prepared.model
    lower, upper = model.free_lower, model.free_upper
    if method == "lm":
        return levenberg_marquardt(objective, theta, lower, upper)
    if not METHODS[method].takes_bounds:
        lower, upper = _without_bounds(lower)
    return scipy_adapters.run(
        objective, theta, lower, upper, method=method, gradients=exact
    )


def _label(method: str, exact: bool) -> str:
    if method != "lm" and not METHODS[method].takes_gradients:
        return "none"
    return "exact" if exact else "differences"


def _without_bounds(like: FloatArray) -> tuple[FloatArray, FloatArray]:
    return np.full(like.shape, -np.inf), np.full(like.shape, np.inf)


def _outside(prepared: Prepared, theta: FloatArray) -> bool:
    model = prepared.model
    return bool((theta < model.free_lower).any() or (theta > model.free_upper).any())


def best_of(runs: Sequence[Run], prepared: Prepared) -> Solution | None:
    """Solution of lowest cost within the bounds."""
    found = [
        run.solution
        for run in runs
        if run.solution is not None
        and run.solution.status is not Status.NOT_FINITE_AT_START
        and not _outside(prepared, run.solution.theta)
    ]
    return min(found, key=lambda solution: solution.cost, default=None)
