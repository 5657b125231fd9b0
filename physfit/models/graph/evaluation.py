"""Values of a graph in numpy, for whole arrays of samples, without compilation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from physfit.models.graph.builder import Builder
from physfit.models.graph.derivatives import live_steps
from physfit.models.graph.operations import OPERATIONS

__all__ = ["evaluated"]

#: What numpy and scipy call an operation, where that differs.
_NUMPY: dict[str, str] = {
    "sub": "subtract",
    "mul": "multiply",
    "div": "divide",
    "pow": "power",
    "neg": "negative",
    "and": "logical_and",
    "or": "logical_or",
    "not": "logical_not",
    "asin": "arcsin",
    "acos": "arccos",
    "atan": "arctan",
    "atan2": "arctan2",
    "asinh": "arcsinh",
    "acosh": "arccosh",
    "atanh": "arctanh",
}


def evaluated(
    builder: Builder,
    steps: Sequence[int],
    columns: Sequence[NDArray[Any]],
    parameters: Sequence[float],
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
                values[step] = _function(name)(*given, *operands[n_steps:])
    return [values[step] for step in steps]


def _function(name: str) -> Callable[..., Any]:
    if name == "select":
        return np.where
    if name == "number":
        return _number
    called = getattr(np, _NUMPY.get(name, name), None)
    if called is None:
        from scipy import special

        called = getattr(special, name, None)
    return called or np.vectorize(OPERATIONS[name].evaluate, otypes=[np.float64])


def _number(condition: Any) -> Any:
    return np.asarray(condition, dtype=np.float64)
