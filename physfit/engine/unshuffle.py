"""The inverse of HDF5's shuffle filter: byte planes back into numbers.

The filter stores byte 0 of every number, then byte 1 of every number, and so on, which
compresses better. Bytes left over at the end of a chunk stay as they are.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from physfit.engine.abi import as_bytes, as_integers, as_words, offset
from physfit.engine.roles import entry, routine

__all__ = ["unshuffle"]


@routine
def joined_eight(planes: Any, n: Any, words: Any) -> None:
    """Numbers of eight bytes from their planes."""
    p1, p2, p3 = offset(planes, n), offset(planes, 2 * n), offset(planes, 3 * n)
    p4, p5, p6 = offset(planes, 4 * n), offset(planes, 5 * n), offset(planes, 6 * n)
    p7 = offset(planes, 7 * n)
    for i in range(n):
        low = np.int64(planes[i]) | (np.int64(p1[i]) << 8) | (np.int64(p2[i]) << 16)
        low |= (np.int64(p3[i]) << 24) | (np.int64(p4[i]) << 32)
        high = (np.int64(p5[i]) << 40) | (np.int64(p6[i]) << 48)
        words[i] = low | high | (np.int64(p7[i]) << 56)


@routine
def joined_four(planes: Any, n: Any, words: Any) -> None:
    """Numbers of four bytes from their planes."""
    p1, p2, p3 = offset(planes, n), offset(planes, 2 * n), offset(planes, 3 * n)
    for i in range(n):
        low = np.int64(planes[i]) | (np.int64(p1[i]) << 8)
        words[i] = np.int32(low | (np.int64(p2[i]) << 16) | (np.int64(p3[i]) << 24))


@entry("void(u8*, i64, i64, i64)")
def unshuffle(planes: Any, n_bytes: Any, size: Any, out: Any) -> None:
    """Write the numbers of `size` bytes whose planes are given to address `out`."""
    n = n_bytes // size
    target = as_bytes(out)
    if size == 8:
        joined_eight(planes, n, as_integers(out))
    elif size == 4:
        joined_four(planes, n, as_words(out))
    else:
        for k in range(size):
            plane = offset(planes, k * n)
            for i in range(n):
                target[i * size + k] = plane[i]
    for i in range(n * size, n_bytes):
        target[i] = planes[i]
