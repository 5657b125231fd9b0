"""Derivatives of a graph by its parameters, as further steps of the graph.

Forward through the steps: each has a derivative by those parameters that it depends on.
The derivative of a selection selects between derivatives, so that what a branch that is
not taken gives, NaN perhaps, takes no part (backward sweeps would multiply it by 0).
"""

from __future__ import annotations

from collections.abc import Sequence

from physfit.models.graph.builder import Builder
from physfit.models.graph.operations import OPERATIONS
from physfit.models.graph.term import Term

__all__ = ["derivatives"]


def derivatives(builder: Builder, outputs: Sequence[int]) -> list[dict[int, int]]:
    """Step of the derivative of each output by each parameter it depends on."""
    tangents: dict[int, dict[int, int]] = {}
    for step in live_steps(builder, outputs):
        tangents[step] = _tangents(builder, step, tangents)
    return [tangents[step] for step in outputs]


def live_steps(builder: Builder, outputs: Sequence[int]) -> list[int]:
    """Steps that outputs depend on, in their order."""
    seen, waiting = set[int](), list(outputs)
    while waiting:
        step = waiting.pop()
        if step in seen:
            continue
        seen.add(step)
        name, *operands = builder.nodes[step]
        if name in OPERATIONS:
            waiting += operands[: OPERATIONS[name].n_steps]
    return sorted(seen)


def _tangents(
    builder: Builder, step: int, tangents: dict[int, dict[int, int]]
) -> dict[int, int]:
    name, *operands = builder.nodes[step]
    if name == "parameter":
        return {operands[0]: builder.constant(1.0)}
    if name not in OPERATIONS:
        return {}
    steps = operands[: OPERATIONS[name].n_steps]
    moved = sorted({k for operand in steps for k in tangents[operand]})
    if not moved:
        return {}
    if name == "select":
        condition, *sides = steps
        return {
            k: builder.apply(
                "select", condition, *(_by(builder, tangents[own], k) for own in sides)
            )
            for k in moved
        }
    value = Term(builder, step)
    terms = [Term(builder, own) for own in steps]
    slopes = OPERATIONS[name].rule(value, *terms, *operands[len(steps) :])
    result = {}
    for k in moved:
        parts = [
            builder.apply("mul", value.step_of(slope), tangents[operand][k])
            for slope, operand in zip(slopes, steps, strict=False)
            if slope is not None and k in tangents[operand]
        ]
        if parts:
            result[k] = builder.sum_of(parts)
    return result


def _by(builder: Builder, tangent: dict[int, int], k: int) -> int:
    return tangent[k] if k in tangent else builder.constant(0.0)
