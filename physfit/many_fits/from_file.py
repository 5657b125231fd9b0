"""`fit_many` on a file: answers go to parts, which are joined at the end."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

from physfit.data.files.file_state import stamp_of
from physfit.data.files.output_lock import OutputLock, output_lock
from physfit.data.files.outputs import refuse_inputs
from physfit.data.files.paths import target_of
from physfit.data.jobs.job_record import JobRecord, checked_job
from physfit.data.jobs.map_reader import is_map_file, read_job
from physfit.data.jobs.parts import Part, Parts, parts_folder
from physfit.data.row_data import Axis
from physfit.data.row_source import RowSource
from physfit.engine.workers import by_caller, undisturbed
from physfit.errors import DataError, InputError
from physfit.many_fits.arguments import refuse_spins
from physfit.many_fits.file_job import Block, blocks_of, fit_blocks, read_block
from physfit.many_fits.joining import Joining, joined_maps
from physfit.many_fits.manifest import manifest
from physfit.many_fits.progress import ManyProgress
from physfit.many_fits.row_job import RowJob, rows_of_block
from physfit.many_fits.same_data import (
    check_job,
    check_merged,
    check_parts,
    check_rows,
    digests_of,
)
from physfit.many_fits.starts import SAMPLE_ROWS, StartArgument, checked_start
from physfit.models.loss import Loss
from physfit.models.model import Model
from physfit.result.many_file import SUFFIXES
from physfit.result.row_table import RowTable
from physfit.solve.base import Stop
from physfit.solve.many import check_kind, default_stop

__all__ = ["FileRun", "Settings", "join_parts", "run_file"]


class Settings(NamedTuple):
    """How to fit, as `fit_many` was told."""

    loss: Loss
    start: StartArgument
    stop: Stop | None
    retry: bool
    threads: int


class FileRun(NamedTuple):
    """Where answers go, and which of them.

    Attributes
    ----------
    out : Path
        The output file; parts stand in a folder beside it until all are there.
    resume, overwrite : bool
        Whether to go on with parts that are there, or to begin anew.
    shard : (int, int)
        Number of this shard from 1, and how many there are.
    command : str
        What a shell must be told to go on, without --resume.
    """

    out: Path
    resume: bool = False
    overwrite: bool = False
    shard: tuple[int, int] = (1, 1)
    command: str = ""

    @property
    def share(self) -> str:
        """Name of the share that this run has of the output; empty for the whole."""
        number, count = self.shard
        return f"{number}-of-{count}" if count > 1 else ""


@undisturbed
def run_file(
    model: Model,
    source: RowSource,
    settings: Settings,
    run: FileRun,
    *,
    progress: Callable[[ManyProgress], None] | None = None,
    asked_to_stop: Callable[[], bool] | None = None,
) -> bool:
    """Fit the rows of a file into parts, and join them; shards are joined by `merge`.

    Returns
    -------
    bool
        Whether the output file is there.

    Raises
    ------
    DataError
        When outputs are there that are not of this job, cannot be written, or are
        written by another run.
    """
    progress = None if progress is None else by_caller(progress)
    _check_run(run)
    written = {"`out` (-o)": run.out, "the folder of parts": parts_folder(run.out)}
    refuse_inputs(written, [own.path for own in source.files])
    with output_lock(run.out, run.share) as lock:
        target_of(run.out, run.overwrite or run.resume)
        return _run(model, source, settings, run, lock, (progress, asked_to_stop))


def _run(
    model: Model,
    source: RowSource,
    settings: Settings,
    run: FileRun,
    lock: OutputLock,
    callbacks: tuple[Callable[[ManyProgress], None] | None, Callable[[], bool] | None],
) -> bool:
    """The same, with the right to write."""
    refuse_spins(model)
    shape = source.shape
    n_rows = int(np.prod(shape, dtype=np.int64))
    block_rows = rows_of_block(source.row_bytes, source.multiple)
    sample = read_block(source, (0, min(SAMPLE_ROWS, n_rows))).data
    check_kind(model.layout, settings.loss, sample)
    start = checked_start(model, settings.start, shape, sample)
    is_absolute = source.has_sigma or settings.loss.name == "poisson"
    record = manifest(
        *(model, settings.loss, source, start),
        stop=settings.stop or default_stop(),
        retry=settings.retry,
        is_absolute=is_absolute,
        block_rows=block_rows,
        command=run.command,
    )
    parts = Parts(parts_folder(run.out), lock)
    if run.out.exists() and not run.overwrite:
        _check_finished(run.out, record, source)
        remove_joined(run.out, parts)
        return True
    _begin(parts, record, source.axes, run)
    job = RowJob(
        model,
        settings.loss,
        start,
        is_absolute=is_absolute,
        n_rows=n_rows,
        n_points=source.n_points,
        equal_weights=source.has_equal_weights,
        row_length=shape[-1] if len(shape) > 1 else 0,
        stop=settings.stop,
        threads=settings.threads,
        retry=settings.retry,
    )
    mine = blocks_of(n_rows, block_rows)[run.shard[0] - 1 :: run.shard[1]]
    sound = check_parts(parts, source, mine)
    todo = [block for block in mine if block not in sound]
    if run.shard[1] > 1:
        _fit(job, source, parts, todo, None, *callbacks)
        check_merged(parts, stamp_of(source.files))
        return False
    with joined_maps(parts, run.out, overwrite=True, lock=lock) as joining:
        _fit(job, source, parts, todo, joining, *callbacks)
        check_merged(parts, stamp_of(source.files))
        joining.finish()
    parts.remove()
    return True


def _check_run(run: FileRun) -> None:
    number, count = run.shard
    if not 1 <= number <= count:
        raise InputError(
            f"`shard` must be a number from 1 to the count of shards, but is {number} "
            f"of {count}."
        )
    if run.out.suffix.lower() not in SUFFIXES:
        raise InputError(
            f"`{run.out}` must end in {', '.join(SUFFIXES)}; maps are written as HDF5."
        )


def _check_finished(out: Path, record: JobRecord, source: RowSource) -> None:
    """Refuse to go on with a finished output of another job, or of other data."""
    before = checked_job(out, read_job(out))
    check_job(out, before, record)
    if stamp_of(before.files) != stamp_of(source.files):
        check_rows(out, source, digests_of(out, before).items())


def _begin(
    parts: Parts, record: JobRecord, axes: tuple[Axis, ...], run: FileRun
) -> None:
    """Go on with parts of the same job; begin where there are none."""
    parts.check_job_file()
    if parts.exists and run.overwrite and not run.resume and run.shard[1] == 1:
        parts.remove()
    if not parts.exists:
        parts.begin(record, axes)
        return
    if not run.resume and run.shard[1] == 1:
        raise DataError(
            f"`{parts.folder}` holds an unfinished job; go on with --resume "
            "(resume=True), or begin anew with --overwrite (overwrite=True)."
        )
    before = parts.job()
    check_job(parts.folder, before, record)
    parts.mend_axes(axes)
    _warn_of_another_machine(before.machine, record.machine)


def _warn_of_another_machine(before: Mapping[str, str], now: Mapping[str, str]) -> None:
    """Say that rows of one map will differ in their last bits."""
    for name, value in now.items():
        if before.get(name) != value:
            warnings.warn(
                f"the {name} is {value} here, but was {before.get(name)} where this "
                "job began; its rows agree to their errors, not to the last bit.",
                stacklevel=2,
            )


def _fit(
    job: RowJob,
    source: RowSource,
    parts: Parts,
    todo: list[Block],
    joining: Joining | None,
    progress: Callable[[ManyProgress], None] | None,
    asked_to_stop: Callable[[], bool] | None,
) -> None:
    began, files = time.perf_counter(), stamp_of(source.files)
    mine = sum(stop - start for start, stop in todo)

    def told(done: int, failed: int, begun: int) -> None:
        if progress is not None:
            seconds = time.perf_counter() - began
            progress(ManyProgress(done + begun, mine, failed, seconds))

    def keep(start: int, stop: int, table: RowTable, rows: str) -> None:
        part = Part(table._asdict(), time.perf_counter() - began, rows, files)
        parts.write(start, stop, part)
        if joining is not None:
            joining.add(start, stop, part)

    fit_blocks(job, source, todo, keep, told=told, asked_to_stop=asked_to_stop)


def remove_joined(out: Path, parts: Parts) -> bool:
    """Delete the parts that a file of maps was made from.

    A run that is killed after the file took its place leaves some of them.

    Returns
    -------
    bool
        Whether the file is there, and of the job of the parts.
    """
    try:
        if not is_map_file(out):
            return False
        if parts.exists:
            job, begun = checked_job(out, read_job(out)), parts.job()
            if (job.digest, job.files) != (begun.digest, begun.files):
                return False
    except DataError:
        return False
    parts.remove()
    return True


@undisturbed
def join_parts(
    parts: Parts, out: Path, *, overwrite: bool = False, lock: OutputLock | None = None
) -> None:
    """One file of maps from all parts; `lock` is that of `out`.

    Raises
    ------
    DataError
        When parts are missing, damaged or of another job, when the data have changed,
        or when the file cannot be written.
    """
    job, done = parts.job(), parts.done()
    blocks = blocks_of(job.n_rows, job.block_rows)
    foreign = sorted(set(done) - set(blocks))
    if foreign:
        raise DataError(
            f"`{parts.path(*foreign[0])}` is no part of this job; move it away."
        )
    missing = sorted(set(blocks) - set(done))
    if missing:
        first = ", ".join(f"{start} to {stop}" for start, stop in missing[:4])
        more = ", ..." if len(missing) > 4 else ""
        raise DataError(
            f"`{parts.folder}` misses {len(missing)} blocks of rows ({first}{more}); "
            f"`physfit status {out}` says which command computes them."
        )
    check_merged(parts)
    with joined_maps(parts, out, overwrite=overwrite, lock=lock) as joining:
        joining.finish()
