"""Rows of a finished result that did not converge, fitted again."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from physfit.data.files.file_state import changes, stamp_of
from physfit.data.files.output_lock import OutputLock, output_lock
from physfit.data.files.outputs import refuse_inputs
from physfit.data.jobs.job_record import JobRecord, StartRecord, checked_job
from physfit.data.jobs.map_edit import edited_maps
from physfit.data.jobs.map_reader import read_job, read_statuses
from physfit.data.row_source import RowSource
from physfit.engine.workers import by_caller, check, undisturbed
from physfit.errors import DataError
from physfit.many_fits.file_job import read_block
from physfit.many_fits.from_file import Settings
from physfit.many_fits.manifest import difference, manifest
from physfit.many_fits.progress import ManyProgress
from physfit.many_fits.row_job import RowJob, RowStart
from physfit.many_fits.same_data import changed_rows, check_rows, digests_of
from physfit.many_fits.starts import SAMPLE_ROWS, checked_start
from physfit.models.model import Model
from physfit.result.many_file import columns_of
from physfit.result.row_table import RowTable
from physfit.solve.base import Status
from physfit.solve.many import default_stop

__all__ = ["retry_failed"]


@undisturbed
def retry_failed(
    model: Model,
    source: RowSource,
    settings: Settings,
    out: Path,
    *,
    progress: Callable[[ManyProgress], None] | None = None,
) -> tuple[int, int]:
    """Fit the rows of `out` again that have not converged.

    Rows that have converged stay as they are, bit by bit. The file is replaced when all
    is done; only the block in hand is in memory.

    Returns
    -------
    tuple of int
        How many rows had failed, and how many still do.

    Raises
    ------
    DataError
        When the result is of another model, loss or other rows, or is written by
        another run.
    """
    progress = None if progress is None else by_caller(progress)
    refuse_inputs({"`out` (-o)": out}, [own.path for own in source.files])
    with output_lock(out) as lock:
        return _retry(model, source, settings, out, lock, progress)


def _retry(
    model: Model,
    source: RowSource,
    settings: Settings,
    out: Path,
    lock: OutputLock,
    progress: Callable[[ManyProgress], None] | None,
) -> tuple[int, int]:
    """The same, with the right to write."""
    shape = source.shape
    n_rows = int(np.prod(shape, dtype=np.int64))
    before = checked_job(out, read_job(out))
    block_rows = before.block_rows
    sample = read_block(source, (0, min(SAMPLE_ROWS, n_rows))).data
    start = checked_start(model, settings.start, shape, sample)
    is_absolute = source.has_sigma or settings.loss.name == "poisson"
    record = manifest(
        *(model, settings.loss, source, start),
        stop=settings.stop or default_stop(),
        retry=settings.retry,
        is_absolute=is_absolute,
        block_rows=block_rows,
    )
    _check_same(out, before, record)
    blocks = digests_of(out, before)
    if stamp_of(before.files) != stamp_of(source.files):
        check_rows(out, source, blocks.items())
    failed = ~_converged(read_statuses(out))
    todo = [own for own in blocks if failed[own[0] : own[1]].any()]
    if not todo:
        return 0, 0
    job = _job(model, source, settings, start, is_absolute, shape)
    note = f"{int(failed.sum())} rows fitted again: {record.start.values}"
    n_done = n_left = 0
    began = time.perf_counter()
    with edited_maps(out, model.free_names, len(shape), note, lock) as maps:
        for block in todo:
            check()
            found = RowTable(**maps.read(*block))
            n_done += int(found.failed.sum())
            read = read_block(source, block)
            if read.digest != blocks[block]:
                raise changed_rows(out, source, block)
            job.refit_block(read.data, block[0], found)
            found.status[read.lost] = Status.UNREADABLE
            maps.write(block[0], columns_of(found._asdict(), model.n_outputs))
            n_left += int(found.failed.sum())
            if progress is not None:
                seconds = time.perf_counter() - began
                progress(ManyProgress(n_done, int(failed.sum()), n_left, seconds))
    return int(failed.sum()), n_left


def _converged(status: Any) -> Any:
    return (status > 0) & (status < Status.MAX_STEPS)


def _check_same(out: Path, before: JobRecord, record: JobRecord) -> None:
    """Refuse a result of another model, other limits, another loss or other data."""
    words = changes(before.files, record.files)
    words = words or difference(_comparable(before), _comparable(record))
    if words:
        raise DataError(
            f"`{out}` is of another job: {words}; only start values and when to stop "
            "may change for the rows that failed."
        )


def _comparable(job: JobRecord) -> JobRecord:
    """A job without what may change, start values among it."""
    parameters = {
        name: {k: v for k, v in own.items() if k != "start" or own["fixed"]}
        for name, own in job.model["parameters"].items()
    }
    return msgspec.structs.replace(
        job,
        model={**job.model, "parameters": parameters},
        start=StartRecord({}, False),
        stop={},
        retry=False,
        physfit="",
    )


def _job(
    model: Model,
    source: RowSource,
    settings: Settings,
    start: RowStart,
    is_absolute: bool,
    shape: tuple[int, ...],
) -> RowJob:
    return RowJob(
        model,
        settings.loss,
        start,
        is_absolute=is_absolute,
        n_rows=int(np.prod(shape, dtype=np.int64)),
        n_points=source.n_points,
        equal_weights=source.has_equal_weights,
        row_length=shape[-1] if len(shape) > 1 else 0,
        stop=settings.stop,
        threads=settings.threads,
        retry=settings.retry,
    )
