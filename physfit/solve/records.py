"""What fits of many rows leave behind: one array per quantity."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from physfit.typing import FloatArray

__all__ = ["Records", "blank_records", "packed_size"]

#: Bytes of a cache line.
LINE = 64


def packed_size(n: int) -> int:
    """Numbers in the lower triangle of a matrix of `n` rows."""
    return n * (n + 1) // 2


class Records(NamedTuple):
    """Answers of N fits with P free parameters, as compiled code writes them.

    Attributes
    ----------
    status : ndarray of uint8, shape (N,)
        As `Status` numbers them.
    n_steps, n_samples : ndarray of int32, shape (N,)
        Steps tried; samples that were neither masked nor NaN.
    chi2 : ndarray, shape (N,)
        Twice the cost.
    condition : ndarray of float32, shape (N,)
        Of the scaled Gauss-Newton matrix; infinite if it has no inverse.
    theta : ndarray, shape (N, P)
    at_bound : ndarray of int8, shape (N, P)
        -1 on the lower bound, 1 on the upper one, 0 elsewhere.
    covariance : ndarray, shape (N, P (P + 1) / 2)
        Packed lower triangles; of the Gauss-Newton matrix where it has no inverse.
    moments : ndarray, shape (N, 3) or (0, 3)
        Sums of psi^2, psi' and psi'^2 of robust losses.
    """

    status: NDArray[np.uint8]
    n_steps: NDArray[np.int32]
    n_samples: NDArray[np.int32]
    chi2: FloatArray
    condition: NDArray[np.float32]
    theta: FloatArray
    at_bound: NDArray[np.int8]
    covariance: FloatArray
    moments: FloatArray

    def rows(self, start: int, stop: int) -> Records:
        """The fits `start` to `stop`, without copying."""
        return Records._make(array[start:stop] for array in self)


def blank_records(n_fits: int, n_free: int, robust: bool = False) -> Records:
    """Records that have not been written.

    All arrays lie in one buffer: memory is handed out in large pages then, and touching
    it for the first time costs a tenth.
    """
    shapes: list[tuple[int, ...]] = [(n_fits,)] * 5
    shapes += [(n_fits, n_free)] * 2 + [(n_fits, packed_size(n_free))]
    shapes.append((n_fits if robust else 0, 3))
    kinds = ("u1", "i4", "i4", "f8", "f4", "f8", "i1", "f8", "f8")
    sizes = [
        -(-math.prod(shape) * np.dtype(kind).itemsize // LINE) * LINE
        for shape, kind in zip(shapes, kinds, strict=True)
    ]
    room = np.empty(sum(sizes), dtype=np.uint8)
    arrays, place = [], 0
    for shape, kind, size in zip(shapes, kinds, sizes, strict=True):
        n_bytes = math.prod(shape) * np.dtype(kind).itemsize
        arrays.append(room[place : place + n_bytes].view(kind).reshape(shape))
        place += size
    return Records._make(arrays)
