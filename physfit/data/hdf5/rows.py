"""Rows of an HDF5 file: y[n_rows, n_points], or a map y[..., n_points].

Attributes of an NXdata group take precedence: `@signal`, `@axes` and `@units`, and its
`FIELD_errors`. Elsewhere datasets called `y`, `x`, `sigma` and `mask` are what they are
called; of a file with a single matrix that matrix is y. x is an axis as long as a row,
or has the shape of y; without any, samples are counted from 0.
"""

from __future__ import annotations

import math
import posixpath
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import h5py
import numpy as np
from numpy.typing import NDArray

from physfit.data.files.digests import digest_of
from physfit.data.files.file_bytes import Watched
from physfit.data.hdf5.chunk_headers import check_chunks
from physfit.data.hdf5.errors import LIBRARY_ERRORS, library_errors, meaning_of
from physfit.data.hdf5.guard import open_hdf5
from physfit.data.hdf5.linked_files import files_of
from physfit.data.hdf5.matrix import (
    check_mask,
    grain_of,
    is_matrix,
    is_per_row,
    matrices_in,
    middles,
)
from physfit.data.hdf5.numbers import (
    check_numbers,
    check_size,
    exact,
    packing_of,
    unpacked,
)
from physfit.data.hdf5.nxdata import axes_of, chosen_node, is_data, signal_of, title_of
from physfit.data.hdf5.place import Place, member, refuse_scaled
from physfit.data.map_boxes import boxes
from physfit.data.row_data import Axis, RowData, float_type, numbered_axes
from physfit.data.row_source import RowSource
from physfit.errors import DataError, DomainError
from physfit.typing import FloatArray

__all__ = ["Hdf5Rows"]

Group: TypeAlias = Any  # h5py has no annotations
Dataset: TypeAlias = Any
#: Bytes of unpacked chunks that are kept for the next block, which may share them.
CHUNK_CACHE = 64 << 20


class _Column(NamedTuple):
    """x, sigma or a mask: what all rows share, or what each has of its own.

    Attributes
    ----------
    shared : ndarray or None
    each : h5py.Dataset, ndarray or None
        In the shape of the data, or with one number a row.
    """

    shared: NDArray[Any] | None = None
    each: Dataset | NDArray[Any] | None = None

    @property
    def width(self) -> int:
        """Numbers of a row; 0 without any."""
        held = self.shared if self.each is None else self.each
        return 0 if held is None else int(held.shape[-1])

    @property
    def digest(self) -> str:
        """Of what all rows share; the place of what each has, which parts cover."""
        if self.each is not None:
            return f"{getattr(self.each, 'name', 'one number')} of each row"
        return "none" if self.shared is None else digest_of(self.shared)


