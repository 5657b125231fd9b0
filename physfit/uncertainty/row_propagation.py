"""Tied parameters and derived quantities of many rows, with their standard errors.

As `propagation` for one fit: exact partials by the free parameters, through the ties,
and the covariance of each row. Rows are taken in pieces that stay in the cache.

A parameter at a bound has no part in an error. A quantity that depends on an
undetermined parameter has an infinite error: the packed covariance does not say in
which combinations the row determines it after all.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from physfit.engine.layout import Layout
from physfit.engine.tape import Tape
from physfit.engine.tape_rows import tape_rows
from physfit.typing import FloatArray

__all__ = ["RowQuantity", "propagated"]

#: Rows of a piece.
PIECE = 16_384


class RowQuantity(NamedTuple):
    """A quantity in every row.

    Attributes
    ----------
    value, stderr : ndarray, shape (n_rows,)
        The standard error is NaN where there is none, infinite where the row does not
        determine the quantity.
    """

    value: FloatArray
    stderr: FloatArray


def propagated(
    layout: Layout,
    tape: Tape,
    theta: FloatArray,
    covariance: FloatArray,
    at_bound: NDArray[np.int8],
) -> RowQuantity:
    """Value and standard error of an expression of the parameters.

    Parameters
    ----------
    layout : Layout
    tape : Tape
        Over all parameters of the model.
    theta : ndarray, shape (n_rows, P)
        Free parameters.
    covariance : ndarray, shape (n_rows, P (P + 1) / 2)
        Packed lower triangles.
    at_bound : ndarray, shape (n_rows, P)
        Not 0 for parameters at a bound.
    """
    n_rows = len(theta)
    quantity = RowQuantity(np.empty(n_rows), np.empty(n_rows))
    free = list(layout.free)
    for start in range(0, n_rows, PIECE):
        piece = slice(start, start + PIECE)
        full = np.full((len(theta[piece]), layout.n_full), np.nan)
        full[:, free] = theta[piece]
        for place, number in layout.fixed:
            full[:, place] = number
        quantity.value[piece], partials = tape_rows(layout.ties, tape, full)
        slopes = np.where(at_bound[piece] != 0, 0.0, partials[:, free])
        quantity.stderr[piece] = _error(slopes, covariance[piece])
    return quantity


@np.errstate(all="ignore")
def _error(slopes: FloatArray, covariance: FloatArray) -> FloatArray:
    """Standard errors of a piece of rows, from partials of shape (n_rows, P)."""
    moving = slopes != 0.0
    places = np.flatnonzero(moving.any(axis=0)).tolist()
    variance, loose = np.zeros(len(slopes)), np.zeros(len(slopes), dtype=np.bool_)
    for number, place in enumerate(places):
        slope, diagonal = slopes[:, place], _entry(covariance, place, place)
        loose |= moving[:, place] & np.isposinf(diagonal)
        variance += _part(slope * slope, diagonal)
        for other in places[:number]:
            product = 2.0 * slope * slopes[:, other]
            variance += _part(product, _entry(covariance, place, other))
    variance[~moving.any(axis=1)] = np.nan
    variance[loose] = np.inf
    error: FloatArray = np.sqrt(variance)
    return error


def _entry(covariance: FloatArray, row: int, column: int) -> FloatArray:
    """Entry of each packed triangle, `column <= row`."""
    return covariance[:, row * (row + 1) // 2 + column]


def _part(slopes: FloatArray, covariance: FloatArray) -> FloatArray:
    """Product of both, 0 where the slope is: a NaN of a held parameter is no part."""
    return np.where(slopes == 0.0, 0.0, slopes * covariance)
