"""Components that no name of the catalogue and no text stands for, as data for files.

They are those of a user's functions: what such a function computes is its graph. In
the text of a model they stand under names of their own.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, Literal

import msgspec
import numpy as np

from physfit.data.files.schema import Array, check_names
from physfit.errors import DataError
from physfit.models import tree as trees
from physfit.models.declaration import DECLARATIONS, FAMILIES, Declaration
from physfit.models.formulas.component import FORMULA
from physfit.models.formulas.functions import functions
from physfit.models.graph.compilation import kernel_of
from physfit.models.graph.graph import Graph
from physfit.models.graph.stored import GraphRecord, graph_of, graph_record
from physfit.models.param import Param
from physfit.models.user_function.called import Lost
from physfit.models.user_function.function import UserFunction
from physfit.models.user_function.grid import Form, Grid
from physfit.models.user_function.signature import Signature
from physfit.typing import FloatArray, IntArray

__all__ = ["FunctionRecord", "declaration_from", "written"]

#: Characters of a name, and of a description.
MOST_CHARACTERS = 10_000


class DeclaredRecord(msgspec.Struct):
    """What a function says of a parameter; None is no start, no bound."""

    unit: str
    description: str
    start: float | None
    lower: float | None
    upper: float | None
    fixed: bool = False


class GridRecord(msgspec.Struct):
    """Samples on which alone a function is what its graph says."""

    rows: Annotated[FloatArray, Array("*", "*")]
    shape: Annotated[IntArray, Array("*")]
    form: Literal["arrays", "tuple", "rows", "columns"]


class FunctionRecord(msgspec.Struct):
    """A component by its graph."""

    name: str
    inputs: list[str]
    order: list[str]
    parameters: dict[str, DeclaredRecord]
    graph: GraphRecord
    description: str = ""
    formula: str = ""
    note: str = ""
    scale: str | None = None
    grid: GridRecord | None = None


def written(tree: trees.Tree) -> tuple[str, dict[str, dict[str, Any]]]:
    """Text of a tree, and records of the functions in it by their names there."""
    names: dict[Declaration, str] = {}
    for leaf in trees.leaves(tree):
        declaration = leaf.declaration
        if declaration.is_function and declaration not in names:
            names[declaration] = _free_name(declaration.point, set(names.values()))
    text = trees.expression(_renamed(tree, names))
    return text, {name: _record(own) for own, name in names.items()}


def declaration_from(record: FunctionRecord) -> Declaration:
    """Component from its record.

    Raises
    ------
    DataError
        When its parts do not belong together.
    """
    names = tuple(record.order)
    texts = (record.name, record.description, record.formula, record.note)
    for text in (*texts, *names, *record.inputs):
        if len(text) > MOST_CHARACTERS:
            raise DataError(f"its function has a text of {len(text)} characters.")
    for name in (*names, *record.inputs):
        if not name.isidentifier():
            raise DataError(f"its function has a parameter {name[:50]!r}, no name.")
    if len(set(names)) < len(names):
        raise DataError("its function has two parameters of one name.")
    check_names(record.parameters, names, "functions.parameters")
    if record.scale is not None and record.scale not in names:
        raise DataError(f"its function has the scale {record.scale[:50]!r}, unknown.")
    graph = graph_of(record.graph, tuple(record.inputs), names)
    params = tuple(_param(name, record.parameters[name]) for name in names)
    grid = None if record.grid is None else _grid_of(record.grid, graph)
    if grid is None and len(graph.samples):
        raise DataError("its function has arrays of samples, but no samples.")
    return Declaration(
        kernel=kernel_of(graph, record.name),
        description=record.description,
        formula=record.formula,
        parameters=params,
        note=record.note.replace("{", "{{").replace("}", "}}"),
        scale=record.scale,
        is_flat=not any(node[0] in ("input", "sample") for node in graph.nodes),
        graph=graph,
        grid=grid,
        function=None if grid is None else _lost(record, params),
    )


def _lost(record: FunctionRecord, params: tuple[Param, ...]) -> UserFunction:
    """What stands for the function, which is not in the file."""
    assert record.grid is not None
    is_one = record.grid.form != Form.ARRAYS.value
    signature = Signature((), (), 1 if is_one else len(record.inputs))
    return UserFunction(Lost(record.name), signature, params)


def _grid_of(record: GridRecord, graph: Graph) -> Grid:
    rows = record.rows
    n_inputs, n_samples = rows.shape
    if n_inputs != len(graph.inputs) or n_samples == 0:
        raise DataError(f"its function has samples of shape {rows.shape}.")
    shape = tuple(record.shape.tolist())
    if len(shape) > 32 or math.prod(shape) != n_samples or min(shape) < 1:
        raise DataError(f"its function has {n_samples} samples in another shape.")
    return Grid(rows, Form(record.form), shape)


def _record(own: Declaration) -> dict[str, Any]:
    assert own.graph is not None
    return {
        "name": own.point,
        "inputs": list(own.kernel.inputs),
        "order": list(own.kernel.parameters),
        "parameters": {param.name: _declared(param) for param in own.parameters},
        "graph": graph_record(own.graph),
        "description": own.description,
        "formula": own.formula,
        "note": own.note.format(prefix=""),
        "scale": own.scale,
        **({} if own.grid is None else {"grid": _samples(own)}),
    }


def _samples(own: Declaration) -> dict[str, Any]:
    assert own.grid is not None
    return {
        "rows": own.grid.rows,
        "shape": np.array(own.grid.shape, dtype=np.int64),
        "form": own.grid.form.value,
    }


def _declared(param: Param) -> dict[str, Any]:
    return {
        "unit": param.unit,
        "description": param.description,
        "start": param.start,
        "lower": param.lower,
        "upper": param.upper,
        "fixed": param.fixed,
    }


def _param(name: str, record: DeclaredRecord) -> Param:
    return Param(
        name,
        record.unit,
        record.description,
        lower=-math.inf if record.lower is None else record.lower,
        upper=math.inf if record.upper is None else record.upper,
        start=record.start,
        fixed=record.fixed,
    )


def _renamed(tree: trees.Tree, names: Mapping[Declaration, str]) -> trees.Tree:
    if isinstance(tree, trees.Join):
        parts = tuple(_renamed(part, names) for part in tree.parts)
        return replace(tree, parts=parts)
    declaration = tree.declaration
    if declaration not in names:
        return tree
    kernel = replace(declaration.kernel, name=names[declaration])
    return replace(tree, declaration=replace(declaration, kernel=kernel))


def _free_name(name: str, taken: set[str]) -> str:
    """A name that stands for nothing else in the text of a model."""
    taken = {*taken, *DECLARATIONS, *FAMILIES, FORMULA, *trees.FUNCTIONS, *functions()}
    if not name.isidentifier() or not name.isascii():
        name = "function"
    if name not in taken:
        return name
    return next(own for k in range(1, 10_000) if (own := f"{name}_{k}") not in taken)
