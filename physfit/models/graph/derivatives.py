"""Derivatives of a graph by its parameters, as further steps of the graph.

Forward: each step has a derivative by those parameters that it depends on. The
derivative of a selection selects between derivatives, so that what a branch that is not
taken gives, NaN perhaps, takes no part.

Backward: each step has an adjoint, the derivative of the output by it. With many
parameters that is far less work, but what comes back into a branch that is not taken is
0 times what the branch gives; so it serves graphs without selections, and those whose
derivatives it makes shorter.

Where a function no longer changes, such as `1 / (1 + exp(u))` where the exponential is
too large for a number, an outer slope of 0 meets an inner one that is infinite. The
value stands still there, and so the derivative is 0 (`_chained`).
"""

from __future__ import annotations

from collections.abc import Container, Sequence

from physfit.errors import ModelError
from physfit.models.graph.builder import Builder
from physfit.models.graph.operations import OPERATIONS, Node
from physfit.models.graph.term import Term

__all__ = ["MOST_SLOPES", "RESTING", "derivatives", "live_steps", "n_slopes"]

#: Slopes of steps by parameters that derivatives may take: 100 MB.
MOST_SLOPES = 1_000_000
#: Parameters from which on sweeps backward are tried.
MANY = 5
#: Operations that come to rest where an operand is infinite, by the place of it.
RESTING = dict.fromkeys(["exp", "exp2", "expm1", "tanh", "atan", "erf", "erfc"], 0)
RESTING |= {"expit": 0, "log_expit": 0, "pow": 0, "div": 1}
#: Operations that are infinite for numbers, and `div` by what depends on the sample.
GROWING = {"exp", "exp2", "expm1", "sinh", "cosh", "pow", "log", "log2", "log10"}
GROWING |= {"gamma"}


def derivatives(builder: Builder, outputs: Sequence[int]) -> list[dict[int, int]]:
    """Step of the derivative of each output by each parameter it depends on.

    Raises
    ------
    ModelError
        When they take more than `MOST_SLOPES` slopes.
    """
    live = live_steps(builder, outputs)
    n = n_slopes(builder.nodes, live)
    if n > MOST_SLOPES:
        raise ModelError(
            f"the function has {n} slopes of operations by parameters; there can be "
            f"{MOST_SLOPES}. Give it fewer parameters."
        )
    names = [builder.nodes[step][0] for step in live]
    forward = _forward(builder, live, outputs)
    if names.count("parameter") < MANY or "select" in names:
        return forward
    backward = [_backward(builder, live, step) for step in outputs]
    shortest = min(forward, backward, key=lambda rows: _length(builder, outputs, rows))
    return shortest


def live_steps(
    builder: Builder, outputs: Sequence[int], known: Container[int] = ()
) -> list[int]:
    """Steps that outputs depend on, but for what is known, in their order."""
    seen, waiting = set[int](), list(outputs)
    while waiting:
        step = waiting.pop()
        if step in seen or step in known:
            continue
        seen.add(step)
        name, *operands = builder.nodes[step]
        if name in OPERATIONS:
            waiting += operands[: OPERATIONS[name].n_steps]
    return sorted(seen)


def n_slopes(nodes: Sequence[Node], live: Sequence[int]) -> int:
    """By how many parameters steps move, summed over the steps."""
    moved, total = dict[int, int](), 0  # a bit for each parameter
    for step in live:
        name, *operands = nodes[step]
        moved[step] = 1 << operands[0] if name == "parameter" else 0
        if name in OPERATIONS:
            for operand in operands[: OPERATIONS[name].n_steps]:
                moved[step] |= moved[operand]
        total += moved[step].bit_count()
    return total


def _length(
    builder: Builder, outputs: Sequence[int], rows: list[dict[int, int]]
) -> int:
    """Steps that values and derivatives take."""
    slopes = [step for row in rows for step in row.values()]
    return len(live_steps(builder, [*outputs, *slopes]))


def _forward(
    builder: Builder, live: Sequence[int], outputs: Sequence[int]
) -> list[dict[int, int]]:
    tangents, infinite = dict[int, dict[int, int]](), list[bool]()
    for step in live:
        tangents[step] = _tangents(builder, step, tangents, infinite)
    return [tangents[step] for step in outputs]


def _tangents(
    builder: Builder,
    step: int,
    tangents: dict[int, dict[int, int]],
    infinite: list[bool],
) -> dict[int, int]:
    """Derivatives of a step, from those of the steps before it."""
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
        zero, (condition, *sides) = builder.constant(0.0), steps
        return {
            k: builder.apply(
                "select", condition, *(tangents[side].get(k, zero) for side in sides)
            )
            for k in moved
        }
    slopes = _slopes(builder, step)
    result = {}
    for k in moved:
        parts = [
            _chained(
                builder,
                slope,
                tangents[operand][k],
                infinite,
                rests=RESTING.get(name) == place,
            )
            for place, (slope, operand) in enumerate(zip(slopes, steps, strict=False))
            if slope is not None and k in tangents[operand]
        ]
        if parts:
            result[k] = builder.sum_of(parts)
    return result


def _backward(builder: Builder, live: Sequence[int], output: int) -> dict[int, int]:
    depends = dict[int, bool]()
    for step in live:
        name, *operands = builder.nodes[step]
        n_steps = OPERATIONS[name].n_steps if name in OPERATIONS else 0
        depends[step] = name == "parameter" or any(
            depends[operand] for operand in operands[:n_steps]
        )
    adjoints, result = {output: builder.constant(1.0)}, dict[int, int]()
    infinite, rested = list[bool](), set[int]()
    for step in reversed(live):
        if step not in adjoints or not depends[step]:
            continue
        name, *operands = builder.nodes[step]
        if name == "parameter":
            result[operands[0]] = adjoints[step]
            continue
        slopes, rests = _slopes(builder, step), step in rested
        for place, (slope, operand) in enumerate(zip(slopes, operands, strict=False)):
            if slope is None or not depends[operand]:
                continue
            part = _chained(builder, adjoints[step], slope, infinite, rests=rests)
            if rests or RESTING.get(name) == place:
                rested.add(operand)
            known = adjoints.get(operand)
            adjoints[operand] = (
                part if known is None else builder.apply("add", known, part)
            )
    return result


def _chained(
    builder: Builder, slope: int, moved: int, infinite: list[bool], *, rests: bool
) -> int:
    """Product of an outer and an inner slope; 0 where the outer one is 0."""
    product = builder.apply("mul", slope, moved)
    _tell_infinite(builder, infinite)
    if not rests or not infinite[moved]:
        return product
    zero = builder.constant(0.0)
    return builder.apply("select", builder.apply("equal", slope, zero), zero, product)


def _tell_infinite(builder: Builder, known: list[bool]) -> None:
    """Continue, for further steps, whether some samples may make one infinite."""
    for step in range(len(known), len(builder.nodes)):
        name, *operands = builder.nodes[step]
        steps = operands[: OPERATIONS[name].n_steps] if name in OPERATIONS else []
        grows = name in GROWING and builder.varies(step)
        divides = name == "div" and builder.varies(operands[1])
        known.append(grows or divides or any(known[operand] for operand in steps))


def _slopes(builder: Builder, step: int) -> list[int | None]:
    """Steps of the derivatives of a step by its operands."""
    name, *operands = builder.nodes[step]
    n_steps, value = OPERATIONS[name].n_steps, Term(builder, step)
    terms = [Term(builder, operand) for operand in operands[:n_steps]]
    slopes = OPERATIONS[name].rule(value, *terms, *operands[n_steps:])
    return [None if slope is None else value.step_of(slope) for slope in slopes]
