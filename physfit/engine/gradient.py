"""Gradient of the cost over a range of rows: what the minibatch loop asks for.

It is the gradient that `normal` sums, without the Gauss-Newton matrix:

    g_k = sum_i s_i J_ki    over    start <= i < stop .
"""

from __future__ import annotations

from typing import Any

from physfit.engine.abi import BLOCK, GRADIENT, as_floats, as_integers, offset
from physfit.engine.normal import loss_of_block
from physfit.engine.program import run_block
from physfit.engine.roles import entry, routine
from physfit.engine.slots import (
    JAC,
    N_FREE,
    N_OUTPUTS,
    N_ROWS,
    PRODUCTS,
    ROWS,
    TERMS,
)
from physfit.engine.ties import apply_ties, resolve
from physfit.engine.tiles import gradient_tile

__all__ = ["gradient_of_rows"]


@entry(GRADIENT)
def gradient_of_rows(problem: Any, theta: Any, start: Any, stop: Any, out: Any) -> Any:
    """Add the gradient over rows `start` to `stop` to `out` (P); return the cost."""
    resolve(problem, theta)
    total = as_floats(problem[PRODUCTS])
    for k in range(problem[N_ROWS]):
        total[k] = 0.0
    cost = 0.0
    place = start
    while place < stop:
        count = min(BLOCK, stop - place)
        run_block(problem, place, count, True)
        apply_ties(problem, count)
        for o in range(problem[N_OUTPUTS]):
            cost += loss_of_block(problem, o, place, count, True)
            _accumulate(problem, o, count, total)
        place += BLOCK
    for k in range(problem[N_FREE]):
        out[k] += total[k]
    return cost


@routine
def _accumulate(problem: Any, output: Any, count: Any, total: Any) -> None:
    """Slope times the rows of the free parameters, four rows at a time."""
    n_rows = problem[N_ROWS]
    rows = offset(as_integers(problem[ROWS]), output * n_rows)
    base = as_floats(problem[JAC])
    slope = as_floats(problem[TERMS])
    for a in range(0, n_rows, 4):
        gradient_tile(base, offset(rows, a), slope, count, offset(total, a))
