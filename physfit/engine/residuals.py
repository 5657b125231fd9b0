"""Whether residuals of neighbouring samples belong together."""

from __future__ import annotations

import math
from typing import Any

from physfit.engine.abi import STRIDE, as_floats, at, offset
from physfit.engine.dense import fill
from physfit.engine.program import VALUES, over_blocks
from physfit.engine.roles import entry, routine
from physfit.engine.structs import Problem, stack_entry
from physfit.engine.ties import resolve

__all__ = ["correlation", "correlation_at"]


@entry("f64(i64, f64*)")
def correlation_at(address: Any, theta: Any) -> Any:
    """Correlation of neighbouring weighted residuals, in its standard deviations.

    Neighbours are two samples of a block that follow one another. The larger one of the
    correlation and of that of the signs alone, which outliers do not hide; independent
    ones have a mean of 0 and a deviation of 1.
    """
    return correlation(at(address, Problem), theta)


@routine
def correlation(problem: Any, theta: Any) -> Any:
    """The same, of a problem in compiled code."""
    resolve(problem, theta)
    sums = as_floats(problem.products)
    fill(sums, 0.0, 3)
    n = problem.n_samples
    over_blocks(problem, 0, n, VALUES, _add_block, sums)
    if sums[1] == 0.0:
        return 0.0
    root = math.sqrt(n * problem.n_outputs)
    return max(root * sums[0] / sums[1], sums[2] / root)


@routine
def _add_block(problem: Any, output: Any, start: Any, count: Any, sums: Any) -> Any:
    """Add r s, r r and the sign of r s over neighbours of a block; 0."""
    place = output * problem.ldy + start
    y = offset(as_floats(problem.y), place)
    w = offset(as_floats(problem.weights), place)
    f = offset(stack_entry(problem, 0), output * STRIDE)
    before = 0.0
    for i in range(count):
        residual = (f[i] - y[i]) * w[i]
        product = before * residual
        sums[0] += product
        sums[1] += residual * residual
        if product > 0.0:
            sums[2] += 1.0
        elif product < 0.0:
            sums[2] -= 1.0
        before = residual
    return 0.0
