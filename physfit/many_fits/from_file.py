"""`fit_many` on a file: answers go to parts, which are joined at the end."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from time import monotonic
from typing import NamedTuple, TypeAlias

from physfit.data.files.file_bytes import stamp_of
from physfit.data.files.output_lock import OutputLock, output_lock
from physfit.data.files.outputs import refuse_inputs
from physfit.data.files.paths import target_of
from physfit.data.jobs.job_record import Block, JobRecord
from physfit.data.jobs.map_reader import read_job
from physfit.data.jobs.parts import Part, Parts, parts_folder
from physfit.data.row_data import Axis
from physfit.data.row_source import RowSource
from physfit.engine.workers import by_caller, undisturbed
from physfit.errors import DataError, InputError
from physfit.fitting.fit_settings import FitSettings
from physfit.many_fits import file_job
from physfit.many_fits.file_job import fit_blocks
from physfit.many_fits.joining import AddPart, joined_maps, remove_joined
from physfit.many_fits.progress import ManyProgress, ProgressMeter
from physfit.many_fits.row_job import RowJob
from physfit.many_fits.same_data import (
    check_job,
    check_merged,
    check_parts,
    check_rows,
    digests_of,
)
from physfit.many_fits.source_job import SourceJob
from physfit.models.model import Model
from physfit.progress import checked_progress, draws_bar, pace_of_rows
from physfit.result.many_file import SUFFIXES
from physfit.solve.row_table import RowTable

__all__ = ["JobOutput", "run_file"]

#: Of a caller: for progress, and whether to stop.
Callbacks: TypeAlias = tuple[
    Callable[[ManyProgress], None] | None, Callable[[], bool] | None
]


class JobOutput(NamedTuple):
    """Where answers go, and which of them.

    Attributes
    ----------
    path : Path
        The output file; parts stand in a folder beside it until all are there.
    resume, overwrite : bool
        Whether to go on with parts that are there, or to begin anew.
    shard : (int, int)
        Number of this shard from 1, and how many there are.
    command : str
        What a shell must be given to go on, without --resume.
    block_rows : int or None
        Rows of a block; None for what the job has already, or what its size says.
    """

    path: Path
    resume: bool = False
    overwrite: bool = False
    shard: tuple[int, int] = (1, 1)
    command: str = ""
    block_rows: int | None = None


@draws_bar("fitting", pace_of_rows)
@undisturbed
def run_file(
    model: Model,
    source: RowSource,
    settings: FitSettings,
    output: JobOutput,
    *,
    progress: Callable[[ManyProgress], None] | bool | None = None,
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
    progress = checked_progress(progress, "pf.ManyProgress")
    progress = None if progress is None else by_caller(progress)
    _check_output(output)
    written = {
        "`output` (-o)": output.path,
        "the folder of parts": parts_folder(output.path),
    }
    refuse_inputs(written, [own.path for own in source.files])
    number, count = output.shard
    share = f"{number}-of-{count}" if count > 1 else ""
    with output_lock(output.path, share) as lock:
        target_of(output.path, output.overwrite or output.resume)
        job = SourceJob(model, source, settings)
        return _run(job, output, lock, (progress, asked_to_stop))


def _run(
    job: SourceJob, output: JobOutput, lock: OutputLock, callbacks: Callbacks
) -> bool:
    """The same, with the right to write."""
    source, path = job.source, output.path
    parts = Parts(parts_folder(path), lock)
    record = job.record(_block_rows(output, parts), output.command)
    if path.exists() and not output.overwrite:
        before = read_job(path)
        check_job(path, before, record)
        if stamp_of(before.files) != stamp_of(source.files):
            check_rows(path, source, digests_of(path, before).items())
        remove_joined(path, parts)
        return True
    _begin(parts, record, source.axes, output)
    number, count = output.shard
    mine = record.blocks[number - 1 :: count]
    sound = check_parts(parts, source, mine)
    todo = [block for block in mine if block not in sound]
    if count > 1:
        _fit(job, parts, todo, None, callbacks)
        check_merged(parts, stamp_of(source.files))
        return False
    with joined_maps(parts, path, overwrite=True, lock=lock) as add:
        _fit(job, parts, todo, add, callbacks)
        check_merged(parts, stamp_of(source.files))
    parts.remove()
    return True


def _block_rows(output: JobOutput, parts: Parts) -> int | None:
    """Rows of a block that were asked for, or with which the job has begun."""
    if output.block_rows is not None:
        return output.block_rows
    if output.path.exists() and not output.overwrite:
        return read_job(output.path).block_rows
    is_new = output.overwrite and not output.resume and output.shard[1] == 1
    if is_new or not parts.exists:
        return None
    parts.check_job_file()
    return parts.job().block_rows


def _check_output(output: JobOutput) -> None:
    number, count = output.shard
    if not 1 <= number <= count:
        raise InputError(
            f"`shard` must be a number from 1 to the count of shards, but is {number} "
            f"of {count}."
        )
    if output.path.suffix.lower() not in SUFFIXES:
        raise InputError(
            f"`{output.path}` must end in {', '.join(SUFFIXES)}; maps are written as "
            "HDF5."
        )


def _begin(
    parts: Parts, record: JobRecord, axes: tuple[Axis, ...], output: JobOutput
) -> None:
    """Go on with parts of the same job; begin where there are none."""
    parts.check_job_file()
    if parts.exists and output.overwrite and not output.resume and output.shard[1] == 1:
        parts.remove()
    if not parts.exists:
        parts.begin(record, axes)
        return
    if not output.resume and output.shard[1] == 1:
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


class _Keeper:
    """Keeps finished blocks, of which those of the last second in memory only.

    Parameters
    ----------
    parts : Parts
    add : callable or None
        Takes blocks for the file of maps.
    """

    def __init__(self, parts: Parts, add: AddPart | None) -> None:
        self._parts, self._add = parts, add
        self._held: list[tuple[int, int, Part]] = []
        self._written = monotonic()

    def keep(self, start: int, stop: int, part: Part) -> None:
        """Take a block; write it, and those before it, once a second."""
        self._held.append((start, stop, part))
        if monotonic() - self._written >= file_job.LOST_SECONDS:
            self.write()
        if self._add is not None:
            self._add(start, stop, part)

    def write(self) -> None:
        """Write the blocks that are held, each to a file of its own."""
        while self._held:
            self._parts.write(*self._held[0])
            del self._held[0]
        self._written = monotonic()


def _fit(
    job: SourceJob,
    parts: Parts,
    todo: list[Block],
    add: AddPart | None,
    callbacks: Callbacks,
) -> None:
    """Fit blocks; those that a file of maps has at the end need no parts."""
    progress, asked_to_stop = callbacks
    files, keeper = stamp_of(job.source.files), _Keeper(parts, add)
    meter = ProgressMeter(progress, sum(stop - start for start, stop in todo))
    fits = RowJob(job.plan, parts.job().block_rows)

    def keep(start: int, stop: int, table: RowTable, rows: str) -> None:
        part = Part(table._asdict(), meter.seconds, rows, files)
        keeper.keep(start, stop, part)

    try:
        fit_blocks(
            *(fits, job.source, todo, keep), meter=meter, asked_to_stop=asked_to_stop
        )
    except BaseException:
        keeper.write()
        raise
    if add is None:
        keeper.write()
