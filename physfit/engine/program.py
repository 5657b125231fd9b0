"""A composite model as a small program over kernels called by address.

`Layout` is what a model declares: operations in post-order, where each full parameter
comes from (free, fixed, tied). `assemble` turns it into arrays of integers that the
compiled core walks through, block by block, so that a new composite of known components
needs no compilation:

- evaluate: a component writes its values to a slot and its partials to its own rows;
- add, multiply: two slots become one; a product scales the rows of both sides;
- tie: each row of a tied parameter, times the derivative of its expression, is added to
  the rows of what it depends on (the chain rule, last tie first).

The rows of free parameters are then the partials by the free parameters; nothing is
copied. The compiled functions find everything through one array of integers (`slots`).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from physfit.engine import jit
from physfit.engine.abi import (
    BLOCK,
    STRIDE,
    as_floats,
    as_integers,
    call_component,
    is_null,
    offset,
)
from physfit.engine.layout import ADD, EVALUATE, Layout
from physfit.engine.problem import Problem, address_of, assemble, problem_of, release
from physfit.engine.roles import entry, routine
from physfit.engine.slots import (
    FREE,
    FULL,
    LDX,
    N_FREE,
    N_FULL,
    N_OPS,
    N_OUTPUTS,
    N_SAMPLES,
    OP_WIDTH,
    OPS,
    X,
    add_scaled,
    row,
    slot,
)
from physfit.engine.ties import apply_ties, resolve
from physfit.typing import FloatArray

__all__ = ["evaluate", "run_block", "scale", "tabulate"]


def evaluate(
    layout: Layout,
    full: FloatArray,
    x: FloatArray,
    partials: bool = False,
) -> tuple[FloatArray, FloatArray | None]:
    """Values of a model at all full parameters, ties not applied.

    Parameters
    ----------
    layout : Layout
    full : ndarray, shape (n_full,)
    x : ndarray, shape (n_inputs, n)
    partials : bool
        Whether the derivatives by all full parameters are wanted.

    Returns
    -------
    value : ndarray, shape (n_outputs, n)
    partials : ndarray, shape (n_full, n_outputs, n), or None
    """
    problem = problem_of(assemble(layout), x)
    problem.memory.work[: layout.n_full] = full
    table = tabulate(problem, None, "full" if partials else None)
    release(problem)
    return table


def tabulate(
    problem: Problem, theta: FloatArray | None, partials: str | None = None
) -> tuple[FloatArray, FloatArray | None]:
    """Values of a bound model at free parameters `theta` (None: as they stand).

    `partials` may be "full" (by all full parameters, ties not applied) or "free".
    """
    layout = problem.program.layout
    n = int(problem.memory.words[N_SAMPLES])
    value = np.empty((layout.n_outputs, n))
    n_rows = {None: 0, "full": layout.n_full, "free": len(layout.free)}[partials]
    jac = np.empty((n_rows, layout.n_outputs, n)) if partials else None
    jit.compiled(tabulate_all).call(
        problem.address,
        None if theta is None else address_of(theta),
        address_of(value),
        None if jac is None else address_of(jac),
        theta is not None,
        partials == "free",
    )
    return value, jac


@routine
def run_block(problem: Any, start: Any, count: Any, with_partials: Any) -> None:
    """Values of the composite to the first slot, partials to their rows if wanted."""
    ops = as_integers(problem[OPS])
    x = offset(as_floats(problem[X]), start)
    full = as_floats(problem[FULL])
    n_outputs = problem[N_OUTPUTS]
    for k in range(problem[N_OPS]):
        op = offset(ops, k * OP_WIDTH)
        if op[0] == EVALUATE:
            rows = as_floats(0)
            if with_partials:
                rows = row(problem, op[2] * n_outputs)
            value = slot(problem, op[3])
            params = offset(full, op[2])
            table = as_floats(op[4])
            call_component(op[1], params, x, problem[LDX], count, value, rows, table)
        elif op[0] == ADD:
            for o in range(n_outputs):
                left = offset(slot(problem, op[1]), o * STRIDE)
                add_scaled(
                    left, offset(slot(problem, op[1] + 1), o * STRIDE), 1.0, count
                )
        else:
            _multiply(problem, op, with_partials, count)


@routine
def scale(target: Any, factors: Any, count: Any) -> None:
    """target *= factors."""
    for i in range(count):
        target[i] *= factors[i]


@routine
def scale_complex(re: Any, im: Any, factor_re: Any, factor_im: Any, count: Any) -> None:
    """Complex target *= factors."""
    for i in range(count):
        a = re[i] * factor_re[i] - im[i] * factor_im[i]
        im[i] = re[i] * factor_im[i] + im[i] * factor_re[i]
        re[i] = a


@routine
def _multiply(problem: Any, op: Any, with_partials: Any, count: Any) -> None:
    """Product rule on two slots and the rows of both sides."""
    left = slot(problem, op[1])
    right = slot(problem, op[1] + 1)
    if with_partials:
        _scale_rows(problem, op[2], op[3], right, count)
        _scale_rows(problem, op[3], op[4], left, count)
    if problem[N_OUTPUTS] == 1:
        scale(left, right, count)
    else:
        right_im = offset(right, STRIDE)
        scale_complex(left, offset(left, STRIDE), right, right_im, count)


@routine
def _scale_rows(problem: Any, first: Any, stop: Any, factor: Any, count: Any) -> None:
    for k in range(first, stop):
        if problem[N_OUTPUTS] == 1:
            scale(row(problem, k), factor, count)
        else:
            re = row(problem, 2 * k)
            im = row(problem, 2 * k + 1)
            scale_complex(re, im, factor, offset(factor, STRIDE), count)


@entry("void(i64*, f64*, f64*, f64*, i64, i64)")
def tabulate_all(
    problem: Any, theta: Any, value: Any, jac: Any, has_theta: Any, by_free: Any
) -> None:
    """Values, and partials unless `jac` is NULL, of all samples.

    With `by_free` the rows are those of the free parameters, ties applied; otherwise of
    all full parameters. Row (p, output) of `jac` has one entry per sample.
    """
    if has_theta != 0:
        resolve(problem, theta)
    n = problem[N_SAMPLES]
    n_outputs = problem[N_OUTPUTS]
    free = as_integers(problem[FREE])
    wanted = not is_null(jac)
    n_rows = problem[N_FREE] if by_free != 0 else problem[N_FULL]
    start = 0
    while start < n:
        count = min(BLOCK, n - start)
        run_block(problem, start, count, wanted)
        if wanted and by_free != 0:
            apply_ties(problem, count)
        for o in range(n_outputs):
            result = offset(value, o * n + start)
            copy(result, offset(slot(problem, 0), o * STRIDE), count)
            if wanted:
                for k in range(n_rows):
                    index = free[k] if by_free != 0 else k
                    result = offset(jac, (k * n_outputs + o) * n + start)
                    copy(result, row(problem, index * n_outputs + o), count)
        start += BLOCK


@routine
def copy(target: Any, source: Any, count: Any) -> None:
    """target = source."""
    for i in range(count):
        target[i] = source[i]
