"""Whether the data of a job are still those that it began with.

Files of the same size and dates, in the same place, hold the same. Files of another
size or date are refused. A copy that kept its date, or a file that was given it back,
is read again as far as there are answers, and compared digest by digest.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from physfit.data.files.file_bytes import changes, stamp_of, state_of
from physfit.data.jobs.file_rows import FileRows, reopened
from physfit.data.jobs.job_record import Block, JobRecord
from physfit.data.jobs.map_reader import opened_maps
from physfit.data.jobs.parts import Parts
from physfit.data.row_source import RowSource
from physfit.engine.workers import check
from physfit.errors import DataError
from physfit.many_fits.file_job import Read, read_block
from physfit.many_fits.source_job import difference

__all__ = ["check_job", "check_merged", "check_parts", "check_rows", "digests_of"]
__all__ += ["read_same", "same_rows"]

ANEW = "give another output, or begin anew with --overwrite (overwrite=True)"


def check_job(place: Path, old: JobRecord, new: JobRecord, advice: str = ANEW) -> None:
    """Refuse to go on with what stands at `place` as another job.

    Raises
    ------
    DataError
        With the first thing in which they differ.
    """
    words = changes(old.files, new.files) or difference(old, new)
    if words:
        raise DataError(f"`{place}` is of another job: {words}; {advice}.")


def check_rows(
    place: Path, source: RowSource, digests: Iterable[tuple[Block, str]]
) -> None:
    """Read blocks of rows again and compare them with their digests.

    Raises
    ------
    DataError
        When some are others than those that were fitted.
    """
    for block, digest in digests:
        check()
        read_same(place, source, block, digest)


def digests_of(output: Path, job: JobRecord) -> dict[Block, str]:
    """Digests of the data of all blocks of a finished output.

    Raises
    ------
    DataError
        When there are not as many as blocks.
    """
    with opened_maps(output) as maps:
        blocks, digests = job.blocks, maps.digests()
    if len(digests) != len(blocks):
        raise DataError(
            f"`{output}` is damaged: it keeps {len(digests)} digests of data for "
            f"{len(blocks)} blocks of rows; {ANEW}."
        )
    return dict(zip(blocks, digests, strict=True))


def read_same(place: Path, source: RowSource, block: Block, digest: str) -> Read:
    """Rows of a block, refused if they are others than those that were fitted."""
    read = read_block(source, block)
    if read.digest != digest:
        raise DataError(
            f"`{place}` is of another job: rows {block[0]} to {block[1]} of "
            f"`{source.name}` are not those that were fitted, although size and date "
            f"of the file are the same; {ANEW}."
        )
    return read


@contextmanager
def same_rows(data: FileRows) -> Iterator[Callable[[Block], Read]]:
    """Reads blocks of the rows of a finished result, as long as they are the same.

    Raises
    ------
    DataError
        When they are others than those that were fitted.
    """
    digests = dict(zip(data.job.blocks, data.digests, strict=False))
    with data.opened() as source:
        words = changes(data.job.files, source.files)
        if words:
            raise data.foreign(f": {words}")

        def read(block: Block) -> Read:
            found = read_block(source, block)
            if found.digest != digests.get(block, found.digest):
                raise data.foreign(f" in the rows {block[0]} to {block[1]}")
            return found

        yield read


def check_parts(parts: Parts, source: RowSource, blocks: Iterable[Block]) -> set[Block]:
    """Blocks whose parts can be used, of those that are asked for.

    A part that is damaged or of another job is to be computed anew. Every sound part,
    also of other blocks, must be of the data that are there now.

    Raises
    ------
    DataError
        When the data are others.
    """
    wanted, stamp = set(blocks), stamp_of(source.files)
    sound, to_read = set(), []
    for block in parts.done():
        check()
        if block not in wanted and parts.is_current(*block, stamp):
            continue
        try:
            part = parts.read(*block)
        except DataError:
            continue
        sound.add(block)
        if part.files != stamp:
            to_read.append((block, part.rows))
    check_rows(parts.folder, source, to_read)
    return sound & wanted


def check_merged(parts: Parts, since: str = "") -> None:
    """Refuse to join parts whose data are there, but are others now.

    Where the files of data are not at hand, the parts are taken as they are: they say
    of each other that they are of one job.

    Parameters
    ----------
    parts : Parts
    since : str
        Stamp of the files when they were checked last; all is well if it has not
        changed.
    """
    job, done = parts.job(), parts.done()
    paths = [Path(state.path) for state in job.files]
    if not all(path.is_file() for path in paths):
        return
    now = [state_of(path, os.stat(path)) for path in paths]
    stamp = stamp_of(now)
    if stamp == since:
        return
    words = changes(job.files, now)
    if words:
        raise DataError(f"`{parts.folder}` is of another job: {words}; {ANEW}.")
    is_current = all(parts.is_current(*block, stamp) for block in done)
    if is_current or job.about.opening is None:
        return
    source = reopened(job, Path(job.about.opening.path))
    try:
        check_parts(parts, source, ())
    finally:
        source.close()
