"""The inverse of HDF5's shuffle filter: byte planes back into numbers.

The filter stores byte 0 of every number, then byte 1 of every number, and so on, which
compresses better. Bytes left over at the end of a chunk stay as they are.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from physfit.engine.abi import as_bytes, as_integers, as_words
from physfit.engine.roles import entry, routine

__all__ = ["unshuffle"]


@routine
def joined(planes: Any, n: Any, size: Any, words: Any) -> None:
    """Numbers of `size` bytes, a constant of the caller, from their planes."""
    for i in range(n):
        word = np.int64(0)
        for k in range(size):
            word |= np.int64(planes[k * n + i]) << (8 * k)
        words[i] = word


@entry("void(u8*, i64, i64, i64)")
def unshuffle(planes: Any, n_bytes: Any, size: Any, out: Any) -> None:
    """Write the numbers of `size` bytes whose planes are given to address `out`."""
    n = n_bytes // size
    target = as_bytes(out)
    if size == 8:
        joined(planes, n, 8, as_integers(out))
    elif size == 4:
        joined(planes, n, 4, as_words(out))
    else:
        for k in range(size):
            for i in range(n):
                target[i * size + k] = planes[k * n + i]
    for i in range(n * size, n_bytes):
        target[i] = planes[i]
