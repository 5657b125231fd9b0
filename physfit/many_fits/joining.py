"""The file of maps of a job, filled while its parts come in or when all are there.

It grows in the folder of the parts under a name of its own, and takes its place when it
is whole. A lock says whether the process that fills it is still alive, so that what a
killed one left is deleted by the next.
"""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path
from types import TracebackType

import msgspec

from physfit.data.atomic import moved_into_place
from physfit.data.map_file import MapWriter
from physfit.data.parts import Part, Parts
from physfit.data.schema import convert
from physfit.engine.workers import check
from physfit.errors import DataError
from physfit.many_fits.file_job import blocks_of
from physfit.result.declared import ModelRecord
from physfit.result.many_file import columns_of, frame_of
from physfit.result.record import model_of

try:
    import fcntl
except ImportError:  # Windows: what is left goes with its folder
    fcntl = None  # type: ignore[assignment]

__all__ = ["Joining"]


class Joining:
    """A file of maps that is being filled.

    Parameters
    ----------
    parts : Parts
        Of a job that has begun.
    out : Path
        Where the file goes at the end.

    Raises
    ------
    DataError
        When it cannot be written.
    """

    def __init__(self, parts: Parts, out: Path) -> None:
        self._parts, self._out = parts, out
        self._added: set[tuple[int, int]] = set()
        _remove_abandoned(parts.folder)
        job = parts.job()
        self._block_rows = job.block_rows
        self._blocks = blocks_of(job.n_rows, job.block_rows)
        model = model_of(convert(job.model, ModelRecord))
        self._n_outputs = model.n_outputs
        frame = frame_of(msgspec.to_builtins(job), model, parts.axes())
        frame = frame._replace(n_blocks=len(self._blocks))
        self._path = parts.folder / f".maps.{secrets.token_hex(6)}.tmp"
        try:
            self._writer = MapWriter(self._path, frame)
        except OSError as error:
            self._path.unlink(missing_ok=True)
            raise self._failed(error) from error
        if fcntl is not None:
            with suppress(OSError):
                fcntl.flock(self._writer.handle, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def __enter__(self) -> Joining:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._writer.close()
        with suppress(OSError):
            self._path.unlink(missing_ok=True)

    def add(self, start: int, stop: int, part: Part) -> None:
        """Rows of a part, and on to the disk with them, so that the end is short."""
        try:
            self._writer.write(start, columns_of(part.columns, self._n_outputs))
            self._writer.write_digest(start // self._block_rows, part.rows)
            self._writer.flush()
        except OSError as error:
            raise self._failed(error) from error
        self._added.add((start, stop))

    def finish(self, *, overwrite: bool = False) -> None:
        """Add the parts that are missing here, and put the file in its place."""
        for start, stop in self._blocks:
            check()
            if (start, stop) not in self._added:
                self.add(start, stop, self._parts.read(start, stop))
        self._writer.flush()
        moved_into_place(self._path, self._out, overwrite)

    def _failed(self, error: OSError) -> DataError:
        return DataError(
            f"`{self._out}` cannot be written: {error.strerror or error}; the parts "
            f"in `{self._parts.folder}` stay."
        )


def _remove_abandoned(folder: Path) -> None:
    """Delete files whose process is gone; a living one holds a lock."""
    for leftover in folder.glob(".maps.*.tmp"):
        if fcntl is None:
            return
        with suppress(OSError):
            handle = os.open(leftover, os.O_WRONLY)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                leftover.unlink()
            finally:
                os.close(handle)
