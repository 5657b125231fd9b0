"""Arrays in memory as a source of rows, for data that are already there."""

from __future__ import annotations

import zlib
from itertools import count
from typing import Any

import numpy as np
from numpy.typing import NDArray

from physfit.data.base import Raw, RawArray, Roles, Source
from physfit.engine.gather import DTYPES
from physfit.errors import InputError, ShapeError
from physfit.typing import IntArray

__all__ = ["ArraySource"]

_BLOCK_BYTES = 1 << 20


class ArraySource(Source):
    """Columns in memory as a `Source`.

    Parameters
    ----------
    x : array_like
        Shape (n,) or (n_inputs, n); or int8 spins of shape (n, n_spins).
    y : array_like
        Shape (n,), real or complex, or (n_outputs, n).
    sigma : array_like, optional
        Standard deviations, of the shape of y or (n,).
    x_label, y_label, x_unit, y_unit, name : str
        For reports.

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
        x_unit: str = "",
        y_unit: str = "",
        name: str = "arrays",
    ) -> None:
        values = np.asarray(x)
        self.n_spins = (
            values.shape[1] if values.ndim == 2 and values.dtype == np.int8 else 0
        )
        x_rows = [values] if self.n_spins else list(_rows("x", values))
        y_rows = _rows("y", np.asarray(y))
        sigma_rows = [] if sigma is None else _rows("sigma", np.asarray(sigma))
        named = {"x": x_rows, "y": y_rows, "sigma": sigma_rows}
        self.n_rows = len(x_rows[0])
        self._check_lengths(named)
        numbers = count()
        x_at, y_at, sigma_at = (
            [(next(numbers), 0) for _ in columns] for columns in named.values()
        )
        self.roles = Roles.of(x_at, y_at, sigma_at)
        self._columns = [*x_rows, *y_rows, *sigma_rows]
        self.parts = tuple(
            RawArray(column.dtype, column.shape[1] if column.ndim == 2 else 1)
            for column in self._columns
        )
        self.block_rows = max(8, _BLOCK_BYTES // self.row_bytes // 8 * 8)
        self.name = name
        self.x_label, self.y_label = x_label, y_label
        self.x_unit, self.y_unit = x_unit, y_unit

    def _check_lengths(self, named: dict[str, list[NDArray[Any]]]) -> None:
        for name, columns in named.items():
            for column in columns:
                if len(column) != self.n_rows:
                    raise ShapeError(
                        f"`{name}` has {len(column)} rows, but `x` has {self.n_rows}; "
                        "pass one value per row."
                    )
        if self.n_rows == 0:
            raise ShapeError("`x` and `y` are empty; pass at least one row.")

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


def _rows(name: str, values: NDArray[Any]) -> list[NDArray[Any]]:
    """Columns of an array of one or two dimensions, as numbers the engine reads."""
    if values.dtype.kind not in "fiuc":
        raise InputError(
            f"`{name}` must be numbers, but it is {values.dtype}; convert it to float."
        )
    if values.ndim not in (1, 2):
        raise ShapeError(
            f"`{name}` must have shape (n,) or (k, n), but its shape is {values.shape}."
        )
    is_complex = values.dtype.kind == "c"
    is_native = is_complex or values.dtype in DTYPES
    rows = np.atleast_2d(values if is_native else values.astype(np.float64))
    if is_complex:
        return [part for row in rows for part in (row.real, row.imag)]
    return list(rows)
