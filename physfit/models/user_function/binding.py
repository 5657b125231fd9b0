"""Models of users' functions on the samples of data.

A function may take coordinates in several forms, and ask for what only all samples
tell: their mean, the first of them. So its component is chosen where data meet the
model.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from physfit.errors import ShapeError
from physfit.models import tree as trees
from physfit.models.declaration import Declaration
from physfit.models.model import Model
from physfit.models.user_function.function import UserFunction
from physfit.models.user_function.grid import Grid
from physfit.typing import FloatArray

__all__ = ["bound", "bound_to_kept"]

#: Grids of which a model keeps what it is on them.
MOST_GRIDS = 4


class OnGrid(NamedTuple):
    """What a model is on the samples of a grid."""

    grid: Grid
    model: Model
    x: Any


def bound(model: Model, x: Any, size: int | None = None) -> tuple[Model, Any]:
    """A model that can be evaluated at `x`, and coordinates as it takes them.

    Parameters
    ----------
    model : Model
    x : array_like or tuple of array_like
    size : int, optional
        Number of values in the data; a function may return more than there are
        samples, as `np.hstack` of two curves, and the coordinates are repeated.

    Returns
    -------
    model : Model
        The same one where it has no function that depends on the grid.
    x : array_like
    """
    functions = model.functions
    if not functions:
        return model, x
    found = _on_grid(model, grid_for(model, x, size))
    return found.model, found.x


def grid_for(model: Model, x: Any, size: int | None = None) -> Grid:
    """Coordinates for the functions of a model; see `bound`."""
    return Grid.of(x, max(own.signature.n_coordinates for own in model.functions), size)


def bound_to_kept(model: Model, x: Any, size: int, kept: FloatArray) -> Model:
    """A model on the samples (n_inputs, n) that were kept of those at `x`.

    Raises
    ------
    ShapeError
        When the function returns other numbers of values than there are samples.
    """
    grid = grid_for(model, x, size)
    if size != grid.rows.shape[1]:
        raise ShapeError(
            f"{model.expression} returns {size} values for {grid.rows.shape[1]} "
            "samples, so that none can be left out; correct the data that are not "
            "finite."
        )
    return _on_grid(model, Grid(kept, grid.form)).model


def _on_grid(model: Model, grid: Grid) -> OnGrid:
    """The model on a grid, found again where it was asked for lately."""
    kept: list[OnGrid] = model.__dict__.setdefault("_on_grids", [])
    for known in kept:
        if known.grid.is_same(grid):
            return known
    tree = _bound_tree(model.tree, grid)
    other = model if tree == model.tree else Model(tree, model.params)
    found = OnGrid(grid, other, _coordinates(other, grid))
    del kept[: len(kept) - MOST_GRIDS + 1]
    kept.append(found)
    return found


def _bound_tree(tree: trees.Tree, grid: Grid) -> trees.Tree:
    if isinstance(tree, trees.Leaf):
        function = tree.declaration.function
        if function is None:
            return tree
        return trees.Leaf(_declaration(function, grid), tree.prefix)
    parts = (_bound_tree(part, grid) for part in tree.parts)
    return trees.join(tree.operator, *parts)


def _declaration(function: UserFunction, grid: Grid) -> Declaration:
    found = function.declaration(grid.n_inputs, grid.form)
    return function.declaration_on(grid) if found is None else found


def _coordinates(model: Model, grid: Grid) -> Any:
    """Coordinates, as many as the model has values."""
    sizes = {kernel.n_samples for kernel in model.layout.kernels} - {0}
    rows = grid.rows
    if len(sizes) > 1:
        listed = " and ".join(map(str, sorted(sizes)))
        raise ShapeError(
            f"the functions of {model.expression} return {listed} values; take "
            "functions that return as many."
        )
    if sizes and sizes != {rows.shape[1]}:
        rows = np.resize(rows, (len(rows), sizes.pop()))
    return rows[0] if len(rows) == 1 else rows
