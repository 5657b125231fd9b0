"""Rows of an HDF5 file: y[n_rows, n_points], or a map y[..., n_points].

What the file says is believed: `@signal`, `@axes`, `FIELD_errors` and `@units` of an
NXdata group. Elsewhere datasets called `y`, `x`, `sigma` and `mask` are what they are
called; of a file with a single matrix that matrix is y. x is an axis as long as a row,
or has the shape of y; without any, samples are counted from 0.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, TypeAlias

import h5py
import numpy as np
from numpy.typing import NDArray

from physfit.data.digests import digest_of
from physfit.data.file_bytes import Watched
from physfit.data.hdf5_errors import LIBRARY_ERRORS, library_errors, meaning_of
from physfit.data.hdf5_files import files_of
from physfit.data.hdf5_guard import open_hdf5
from physfit.data.headings import split_unit
from physfit.data.map_boxes import boxes
from physfit.data.nexus import default_node, is_data, text_of, texts_of
from physfit.data.row_data import Axis, RowData, float_type
from physfit.data.row_digests import probes_digest
from physfit.errors import DataError, DomainError
from physfit.typing import FloatArray

__all__ = ["Hdf5Rows"]

Group: TypeAlias = Any  # h5py has no annotations
Dataset: TypeAlias = Any
#: Bytes of unpacked chunks that are kept for the next block, which may share them.
CHUNK_CACHE = 64 << 20


class Hdf5Rows:
    """Rows of an HDF5 file; see `row_source.RowSource`.

    Parameters
    ----------
    path : Path
    inside : str or None
        Place of the data.
    x, mask : str or None
        Datasets.
    sigma : str, float, ndarray or None
    """

    def __init__(
        self,
        path: Path,
        inside: str | None,
        *,
        x: str | None,
        sigma: str | float | FloatArray | None,
        mask: str | None,
    ) -> None:
        self._path = path
        self.opening: dict[str, Any] | None = None
        if sigma is None or isinstance(sigma, str | int | float):
            self.opening = {"path": str(path.resolve()), "x": x, "mask": mask}
            self.opening["sigma"] = sigma
        with library_errors(path):
            self._watched = Watched(path)
            self._file = open_hdf5(path, rdcc_nbytes=CHUNK_CACHE)
        try:
            with library_errors(path):
                self._find(inside, x, sigma, mask)
                nodes = (self._y, self._own_x, self._own_sigma, self._mask)
                self._watched.add(files_of(*nodes))
            self._watched.check(0, 0)
            self.files = self._watched.states
        except BaseException:
            self._file.close()
            raise

    def _find(self, inside: str | None, x: Any, sigma: Any, mask: Any) -> None:
        self._y = y = self._signal(inside)
        group = y.parent
        self.name = f"{self._path}::{y.name}"
        if self.opening is not None:
            self.opening["dataset"] = y.name
        self.n_points = int(y.shape[-1])
        self._per_line = int(np.prod(y.shape[1:-1], dtype=np.int64))
        names = _axis_names(group, y)
        self.axes = tuple(
            self._map_axis(group, names[k], k, len(names) - 1)
            for k in range(len(names) - 1)
        )
        self._dtype = float_type(y.dtype)
        self._set_x(group, x, names[-1])
        self._set_sigma(group, sigma)
        self._mask = self._chosen(group, mask, "mask")
        chunk = y.chunks
        self.multiple = 1 if chunk is None else int(chunk[0]) * self._per_line
        self.grain = _grain(y)
        self.row_bytes = self.n_points * self._dtype.itemsize
        self.y_label, self.y_unit = _label(y, "y")

    def _signal(self, inside: str | None) -> Dataset:
        node = self._member(inside) if inside else default_node(self._file)
        if isinstance(node, h5py.Group):
            node = self._signal_of(node)
        if node.ndim < 2 or node.dtype.kind not in "fiuc" or 0 in node.shape:
            raise DataError(
                f"`{self._path}`, dataset {node.name!r}, has shape {node.shape} and "
                f"type {node.dtype}; rows are numbers of shape (n_rows, n_points) or "
                "(..., n_points)."
            )
        return node

    def _member(self, name: str) -> Group | Dataset:
        node = self._file.get(name)
        if node is None:
            raise DataError(
                f"`{self._path}` has no {name!r}; it holds {_matrices(self._file)}."
            )
        return node

    def _signal_of(self, group: Group) -> Dataset:
        """Signal of a group, its dataset `y`, or the only matrix."""
        if is_data(group) and "signal" in group.attrs:
            return self._member(f"{group.name}/{text_of(group.attrs['signal'])}")
        if isinstance(group.get("y"), h5py.Dataset):
            return group["y"]
        found: list[Dataset] = []
        group.visititems(
            lambda _, node: found.append(node) if _is_matrix(node) else None
        )
        if len(found) == 1:
            return found[0]
        raise DataError(
            f"`{self._path}` does not say where the rows are; it holds "
            f"{_matrices(self._file)}: name one with dataset=... or --dataset."
        )

    def _chosen(self, group: Group, name: str | None, own: str) -> Dataset | None:
        """Dataset of a name, else one that is called so and has the shape of rows."""
        if name is not None:
            relative = group.get(name)
            return self._member(name) if relative is None else relative
        node = group.get(own)
        lead = self._y.shape[:-1]
        shapes = [self._y.shape, (self.n_points,), (*lead, 1)]
        shapes += [lead] if own not in ("x", "mask") else []
        fits = isinstance(node, h5py.Dataset) and node.shape in shapes
        return node if fits else None

    def _map_axis(self, group: Group, name: str, k: int, n_axes: int) -> Axis:
        size = int(self._y.shape[k])
        node = group.get(name) if name not in ("", ".") else None
        if isinstance(node, h5py.Dataset) and node.shape in ((size,), (size + 1,)):
            label, unit = _label(node, name)
            return Axis(label, _middles(node[()].astype(np.float64), size), unit)
        default = "row" if n_axes == 1 else "zyx"[3 - n_axes :][k : k + 1] or f"axis{k}"
        return Axis(default, np.arange(size, dtype=np.float64))

    def _set_x(self, group: Group, x: str | None, axis: str) -> None:
        node = self._chosen(group, x, "x")
        if x is None and axis not in ("", "."):
            named = group.get(axis)
            node = named if isinstance(named, h5py.Dataset) else node
        self._own_x: Dataset | None = None
        self.x_label, self.x_unit = (
            ("sample", "") if node is None else _label(node, "x")
        )
        self._x = np.arange(self.n_points, dtype=np.float64)[None]
        if node is None:
            return
        if node.shape == self._y.shape:
            self._own_x = node
        elif node.shape in ((self.n_points,), (self.n_points + 1,)):
            self._x = _middles(node[()].astype(np.float64), self.n_points)[None]
        else:
            raise DataError(
                f"`{self._path}`, x in {node.name!r}, has shape {node.shape}, but the "
                f"rows have {self.n_points} samples; name another x."
            )

    def _set_sigma(self, group: Group, sigma: Any) -> None:
        self._own_sigma: Dataset | NDArray[Any] | None = None
        self._sigma_name = ""
        self._sigma: NDArray[Any] | None = None
        if sigma is None or isinstance(sigma, str):
            node = None
            if sigma != "none":
                errors = f"{self._y.name.rsplit('/', 1)[-1]}_errors"
                found = self._chosen(group, sigma, errors)
                node = self._chosen(group, sigma, "sigma") if found is None else found
            self._take_sigma(node)
        else:
            self._sigma = np.atleast_2d(np.asarray(sigma, dtype=np.float64))
            self._check_sigma("sigma")
        held = self._own_sigma if self._own_sigma is not None else self._sigma
        self.has_sigma = held is not None
        self.has_equal_weights = held is None or held.shape[-1] == 1

    def _take_sigma(self, node: Dataset | None) -> None:
        if node is None:
            return
        lead = self._y.shape[:-1]
        is_single = math.prod(lead) == 1
        if node.shape in (self._y.shape, (*lead, 1)) and not is_single:
            self._own_sigma = node
        elif node.shape == lead and lead != (self.n_points,):
            self._own_sigma = node[()].reshape(*lead, 1)  # one number a row is little
        else:
            values = node[()].astype(np.float64)
            is_whole = is_single and node.shape == self._y.shape
            self._sigma = values.reshape(1, -1) if is_whole else np.atleast_2d(values)
            self._check_sigma(node.name)
        self._sigma_name = str(node.name)

    def _check_sigma(self, name: str) -> None:
        sigma = self._sigma
        if sigma is None:
            return
        if sigma.shape not in ((1, 1), (1, self.n_points)):
            raise DataError(
                f"`{self._path}`, standard deviations {name!r} of shape {sigma.shape}: "
                f"give one number, {self.n_points} (one per sample), or as many as "
                "the data have."
            )
        if (sigma <= 0.0).any():
            raise DomainError(f"`{name}` must be above 0 everywhere; mask what is not.")

    def read(self, start: int, stop: int) -> RowData:
        """The rows `start` to `stop`."""
        self._watched.check(start, stop)
        try:
            y = self._rows(self._y, start, stop, self._dtype)
            x = self._x if self._own_x is None else self._own_rows(start, stop)
            sigma, mask = self._sigma, None
            if self._own_sigma is not None:
                kind = float_type(self._own_sigma.dtype)
                sigma = self._rows(self._own_sigma, start, stop, kind)
            if self._mask is not None:
                mask = self._masked(self._mask, start, stop)
        except LIBRARY_ERRORS as error:
            self._watched.check(start, stop)
            raise DataError(
                f"`{self.name}`, rows {start} to {stop}, cannot be read: "
                f"{meaning_of(error)}."
            ) from error
        self._watched.check(start, stop)
        return RowData(y, x, sigma, mask)

    def missing(self, n: int) -> RowData:
        """So many rows of NaN."""
        y = np.full((n, self.n_points), np.nan, dtype=self._dtype)
        x = self._x if self._own_x is None else np.full((n, 1, self.n_points), np.nan)
        sigma, mask = self._sigma, None
        if self._own_sigma is not None:
            kind = float_type(self._own_sigma.dtype)
            sigma = np.ones((n, self._own_sigma.shape[-1]), dtype=kind)
        if self._mask is not None:
            mask = np.zeros((n, self.n_points), dtype=np.bool_)
        return RowData(y, x, sigma, mask)

    def _own_rows(self, start: int, stop: int) -> FloatArray:
        assert self._own_x is not None
        return self._rows(self._own_x, start, stop, np.dtype(np.float64))[:, None]

    def _masked(self, node: Dataset, start: int, stop: int) -> NDArray[np.bool_]:
        if node.ndim == 1:
            shared = node[()].astype(np.bool_)
            return np.tile(shared, (stop - start, 1))
        rows = self._rows(node, start, stop, np.dtype(np.uint8)) != 0
        whole = np.broadcast_to(rows, (len(rows), self.n_points))
        return np.ascontiguousarray(whole)

    def _rows(
        self, node: Any, start: int, stop: int, dtype: np.dtype[Any]
    ) -> NDArray[Any]:
        """Rows of a dataset in the shape of the data, or with one number a row."""
        width = int(node.shape[-1])
        if isinstance(node, np.ndarray):
            return node.reshape(-1, width)[start:stop].astype(dtype)
        rows = np.empty((stop - start, width), node.dtype.newbyteorder("="))
        done = 0
        for box, size in boxes(node.shape[:-1], start, stop):
            extents = [own.stop - own.start for own in box]
            part = rows[done : done + size].reshape(*extents, width)
            node.read_direct(part, source_sel=box)
            done += size
        taken: NDArray[Any] = rows.astype(dtype, copy=False)
        return taken

    def identity(self) -> dict[str, Any]:
        """What tells these data from others."""
        n_rows = int(np.prod(self._y.shape[:-1]))
        return {
            "dataset": self._y.name,
            "kind": "hdf5",
            "shape": list(self._y.shape),
            "dtype": str(self._y.dtype),
            "rows": probes_digest(self.read, n_rows),
            "x": _shared_digest(self._own_x, self._x),
            "sigma": _shared_digest(self._own_sigma, self._sigma),
            "mask": self._mask_digest(),
        }

    def _mask_digest(self) -> str:
        if self._mask is not None and self._mask.ndim == 1:
            return digest_of(self._mask[()] != 0)
        return _shared_digest(self._mask, None)

    def close(self) -> None:
        """Close the files."""
        self._file.close()
        self._watched.close()


def _shared_digest(each: Any, shared: NDArray[Any] | None) -> str:
    """Digest of what all rows share; the place of what each has, which parts cover."""
    if each is not None:
        return f"{getattr(each, 'name', 'one number')} of each row"
    return "none" if shared is None else digest_of(shared)


def _grain(y: Dataset) -> int:
    """Rows, counted along the map, that lie in one chunk wherever it is."""
    if y.chunks is None:
        return 1
    chunk, line = int(y.chunks[-2]), int(y.shape[-2])
    return chunk if y.ndim == 2 else math.gcd(chunk, line)


def _is_matrix(node: Any) -> bool:
    is_set = isinstance(node, h5py.Dataset) and node.dtype.kind in "fiuc"
    return is_set and node.ndim >= 2


def _matrices(file: Group) -> str:
    """Datasets of two axes or more, in words."""
    found: list[str] = []
    file.visititems(
        lambda _, node: (
            found.append(f"{node.name} {node.shape}") if _is_matrix(node) else None
        )
    )
    shown = ", ".join(found[:8]) + (", ..." if len(found) > 8 else "")
    return shown or "no matrix of numbers"


def _axis_names(group: Group, y: Dataset) -> list[str]:
    """Names of the axes of y, slowest first; empty where there is none."""
    for holder in (group, y):
        if "axes" in holder.attrs:
            names = texts_of(holder.attrs["axes"])
            if len(names) == y.ndim:
                return names
    return [""] * y.ndim


def _label(node: Dataset, default: str) -> tuple[str, str]:
    """Name and unit of a dataset."""
    name = node.name.rsplit("/", 1)[-1] or default
    long_name, unit = split_unit(text_of(node.attrs.get("long_name", "")))
    if "units" in node.attrs:
        unit = text_of(node.attrs["units"])
    return long_name or name, unit


def _middles(values: FloatArray, size: int) -> FloatArray:
    """Points of an axis, the middles of its bins if it has their edges."""
    return values if len(values) == size else 0.5 * (values[1:] + values[:-1])
