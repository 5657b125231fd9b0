"""Expressions of parameters, evaluated on the rows of a table at once.

The same tapes, the same sweeps and the same rules outside the domain as in `tape`, with
an array of rows in place of each number. Constants stay numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np

from physfit.engine import tape as one
from physfit.engine.tape import Tape
from physfit.typing import FloatArray

__all__ = ["Column", "tape_rows"]

#: Values of all rows, or one number for all of them.
Column: TypeAlias = "FloatArray | float"


def tape_rows(
    tape: Tape, full: Sequence[Column]
) -> tuple[Column, Mapping[int, Column]]:
    """Value of an expression in every row, and its partials.

    Parameters
    ----------
    tape : Tape
    full : sequence of ndarray, shape (n_rows,), or float
        The parameters by their positions.

    Returns
    -------
    value : ndarray or float
    partials : mapping of int to ndarray or float
        By the positions of the parameters that the expression reads.
    """
    values: list[Column] = []
    with np.errstate(all="ignore"):
        for op, a, b in tape.codes:
            if op == one.CONSTANT:
                values.append(tape.constants[a])
            elif op == one.PARAMETER:
                values.append(full[a])
            elif op <= one.POW:
                values.append(_binary(op, values[a], values[b]))
            else:
                values.append(_unary(op, values[a]))
        return values[-1], _backward(tape, values)


def _backward(tape: Tape, values: list[Column]) -> dict[int, Column]:
    """Partials by the parameters: one sweep from the last step to the first."""
    seeds: dict[int, Column] = {len(values) - 1: 1.0}
    partials: dict[int, Column] = {}
    is_constant = [op == one.CONSTANT for op, _, _ in tape.codes]

    def add(step: int, slope: Column) -> None:
        seeds[step] = seeds[step] + slope if step in seeds else slope

    for k in range(len(values) - 1, -1, -1):
        op, a, b = tape.codes[k]
        seed = seeds.pop(k, 0.0)
        if op == one.PARAMETER:
            partials[a] = partials[a] + seed if a in partials else seed
        elif one.PARAMETER < op <= one.POW:
            if not is_constant[a]:
                add(a, seed * _left(op, values[a], values[b]))
            if not is_constant[b]:
                add(b, seed * _right(op, values[a], values[b], values[k]))
        elif op > one.POW:
            add(a, seed * _slope(op, values[a], values[k]))
    return partials


def _binary(op: int, x: Column, y: Column) -> Column:
    if op == one.ADD:
        return x + y
    if op == one.SUB:
        return x - y
    if op == one.MUL:
        return x * y
    if op == one.DIV:
        return np.where(np.equal(y, 0.0), np.nan, np.divide(x, y))
    return _power(x, y)


def _left(op: int, x: Column, y: Column) -> Column:
    if op == one.MUL:
        return y
    if op == one.DIV:
        return np.where(np.equal(y, 0.0), np.nan, np.divide(1.0, y))
    if op == one.POW:
        return np.where(np.equal(y, 0.0), 0.0, y * _power(x, y - 1.0))
    return 1.0


def _right(op: int, x: Column, y: Column, value: Column) -> Column:
    if op == one.ADD:
        return 1.0
    if op == one.SUB:
        return -1.0
    if op == one.MUL:
        return x
    if op == one.DIV:
        return np.where(np.equal(y, 0.0), np.nan, np.divide(-value, y))
    return np.where(np.greater(x, 0.0), value * np.log(x), 0.0)


def _unary(op: int, x: Column) -> Column:
    if op == one.NEG:
        return -x
    if op == one.LOG:
        return np.where(np.greater(x, 0.0), np.log(x), np.nan)
    if op in (one.ERF, one.ERFCX):
        from scipy import special  # a script without derived quantities needs none

        return np.asarray(special.erf(x) if op == one.ERF else special.erfcx(x))
    function = {
        one.SQRT: np.sqrt,
        one.EXP: np.exp,
        one.SIN: np.sin,
        one.COS: np.cos,
        one.TAN: np.tan,
        one.ATAN: np.arctan,
        one.TANH: np.tanh,
        one.ABS: np.abs,
    }[op]
    found: FloatArray = function(x)
    return found


def _slope(op: int, x: Column, value: Column) -> Column:
    if op == one.NEG:
        return -1.0
    if op == one.SQRT:
        return np.where(np.greater(value, 0.0), np.divide(0.5, value), np.nan)
    if op == one.EXP:
        return value
    if op == one.LOG:
        return np.where(np.equal(x, 0.0), np.nan, np.divide(1.0, x))
    if op == one.SIN:
        return np.cos(x)
    if op == one.COS:
        return -np.sin(x)
    return _slope_rare(op, x, value)


def _slope_rare(op: int, x: Column, value: Column) -> Column:
    if op == one.TAN:
        return 1.0 + value * value
    if op == one.ATAN:
        return 1.0 / (1.0 + x * x)
    if op == one.TANH:
        return 1.0 - value * value
    if op == one.ABS:
        return np.copysign(1.0, x)
    if op == one.ERFCX:
        return 2.0 * x * value - one.TWO_OVER_SQRT_PI
    return one.TWO_OVER_SQRT_PI * np.exp(-x * x)


def _power(x: Column, y: Column) -> Column:
    """x to the power y; NaN where the result is not real, or divides by zero."""
    return np.where(np.equal(x, 0.0) & np.less(y, 0.0), np.nan, np.power(x, y))
