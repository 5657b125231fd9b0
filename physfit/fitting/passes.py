"""Fits by whole passes over the rows of a source, exact for any size of the data."""

from __future__ import annotations

from collections.abc import Mapping
from time import perf_counter

from physfit.engine.jit import compile_seconds
from physfit.fitting.row_problem import RowProblem
from physfit.fitting.spins import fit_exactly
from physfit.result import FitResult
from physfit.solve.base import ProgressCallback, Stop
from physfit.solve.least_squares import levenberg_marquardt

__all__ = ["fit_passes"]


def fit_passes(
    problem: RowProblem,
    method: str,
    *,
    ridge: float,
    start: Mapping[str, float] | str | None,
    seed: int,
    stop: Stop | None,
    progress: ProgressCallback | None,
) -> FitResult:
    """Levenberg-Marquardt over all rows, one pass for each step."""
    began, compiled_before = perf_counter(), compile_seconds()
    model = problem.model
    theta, guessed = problem.start(start, seed)
    if problem.is_exact:
        passes, absolute = problem.passes(), problem.is_absolute
        found = fit_exactly(model, passes, absolute=absolute, ridge=ridge)
    else:
        objective = problem.objective()
        ended = levenberg_marquardt(
            objective,
            theta,
            model.free_lower,
            model.free_upper,
            stop=stop,
            progress=progress,
            damped=method == "lm",
        )
        found = problem.assessed(ended.theta, objective)._replace(solution=ended)
    compiling = compile_seconds() - compiled_before
    return FitResult(
        model=model,
        data=problem.shown(found.n_samples),
        loss=problem.loss,
        method=method,
        solution=found.solution,
        start=theta,
        guessed=guessed,
        seconds=perf_counter() - began - compiling,
        compile_seconds=compiling,
        assessment=found,
        weight_decay=ridge,
    )
