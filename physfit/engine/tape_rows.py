"""Expressions of parameters in every row of a table: values and exact gradients.

The sweeps of `tape`, compiled, over one row after the other: forward through the ties
in their order and the expression, then backward, last tie first.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from physfit.engine import jit
from physfit.engine.abi import offset
from physfit.engine.roles import entry, routine
from physfit.engine.tape import CONSTANT, PARAMETER, Tape, backward, forward
from physfit.typing import FloatArray, IntArray

__all__ = ["tape_rows"]


def tape_rows(
    ties: Iterable[tuple[int, Tape]], tape: Tape, full: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Value of an expression in every row, and its partials through the ties.

    Parameters
    ----------
    ties : iterable of (int, Tape)
        Tied parameters by their positions, and their expressions, in order.
    tape : Tape
    full : ndarray, shape (n_rows, n_full)
        All parameters; tied ones are filled in.

    Returns
    -------
    value : ndarray, shape (n_rows,)
    partials : ndarray, shape (n_rows, n_full)
        Those by parameters that are not tied are whole; zero where the expression does
        not depend on the parameter.
    """
    tapes = [*ties, (-1, tape)]
    codes, starts, constants = _joined([own for _, own in tapes])
    targets = np.array([target for target, _ in tapes], dtype=np.int64)
    work = np.empty(2 * int(starts[-1]))
    value, partials = np.empty(len(full)), np.zeros(full.shape)
    jit.compiled(sweep_rows).call(
        *(array.ctypes.data for array in (codes, starts, targets)),
        len(tapes),
        *(array.ctypes.data for array in (constants, full)),
        *full.shape,
        *(array.ctypes.data for array in (work, value, partials)),
    )
    return value, partials


def _joined(tapes: list[Tape]) -> tuple[IntArray, IntArray, FloatArray]:
    """Codes of all tapes, where each begins, and their constants as one list."""
    codes, starts, constants = list[int](), [0], list[float]()
    for tape in tapes:
        for op, a, b in tape.codes:
            codes += (op, a + len(constants) if op == CONSTANT else a, b)
        constants += tape.constants
        starts.append(len(codes) // 3)
    numbers = np.array(constants, dtype=np.float64)
    return np.array(codes, dtype=np.int64), np.array(starts, dtype=np.int64), numbers


@entry("void(i64*, i64*, i64*, i64, f64*, f64*, i64, i64, f64*, f64*, f64*)")
def sweep_rows(
    codes: Any,
    starts: Any,
    targets: Any,
    n_tapes: Any,
    constants: Any,
    full: Any,
    n_rows: Any,
    n_full: Any,
    work: Any,
    value: Any,
    partials: Any,
) -> None:
    """Fill `value` and add to `partials`; `work` holds two numbers for each code."""
    for i in range(n_rows):
        row = offset(full, i * n_full)
        for t in range(n_tapes):
            first = starts[t]
            tape = offset(codes, 3 * first)
            n_codes = starts[t + 1] - first
            value[i] = forward(tape, n_codes, constants, row, offset(work, first))
            if targets[t] >= 0:
                row[targets[t]] = value[i]
        slopes = offset(partials, i * n_full)
        for t in range(n_tapes - 1, -1, -1):
            seed = 1.0 if targets[t] < 0 else slopes[targets[t]]
            if seed != 0.0:  # an infinite slope of what has no part is none
                _add_slopes(codes, starts, t, n_tapes, work, seed, slopes)


@routine
def _add_slopes(
    codes: Any, starts: Any, t: Any, n_tapes: Any, work: Any, seed: Any, slopes: Any
) -> None:
    """Derivatives of tape `t` by the parameters it reads, times the seed."""
    first = starts[t]
    n_codes = starts[t + 1] - first
    tape = offset(codes, 3 * first)
    adjoints = offset(work, starts[n_tapes])
    backward(tape, n_codes, offset(work, first), adjoints)
    for k in range(n_codes):
        if tape[3 * k] == PARAMETER:
            slopes[tape[3 * k + 1]] += seed * adjoints[k]
