"""What a job of many rows is, as its files say: one check before any of it is used.

`job.json` of a folder of parts holds a whole `JobRecord`. The file of maps holds the
same, or only a `ResultRecord` when the data were no file or the file is of an earlier
version. The digest of a job covers all that its numbers depend on; every part of a job
carries it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias, TypeVar

import msgspec
from msgspec import Meta, Struct

from physfit.data.files.digests import digest_of_record
from physfit.data.files.file_bytes import FileState
from physfit.data.files.schema import Count, Date, Positive, convert
from physfit.errors import DataError

__all__ = ["FREE_ENTRIES", "About", "Block", "DataRecord", "JobRecord", "Opening"]
__all__ += ["ResultRecord", "StartRecord", "checked_job", "checked_result"]
__all__ += ["job_digest"]

#: Entries that may differ between runs of one job, and those that are compared apart.
FREE_ENTRIES = ("about", "digest", "files", "machine")
Kind = TypeVar("Kind")
#: First row, and the one after the last.
Block: TypeAlias = tuple[int, int]
#: Samples of a spectrum, or rows along an axis of a map.
Size: TypeAlias = Annotated[int, Meta(ge=1, lt=2**48)]


class Opening(Struct, omit_defaults=True):
    """Arguments of `open_rows`, and the first row that was taken."""

    path: Annotated[str, Meta(min_length=1)]
    dataset: str | None = None
    x: str | None = None
    mask: str | None = None
    sigma: str | float | None = None
    sigma_per: Literal["row", "sample"] | None = None
    x_range: tuple[float | None, float | None] | None = None
    first: Count = 0


class About(Struct):
    """What no number depends on."""

    x_label: str
    x_unit: str
    y_label: str
    y_unit: str
    source: str
    created: Date
    seconds: float | None = None
    notes: list[str] = []
    command: str = ""
    opening: Opening | None = None


class DataRecord(Struct):
    """What tells data from others: shapes, types and digests.

    Attributes
    ----------
    dataset : str
        Place inside of the file.
    kind : str
        "hdf5", "npy" or "text".
    shape : list of int
        Of the map, then samples of a row.
    dtype : str
    x, sigma, mask : str
        Digests of what all rows share; the place of what each row has of its own.
    rows : str
        Digest of the first rows and of some all over the data.
    first_row : int
        Of the file, from which these rows count.
    """

    dataset: str
    kind: str
    shape: Annotated[list[Size], Meta(min_length=2, max_length=32)]
    dtype: str
    x: str
    sigma: str
    mask: str
    rows: str
    first_row: Count = 0


class ResultRecord(Struct):
    """What is known of every result of many rows."""

    model: dict[str, Any]
    free_names: Annotated[list[str], Meta(min_length=1)]
    loss: str
    is_absolute: bool
    about: About


class StartRecord(Struct):
    """Start values, or digests of those that differ from row to row."""

    values: dict[str, str | float]
    is_chained: bool


class JobRecord(ResultRecord):
    """All that the answers of a job depend on, and where it was begun."""

    start: StartRecord
    stop: dict[str, int | float]
    retry: bool
    data: DataRecord
    axes: str
    block_rows: Positive
    physfit: str
    files: list[FileState]
    machine: dict[str, str] = {}
    digest: str = ""

    @property
    def n_rows(self) -> int:
        """Rows of the map."""
        return math.prod(self.data.shape[:-1])

    @property
    def blocks(self) -> list[Block]:
        """Ranges of rows that are fitted, and kept, one by one."""
        n, size = self.n_rows, self.block_rows
        return [(start, min(start + size, n)) for start in range(0, n, size)]


def job_digest(job: JobRecord) -> str:
    """Digest of all entries that a number depends on, but the states of files."""
    record = msgspec.to_builtins(job)
    return digest_of_record(
        {key: value for key, value in record.items() if key not in FREE_ENTRIES}
    )


def checked_result(path: Path, record: Any) -> ResultRecord:
    """The job that `job.json` or a file of maps describes, or only its result.

    Raises
    ------
    DataError
        When an entry is missing, of another type or altered.
    """
    if not isinstance(record, Mapping) or "digest" not in record:
        return _converted(path, record, ResultRecord)
    job = _converted(path, record, JobRecord)
    if job_digest(job) != job.digest:
        raise DataError(
            f"`{path}` was altered or damaged: it does not fit its own checksum; begin "
            "anew with --overwrite (overwrite=True)."
        )
    return job


def checked_job(path: Path, result: ResultRecord) -> JobRecord:
    """The same, refused where an older physfit wrote it, which kept no digests."""
    if not isinstance(result, JobRecord):
        raise DataError(
            f"`{path}` is of an older physfit, which kept no checksums of the data, so "
            "that nobody can tell whether they are still the same; begin anew with "
            "--overwrite (overwrite=True)."
        )
    return result


def _converted(path: Path, record: Any, kind: type[Kind]) -> Kind:
    try:
        json.dumps(record, ensure_ascii=False).encode()
        return convert(record, kind)
    except UnicodeEncodeError as error:
        raise DataError(f"`{path}` is damaged: a text in it is not Unicode.") from error
    except (DataError, RecursionError) as error:
        raise DataError(f"`{path}` is damaged: {error}") from error
