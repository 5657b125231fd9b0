"""Data sets made from the data of a fit, or from a model: what replicas are fitted to.

They are made chunk by chunk, each by a generator of its own: Philox with the seed as
its key and the number of the chunk as its counter. So neither memory nor threads decide
what they are, and the first ones stay the same when more are made.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from physfit.data.record import Observations
from physfit.data.row_data import RowData
from physfit.models.loss import Loss
from physfit.models.samples import joined
from physfit.typing import FloatArray

__all__ = ["Resampling", "generator", "implied", "left_out", "noise"]
__all__ += ["pairs", "rows_of_chunk", "shared_sigma"]

#: Numbers that a chunk has at most, and its data sets.
CHUNK, MOST_ROWS = 65_536, 256


def rows_of_chunk(n_points: int) -> int:
    """Data sets that one generator makes; follows from their length alone."""
    return max(1, min(MOST_ROWS, CHUNK // n_points))


def generator(seed: int, chunk: int) -> np.random.Generator:
    """Generator of a chunk; the same for the same arguments everywhere."""
    counter = np.array([0, chunk, 0, 0], dtype=np.uint64)
    return np.random.Generator(np.random.Philox(key=seed, counter=counter))


class Resampling(NamedTuple):
    """How data sets come about.

    Attributes
    ----------
    dtype : dtype
        Of y.
    x : ndarray, shape (n_inputs, n)
    sigma : ndarray or None
        Standard deviations that the fits are given, in a shape that `RowData` takes.
    fill : callable
        `fill(random, rows)` makes data sets in the memory of `rows`.
    is_paired : bool
        Whether x and sigma are drawn, too; else all data sets share them.
    """

    dtype: np.dtype[Any]
    x: FloatArray
    sigma: FloatArray | None
    fill: Callable[[np.random.Generator, RowData], None]
    is_paired: bool = False

    @property
    def n_points(self) -> int:
        """Samples of each."""
        return int(self.x.shape[1])

    @property
    def row_bytes(self) -> int:
        """Memory that a data set needs, with the numbers that are drawn for it."""
        rows = self.template(1)
        drawn = [rows.x, rows.sigma] if self.is_paired else []
        sizes = [own.nbytes for own in (rows.y, *drawn) if own is not None]
        return sum(sizes) + 8 * self.n_points

    def template(self, n_rows: int) -> RowData:
        """Memory for so many data sets."""
        y = np.empty((n_rows, self.n_points), dtype=self.dtype)
        x, sigma = self.x, self.sigma
        if self.is_paired:
            x = np.empty((n_rows, *x.shape))
            if sigma is not None and sigma.shape[-1] > 1:
                sigma = np.empty((n_rows, *sigma.shape[1:]))
        return RowData(y, x, sigma)


def pairs(data: Observations) -> Resampling:
    """Samples drawn with replacement: x, y and sigma of each stay together."""
    y, sigma = joined(data.y), shared_sigma(data.sigma)

    def fill(random: np.random.Generator, rows: RowData) -> None:
        drawn = random.integers(0, len(y), rows.y.shape)
        np.take(y, drawn, out=rows.y, mode="clip")
        for k, column in enumerate(data.x):
            rows.x[:, k] = column.take(drawn)
        if sigma is None or rows.sigma is None or sigma.shape[-1] == 1:
            return
        if sigma.ndim == 2:
            np.take(sigma[0], drawn, out=rows.sigma, mode="clip")
            return
        for k, column in enumerate(sigma[0]):
            rows.sigma[:, k] = column.take(drawn)

    return Resampling(y.dtype, data.x, sigma, fill, is_paired=True)


def noise(
    x: FloatArray,
    curve: FloatArray,
    spread: FloatArray | None,
    sigma: FloatArray | None,
    pool: NDArray[Any] | None = None,
) -> Resampling:
    """A curve with normal noise, or with residuals drawn with replacement.

    Parameters
    ----------
    x : ndarray, shape (n_inputs, n)
    curve : ndarray, shape (n_outputs, n)
    spread : ndarray, shape (n_outputs, n), or None
        What the noise is multiplied by: its standard deviations.
    sigma : ndarray, shape (n_outputs, n), or None
        Those that the fits are given.
    pool : ndarray, shape (m,), optional
        Residuals in units of the spread; complex for complex data, so that both parts
        of a sample stay together.
    """

    def fill(random: np.random.Generator, rows: RowData) -> None:
        # Real and imaginary parts in turn.
        values: FloatArray = rows.y.view(np.float64)
        if pool is None:
            random.standard_normal(out=values)
        else:
            drawn = random.integers(0, len(pool), rows.y.shape)
            np.take(pool, drawn, out=rows.y, mode="clip")
        if spread is not None:
            values *= _alternating(spread)
        values += _alternating(curve)

    dtype = np.dtype(np.complex128 if len(curve) == 2 else np.float64)
    return Resampling(dtype, x, shared_sigma(sigma), fill)


def implied(x: FloatArray, curve: FloatArray, loss: Loss) -> Resampling:
    """Data whose mean is a curve, with the noise that a likelihood implies.

    Parameters
    ----------
    x : ndarray, shape (n_inputs, n)
    curve : ndarray, shape (1, n)
    loss : Loss
    """

    def fill(random: np.random.Generator, rows: RowData) -> None:
        rows.y[...] = loss.drawn(random, curve[0], rows.y.shape)

    return Resampling(np.dtype(np.float64), x, None, fill)


def left_out(data: Observations, start: int, stop: int) -> RowData:
    """Data sets `start` to `stop` of those of which number k lacks sample k."""
    n = data.y.shape[1]
    y = np.broadcast_to(joined(data.y), (stop - start, n))
    mask = np.arange(start, stop)[:, None] == np.arange(n)
    return RowData(y, data.x, shared_sigma(data.sigma), mask)


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


def _alternating(values: FloatArray) -> FloatArray:
    """Values of shape (n_outputs, n) with the parts of each sample in turn."""
    return values[0] if len(values) == 1 else values.T.ravel()
