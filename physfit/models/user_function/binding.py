"""Models of users' functions on the samples of data.

A function may take coordinates in several forms, and ask for what only all samples
tell: their mean, the first of them. So its component is chosen where data meet the
model.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from physfit.errors import InputError, ShapeError
from physfit.models import tree as trees
from physfit.models.declaration import Declaration
from physfit.models.model import Model
from physfit.models.user_function.called import Lost
from physfit.models.user_function.function import Unbound
from physfit.models.user_function.grid import Form, Grid
from physfit.typing import FloatArray

__all__ = ["anywhere", "bound", "bound_to_kept", "bound_to_rows", "confirmed"]

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
    if not model.functions:
        return model, x
    if type(x) is np.ndarray and x.ndim == 1 and _is_pointwise(model, x):
        return model, x
    found = _on_grid(model, grid_for(model, x, size))
    for leaf in trees.leaves(found.model.tree):
        own = leaf.declaration.function
        if own is not None and own.is_here and leaf.declaration.kernel.host is not None:
            own.confirm()
    n_values = np.shape(found.x)[-1]
    if size not in (None, n_values):
        raise ShapeError(
            f"{model.expression} returns {n_values} values, but `y` has {size}; return "
            "one for each sample of the data."
        )
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
    if size != grid.n_samples:
        raise ShapeError(
            f"{model.expression} returns {size} values for {grid.n_samples} samples, "
            "so that none can be left out; correct the data that are not finite."
        )
    return _on_grid(model, grid.of_kept(kept)).model


def bound_to_rows(model: Model, x: Any, shape: tuple[int, ...]) -> tuple[Model, Any]:
    """A model for rows of data, and their coordinates; see `bound`.

    Parameters
    ----------
    model : Model
    x : array_like
        Of one row, that all share, or in the shape of the data.
    shape : tuple of int
        Of the data; a row is its last axis.

    Raises
    ------
    InputError
        When a function asks for what all samples tell, and some of these are none.
    """
    if not model.functions:
        return model, x
    if np.ndim(x) > 1 and np.shape(x) == shape:
        return anywhere(model), x
    size, axes = _samples_of_row(x, shape)
    found, places = bound(model, x, size)
    if len(axes) > 1 and np.ndim(places) > 1:
        places = places.reshape(-1, *axes)
    if found is not model and not np.isfinite(places).all():
        raise InputError(
            f"`x` holds samples that are not finite, but {model.expression} depends on "
            "all of them; leave these out of `x` and of the rows."
        )
    return found, places


def _samples_of_row(
    x: Any, shape: tuple[int, ...]
) -> tuple[int | None, tuple[int, ...]]:
    """How many samples a row of data has, and the axes that these make up."""
    grid = np.shape(x[0]) if isinstance(x, tuple) and len(x) else np.shape(x)
    for k in range(len(grid)):
        if grid[k:] == shape[len(shape) - len(grid[k:]) :]:
            return math.prod(grid[k:]), grid[k:]
    return (shape[-1] if shape else None), shape[-1:]


def anywhere(model: Model, n_inputs: int = 1) -> Model:
    """A model whose functions are compiled for any samples, or called as Python."""
    form = Form.ARRAYS if n_inputs == 1 else Form.ROWS
    middle = np.linspace(0.5, 1.5, 16)
    grid = Grid(np.array([middle + 0.1 * k for k in range(n_inputs)]), form, (16,))
    tree = _anywhere(model.tree, grid)
    return model if tree == model.tree else Model(tree, model.params)


def _anywhere(tree: trees.Tree, grid: Grid) -> trees.Tree:
    if not isinstance(tree, trees.Leaf):
        parts = (_anywhere(part, grid) for part in tree.parts)
        return trees.join(tree.operator, *parts)
    function = tree.declaration.function
    if function is None:
        return tree
    if not function.is_here:
        _refuse_unbound(tree.declaration)
        if tree.declaration.grid is not None:
            Lost(tree.declaration.point)()
        return tree
    form = Form.ARRAYS if function.signature.n_coordinates > 1 else grid.form
    grid = Grid(grid.rows, form, grid.shape)
    found = function.declaration(grid.n_inputs, form) or function.called(grid)[0]
    return trees.Leaf(found, tree.prefix)


def confirmed(model: Model, x: FloatArray, theta: FloatArray) -> Model:
    """A model whose compiled functions have the values of the originals at a start.

    Those that have not are called as Python. The first fit of a model decides.

    Parameters
    ----------
    model : Model
    x : ndarray, shape (n_inputs, n)
    theta : ndarray, shape (P,)
        Free parameters.
    """
    known: Model | None = model.__dict__.get("_confirmed")
    if known is not None:
        return known
    found = model
    is_any = not any(kernel.n_samples for kernel in model.layout.kernels)
    is_here = all(own.is_here for own in model.functions)
    if len(x) == 1 and is_any and is_here and np.isfinite(theta).all():
        free = dict(zip(model.free_names, theta.tolist(), strict=True))
        full = model.full_values(free).tolist()
        tree = _confirmed(model.tree, Grid(x, Form.ARRAYS, x.shape[1:]), full)
        found = model if tree == model.tree else Model(tree, model.params)
    model.__dict__["_confirmed"] = found
    return found


def _confirmed(tree: trees.Tree, grid: Grid, values: list[float]) -> trees.Tree:
    """A tree, the values of whose parameters are taken from the front of a list."""
    if not isinstance(tree, trees.Leaf):
        parts = [_confirmed(part, grid, values) for part in tree.parts]
        return trees.join(tree.operator, *parts)
    declaration = tree.declaration
    own = [values.pop(0) for _ in declaration.parameters]
    function = declaration.function
    if function is None or function.agrees(declaration, grid, own):
        return tree
    return trees.Leaf(function.called(grid).declaration, tree.prefix)


def _is_pointwise(model: Model, x: Any) -> bool:
    """Whether the components are compiled for any samples of one coordinate."""
    known: bool | None = model.__dict__.get("_is_pointwise")
    if known is None:
        grid = Grid.of(x, 1)
        known = all(
            own.is_here
            and own.signature.n_coordinates == 1
            and own.placed(grid).declaration is own.declaration(1, Form.ARRAYS)
            for own in model.functions
        )
        model.__dict__["_is_pointwise"] = known
    return known


def _on_grid(model: Model, grid: Grid) -> OnGrid:
    """The model on a grid, found again where it was asked for lately."""
    kept: list[OnGrid] = model.__dict__.setdefault("_on_grids", [])
    for known in kept:
        if known.grid.is_same(grid):
            return known
    if _has_such_places(model, grid):
        return OnGrid(grid, model, grid.rows[0] if grid.n_inputs == 1 else grid.rows)
    tree, sizes = _placed(model.tree, grid)
    other = model if tree == model.tree else Model(tree, model.params)
    found = OnGrid(grid, other, _coordinates(model, grid, sizes))
    del kept[: len(kept) - MOST_GRIDS + 1]
    kept.append(found)
    return found


def _has_such_places(model: Model, grid: Grid) -> bool:
    """Whether these are the repeated coordinates of a model on its own grid."""
    for leaf in trees.leaves(model.tree):
        own = leaf.declaration.grid
        if own is not None and own.n_samples < grid.n_samples:
            host = leaf.declaration.kernel.host
            n_values = leaf.declaration.kernel.n_samples
            called = getattr(host, "function", None)
            n_values = n_values or getattr(called, "n_values", own.n_samples)
            repeated = np.resize(own.rows, (len(own.rows), n_values))
            if np.array_equal(repeated, grid.rows):
                return True
    return False


def _placed(tree: trees.Tree, grid: Grid) -> tuple[trees.Tree, set[int]]:
    """A tree on a grid, and how many values its functions have there."""
    if isinstance(tree, trees.Leaf):
        function = tree.declaration.function
        if function is None or not function.is_here:
            return tree, _refuse_elsewhere(tree.declaration, grid)
        placed = function.placed(grid.for_arguments(function.signature.n_coordinates))
        return trees.Leaf(placed.declaration, tree.prefix), {placed.n_values}
    parts = [_placed(part, grid) for part in tree.parts]
    joined = trees.join(tree.operator, *(part for part, _ in parts))
    return joined, set().union(*(sizes for _, sizes in parts))


def _refuse_unbound(declaration: Declaration) -> None:
    """Refuse a component that has had no samples, and lost its function since."""
    kernel = declaration.kernel
    if isinstance(kernel.function, Unbound):
        kernel.function.own.function()


def _refuse_elsewhere(declaration: Declaration, grid: Grid) -> set[int]:
    """Values that a component without its function has on a grid, if it has any."""
    _refuse_unbound(declaration)
    own = declaration.grid
    if own is not None:
        # a result repeats coordinates where a function returns more values than these
        expected = np.resize(own.rows, (len(own.rows), grid.n_samples))
        n_values = declaration.kernel.n_samples or own.n_samples
        is_theirs = grid.n_samples in (own.n_samples, n_values)
        if not is_theirs or not np.array_equal(expected, grid.rows):
            Lost(declaration.point)()
    return {declaration.kernel.n_samples or grid.n_samples}


def _coordinates(model: Model, grid: Grid, sizes: set[int]) -> Any:
    """Coordinates, as many as the model has values."""
    rows = grid.rows
    if len(sizes) > 1:
        listed = " and ".join(map(str, sorted(sizes)))
        raise ShapeError(
            f"the functions of {model.expression} return {listed} values; take "
            "functions that return as many."
        )
    n_values = max(sizes, default=grid.n_samples)
    if n_values != grid.n_samples:
        rows = np.resize(rows, (len(rows), n_values))
    return rows[0] if len(rows) == 1 else rows
