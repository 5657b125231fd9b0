"""Graphs of parameters as tapes of the engine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from physfit.engine.tape import PART, TAPE_OPS, Tape
from physfit.errors import ModelError
from physfit.models.graph.derivatives import live_steps
from physfit.models.graph.graph import Graph

__all__ = ["moved", "tape_of"]

#: Functions whose derivatives come with them.
WIDTHS = ("voigt_height", "voigt_fwhm")


def tape_of(graph: Graph) -> Tape:
    """Tape of a graph without coordinates, and of its derivatives.

    Raises
    ------
    ModelError
        When it has an operation that tapes have not.
    """
    builder, (value,), rows = graph.with_derivatives()
    slopes = [(k, row[0]) for k, row in enumerate(rows)]
    slopes = [(k, step) for k, step in slopes if builder.value_of(step) != 0.0]
    live = live_steps(builder, [value, *(step for _, step in slopes)])
    codes, constants = list[tuple[int, int, int, int]](), dict[float, int]()
    place: dict[int, int] = {}
    for step in live:
        name, *operands = builder.nodes[step]
        base, part = _part_of(name)
        if part:  # a width comes with its derivatives
            place[step] = place[builder.apply(base, *operands)] + part
            continue
        place[step] = len(codes)
        codes.append(_code(name, operands, place, constants))
        if name in WIDTHS:
            codes += [(TAPE_OPS[PART], 0, 0, 0)] * 2
    return Tape(
        tuple(codes),
        tuple(constants),
        place[value],
        tuple((k, place[step]) for k, step in slopes),
    )


def moved(tape: Tape, places: Sequence[int]) -> Tape:
    """The tape with parameter `k` read from `places[k]`."""
    read = TAPE_OPS["parameter"]
    codes = tuple(
        (op, places[a], b, c) if op == read else (op, a, b, c)
        for op, a, b, c in tape.codes
    )
    slopes = tuple((places[k], step) for k, step in tape.slopes)
    return tape._replace(codes=codes, slopes=slopes)


def _part_of(name: str) -> tuple[str, int]:
    """Operation whose steps hold another one, and which of them."""
    base, _, by = name.partition("_by_")
    return (base, 1 + (by == "gamma")) if base in WIDTHS and by else (name, 0)


def _code(
    name: str, operands: list[Any], place: dict[int, int], constants: dict[float, int]
) -> tuple[int, int, int, int]:
    if name not in TAPE_OPS:
        raise ModelError(
            f"`{name}` is not for ties and derived quantities, which are functions of "
            "parameters alone that are evaluated step by step."
        )
    if name == "constant":
        own = [constants.setdefault(float(operands[0]), len(constants))]
    elif name == "parameter":
        own = operands
    else:
        own = [place[one] for one in operands]
    a, b, c = (*own, 0, 0, 0)[:3]
    return TAPE_OPS[name], a, b, c
