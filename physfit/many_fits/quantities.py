"""What replicas are reported for: free and tied parameters, and derived quantities."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from physfit.errors import InputError, did_you_mean
from physfit.models.expression import Expression
from physfit.models.model import Model
from physfit.solve.row_table import packed_size
from physfit.typing import FloatArray
from physfit.uncertainty.propagation import chain, quantity, resolve
from physfit.uncertainty.row_propagation import RowQuantity, propagated

__all__ = [
    "Quantity",
    "declared_unit",
    "known",
    "of_rows",
    "quantities",
    "values_of_rows",
]


class Quantity(NamedTuple):
    """A parameter or derived quantity at some parameters.

    Attributes
    ----------
    expression : Expression
        Of the parameters; its own name for a parameter.
    value : float
    gradient : ndarray, shape (P,)
        Partials by the free parameters.
    unit : str
        As declared (see `resolve_unit`).
    """

    expression: Expression
    value: float
    gradient: FloatArray
    unit: str


def quantities(model: Model, theta: FloatArray) -> dict[str, Quantity]:
    """All that depend on a free parameter, by name: parameters, then derived ones."""
    full = resolve(model.layout, theta)
    jacobian = chain(model.layout, full)
    parameters = [own for own in model.params if own.is_free]
    parameters += [own for own in model.params if own.tie is not None]
    named = [(own.name, Expression.parse(own.name), own.unit) for own in parameters]
    named += [(own.name, own.expression, own.unit) for own in model.derived]
    result = {}
    for name, expression, unit in named:
        found = quantity(expression, model.index, full, jacobian)
        if found.gradient.any() and np.isfinite(found.value):
            result[name] = Quantity(expression, found.value, found.gradient, unit)
    return result


def declared_unit(model: Model, name: str) -> str:
    """Unit of a parameter or derived quantity as declared."""
    if name in model.parameters:
        return model.parameters[name].unit
    return next(own.unit for own in model.derived if own.name == name)


def known(found: Mapping[str, object], name: str, whose: str) -> str:
    """The name, if there is something of that name."""
    if name not in found:
        raise InputError(
            f"{name!r} is no free or tied parameter and no derived quantity of "
            f"{whose}; {did_you_mean(str(name), found)}"
        )
    return name


def of_rows(
    model: Model,
    expression: Expression,
    theta: FloatArray,
    covariance: FloatArray,
    at_bound: NDArray[np.int8],
) -> RowQuantity:
    """Values and standard errors of a quantity in many fits (see `propagated`)."""
    tape = expression.tape(model.index)
    return propagated(model.layout, tape, theta, covariance, at_bound)


def values_of_rows(
    model: Model, expression: Expression, theta: FloatArray
) -> FloatArray:
    """Values of a quantity alone, shape (n,), at parameters of shape (n, P)."""
    place = model.free_index.get(expression.text)
    if place is not None:
        return np.ascontiguousarray(theta[:, place])
    n, n_free = theta.shape
    none = np.broadcast_to(np.float64(0.0), (n, packed_size(n_free)))
    moved = np.broadcast_to(np.int8(0), (n, n_free))
    return of_rows(model, expression, theta, none, moved).value
