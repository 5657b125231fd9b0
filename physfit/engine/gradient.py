"""Gradient of the cost over a range of rows: what the minibatch loop asks for.

It is the gradient that `normal` sums, without the Gauss-Newton matrix:

    g_k = sum_i s_i J_ki    over    start <= i < stop .

A single component that takes slopes back to its parameters by itself is asked to: its
Jacobian is never stored.
"""

from __future__ import annotations

import math
from typing import Any

from physfit.engine.abi import GRADIENT, as_floats, as_integers, at, call_pull
from physfit.engine.dense import fill
from physfit.engine.normal import add_gradient, terms_of_block
from physfit.engine.program import FREE, VALUES, over_blocks, own_scratch
from physfit.engine.roles import entry, routine
from physfit.engine.structs import Problem, operation, row
from physfit.engine.ties import apply_ties, resolve

__all__ = ["gradient_at", "gradient_of_rows"]


@entry(GRADIENT)
def gradient_of_rows(address: Any, theta: Any, start: Any, stop: Any, out: Any) -> Any:
    """Add the gradient over rows `start` to `stop` to `out` (P); return the cost."""
    return _add_gradient(at(address, Problem), theta, start, stop, out)


@entry("f64(i64, f64*, f64*)")
def gradient_at(address: Any, theta: Any, out: Any) -> Any:
    """Cost at `theta` and its gradient (P); NaN if either is not finite."""
    problem = at(address, Problem)
    n = problem.n_free
    fill(out, 0.0, n)
    cost = _add_gradient(problem, theta, 0, problem.n_samples, out)
    check = cost
    for k in range(n):
        check += out[k]
    return cost if math.fabs(check) < math.inf else math.nan


@routine
def _add_gradient(problem: Any, theta: Any, start: Any, stop: Any, out: Any) -> Any:
    resolve(problem, theta)
    total = as_floats(problem.products)
    if problem.pull != 0:
        return _pulled(problem, start, stop, total, out)
    fill(total, 0.0, problem.n_rows)
    cost = over_blocks(problem, start, stop, FREE, _add_block, total)
    for k in range(problem.n_free):
        out[k] += total[k]
    return cost


@routine
def _add_block(problem: Any, output: Any, start: Any, count: Any, total: Any) -> Any:
    """Add the gradient of a block; its cost."""
    cost = terms_of_block(problem, output, start, count, as_floats(0))
    add_gradient(problem, output, 0, count, total)
    return cost


@routine
def _pulled(problem: Any, start: Any, stop: Any, total: Any, out: Any) -> Any:
    """The same by a component that takes slopes back by itself."""
    fill(total, 0.0, problem.n_full)
    cost = over_blocks(problem, start, stop, VALUES, _pull_block, total)
    _pull(problem, as_floats(0), 0, 0, total)
    free = as_integers(problem.free)
    if problem.n_ties > 0:
        # The chain rule on rows of the Jacobian, as if the sums were those of a sample.
        for k in range(problem.n_full):
            row(problem, k)[0] = total[k]
        apply_ties(problem, 1)
        for k in range(problem.n_full):
            total[k] = row(problem, k)[0]
    for k in range(problem.n_free):
        out[k] += total[free[k]]
    return cost


@routine
def _pull_block(problem: Any, output: Any, start: Any, count: Any, total: Any) -> Any:
    cost = terms_of_block(problem, output, start, count, as_floats(0))
    _pull(problem, as_floats(problem.terms), start, count, total)
    return cost


@routine
def _pull(problem: Any, slope: Any, start: Any, count: Any, total: Any) -> None:
    step = operation(problem, 0)
    context = as_integers(step.context)
    scratch = own_scratch(problem, step)
    call_pull(problem.pull, slope, start, count, total, context, scratch)
