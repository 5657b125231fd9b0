"""Entries of a problem, and the buffers behind them.

Compiled code is handed one array of integers; each entry is a number or an address.
"""

from __future__ import annotations

from typing import Any

from physfit.engine.abi import STRIDE, as_floats, offset
from physfit.engine.roles import routine

__all__ = ["add_scaled", "row", "slot"]

#: Integers of one operation.
OP_WIDTH = 6
# Entries of a problem.
OPS = 0
N_OPS = 1
TIES = 2
N_TIES = 3
TIE_CONSTANTS = 4
TIE_FUNCTION = 5
N_FULL = 6
FREE = 7
N_FREE = 8
N_OUTPUTS = 9
ROWS = 10
N_ROWS = 11
LOSS = 12
X = 13
Y = 14
W = 15
HYPER = 16
# How many samples there are: SHAPE.
LDX = 17
LDY = 18
N_SAMPLES = 19
# Buffers in the working memory: BUFFERS.
FULL = 20
TIE_WORK = 21
VALUE = 22
JAC = 23
TERMS = 24
PRODUCTS = 25
SPINS = 26
PROBLEM_SIZE = 27
SHAPE = slice(LDX, FULL)
BUFFERS = slice(FULL, PROBLEM_SIZE)


@routine
def slot(problem: Any, number: Any) -> Any:
    """Values in slot `number` of the stack."""
    return offset(as_floats(problem[VALUE]), number * problem[N_OUTPUTS] * STRIDE)


@routine
def row(problem: Any, number: Any) -> Any:
    """Row `number` of the block's Jacobian."""
    return offset(as_floats(problem[JAC]), number * STRIDE)


@routine
def add_scaled(target: Any, source: Any, factor: Any, count: Any) -> None:
    """target += factor * source."""
    for i in range(count):
        target[i] += factor * source[i]
