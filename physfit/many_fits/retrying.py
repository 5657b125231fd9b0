"""Rows of a finished result that did not converge, fitted again."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from physfit.data.row_source import RowSource
from physfit.errors import DataError
from physfit.many_fits.file_job import blocks_of, read_block
from physfit.many_fits.from_file import Settings
from physfit.many_fits.progress import ManyProgress
from physfit.many_fits.row_job import RowJob, rows_of_block
from physfit.many_fits.starts import SAMPLE_ROWS, checked_start
from physfit.models.model import Model
from physfit.result.many_file import load_many, save_many
from physfit.result.many_result import ManyResult
from physfit.solve.base import Status

__all__ = ["retry_failed"]


def retry_failed(
    model: Model,
    source: RowSource,
    settings: Settings,
    out: Path,
    *,
    progress: Callable[[ManyProgress], None] | None = None,
) -> ManyResult:
    """Fit the rows of `out` again that have not converged; write it anew.

    Rows that have converged stay as they are, bit by bit.

    Raises
    ------
    DataError
        When the result is of another model or other rows.
    """
    result = load_many(out)
    shape = tuple(len(own.values) for own in source.axes)
    if result.model.free_names != model.free_names or result.shape != shape:
        raise DataError(
            f"`{out}` has the shape {result.shape} and the parameters "
            f"{', '.join(result.model.free_names)}, but the data have {shape} and the "
            f"model {', '.join(model.free_names)}; name the job that wrote it."
        )
    job = _job(model, source, settings, result, shape)
    block_rows = rows_of_block(source.row_bytes, source.multiple)
    failed, began = result.table.failed, time.perf_counter()
    todo = [
        own
        for own in blocks_of(result.n_rows, block_rows)
        if failed[own[0] : own[1]].any()
    ]
    n_failed, n_done = int(failed.sum()), 0
    for start, stop in todo:
        found = result.table.rows(start, stop)
        n_done += int(found.failed.sum())
        read = read_block(source, (start, stop))
        job.refit_block(read.data, start, found)
        found.status[read.lost] = Status.UNREADABLE
        if progress is not None:
            left = int(result.table.failed.sum())
            seconds = time.perf_counter() - began
            progress(ManyProgress(n_done, n_failed, left, seconds))
    save_many(result, out, overwrite=True)
    return result


def _job(
    model: Model,
    source: RowSource,
    settings: Settings,
    result: ManyResult,
    shape: tuple[int, ...],
) -> RowJob:
    n_rows = int(np.prod(shape, dtype=np.int64))
    sample = read_block(source, (0, min(SAMPLE_ROWS, n_rows))).data
    return RowJob(
        model,
        settings.loss,
        checked_start(model, settings.start, shape, sample),
        is_absolute=result.is_absolute,
        n_rows=n_rows,
        n_points=source.n_points,
        equal_weights=source.has_equal_weights,
        row_length=shape[-1] if len(shape) > 1 else 0,
        stop=settings.stop,
        threads=settings.threads,
        retry=True,
    )
