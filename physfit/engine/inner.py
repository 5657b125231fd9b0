"""Programs inside of a kernel: composites that a component evaluates by itself.

A kernel names the layouts that it evaluates (`Kernel.inner`). Its context holds, behind
the arrays, the template and the size of each; the program is laid out in the scratch of
the kernel, so that threads share nothing. Ties of a program are evaluated when it is
prepared, and its rows are those of its free parameters.

`inner_prepare` and `inner_block` make a kernel of one program whose free parameters are
those of the kernel: components in other parameters, some of which several may share.
"""

from __future__ import annotations

from typing import Any

from physfit.engine.abi import (
    STRIDE,
    address_at,
    as_integers,
    at,
    is_null,
    offset,
)
from physfit.engine.dense import copy, fill
from physfit.engine.program import prepare, run_block
from physfit.engine.roles import routine
from physfit.engine.structs import Problem, row, stack_entry
from physfit.engine.ties import apply_ties, resolve

__all__ = ["SPARE", "inner_block", "inner_prepare", "placed"]

SIZE = Problem.SIZE
FIRST_BUFFER = Problem.full
#: Doubles of a cache line, by which a program in memory may be moved up.
SPARE = 8
LINE = 8 * SPARE


@routine
def begin_of(memory: Any) -> Any:
    """Address of the first cache line in a memory."""
    return (address_at(memory) + LINE - 1) // LINE * LINE


@routine
def placed(template: Any, n_work: Any, memory: Any) -> Any:
    """Problem without data in a memory of `n_work + SPARE` doubles.

    Parameters
    ----------
    template, n_work : int
        Address of the words of a program, and its doubles of working memory.
    memory : pointer
    """
    base = begin_of(memory)
    address = base + 8 * (n_work - SIZE)
    source, words = as_integers(template), as_integers(address)
    for k in range(FIRST_BUFFER):
        words[k] = source[k]
    for k in range(FIRST_BUFFER, SIZE):
        words[k] = source[k] + base
    problem = at(address, Problem)
    problem.address = address
    return problem


@routine
def inner_prepare(
    params: Any, x: Any, ldx: Any, n: Any, wanted: Any, context: Any, scratch: Any
) -> None:
    """Lay the only program out, its parameters resolved."""
    problem = placed(context[0], context[1], scratch)
    problem.x, problem.ldx = address_at(x), ldx
    problem.n_samples = problem.capacity = n
    resolve(problem, params)
    if problem.n_prepared > 0:
        prepare(problem, wanted)


@routine
def inner_block(
    params: Any,
    x: Any,
    ldx: Any,
    start: Any,
    n: Any,
    value: Any,
    jac: Any,
    context: Any,
    scratch: Any,
) -> None:
    """Block of the program that `inner_prepare` has laid out."""
    problem = at(begin_of(scratch) + 8 * (context[1] - SIZE), Problem)
    problem.x = address_at(x) - start * problem.sample_bytes
    problem.ldx = ldx
    free = as_integers(problem.free)
    if not is_null(jac):
        for k in range(problem.n_free):
            for part in range(problem.width):
                fill(row(problem, free[k] * problem.width + part), 0.0, n)
    run_block(problem, start, n, not is_null(jac))
    n_outputs = problem.n_outputs
    for k in range(n_outputs):
        copy(offset(value, k * STRIDE), offset(stack_entry(problem, 0), k * STRIDE), n)
    if is_null(jac):
        return
    apply_ties(problem, n)
    for k in range(problem.n_free):
        for part in range(n_outputs):
            source = row(problem, free[k] * problem.width + part)
            copy(offset(jac, (k * n_outputs + part) * STRIDE), source, n)
