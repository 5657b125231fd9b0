"""What a job is, so that no other job goes on with it."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import msgspec
import numpy as np

from physfit import __version__
from physfit.data.files.digests import digest_of
from physfit.data.files.schema import convert
from physfit.data.jobs.job_record import FREE_ENTRIES, JobRecord, job_digest
from physfit.data.row_source import RowSource
from physfit.engine.jit import machine
from physfit.many_fits.row_job import RowStart
from physfit.models.loss import Loss
from physfit.models.model import Model
from physfit.result.plain import plain
from physfit.result.record import model_record
from physfit.solve.base import Stop

__all__ = ["difference", "manifest"]

#: Digests stand for arrays, and say nothing to a reader.
_DIGEST, _ARRAY = re.compile("[0-9a-f]{32}"), "an array"


def manifest(
    model: Model,
    loss: Loss,
    source: RowSource,
    start: RowStart,
    *,
    stop: Stop,
    retry: bool,
    is_absolute: bool,
    block_rows: int,
    command: str = "",
) -> JobRecord:
    """Record of a job: all that its answers depend on."""
    record = {
        "model": plain(model_record(model)),
        "free_names": list(model.free_names),
        "loss": str(loss),
        "start": _start_record(model, start),
        "stop": stop._asdict(),
        "retry": retry,
        "is_absolute": is_absolute,
        "data": source.identity(),
        "axes": digest_of(*(own.values for own in source.axes)),
        "block_rows": block_rows,
        "physfit": __version__,
        "files": [asdict(state) for state in source.files],
        "machine": machine(),
        "about": {
            "x_label": source.x_label,
            "x_unit": source.x_unit,
            "y_label": source.y_label,
            "y_unit": source.y_unit,
            "source": source.name,
            "created": time.time(),
            "command": command,
            "opening": source.opening,
        },
    }
    job = convert(record, JobRecord)
    job.digest = job_digest(job)
    return job


def _start_record(model: Model, start: RowStart) -> dict[str, Any]:
    """Start values that all rows share; of others a digest."""
    values = start.values
    if values.ndim == 2:
        names: dict[str, Any] = {
            name: digest_of(values[:, k]) for k, name in enumerate(model.free_names)
        }
    else:
        names = dict(zip(model.free_names, values.tolist(), strict=True))
    shown = {
        name: "guessed" if isinstance(value, float) and np.isnan(value) else value
        for name, value in names.items()
    }
    return {"values": shown, "is_chained": start.is_chained}


def difference(old: JobRecord, new: JobRecord) -> str:
    """First thing in which two jobs differ, in words; empty if they are the same."""
    before, after = msgspec.to_builtins(old), msgspec.to_builtins(new)
    for key, value in after.items():
        if key not in FREE_ENTRIES:
            words = _difference(key, before[key], value)
            if words:
                return words
    return ""


def _difference(place: str, old: Any, new: Any) -> str:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in (*new, *(own for own in old if own not in new)):
            found = _difference(f"{place} {key}", old.get(key), new.get(key))
            if found:
                return found
        return ""
    if old == new:
        return ""
    shown = [_ARRAY if _DIGEST.fullmatch(str(own)) else repr(own) for own in (old, new)]
    if shown == [_ARRAY, _ARRAY]:
        return f"{place} has other numbers than before"
    return f"{place} is {shown[1]}, but was {shown[0]}"
