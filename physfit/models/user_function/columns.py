"""Arrays of a grid as further coordinates, where samples are drawn or left out.

A function that was traced on a grid reads arrays that hold a number for each of its
samples, by their place. Rows of which samples are missing, and windows of rows in
another order, take such numbers along as coordinates.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from physfit.data.record import Observations
from physfit.kernels.kernel import NO_CONTEXT
from physfit.models import tree as trees
from physfit.models.declaration import Declaration
from physfit.models.graph.compilation import kernel_of
from physfit.models.model import Model
from physfit.models.user_function.own_guess import OwnGuess
from physfit.typing import FloatArray

__all__ = ["drawable", "in_columns"]


def in_columns(model: Model) -> tuple[Model, FloatArray]:
    """A model whose samples can be drawn and left out, and its further coordinates.

    Parameters
    ----------
    model : Model
        On the samples of a grid.

    Returns
    -------
    model : Model
        The same one where it reads no arrays by the place of a sample.
    columns : ndarray, shape (n_arrays, n)
        These arrays, which follow the coordinates of the samples.
    """
    if not model.reads_places:
        return model, np.empty((0, 0))
    known: tuple[Model, FloatArray] | None = model.__dict__.get("_in_columns")
    if known is not None:
        return known
    arrays = list[NDArray[np.float64]]()
    other = Model(_moved(model.tree, model.n_inputs, arrays), model.params)
    # Its components have different numbers of coordinates, which trees do not join.
    other.__dict__["n_inputs"] = model.n_inputs + len(arrays)
    other.__dict__["n_outputs"] = model.n_outputs
    model.__dict__["_in_columns"] = other, np.array(arrays)
    return other, np.array(arrays)


def drawable(model: Model, data: Observations) -> tuple[Model, Observations]:
    """A model whose samples can be drawn and left out, and data for it."""
    other, columns = in_columns(model)
    if other is model:
        return model, data
    return other, data._replace(x=np.vstack([data.x, columns]))


def _moved(
    tree: trees.Tree, n_inputs: int, arrays: list[NDArray[np.float64]]
) -> trees.Tree:
    """A tree that reads arrays as coordinates; these are added to the list."""
    if not isinstance(tree, trees.Leaf):
        parts = tuple(_moved(part, n_inputs, arrays) for part in tree.parts)
        return trees.Join(tree.operator, parts)
    return trees.Leaf(_in_columns(tree.declaration, n_inputs, arrays), tree.prefix)


def _in_columns(
    declaration: Declaration, n_inputs: int, arrays: list[NDArray[np.float64]]
) -> Declaration:
    graph = declaration.graph
    if graph is None or not len(graph.samples):
        return declaration
    first = n_inputs + len(arrays)
    arrays += graph.samples.arrays
    nodes = tuple(
        ("input", first + node[1]) if node[0] == "sample" else node
        for node in graph.nodes
    )
    moved = replace(
        graph,
        nodes=nodes,
        inputs=tuple(f"x{k}" for k in range(n_inputs + len(arrays))),
        samples=NO_CONTEXT,
    )
    changes: dict[str, Any] = {"kernel": kernel_of(moved, declaration.point)}
    changes |= {"graph": moved, "function": None, "grid": None}
    guess = declaration.own_guess
    if guess is not None:
        changes["own_guess"] = OwnGuess(guess.function, guess.names, n_inputs)
    return replace(declaration, **changes)
