"""Finished blocks of a long job: one file for each, in a folder beside the output.

`OUT.parts/` holds `job.json`, which says what the job is, `axes.h5`, and a file for
every block of rows that is done, named by its range. Every file is written whole or not
at all. Axes and parts carry a checksum and the digest of their job, and a part its rows
and a digest of the data that they were computed from, so that files that were altered
or exchanged are refused by name.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import msgspec
from numpy.typing import NDArray

from physfit.data.files.checksummed import (
    is_of_schema,
    read_checksummed,
    read_head,
    write_checksummed,
)
from physfit.data.files.output_lock import OutputLock
from physfit.data.files.schema import Schema, check_arrays, convert
from physfit.data.files.writers import Record, read_record, write_record
from physfit.data.jobs.job_record import JobRecord, checked_job, checked_result
from physfit.data.jobs.map_rows import TableRecord, axis_of
from physfit.data.row_data import Axis
from physfit.errors import DataError

__all__ = ["Part", "Parts", "parts_folder"]

_JOB = Schema("physfit.many_job", 2)
_AXES = Schema("physfit.many_axes", 2)
_PART = Schema("physfit.many_part", 3)
_NAME = re.compile(r"rows-(\d{12})-(\d{12})\.h5")


class Part(NamedTuple):
    """Answers of a block of rows, and what they were computed from.

    Attributes
    ----------
    columns : dict of str to ndarray
    seconds : float
        From the start of the process until they were there.
    rows : str
        Digest of the rows of data, as they were read.
    files : str
        Stamp of the states of the files that were read.
    """

    columns: dict[str, NDArray[Any]]
    seconds: float
    rows: str
    files: str


class PartHead(msgspec.Struct):
    """What the first line of a part says."""

    job: str
    start: int
    stop: int
    rows: str
    files: str


class PartRecord(TableRecord):
    """Columns of a part, and when they were there."""

    seconds: Annotated[float, msgspec.Meta(ge=0.0, le=1e12)]


def parts_folder(out: str | os.PathLike[str]) -> Path:
    """Folder of the parts of an output file; beside what it links to."""
    path = Path(os.path.realpath(out) if os.path.islink(out) else out)
    # "/" and "." have no name that something could be added to
    return Path(f"{path}.parts") if path.name else path / ".parts"


class Parts:
    """The folder of a job's parts.

    Parameters
    ----------
    folder : Path
    lock : OutputLock, optional
        Of the run that writes them.
    """

    def __init__(self, folder: Path, lock: OutputLock | None = None) -> None:
        self.folder, self._lock = folder, lock
        self._digest, self._n_free = "", 0

    @property
    def exists(self) -> bool:
        """Whether the job has been begun."""
        return (self.folder / "job.json").exists()

    def check_job_file(self) -> None:
        """Refuse a `job.json` that somebody else has written.

        Raises
        ------
        DataError
        """
        _refuse_foreign(self.folder / "job.json", _JOB)

    def begin(self, job: JobRecord, axes: Sequence[Axis]) -> None:
        """Make the folder and write what the job is; `job.json` comes last.

        Raises
        ------
        DataError
            When it cannot be written, or files that are no parts stand in their places.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DataError(
                f"`{self.folder}` cannot be made: {error.strerror}."
            ) from error
        for block in self.done():
            _refuse_foreign(self.path(*block), _PART)
        self._digest = job.digest
        self._write_axes(axes)
        path, record = self.folder / "job.json", msgspec.to_builtins(job)
        write_record(path, record, _JOB, overwrite=True, lock=self._lock)

    def mend_axes(self, axes: Sequence[Axis]) -> None:
        """Write the axes of the job again where their file cannot be used."""
        try:
            self.axes()
        except DataError:
            self._write_axes(axes)

    def _write_axes(self, axes: Sequence[Axis]) -> None:
        record = {f"axis{k}": axis._asdict() for k, axis in enumerate(axes)}
        where = self.folder / "axes.h5"
        _refuse_foreign(where, _AXES)
        self._write(where, {"job": self.digest}, record, _AXES)

    def _write(
        self, path: Path, head: dict[str, Any], record: Record, schema: Schema
    ) -> None:
        write_checksummed(path, head, record, schema, overwrite=True, lock=self._lock)

    def job(self) -> JobRecord:
        """What the job is, as `begin` wrote it.

        Raises
        ------
        DataError
            When `job.json` is missing, damaged or altered.
        """
        path = self.folder / "job.json"
        return checked_job(path, checked_result(path, read_record(path, _JOB)))

    @property
    def digest(self) -> str:
        """Digest of the job as it was first seen, which all its files carry."""
        self._digest = self._digest or self.job().digest
        return self._digest

    def axes(self) -> tuple[Axis, ...]:
        """Axes of the map.

        Raises
        ------
        DataError
            When `axes.h5` is missing, damaged or of another job.
        """
        where = self.folder / "axes.h5"
        head, record = read_checksummed(where, _AXES)
        try:
            if head.get("job") != self.digest:
                raise DataError("it is of another job")
            return tuple(axis_of(record[f"axis{k}"]) for k in range(len(record)))
        except (DataError, KeyError) as error:
            raise DataError(f"`{where}` is damaged: {error}") from error

    def done(self) -> list[tuple[int, int]]:
        """Ranges of rows for which there are files, in order; `read` checks them."""
        if not self.folder.is_dir():
            return []
        matches = [_NAME.fullmatch(own.name) for own in self.folder.iterdir()]
        return sorted((int(own[1]), int(own[2])) for own in matches if own is not None)

    def path(self, start: int, stop: int) -> Path:
        """File of a range of rows."""
        return self.folder / f"rows-{start:012d}-{stop:012d}.h5"

    def write(self, start: int, stop: int, part: Part) -> None:
        """Keep the answers of a range of rows.

        Raises
        ------
        DataError
            When they cannot be written; other parts are not touched.
        """
        head = PartHead(self.digest, start, stop, part.rows, part.files)
        record = {**part.columns, "seconds": part.seconds}
        self._write(self.path(start, stop), msgspec.to_builtins(head), record, _PART)

    def read(self, start: int, stop: int) -> Part:
        """Answers of a range of rows.

        Raises
        ------
        DataError
            When they are missing, damaged, of another job or of other rows.
        """
        path = self.path(start, stop)
        try:
            entries, columns = read_checksummed(path, _PART)
            head = convert(entries, PartHead)
            if head.job != self.digest:
                raise DataError(f"`{path}` is a part of another job.")
            if (head.start, head.stop) != (start, stop):
                raise DataError(f"`{path}` holds rows {head.start} to {head.stop}.")
            record = convert(columns, PartRecord)
            check_arrays(record, n=stop - start, **self._sizes())
        except DataError as error:
            raise DataError(
                f"the part `{path.name}` cannot be used: {str(error).rstrip('.')}; "
                "--resume (resume=True) computes it anew."
            ) from error
        columns = msgspec.structs.asdict(record)
        return Part(columns, columns.pop("seconds"), head.rows, head.files)

    def _sizes(self) -> dict[str, int]:
        """Free parameters, and numbers in a covariance of them."""
        self._n_free = self._n_free or len(self.job().free_names)
        return {"p": self._n_free, "packed": self._n_free * (self._n_free + 1) // 2}

    def is_current(self, start: int, stop: int, files: str) -> bool:
        """Whether a part says that it is of this job and of such states of files."""
        try:
            path = self.path(start, stop)
            head = read_head(path, _PART)
        except DataError:
            return False
        return (head.get("job"), head.get("files")) == (self.digest, files)

    def remove(self) -> None:
        """Delete the folder with all it holds, and nothing that is not its own.

        `job.json` goes last: as long as it is there, this can be done again.
        """
        for start, stop in self.done():
            if self._belongs_to_job(self.path(start, stop)):
                self.path(start, stop).unlink(missing_ok=True)
        for name, schema in (("axes.h5", _AXES), ("job.json", _JOB)):
            if is_of_schema(self.folder / name, schema.name):
                (self.folder / name).unlink(missing_ok=True)
        with suppress(OSError):  # something else is in it, or another process was here
            self.folder.rmdir()

    def _belongs_to_job(self, path: Path) -> bool:
        """Whether a file is a part of this job, or of an older physfit."""
        try:
            head = read_head(path, _PART)
            return bool(head.get("job") == self.digest)
        except DataError:
            return is_of_schema(path, _PART.name)


def _refuse_foreign(path: Path, schema: Schema) -> None:
    """Refuse to replace a file that is none of this schema."""
    if path.exists() and not is_of_schema(path, schema.name):
        raise DataError(
            f"`{path}` was not written by physfit; move it away, or give another "
            "output."
        )
