"""A lower minimum in the neighbourhood of start values that were given.

A start that is off by a half often leads to a minimum beside the one it was meant for:
the frequency of an oscillation, a peak that grew into a background. Where what is left
is not noise, the start that the data themselves suggest is tried as well. What it leads
to is taken only if it lies where the given values point to and leaves noise: where it
does not, there is more in the data than the model has, and what was asked for may be
that, the smaller one of two peaks or frequencies.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from physfit.engine.host_calls import call_limit
from physfit.errors import InputError
from physfit.fitting.fit_plan import FitPlan
from physfit.models.guess import guessed_start
from physfit.models.param import Param
from physfit.models.tree import leaves
from physfit.solve.base import (
    ProgressCallback,
    Solution,
    Status,
    counting_on,
)
from physfit.solve.least_squares import inner_start
from physfit.typing import FloatArray

__all__ = ["is_noise", "lies_nearby", "lower_nearby"]

#: Standard deviations from which on residuals are no noise.
SURE = 4.0
#: Samples that tell the mean deviance of all.
ENOUGH = 500
#: What a parameter that is off by its standard error costs.
STANDARD_ERROR = 0.5
#: Factor within which the scales of the neighbourhood lie.
FACTOR = 2.5
#: Widths of a peak, at its start or its end, within which its position lies.
WIDTHS = 3.0
#: Turns of a phase, in rad, that say nothing.
TURN = 2.0 * math.pi


def lower_nearby(
    plan: FitPlan,
    solution: Solution,
    scale: float | None,
    progress: ProgressCallback | None,
    *,
    most_calls: float = math.inf,
) -> tuple[Solution, float | None] | None:
    """A solution clearly below this one and near the start, if the data suggest one.

    The scale of the residuals goes with a solution that was measured by it. The search
    and the fit from where it ends call Python functions `most_calls` times together.
    """
    if len(plan.start.guessed) == len(plan.theta) or is_noise(plan, solution):
        return None
    stop = plan.settings.stop
    if stop is not None and solution.status is Status.MAX_STEPS:
        return None
    progress = counting_on(progress, solution.n_steps)
    model, data, objective = plan.model, plan.data, plan.objective
    blank = np.full(len(plan.theta), np.nan)
    with call_limit(most_calls) as calls:
        try:
            theta = guessed_start(model, data, blank, plan.loss.traits)
        except InputError:  # too few samples to guess from
            return None
        theta = inner_start(objective, theta, *plan.limits)
        found, its_scale = plan.begun_at(theta).minimised(stop, progress)
    if calls.is_over:  # the fit would have ended otherwise
        return None
    if scale is not None and its_scale is not None:
        gain = objective.n_samples * math.log(scale / its_scale)
    else:
        gain = (solution.cost - found.cost) / plan.noise(found.cost) ** 2
    is_taken = found.status.converged and gain > STANDARD_ERROR
    if not (is_taken and lies_nearby(plan, found.theta)):
        return None
    if not (is_noise(plan, found) or _are_outliers(plan, found)):
        return None
    return found.after(solution), its_scale


def is_noise(plan: FitPlan, solution: Solution) -> bool:
    """Whether residuals are as large as they may be, or neighbours independent."""
    objective = plan.objective
    dof = objective.n_samples - objective.n_free
    if dof < 1 or not math.isfinite(solution.cost):
        return dof < 1
    if plan.data.sigma is not None or plan.loss.knows_noise(False):
        if 2.0 * solution.cost <= dof + SURE * math.sqrt(2.0 * dof):
            return True
        return 2.0 * solution.cost <= _most_of_law(plan, solution)
    return objective.correlation(solution.theta) < SURE


def _most_of_law(plan: FitPlan, solution: Solution) -> float:
    """What the deviance of few counts may be, that of chi2 is too low for; else 0."""
    objective, noise = plan.objective, plan.loss.traits.noise
    if noise is None or noise.deviance is None:
        return 0.0
    n = objective.n_samples
    some = objective.values(solution.theta)[:, :: 1 + n // ENOUGH]
    of = noise.deviance(some, *plan.loss.hyper)
    width = math.sqrt(n * float(of.dd.mean()))
    return n * float(of.mean.mean()) - objective.n_free + SURE * width


def _are_outliers(plan: FitPlan, solution: Solution) -> bool:
    """Whether residuals of a robust loss are large, but neighbours independent."""
    is_robust = not plan.loss.traits.is_likelihood
    return is_robust and plan.objective.correlation(solution.theta) < SURE


def lies_nearby(plan: FitPlan, theta: FloatArray) -> bool:
    """Whether free parameters are where the start values that were given point to."""
    model = plan.model
    given = set(model.free_names).difference(plan.start.guessed)
    starts, ends = (
        dict(zip(model.names, model.full_values(named).tolist(), strict=True))
        for named in (
            dict(zip(model.free_names, free.tolist(), strict=True))
            for free in (plan.theta, theta)
        )
    )
    for own in leaves(model.tree):
        params = own.declaration.params(own.prefix)
        width = min(_width(params, starts), _width(params, ends))
        for param in params:
            start, end = starts[param.name], ends[param.name]
            if param.name in given and not _is_near(param, start, end, width):
                return False
    return True


def _width(params: tuple[Param, ...], values: Mapping[str, float]) -> float:
    """The larger width of a component, fixed and tied ones too; 0 where it has none."""
    widths = [abs(values[param.name]) for param in params if _is_width(param)]
    return max(widths, default=0.0)


def _is_width(param: Param) -> bool:
    """Whether it is a length along x that is never negative."""
    return param.unit == "x" and param.lower == 0.0


def _is_near(param: Param, start: float, end: float, width: float) -> bool:
    """Whether a parameter of a component with such a width is near its start."""
    if param.unit == "x" and not _is_width(param) and width > 0.0:
        return abs(end - start) <= WIDTHS * width
    if "x" in param.unit and "y" not in param.unit:
        return start == 0.0 or 1.0 / FACTOR <= end / start <= FACTOR
    if param.unit.startswith("'"):
        turns = round((end - start) / TURN)
        return abs(end - start - turns * TURN) <= 0.25 * TURN
    is_area = param.unit != "y" and param.unit.startswith("y*")
    return not is_area or start * end >= 0.0
