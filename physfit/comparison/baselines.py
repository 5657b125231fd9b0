"""One fit by many methods, timed, and the tight reference they are measured against."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median
from time import perf_counter
from typing import NamedTuple

import numpy as np

from physfit.comparison.solving import history_of, solve_by
from physfit.engine.jit import compile_seconds
from physfit.fitting.fit_plan import FitPlan
from physfit.fitting.methods import Method
from physfit.solve import scipy_adapters
from physfit.solve.base import Solution, Status, Stop
from physfit.solve.history import History
from physfit.solve.sums import StreamedObjective
from physfit.typing import FloatArray

__all__ = ["MethodRun", "is_by_scipy", "reference", "run_all"]

#: As tight as scipy lets its tolerances be, with a margin.
TIGHT = Stop(ftol=1e-15, xtol=1e-15, gtol=1e-15, max_steps=5000)
#: Partials up to which scipy is the referee: 240 MB, several times over.
MOST_PARTIALS = 30_000_000
#: Relative difference of costs below which two runs ended at one point.
SAME = 1e-9
#: A first run longer than this, in s, is not repeated, so it is the time.
LONG = 2.0
#: No further run for the median once those timed took this long together, in s.
ENOUGH = 1.0


class MethodRun(NamedTuple):
    """One run of one method.

    Attributes
    ----------
    method : Method
    solution : Solution or None
        None when the method was left out; `note` says why.
    seconds : float
        Median time of the solver, in s; compilation and imports left out.
    note : str
    history : History or None
        The trajectory from the start; None when the method was left out.
    """

    method: Method
    solution: Solution | None
    seconds: float
    note: str = ""
    history: History | None = None


def run_all(plan: FitPlan, methods: Sequence[Method], repeats: int) -> list[MethodRun]:
    """Every method from the same start, physfit's own first in time."""
    ours, lm = Method(), None
    if not plan.is_streamed or ours in methods:
        lm = _timed(plan, ours, repeats)
    runs = []
    for method in methods:
        run = lm if method == ours else None
        run = run or _other(plan, method, repeats, lm)
        if run.solution is not None:
            history = history_of(plan, method, run.solution, run.seconds)
            run = run._replace(history=history)
        runs.append(run)
    return runs


def reference(plan: FitPlan, runs: Sequence[MethodRun]) -> Solution | None:
    """Minimum from the best point found that leads to one; None without any.

    The lowest cost may be that of a spike between two samples, or on the way to
    infinity: a minimum that the data determine goes before one that they do not.
    """
    found: list[Solution] = []
    for point in _points(runs, plan):
        found.append(_minimum(plan, point))
        if found[-1].status.converged and _is_determined(found[-1]):
            return found[-1]
    converged = [own for own in found if own.status.converged]
    return next(iter(converged + found), None)


def _is_determined(found: Solution) -> bool:
    """Whether every parameter off its bounds has a standard error."""
    inside = found.at_bound == 0
    return bool(np.isfinite(found.covariance.diagonal()[inside]).all())


def _minimum(plan: FitPlan, best: Solution) -> Solution:
    """Minimum from a point, by scipy's least squares or our own.

    scipy has tolerances of 1e-15. MINPACK's method is used unless the best point has a
    parameter on its bound or the answer lies outside; then, and for robust losses, the
    trust-region reflective one. Where its Jacobian would not fit into memory, or
    there are fewer samples than parameters, our own least squares take its place.
    """
    model, objective = plan.model, plan.over_all
    lower, upper = model.free_lower, model.free_upper
    if isinstance(objective, StreamedObjective) or not is_by_scipy(plan):
        return solve_by(plan.begun_at(best.theta), Method())
    start, minpack = (objective, best.theta, lower, upper), "scipy:lm"
    has_loss = scipy_adapters.has_loss(scipy_adapters.METHODS[minpack], objective.loss)
    if has_loss and not best.at_bound.any():
        found = scipy_adapters.run(*start, method=minpack, stop=TIGHT)
        if not _outside(plan, found.theta):
            return found
    return scipy_adapters.run(*start, method="scipy:trf", stop=TIGHT)


def is_by_scipy(plan: FitPlan) -> bool:
    """Whether scipy is the referee."""
    n, n_free = plan.over_all.n_samples, plan.over_all.n_free
    return not plan.is_streamed and n >= n_free and n * n_free <= MOST_PARTIALS


def _other(
    plan: FitPlan, method: Method, repeats: int, lm: MethodRun | None
) -> MethodRun:
    """Run of any other method; without bounds where it has none and none matter."""
    if method.keeps_bounds or not plan.model.is_bounded:
        return _timed(plan, method, repeats)
    if lm is not None and lm.solution is not None and lm.solution.at_bound.any():
        note = "left out: cannot keep the bounds, and the minimum lies on one"
        return MethodRun(method, None, np.nan, note)
    run = _timed(plan, method, repeats)
    if run.solution is not None and _outside(plan, run.solution.theta):
        return run._replace(note="left the bounds, which it cannot keep")
    return run


def _timed(plan: FitPlan, method: Method, repeats: int) -> MethodRun:
    """Last of several equal runs, with their median time.

    The first is for warmth: what it imports for itself would count as its time. It
    counts only where it is so long that this does not matter.
    """
    solution, first = _once(plan, method)
    seconds = [first] if first > LONG else []
    while not seconds or (len(seconds) < repeats and sum(seconds) < ENOUGH):
        solution, took = _once(plan, method)
        seconds.append(took)
    return MethodRun(method, solution, median(seconds))


def _once(plan: FitPlan, method: Method) -> tuple[Solution, float]:
    """Solution, and the seconds it took apart from compilation."""
    began, compiled_before = perf_counter(), compile_seconds()
    solution = solve_by(plan, method)
    compiling = compile_seconds() - compiled_before
    return solution, perf_counter() - began - compiling


def _outside(plan: FitPlan, theta: FloatArray) -> bool:
    model = plan.model
    return bool((theta < model.free_lower).any() or (theta > model.free_upper).any())


def _points(runs: Sequence[MethodRun], plan: FitPlan) -> list[Solution]:
    """Where runs ended within the bounds, the lowest cost first, none twice."""
    found = [
        run.solution
        for run in runs
        if run.solution is not None
        and run.solution.status is not Status.NOT_FINITE_AT_START
        and math.isfinite(run.solution.cost)
        and not _outside(plan, run.solution.theta)
    ]
    found.sort(key=lambda solution: solution.cost)
    return [
        own
        for k, own in enumerate(found)
        if k == 0 or not math.isclose(own.cost, found[k - 1].cost, rel_tol=SAME)
    ]
