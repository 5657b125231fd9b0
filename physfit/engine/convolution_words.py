"""What a convolution kernel is told, and how its memory is laid out."""

from __future__ import annotations

from typing import Any, NamedTuple

from physfit.engine.struct import Struct

__all__ = [
    "FACTS",
    "HEADER",
    "LEFT_WIDTHS",
    "MASKS",
    "N_ENDS",
    "N_GRADED",
    "PROGRAMS",
    "RIGHT_WIDTHS",
]
__all__ += ["ROOM", "SUPPORT", "WEIGHTS", "Facts", "Lattice", "Space", "sizes"]

#: Doubles before the curve in the scratch, as in `host`: samples, outputs, parameters.
HEADER = 3
#: Places of a lattice, and of the response at once, beyond twice the samples.
ROOM = 256
#: Places after a beginning that are summed by a rule of their own, and weights behind
#: these, the last of which is 1.
N_ENDS = 8
#: Places of that rule, which are dense where the model begins.
N_GRADED = 24
# Addresses in the context: arrays, then templates and sizes of the programs, that of
# the response first. The support are first and last place of a measured response, and
# its samples per unit of x; of any other, zeros.
FACTS, SUPPORT, LEFT_WIDTHS, RIGHT_WIDTHS, MASKS = range(0, 10, 2)
WEIGHTS, GRADED, PROGRAMS = range(10, 16, 2)


class Facts(Struct):
    """What the context says in whole numbers.

    The left side is one program or two, of the terms of its sum that are smooth and of
    those that begin at x = 0.
    """

    n_left: int
    n_right: int
    n_outputs: int
    n_programs: int
    #: Which program begins at x = 0; -1 for none.
    begins: int
    #: Whether the response is divided by its sum.
    is_normalised: int
    #: Whether the response is zero before its origin.
    right_begins: int
    #: Which parameter of the response moves it; -1 for none.
    origin: int
    #: Which parameter of the response is 1 whatever it is; -1 for none.
    scale: int
    #: Places in the half width of a response at least, in hundredths.
    in_half: int
    #: Whether the response is zero outside of its support.
    is_bounded: int


class Lattice(NamedTuple):
    """Places a step apart; the sum takes parts of the step, or every so many steps."""

    first: Any
    step: Any
    n_nodes: Any
    parts: Any
    stride: Any


class Space(NamedTuple):
    """Memory of a convolution: rows of sums, of the left side and of the response."""

    sums: Any
    window: Any
    taps: Any
    x: Any
    u: Any
    areas: Any
    n_nodes: Any


def sizes(n_left: int, n_right: int, n_outputs: int) -> tuple[int, int]:
    """Doubles of scratch but for programs: so many, and so many for each sample."""
    rows = (1 + n_left + n_right) * n_outputs
    by_node = rows + 2 * (1 + n_left) * n_outputs + (1 + n_right) + 3
    return HEADER + ROOM * by_node + 1 + n_right, rows + 2 * by_node
