"""Where what stands in a file of maps, and its rows, read and written by bytes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from physfit.data.files.schema import Array, check_arrays, convert
from physfit.data.files.tuples import record_kind, restored
from physfit.data.row_data import Axis
from physfit.errors import DataError
from physfit.typing import FloatArray

__all__ = ["ADDED", "DERIVED", "DIGEST", "DIGESTS", "FORMER", "QUALITY", "REFITS"]
__all__ += ["REFITTED", "MapPlace", "MapRows", "TableRecord", "axis_of", "axis_places"]
__all__ += ["map_of", "map_types", "plain_name", "table_columns", "unique_names"]

#: Names and types of the maps in /entry/quality; the first is the signal.
QUALITY = {
    "status": "u1",
    "retry_stage": "u1",
    "n_steps": "i4",
    "n_samples": "i4",
    "chi2": "f8",
    "condition": "f4",
    "scale": "f8",
}
#: What gave the answer of each row: 0 for the job, else the number of a refit; and the
#: list of refits, as JSON.
REFITTED, REFITS = "/entry/quality/refitted", "/entry/quality/refits"
#: Maps that files before versions 3 and 4 of the layout do not have.
ADDED = frozenset({"/entry/quality/scale", REFITTED})
#: Maps that had another name before version 2 of the layout.
FORMER = {"/entry/quality/retry_stage": "/entry/quality/rung"}
#: Digests of the rows of data of each block of a job; their type and bytes.
DIGESTS, DIGEST = "/entry/digests", ("u1", 16)
#: Maps beside them that are no columns of the table.
DERIVED = {"dof": "i4", "reduced_chi2": "f8", "refitted": "u1"}


#: What stands in /entry beside the groups of parameters.
_TAKEN = ("at_bound", "axes", "covariance", "digests", "job", "quality")


def map_of(name: str) -> str:
    """Path of the map of a parameter; its standard errors stand beside it.

    Examples
    --------
    >>> map_of("center"), map_of("job")
    ('/entry/center/center', '/entry/parameter.job/job')
    """
    group = f"parameter.{name}" if name in _TAKEN else name
    return f"/entry/{group}/{name}"


def axis_places(names: Sequence[str], parameters: Sequence[str]) -> list[str]:
    """Names of datasets of axes, beside those of the maps of parameters.

    Examples
    --------
    >>> axis_places(["y", "x (a/b)", "center"], ["center"])
    ['y', 'x (a_b)', 'center_axis']
    """
    taken = {*parameters, *(f"{name}_errors" for name in parameters)}
    taken |= {*QUALITY, *DERIVED, "refits"}
    return unique_names(map(plain_name, names), taken)


def unique_names(names: Iterable[str], taken: Iterable[str]) -> list[str]:
    """The same names, longer where one is taken or stands there twice.

    Examples
    --------
    >>> unique_names(["x", "x", "chi2"], ["chi2"])
    ['x', 'x_axis', 'chi2_axis']
    """
    used, found = set(taken), []
    for name in names:
        while name in used:
            name += "_axis"
        used.add(name)
        found.append(name)
    return found


def plain_name(name: str) -> str:
    """A name that HDF5 takes for one place and not for a path."""
    plain = "".join("_" if own in "/\0" else own for own in name)
    return "axis" if plain.strip(".") == "" else plain


class TableRecord(msgspec.Struct):
    """Columns of `n` rows and `p` free parameters; `RowTable` says what they are."""

    status: Annotated[NDArray[np.uint8], Array("n", ge=0, le=32)]
    retry_stage: Annotated[NDArray[np.uint8], Array("n", ge=0, le=5)]
    n_steps: Annotated[NDArray[np.int32], Array("n", ge=0)]
    n_samples: Annotated[NDArray[np.int32], Array("n", ge=0)]
    chi2: Annotated[FloatArray, Array("n")]
    condition: Annotated[NDArray[np.float32], Array("n")]
    theta: Annotated[FloatArray, Array("n", "p")]
    at_bound: Annotated[NDArray[np.int8], Array("n", "p", ge=-1, le=3)]
    covariance: Annotated[FloatArray, Array("n", "packed")]
    scale: Annotated[FloatArray, Array("n")]


#: What a file holds of an axis.
_AXIS = record_kind(Axis, msgspec.Struct, {})


def axis_of(entries: object) -> Axis:
    """Axis of a map from what a file holds.

    Raises
    ------
    DataError
        When an entry is missing or of another type.
    """
    record = convert(entries, _AXIS)
    check_arrays(record)
    return restored(record, Axis)


def table_columns(
    names: Sequence[str], rows: Callable[[str], NDArray[Any]]
) -> dict[str, NDArray[Any]]:
    """Columns of a table; `rows` gives a map by its path, shape (n, width)."""
    columns = {own: rows(f"/entry/quality/{own}")[:, 0] for own in QUALITY}
    columns["theta"] = np.concatenate([rows(map_of(own)) for own in names], axis=1)
    return columns | {own: rows(f"/entry/{own}") for own in ("at_bound", "covariance")}


def map_types(names: Sequence[str]) -> dict[str, tuple[str, int]]:
    """Type and numbers at each place (0 for one) of all maps, by their paths.

    Parameters
    ----------
    names : sequence of str
        Of the free parameters.
    """
    n = len(names)
    quality = {f"/entry/quality/{own}": k for own, k in (QUALITY | DERIVED).items()}
    values = (map_of(own) + end for own in names for end in ("", "_errors"))
    return {
        **dict.fromkeys(values, ("f8", 0)),
        **{place: (kind, 0) for place, kind in quality.items()},
        "/entry/at_bound": ("i1", n),
        "/entry/covariance": ("f8", n * (n + 1) // 2),
    }


class MapPlace(NamedTuple):
    """Where the bytes of a map begin, their type, and numbers of a row."""

    offset: int
    dtype: np.dtype[Any]
    width: int


class MapRows:
    """Rows of all maps of a file, without the HDF5 library.

    Parameters
    ----------
    path : Path
    names : tuple of str
        Of the free parameters.
    places : mapping of str to MapPlace
        By the path inside of the file.
    """

    def __init__(
        self, path: Path, names: tuple[str, ...], places: Mapping[str, MapPlace]
    ) -> None:
        self._handle = os.open(path, os.O_RDWR)
        self._names, self._places = names, places

    def close(self) -> None:
        """Close the file."""
        os.close(self._handle)

    def flush(self) -> None:
        """Wait until all that was written is on disk, so that the end need not."""
        os.fsync(self._handle)

    def write(
        self,
        start: int,
        columns: Mapping[str, NDArray[Any]],
        digest: tuple[int, str] | None = None,
    ) -> None:
        """Rows from `start` on: the columns of a table, and what follows from them.

        With them goes the digest of the data of a block, by the number of the block.

        Which refit gave their answers stays as it is, where that is no column.
        """
        for k, name in enumerate(self._names):
            place = map_of(name)
            self._put(place, start, columns["theta"][:, k])
            self._put(f"{place}_errors", start, columns["stderr"][:, k])
        for name in (*QUALITY, *DERIVED):
            place = f"/entry/quality/{name}"
            if place in self._places and name in columns:
                self._put(place, start, columns[name])
        for name in ("at_bound", "covariance"):
            self._put(f"/entry/{name}", start, columns[name])
        if digest is not None:
            self.write_digest(*digest)

    def read(self, start: int, stop: int) -> dict[str, NDArray[Any]]:
        """The columns of a table, of the rows `start` to `stop`."""
        n = stop - start
        return table_columns(self._names, lambda place: self._get(place, start, n))

    def write_digest(self, number: int, digest: str) -> None:
        """The digest of the rows of data of a block."""
        self._put(DIGESTS, number, np.frombuffer(bytes.fromhex(digest), np.uint8))

    def _put(self, name: str, start: int, values: NDArray[Any]) -> None:
        place = self._places[name]
        rows = np.ascontiguousarray(values, dtype=place.dtype)
        left = rows.reshape(-1).view(np.uint8).data
        at = place.offset + start * place.width * place.dtype.itemsize
        while len(left):
            done = os.pwrite(self._handle, left, at)
            left, at = left[done:], at + done

    def _get(self, name: str, start: int, n: int) -> NDArray[Any]:
        if name not in self._places:
            return np.full((n, 1), np.nan)
        place = self._places[name]
        rows = np.empty((n, place.width), dtype=place.dtype)
        left = rows.reshape(-1).view(np.uint8).data
        at = place.offset + start * place.width * place.dtype.itemsize
        while len(left):
            done = os.preadv(self._handle, [left], at)
            if not done:
                raise DataError(f"{name} ends before row {start + n}; merge it anew.")
            left, at = left[done:], at + done
        return rows
