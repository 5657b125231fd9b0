"""Values of a graph in numpy, for whole arrays of samples, without compilation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from physfit.models.graph.builder import Builder
from physfit.models.graph.derivatives import live_steps
from physfit.models.graph.numpy_functions import numpy_function
from physfit.models.graph.operations import OPERATIONS

if TYPE_CHECKING:
    from physfit.models.graph.loop import Loop

__all__ = ["Call", "calls_of", "evaluated", "run"]

#: `(step, function, operands)`: the step is the function of the values of others.
Call: TypeAlias = tuple[int, Callable[..., Any], tuple[int, ...]]


def evaluated(
    builder: Builder,
    steps: Sequence[int],
    columns: Sequence[NDArray[Any]],
    parameters: Sequence[Any],
    samples: Sequence[NDArray[Any]] = (),
) -> list[Any]:
    """Values of steps at samples and parameters.

    Parameters
    ----------
    builder : Builder
    steps : sequence of int
    columns : sequence of ndarray
        The coordinates of the samples.
    parameters : sequence of float
    samples : sequence of ndarray
        Arrays with a number for each sample.
    """
    leaves = {"input": columns, "parameter": parameters, "sample": samples}
    values: dict[int, Any] = {}
    live = live_steps(builder, steps)
    for step in live:
        name, *operands = builder.nodes[step]
        if name in leaves:
            values[step] = np.asarray(leaves[name][operands[0]], dtype=np.float64)
        elif name == "constant":
            values[step] = np.float64(operands[0])
    with np.errstate(all="ignore"):
        run(calls_of(builder, live), values)
    return [values[step] for step in steps]


def calls_of(builder: Builder, live: Sequence[int]) -> list[Call]:
    """Calls of numpy that give those of the steps that are no leaves."""
    return [
        (step, *_call(builder, name, operands))
        for step in live
        for name, *operands in [builder.nodes[step]]
        if name in OPERATIONS
    ]


def run(calls: Sequence[Call], values: dict[int, Any] | list[Any]) -> None:
    """Set the values of calls, by step, from those of the steps that they take."""
    for step, function, operands in calls:
        values[step] = function(*[values[one] for one in operands])


def _call(
    builder: Builder, name: str, operands: Sequence[int]
) -> tuple[Callable[..., Any], tuple[int, ...]]:
    """Function of the values of other steps, and which these are."""
    operation = OPERATIONS[name]
    steps, numbers = operands[: operation.n_steps], operands[operation.n_steps :]
    if name == "sum":
        function: Callable[..., Any] = partial(_summed, builder.loops[numbers[0]])
    elif operation.reads_table:
        table, *others = numbers
        function = partial(_looked_up, name, builder.tables[table], others)
    else:  # scipy's order of a Bessel function comes first
        function = numpy_function(name)
        function = partial(function, *numbers) if numbers else function
    return function, tuple(steps)


def _summed(loop: Loop, *arguments: Any) -> Any:
    """Sum over the entries of a loop, in one axis more."""
    columns = [np.asarray(one)[..., None] for one in arguments]
    arrays = loop.entries.arrays
    terms = evaluated(loop.builder(), [loop.output], (), columns, arrays)[0]
    shape = np.broadcast_shapes(np.shape(terms), (loop.size,))
    return np.sum(np.broadcast_to(terms, shape), axis=-1)


def _looked_up(name: str, table: NDArray[Any], numbers: Sequence[int], x: Any) -> Any:
    function = OPERATIONS[name].evaluate
    return np.vectorize(
        lambda one: function(float(one), table, table.size, *numbers),
        otypes=[np.float64],
    )(x)
