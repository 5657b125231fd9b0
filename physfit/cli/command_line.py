"""A job as the command line that does it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from physfit.cli.job import Job
    from physfit.models.model import Model

__all__ = ["arguments"]


def arguments(job: Job, model: Model, start: Mapping[str, float]) -> list[str]:
    """Words behind `physfit fit` that fit a job from the start values given.

    Parameters
    ----------
    job : Job
    model : Model
        As the job builds it.
    start : mapping of str to float
        Start of every free parameter.
    """
    from physfit.cli.parts import FitPart

    data, parameters, default = job.data, model.parameters, FitPart()
    bounded = [
        name
        for name, asked in job.parameters.items()
        if asked.min is not None or asked.max is not None
    ]
    options = {
        "--x": data.x,
        "--y": data.y,
        "--sigma": data.sigma,
        "--dataset": data.dataset,
        "--x-range": None if data.x_range == (None, None) else _span(*data.x_range),
        "--nan": None if data.nan == "raise" else data.nan,
        "--start": _listed({name: _start(model, name, start[name]) for name in start}),
        "--bounds": _listed(
            {
                name: _span(parameters[name].lower, parameters[name].upper)
                for name in bounded
            }
        ),
        "--fix": _listed(
            {
                name: repr(asked.fixed)
                for name, asked in job.parameters.items()
                if asked.fixed is not None
            }
        ),
        "--tie": _listed(
            {
                name: asked.tie
                for name, asked in job.parameters.items()
                if asked.tie is not None
            }
        ),
        "--loss": None if job.fit.loss == default.loss else job.fit.loss,
        "--method": None if job.fit.method == default.method else job.fit.method,
    }
    given = [
        word
        for option, value in options.items()
        if value is not None
        for word in (option, str(value))
    ]
    return [data.file, "--model", job.model, *given]


def _listed(values: Mapping[str, str]) -> str | None:
    return ",".join(f"{name}={value}" for name, value in values.items()) or None


def _start(model: Model, name: str, value: float) -> str:
    """Six digits, or all when rounding would leave the bounds."""
    short = f"{value:.6g}"
    own = model.parameters[name]
    return short if own.lower <= float(short) <= own.upper else repr(value)


def _span(low: float | None, high: float | None) -> str:
    return ":".join("" if side is None else repr(side) for side in (low, high))
