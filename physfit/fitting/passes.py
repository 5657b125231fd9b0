"""Fits by whole passes over the rows of a source, exact for any size of the data."""

from __future__ import annotations

from collections.abc import Mapping
from time import perf_counter

from physfit.data.arrays import NanPolicy
from physfit.data.base import Source
from physfit.data.record import Observations
from physfit.engine.jit import compile_seconds
from physfit.fitting.rows import sample_of
from physfit.fitting.spins import assess_spins, fit_exactly, passes_over
from physfit.fitting.start import is_exact, start_of_rows
from physfit.models.loss import Loss
from physfit.models.model import Model
from physfit.result import FitResult
from physfit.solve.base import ProgressCallback, Stop
from physfit.solve.streamed import streamed_levenberg_marquardt
from physfit.solve.sums import StreamedObjective
from physfit.typing import FloatArray
from physfit.uncertainty.sandwich import Assessment, assess

__all__ = ["SAMPLE", "assess_rows", "fit_passes", "shown_rows"]

#: Rows of a file that are kept to be shown, and that starts are guessed from.
SAMPLE = 20_000


def fit_passes(
    model: Model,
    source: Source,
    method: str,
    *,
    memory: int,
    threads: int,
    ridge: float,
    start: Mapping[str, float] | str | None,
    seed: int,
    loss: Loss,
    nan: NanPolicy,
    stop: Stop | None,
    progress: ProgressCallback | None,
    data: Observations | None,
) -> FitResult:
    """Levenberg-Marquardt over all rows, one pass for each step."""
    began, compiled_before = perf_counter(), compile_seconds()
    shown = data or sample_of(source, SAMPLE, nan=nan, counts=loss.name == "poisson")
    theta, guessed = start_of_rows(model, shown, start, loss, seed)
    if is_exact(model, loss):
        passes = passes_over(source, memory=memory, threads=threads, nan=nan)
        found = fit_exactly(model, passes, absolute=source.has_sigma, ridge=ridge)
    else:
        objective = StreamedObjective(
            model.layout,
            source.with_spins_as_numbers(),
            loss,
            memory=memory,
            threads=threads,
            nan=nan,
        )
        ended = streamed_levenberg_marquardt(
            objective,
            theta,
            model.free_lower,
            model.free_upper,
            stop=stop,
            progress=progress,
            damped=method == "lm",
        )
        found = _assessed(model, source, loss, objective, ended.theta)
        found = found._replace(solution=ended)
    compiling = compile_seconds() - compiled_before
    return FitResult(
        model=model,
        data=shown_rows(shown, source, found),
        loss=loss,
        method=method,
        solution=found.solution,
        start=theta,
        guessed=guessed,
        seconds=perf_counter() - began - compiling,
        compile_seconds=compiling,
        assessment=found,
        weight_decay=ridge,
    )


def assess_rows(
    model: Model,
    source: Source,
    loss: Loss,
    theta: FloatArray,
    *,
    nan: NanPolicy,
    memory: int,
    threads: int,
    n_steps: int,
) -> Assessment:
    """What parameters are worth, by one pass over all rows."""
    if is_exact(model, loss):
        return assess_spins(
            model,
            theta,
            passes_over(source, memory=memory, threads=threads, nan=nan),
            absolute=source.has_sigma,
            n_steps=n_steps,
        )
    objective = StreamedObjective(
        model.layout,
        source.with_spins_as_numbers(),
        loss,
        memory=memory,
        threads=threads,
        nan=nan,
    )
    return _assessed(model, source, loss, objective, theta, n_steps)


def _assessed(
    model: Model,
    source: Source,
    loss: Loss,
    objective: StreamedObjective,
    theta: FloatArray,
    n_steps: int = 0,
) -> Assessment:
    found = assess(
        objective,
        theta,
        model.free_lower,
        model.free_upper,
        absolute=source.has_sigma or loss.name == "poisson",
        n_steps=n_steps,
    )
    objective.release()
    return found


def shown_rows(shown: Observations, source: Source, found: Assessment) -> Observations:
    """The sample of rows, with how many rows there are and were left out."""
    if shown.n_total is None:
        return shown
    used = found.n_samples // source.n_outputs
    return shown._replace(n_total=used, n_left_out=source.n_rows - used)
