"""What a model declares to the engine: operations, ties, where parameters come from."""

from __future__ import annotations

from typing import NamedTuple

from physfit.engine.tape import Tape

__all__ = ["ADD", "MULTIPLY", "Evaluate", "Layout", "Products", "Tie"]

# Operations; EVALUATE is written as an `Evaluate`.
EVALUATE = 0
ADD = 1
MULTIPLY = 2


class Products(NamedTuple):
    """A sum of products of spins, each times a parameter: what a component computes.

    The value is `constant` minus the sum of parameter k times s_i s_j over the rows
    (i, j, k) of `pairs`, minus `field` times the sum of all spins.

    Attributes
    ----------
    n_spins : int
    pairs : bytes
        Rows (i, j, k) of int64, i < j, sorted by k; as bytes they are hashed once.
    field, constant : int
        Numbers of these parameters, -1 for none.
    n_parameters : int
    """

    n_spins: int
    pairs: bytes
    field: int
    constant: int
    n_parameters: int


class Evaluate(NamedTuple):
    """Component `point` reads the full parameters from `offset` on.

    With `products` it is a sum of products of spins, and `point` no more than a name.
    """

    point: str
    offset: int
    products: Products | None = None


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
