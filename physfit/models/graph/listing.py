"""A graph as lines that a person reads: assignments in the notation of formulas."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from physfit.models.graph.builder import Builder
from physfit.models.graph.derivatives import live_steps
from physfit.models.graph.operations import OPERATIONS

__all__ = ["Leaves", "listing", "n_operations"]

#: Columns up to which an expression is written inside of another one.
INSIDE = 60
_INFIX = {"add": "+", "sub": "-", "mul": "*", "div": "/", "pow": "**"}
_INFIX |= {"less": "<", "less_equal": "<=", "equal": "==", "not_equal": "!="}
_INFIX |= {"and": "and", "or": "or", "mod": "%", "floor_divide": "//"}
#: How strongly operations bind, and which operand needs brackets when it binds as much.
_BINDING = {"or": 1, "and": 2, "not": 3, "add": 5, "sub": 5, "mul": 6, "div": 6}
_BINDING |= {"less": 4, "less_equal": 4, "equal": 4, "not_equal": 4}
_BINDING |= {"mod": 6, "floor_divide": 6, "neg": 7, "pow": 8}
_CALL = 9


class Leaves(NamedTuple):
    """Names of coordinates and parameters."""

    inputs: Sequence[str]
    parameters: Sequence[str]


class _Text(NamedTuple):
    """Text of a step, and how strongly it binds."""

    text: str
    binding: int = _CALL

    def inside(self, binding: int) -> str:
        """The text, in brackets where another one would break it up."""
        return self.text if self.binding >= binding else f"({self.text})"


def n_operations(builder: Builder, outputs: Sequence[int]) -> int:
    """Operations that outputs need; coordinates, parameters and numbers are none."""
    return sum(builder.nodes[k][0] in OPERATIONS for k in live_steps(builder, outputs))


def listing(
    builder: Builder, outputs: Sequence[tuple[str, int]], leaves: Leaves
) -> list[str]:
    """Lines `name = expression`, the outputs last.

    Parameters
    ----------
    builder : Builder
    outputs : sequence of (name, step)
        What is computed.
    leaves : Leaves

    Returns
    -------
    list of str
        Steps that are used several times, or are too long to stand inside of others,
        have names of their own, `t1`, `t2`...
    """
    live = live_steps(builder, [step for _, step in outputs])
    uses = Counter(step for _, step in outputs)
    for step in live:
        name, *operands = builder.nodes[step]
        if name in OPERATIONS:
            uses.update(operands[: OPERATIONS[name].n_steps])
    texts, lines = dict[int, _Text](), list[str]()
    results = {step for _, step in outputs}
    for step in live:
        text = _text(builder, step, texts, leaves)
        is_leaf = builder.nodes[step][0] not in OPERATIONS
        is_short = len(text.text) <= INSIDE or step in results
        if is_leaf or (uses[step] == 1 and is_short):
            texts[step] = text
            continue
        texts[step] = _Text(f"t{len(lines) + 1}")
        lines.append(f"{texts[step].text} = {text.text}")
    return lines + [f"{name} = {texts[step].text}" for name, step in outputs]


def _text(
    builder: Builder, step: int, texts: dict[int, _Text], leaves: Leaves
) -> _Text:
    """Text of a step from those of its operands."""
    name, *operands = builder.nodes[step]
    if name == "constant":
        number = f"{float(operands[0]):.12g}"
        return _Text(number, _BINDING["neg"] if number.startswith("-") else _CALL)
    if name in ("input", "parameter"):
        names = leaves.inputs if name == "input" else leaves.parameters
        return _Text(names[operands[0]])
    if name == "sample":
        return _Text(f"samples{operands[0]}[i]")
    steps = operands[: OPERATIONS[name].n_steps]
    parts = [texts[one] for one in steps]
    if name == "number":
        return parts[0]
    if name in _INFIX:
        mine = _BINDING[name]
        left = parts[0].inside(mine + (name == "pow" or mine == _BINDING["less"]))
        right = parts[1].inside(mine + (name != "pow"))
        return _Text(f"{left} {_INFIX[name]} {right}", mine)
    if name in ("neg", "not"):
        sign = "-" if name == "neg" else "not "
        return _Text(sign + parts[0].inside(_BINDING[name]), _BINDING[name])
    words = [part.text for part in parts]
    words += map(str, operands[OPERATIONS[name].n_steps :])
    if name == "sum":
        n = len(builder.loops[operands[-1]].entries.arrays[0])
        words[-1] = f"{n} terms"
    return _Text(f"{'where' if name == 'select' else name}({', '.join(words)})")
