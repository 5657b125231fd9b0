"""From free parameters to tied parameters and derived quantities, by exact partials.

Rows are taken in blocks that stay in the cache, with the covariance of each. There a
parameter at a bound has no part in an error, and a quantity that depends on an
undetermined parameter has an infinite error: a packed covariance does not say in which
combinations the row determines it after all.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from physfit.engine.layout import Layout
from physfit.engine.tape import Tape, tape_gradient
from physfit.engine.ties import tape_rows
from physfit.models.expression import Expression
from physfit.typing import FloatArray

__all__ = ["Quantity", "chain", "propagated", "quantity", "resolve"]

#: Rows of a block.
BLOCK = 16_384


class Quantity(NamedTuple):
    """A derived quantity: its value and its partials by the free parameters, (P,)."""

    value: float
    gradient: FloatArray


def resolve(layout: Layout, theta: FloatArray) -> FloatArray:
    """Value of every parameter, shape (n_full,), from the free ones."""
    full = np.full(layout.n_full, np.nan)
    full[list(layout.free)] = theta
    for index, value in layout.fixed:
        full[index] = value
    for target, tape in layout.ties:
        full[target] = tape_gradient(tape, full)[0]
    return full


def chain(layout: Layout, full: FloatArray) -> FloatArray:
    """Partials of all parameters by the free ones, shape (n_full, P).

    Unit rows for free parameters, zeros for fixed ones, the chain rule for tied ones.
    """
    n_free = len(layout.free)
    jacobian = np.zeros((layout.n_full, n_free))
    jacobian[list(layout.free), range(n_free)] = 1.0
    for target, tape in layout.ties:
        jacobian[target] = _through(tape_gradient(tape, full)[1], jacobian)
    return jacobian


def quantity(
    expression: Expression,
    index: Mapping[str, int],
    full: FloatArray,
    jacobian: FloatArray,
) -> Quantity:
    """Value and partials of an expression of the parameters that `index` numbers."""
    value, slopes = tape_gradient(expression.tape(index), full)
    return Quantity(value, _through(slopes, jacobian))


@np.errstate(all="ignore")
def _through(slopes: Mapping[int, float], jacobian: FloatArray) -> FloatArray:
    gradient = np.zeros(jacobian.shape[1])
    for position, slope in slopes.items():
        depends = jacobian[position] != 0.0  # an infinite slope by a fixed one is none
        gradient[depends] += slope * jacobian[position, depends]
    return gradient


def propagated(
    layout: Layout,
    tape: Tape,
    theta: FloatArray,
    covariance: FloatArray,
    at_bound: NDArray[np.int8],
) -> tuple[FloatArray, FloatArray]:
    """Value and standard error of an expression in every row, shape (n_rows,) each.

    The standard error is NaN where there is none, infinite where the row does not
    determine the quantity.

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
    value, stderr = np.empty(n_rows), np.empty(n_rows)
    free = list(layout.free)
    for start in range(0, n_rows, BLOCK):
        block = slice(start, start + BLOCK)
        full = np.full((len(theta[block]), layout.n_full), np.nan)
        full[:, free] = theta[block]
        for place, number in layout.fixed:
            full[:, place] = number
        value[block], partials = tape_rows(layout.ties, tape, full)
        slopes = np.where(at_bound[block] != 0, 0.0, partials[:, free])
        stderr[block] = _error(slopes, covariance[block])
    return value, stderr


@np.errstate(all="ignore")
def _error(slopes: FloatArray, covariance: FloatArray) -> FloatArray:
    """Standard errors of a block of rows, from partials of shape (n_rows, P)."""
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
