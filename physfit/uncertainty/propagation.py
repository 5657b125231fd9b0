"""From free parameters to all parameters and derived quantities, by exact partials."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from physfit.engine.layout import Layout
from physfit.engine.tape import tape_gradient
from physfit.models.expression import Expression
from physfit.typing import FloatArray

__all__ = ["Quantity", "chain", "quantity", "resolve"]


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
