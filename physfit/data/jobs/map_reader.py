"""Files of maps read: every group, map and text in them is checked before it is used.

Maps are data sets of the declared types, in the shape that the axes give, stored in the
file itself; what was fitted is a `ResultRecord` or `JobRecord`; the columns are a
`TableRecord`. What does not fit is one sentence.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any

import h5py
import msgspec
import numpy as np
from numpy.typing import NDArray

from physfit.data.files.schema import Schema, check_arrays, convert
from physfit.data.files.writers import check_schema, parsed_json
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
    ADDED,
    DIGEST,
    DIGESTS,
    FORMER,
    REFITS,
    REFITTED,
    TableRecord,
    axis_of,
    map_of,
    map_types,
    table_columns,
)
from physfit.data.row_data import Axis, shape_of
from physfit.errors import DataError, PhysfitError

__all__ = ["SCHEMA", "Maps", "RefitRecord", "is_map_file", "opened_maps", "read_job"]
__all__ += ["stored_place"]

SCHEMA = Schema("physfit.many_result", 4)


class RefitRecord(msgspec.Struct):
    """What a file says of a refit of some rows."""

    model: dict[str, Any]
    loss: str
    is_absolute: bool
    where: str
    n_rows: Annotated[int, msgspec.Meta(ge=0)]


class _Signal(msgspec.Struct, rename=lambda name: f"@{name}"):
    """Attributes of an NXdata group."""

    axes: Annotated[list[str], msgspec.Meta(min_length=1, max_length=31)]


class Maps:
    """An open file of maps; what is asked for is checked before it is handed out.

    Parameters
    ----------
    path : Path
    file : h5py.File
        Of this path, within `opened_maps`.
    """

    def __init__(self, path: Path, file: Any) -> None:
        self._path, self._file = path, file

    @cached_property
    def job(self) -> ResultRecord:
        """What was fitted, all entries checked."""
        text = content(sole_member(sole_member(self._file, "entry"), "job"))
        if not isinstance(text, bytes):
            raise DataError("'/entry/job' is no text")
        return checked_result(self._path, parsed_json(text.decode()))

    @cached_property
    def axes(self) -> tuple[Axis, ...]:
        """Axes of the map."""
        entry = sole_member(self._file, "entry")
        first = sole_member(entry, map_of(self.job.free_names[0]).split("/")[2])
        labels = convert(attributes(first), _Signal).axes
        axes = tuple(_axis(sole_member(entry, "axes"), label) for label in labels)
        shape = shape_of(axes)
        if not math.prod(shape):
            raise DataError("its axes have no positions")
        if isinstance(self.job, JobRecord) and shape != tuple(self.job.data.shape[:-1]):
            raise DataError(f"its axes have the shape {shape}, but its job has another")
        return axes

    @cached_property
    def _nodes(self) -> dict[str, Any]:
        """All maps, of which none is missing or has another type or shape."""
        nodes, shape = {}, shape_of(self.axes)
        for place, (kind, width) in map_types(self.job.free_names).items():
            if place in ADDED and place not in self._file:
                continue
            node = self._file
            for name in stored_place(self._file, place).strip("/").split("/"):
                node = sole_member(node, name)
            wanted = (*shape, *((width,) if width else ()))
            is_dataset = isinstance(node, h5py.Dataset)
            if not is_dataset or node.shape != wanted or node.dtype != np.dtype(kind):
                raise DataError(
                    f"{place!r} is no map of {wanted} numbers of type {kind}"
                )
            nodes[place] = node
        return nodes

    @property
    def has_scales(self) -> bool:
        """Whether it was written when robust losses had a scale."""
        return "/entry/quality/scale" in self._nodes

    def statuses(self) -> NDArray[np.uint8]:
        """The status of every row as a map."""
        statuses: NDArray[np.uint8] = content(self._nodes["/entry/quality/status"])
        return statuses

    def columns(self) -> dict[str, NDArray[Any]]:
        """The columns of the table, all numbers in range."""
        names, n_rows = self.job.free_names, math.prod(shape_of(self.axes))

        def rows(place: str) -> NDArray[Any]:
            if place not in self._nodes:
                return np.full((n_rows, 1), np.nan)
            found: NDArray[Any] = content(self._nodes[place]).reshape(n_rows, -1)
            return found

        columns = table_columns(names, rows)
        check_arrays(convert(columns, TableRecord), n=n_rows, p=len(names))
        return columns

    def refitted(self) -> NDArray[np.uint8] | None:
        """Number of the refit that gave each answer; None of an older file."""
        if REFITTED not in self._nodes:
            return None
        numbers: NDArray[np.uint8] = content(self._nodes[REFITTED]).reshape(-1)
        return numbers

    def refits(self) -> list[RefitRecord]:
        """Refits of rows, in the order of their numbers."""
        quality = sole_member(sole_member(self._file, "entry"), "quality")
        name = REFITS.rsplit("/", 1)[-1]
        if name not in quality:
            return []
        text = content(sole_member(quality, name))
        if not isinstance(text, bytes):
            raise DataError(f"{REFITS!r} is no text")
        return convert(parsed_json(text.decode()), list[RefitRecord])

    def digests(self) -> list[str]:
        """Digest of the data of each block of rows; none of an older file."""
        entry = sole_member(self._file, "entry")
        name = DIGESTS.rsplit("/", 1)[-1]
        if name not in entry:
            return []
        node = sole_member(entry, name)
        if (node.dtype, *node.shape[1:]) != DIGEST:
            raise DataError(f"{DIGESTS!r} holds no digests")
        return [digest.tobytes().hex() for digest in content(node)]


@contextmanager
def opened_maps(path: Path) -> Iterator[Maps]:
    """A file of maps within the block; what is wrong in it or said of it gets its name.

    Raises
    ------
    DataError
        When the file is missing, damaged, of another kind or of a newer physfit.
    """
    try:
        with open_hdf5(path) as file:
            check_schema(path, attributes(file), SCHEMA)
            yield Maps(path, file)
    except PhysfitError as error:
        text = str(error)
        if isinstance(error, DataError) and f"`{path}`" in text:
            raise
        raise DataError(f"`{path}` cannot be read: {text.rstrip('.')}.") from error
    except LIBRARY_ERRORS as error:
        raise DataError(
            f"`{path}` is damaged or no file of fitted maps ({meaning_of(error)}); "
            "merge it anew."
        ) from error


def read_job(path: Path) -> JobRecord:
    """What was fitted, and of which data, as the file says.

    Raises
    ------
    DataError
        When the file is damaged, of another kind, or of a newer or older physfit.
    """
    with opened_maps(path) as maps:
        return checked_job(path, maps.job)


def is_map_file(path: Path) -> bool:
    """Whether a file holds maps of fitted parameters."""
    try:
        with open_hdf5(path) as file:
            name = file.attrs.get("physfit_schema")
            return isinstance(name, str) and name == SCHEMA.name
    except LIBRARY_ERRORS:
        return False


def stored_place(file: Any, place: str) -> str:
    """Where a map stands in a file, which may be of an earlier version."""
    former = FORMER.get(place)
    return former if former is not None and former in file else place


def _axis(group: Any, label: str) -> Axis:
    node = sole_member(group, label)
    notes = attributes(node)
    raw = {"name": notes.get("@long_name", label), "unit": notes.get("@units", "")}
    return axis_of(raw | {"values": content(node)})
