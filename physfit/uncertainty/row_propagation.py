"""Tied parameters and derived quantities of many rows, with their standard errors.

As `propagation` for one fit: exact partials by the free parameters, through the ties,
and the covariance of each row. Rows are taken in pieces that stay in the cache.

A parameter at a bound has no part in an error. A quantity that depends on an
undetermined parameter has an infinite error: the packed covariance does not say in
which combinations the row determines it after all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from physfit.engine.layout import Layout
from physfit.engine.tape import Tape
from physfit.engine.tape_rows import Column, tape_rows
from physfit.typing import FloatArray

__all__ = ["RowQuantity", "propagated"]

#: Rows of a piece.
PIECE = 16_384
#: Partials by the free parameters, by their places among these.
Gradient: TypeAlias = "Mapping[int, Column]"


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
    for start in range(0, n_rows, PIECE):
        piece = slice(start, start + PIECE)
        columns = np.ascontiguousarray(theta[piece].T)
        value, gradient = _through_ties(layout, tape, columns)
        quantity.value[piece] = value
        quantity.stderr[piece] = _error(gradient, covariance[piece], at_bound[piece])
    return quantity


def _through_ties(
    layout: Layout, tape: Tape, columns: FloatArray
) -> tuple[Column, Gradient]:
    """Value, and partials by the free parameters."""
    full: list[Column] = [np.nan] * layout.n_full
    gradients: list[Gradient] = [{}] * layout.n_full
    for place, index in enumerate(layout.free):
        full[index], gradients[index] = columns[place], {place: 1.0}
    for index, number in layout.fixed:
        full[index] = number
    for target, expression in layout.ties:
        full[target], partials = tape_rows(expression, full)
        gradients[target] = _chained(partials, gradients)
    value, partials = tape_rows(tape, full)
    return value, _chained(partials, gradients)


def _chained(partials: Mapping[int, Column], gradients: Sequence[Gradient]) -> Gradient:
    """Partials by the free parameters from those by all of them."""
    result: dict[int, Column] = {}
    with np.errstate(all="ignore"):
        for position, slope in partials.items():
            for place, inner in gradients[position].items():
                part = slope * inner
                result[place] = result[place] + part if place in result else part
    return result


def _error(
    gradient: Gradient, covariance: FloatArray, at_bound: NDArray[np.int8]
) -> FloatArray:
    """Standard errors of a piece of rows."""
    places = sorted(gradient)
    n_rows = len(covariance)
    variance = np.zeros(n_rows)
    moved = np.zeros(n_rows, dtype=np.bool_)
    loose = np.zeros(n_rows, dtype=np.bool_)
    slopes: dict[int, FloatArray] = {}
    with np.errstate(all="ignore"):
        for place in places:
            held = at_bound[:, place] != 0
            slope = np.where(held, 0.0, gradient[place])
            slopes[place] = slope
            moved |= slope != 0.0
            diagonal = _entry(covariance, place, place)
            loose |= (slope != 0.0) & np.isposinf(diagonal)
            variance += _part(slope * slope, diagonal)
            for other in places[: places.index(place)]:
                product = 2.0 * slope * slopes[other]
                variance += _part(product, _entry(covariance, place, other))
        variance[~moved] = np.nan
        variance[loose] = np.inf
        error: FloatArray = np.sqrt(variance)
    return error


def _entry(covariance: FloatArray, row: int, column: int) -> FloatArray:
    """Entry of each packed triangle, `column <= row`."""
    return covariance[:, row * (row + 1) // 2 + column]


def _part(slopes: FloatArray, covariance: FloatArray) -> FloatArray:
    """Product of both, 0 where the slope is: a NaN of a held parameter is no part."""
    return np.where(slopes == 0.0, 0.0, slopes * covariance)
