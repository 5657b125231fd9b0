"""Start values of rows that a function of the caller finds in their data."""

from __future__ import annotations

import numpy as np

from physfit.data.record import Observations
from physfit.data.row_data import RowData
from physfit.models.guess import filled_by_callers
from physfit.models.model import Model
from physfit.typing import FloatArray

__all__ = ["with_own_guesses"]


def with_own_guesses(model: Model, data: RowData, start: FloatArray) -> FloatArray:
    """Start values (P,) or (n_rows, P), those filled in that the caller's guess finds.

    Parameters
    ----------
    model : Model
    data : RowData
        Rows; samples that are missing are kept from the guess.
    start : ndarray
        NaN where a start is to be guessed.
    """
    if not np.isnan(start).any():
        return start
    starts = np.broadcast_to(start, (data.n_rows, start.shape[-1])).copy()
    for k, theta in enumerate(starts):
        x = data.x[k] if data.has_own_x else data.x
        y = data.y[k][None]
        if y.dtype.kind == "c":
            y = np.concatenate([y.real, y.imag])
        kept = np.isfinite(x).all(axis=0) & np.isfinite(y).all(axis=0)
        if data.mask is not None:
            kept &= ~data.mask[k if len(data.mask) > 1 else 0]
        if kept.any():
            y = np.asarray(y[:, kept], dtype=np.float64)
            row = Observations(np.ascontiguousarray(x[:, kept]), y, None)
            starts[k] = filled_by_callers(model, row, theta)
    return starts
