"""Rows that stay in their file, read one by one when somebody looks at them.

A result names the file of its data. That file is opened only if its kind and size are
those of the job, and rows are shown only if shapes, types and digests are, too: a path
that leads elsewhere gives a sentence without a word of what stands there.
"""

from __future__ import annotations

import stat
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import msgspec

from physfit.data.files.schema import convert
from physfit.data.jobs.job_record import DataRecord, JobRecord, ResultRecord
from physfit.data.readers import is_hdf5
from physfit.data.row_data import RowData
from physfit.data.row_source import RowSource, open_rows
from physfit.errors import DataError, PhysfitError

__all__ = ["FileRows", "attached", "reopened"]


class FileRows:
    """Rows of a file, opened for each look and closed again.

    Parameters
    ----------
    path : Path
        Where the file is now.
    job : JobRecord
        Of a result whose data were opened as `job.about.opening` says.
    digests : sequence of str
        Of the data of each block of the job; none where they are not known.
    """

    def __init__(self, path: Path, job: JobRecord, digests: Sequence[str] = ()) -> None:
        self.path, self.job = path, job
        self.digests = tuple(digests) if len(digests) == len(job.blocks) else ()
        self._is_checked = False

    @property
    def sigma(self) -> Any:
        """Standard deviations of the first row; None without any."""
        return self.rows(0, 1).sigma

    def rows(self, start: int, stop: int) -> RowData:
        """The rows `start` to `stop`.

        Raises
        ------
        DataError
            When the file is gone, or its data are others than those that were fitted.
        """
        with self.opened() as source:
            return source.read(start, stop)

    @contextmanager
    def opened(self) -> Iterator[RowSource]:
        """The rows of the file within the block.

        Raises
        ------
        DataError
            When the file is gone, or its data are others than those that were fitted.
        """
        with closing(self._source()) as source:
            if not self._is_checked:
                if convert(source.identity(), DataRecord) != self.job.data:
                    raise self.foreign()
                self._is_checked = True
            yield source

    def _source(self) -> RowSource:
        if not self._is_likely():
            raise self.foreign()
        try:
            return reopened(self.job, self.path)
        except PhysfitError as error:
            raise self.foreign() from error

    def _is_likely(self) -> bool:
        """Whether kind and size are those of the file that was fitted."""
        try:
            status = self.path.stat()
        except OSError:
            return False
        is_size = not self.job.files or status.st_size == self.job.files[0].size
        if not stat.S_ISREG(status.st_mode) or not is_size:
            return False
        return _kind_of(self.path) == self.job.data.kind

    def foreign(self, why: str = "") -> DataError:
        """The error that the data are others than those that were fitted."""
        return DataError(
            f"`{self.path}` does not hold the data that were fitted{why}; put that "
            "file back, or pass the rows to pf.fit."
        )


def reopened(job: JobRecord, path: Path) -> RowSource:
    """The rows of a job that were opened as it says, from where their file is now.

    Raises
    ------
    PhysfitError
        When the file cannot be read, or has no such rows.
    """
    opening = msgspec.to_builtins(job.about.opening)
    first = opening.pop("first", 0)
    rows = first, first + job.n_rows
    source = open_rows(**{**opening, "path": path}, rows=rows)
    is_whole = [*source.shape, source.n_points] == job.data.shape
    return source if is_whole else source.part(*rows)


def _kind_of(path: Path) -> str:
    if is_hdf5(path):
        return "hdf5"
    return "npy" if path.suffix.lower() == ".npy" else "text"


def attached(
    job: ResultRecord, folder: Path, digests: Sequence[str] = ()
) -> FileRows | None:
    """The data of a job, if their file is where it was or in this folder.

    Parameters
    ----------
    job : ResultRecord
    folder : Path
    digests : sequence of str
        Of the data of its blocks, as far as they are known.
    """
    if not isinstance(job, JobRecord) or job.about.opening is None:
        return None
    path = Path(job.about.opening.path)
    for place in (path, folder / path.name):
        if place.exists():
            return FileRows(place, job, digests)
    return None
