"""A matrix of an open HDF5 file whose rows are fitted, and how they are read."""

from __future__ import annotations

import math
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from physfit.data.hdf5.chunk_headers import check_chunks
from physfit.data.hdf5.complete import check_complete
from physfit.data.hdf5.errors import unreadable_rows
from physfit.data.hdf5.matrix import (
    boxes,
    matrix_in,
)
from physfit.data.hdf5.numbers import check_size, unpacked
from physfit.data.hdf5.nxdata import chosen_node
from physfit.data.hdf5.packing import Packing, packing_of
from physfit.data.hdf5.place import Place, member
from physfit.data.row_column import RowColumn
from physfit.errors import DataError

__all__ = ["RowMatrix"]


class RowMatrix:
    """The matrix of an open file, and how what goes with its rows is checked and read.

    Parameters
    ----------
    root : Place
        Of the file.
    inside : str or None
        Place of the matrix, or of a group that has it.
    rows : (int, int) or None
        The only rows that are going to be read.

    Attributes
    ----------
    y : h5py.Dataset
    name : str
        Its place in the file.
    per_line : int
        Rows of the map at each place of its first axis.
    nodes : list of h5py.Dataset
        Those that are read row by row.
    taken : dict
        Name and packing of what was taken, by its role. A dataset that stays open has
        a buffer in the library, from which a file that has changed would be read.
    """

    def __init__(
        self, root: Place, inside: str | None, rows: tuple[int, int] | None
    ) -> None:
        self._path = root.path
        self.name, node = chosen_node(root, inside)
        if isinstance(node, h5py.Group):
            self.name = matrix_in(root._replace(group=node, name=self.name))
        self.y = y = member(root, self.name)
        self._place = root.around(self.name)
        self._check_y()
        self._lead, self.n_points = y.shape[:-1], int(y.shape[-1])
        self.per_line = math.prod(y.shape[1:-1])
        self._lines = None
        if rows is not None:
            self._lines = rows[0] // self.per_line, -(-rows[1] // self.per_line)
        self._check_numbers(y, "y", "fiuc")
        check_size(y, self._path, self.n_points)
        self.nodes: list[h5py.Dataset] = []
        self.taken: dict[str, tuple[str, Packing]] = {}
        self.sigma_factor = 1.0
        self._take("y", y)

    def _take(self, role: str, node: h5py.Dataset) -> None:
        """Note what a dataset is taken for; of a mask only what is not 0 counts."""
        packing = Packing() if role == "mask" else packing_of(node)
        self.taken[role] = node.name, packing

    def _check_y(self) -> None:
        y = self.y
        is_matrix = isinstance(y, h5py.Dataset) and y.shape is not None and y.ndim > 1
        if not is_matrix or y.dtype.kind not in "fiuc" or 0 in y.shape:
            shape, dtype = getattr(y, "shape", None), getattr(y, "dtype", "group")
            raise DataError(
                f"`{self._path}`, dataset {self.name!r}, has shape {shape} and "
                f"type {dtype}; rows are numbers of shape (n_rows, n_points) or "
                "(..., n_points)."
            )

    def _check_numbers(
        self, node: Any, role: str, kinds: str = "fiu", *, is_along_rows: bool = False
    ) -> None:
        """Refuse what cannot be x, sigma, a mask or an axis, or lacks what is read."""
        start = f"`{self._path}`, {role} in {node.name!r},"
        if not isinstance(node, h5py.Dataset):
            raise DataError(f"{start} is a group; name a dataset of it.")
        if node.shape is None or 0 in node.shape:
            raise DataError(f"{start} is empty; name a dataset of numbers.")
        is_coded = h5py.check_enum_dtype(node.dtype) is not None and "b" not in kinds
        if node.dtype.kind not in kinds or is_coded:
            what = "an enumeration" if is_coded else f"of type {node.dtype}"
            wanted = "real numbers" if "b" not in kinds else "numbers or true and false"
            raise DataError(f"{start} is {what}, not {wanted}; name another dataset.")
        has_rows = node.ndim > 1 and node.shape[:-1] == self._lead
        lines = self._lines if has_rows or is_along_rows else None
        check_complete(node, self._path, lines=lines)

    def _chosen(
        self, name: str | None, default: str, kinds: str = "fiu"
    ) -> h5py.Dataset | None:
        """Dataset of a name, else one that is called so and has the shape of rows."""
        group = self._place.group
        role = default if default in ("x", "mask") else "sigma"
        if name is not None:
            is_near = group.get(name) is not None
            node = member(self._place if is_near else self._place.top(), name)
            self._check_numbers(node, role, kinds)
            return node
        node = group.get(default)
        shapes = [self.y.shape, (self.n_points,), (*self._lead, 1)]
        more = {"sigma": [self._lead], "x": [(self.n_points + 1,)]}
        shapes += more.get(role, [])
        if not isinstance(node, h5py.Dataset) or node.shape not in shapes:
            return None
        self._check_numbers(node, role, kinds)
        return node

    def _whole(self, node: h5py.Dataset, is_axis: bool = False) -> NDArray[Any]:
        """All numbers of a dataset that all rows share, float64 or complex128."""
        check_size(node, self._path, math.prod(node.shape))
        check_chunks(node)
        values = unpacked(node, is_axis=is_axis)(node[()])
        is_complex = values.dtype.kind == "c"
        return np.asarray(values, np.complex128 if is_complex else np.float64)

    def read_column(self, node: h5py.Dataset, missing: NDArray[Any]) -> RowColumn:
        """Numbers of a dataset that has some for each row, in the form of `missing`."""
        numbers = unpacked(node)

        def read(start: int, stop: int) -> NDArray[Any]:
            rows = numbers(self._stored(node, start, stop))
            rows = rows.astype(missing.dtype, copy=False)
            return rows.reshape(-1, *missing.shape)

        return RowColumn(None, read, missing, self._noted(node))

    def _noted(self, node: h5py.Dataset) -> str:
        """What stands for the digest of a dataset that is read row by row."""
        self.nodes.append(node)
        return f"{node.name} of each row"

    def _stored(self, node: h5py.Dataset, start: int, stop: int) -> NDArray[Any]:
        """Rows of a dataset as they are stored."""
        width = int(node.shape[-1])
        rows = np.empty((stop - start, width), node.dtype.newbyteorder("="))
        done = 0
        with unreadable_rows(f"{self._path}::{self.name}", start, stop):
            for box in boxes(node.shape[:-1], start, stop):
                extents = [side.stop - side.start for side in box]
                check_chunks(node, box)
                end = done + math.prod(extents)
                part = rows[done:end].reshape(*extents, width)
                node.read_direct(part, source_sel=box)
                done = end
        return rows
