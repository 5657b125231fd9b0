"""How far a job has come by its parts, and the file of maps that is made of them.

The file is filled while parts come in or when all are there. It grows beside the output
under another name, and takes its place when it is whole.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import NamedTuple, TypeAlias

import msgspec

from physfit.data.files.atomic import atomic_file
from physfit.data.files.output_lock import OutputLock
from physfit.data.hdf5.errors import meaning_of
from physfit.data.jobs.job_record import Block
from physfit.data.jobs.map_file import new_maps
from physfit.data.jobs.map_reader import is_map_file, read_job
from physfit.data.jobs.parts import Part, Parts
from physfit.document.blocks import Document, Heading, Table, Text
from physfit.engine.workers import check, undisturbed
from physfit.errors import DataError
from physfit.many_fits.same_data import check_merged
from physfit.result.many_file import columns_of, frame_of
from physfit.result.record import model_of
from physfit.solve.base import Status
from physfit.solve.row_table import RowTable

__all__ = ["AddPart", "JobStatus", "job_status", "join_parts", "joined_maps"]
__all__ += ["remove_joined"]

#: Takes the first row of a part, the one after its last, and the part.
AddPart: TypeAlias = Callable[[int, int, Part], None]
#: Seconds after which what was added is brought on to the disk.
FLUSH_SECONDS = 1.0
#: Ranges of rows, and files, that are named one by one.
SHOWN = 6


@contextmanager
def joined_maps(
    parts: Parts, output: Path, *, overwrite: bool, lock: OutputLock | None
) -> Iterator[AddPart]:
    """File of maps that takes its place when the block ends well.

    What it yields adds a part, and once a second brings them on to the disk, so that
    the end is short; there the parts follow that were not added.

    Parameters
    ----------
    parts : Parts
        Of a job that has begun.
    output : Path
        Where the file goes at the end.
    overwrite : bool
        Whether an existing file may be replaced.
    lock : OutputLock, optional
        Of `output`.

    Raises
    ------
    DataError
        When it cannot be written.
    """
    job = parts.job()
    model = model_of(job.model)
    frame = frame_of(msgspec.to_builtins(job), model, parts.axes())
    frame, added = frame._replace(n_blocks=len(job.blocks)), set[Block]()
    flushed = monotonic()
    with atomic_file(output, overwrite, lock=lock) as temporary:
        try:
            with new_maps(temporary, frame) as maps:

                def add(start: int, stop: int, part: Part) -> None:
                    nonlocal flushed
                    columns = columns_of(RowTable(**part.columns), model.n_outputs)
                    maps.write(start, columns, (start // job.block_rows, part.rows))
                    if monotonic() - flushed >= FLUSH_SECONDS:
                        maps.flush()
                        flushed = monotonic()
                    added.add((start, stop))

                yield add
                for block in job.blocks:
                    if block not in added:
                        check()
                        add(*block, parts.read(*block))
        except OSError as error:
            raise DataError(
                f"`{output}` cannot be written: {meaning_of(error)}; the parts in "
                f"`{parts.folder}` stay."
            ) from error


def remove_joined(output: Path, parts: Parts) -> bool:
    """Delete the parts that a file of maps was made from.

    A run that is killed after the file took its place leaves some of them.

    Returns
    -------
    bool
        Whether the file is there, and of the job of the parts.
    """
    try:
        if not is_map_file(output):
            return False
        if parts.exists:
            job, begun = read_job(output), parts.job()
            if (job.digest, job.files) != (begun.digest, begun.files):
                return False
    except DataError:
        return False
    parts.remove()
    return True


@undisturbed
def join_parts(
    parts: Parts,
    output: Path,
    *,
    overwrite: bool = False,
    lock: OutputLock | None = None,
) -> None:
    """One file of maps from all parts; `lock` is that of `output`.

    Raises
    ------
    DataError
        When parts are missing, damaged or of another job, when the data have changed,
        or when the file cannot be written.
    """
    job, done = parts.job(), parts.done()
    foreign = sorted(set(done) - set(job.blocks))
    if foreign:
        raise DataError(
            f"`{parts.path(*foreign[0])}` is no part of this job; move it away."
        )
    missing = sorted(set(job.blocks) - set(done))
    if missing:
        first = ", ".join(f"{start} to {stop}" for start, stop in missing[:4])
        more = ", ..." if len(missing) > 4 else ""
        raise DataError(
            f"`{parts.folder}` misses {len(missing)} blocks of rows ({first}{more}); "
            f"`physfit status {output}` says which command computes them."
        )
    with joined_maps(parts, output, overwrite=overwrite, lock=lock):
        check_merged(parts)


class JobStatus(NamedTuple):
    """How far a job has come.

    Attributes
    ----------
    blocks : Document
        Rows done, their statuses, fits per second, what is missing or damaged.
    is_complete : bool
        Whether nothing is left but to join the parts.
    """

    blocks: Document
    is_complete: bool


def job_status(parts: Parts) -> JobStatus:
    """How far a job has come.

    Raises
    ------
    DataError
        When it cannot be told what the job is.
    """
    job = parts.job()
    blocks = set(job.blocks)
    counts: Counter[int] = Counter()
    sound: dict[Block, float] = {}
    faults: list[str] = []
    for block in parts.done():
        try:
            part = _part(parts, block, blocks)
        except DataError as error:
            faults.append(str(error))
            continue
        counts.update(part.columns["status"].tolist())
        sound[block] = part.seconds
    n_done = sum(stop - start for start, stop in sound)
    done = (
        f"{job.model['expression']}, {job.loss}: {n_done} of {job.n_rows} rows are done"
    )
    statuses = [(str(n), Status(own).sentence) for own, n in counts.most_common()]
    missing = [f"{start}:{stop}" for start, stop in sorted(blocks - set(sound))]
    lines = [f"{len(blocks)} blocks of {job.block_rows} rows"]
    if missing:
        lines.append(
            f"missing: {len(missing)} blocks of rows: {_listed(missing, ', ')}"
        )
    if faults:
        lines.append(f"not used: {_listed(faults, '; ')}")
    rate = _rate(parts, sound)
    if rate > 0.0:
        lines.append(f"the last process fitted {rate:,.0f} rows a second")
    report: Document = [Heading(done), Table("rl", {"": statuses}), Text(lines)]
    return JobStatus(report, not missing and not faults)


def _part(parts: Parts, block: Block, blocks: set[Block]) -> Part:
    if block not in blocks:
        raise DataError(f"`{parts.path(*block)}` is no part of this job.")
    return parts.read(*block)


def _listed(texts: list[str], mark: str) -> str:
    more = f" and {len(texts) - SHOWN} more" if len(texts) > SHOWN else ""
    return mark.join(texts[:SHOWN]) + more


def _rate(parts: Parts, sound: dict[Block, float]) -> float:
    """Rows a second of the process that wrote the newest part."""
    if not sound:
        return 0.0
    newest = max(sound, key=lambda own: parts.path(*own).stat().st_mtime)
    n_rows = sum(stop - start for start, stop in sound if start <= newest[0])
    return n_rows / sound[newest] if sound[newest] > 0.0 else 0.0