class Hdf5Rows(RowSource):
    """Rows of an HDF5 file; see `row_source.RowSource`.

    Parameters
    ----------
    path : Path
    inside : str or None
        Place of the data.
    x, mask : str or None
        Datasets.
    sigma : str, float, ndarray or None
    sigma_per : {"row", "sample"} or None
    rows : (int, int) or None
        The only rows that are going to be read; others need not have been written.
    """

    def __init__(
        self,
        path: Path,
        inside: str | None,
        *,
        x: str | None,
        sigma: str | float | FloatArray | None,
        mask: str | None,
        sigma_per: str | None = None,
        rows: tuple[int, int] | None = None,
    ) -> None:
        self._path, self._sigma_per, self._range = path, sigma_per, rows
        self.opening = None
        if sigma is None or isinstance(sigma, str | int | float):
            self.opening = {"path": str(path.resolve()), "x": x, "mask": mask}
            self.opening |= {"sigma": sigma, "sigma_per": sigma_per}
        with ExitStack() as stack, library_errors(path):
            self._watched = stack.enter_context(closing(Watched(path)))
            self._file = stack.enter_context(open_hdf5(path, rdcc_nbytes=CHUNK_CACHE))
            self._find(inside, x, sigma, mask)
            nodes = (self._y, self._x.each, self._sigma.each, self._mask.each)
            self._watched.add(files_of(*nodes))
            self._watched.check(0, 0)
            stack.pop_all()
        self.files = self._watched.states

    def _find(self, inside: str | None, x: Any, sigma: Any, mask: Any) -> None:
        root = Place(self._file, self._path, self._file)
        name = self._signal(root, inside)
        self._y = y = member(root, name)
        self._place = place = root.around(name)
        self.name = f"{self._path}::{name}"
        self._own_name = name
        if self.opening is not None:
            self.opening["dataset"] = name
        self._check_y(y, name)
        refuse_scaled(place, posixpath.basename(name))
        self.n_points = int(y.shape[-1])
        self._per_line = int(np.prod(y.shape[1:-1], dtype=np.int64))
        said = (own for own in axes_of(place.group, y) if len(own) == y.ndim)
        *names, own_axis = next(said, [""] * y.ndim)
        self.axes = tuple(
            self._map_axis(name, k, numbered)
            for k, (name, numbered) in enumerate(
                zip(names, numbered_axes(y.shape[:-1]), strict=True)
            )
        )
        self._dtype = _type_of(y)
        self._x = self._found_x(x, own_axis)
        self._sigma = self._found_sigma(sigma)
        self.has_sigma = self._sigma.width > 0
        self.has_equal_weights = self._sigma.width <= 1
        self._mask = self._found_mask(mask)
        chunk = y.chunks
        self.multiple = 1 if chunk is None else int(chunk[0]) * self._per_line
        self.grain = grain_of(y)
        self.row_bytes = self.n_points * self._dtype.itemsize
        title = title_of(y)
        self.y_label, self.y_unit = title.label, title.unit

    def _signal(self, root: Place, inside: str | None) -> str:
        """Place of y in the file."""
        name, node = chosen_node(root, inside)
        return self._signal_of(node, name) if isinstance(node, h5py.Group) else name

    def _check_y(self, y: Dataset, name: str) -> None:
        is_matrix = isinstance(y, h5py.Dataset) and y.shape is not None and y.ndim > 1
        if not is_matrix or y.dtype.kind not in "fiuc" or 0 in y.shape:
            shape, dtype = getattr(y, "shape", None), getattr(y, "dtype", "group")
            raise DataError(
                f"`{self._path}`, dataset {name!r}, has shape {shape} and "
                f"type {dtype}; rows are numbers of shape (n_rows, n_points) or "
                "(..., n_points)."
            )
        self._check_numbers(y, "y", "fiuc")
        check_size(y, self._path, int(y.shape[-1]))

    def _check_numbers(self, node: Any, role: str, kinds: str = "fiu") -> None:
        """Refuse what is not numbers, or lacks some of those that are read."""
        shape = getattr(node, "shape", None) or ()
        has_rows = len(shape) > 1 and shape[:-1] == self._y.shape[:-1]
        lines = self._lines() if has_rows else None
        check_numbers(node, self._path, role, kinds, lines=lines)

    def _lines(self) -> tuple[int, int] | None:
        """The range of the first axis in which rows are read; None for all."""
        if self._range is None:
            return None
        per_line = math.prod(self._y.shape[1:-1])
        return self._range[0] // per_line, -(-self._range[1] // per_line)

    def _signal_of(self, group: Group, name: str) -> str:
        """Signal of a group, its dataset `y`, or the only matrix."""
        signal = signal_of(group) if is_data(group) else None
        if signal is not None:
            return posixpath.join(name, signal)
        if isinstance(group.get("y"), h5py.Dataset):
            return posixpath.join(name, "y")
        found: list[str] = []
        group.visititems(lambda at, node: found.append(at) if is_matrix(node) else None)
        if len(found) == 1:
            return posixpath.join(name, found[0])
        raise DataError(
            f"`{self._path}` does not say where the rows are; it holds "
            f"{matrices_in(self._file)}: name one with dataset=... or --dataset."
        )

    def _chosen(
        self, name: str | None, default: str, kinds: str = "fiu"
    ) -> Dataset | None:
        """Dataset of a name, else one that is called so and has the shape of rows."""
        group = self._place.group
        role = default if default in ("x", "mask") else "sigma"
        if name is not None:
            is_near = group.get(name) is not None
            node = member(self._place if is_near else self._place.top(), name)
            self._check_numbers(node, role, kinds)
            return node
        node = group.get(default)
        lead = self._y.shape[:-1]
        shapes = [self._y.shape, (self.n_points,), (*lead, 1)]
        shapes += [lead] if role == "sigma" else []
        if not isinstance(node, h5py.Dataset) or node.shape not in shapes:
            return None
        self._check_numbers(node, role, kinds)
        return node

    def _whole(self, node: Dataset, is_axis: bool = False) -> FloatArray:
        """All numbers of a dataset that all rows share."""
        check_size(node, self._path, math.prod(node.shape))
        check_chunks(node)
        checked = exact(unpacked(node, node[()]), node.name, is_axis=is_axis)
        return np.asarray(checked, dtype=np.float64)

    def _map_axis(self, name: str, k: int, numbered: Axis) -> Axis:
        """Axis `k` of the map if a dataset of this name is one, else the numbered."""
        size = int(self._y.shape[k])
        node: Any = self._place.group.get(name) if name not in ("", ".") else None
        is_set = isinstance(node, h5py.Dataset)
        if not is_set or node.shape not in ((size,), (size + 1,)):
            return numbered
        title = title_of(node)
        if node.dtype.kind in "OSU":  # names of samples: they are counted
            return numbered._replace(name=title.label)
        lines = self._lines() if k == 0 else None
        check_numbers(node, self._path, "an axis", lines=lines)
        places = self._whole(node, is_axis=True)
        return Axis(title.label, middles(places, size), title.unit)

    def _found_x(self, x: str | None, axis: str) -> _Column:
        node = self._chosen(x, "x")
        if x is None and axis not in ("", "."):
            named = self._place.group.get(axis)
            node = named if isinstance(named, h5py.Dataset) else node
        if node is None:
            self.x_label, self.x_unit = "sample", ""
            return _Column(np.arange(self.n_points, dtype=np.float64)[None])
        self._check_numbers(node, "x")
        title = title_of(node)
        self.x_label, self.x_unit = title.label, title.unit
        if node.shape == self._y.shape:
            return _Column(each=node)
        if node.shape in ((self.n_points,), (self.n_points + 1,)):
            return _Column(middles(self._whole(node), self.n_points)[None])
        raise DataError(
            f"`{self._path}`, x in {node.name!r}, has shape {node.shape}, but the "
            f"rows have {self.n_points} samples; name another x."
        )

    def _found_mask(self, mask: str | None) -> _Column:
        node = self._chosen(mask, "mask", "fiub")
        if node is None:
            return _Column()
        check_mask(self._path, node, self._y.shape)
        if node.ndim > 1:
            return _Column(each=node)
        check_chunks(node)
        return _Column(node[()] != 0)

    def _found_sigma(self, sigma: Any) -> _Column:
        if sigma is not None and not isinstance(sigma, str):
            return self._shared_sigma(np.asarray(sigma, dtype=np.float64), "sigma")
        if sigma == "none":
            return _Column()
        node = self._chosen(sigma, f"{posixpath.basename(self._own_name)}_errors")
        node = self._chosen(sigma, "sigma") if node is None else node
        if node is None:
            return _Column()
        lead = self._y.shape[:-1]
        is_single = math.prod(lead) == 1
        if node.shape in (self._y.shape, (*lead, 1)) and not is_single:
            return _Column(each=node)
        if is_per_row(self._path, node, self._y.shape, self._sigma_per):
            # one number a row is little
            return _Column(each=self._whole(node).reshape(*lead, 1))
        values = self._whole(node)
        is_whole = is_single and node.shape == self._y.shape
        return self._shared_sigma(values.ravel() if is_whole else values, node.name)

    def _shared_sigma(self, values: FloatArray, name: str) -> _Column:
        """Standard deviations of every row, checked."""
        sigma = np.atleast_2d(values)
        if sigma.shape not in ((1, 1), (1, self.n_points)):
            raise DataError(
                f"`{self._path}`, standard deviations {name!r} of shape {sigma.shape}: "
                f"give one number, {self.n_points} (one per sample), or as many as "
                "the data have."
            )
        if (sigma <= 0.0).any():
            raise DomainError(f"`{name}` must be above 0 everywhere; mask what is not.")
        return _Column(sigma)

    def _read(self, start: int, stop: int) -> RowData:
        self._watched.check(start, stop)
        try:
            y = self._rows(self._y, start, stop, self._dtype)
            x, sigma, mask = self._x.shared, self._sigma.shared, None
            if x is None:
                x = self._rows(self._x.each, start, stop, np.dtype(np.float64))[:, None]
            if self._sigma.each is not None:
                kind = _type_of(self._sigma.each)
                sigma = self._rows(self._sigma.each, start, stop, kind)
            if self._mask.width:
                mask = self._masked(start, stop)
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
        x, sigma, mask = self._x.shared, self._sigma.shared, None
        if x is None:
            x = np.full((n, 1, self.n_points), np.nan)
        if self._sigma.each is not None:
            sigma = np.ones((n, self._sigma.width), _type_of(self._sigma.each))
        if self._mask.width:
            mask = np.zeros((n, self.n_points), dtype=np.bool_)
        return RowData(y, x, sigma, mask)

    def _masked(self, start: int, stop: int) -> NDArray[np.bool_]:
        rows = self._mask.shared
        if rows is None:
            rows = _stored(self._mask.each, start, stop) != 0
        whole = np.broadcast_to(rows, (stop - start, self.n_points))
        return np.ascontiguousarray(whole)

    def _rows(
        self, node: Any, start: int, stop: int, dtype: np.dtype[Any]
    ) -> NDArray[Any]:
        """Rows of a dataset in the shape of the data, or with one number a row."""
        if isinstance(node, np.ndarray):
            return node.reshape(-1, node.shape[-1])[start:stop].astype(dtype)
        values = unpacked(node, _stored(node, start, stop))
        taken: NDArray[Any] = exact(values, node.name).astype(dtype, copy=False)
        return taken

    def _marks(self) -> dict[str, str]:
        return {
            "dataset": self._own_name,
            "kind": "hdf5",
            "dtype": str(self._y.dtype),
            "x": self._x.digest,
            "sigma": self._sigma.digest,
            "mask": self._mask.digest,
        }

    def close(self) -> None:
        """Close the files."""
        self._file.close()
        self._watched.close()


def _type_of(node: Any) -> np.dtype[Any]:
    """Type in which the numbers of a dataset are read."""
    is_packed = isinstance(node, h5py.Dataset) and packing_of(node)
    return np.dtype(np.float64) if is_packed else float_type(node.dtype)


def _stored(node: Dataset, start: int, stop: int) -> NDArray[Any]:
    """Rows of a dataset as they are stored."""
    width = int(node.shape[-1])
    rows = np.empty((stop - start, width), node.dtype.newbyteorder("="))
    done = 0
    for box, size in boxes(node.shape[:-1], start, stop):
        extents = [own.stop - own.start for own in box]
        part = rows[done : done + size].reshape(*extents, width)
        check_chunks(node, box)
        node.read_direct(part, source_sel=box)
        done += size
    return rows
