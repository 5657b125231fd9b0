"""Graphs as data for files, and back.

A stored graph is lists of names and numbers. What is read is checked before anything is
made of it: names of operations, operands (each an earlier step, so that there are no
cycles), conditions where conditions belong, and sizes. Nothing in it can be run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, NamedTuple, TypeAlias

import msgspec
import numpy as np

from physfit.data.files.schema import Array
from physfit.errors import DataError
from physfit.kernels.bessel_orders import ORDER_MAX
from physfit.kernels.kernel import NO_CONTEXT, Context
from physfit.models.graph.builder import MOST_NODES
from physfit.models.graph.derivatives import MOST_SLOPES, n_slopes
from physfit.models.graph.graph import Graph
from physfit.models.graph.loop import Loop
from physfit.models.graph.operations import OPERATIONS, Node
from physfit.typing import FloatArray, IntArray

__all__ = ["GraphRecord", "graph_of", "graph_record"]

#: Leaves of a graph; the first is followed by an index into the constants.
LEAVES = ("constant", "input", "parameter", "sample")
#: Constants that JSON has no number for.
SPECIAL = {"inf": np.inf, "minus_inf": -np.inf, "nan": np.nan}
MOST_COORDINATES = 64
#: Plain numbers of operations, such as orders of Bessel functions.
MOST_NUMBER = 1_000
#: Entries of a loop.
MOST_ENTRIES = 100_000
_CONDITIONS = {"and": (0, 1), "or": (0, 1), "not": (0,), "number": (0,), "select": (0,)}


#: Names of operations, each once.
Names: TypeAlias = Annotated[list[str], msgspec.Meta(max_length=300)]


class ArrayRecord(msgspec.Struct):
    """An array that a graph looks up, as numbers or as whole numbers."""

    values: Annotated[FloatArray, Array("*")]
    is_whole: bool


class LoopRecord(msgspec.Struct):
    """What a graph sums, in the form of a graph without coordinates."""

    names: Names
    operations: Annotated[IntArray, Array("*")]
    operands: Annotated[IntArray, Array("*")]
    constants: Annotated[FloatArray, Array("*")]
    output: int
    n_arguments: int
    entries: dict[str, ArrayRecord]


class GraphRecord(msgspec.Struct):
    """A graph: `names[operation]` of each step, and the operands of all in a row."""

    names: Names
    operations: Annotated[IntArray, Array("*")]
    operands: Annotated[IntArray, Array("*")]
    constants: Annotated[FloatArray, Array("*")]
    outputs: Annotated[IntArray, Array("*")]
    samples: dict[str, ArrayRecord] = {}
    tables: dict[str, ArrayRecord] = {}
    loops: dict[str, LoopRecord] = {}


def graph_record(graph: Graph) -> dict[str, Any]:
    """Record of a graph, but for the names of coordinates and parameters."""
    return {
        **_steps(graph.nodes),
        "outputs": np.array(graph.outputs, dtype=np.int64),
        "samples": _arrays(graph.samples),
        "tables": _arrays(graph.tables),
        "loops": {str(k): _loop_record(loop) for k, loop in enumerate(graph.loops)},
    }


def _loop_record(loop: Loop) -> dict[str, Any]:
    return {
        **_steps(loop.nodes),
        "output": loop.output,
        "n_arguments": loop.n_arguments,
        "entries": _arrays(loop.entries),
    }


def _steps(nodes: Sequence[Node]) -> dict[str, Any]:
    """Records of steps; of a sum the number of its loop comes first."""
    constants, names = dict[str, int](), dict[str, int]()
    operations, operands = list[int](), list[int]()
    for node in nodes:
        name, *own = _without_number(node, constants)
        operations.append(names.setdefault(name, len(names)))
        operands += [own[-1], *own[:-1]] if name == "sum" else own
    return {
        "names": list(names),
        "operations": np.array(operations, dtype=np.int64),
        "operands": np.array(operands, dtype=np.int64),
        "constants": np.array([*map(float.fromhex, constants)], dtype=np.float64),
    }


def graph_of(
    record: GraphRecord,
    inputs: tuple[str, ...],
    parameters: tuple[str, ...],
    n_outputs: tuple[int, int] = (1, 2),
) -> Graph:
    """Graph from its record, with so many outputs or so many.

    Raises
    ------
    DataError
        When it is none: an unknown operation, an operand that is no earlier step, a
        number in place of a condition, more of something than there can be.
    """
    _check_sizes(record, len(inputs), len(parameters))
    samples, tables = _context(record.samples), _context(record.tables)
    if len({array.size for array in samples.arrays}) > 1:
        raise DataError("the arrays of its graph have numbers for different samples.")
    loops = _loops(record.loops, len(record.operations))
    limits = (len(record.constants), len(inputs), len(parameters), len(samples))
    around = _Around(dict(zip(LEAVES, limits, strict=True)), tables, loops)
    nodes = tuple(_nodes(record, around))
    _check_slopes(nodes)
    outputs = tuple(record.outputs.tolist())
    if len(outputs) not in n_outputs:
        few, many = n_outputs
        raise DataError(
            f"its graph has {len(outputs)} values; it can have {few} or {many}."
        )
    for step in outputs:
        if not 0 <= step < len(nodes) or _is_logical(nodes[step]):
            raise DataError(f"step {step} of its graph is no number that it can give.")
    return Graph(nodes, outputs, inputs, parameters, samples, tables, loops)


class _Around(NamedTuple):
    """What steps may refer to: how many of each leaf, tables, loops."""

    limits: Mapping[str, int]
    tables: Context
    loops: tuple[Loop, ...]


def _loops(records: Mapping[str, LoopRecord], n_steps: int) -> tuple[Loop, ...]:
    if len(records) > n_steps or sorted(records) != sorted(
        map(str, range(len(records)))
    ):
        raise DataError("the loops of its graph are not numbered from 0 on.")
    return tuple(_loop_of(records[str(k)]) for k in range(len(records)))


def _loop_of(record: LoopRecord) -> Loop:
    _check_sizes(record, 1, record.n_arguments)
    entries = _context(record.entries)
    sizes = {array.size for array in entries.arrays}
    if len(sizes) != 1 or not 0 < min(sizes) <= MOST_ENTRIES:
        raise DataError("a loop of its graph has no arrays of one length.")
    limits = (len(record.constants), 0, record.n_arguments, len(entries))
    around = _Around(dict(zip(LEAVES, limits, strict=True)), NO_CONTEXT, ())
    nodes = tuple(_nodes(record, around))
    _check_slopes(nodes)
    if not 0 <= record.output < len(nodes) or _is_logical(nodes[record.output]):
        raise DataError("a loop of its graph has no number that it sums.")
    return Loop(nodes, record.output, record.n_arguments, entries)


def _without_number(node: Node, constants: dict[str, int]) -> Node:
    """A node whose constant stands among the constants."""
    if node[0] != "constant":
        return node
    text = float(node[1]).hex()
    for name, value in SPECIAL.items():
        if text == value.hex():
            return (name,)
    return ("constant", constants.setdefault(text, len(constants)))


def _check_sizes(
    record: GraphRecord | LoopRecord, n_inputs: int, n_parameters: int
) -> None:
    n_steps = len(record.operations)
    if not 1 <= n_inputs <= MOST_COORDINATES:
        raise DataError(f"its graph has {n_inputs} coordinates.")
    if not 0 <= n_parameters <= MOST_NODES:
        raise DataError(f"its graph has {n_parameters} parameters.")
    if not 1 <= n_steps <= MOST_NODES:
        raise DataError(
            f"its graph has {n_steps} operations; it can have 1 to {MOST_NODES}."
        )


def _check_slopes(nodes: Sequence[Node]) -> None:
    """Whether derivatives take no more than those of any graph may."""
    n = n_slopes(nodes, range(len(nodes)))
    if n > MOST_SLOPES:
        raise DataError(
            f"its graph has {n} slopes of operations by parameters; there can be "
            f"{MOST_SLOPES}."
        )


def _nodes(record: GraphRecord | LoopRecord, around: _Around) -> Iterator[Node]:
    """Nodes of a record, each checked before it is made."""
    names, operands = record.names, record.operands.tolist()
    constants, place = record.constants.tolist(), 0
    done, texts = list[Node](), set[str]()
    for number, code in enumerate(record.operations.tolist()):
        if not 0 <= code < len(names):
            raise DataError(f"step {number} of its graph has no name of an operation.")
        name = names[code]
        count = _n_operands(name)
        if name == "sum":
            count = _n_of_sum(operands[place : place + 1], around.loops)
        own = operands[place : place + count]
        place += count
        if len(own) < count:
            raise DataError(f"its graph ends within the operands of step {number}.")
        if name in LEAVES:
            node = _leaf(name, own[0], around.limits[name], constants)
        elif name in SPECIAL:
            node = ("constant", SPECIAL[name])
        else:
            if name == "sum":
                own = [*own[1:], own[0]]
            _check_operands(name, own, done)
            if OPERATIONS[name].reads_table:
                _check_table(name, own[OPERATIONS[name].n_steps :], around.tables)
            node = (name, *own)
        if repr(node) in texts:  # numbers of steps would not be theirs
            raise DataError(f"step {number} of its graph ({name}) stands twice.")
        done.append(node)
        texts.add(repr(node))
        yield node
    if place != len(operands):
        raise DataError(f"its graph has {len(operands)} operands, but {place} belong.")


def _n_operands(name: str) -> int:
    if name in LEAVES:
        return 1
    if name in SPECIAL:
        return 0
    operation = OPERATIONS.get(name)
    if operation is None or not operation.is_differentiable:
        raise DataError(
            f"its graph has the operation {name[:40]!r}, which is none of this "
            "physfit; it was altered, or written by a newer one."
        )
    return operation.n_steps + operation.n_numbers


def _n_of_sum(number: list[int], loops: tuple[Loop, ...]) -> int:
    if not number or not 0 <= number[0] < len(loops):
        raise DataError("its graph sums a loop that it does not have.")
    return 1 + loops[number[0]].n_arguments


def _check_table(name: str, numbers: list[int], tables: Context) -> None:
    """Whether a table is there and long enough for what reads it."""
    if not 0 <= numbers[0] < len(tables):
        raise DataError(f"its graph has the table {numbers[0]} of {len(tables)}.")
    size = tables.arrays[numbers[0]].size
    order = numbers[1] if len(numbers) > 1 else 1
    is_line = len(numbers) == 1
    rest = size % 2 if is_line else (size - 1) % (order + 1) if order > 0 else 1
    if rest or size < 2 or (not is_line and size < order + 2):
        raise DataError(
            f"a table of its graph has {size} numbers, not those of {name}."
        )


def _leaf(name: str, number: int, limit: int, constants: list[float]) -> Node:
    if not 0 <= number < limit:
        raise DataError(f"its graph has the {name} {number} of {limit}.")
    if name != "constant":
        return (name, number)
    if not np.isfinite(constants[number]):
        raise DataError(f"its graph has a constant that is {constants[number]}.")
    return (name, constants[number])


def _check_operands(name: str, own: list[int], done: list[Node]) -> None:
    operation, here = OPERATIONS[name], len(done)
    for step in own[: operation.n_steps]:
        if not 0 <= step < here:
            raise DataError(
                f"step {here} of its graph ({name}) takes step {step}, which does not "
                "stand before it."
            )
    conditions = _CONDITIONS.get(name, ())
    for k, step in enumerate(own[: operation.n_steps]):
        if _is_logical(done[step]) != (k in conditions):
            raise DataError(
                f"step {here} of its graph ({name}) takes a "
                f"{'number' if k in conditions else 'condition'} where the other "
                "belongs."
            )
    if operation.of_order is not None and not 0 <= own[-1] < ORDER_MAX:
        raise DataError(f"step {here} of its graph ({name}) has the order {own[-1]}.")
    for number in own[operation.n_steps :]:
        if not -MOST_NUMBER <= number <= MOST_NUMBER:
            raise DataError(f"step {here} of its graph ({name}) takes {number}.")


def _is_logical(node: Node) -> bool:
    return node[0] in OPERATIONS and OPERATIONS[node[0]].is_logical


def _arrays(context: Context) -> dict[str, Any]:
    return {
        str(k): {"values": array.astype(float), "is_whole": array.dtype.kind == "i"}
        for k, array in enumerate(context.arrays)
    }


def _context(arrays: Mapping[str, ArrayRecord]) -> Context:
    if not arrays:
        return NO_CONTEXT
    if len(arrays) > MOST_NUMBER or sorted(arrays) != sorted(
        map(str, range(len(arrays)))
    ):
        raise DataError("the arrays of its graph are not numbered from 0 on.")
    return Context(*(_values(arrays[str(k)]) for k in range(len(arrays))))


def _values(record: ArrayRecord) -> FloatArray | IntArray:
    values = record.values
    if not record.is_whole:
        return values
    if not (np.abs(values) < 2.0**53).all() or (values != np.floor(values)).any():
        raise DataError("its graph has a table of whole numbers with other numbers.")
    return values.astype(np.int64)
