"""What commands do with a job: its outputs checked, its model built, its data read."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from physfit.errors import InputError

if TYPE_CHECKING:
    from physfit.cli.job import Job, ParameterSettings
    from physfit.data.base import Source
    from physfit.data.table import Table
    from physfit.models.model import Model
    from physfit.models.param import Change

__all__ = ["build_model", "columns", "opened", "read_data"]
__all__ += ["sigma_of"]


def build_model(job: Job) -> Model:
    """Model of a job with every parameter as asked."""
    from physfit.models.parse import parse_model

    model = parse_model(job.model)
    changes = {
        name: _change(model, name, setting) for name, setting in job.parameters.items()
    }
    return model.where(**changes)


def read_data(job: Job) -> Table:
    """The columns that a job asks for, within its range of x; tells which they are."""
    from physfit.data.readers import read_table

    table = read_table(job.data, job.x, job.y, sigma_of(job), dataset=job.dataset)
    table = _within(table, *job.x_range)
    job.console.note(f"{table.source}: {table.note}; {table.x.size} samples.")
    return table


def opened(job: Job, model: Model) -> Table | Source:
    """Columns, or the source of rows that stay in their file and are read by passes."""
    from physfit.data.samplers import cautions, sampler_named
    from physfit.data.stream import DEFAULT_MEMORY

    rows = _rows(job, model)
    if rows is None:
        return read_data(job)
    job.console.note(f"{rows.name}: {rows.note}; {rows.n_rows} rows.")
    sampler = sampler_named(job.sampler or "blocks")
    for caution in cautions(rows, sampler, job.memory or DEFAULT_MEMORY):
        job.console.warn(caution)
    return rows


def _rows(job: Job, model: Model) -> Source | None:
    """Source of the rows of a file that is not read as a whole; None where it is."""
    from physfit.data.readers import is_hdf5

    if not is_hdf5(job.data):
        return None
    from physfit.fitting import streaming

    if not streaming.is_by_passes(model, job.data, job.method, job.memory):
        return None
    if job.x_range != (None, None):
        raise InputError(
            "a range of x is for data that are read as a whole; leave out --x-range, "
            "or write the rows wanted to a file of their own."
        )
    from physfit.data.hdf5.source import Hdf5Source

    file, _, inside = job.data.partition("::")
    return Hdf5Source(
        file,
        dataset=job.dataset or inside or None,
        x=job.x,
        y=job.y,
        sigma=sigma_of(job),
        n_inputs=model.n_inputs,
        n_outputs=model.n_outputs,
    )


def sigma_of(job: Job) -> str | int | None:
    """Column of sigma; none where the loss implies the noise."""
    from physfit.models.loss import as_loss

    if job.sigma is None and as_loss(job.loss).knows_noise(False):
        return "none"
    return job.sigma


def columns(job: Job, data: Table | Source) -> dict[str, Any]:
    """Data and loss as arguments of a front door."""
    from physfit.data.table import Table

    named: dict[str, Any] = {"x": data}
    if isinstance(data, Table):
        named = {"x": data.x, "y": data.y, "sigma": data.sigma}
        named["units"] = data.x_unit, data.y_unit
    return {**named, **job.keywords("loss", "nan")}


def _change(model: Model, name: str, setting: ParameterSettings) -> Change:
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
