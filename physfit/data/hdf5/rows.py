"""Rows of an HDF5 file: y[n_rows, n_points], or a map y[..., n_points].

Attributes of an NXdata group take precedence: `@signal`, `@axes` and `@units`, and its
`FIELD_errors`. Elsewhere datasets called `y`, `x`, `sigma` and `mask` are what they are
called; of a file with a single matrix that matrix is y. x is an axis as long as a row,
or has the shape of y; where nothing says which, see `row_axis`.
"""

from __future__ import annotations

import math
import posixpath
from collections.abc import Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from physfit.data.files.digests import digest_of
from physfit.data.files.file_bytes import Watched
from physfit.data.hdf5.chunk_headers import check_chunks
from physfit.data.hdf5.errors import library_errors
from physfit.data.hdf5.guard import open_hdf5
from physfit.data.hdf5.matrix import (
    grain_of,
    middles,
    note_of,
    sigma_scale,
)
from physfit.data.hdf5.numbers import type_of
from physfit.data.hdf5.nxdata import axes_of, errors_of, title_of
from physfit.data.hdf5.packing import check_errors
from physfit.data.hdf5.place import Place, files_of, member
from physfit.data.hdf5.row_axis import x_beside
from physfit.data.hdf5.row_matrix import RowMatrix
from physfit.data.row_column import RowColumn, shared_column, sigma_column
from physfit.data.row_data import Axis, numbered_axes
from physfit.data.row_source import RowSource
from physfit.data.table import Field
from physfit.errors import DataError, InputError

__all__ = ["hdf5_rows"]

#: Bytes of unpacked chunks that are kept for the next block, which may share them, and
#: places for as many of them (a prime number).
CHUNK_CACHE, CHUNK_PLACES = 256 << 20, 12_007


def hdf5_rows(
    path: Path,
    inside: str | None,
    opening: dict[str, Any],
    rows: tuple[int, int] | None = None,
    map_axes: Sequence[str] | None = None,
) -> RowSource:
    """Rows of an HDF5 file.

    Parameters
    ----------
    path : Path
    inside : str or None
        Place of the data.
    opening : dict
        `x`, `sigma`, `mask` and `sigma_per` of `open_rows`; the place of the data is
        entered as `dataset`.
    rows : (int, int) or None
        The only rows that are going to be read; others need not have been written.
    map_axes : sequence of str or None
        Datasets of the positions along the axes of the map.
    """
    with ExitStack() as stack, library_errors(path):
        watched = stack.enter_context(closing(Watched(path)))
        cache = {"rdcc_nbytes": CHUNK_CACHE, "rdcc_nslots": CHUNK_PLACES}
        watched.library = file = open_hdf5(path, **cache)
        matrix = _RowColumns(Place(file, path, file), inside, rows)
        sigma = matrix.sigma_column(opening["sigma"], opening["sigma_per"])
        mask = matrix.mask_column(opening["mask"])
        names = matrix.axis_names(map_axes)
        x, x_title = matrix.x_column(opening["x"], names)
        y, y_title = matrix.y, title_of(matrix.y)
        missing = np.full(matrix.n_points, np.nan, type_of(y))
        columns, remarks = note_of(
            matrix.taken, matrix.sigma_factor, has_sigma=sigma.width > 0
        )
        source = RowSource(
            name=f"{path}::{matrix.name}",
            axes=matrix.axes(names),
            y=matrix.read_column(y, missing),
            x=x,
            sigma=sigma,
            mask=mask,
            marks={"dataset": matrix.name, "kind": "hdf5", "dtype": str(y.dtype)},
            watched=watched,
            opening={**opening, "dataset": matrix.name},
            multiple=int(y.chunks[0]) * matrix.per_line if y.chunks else 1,
            grain=grain_of(y),
            x_label=x_title.label,
            x_unit=x_title.unit,
            y_label=y_title.label,
            y_unit=y_title.unit,
            columns=columns,
            remarks=remarks,
        )
        watched.add(files_of(*matrix.nodes))
        watched.check(0, 0)
        stack.pop_all()
        return source


