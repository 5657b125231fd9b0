"""Components that no name of the catalogue and no text stands for, as data for files.

They are those of a user's functions: what such a function computes is its graph. In
the text of a model they stand under names of their own.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from physfit.data.files.schema import check_names, convert
from physfit.engine.layout import Evaluate, Layout
from physfit.engine.program import evaluate
from physfit.errors import DataError, ModelError
from physfit.kernels.kernel import Kernel
from physfit.models import tree as trees
from physfit.models.convolution.response import FEWEST, MOST, response_declared
from physfit.models.declaration import DECLARATIONS, FAMILIES, Declaration
from physfit.models.formulas.component import FORMULA
from physfit.models.formulas.functions import functions
from physfit.models.formulas.syntax import LONGEST_MODEL
from physfit.models.graph.compilation import kernel_of
from physfit.models.graph.graph import Graph
from physfit.models.graph.stored import (
    MOST_COORDINATES,
    GraphRecord,
    graph_of,
    graph_record,
)
from physfit.models.motion.kernel import motion_kernel
from physfit.models.motion.motion import Motion
from physfit.models.motion.stated import Stated
from physfit.models.param import Param
from physfit.models.stored_records import (
    LONGEST_TEXT,
    DeclaredRecord,
    FunctionRecord,
    GridRecord,
    MotionRecord,
    ResponseRecord,
)
from physfit.models.user_function.called import Lost
from physfit.models.user_function.function import UserFunction
from physfit.models.user_function.grid import Form, Grid
from physfit.models.user_function.kept import Kept, kept_kernel
from physfit.models.user_function.signature import Signature
from physfit.typing import FloatArray

__all__ = ["At", "declaration_from", "written"]


class At(NamedTuple):
    """Where the curves of functions are kept: samples, and all parameters by name."""

    rows: FloatArray
    values: Mapping[str, float]


def written(
    tree: trees.Tree, at: At | None = None
) -> tuple[str, dict[str, dict[str, Any]]]:
    """Text of a tree, and records of the functions in it by their names there.

    Parameters
    ----------
    tree : Leaf or Join
    at : At, optional
        Solution whose curves are kept of functions that are called as Python.

    Raises
    ------
    DataError
        When what is written could not be read again.
    """
    names: dict[trees.Leaf, str] = {}
    records: dict[str, dict[str, Any]] = {}
    for leaf in trees.leaves(tree):
        if not leaf.declaration.is_function:
            continue
        own = _without_prefix(leaf)
        if own not in names:
            names[own] = _free_name(leaf.declaration.point, set(names.values()))
            records[names[own]] = _record(leaf, at)
            _check_readable(records[names[own]])
    text = trees.expression(_renamed(tree, names))
    if len(text) > LONGEST_MODEL:
        raise DataError(
            f"a model of {len(text)} characters as text cannot be saved; there can be "
            f"{LONGEST_MODEL}. Give its components shorter prefixes."
        )
    return text, records


def _check_readable(record: dict[str, Any]) -> None:
    """Refuse at saving what would be refused at loading."""
    try:
        own = convert(record, FunctionRecord)
        _check_texts(own)
        if own.graph is not None:
            _graph_of(own, own.graph)
    except DataError as error:
        raise DataError(
            f"the function {record['name']} cannot be saved: {error}"
        ) from (error)


def declaration_from(record: FunctionRecord) -> Declaration:
    """Component from its record.

    Raises
    ------
    DataError
        When its parts do not belong together.
    """
    _check_texts(record)
    if record.response is not None:
        return _response_of(record.response, record.name)
    names = tuple(record.order)
    params = tuple(_param(name, record.parameters[name]) for name in names)
    declared = Declaration(
        kernel=_kernel_of_curve(record),
        description=record.description,
        formula=record.formula,
        parameters=params,
        note=record.note.replace("{", "{{").replace("}", "}}"),
        scale=record.scale,
        function=_lost(record, params),
    )
    if record.graph is None:
        return declared
    graph = _graph_of(record, record.graph)
    if record.motion is not None:
        return _of_motion(record, record.motion, declared, graph)
    grid = None if record.grid is None else _grid_of(record.grid, graph)
    if grid is None and len(graph.samples):
        raise DataError("its function has arrays of samples, but no samples.")
    return replace(
        declared,
        kernel=kernel_of(graph, record.name),
        is_flat=not any(node[0] in ("input", "sample") for node in graph.nodes),
        graph=graph,
        grid=grid,
        function=None if grid is None else declared.function,
    )


def _response_of(record: ResponseRecord, name: str) -> Declaration:
    """Component that is a measured response."""
    x, y = record.x, record.y
    steps = np.diff(x)
    is_right = x.shape == y.shape and FEWEST <= x.size <= MOST
    if not (is_right and np.isfinite(x).all() and np.isfinite(y).all()):
        raise DataError("its response has samples that are none.")
    if not (steps.min() > 0.0 and np.ptp(steps) < 0.01 * steps.mean()):
        raise DataError("its response has places that are not a step apart.")
    return response_declared(x, y, name)


def _graph_of(record: FunctionRecord, graph: GraphRecord) -> Graph:
    """Graph of a record, which begins with the states where it is one of a motion."""
    states = [] if record.motion is None else record.motion.states
    n_outputs = (1, 2)
    if record.motion is not None:
        n_outputs = (2 * len(states) + 2, 2 * len(states) + 3)
    names = (*states, *record.order)
    return graph_of(graph, tuple(record.inputs), names, n_outputs)


def _of_motion(
    record: FunctionRecord, own: MotionRecord, declared: Declaration, graph: Graph
) -> Declaration:
    """Component that follows equations of motion."""
    states = tuple(own.states)
    about = own.rtol, own.atol, own.max_steps
    if set(states) & set(record.order) or len(record.inputs) != 1 or graph.samples:
        raise DataError("the parts of its equations of motion do not belong together.")
    try:
        Stated((), (), "", record.inputs[0], "", *about).check(states)
        motion = Motion(graph, len(states), *about)
        kernel = motion_kernel(motion, record.name)
    except ModelError as error:
        raise DataError(f"its equations of motion cannot be followed: {error}") from (
            error
        )
    return replace(declared, kernel=kernel, motion=motion, function=None)


def _check_texts(record: FunctionRecord) -> None:
    names = tuple(record.order)
    texts: tuple[str, ...] = (record.name, record.description, record.formula)
    texts += (record.note, record.curve.derivatives if record.curve else "")
    for text in (*texts, *names, *record.inputs):
        if len(text) > LONGEST_TEXT:
            raise DataError(f"its function has a text of {len(text)} characters.")
    for name in (*names, *record.inputs):
        if not name.isidentifier():
            raise DataError(f"its function has a parameter {name[:50]!r}, no name.")
    if not 1 <= len(record.inputs) <= MOST_COORDINATES:
        raise DataError(f"its function has {len(record.inputs)} coordinates.")
    if len(set(names)) < len(names):
        raise DataError("its function has two parameters of one name.")
    check_names(record.parameters, names, "functions.parameters")
    if record.scale is not None and record.scale not in names:
        raise DataError(f"its function has the scale {record.scale[:50]!r}, unknown.")


def _kernel_of_curve(record: FunctionRecord) -> Kernel:
    """Kernel that gives the curve that was kept, if one was."""
    n_inputs, n = len(record.inputs), len(record.order)
    curve = record.curve
    if curve is None:
        none = np.zeros((n_inputs, 0))
        slopes, note = np.zeros((n, 1, 0)), f"{record.name} was called as Python"
        kept = Kept(record.name, none, np.zeros(n), none[:1], slopes, note)
    else:
        n_outputs, n_samples = curve.value.shape
        is_right = (
            n_outputs in (1, 2)
            and curve.rows.shape == (n_inputs, n_samples)
            and curve.at.shape == (n,)
            and curve.slopes.shape == (n * n_outputs, n_samples)
        )
        if not is_right:
            raise DataError("the curve of its function has sizes that do not agree.")
        slopes = curve.slopes.reshape(n, n_outputs, n_samples)
        about = (slopes, curve.derivatives)
        kept = Kept(record.name, curve.rows, curve.at, curve.value, *about)
    return kept_kernel(kept, tuple(record.inputs), tuple(record.order))


def _lost(record: FunctionRecord, params: tuple[Param, ...]) -> UserFunction:
    """What stands for the function, which is not in the file."""
    is_one = record.grid is not None and record.grid.form != Form.ARRAYS.value
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


def _record(leaf: trees.Leaf, at: At | None) -> dict[str, Any]:
    own = leaf.declaration
    record: dict[str, Any] = {
        "name": own.point,
        "inputs": list(own.kernel.inputs) or ["x"],
        "order": list(own.kernel.parameters),
        "parameters": {param.name: _declared(param) for param in own.parameters},
        "description": own.description[:LONGEST_TEXT],
        "formula": own.formula[:LONGEST_TEXT],
        "note": own.note.format(prefix="")[:LONGEST_TEXT],
        "scale": own.scale,
    }
    if own.response is not None:
        record["response"] = {"x": own.response.x, "y": own.response.y}
    elif own.motion is not None:
        motion = own.motion
        record["graph"] = graph_record(motion.graph)
        record["motion"] = {
            "states": list(motion.states),
            **{name: getattr(motion, name) for name in ("rtol", "atol", "max_steps")},
        }
    elif own.graph is not None:
        record["graph"] = graph_record(own.graph)
    elif at is not None and own.kernel.inputs:
        record["curve"] = _curve(own.kernel, leaf.prefix, at)
    if own.graph is not None and own.grid is not None:
        record["grid"] = _samples(own)
    return record


def _curve(kernel: Kernel, prefix: str, at: At) -> dict[str, Any]:
    params = np.array([at.values[prefix + name] for name in kernel.parameters])
    if kernel.host is None:
        n, sizes = len(params), (len(kernel.inputs), kernel.n_outputs)
        layout = Layout((Evaluate(kernel, 0),), n, tuple(range(n)), (), (), *sizes)
        value, slopes = evaluate(layout, params, at.rows, partials=True)
    else:
        with np.errstate(all="ignore"):
            value, slopes = kernel.host(params, at.rows, True)
    assert slopes is not None
    n_samples = value.shape[-1]
    return {
        "rows": at.rows,
        "at": params,
        "value": value,
        "slopes": slopes.reshape(-1, n_samples),
        "derivatives": "" if kernel.host is None else kernel.host.note[:LONGEST_TEXT],
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


def _without_prefix(leaf: trees.Leaf) -> trees.Leaf:
    """What a record stands for: curves are those of a prefix, graphs of any."""
    own = leaf.declaration
    is_curve = own.graph is None and own.motion is None and own.response is None
    return leaf if is_curve else replace(leaf, prefix="")


def _renamed(tree: trees.Tree, names: Mapping[trees.Leaf, str]) -> trees.Tree:
    if isinstance(tree, trees.Join):
        parts = tuple(_renamed(part, names) for part in tree.parts)
        return replace(tree, parts=parts)
    declaration, own = tree.declaration, _without_prefix(tree)
    if own not in names:
        return tree
    kernel = replace(declaration.kernel, name=names[own])
    return replace(tree, declaration=replace(declaration, kernel=kernel))


def _free_name(name: str, taken: set[str]) -> str:
    """A name that stands for nothing else in the text of a model."""
    taken = {*taken, *DECLARATIONS, *FAMILIES, FORMULA, *trees.FUNCTIONS, *functions()}
    if not name.isidentifier() or not name.isascii():
        name = "function"
    if name not in taken:
        return name
    return next(own for k in range(1, 10_000) if (own := f"{name}_{k}") not in taken)
