"""A composite model as a small program over kernels called by address.

`Layout` is what a model declares: operations in post-order, where each full parameter
comes from (free, fixed, tied). `assemble` turns it into arrays of integers that the
compiled core walks through, block by block, so that a new composite of known components
needs no compilation:

- evaluate: a component writes its values to the stack, its partials to its own rows;
- add, subtract, multiply, divide: two values become one; the rows of both sides are
  scaled where the product rule says so;
- apply: a function of a value scales its rows by the derivative;
- tie: each row of a tied parameter, times the derivative of its expression, is added to
  the rows of what it depends on (the chain rule, last tie first).

The rows of free parameters are then the partials by the free parameters; nothing is
copied. Where any part of a model is complex all values are, the imaginary part of real
ones being zero.

`over_blocks` is the loop of everything that looks at all samples: it computes block by
block and hands each to a function, which numba compiles into the loop.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from physfit.engine.abi import (
    BLOCK,
    STRIDE,
    as_floats,
    as_integers,
    at,
    call_component,
    call_prepare,
    is_null,
    offset,
)
from physfit.engine.addresses import address_of
from physfit.engine.dense import copy
from physfit.engine.host import evaluation
from physfit.engine.host_calls import values_wanted
from physfit.engine.layout import Code, Layout
from physfit.engine.operations import combine, widen
from physfit.engine.problem import Bound, assemble, problem_of, release
from physfit.engine.roles import entry, routine
from physfit.engine.structs import Problem, operation, row, stack_entry
from physfit.engine.ties import apply_ties, resolve
from physfit.typing import FloatArray

__all__ = ["FREE", "FULL", "VALUES", "evaluate", "over_blocks", "own_scratch"]
__all__ += ["prepare", "tabulate", "tabulate_sets"]

# What is wanted of a block: values alone, partials by the full parameters as well, or
# those by the free ones.
VALUES = 0
FULL = 1
FREE = 2
EVALUATE = int(Code.EVALUATE)


def evaluate(
    layout: Layout,
    full: FloatArray,
    x: NDArray[Any],
    partials: bool = False,
) -> tuple[FloatArray, FloatArray | None]:
    """Values of a model at all full parameters, ties not applied.

    Parameters
    ----------
    layout : Layout
    full : ndarray, shape (n_full,)
    x : ndarray, shape (n_inputs, n)
        Or rows of int8, shape (n, n_inputs), for spins.
    partials : bool
        Whether the derivatives by all full parameters are wanted.

    Returns
    -------
    value : ndarray, shape (n_outputs, n)
    partials : ndarray, shape (n_full, n_outputs, n), or None
    """
    problem = problem_of(assemble(layout), x)
    problem.memory.work[: layout.n_full] = full
    with values_wanted():
        table = tabulate(problem, None, FULL if partials else VALUES)
    release(problem)
    return table


def tabulate(
    problem: Bound, theta: FloatArray | None, wanted: int = VALUES
) -> tuple[FloatArray, FloatArray | None]:
    """Values of a bound model at free parameters `theta` (None: as they stand)."""
    sets = None if theta is None else theta.reshape(1, -1)
    value, jac = tabulate_sets(problem, sets, wanted)
    return value[0], None if jac is None else jac[0]


def tabulate_sets(
    problem: Bound, theta: FloatArray | None, wanted: int = VALUES
) -> tuple[FloatArray, FloatArray | None]:
    """Values (R, n_outputs, n) at sets of parameters (R, P), and their partials."""
    layout, n_sets = problem.program.layout, 1 if theta is None else len(theta)
    n = int(problem.memory.words[Problem.n_samples])
    value = np.empty((n_sets, layout.n_outputs, n))
    n_rows = (0, layout.n_full, len(layout.free))[wanted]
    jac = np.empty((n_sets, n_rows, layout.n_outputs, n)) if wanted else None
    evaluation(tabulate_all, problem.program.calls_python)(
        problem.address,
        None if theta is None else address_of(theta),
        n_sets,
        address_of(value),
        None if jac is None else address_of(jac),
        wanted,
    )
    return value, jac


@routine
def over_blocks(
    problem: Any, start: Any, stop: Any, wanted: Any, consume: Any, work: Any
) -> Any:
    """Compute samples `start` to `stop` for the full parameters as they stand.

    `consume(problem, output, first, count, work)` is called for each output of each
    block, `first` being the block's first sample; the sum of what it returns is
    returned.
    """
    if problem.n_prepared > 0:
        prepare(problem, wanted)
    total = 0.0
    first = start
    while first < stop:
        count = min(BLOCK, stop - first)
        run_block(problem, first, count, wanted != VALUES)
        if wanted == FREE:
            apply_ties(problem, count)
        for output in range(problem.n_outputs):
            total += consume(problem, output, first, count, work)
        first += BLOCK
    return total


@routine
def prepare(problem: Any, wanted: Any) -> None:
    """Let kernels do what is done once for each new set of parameters."""
    for k in range(problem.n_operations):
        step = operation(problem, k)
        if step.prepare != 0:
            call_prepare(
                step.prepare,
                offset(as_floats(problem.full), step.first),
                as_floats(problem.x),
                problem.ldx,
                problem.n_samples,
                wanted,
                as_integers(step.context),
                own_scratch(problem, step),
            )


@routine
def own_scratch(problem: Any, step: Any) -> Any:
    """Memory of its own that a component has."""
    place = step.scratch + step.scratch_per_sample * problem.capacity
    return offset(as_floats(problem.scratch), place)


@routine
def run_block(problem: Any, start: Any, count: Any, with_partials: Any) -> None:
    """Values of the composite to the first entry, partials to their rows if wanted."""
    for k in range(problem.n_operations):
        step = operation(problem, k)
        if step.code == EVALUATE:
            rows = as_floats(0)
            if with_partials:
                rows = row(problem, step.first * problem.width)
            call_component(
                step.function,
                offset(as_floats(problem.full), step.first),
                as_floats(problem.x + start * problem.sample_bytes),
                problem.ldx,
                start,
                count,
                stack_entry(problem, step.entry),
                rows,
                as_integers(step.context),
                own_scratch(problem, step),
            )
            if step.is_widened != 0:
                widen(problem, step, count, with_partials)
        else:
            combine(problem, step, count, with_partials)


@entry("void(i64, f64*, i64, f64*, f64*, i64)")
def tabulate_all(
    address: Any, theta: Any, n_sets: Any, value: Any, jac: Any, wanted: Any
) -> None:
    """Values of all samples at sets of parameters, and the partials that are wanted.

    Row (p, output) of `jac` has one entry per sample.
    """
    problem = at(address, Problem)
    n = problem.n_samples
    size = problem.n_outputs * n
    n_rows = problem.n_free if wanted == FREE else problem.n_full
    for k in range(n_sets):
        if not is_null(theta):
            resolve(problem, offset(theta, k * problem.n_free))
        own = offset(value, k * size), offset(jac, k * n_rows * size), wanted
        over_blocks(problem, 0, n, wanted, copy_block, own)


@routine
def copy_block(problem: Any, output: Any, start: Any, count: Any, work: Any) -> Any:
    """Copy values and partials of a block to the tables; 0."""
    value, jac, wanted = work
    n, n_outputs = problem.n_samples, problem.n_outputs
    values = offset(stack_entry(problem, 0), output * STRIDE)
    copy(offset(value, output * n + start), values, count)
    if wanted != VALUES:
        free = as_integers(problem.free)
        n_rows = problem.n_free if wanted == FREE else problem.n_full
        for k in range(n_rows):
            index = free[k] if wanted == FREE else k
            out = offset(jac, (k * n_outputs + output) * n + start)
            copy(out, row(problem, index * problem.width + output), count)
    return 0.0
