"""A job as the command line that does it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from physfit.cli.parts import TABLES

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
    parameters, asked = model.parameters, job.parameters
    starts = {name: _start(model, name, value) for name, value in start.items()}
    bounds = {
        name: _span(parameters[name].lower, parameters[name].upper)
        for name, setting in asked.items()
        if setting.min is not None or setting.max is not None
    }
    fixed = {
        name: repr(setting.fixed)
        for name, setting in asked.items()
        if setting.fixed is not None
    }
    ties = {
        name: setting.tie for name, setting in asked.items() if setting.tie is not None
    }
    options = {
        **_changed("data", job.data),
        **{"--start": _listed(starts), "--bounds": _listed(bounds)},
        **{"--fix": _listed(fixed), "--tie": _listed(ties)},
        **_changed("fit", job.fit),
    }
    behind = [word for pair in options.items() if pair[1] for word in pair]
    return [job.data.file, "--model", job.model, *behind]


def _changed(table: str, part: Any) -> dict[str, str]:
    """Options of the entries that are not what they are without an option."""
    usual = {field.name: field.default for field in fields(part)}
    return {
        entry.flags[0]: _span(*value) if isinstance(value, tuple) else str(value)
        for key, entry in TABLES[table].items()
        if entry.flags and (value := getattr(part, key)) != usual[key]
    }


def _listed(values: Mapping[str, str]) -> str:
    return ",".join(f"{name}={value}" for name, value in values.items())


def _start(model: Model, name: str, value: float) -> str:
    """Six digits, or all when rounding would leave the bounds."""
    short = f"{value:.6g}"
    own = model.parameters[name]
    return short if own.lower <= float(short) <= own.upper else repr(value)


def _span(low: float | None, high: float | None) -> str:
    return ":".join("" if side is None else repr(side) for side in (low, high))
