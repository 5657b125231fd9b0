"""Files of maps read: every group, map and text in them is checked before it is used.

Maps are data sets of the declared types, in the shape that the axes give, stored in the
file itself; what was fitted is a `ResultRecord` or `JobRecord`; the columns are a
`TableRecord`. What does not fit is one sentence.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import h5py
import msgspec
import numpy as np
from numpy.typing import NDArray

from physfit.data.files.schema import Count, check_arrays, convert
from physfit.data.files.writers import parsed_json
from physfit.data.hdf5.errors import LIBRARY_ERRORS, meaning_of
from physfit.data.hdf5.guard import open_hdf5
from physfit.data.hdf5.tree import attributes, content, sole_member
from physfit.data.jobs.job_record import (
    JobRecord,
    ResultRecord,
    checked_job,
    checked_result,
)
from physfit.data.jobs.map_rows import (
    DIGEST,
    DIGESTS,
    FORMER,
    TableRecord,
    axis_of,
    map_of,
    map_types,
    table_columns,
)
from physfit.data.row_data import Axis, shape_of
from physfit.errors import DataError

__all__ = ["is_map_file", "read_digests", "read_job", "read_map", "read_statuses"]
__all__ += ["stored_place"]

SCHEMA, VERSION = "physfit.many_result", 2


class _Root(msgspec.Struct, rename=lambda name: f"@{name}"):
    """Attributes of the file."""

    physfit_schema: str
    physfit_version: Count


class _Signal(msgspec.Struct, rename=lambda name: f"@{name}"):
    """Attributes of an NXdata group."""

    axes: Annotated[list[str], msgspec.Meta(min_length=1, max_length=31)]


class _Maps(NamedTuple):
    """An open file of maps: what was fitted, and its nodes, all of them checked."""

    job: ResultRecord
    axes: tuple[Axis, ...]
    nodes: dict[str, Any]

    @property
    def shape(self) -> tuple[int, ...]:
        return shape_of(self.axes)


def is_map_file(path: Path) -> bool:
    """Whether a file holds maps of fitted parameters."""
    try:
        with open_hdf5(path) as file:
            found = file.attrs.get("physfit_schema")
            return isinstance(found, str) and found == SCHEMA
    except LIBRARY_ERRORS:
        return False


def read_job(path: Path) -> JobRecord:
    """What was fitted, and of which data, as the file says.

    Raises
    ------
    DataError
        When the file is damaged, of another kind, or of a newer or older physfit.
    """
    with _opened(path) as file:
        return checked_job(path, _job(path, file))


def read_statuses(path: Path) -> tuple[ResultRecord, NDArray[np.uint8]]:
    """What was fitted, and the status of every row as a map, all other maps checked.

    Raises
    ------
    DataError
        When the file is missing, damaged, of another kind or of a newer physfit.
    """
    with _opened(path) as file:
        maps = _maps(path, file)
        return maps.job, content(maps.nodes["/entry/quality/status"])


def read_digests(path: Path) -> list[str]:
    """Digest of the data of each block of rows; none of an older file.

    Raises
    ------
    DataError
        When the file is damaged, of another kind or of a newer physfit.
    """
    with _opened(path) as file:
        entry = sole_member(file, "entry")
        name = DIGESTS.rsplit("/", 1)[-1]
        if name not in entry:
            return []
        node = sole_member(entry, name)
        if (node.dtype, *node.shape[1:]) != DIGEST:
            raise DataError(f"{DIGESTS!r} holds no digests")
        return [own.tobytes().hex() for own in content(node)]


def read_map(
    path: Path,
) -> tuple[ResultRecord, tuple[Axis, ...], dict[str, NDArray[Any]]]:
    """What was fitted, the axes, and the columns of the table.

    Raises
    ------
    DataError
        When the file is missing, damaged, of another kind or of a newer physfit.
    """
    with _opened(path) as file:
        maps = _maps(path, file)
        return maps.job, maps.axes, _columns(maps)


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """The open file; what is wrong in it or said of it gets its name."""
    try:
        with open_hdf5(path) as file:
            head = _head(path, file)
            if head.physfit_version > VERSION:
                raise DataError(
                    f"it was written by a newer physfit (version "
                    f"{head.physfit_version} of its layout, this one reads up to "
                    f"{VERSION}); update physfit"
                )
            yield file
    except DataError as error:
        text = str(error)
        if f"`{path}`" in text:
            raise
        raise DataError(f"`{path}` cannot be read: {text.rstrip('.')}.") from error
    except LIBRARY_ERRORS as error:
        raise DataError(
            f"`{path}` is damaged or no file of fitted maps ({meaning_of(error)}); "
            "merge it anew."
        ) from error


def _head(path: Path, file: Any) -> _Root:
    found = attributes(file)
    if found.get("@physfit_schema") != SCHEMA:
        raise DataError(
            f"`{path}` is no file of fitted maps; give what `fit-many` wrote."
        )
    return convert(found, _Root)


def _job(path: Path, file: Any) -> ResultRecord:
    """The record of the job, all entries checked."""
    text = content(sole_member(sole_member(file, "entry"), "job"))
    if not isinstance(text, bytes):
        raise DataError("'/entry/job' is no text")
    return checked_result(path, parsed_json(text.decode()))


def _maps(path: Path, file: Any) -> _Maps:
    """Job, axes and maps, of which none is missing or has another type or shape."""
    job = _job(path, file)
    entry = sole_member(file, "entry")
    names = job.free_names
    first = sole_member(entry, map_of(names[0]).split("/")[2])
    labels = convert(attributes(first), _Signal).axes
    axes = tuple(_axis(sole_member(entry, "axes"), label) for label in labels)
    shape = shape_of(axes)
    if not math.prod(shape):
        raise DataError("its axes have no positions")
    if isinstance(job, JobRecord) and shape != tuple(job.data.shape[:-1]):
        raise DataError(f"its axes have the shape {shape}, but its job has another")
    nodes = {}
    for place, (kind, width) in map_types(names).items():
        node = file
        for name in stored_place(file, place).strip("/").split("/"):
            node = sole_member(node, name)
        wanted = (*shape, *((width,) if width else ()))
        is_dataset = isinstance(node, h5py.Dataset)
        if not is_dataset or node.shape != wanted or node.dtype != np.dtype(kind):
            raise DataError(f"{place!r} is no map of {wanted} numbers of type {kind}")
        nodes[place] = node
    return _Maps(job, axes, nodes)


def stored_place(file: Any, place: str) -> str:
    """Where a map stands in a file, which may be of an earlier version."""
    former = FORMER.get(place)
    return former if former is not None and former in file else place


def _axis(group: Any, label: str) -> Axis:
    node = sole_member(group, label)
    notes = attributes(node)
    raw = {"name": notes.get("@long_name", label), "unit": notes.get("@units", "")}
    return axis_of(raw | {"values": content(node)})


def _columns(maps: _Maps) -> dict[str, NDArray[Any]]:
    """The columns of the table, all numbers in range."""
    names, n_rows = maps.job.free_names, math.prod(maps.shape)
    columns = table_columns(
        names, lambda place: content(maps.nodes[place]).reshape(n_rows, -1)
    )
    check_arrays(convert(columns, TableRecord), n=n_rows, p=len(names))
    return columns
