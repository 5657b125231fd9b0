"""Arrays in memory as a source of rows, for data that are already there."""

from __future__ import annotations

import zlib
from itertools import count
from typing import Any

import numpy as np
from numpy.typing import NDArray

from physfit.data.base import Raw, RawArray, Roles, Source
from physfit.engine.gather import DTYPES
from physfit.typing import IntArray

__all__ = ["ArraySource"]

_BLOCK_BYTES = 1 << 20


class ArraySource(Source):
    """Columns in memory as a `Source`, of one length and checked before.

    Parameters
    ----------
    x : array_like
        Shape (n,) or (n_inputs, n); or int8 spins of shape (n, n_spins).
    y : array_like
        Shape (n,), real or complex, or (n_outputs, n).
    sigma : array_like, optional
        Standard deviations, of the shape of y or (n,).
    x_label, y_label, name : str

    Examples
    --------
    >>> source = ArraySource([1.0, 2.0, 3.0], [4.0, 5.0, 6.0])
    >>> source.n_rows, source.has_sigma
    (3, False)
    >>> x, y = source.read(1, 3)
    >>> y[:, 0]
    array([5., 6.])
    """

    def __init__(
        self,
        x: Any,
        y: Any,
        sigma: Any = None,
        *,
        x_label: str = "x",
        y_label: str = "y",
        name: str = "arrays",
    ) -> None:
        values = np.asarray(x)
        self.n_spins = (
            values.shape[1] if values.ndim == 2 and values.dtype == np.int8 else 0
        )
        x_rows = [values] if self.n_spins else _rows(values)
        y_rows = _rows(np.asarray(y))
        sigma_rows = [] if sigma is None else _rows(np.asarray(sigma))
        self.n_rows = len(x_rows[0])
        numbers = count()
        roles = (
            [(next(numbers), 0) for _ in rows] for rows in (x_rows, y_rows, sigma_rows)
        )
        self.roles = Roles.of(*roles)
        self._columns = [*x_rows, *y_rows, *sigma_rows]
        self.parts = tuple(
            RawArray(column.dtype, column.shape[1] if column.ndim == 2 else 1)
            for column in self._columns
        )
        self.block_rows = max(8, _BLOCK_BYTES // self.row_bytes // 8 * 8)
        self.name, self.x_label, self.y_label = name, x_label, y_label

    def read_into(self, start: int, stop: int, out: Raw) -> None:
        """Write raw rows `start` to `stop` into the beginning of arrays."""
        for column, target in zip(self._columns, out, strict=True):
            target[: stop - start] = column[start:stop].reshape(stop - start, -1)

    def take_into(self, rows: IntArray, out: Raw) -> None:
        """Write the raw rows of these numbers into the beginning of arrays."""
        for column, target in zip(self._columns, out, strict=True):
            target[: rows.size] = column[rows].reshape(rows.size, -1)

    def fingerprint(self) -> dict[str, str | int | float]:
        """Number of rows and a checksum of all values."""
        checksum = 0
        for column in self._columns:
            checksum = zlib.crc32(np.ascontiguousarray(column).data.cast("B"), checksum)
        return {"name": self.name, "n_rows": self.n_rows, "checksum": checksum}


def _rows(values: NDArray[Any]) -> list[NDArray[Any]]:
    """Columns of an array of one or two dimensions, as numbers the engine reads."""
    is_complex = values.dtype.kind == "c"
    is_native = is_complex or values.dtype in DTYPES
    rows = np.atleast_2d(values if is_native else values.astype(np.float64))
    if is_complex:
        return [part for row in rows for part in (row.real, row.imag)]
    return list(rows)
