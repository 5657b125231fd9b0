"""Start values of rows of a function that is called as Python, row by row.

Its search runs in Python (`models.called_guess`), before the compiled loop over rows.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from physfit.data.row_data import RowData
from physfit.models.called_guess import CalledGuess
from physfit.typing import FloatArray, IntArray

__all__ = ["called_starts"]


def called_starts(
    guess: CalledGuess,
    data: RowData,
    start: FloatArray,
    *,
    numbers: IntArray | None,
    every: int,
    check: Callable[[], None] | None,
) -> FloatArray:
    """Start values (n_fits, P), those that are NaN searched in the data of their row.

    Parameters
    ----------
    guess : CalledGuess
    data : RowData
    start : ndarray, shape (P,) or (n_fits, P)
    numbers : ndarray of int or None
        The row of each fit; all in their order where it is None.
    every : int
        Only the first of so many fits is searched for, and the others begin there:
        those of a chain begin at the answer before.
    check : callable or None
        Called before each search; raises to stop.
    """
    numbers = np.arange(data.n_rows) if numbers is None else numbers
    starts = np.broadcast_to(start, (len(numbers), start.shape[-1])).copy()
    known: dict[tuple[int, bytes], FloatArray] = {}
    for k, number in enumerate(numbers.tolist()):
        if not np.isnan(starts[k]).any():
            continue
        if k % every:
            starts[k] = np.where(np.isnan(starts[k]), starts[k - 1], starts[k])
            continue
        key = number, starts[k].tobytes()
        if key not in known:
            if check is not None:
                check()
            known[key] = _searched(guess, data, number, starts[k])
        starts[k] = known[key]
    return starts


def _searched(
    guess: CalledGuess, data: RowData, number: int, start: FloatArray
) -> FloatArray:
    """Start values of one row; as they are where it has too few samples."""
    row = data.chosen(np.array([number]))
    used = row.used()[0]
    x = row.x[0] if row.has_own_x else row.x
    y = np.stack([row.y[0].real, row.y[0].imag]) if row.y.dtype.kind == "c" else row.y
    w = np.ones(y.shape)
    if row.sigma is not None:
        w = 1.0 / np.broadcast_to(row.sigma.reshape(-1, row.sigma.shape[-1]), y.shape)
    used &= np.isfinite(w).all(axis=0)
    if used.sum() < min(len(start), data.n_points):
        return start
    x, y, w = (
        np.asarray(own[:, used], dtype=np.float64, order="C") for own in (x, y, w)
    )
    return guess.started(x, y, w, start)
