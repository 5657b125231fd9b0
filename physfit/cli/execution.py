"""What a job asks for, done step by step: outputs, model, data, fit, files."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from physfit.cli.outputs import FIGURES, RESULTS, check_outputs, written_figure
from physfit.errors import InputError

if TYPE_CHECKING:
    from physfit.cli.console import Console
    from physfit.cli.job import Job
    from physfit.cli.parts import Setting
    from physfit.comparison.table import Comparison
    from physfit.data.base import Source
    from physfit.data.table import Table
    from physfit.fitting import Prepared
    from physfit.models.model import Model
    from physfit.models.param import Change
    from physfit.result import FitResult
    from physfit.solve.base import ProgressCallback

__all__ = ["build_model", "check_job_outputs", "held_at", "note_rows", "open_rows"]
__all__ += ["prepare_fit", "read_data", "run_compare", "run_fit", "write_outputs"]


def check_job_outputs(job: Job) -> None:
    """Refuse output files that could not be written at the end."""
    output, kept = job.output, job.minibatch.checkpoint
    from physfit.data.files.checkpoint import previous_of

    before = None if kept is None else os.fspath(previous_of(kept))
    named: list[tuple[str, str | None, tuple[str, ...]]] = [
        ("-o", output.result, RESULTS),
        ("--plot", output.plot, FIGURES),
        ("--checkpoint", kept, ()),
        ("the checkpoint before the last", before, ()),
    ]
    check_outputs(named, overwrite=output.overwrite, inputs=job.inputs)


def build_model(job: Job) -> Model:
    """Model of a job with every parameter as asked."""
    from physfit.models.parse import parse_model

    model = parse_model(job.model)
    changes = {
        name: _change(model, name, setting) for name, setting in job.parameters.items()
    }
    return model.where(**changes)


def read_data(job: Job, console: Console) -> Table:
    """The columns that a job asks for, within its range of x; tells which they are."""
    from physfit.data.readers import read_table

    data = job.data
    table = read_table(data.file, data.x, data.y, _sigma_of(job), dataset=data.dataset)
    table = _within(table, *data.x_range)
    console.note(f"{table.source}: {table.note}; {table.x.size} samples.")
    return table


def note_rows(rows: Source, cautions: Iterable[str], console: Console) -> None:
    """Tell which columns the rows are of, and what is slow about them."""
    console.note(f"{rows.name}: {rows.note}; {rows.n_rows} rows.")
    for caution in cautions:
        console.warn(caution)


def open_rows(job: Job, model: Model) -> Source | None:
    """Source of the rows of a file that is not read as a whole; None where it is."""
    from physfit.data.readers import is_hdf5

    data, part = job.data, job.minibatch
    if not is_hdf5(data.file):
        return None
    from physfit.fitting import streaming

    memory = None if part.memory is None else part.memory << 20
    if not streaming.is_by_passes(model, data.file, job.fit.method, memory):
        return None
    if data.x_range != (None, None):
        raise InputError(
            "a range of x is for data that are read as a whole; leave out --x-range, "
            "or write the rows wanted to a file of their own."
        )
    from physfit.data.hdf5.source import Hdf5Source

    file, _, inside = data.file.partition("::")
    return Hdf5Source(
        file,
        dataset=data.dataset or inside or None,
        x=data.x,
        y=data.y,
        sigma=_sigma_of(job),
        n_inputs=model.n_inputs,
        n_outputs=model.n_outputs,
    )


def _sigma_of(job: Job) -> str | int | None:
    """Column of sigma; none where the loss implies the noise."""
    from physfit.models.loss import as_loss

    if job.data.sigma is None and as_loss(job.fit.loss).knows_noise(False):
        return "none"
    return job.data.sigma


def prepare_fit(job: Job, model: Model, table: Table) -> Prepared:
    """The fit before its first step: checked data and start values."""
    from physfit.data.arrays import samples
    from physfit.data.record import Observations
    from physfit.fitting import prepare

    checked = samples(
        table.x,
        table.y,
        table.sigma,
        nan=job.data.nan,
        n_inputs=model.n_inputs,
        n_outputs=model.n_outputs,
    )
    observed = Observations(checked.x, checked.y, checked.sigma)
    return prepare(model, observed, loss=job.fit.loss)


def held_at(model: Model, values: Mapping[str, float]) -> Model:
    """Model with its free parameters fixed, so that a fit only evaluates it."""
    from physfit.models.param import fixed

    return model.where(**{name: fixed(value) for name, value in values.items()})


def run_fit(
    job: Job,
    model: Model,
    table: Table | Source,
    progress: ProgressCallback | None = None,
) -> FitResult:
    """Fit the model to columns or rows; writes nothing but a checkpoint."""
    from physfit.data.table import Table
    from physfit.fitting import fit

    arguments = {**_arguments(job, table), **job.minibatch.keywords()}
    if isinstance(table, Table):
        arguments |= {
            "units": (table.x_unit, table.y_unit),
            "labels": (table.x_label, table.y_label),
            "source": table.source,
        }
    return fit(model, **arguments, method=job.fit.method, progress=progress)


def run_compare(
    job: Job, model: Model, table: Table | Source, methods: tuple[str, ...] | None
) -> Comparison:
    """The fit by several methods."""
    from physfit.comparison.table import compare

    arguments = {**_arguments(job, table), **job.minibatch.run_keywords()}
    return compare(model, **arguments, methods=methods)


def _arguments(job: Job, table: Table | Source) -> dict[str, Any]:
    """What `fit` and `compare` take of a job: data, start, loss."""
    from physfit.data.table import Table

    columns: dict[str, Any] = {"x": table}
    if isinstance(table, Table):
        columns = {"x": table.x, "y": table.y, "sigma": table.sigma}
    return {
        **columns,
        "start": job.fit.start,
        "loss": job.fit.loss,
        "nan": job.data.nan,
    }


def write_outputs(job: Job, result: FitResult) -> None:
    """Write the files that a job asks for: all of them, or none."""
    output = job.output
    figure = None if output.plot is None else result.plot()
    with written_figure(figure, output.plot, overwrite=output.overwrite):
        if output.result is not None:
            result.save(output.result, overwrite=output.overwrite)


def _change(model: Model, name: str, setting: Setting) -> Change:
    from physfit.models.param import fixed, param, tie

    if setting.fixed is not None:
        return fixed(setting.fixed)
    if setting.tie is not None:
        return tie(setting.tie)
    if setting.min is None and setting.max is None:
        return param(setting.start)
    own = model.parameters.get(name)
    lower = own.lower if own and setting.min is None else setting.min
    upper = own.upper if own and setting.max is None else setting.max
    return param(setting.start, (lower, upper))


def _within(table: Table, low: float | None, high: float | None) -> Table:
    """Samples whose x lies in the range, its ends included; NaN stays."""
    if low is None and high is None:
        return table
    low = -math.inf if low is None else low
    high = math.inf if high is None else high
    keep = ~((table.x < low) | (table.x > high))
    if not keep.any():
        raise InputError(
            f"no sample lies in the range of x from {low:g} to {high:g}; x goes from "
            f"{table.x.min():g} to {table.x.max():g}."
        )
    sigma = None if table.sigma is None else table.sigma[keep]
    return table._replace(x=table.x[keep], y=table.y[keep], sigma=sigma)
