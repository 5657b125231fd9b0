"""Text of a graph for the engine: a point function with its partials."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from physfit.kernels.elementary import sincos
from physfit.kernels.kernel import Scalar
from physfit.models.graph.builder import Builder
from physfit.models.graph.derivatives import live_steps
from physfit.models.graph.graph import Graph
from physfit.models.graph.operations import OPERATIONS, Node

__all__ = ["PointText", "point_text"]


Derived: TypeAlias = tuple[Builder, list[int], list[list[int]]]


class PointText(NamedTuple):
    """Text of a point function and what it needs.

    Attributes
    ----------
    text : str
    calls : mapping of str to callable
        The compiled functions that it calls, by the names that the text gives them.
    arrays : list of ndarray
        What the pointers point to that follow the samples.
    numbers : list of float
        Constants that are arguments, the last ones.
    """

    text: str
    calls: Mapping[str, Scalar]
    arrays: list[NDArray[Any]]
    numbers: list[float]


def point_text(
    graph: Graph,
    name: str,
    *,
    takes_numbers: bool = False,
    derived: Derived | None = None,
) -> PointText:
    """Text of `(x..., parameters..., samples..., tables...) -> (value, partials...)`.

    Parameters
    ----------
    graph : Graph
    name : str
        Name of the function.
    takes_numbers : bool
        Whether constants are arguments, so that graphs that differ in them alone have
        one text.
    derived : (Builder, outputs, rows), optional
        What `graph.with_derivatives()` gave, if it has been asked.
    """
    builder, outputs, rows = derived or graph.with_derivatives()
    results = outputs + [step for row in rows for step in row]
    writer = _Writer(builder, takes_numbers=takes_numbers)
    writer.write(results)
    arguments = [f"x{k}" for k in range(len(graph.inputs))]
    arguments += [f"p{k}" for k in range(len(graph.parameters))]
    arguments += [f"s{k}" for k in range(len(graph.samples))]
    arguments += [f"{own}{k}" for k in range(len(writer.arrays)) for own in "cn"]
    arguments += [f"q{k}" for k in range(len(writer.numbers))]
    returned = ", ".join(writer.names[step] for step in results)
    text = "\n".join(
        [
            f"def {name}({', '.join(arguments)}):",
            *(f"    {line}" for line in writer.lines),
            f"    return {returned}{',' if len(results) == 1 else ''}",
        ]
    )
    return PointText(text + "\n", writer.calls, writer.arrays, writer.numbers)


class _Writer:
    """Lines that compute steps, in the order of the steps.

    Attributes
    ----------
    lines : list of str
    calls : dict of str to callable
        Functions that the lines call.
    names : dict of int to str
        Of the steps that have been computed.
    arrays : list of ndarray
        The tables, then the arrays of loops.
    numbers : list of float
        Constants that the function takes as arguments.
    """

    def __init__(
        self, builder: Builder, letter: str = "t", takes_numbers: bool = False
    ) -> None:
        self.builder = builder
        self.letter = letter
        self.takes_numbers = takes_numbers
        self.numbers: list[float] = []
        self.lines: list[str] = []
        self.calls: dict[str, Scalar] = {}
        self.names: dict[int, str] = {}
        self.arrays: list[NDArray[Any]] = list(builder.tables)

    def write(self, results: list[int]) -> None:
        """Write what results need and has not been written."""
        live = live_steps(self.builder, results)
        turned = _turned(self.builder, live)
        exponents = _exponents(self.builder, live) if self.takes_numbers else ()
        for step in live:
            if step in self.names:
                continue
            node = self.builder.nodes[step]
            leaf = _leaf(node)
            if leaf is not None:
                is_number = self.takes_numbers and step not in exponents
                self.names[step] = self._number(node) if is_number else leaf
            elif node[0] == "sum":
                self._write_sums(step, live)
            elif node[0] in ("sin", "cos") and node[1] in turned:
                self._write_turn(node[1], turned[node[1]])
            else:
                self._write_operation(step, node)

    def _number(self, node: Node) -> str:
        """Name of a constant that is an argument, or text of any other leaf."""
        name, *operands = node
        if name != "constant" or not _is_arbitrary(operands[0]):
            return _leaf(node) or ""
        self.numbers.append(float(operands[0]))
        return f"q{len(self.numbers) - 1}"

    def _write_operation(self, step: int, node: Node) -> None:
        name, *operands = node
        operation = OPERATIONS[name]
        self.calls |= operation.calls
        words = [self.names[one] for one in operands[: operation.n_steps]]
        if operation.of_order is not None:
            function = operation.of_order(operands[-1])
            self.calls[function.__name__] = function
            self.names[step] = f"{self.letter}{step}"
            self.lines.append(f"{self.names[step]} = {function.__name__}({words[0]})")
            return
        words += [str(one) for one in operands[operation.n_steps :]]
        half = _half_power(self.builder, name, operands)
        text = operation.text if half is None else half
        self.names[step] = f"{self.letter}{step}"
        self.lines.append(f"{self.names[step]} = {text.format(*words)}")

    def _write_turn(self, angle: int, pair: tuple[int, int]) -> None:
        self.calls["sincos"] = sincos
        self.names |= {own: f"{self.letter}{own}" for own in pair}
        both = ", ".join(self.names[own] for own in pair)
        self.lines.append(f"{both} = sincos({self.names[angle]})")

    def _write_sums(self, first: int, live: list[int]) -> None:
        """One loop for all sums of a length whose arguments are known."""
        length = self._loop_of(first).size
        sums = [
            step
            for step in live
            if self.builder.nodes[step][0] == "sum"
            and step not in self.names
            and self._loop_of(step).size == length
            and all(one in self.names for one in self.builder.nodes[step][1:-1])
        ]
        inner = _Writer(Builder(), letter=f"b{first}_")
        steps = [self._copy_body(step, inner) for step in sums]
        fixed = [
            own for own in _steps_before(inner.builder, steps) if own not in inner.names
        ]
        inner.write(fixed)
        n_fixed = len(inner.lines)
        inner.write(steps)
        self.calls |= inner.calls
        self.names |= {step: f"{self.letter}{step}" for step in sums}
        self.lines += [f"{self.names[step]} = 0.0" for step in sums]
        self.lines += inner.lines[:n_fixed]
        counted = self._array(self._loop_of(first).entries.arrays[0])
        self.lines.append(f"for i{first} in range(n{counted}):")
        self.lines += [f"    {line}" for line in inner.lines[n_fixed:]]
        for step, own in zip(sums, steps, strict=True):
            self.lines.append(f"    {self.names[step]} += {inner.names[own]}")

    def _loop_of(self, step: int) -> Any:
        return self.builder.loops[self.builder.nodes[step][-1]]

    def _copy_body(self, step: int, inner: _Writer) -> int:
        """Add the expression of a sum to the body of a loop; its step there."""
        loop, arguments = self._loop_of(step), self.builder.nodes[step][1:-1]
        first = int(inner.letter[1:-1])
        places: list[int] = []
        for name, *operands in loop.nodes:
            if name == "parameter":
                place = inner.builder.parameter(arguments[operands[0]])
                inner.names[place] = self.names[arguments[operands[0]]]
            elif name == "sample":
                number = self._array(loop.entries.arrays[operands[0]])
                place = inner.builder.sample(number)
                inner.names[place] = f"c{number}[i{first}]"
            elif name == "constant":
                place = inner.builder.constant(operands[0])
            else:
                n_steps = OPERATIONS[name].n_steps
                own = [places[one] for one in operands[:n_steps]]
                place = inner.builder.apply(name, *own, *operands[n_steps:])
            places.append(place)
        own_step: int = places[loop.output]
        return own_step

    def _array(self, numbers: NDArray[Any]) -> int:
        for place, known in enumerate(self.arrays):
            if np.array_equal(known, numbers):
                return place
        self.arrays.append(numbers)
        return len(self.arrays) - 1


def _exponents(builder: Builder, live: list[int]) -> set[int]:
    """Steps that powers have as exponents, whose values say how these are computed."""
    return {builder.nodes[step][2] for step in live if builder.nodes[step][0] == "pow"}


def _is_arbitrary(value: float) -> bool:
    """Whether another number could stand in a constant's place."""
    return math.isfinite(value) and abs(value) not in (0.0, 0.5, 1.0, 2.0, 4.0)


def _steps_before(builder: Builder, results: list[int]) -> list[int]:
    """Steps that are the same for all entries of a loop."""
    return [
        step
        for step in live_steps(builder, results)
        if not builder.varies(step) and builder.nodes[step][0] in OPERATIONS
    ]


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


def _leaf(node: Node) -> str | None:
    name, *operands = node
    if name == "constant":
        value = float(operands[0])
        text = repr(value) if math.isfinite(value) else f"math.{_special(value)}"
        return f"({text})" if text.startswith("-") else text
    letter = {"input": "x", "parameter": "p", "sample": "s"}.get(name)
    return None if letter is None else f"{letter}{operands[0]}"


def _special(value: float) -> str:
    return "nan" if math.isnan(value) else "inf" if value > 0 else "inf * -1.0"
