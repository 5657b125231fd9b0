"""Text of a graph for the engine: a point function with its partials."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from physfit.kernels.elementary import sincos
from physfit.kernels.kernel import Scalar
from physfit.models.graph.builder import Builder
from physfit.models.graph.derivatives import live_steps
from physfit.models.graph.graph import Graph
from physfit.models.graph.operations import OPERATIONS

__all__ = ["point_text"]


def point_text(graph: Graph, name: str) -> tuple[str, Mapping[str, Scalar]]:
    """Text of `(x..., parameters..., samples..., tables...) -> (value, partials...)`.

    Parameters
    ----------
    graph : Graph
    name : str
        Name of the function.

    Returns
    -------
    text : str
    calls : mapping of str to callable
        The compiled functions that it calls, by the names that the text gives them.
    """
    builder, outputs, rows = graph.with_derivatives()
    results = outputs + [step for row in rows for step in row]
    arguments = [f"x{k}" for k in range(len(graph.inputs))]
    arguments += [f"p{k}" for k in range(len(graph.parameters))]
    arguments += [f"s{k}" for k in range(len(graph.samples))]
    arguments += [f"{own}{k}" for k in range(len(graph.tables)) for own in "cn"]
    lines, calls, names = _lines(builder, results)
    returned = ", ".join(names[step] for step in results)
    text = "\n".join(
        [
            f"def {name}({', '.join(arguments)}):",
            *(f"    {line}" for line in lines),
            f"    return {returned}{',' if len(results) == 1 else ''}",
        ]
    )
    return text + "\n", calls


def _lines(
    builder: Builder, results: list[int]
) -> tuple[list[str], dict[str, Scalar], dict[int, str]]:
    """Lines that compute steps, the functions they call, the name of each step."""
    lines, calls, names = list[str](), dict[str, Scalar](), dict[int, str]()
    live = live_steps(builder, results)
    turned = _turned(builder, live)
    for step in live:
        name, *operands = builder.nodes[step]
        leaf = _leaf(name, operands)
        if leaf is not None:
            names[step] = leaf
            continue
        if step in names:
            continue
        if name in ("sin", "cos") and operands[0] in turned:
            calls["sincos"] = sincos
            pair = turned[operands[0]]
            lines.append(f"t{pair[0]}, t{pair[1]} = sincos({names[operands[0]]})")
            names |= {own: f"t{own}" for own in pair}
            continue
        operation = OPERATIONS[name]
        calls |= operation.calls
        words = [names[one] for one in operands[: operation.n_steps]]
        words += [str(one) for one in operands[operation.n_steps :]]
        half = _half_power(builder, name, operands)
        text = operation.text if half is None else half
        lines.append(f"t{step} = {text.format(*words)}")
        names[step] = f"t{step}"
    return lines, calls, names


def _half_power(builder: Builder, name: str, operands: list[int]) -> str | None:
    """Text of a power whose exponent is half of an odd number.

    Written so only in the text: the derivative of a root at 0 is not finite, that of
    the power 3/2 is 0 there.
    """
    exponent = builder.value_of(operands[1]) if name == "pow" else None
    if exponent is None or exponent % 1.0 != 0.5 or not 1.0 < exponent < 8.0:
        return None
    return " * ".join(["{0}"] * int(exponent)) + " * math.sqrt({0})"


def _turned(builder: Builder, live: list[int]) -> dict[int, tuple[int, int]]:
    """Sine and cosine of each step of which both are wanted."""
    found: dict[str, dict[int, int]] = {"sin": {}, "cos": {}}
    for step in live:
        name, *operands = builder.nodes[step]
        if name in found:
            found[name][operands[0]] = step
    both = found["sin"].keys() & found["cos"].keys()
    return {one: (found["sin"][one], found["cos"][one]) for one in both}


def _leaf(name: str, operands: list[Any]) -> str | None:
    if name == "constant":
        value = float(operands[0])
        text = repr(value) if math.isfinite(value) else f"math.{_special(value)}"
        return f"({text})" if text.startswith("-") else text
    letter = {"input": "x", "parameter": "p", "sample": "s"}.get(name)
    return None if letter is None else f"{letter}{operands[0]}"


def _special(value: float) -> str:
    return "nan" if math.isnan(value) else "inf" if value > 0 else "inf * -1.0"
