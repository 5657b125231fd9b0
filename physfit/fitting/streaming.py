"""Fits whose data come in windows of rows: which data, which method."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import Any, cast

import numpy as np

from physfit.data.base import Source
from physfit.data.readers import is_hdf5
from physfit.data.record import Observations
from physfit.engine.jit import compile_seconds
from physfit.engine.workers import by_caller, undisturbed
from physfit.errors import InputError, did_you_mean
from physfit.fitting.columns import ALL, Columns, check_frame, observed
from physfit.fitting.fit_plan import FitPlan, plan_of_rows
from physfit.fitting.fit_settings import FitSettings
from physfit.fitting.methods import (
    Method,
    MethodLike,
    is_first_order,
    method_of,
    refuse_idle,
)
from physfit.fitting.runners import run
from physfit.fitting.start import is_exact
from physfit.models.model import Model
from physfit.optim.base import Optimizer
from physfit.optim.registry import OPTIMIZERS, WHOLE
from physfit.result import FitResult
from physfit.solve.base import ProgressCallback, check_run

__all__ = ["LARGE", "fit_rows", "is_by_passes", "is_by_rows", "is_large", "is_source"]
__all__ += ["opened"]

#: Bytes of a file from which on it is not read as a whole.
LARGE = 256 << 20


def is_source(x: object) -> bool:
    """Whether `x` is a source of rows."""
    return hasattr(x, "read_into") and hasattr(x, "block_rows")


def is_by_passes(model: Any, x: Any, method: Any, memory: int | None) -> bool:
    """Whether a fit reads an HDF5 file at `x` row by row."""
    if is_first_order(method) or method == "gauss_newton":
        return True
    # A model of spins by its normal equations, with a ridge if wanted.
    takes_spins = bool(getattr(model, "spins", ()))
    return method == "lm" and (takes_spins or is_large(x, memory or LARGE))


def is_by_rows(model: Any, x: Any, method: Any, settings: FitSettings) -> bool:
    """Whether a fit takes its data in windows of rows.

    Raises
    ------
    InputError
        When a setting of such fits is given to another.
    """
    memory = settings.minibatch.get("memory")
    if is_source(x) or is_by_passes(model, x, method, memory):
        return True
    method_of(method, settings, 0)  # which an unknown one is refused by first
    _refuse_idle(method, settings)
    return False


def is_large(x: Any, memory: int) -> bool:
    """Whether `x` is the path of an HDF5 file that does not fit into `memory`."""
    if not isinstance(x, str | os.PathLike):
        return False
    file = Path(os.fspath(x).partition("::")[0])
    return is_hdf5(x) and file.is_file() and file.stat().st_size > memory


@np.errstate(all="ignore")
@undisturbed
def fit_rows(
    model: Model,
    columns: Columns,
    settings: FitSettings,
    method: str | Optimizer,
    progress: ProgressCallback | None,
) -> FitResult:
    """Fit a model to rows that come in windows; the arguments are those of `fit`."""
    check_run(settings.stop, progress)
    progress = None if progress is None else by_caller(progress)
    with opened(model, columns) as (model, data):
        chosen = _method(model, data, method, settings)
        began, compiled_before = perf_counter(), compile_seconds()
        plan = plan_of_rows(model, data, settings, columns.nan)
        result = _fitted(plan._replace(method=chosen), progress)
        compiling = compile_seconds() - compiled_before
        seconds = perf_counter() - began - compiling
    kept = result.data._replace(x=result.data.x[: model.n_inputs])
    return replace(
        result,
        model=model,
        data=_labelled(kept, columns),
        seconds=seconds,
        compile_seconds=compiling,
    )


@contextmanager
def opened(
    model: Model, columns: Columns, *, by_rows: bool = True
) -> Iterator[tuple[Model, Observations | Source]]:
    """The model, and checked samples; or the rows of a file, closed if opened here."""
    check_frame(columns.units, columns.labels, columns.source)
    rows = _opened_rows(model, columns) if by_rows else None
    if rows is None:
        yield observed(model, columns)
        return
    if columns.x_range != ALL:
        raise InputError(
            "a range of x is for data that are read as a whole; leave out `x_range`, "
            "or write the rows wanted to a file of their own."
        )
    if model.functions:
        from physfit.models.user_function.binding import anywhere

        model = anywhere(model, rows.n_inputs)
    try:
        yield model, rows
    finally:
        if rows is not columns.x:
            cast("Any", rows).close()


def _labelled(data: Observations, columns: Columns) -> Observations:
    """Data with the names that a caller gave in place of those of the file."""
    units, labels = columns.units, columns.labels
    return data._replace(
        x_unit=units[0] or data.x_unit,
        y_unit=units[1] or data.y_unit,
        x_label=labels[0] or data.x_label,
        y_label=labels[1] or data.y_label,
        source=columns.source or data.source,
    )


def _fitted(plan: FitPlan, progress: ProgressCallback | None) -> FitResult:
    """The fit on minibatches, or by passes."""
    solution, scale, assessment = run(plan, progress)
    assert assessment is not None
    name, options = plan.method.name, plan.method.minibatches
    return FitResult(
        model=plan.model,
        data=plan.shown(assessment.n_samples),
        loss=plan.loss,
        method=name if options is None else str(options.optimizer),
        solution=solution,
        start=plan.theta,
        guessed=plan.start.guessed,
        assessment=assessment,
        run=None if options is None else options.told,
        weight_decay=plan.settings.ridge if options is None else options.weight_decay,
        scale=scale,
    )


def _method(
    model: Model,
    data: Observations | Source,
    given: MethodLike,
    settings: FitSettings,
) -> Method:
    """The method, with its settings for these rows; one over samples is refused."""
    if given in WHOLE:
        more = ("weight_decay",) if is_exact(model, settings.loss) else ()
        _refuse_idle(given, settings, *more)
    elif not model.free_names:
        return Method(str(given))  # nothing moves
    elif not is_first_order(given):
        raise InputError(
            f"`method` {given!r} cannot fit data larger than memory; "
            f"{did_you_mean(str(given), (*WHOLE, *OPTIMIZERS))}"
        )
    n_rows = data.y.shape[1] if isinstance(data, Observations) else data.n_rows
    return method_of(given, settings, n_rows)


def _refuse_idle(given: MethodLike, settings: FitSettings, *more: str) -> None:
    """Refuse settings of minibatches for a method that takes all rows."""
    more = (*more, "seed") if settings.is_random else more
    refuse_idle(settings, f"`method` is {given!r}", *more)


def _opened_rows(model: Model, columns: Columns) -> Source | None:
    """Source that `x` is or names; None for arrays and files read as a whole."""
    x = columns.x
    is_file = isinstance(x, str | os.PathLike) and is_hdf5(x)
    if not (is_file or is_source(x)):
        return None
    if columns.y is not None or columns.sigma is not None:
        named = "y" if columns.y is not None else "sigma"
        raise InputError(
            f"`x` is a file of rows, so `{named}` must be left out; the columns are "
            "chosen by pf.Hdf5Source(path, x=..., y=..., sigma=...)."
        )
    if not is_file:
        rows: Source = x
        return rows
    from physfit.data.hdf5.source import Hdf5Source

    return Hdf5Source(
        x,
        dataset=columns.dataset,
        n_inputs=model.n_inputs,
        n_outputs=model.n_outputs,
    )
