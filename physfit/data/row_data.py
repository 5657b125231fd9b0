"""Rows of data that are fitted one by one, and the map that they make up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from physfit.data.files.digests import digest_of
from physfit.data.files.schema import Array
from physfit.document.fields import fields_html
from physfit.typing import FloatArray, IntArray

__all__ = ["Axis", "RowData", "float_type", "numbered_axes", "shape_of"]


class Axis(NamedTuple):
    """One axis of a map.

    Attributes
    ----------
    name : str
    values : ndarray
        Position of each row along it.
    unit : str
    """

    name: str
    values: Annotated[FloatArray, Array("n")]
    unit: str = ""

    def _repr_html_(self) -> str:
        return fields_html(self)


def shape_of(axes: Sequence[Axis]) -> tuple[int, ...]:
    """Shape of a map with these axes, slowest first."""
    return tuple(len(axis.values) for axis in axes)


def numbered_axes(shape: tuple[int, ...]) -> tuple[Axis, ...]:
    """Axes of a map that counts its rows.

    Examples
    --------
    >>> [axis.name for axis in numbered_axes((4, 3))]
    ['y', 'x']
    """
    names = ["row"] if len(shape) == 1 else [*"zyx"[3 - len(shape) :]]
    if len(shape) > 3:
        names = [f"axis_{k}" for k in range(len(shape))]
    return tuple(
        Axis(name, np.arange(size, dtype=np.float64))
        for name, size in zip(names, shape, strict=True)
    )


def float_type(dtype: Any) -> np.dtype[Any]:
    """Type in which the compiled loop reads numbers of some type.

    float32 stays; so do small counts in it, which it holds exactly.
    """
    dtype = np.dtype(dtype)
    if dtype.kind == "c":
        return np.dtype(np.complex64 if dtype.itemsize == 8 else np.complex128)
    is_short = dtype.kind == "f" and dtype.itemsize <= 4
    is_short = is_short or (dtype.kind in "iub" and dtype.itemsize <= 2)
    return np.dtype(np.float32 if is_short else np.float64)


def both_parts(sigma: NDArray[Any], n_points: int) -> NDArray[Any]:
    """Standard deviations as they are, complex ones as those of both parts.

    Parameters
    ----------
    sigma : ndarray, shape (1 or n_rows, 1 or n_points)
    n_points : int

    Returns
    -------
    ndarray
        Of complex numbers a view (1 or n_rows, 2, n_points).
    """
    if sigma.dtype.kind != "c":
        return sigma
    whole = np.ascontiguousarray(np.broadcast_to(sigma, (len(sigma), n_points)))
    parts = whole.view(whole.real.dtype).reshape(*whole.shape, 2)
    return np.moveaxis(parts, 2, 1)


class RowData(NamedTuple):
    """Samples of many rows, checked.

    Attributes
    ----------
    y : ndarray, shape (n_rows, n_points)
        float32, float64, complex64 or complex128.
    x : ndarray, shape (n_inputs, n_points) or (n_rows, n_inputs, n_points)
        Shared by all rows, or of each.
    sigma : ndarray or None
        Standard deviations, of a shape that broadcasts to that of `y`: (1, 1) for one
        number, (1, n_points) for one per sample, (n_rows, 1) for one per row, or
        (n_rows, n_points). For each part of complex samples: (1 or n_rows, 2,
        n_points).
    mask : ndarray of bool or None
        True where a sample is left out, shape (1, n_points) or (n_rows, n_points).
    """

    y: NDArray[Any]
    x: FloatArray
    sigma: NDArray[Any] | None = None
    mask: NDArray[np.bool_] | None = None

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return len(self.y)

    @property
    def n_points(self) -> int:
        """Samples of a row, missing ones included."""
        return int(self.y.shape[1])

    @property
    def has_own_x(self) -> bool:
        """Whether each row has an x of its own."""
        return self.x.ndim == 3

    @property
    def has_equal_weights(self) -> bool:
        """Whether all samples of a row have the same standard deviation."""
        return self.sigma is None or self.sigma.shape[1] == 1

    def rows(self, start: int, stop: int) -> RowData:
        """The rows `start` to `stop`, without copying."""
        return RowData(
            self.y[start:stop],
            self.x[start:stop] if self.has_own_x else self.x,
            _part(self.sigma, start, stop),
            _part(self.mask, start, stop),
        )

    def chosen(self, numbers: IntArray) -> RowData:
        """Copies of rows by their numbers."""
        return RowData(
            self.y[numbers],
            self.x[numbers] if self.has_own_x else self.x,
            _chosen(self.sigma, numbers, self.n_rows),
            _chosen(self.mask, numbers, self.n_rows),
        )

    def used(self, chosen: IntArray | slice = slice(None)) -> NDArray[np.bool_]:
        """Which real samples of some rows, or all, are neither masked nor missing."""
        used: NDArray[np.bool_] = np.isfinite(self.y[chosen])
        used &= np.isfinite(self.x[chosen] if self.has_own_x else self.x).all(axis=-2)
        if self.mask is not None:
            used &= ~(self.mask[chosen] if len(self.mask) == self.n_rows else self.mask)
        return used

    def digest(self, lost: NDArray[np.bool_] | None = None) -> str:
        """Digest of all that fits of these rows read, and of which of them are lost."""
        return digest_of(self.y, self.x, self.sigma, self.mask, lost)

    def digests(
        self, lost: NDArray[np.bool_], places: Sequence[tuple[int, int]]
    ) -> list[str]:
        """Those of the rows from each start to its stop."""
        return [self.rows(*own).digest(lost[slice(*own)]) for own in places]

    def _repr_html_(self) -> str:
        return fields_html(self)


def _part(array: Any, start: int, stop: int) -> Any:
    """Rows of an array that may be shared by all."""
    return array if array is None or array.shape[0] == 1 else array[start:stop]


def _chosen(array: Any, numbers: IntArray, n_rows: int) -> Any:
    """Chosen rows of an array that may be shared by all."""
    return array if array is None or len(array) != n_rows else array[numbers]
