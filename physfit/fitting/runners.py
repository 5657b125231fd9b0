"""How a plan is brought to its end: the runner that its method takes it to."""

from __future__ import annotations

from collections.abc import Callable

from physfit.fitting.fit_plan import Ended, FitPlan
from physfit.solve.base import ProgressCallback

__all__ = ["is_by_passes", "run"]

Runner = Callable[[FitPlan, ProgressCallback | None], Ended]


def run(plan: FitPlan, progress: ProgressCallback | None = None) -> Ended:
    """Where a plan ends by its method."""
    return _runner(plan)(plan, progress)


def is_by_passes(plan: FitPlan) -> bool:
    """Whether each step of a method passes over all rows, in windows."""
    method = plan.method
    if method.solver is not None or method.minibatches is not None:
        return False
    return plan.is_exact or plan.is_streamed or method.name == "gauss_newton"


def _runner(plan: FitPlan) -> Runner:
    """What a plan is run by; it is imported when it is wanted."""
    if plan.method.minibatches is not None:
        from physfit.fitting.minibatch import fit_minibatches

        return fit_minibatches
    if plan.method.solver is not None:
        return _by_scipy
    if is_by_passes(plan):
        from physfit.fitting.passes import minimised_in_passes

        return minimised_in_passes
    return _in_memory


def _in_memory(plan: FitPlan, progress: ProgressCallback | None) -> Ended:
    """By Levenberg-Marquardt over samples in memory."""
    return Ended(*plan.minimised(plan.settings.stop, progress))


def _by_scipy(plan: FitPlan, progress: ProgressCallback | None) -> Ended:
    """By scipy, at the scale of residuals that the compiled fit finds."""
    from physfit.solve import scipy_adapters

    plan, method = plan.measured(), plan.method
    solution = scipy_adapters.run(
        *(plan.objective, plan.theta, *plan.limits),
        method=method.name,
        gradients=method.gradients == "exact",
        stop=plan.settings.stop,
    )
    return Ended(solution, plan.scale)
