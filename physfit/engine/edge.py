"""How many combinations of parameters the edge of a loss's domain holds.

At samples whose datum is the least there is, such as no counts, a model may lie on the
edge of the domain (see `solve.domain`). With the Gauss-Newton weights t_i and the
inverse C of the Gauss-Newton matrix their part of the information is the sum of
t_i J_i' C J_i over these samples, near a whole number. Where a model is so close to the
edge that rounding hides J_i' C J_i, the number is not known.
"""

from __future__ import annotations

import math
from typing import Any

from physfit.engine.abi import STRIDE, SUMS, as_floats, as_integers, at, offset
from physfit.engine.normal import terms_of_block
from physfit.engine.program import FREE, VALUES, over_blocks
from physfit.engine.roles import entry, routine, summation
from physfit.engine.structs import Problem, row, stack_entry
from physfit.engine.ties import resolve

__all__ = ["NOTHING", "held_by_edge"]

#: Expected counts of all samples together that are nothing.
NOTHING = 1e-2
#: Relative rounding error of what is held, many times that of a product: for each sum
#: of products it is that of their sizes.
ROUNDED = 2e-13


@entry(SUMS)
def held_by_edge(address: Any, theta: Any, held: Any, inverse: Any) -> Any:
    """Put the number to the first place of `held`; infinite if it is not known.

    It is NaN if the model is outside.

    Returns it, for a loss whose domain is y >= 0.
    """
    problem = at(address, Problem)
    n = problem.n_samples
    held[0] = 0.0
    held[1] = math.inf
    if _n_least(as_floats(problem.y), n) > 0.0:
        resolve(problem, theta)
        over_blocks(problem, 0, n, VALUES, _find_lowest, held)
        if not held[1] >= 0.0:
            held[0] = math.nan
        elif held[1] < NOTHING / n:
            over_blocks(problem, 0, n, FREE, _add_held, (held, inverse))
    return held[0]


@summation
def _n_least(y: Any, n: Any) -> Any:
    """How many data are the least there is."""
    total = 0.0
    for i in range(n):
        total += 0.0 if y[i] > 0.0 else 1.0
    return total


@routine
def _find_lowest(problem: Any, output: Any, start: Any, count: Any, held: Any) -> Any:
    """Keep the lowest model in the second place; NaN if one is NaN. Returns 0."""
    f = offset(stack_entry(problem, 0), output * STRIDE)
    lowest = held[1]
    for i in range(count):
        if not f[i] >= lowest:
            lowest = f[i]
    held[1] = lowest
    return 0.0


@routine
def _add_held(problem: Any, output: Any, start: Any, count: Any, work: Any) -> Any:
    """Add the information of the samples of a block that lie on the edge; its cost."""
    held, inverse = work
    y = offset(as_floats(problem.y), output * problem.ldy + start)
    f = offset(stack_entry(problem, 0), output * STRIDE)
    cost = terms_of_block(problem, output, start, count, as_floats(0))
    weight = offset(as_floats(problem.terms), STRIDE)
    free = as_integers(problem.free)
    n = problem.n_free
    for i in range(count):
        if y[i] > 0.0 or f[i] >= NOTHING / problem.n_samples:
            continue
        total = size = 0.0
        for k in range(n):
            if inverse[k * n + k] == inverse[k * n + k]:
                part = sizes = 0.0
                for j in range(n):
                    if inverse[j * n + j] == inverse[j * n + j]:
                        slope = row(problem, free[j] * problem.width + output)[i]
                        part += inverse[k * n + j] * slope
                        sizes += math.fabs(inverse[k * n + j] * slope)
                slope = row(problem, free[k] * problem.width + output)[i]
                total += part * slope
                size += sizes * math.fabs(slope)
        is_known = ROUNDED * size * weight[i] < 1.0
        held[0] += total * weight[i] if is_known else math.inf
    return cost
