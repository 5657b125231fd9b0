"""Data sets made from the data of a fit, or from a model: what replicas are fitted to.

They are made chunk by chunk, each by a generator of its own: Philox with the seed as
its key and the number of the chunk as its counter. So neither memory nor threads decide
what they are, and the first ones stay the same when more are made.
"""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from physfit.data.record import Observations
from physfit.data.row_data import RowData
from physfit.models.loss import Loss
from physfit.typing import FloatArray

__all__ = ["Implied", "LeftOut", "Noise", "Pairs", "Recipe", "Residuals"]
__all__ += ["generator", "joined_rows", "rows_of_chunk", "shared_sigma"]

#: Numbers that a chunk has at most, and its data sets.
CHUNK, MOST_ROWS = 65_536, 256


def rows_of_chunk(n_points: int) -> int:
    """Data sets that one generator makes; follows from their length alone."""
    return max(1, min(MOST_ROWS, CHUNK // n_points))


def generator(seed: int, chunk: int) -> np.random.Generator:
    """Generator of a chunk; the same for the same arguments everywhere."""
    counter = np.array([0, chunk, 0, 0], dtype=np.uint64)
    return np.random.Generator(np.random.Philox(key=seed, counter=counter))


class Recipe(Protocol):
    """How data sets come about."""

    @property
    def n_points(self) -> int:
        """Samples of each."""

    @property
    def row_bytes(self) -> int:
        """Memory that each needs."""

    def blank(self, n_rows: int) -> RowData:
        """Memory for so many of them."""

    def fill(self, random: np.random.Generator, rows: RowData) -> None:
        """Make data sets in the memory of `rows`."""


class Residuals(NamedTuple):
    """The fitted curve, and residuals drawn with replacement.

    Attributes
    ----------
    data : Observations
    curve : ndarray, shape (n_outputs, n)
    pool : ndarray, shape (m,)
        Residuals in units of sigma; complex for complex data, so that both parts of a
        sample stay together.
    """

    data: Observations
    curve: FloatArray
    pool: NDArray[Any]

    @property
    def n_points(self) -> int:
        """Samples of a data set."""
        return int(self.data.y.shape[1])

    @property
    def row_bytes(self) -> int:
        """Values, and the numbers of the residuals."""
        return int(self.pool.itemsize + 8) * self.n_points

    def blank(self, n_rows: int) -> RowData:
        """Memory for y; x and sigma are those of the data."""
        y = np.empty((n_rows, self.n_points), dtype=self.pool.dtype)
        return RowData(y, self.data.x, shared_sigma(self.data.sigma))

    def fill(self, random: np.random.Generator, rows: RowData) -> None:
        """Draw residuals and add them to the curve."""
        drawn = random.integers(0, len(self.pool), rows.y.shape)
        np.take(self.pool, drawn, out=rows.y, mode="clip")
        values = _numbers(rows.y)
        if self.data.sigma is not None:
            values *= _alternating(self.data.sigma)
        values += _alternating(self.curve)


class Pairs(NamedTuple):
    """Samples drawn with replacement: x, y and sigma of each stay together."""

    data: Observations

    @property
    def n_points(self) -> int:
        """Samples of a data set."""
        return int(self.data.y.shape[1])

    @property
    def row_bytes(self) -> int:
        """All columns, and the numbers of the samples."""
        x, y, sigma = self.data[:3]
        columns = len(x) + len(y) + (0 if sigma is None else len(sigma))
        return 8 * (columns + 1) * self.n_points

    def blank(self, n_rows: int) -> RowData:
        """Memory for all columns."""
        n, data = self.n_points, self.data
        y = np.empty((n_rows, n), dtype=joined_rows(data.y).dtype)
        sigma = shared_sigma(data.sigma)
        if sigma is not None and sigma.shape[-1] > 1:
            sigma = np.empty((n_rows, *sigma.shape[1:]))
        return RowData(y, np.empty((n_rows, len(data.x), n)), sigma)

    def fill(self, random: np.random.Generator, rows: RowData) -> None:
        """Draw samples."""
        drawn = random.integers(0, self.n_points, rows.y.shape)
        np.take(joined_rows(self.data.y), drawn, out=rows.y, mode="clip")
        for k, column in enumerate(self.data.x):
            rows.x[:, k] = column.take(drawn)
        sigma = shared_sigma(self.data.sigma)
        if sigma is None or rows.sigma is None or sigma.shape[-1] == 1:
            return
        if sigma.ndim == 2:
            np.take(sigma[0], drawn, out=rows.sigma, mode="clip")
            return
        for k, column in enumerate(sigma[0]):
            rows.sigma[:, k] = column.take(drawn)


class Noise(NamedTuple):
    """A curve with normal noise.

    Attributes
    ----------
    x : ndarray, shape (n_inputs, n)
    curve : ndarray, shape (n_outputs, n)
    spread : ndarray, shape (n_outputs, n)
        Standard deviations of the noise.
    sigma : ndarray, shape (n_outputs, n), or None
        Those that the fits are told.
    """

    x: FloatArray
    curve: FloatArray
    spread: FloatArray
    sigma: FloatArray | None

    @property
    def n_points(self) -> int:
        """Samples of a data set."""
        return int(self.curve.shape[1])

    @property
    def row_bytes(self) -> int:
        """Values."""
        return 8 * self.curve.size

    def blank(self, n_rows: int) -> RowData:
        """Memory for y."""
        kind = np.complex128 if len(self.curve) == 2 else np.float64
        y = np.empty((n_rows, self.n_points), dtype=kind)
        return RowData(y, self.x, shared_sigma(self.sigma))

    def fill(self, random: np.random.Generator, rows: RowData) -> None:
        """Draw noise and add it to the curve."""
        values = _numbers(rows.y)
        random.standard_normal(out=values)
        values *= _alternating(self.spread)
        values += _alternating(self.curve)


class Implied(NamedTuple):
    """Data whose mean is a curve, with the noise that a likelihood implies.

    Attributes
    ----------
    x : ndarray, shape (n_inputs, n)
    curve : ndarray, shape (1, n)
    loss : Loss
    """

    x: FloatArray
    curve: FloatArray
    loss: Loss

    @property
    def n_points(self) -> int:
        """Samples of a data set."""
        return int(self.curve.shape[1])

    @property
    def row_bytes(self) -> int:
        """Values, as integers too."""
        return 16 * self.curve.size

    def blank(self, n_rows: int) -> RowData:
        """Memory for y."""
        return RowData(np.empty((n_rows, self.n_points)), self.x)

    def fill(self, random: np.random.Generator, rows: RowData) -> None:
        """Draw the data."""
        rows.y[...] = self.loss.drawn(random, self.curve[0], rows.y.shape)


class LeftOut(NamedTuple):
    """The data with one sample left out each: data set k lacks sample k."""

    data: Observations

    def rows(self, start: int, stop: int) -> RowData:
        """The data sets `start` to `stop`."""
        data, n = self.data, self.data.y.shape[1]
        y = np.broadcast_to(joined_rows(data.y), (stop - start, n))
        mask = np.arange(start, stop)[:, None] == np.arange(n)
        return RowData(y, data.x, shared_sigma(data.sigma), mask)


def joined_rows(values: FloatArray) -> NDArray[Any]:
    """Values of shape (n_outputs, n) as real or complex numbers, shape (n,)."""
    joined: NDArray[Any] = values[0]
    return joined if len(values) == 1 else joined + 1j * values[1]


def shared_sigma(sigma: FloatArray | None) -> FloatArray | None:
    """Standard deviations, shape (n_outputs, n), as rows of data share them.

    One number where all are equal, (1, n) where both parts of complex data have the
    same, else (1, 2, n).
    """
    if sigma is None:
        return None
    if (sigma == sigma[0, 0]).all():
        return sigma[:1, :1]
    return sigma[:1] if (sigma == sigma[0]).all() else sigma[None]


def _numbers(y: NDArray[Any]) -> FloatArray:
    """Values of rows as real numbers, real and imaginary parts in turn."""
    real: FloatArray = y.view(np.float64)
    return real


def _alternating(values: FloatArray) -> FloatArray:
    """Values of shape (n_outputs, n) in the order of `_numbers`."""
    return values[0] if len(values) == 1 else values.T.ravel()
