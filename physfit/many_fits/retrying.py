"""Rows of a finished result that did not converge, fitted again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec

from physfit.data.files.file_bytes import stamp_of
from physfit.data.files.output_lock import OutputLock, output_lock
from physfit.data.files.outputs import refuse_inputs
from physfit.data.jobs.job_record import JobRecord, StartRecord, checked_job
from physfit.data.jobs.map_file import edited_maps
from physfit.data.jobs.map_reader import opened_maps
from physfit.data.row_source import RowSource
from physfit.engine.workers import by_caller, check, undisturbed
from physfit.errors import DataError
from physfit.fitting.fit_settings import FitSettings
from physfit.many_fits.progress import ManyProgress, ProgressMeter
from physfit.many_fits.row_job import RowJob
from physfit.many_fits.same_data import check_job, check_rows, digests_of, read_same
from physfit.many_fits.source_job import SourceJob
from physfit.models.model import Model
from physfit.progress import checked_progress, draws_bar, pace_of_rows
from physfit.result.many_file import columns_of
from physfit.solve.base import Status
from physfit.solve.row_table import RowTable, is_failed

__all__ = ["retry_failed"]

MAY_CHANGE = "only start values and when to stop may change for the rows that failed"


@draws_bar("fitting", pace_of_rows)
@undisturbed
def retry_failed(
    model: Model,
    source: RowSource,
    settings: FitSettings,
    output: Path,
    *,
    progress: Callable[[ManyProgress], None] | bool | None = None,
) -> tuple[int, int]:
    """Fit the rows of `output` again that have not converged.

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
    progress = checked_progress(progress, "pf.ManyProgress")
    progress = None if progress is None else by_caller(progress)
    refuse_inputs({"`output` (-o)": output}, [own.path for own in source.files])
    with output_lock(output) as lock:
        return _retry(SourceJob(model, source, settings), output, lock, progress)


def _retry(
    job: SourceJob,
    output: Path,
    lock: OutputLock,
    progress: Callable[[ManyProgress], None] | None,
) -> tuple[int, int]:
    """The same, with the right to write."""
    source, (model, _, _, settings) = job.source, job.plan
    with opened_maps(output) as stored:
        before, statuses = checked_job(output, stored.job), stored.statuses()
        has_scales = stored.has_scales
    record = job.record(before.block_rows)
    check_job(output, _comparable(before), _comparable(record), MAY_CHANGE)
    if settings.loss.needs_scale(before.is_absolute) and not has_scales:
        raise DataError(
            f"`{output}` was fitted by an earlier physfit, whose `{settings.loss}` "
            "measured residuals in units of y and not by their scale; fit all rows "
            "anew."
        )
    blocks = digests_of(output, before)
    if stamp_of(before.files) != stamp_of(source.files):
        check_rows(output, source, blocks.items())
    failed = is_failed(statuses.reshape(-1))
    todo = [own for own in blocks if failed[own[0] : own[1]].any()]
    n_failed, n_left = int(failed.sum()), 0
    if not todo:
        return 0, 0
    fits, meter = RowJob(job.plan, record.block_rows), ProgressMeter(progress, n_failed)
    note = f"{n_failed} rows fitted again: {record.start.values}"
    with edited_maps(output, model.free_names, note, lock) as maps:
        for block in todo:
            check()
            found = RowTable(**maps.read(*block))
            n_before = int(found.failed.sum())
            read = read_same(output, source, block, blocks[block])
            fits.refit_block(read.data, block[0], found)
            found.status[read.lost] = Status.UNREADABLE
            columns = columns_of(found, model.n_outputs)
            del columns["refitted"]  # rows with an answer of a refit have not failed
            maps.write(block[0], columns)
            n_after = int(found.failed.sum())
            n_left += n_after
            meter.add(n_before, n_after)
            meter.update()
    return n_failed, n_left


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
