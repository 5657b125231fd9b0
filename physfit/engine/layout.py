"""What a model declares to the engine: operations, ties, where parameters come from."""

from __future__ import annotations

from typing import NamedTuple

from physfit.engine.tape import Tape

__all__ = ["ADD", "MULTIPLY", "Evaluate", "Layout", "Tie"]

# Operations; EVALUATE is written as an `Evaluate`.
EVALUATE = 0
ADD = 1
MULTIPLY = 2


class Evaluate(NamedTuple):
    """Component `point` reads the full parameters from `offset` on."""

    point: str
    offset: int


class Tie(NamedTuple):
    """Full parameter `target` is the value of an expression."""

    target: int
    tape: Tape


class Layout(NamedTuple):
    """A model as the engine sees it; operations in post-order."""

    operations: tuple[Evaluate | int, ...]
    n_full: int
    free: tuple[int, ...]
    fixed: tuple[tuple[int, float], ...]
    ties: tuple[Tie, ...]
    n_inputs: int
    n_outputs: int
