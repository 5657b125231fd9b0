"""Digests of rows as they were read: of a block, and of some rows all over a source."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from physfit.data.files.digests import digest_of, digest_of_bytes
from physfit.data.files.file_bytes import FileChanged
from physfit.data.row_data import RowData
from physfit.errors import DataError

__all__ = ["block_digest", "probes_digest"]

#: Rows at the beginning, which guesses for all rows are made from; places from there to
#: the end, and rows at each.
FIRST, PROBES, PROBED = 256, 16, 16


def block_digest(data: RowData, lost: NDArray[np.bool_] | None = None) -> str:
    """Digest of all that the fits of some rows read, and of which rows were lost."""
    return digest_of(data.y, data.x, data.sigma, data.mask, lost)


def probes_digest(read: Callable[[int, int], RowData], n_rows: int) -> str:
    """Digest of the first rows of a source and of some all over it."""
    last = max(0, n_rows - PROBED)
    places = sorted({last * k // (PROBES - 1) for k in range(PROBES)})
    ranges = [(0, FIRST), *((start, start + PROBED) for start in places)]
    digests = []
    for start, stop in ranges:
        try:
            digests.append(block_digest(read(start, min(stop, n_rows))))
        except FileChanged:
            raise
        except DataError:
            digests.append("unreadable")
    return digest_of_bytes(" ".join(digests).encode())
