"""How x goes from row to row, and the rows that can be drawn in its order."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from physfit.data.table import Table

__all__ = ["in_order", "steps_of"]

#: Steps that differ by so much of their mean are even.
_EVEN = 0.01


def steps_of(x: NDArray[Any]) -> str:
    """How x goes from row to row, in words.

    Examples
    --------
    >>> steps_of(np.array([0.0, 0.5, 1.0])), steps_of(np.array([0.0, 2.0, 1.0]))
    ('even steps of 0.5', 'in no order')
    """
    steps = np.diff(x[np.isfinite(x)])
    if not steps.size:
        return "no steps"
    mean = float(steps.mean())
    if np.abs(steps - mean).max() <= _EVEN * abs(mean):
        return f"even steps of {mean:.6g}"
    if (steps > 0.0).all() or (steps < 0.0).all():
        sizes = np.sort(np.abs(steps)) * np.sign(mean)
        return f"uneven steps, {sizes[0]:.4g} to {sizes[-1]:.4g}"
    same = int((steps == 0.0).sum())
    if (steps >= 0.0).all() or (steps <= 0.0).all():
        return f"in order, {same} times without a step"
    return "in no order"


def in_order(table: Table) -> Table:
    """The rows that are finite, x ascending."""
    columns = [table.x, table.y, *([] if table.sigma is None else [table.sigma])]
    kept = np.logical_and.reduce([np.isfinite(column) for column in columns])
    order = np.flatnonzero(kept)[np.argsort(table.x[kept], kind="stable")]
    sigma = None if table.sigma is None else table.sigma[order]
    return table._replace(x=table.x[order], y=table.y[order], sigma=sigma)
