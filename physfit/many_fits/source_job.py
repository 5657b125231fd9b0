"""A job of the rows of a source, and the record of it that its files carry."""

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
from physfit.document.records import plain
from physfit.engine.jit import machine
from physfit.fitting.far import SQUARED, refuse_beyond
from physfit.fitting.fit_settings import FitSettings
from physfit.fitting.start import Start
from physfit.many_fits.arguments import refuse_spins
from physfit.many_fits.file_job import read_block
from physfit.many_fits.row_job import (
    CHAIN,
    SAMPLE_ROWS,
    RowPlan,
    rows_of_block,
)
from physfit.many_fits.starts import far_rows
from physfit.models.model import Model
from physfit.models.user_function.binding import bound_to_rows
from physfit.result.record import model_record
from physfit.solve.many import default_stop
from physfit.solve.row_words import check_kind

__all__ = ["SourceJob", "difference"]

#: What a source says of x and y, for people.
LABELS = ("x_label", "x_unit", "y_label", "y_unit")
#: Functions of users, as graphs or as what is called.
_COMPONENT = re.compile("model (?:functions|kernels) (.*)")
#: Digests stand for arrays, and say nothing to a reader.
_DIGEST, _ARRAY = re.compile("[0-9a-f]{32}"), "an array"


class SourceJob:
    """The fits of the rows of a source, with all that was asked for checked.

    Parameters
    ----------
    model : Model
    source : RowSource
    settings : FitSettings

    Raises
    ------
    InputError, ShapeError, DomainError, DataError
        When model, loss or start values do not go with the rows.
    """

    def __init__(self, model: Model, source: RowSource, settings: FitSettings) -> None:
        refuse_spins(model)
        sample = read_block(source, (0, min(SAMPLE_ROWS, source.n_rows))).data
        if model.functions:
            x = sample.x if len(sample.x) > 1 else sample.x[0]
            model, _ = bound_to_rows(model, x, sample.y.shape)
        check_kind(model.layout, settings.loss, sample)
        self.source = source
        self.plan = RowPlan.of(model, sample, source.shape, settings)
        if model.at_origin:
            given = (settings.start, settings.loss, SQUARED)
            far = far_rows(model, sample, *given)
            refuse_beyond(model, far)

    def record(self, block_rows: int | None = None, command: str = "") -> JobRecord:
        """All that the answers depend on, so that no other job goes on with them.

        Parameters
        ----------
        block_rows : int, optional
            Rows of a block that are asked for, or of an earlier run; by the size of the
            job if left out.
        command : str
            What a shell must be given to go on, without --resume.
        """
        source, (asked, frame, start, settings) = self.source, self.plan
        size = (source.n_rows, source.row_bytes, source.multiple)
        is_chained = start.is_chained
        block_rows = block_rows or rows_of_block(*size, is_chained=is_chained)
        if is_chained:  # a chain is not cut
            block_rows = -(-block_rows // CHAIN) * CHAIN
        model = plain(model_record(asked))
        if asked.own_kernels:
            model["kernels"] = dict(asked.own_kernels)
        record = {
            "model": model,
            "free_names": list(asked.free_names),
            "loss": str(settings.loss),
            "start": _start_record(asked, start),
            "stop": (settings.stop or default_stop())._asdict(),
            "retry": settings.retry,
            "is_absolute": frame.is_absolute,
            "data": source.identity(),
            "axes": digest_of(*(own.values for own in source.axes)),
            "block_rows": block_rows,
            "physfit": __version__,
            "files": [asdict(state) for state in source.files],
            "machine": machine(),
            "about": {
                **{name: getattr(source, name) for name in LABELS},
                "source": source.name,
                "created": time.time(),
                "notes": list(source.remarks),
                "command": command,
                "opening": source.opening,
            },
        }
        job = convert(record, JobRecord)
        job.digest = job_digest(job)
        return job


def _start_record(model: Model, start: Start) -> dict[str, Any]:
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
    component = _COMPONENT.fullmatch(place)
    if component and old != new:
        return (
            f"`{component[1]}` computes something else than before: its function, or "
            "what that reads, has changed"
        )
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
