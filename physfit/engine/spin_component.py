"""Sums of products of spins as any other component: columns of float64, with partials.

For whatever needs partials sample by sample. Fits of many configurations go through
`spins`, which stores none.
"""

from __future__ import annotations

from typing import Any

from physfit.engine.abi import COMPONENT, STRIDE, is_null, offset
from physfit.engine.roles import entry, routine
from physfit.engine.spin_table import (
    CONSTANT,
    FIELD,
    N_PAIRS,
    N_PARAMETERS,
    N_SPINS,
    PAIRS,
)

__all__ = ["spin_component"]


@entry(COMPONENT)
def spin_component(
    params: Any, x: Any, ldx: Any, n: Any, value: Any, jac: Any, extra: Any
) -> None:
    """Values and partials of a block, from columns of float64."""
    for r in range(n):
        value[r] = 0.0
    if not is_null(jac):
        for k in range(int(extra[N_PARAMETERS])):
            clear_row(offset(jac, k * STRIDE), n)
    pairs = offset(extra, PAIRS)
    for p in range(int(extra[N_PAIRS])):
        left = offset(x, int(pairs[3 * p]) * ldx)
        right = offset(x, int(pairs[3 * p + 1]) * ldx)
        k = int(pairs[3 * p + 2])
        subtract_products(left, right, params[k], n, value)
        if not is_null(jac):
            subtract_products(left, right, 1.0, n, offset(jac, k * STRIDE))
    if extra[FIELD] >= 0.0:
        k = int(extra[FIELD])
        for i in range(int(extra[N_SPINS])):
            subtract_column(offset(x, i * ldx), params[k], n, value)
            if not is_null(jac):
                subtract_column(offset(x, i * ldx), 1.0, n, offset(jac, k * STRIDE))
    if extra[CONSTANT] >= 0.0:
        k = int(extra[CONSTANT])
        for r in range(n):
            value[r] += params[k]
        if not is_null(jac):
            for r in range(n):
                jac[k * STRIDE + r] = 1.0


@routine
def clear_row(target: Any, n: Any) -> None:
    """target = 0."""
    for r in range(n):
        target[r] = 0.0


@routine
def subtract_products(left: Any, right: Any, factor: Any, n: Any, out: Any) -> None:
    """out -= factor left right."""
    for r in range(n):
        out[r] -= factor * (left[r] * right[r])


@routine
def subtract_column(column: Any, factor: Any, n: Any, out: Any) -> None:
    """out -= factor column."""
    for r in range(n):
        out[r] -= factor * column[r]
