"""The file of maps of a job, filled while its parts come in or when all are there.

It grows beside the output under another name, and takes its place when it is whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import msgspec

from physfit.data.files.atomic import atomic_file
from physfit.data.files.output_lock import OutputLock
from physfit.data.hdf5.errors import meaning_of
from physfit.data.jobs.job_record import JobRecord
from physfit.data.jobs.map_file import MapWriter
from physfit.data.jobs.parts import Part, Parts
from physfit.engine.workers import check
from physfit.errors import DataError
from physfit.many_fits.file_job import blocks_of
from physfit.models.model import Model
from physfit.result.many_file import columns_of, frame_of
from physfit.result.record import model_of

__all__ = ["Joining", "joined_maps"]


class Joining:
    """A file of maps that is being filled; see `joined_maps`.

    Parameters
    ----------
    parts : Parts
    job : JobRecord
        Theirs.
    model : Model
    writer : MapWriter
    """

    def __init__(
        self, parts: Parts, job: JobRecord, model: Model, writer: MapWriter
    ) -> None:
        self._parts, self._writer, self._n_outputs = parts, writer, model.n_outputs
        self._block_rows = job.block_rows
        self._blocks = blocks_of(job.n_rows, job.block_rows)
        self._added: set[tuple[int, int]] = set()

    def add(self, start: int, stop: int, part: Part) -> None:
        """Rows of a part, and on to the disk with them, so that the end is short."""
        self._writer.write(start, columns_of(part.columns, self._n_outputs))
        self._writer.write_digest(start // self._block_rows, part.rows)
        self._writer.flush()
        self._added.add((start, stop))

    def finish(self) -> None:
        """Add the parts that are missing here."""
        for start, stop in self._blocks:
            check()
            if (start, stop) not in self._added:
                self.add(start, stop, self._parts.read(start, stop))
        self._writer.flush()


@contextmanager
def joined_maps(
    parts: Parts, out: Path, *, overwrite: bool, lock: OutputLock | None
) -> Iterator[Joining]:
    """File of maps that takes its place when the block ends well.

    Parameters
    ----------
    parts : Parts
        Of a job that has begun.
    out : Path
        Where the file goes at the end.
    overwrite : bool
        Whether an existing file may be replaced.
    lock : OutputLock, optional
        Of `out`.

    Raises
    ------
    DataError
        When it cannot be written.
    """
    job = parts.job()
    model = model_of(job.model)
    frame = frame_of(msgspec.to_builtins(job), model, parts.axes())
    frame = frame._replace(n_blocks=len(blocks_of(job.n_rows, job.block_rows)))
    with atomic_file(out, overwrite, lock=lock) as temporary:
        try:
            with closing(MapWriter(temporary, frame)) as writer:
                yield Joining(parts, job, model, writer)
        except OSError as error:
            raise DataError(
                f"`{out}` cannot be written: {meaning_of(error)}; the parts in "
                f"`{parts.folder}` stay."
            ) from error
