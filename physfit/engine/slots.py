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
TIE_WORK = 5
FULL = 6
N_FULL = 7
FREE = 8
N_FREE = 9
N_OUTPUTS = 10
X = 11
LDX = 12
N_SAMPLES = 13
Y = 14
W = 15
LDY = 16
LOSS = 17
HYPER = 18
VALUE = 19
JAC = 20
TERMS = 21
ROWS = 22
N_ROWS = 23
PRODUCTS = 24
TIE_FUNCTION = 25
PROBLEM_SIZE = 26


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
