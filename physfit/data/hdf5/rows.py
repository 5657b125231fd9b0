"""Rows of an HDF5 file: y[n_rows, n_points], or a map y[..., n_points].

What the file says is believed: `@signal`, `@axes`, `FIELD_errors` and `@units` of an
NXdata group. Elsewhere datasets called `y`, `x`, `sigma` and `mask` are what they are
called; of a file with a single matrix that matrix is y. x is an axis as long as a row,
or has the shape of y; without any, samples are counted from 0.
"""

from __future__ import annotations

import math
import posixpath
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any, TypeAlias

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
    axis_names,
    check_mask,
    grain_of,
    is_matrix,
    is_per_row,
    label_of,
    matrices_in,
    middles,
)
from physfit.data.hdf5.nexus import (
    default_node,
    is_data,
    text_of,
)
from physfit.data.hdf5.numbers import (
    Packing,
    check_numbers,
    check_size,
    exact,
    packing_of,
)
from physfit.data.hdf5.place import Place, member, refuse_scaled
from physfit.data.map_boxes import boxes
from physfit.data.row_data import Axis, RowData, float_type, numbered_axes
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
        self.opening: dict[str, Any] | None = None
        if sigma is None or isinstance(sigma, str | int | float):
            self.opening = {"path": str(path.resolve()), "x": x, "mask": mask}
            self.opening |= {"sigma": sigma, "sigma_per": sigma_per}
        with ExitStack() as stack, library_errors(path):
            self._watched = stack.enter_context(closing(Watched(path)))
            self._file = stack.enter_context(open_hdf5(path, rdcc_nbytes=CHUNK_CACHE))
            self._find(inside, x, sigma, mask)
            nodes = (self._y, self._own_x, self._own_sigma, self._mask)
            self._watched.add(files_of(*nodes))
            self._watched.check(0, 0)
            stack.pop_all()
        self.files = self._watched.states

    def _find(self, inside: str | None, x: Any, sigma: Any, mask: Any) -> None:
        self._packings: dict[str, Packing | None] = {}
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
        names = axis_names(place.group, y)
        self.axes = tuple(self._map_axis(name, k) for k, name in enumerate(names[:-1]))
        self._dtype = self._type_of(y)
        self._set_x(x, names[-1])
        self._set_sigma(sigma)
        self._mask = self._chosen(mask, "mask", "fiub")
        if self._mask is not None:
            check_mask(self._path, self._mask, y.shape)
        chunk = y.chunks
        self.multiple = 1 if chunk is None else int(chunk[0]) * self._per_line
        self.grain = grain_of(y)
        self.row_bytes = self.n_points * self._dtype.itemsize
        self.y_label, self.y_unit = label_of(y, "y")

    def _signal(self, root: Place, inside: str | None) -> str:
        """Place of y in the file."""
        if inside:
            name, node = root.at(inside), member(root, inside)
        else:
            name, node = default_node(self._file)
        if isinstance(node, h5py.Group):
            return self._signal_of(node, name)
        return name

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
        if is_data(group) and "signal" in group.attrs:
            return posixpath.join(name, text_of(group.attrs["signal"]))
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

    def _chosen(self, name: str | None, own: str, kinds: str = "fiu") -> Dataset | None:
        """Dataset of a name, else one that is called so and has the shape of rows."""
        group = self._place.group
        role = own if own in ("x", "mask") else "sigma"
        if name is not None:
            is_near = group.get(name) is not None
            node = member(self._place if is_near else self._place.top(), name)
            self._check_numbers(node, role, kinds)
            return node
        node = group.get(own)
        lead = self._y.shape[:-1]
        shapes = [self._y.shape, (self.n_points,), (*lead, 1)]
        shapes += [lead] if role == "sigma" else []
        if not isinstance(node, h5py.Dataset) or node.shape not in shapes:
            return None
        self._check_numbers(node, role, kinds)
        return node

    def _packing_of(self, node: Dataset) -> Packing | None:
        """How a dataset is packed, looked up once."""
        if node.name not in self._packings:
            self._packings[node.name] = packing_of(node)
        return self._packings[node.name]

    def _type_of(self, node: Any) -> np.dtype[Any]:
        """Type in which the numbers of a dataset are read."""
        is_packed = isinstance(node, h5py.Dataset) and self._packing_of(node)
        return np.dtype(np.float64) if is_packed else float_type(node.dtype)

    def _whole(self, node: Dataset, is_axis: bool = False) -> FloatArray:
        """All numbers of a dataset that all rows share."""
        check_size(node, self._path, math.prod(node.shape))
        check_chunks(node)
        values, packing = node[()], self._packing_of(node)
        if packing is not None:
            values = packing.unpacked(values)
        checked = exact(values, node.name, is_axis=is_axis)
        return np.asarray(checked, dtype=np.float64)

    def _map_axis(self, name: str, k: int) -> Axis:
        size = int(self._y.shape[k])
        node = self._place.group.get(name) if name not in ("", ".") else None
        if isinstance(node, h5py.Dataset) and node.shape in ((size,), (size + 1,)):
            label, unit = label_of(node, name)
            if node.dtype.kind in "OSU":  # names of samples: they are counted
                return Axis(label, np.arange(size, dtype=np.float64))
            lines = self._lines() if k == 0 else None
            check_numbers(node, self._path, "an axis", lines=lines)
            places = self._whole(node, is_axis=True)
            return Axis(label, middles(places, size), unit)
        return numbered_axes(self._y.shape[:-1])[k]

    def _set_x(self, x: str | None, axis: str) -> None:
        node = self._chosen(x, "x")
        if x is None and axis not in ("", "."):
            named = self._place.group.get(axis)
            node = named if isinstance(named, h5py.Dataset) else node
        if node is not None:
            self._check_numbers(node, "x")
        self._own_x: Dataset | None = None
        self.x_label, self.x_unit = (
            ("sample", "") if node is None else label_of(node, "x")
        )
        self._x = np.arange(self.n_points, dtype=np.float64)[None]
        if node is None:
            return
        if node.shape == self._y.shape:
            self._own_x = node
        elif node.shape in ((self.n_points,), (self.n_points + 1,)):
            self._x = middles(self._whole(node), self.n_points)[None]
        else:
            raise DataError(
                f"`{self._path}`, x in {node.name!r}, has shape {node.shape}, but the "
                f"rows have {self.n_points} samples; name another x."
            )

    def _set_sigma(self, sigma: Any) -> None:
        self._own_sigma: Dataset | NDArray[Any] | None = None
        self._sigma: NDArray[Any] | None = None
        if sigma is None or isinstance(sigma, str):
            node = None
            if sigma != "none":
                errors = f"{posixpath.basename(self._own_name)}_errors"
                found = self._chosen(sigma, errors)
                node = self._chosen(sigma, "sigma") if found is None else found
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
        elif is_per_row(self._path, node, self._y.shape, self._sigma_per):
            # one number a row is little
            self._own_sigma = self._whole(node).reshape(*lead, 1)
        else:
            values = self._whole(node)
            is_whole = is_single and node.shape == self._y.shape
            self._sigma = values.reshape(1, -1) if is_whole else np.atleast_2d(values)
            self._check_sigma(node.name)

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
                kind = self._type_of(self._own_sigma)
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
            kind = self._type_of(self._own_sigma)
            sigma = np.ones((n, self._own_sigma.shape[-1]), dtype=kind)
        if self._mask is not None:
            mask = np.zeros((n, self.n_points), dtype=np.bool_)
        return RowData(y, x, sigma, mask)

    def _own_rows(self, start: int, stop: int) -> FloatArray:
        assert self._own_x is not None
        return self._rows(self._own_x, start, stop, np.dtype(np.float64))[:, None]

    def _masked(self, node: Dataset, start: int, stop: int) -> NDArray[np.bool_]:
        if node.ndim == 1:
            return np.tile(self._shared_mask(node), (stop - start, 1))
        rows = self._stored(node, start, stop) != 0
        whole = np.broadcast_to(rows, (len(rows), self.n_points))
        return np.ascontiguousarray(whole)

    def _shared_mask(self, node: Dataset) -> NDArray[np.bool_]:
        """The mask of all rows, in which one number stands for each sample."""
        check_chunks(node)
        mask: NDArray[np.bool_] = node[()] != 0
        return mask

    def _rows(
        self, node: Any, start: int, stop: int, dtype: np.dtype[Any]
    ) -> NDArray[Any]:
        """Rows of a dataset in the shape of the data, or with one number a row."""
        if isinstance(node, np.ndarray):
            return node.reshape(-1, node.shape[-1])[start:stop].astype(dtype)
        values, packing = self._stored(node, start, stop), self._packing_of(node)
        if packing is not None:
            values = packing.unpacked(values)
        taken: NDArray[Any] = exact(values, node.name).astype(dtype, copy=False)
        return taken

    def _stored(self, node: Dataset, start: int, stop: int) -> NDArray[Any]:
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

    def identity(self) -> dict[str, Any]:
        """What tells these data from others."""
        n_rows = int(np.prod(self._y.shape[:-1]))
        return {
            "dataset": self._own_name,
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
            return digest_of(self._shared_mask(self._mask))
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
