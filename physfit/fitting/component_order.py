"""Equal components of a sum, in the order in which start values were given.

Two peaks that change places have the same curve. A fit from start values that were
given ends with each peak where it was said to be; one from another start, such as a
guess, may have them in another order, and its values would be those of the other peak.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from physfit.models.model import Model
from physfit.models.param import Param
from physfit.models.tree import Join, Leaf
from physfit.solve.row_table import RowTable
from physfit.typing import FloatArray, IntArray
from physfit.uncertainty.rows import unpacked

__all__ = ["put_in_given_order"]


class _Equals(NamedTuple):
    """Components of a sum that may change places.

    Attributes
    ----------
    places : ndarray of int, shape (n_components, n_params)
        Of their free parameters, the same ones in each row.
    key : int
        The column by which they are told apart.
    """

    places: IntArray
    key: int


def put_in_given_order(model: Model, starts: FloatArray, table: RowTable) -> None:
    """Let equal components follow one another along x as their starts do, in place.

    Parameters
    ----------
    model : Model
    starts : ndarray, shape (n_rows, P)
        NaN is what was guessed; components whose places were guessed stay as they are.
    table : RowTable
    """
    n_rows, n_free = table.theta.shape
    source = np.tile(np.arange(n_free), (n_rows, 1))
    for equals in _equal_components(model):
        keys = equals.places[:, equals.key]
        wanted, ended = starts[:, keys], table.theta[:, keys]
        known = np.isfinite(wanted).all(axis=1) & np.isfinite(ended).all(axis=1)
        rank, order = np.argsort(wanted, axis=1), np.argsort(ended, axis=1)
        came_from = np.empty_like(order)
        np.put_along_axis(came_from, rank, order, axis=1)
        for k, places in enumerate(equals.places):
            source[np.ix_(known, places)] = equals.places[came_from[known, k]]
    moved = np.flatnonzero((source != np.arange(n_free)).any(axis=1))
    rows, columns = np.tril_indices(n_free)
    for row in moved.tolist():
        own = source[row]
        table.theta[row] = table.theta[row, own]
        table.at_bound[row] = table.at_bound[row, own]
        full = unpacked(table.covariance[row], n_free)
        table.covariance[row] = full[np.ix_(own, own)][rows, columns]


def _equal_components(model: Model) -> Iterator[_Equals]:
    """Groups of components of a sum that differ by their prefix alone."""
    tree = model.tree
    if not (isinstance(tree, Join) and tree.operator == "+") or model.layout.ties:
        return
    groups: dict[object, list[Leaf]] = {}
    for part in tree.parts:
        if isinstance(part, Leaf):
            own = tuple(_asked(param) for param in _params(model, part))
            groups.setdefault((part.declaration.point, own), []).append(part)
    for parts in groups.values():
        free = [[own for own in _params(model, part) if own.is_free] for part in parts]
        along = [k for k, own in enumerate(free[0]) if "x" in own.unit]
        along.sort(key=lambda k: not _is_position(free[0][k]))
        if len(parts) > 1 and along:
            places = [[model.free_index[own.name] for own in part] for part in free]
            yield _Equals(np.array(places, dtype=np.int64), along[0])


def _params(model: Model, part: Leaf) -> list[Param]:
    """Parameters of a component, as the model asks for them."""
    declared = part.declaration.params(part.prefix)
    return [model.parameters[param.name] for param in declared]


def _asked(param: Param) -> tuple[object, ...]:
    """What is asked of a parameter, but its name and where it starts."""
    value = param.start if param.fixed else None
    return param.unit, param.lower, param.upper, param.fixed, value


def _is_position(param: Param) -> bool:
    """Whether it is a place along x, and no length."""
    return param.unit == "x" and param.lower != 0.0
