"""Values of a graph in numpy, for whole arrays of samples, without compilation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from physfit.models.graph.builder import Builder
from physfit.models.graph.derivatives import live_steps
from physfit.models.graph.numpy_functions import numpy_function
from physfit.models.graph.operations import OPERATIONS

if TYPE_CHECKING:
    from physfit.models.graph.loop import Loop

__all__ = ["evaluated"]


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
    with np.errstate(all="ignore"):
        for step in live_steps(builder, steps):
            name, *operands = builder.nodes[step]
            if name == "constant":
                values[step] = np.float64(operands[0])
            elif name in leaves:
                values[step] = np.asarray(leaves[name][operands[0]], dtype=np.float64)
            else:
                n_steps = OPERATIONS[name].n_steps
                given = [values[one] for one in operands[:n_steps]]
                numbers = operands[n_steps:]
                if name == "sum":
                    values[step] = _summed(builder.loops[numbers[0]], given)
                elif OPERATIONS[name].reads_table:
                    values[step] = _looked_up(builder, name, given[0], numbers)
                elif OPERATIONS[name].of_order is not None:  # scipy's order comes first
                    values[step] = numpy_function(name)(*numbers, *given)
                else:
                    values[step] = numpy_function(name)(*given, *numbers)
    return [values[step] for step in steps]


def _summed(loop: Loop, arguments: Sequence[Any]) -> Any:
    """Sum over the entries of a loop, in one axis more."""
    columns = [np.asarray(one)[..., None] for one in arguments]
    arrays = loop.entries.arrays
    terms = evaluated(loop.builder(), [loop.output], (), columns, arrays)[0]
    shape = np.broadcast_shapes(np.shape(terms), (loop.size,))
    return np.sum(np.broadcast_to(terms, shape), axis=-1)


def _looked_up(builder: Builder, name: str, x: Any, numbers: Sequence[int]) -> Any:
    table = builder.tables[numbers[0]]
    function = OPERATIONS[name].evaluate
    return np.vectorize(
        lambda one: function(float(one), table, table.size, *numbers[1:]),
        otypes=[np.float64],
    )(x)