class _RowColumns(RowMatrix):
    """Axes, x, sigma and mask of the rows of a matrix."""

    def axis_names(self, given: Sequence[str] | None = None) -> list[str]:
        """Names of the axes of the map, and of that along the rows; "" if unknown."""
        y = self.y
        named = axes_of(self._place.group, y)
        names = next((own for own in named if len(own) == y.ndim), [""] * y.ndim)
        if given is None:
            return names
        if isinstance(given, str) or len(given) != len(self._lead):
            raise InputError(
                f"`map_axes` must name a dataset for each axis of the map, slowest "
                f"first, whose shape is {self._lead}, but is {given!r}."
            )
        return [*map(self._axis_at, given, self._lead), names[-1]]

    def _axis_at(self, name: str, size: int) -> str:
        """Place of an axis that a caller names, seen from the group of y."""
        if name == "none":
            return "."
        is_near = self._place.group.get(name) is not None
        place = self._place if is_near else self._place.top()
        node = member(place, name)
        self._check_numbers(node, "an axis")
        if node.shape not in ((size,), (size + 1,)):
            raise DataError(
                f"`{self._path}`, an axis in {node.name!r}, has shape {node.shape}, "
                f"but the map of shape {self._lead} has {size} rows there; name the "
                "axes slowest first."
            )
        at = place.at(name)
        is_beside = posixpath.dirname(at) == self._place.name
        return posixpath.basename(at) if is_beside else at

    def axes(self, names: list[str]) -> tuple[Axis, ...]:
        """Axes of the map."""
        numbered = numbered_axes(self._lead)
        return tuple(
            self._map_axis(name, k, axis)
            for k, (name, axis) in enumerate(zip(names[:-1], numbered, strict=True))
        )

    def _map_axis(self, name: str, k: int, numbered: Axis) -> Axis:
        """Axis `k` of the map if a dataset of this name is one, else the numbered."""
        size = int(self.y.shape[k])
        node: Any = self._place.group.get(name) if name not in ("", ".") else None
        is_set = isinstance(node, h5py.Dataset)
        if not is_set or node.shape not in ((size,), (size + 1,)):
            return numbered
        title = title_of(node)
        if node.dtype.kind in "OSU":  # names of samples: they are counted
            return numbered._replace(name=title.label)
        self._check_numbers(node, "an axis", is_along_rows=k == 0)
        places = self._whole(node, is_axis=True)
        return Axis(title.label, middles(places, size), title.unit)

    def x_column(self, x: str | None, names: list[str]) -> tuple[RowColumn, Field]:
        """x by its name, else by that of its axis or `x`, else samples by number."""
        node = self._x_node(x, names)
        if node is None:
            numbers = np.arange(self.n_points, dtype=np.float64)
            return shared_column(numbers[None]), Field("sample", "", None)
        self._check_numbers(node, "x")
        self._take("x", node)
        if node.shape == self.y.shape:
            missing = np.full((1, self.n_points), np.nan)
            return self.read_column(node, missing), title_of(node)
        if node.shape in ((self.n_points,), (self.n_points + 1,)):
            points = middles(self._whole(node), self.n_points)
            return shared_column(points[None]), title_of(node)
        raise DataError(
            f"`{self._path}`, x in {node.name!r}, has shape {node.shape}, but the "
            f"rows have {self.n_points} samples; name another x."
        )

    def _x_node(self, x: str | None, names: list[str]) -> h5py.Dataset | None:
        """x by its name, else by that of its axis or `x`, else the only one it can be.

        The last of the names is that of the axis along the rows.
        """
        group, axis = self._place.group, names[-1]
        if x is not None:
            is_none = x == "none" and group.get(x) is None
            return None if is_none else self._chosen(x, "x")
        named = group.get(axis) if axis not in ("", ".") else None
        if isinstance(named, h5py.Dataset):
            return named
        node = None if "x" in names[:-1] else self._chosen(None, "x")
        if node is not None:
            return node
        errors = errors_of(self._place, posixpath.basename(self.name), self.y)
        taken = {posixpath.basename(name) for name, _ in self.taken.values()}
        return x_beside(self._place, self.y, names, {*errors, *taken, "mask"})

    def sigma_column(self, sigma: Any, per: str | None) -> RowColumn:
        """Standard deviations as given, or those of a dataset."""
        if sigma is not None and not isinstance(sigma, str):
            is_complex = self.y.dtype.kind == "c"
            return sigma_column(sigma, self.n_points, self._path, is_complex=is_complex)
        if sigma == "none":
            return RowColumn()
        node = self._sigma_node(sigma)
        if node is None:
            return RowColumn()
        check_errors(self.y, node)
        self._take("sigma", node)
        self.sigma_factor = sigma_scale(self.y, node)
        return self._errors(node, per).times(self.sigma_factor)

    def _errors(self, node: h5py.Dataset, per: str | None) -> RowColumn:
        """Standard deviations of a dataset, in its unit."""
        shape, is_single = self.y.shape, math.prod(self._lead) == 1
        if node.shape in (shape, (*self._lead, 1)) and not is_single:
            missing = np.ones(node.shape[-1], type_of(node))
            return self.read_column(node, missing).of_both_parts(self.n_points)
        if self._is_per_row(node, per):
            # one number a row is little
            each = self._whole(node).reshape(-1, 1)
            digest = "one number of each row"
            one = np.ones(1, each.dtype)
            column = RowColumn(None, lambda i, k: each[i:k], one, digest)
            return column.of_both_parts(self.n_points)
        values = self._whole(node)
        if is_single and node.shape == shape:
            values = values.ravel()
        is_complex = self.y.dtype.kind == "c"
        return sigma_column(
            values, self.n_points, self._path, node.name, is_complex=is_complex
        )

    def _sigma_node(self, name: str | None) -> h5py.Dataset | None:
        """Standard deviations by their name, else as y says or as they are called."""
        kinds = "fiuc" if self.y.dtype.kind == "c" else "fiu"
        if name is not None:
            return self._chosen(name, "sigma", kinds)
        names = [*errors_of(self._place, posixpath.basename(self.name), self.y)]
        if "uncertainties" in self.y.attrs:
            return self._chosen(names[0], "sigma", kinds)
        nodes = (self._chosen(None, own, kinds) for own in (*names, "sigma"))
        return next((node for node in nodes if node is not None), None)

    def _is_per_row(self, node: h5py.Dataset, wanted: str | None) -> bool:
        """Whether standard deviations are one number a row, as `wanted` may say."""
        shape = self.y.shape
        meant = {"row": node.shape == self._lead, "sample": node.shape == shape[-1:]}
        what = f"standard deviations {node.name!r} of shape {node.shape}"
        start = f"`{self._path}`, {what}"
        if wanted is not None and not meant[wanted]:
            raise DataError(
                f"{start} are not one per {wanted} of data of shape {shape}; leave "
                "`sigma_per` out, or name another dataset."
            )
        if all(meant.values()) and wanted is None:
            raise DataError(
                f"{start} may be one per row or one per sample of data of shape "
                f"{shape}; say which with --sigma-per row or --sigma-per sample "
                '(sigma_per="row" or "sample").'
            )
        return meant["row"] and wanted != "sample"

    def mask_column(self, mask: str | None) -> RowColumn:
        """Which samples are left out, in the shape of the rows."""
        node = self._chosen(mask, "mask", "fiub")
        if node is None:
            return RowColumn()
        self._take("mask", node)
        shapes = (self.y.shape, (self.n_points,), (*self._lead, 1))
        if node.shape not in shapes:
            raise DataError(
                f"`{self._path}`, mask in {node.name!r}, has shape {node.shape}; give "
                f"{shapes[0]}, {shapes[1]} for all rows, or {shapes[2]} for whole rows."
            )
        shared = None
        if node.ndim == 1:
            check_chunks(node)
            shared = node[()] != 0

        def read(start: int, stop: int) -> NDArray[np.bool_]:
            left_out = shared
            if left_out is None:
                left_out = self._stored(node, start, stop) != 0
            whole = np.broadcast_to(left_out, (stop - start, self.n_points))
            return np.ascontiguousarray(whole)

        digest = self._noted(node) if shared is None else digest_of(shared)
        return RowColumn(None, read, np.zeros(self.n_points, np.bool_), digest)
