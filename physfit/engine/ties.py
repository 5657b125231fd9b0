"""Full parameters from free ones, and the chain rule back.

Ties are evaluated in order. Afterwards each row of a tied parameter, times the
derivative of its expression, is added to the rows of what it depends on, last tie
first.
"""

from __future__ import annotations

from typing import Any

from physfit.engine.abi import TIES as SIGNATURE
from physfit.engine.abi import as_floats, as_integers, at, call_ties, offset
from physfit.engine.roles import entry, routine
from physfit.engine.structs import Problem, add_scaled, row
from physfit.engine.tape import PARAMETER, backward, forward

__all__ = ["apply_ties", "evaluate_ties", "resolve"]


@routine
def resolve(problem: Any, theta: Any) -> None:
    """Full parameters from free ones: copy, then evaluate the ties in order."""
    full = as_floats(problem.full)
    free = as_integers(problem.free)
    for k in range(problem.n_free):
        full[free[k]] = theta[k]
    if problem.n_ties > 0:
        call_ties(problem.tie_function, problem.address)


@entry(SIGNATURE)
def evaluate_ties(address: Any) -> None:
    """Values of tied parameters and the derivatives of their expressions, in order."""
    problem = at(address, Problem)
    full = as_floats(problem.full)
    ties = as_integers(problem.ties)
    for number in range(problem.n_ties):
        tie = offset(ties, ties[number])
        constants = offset(as_floats(problem.tie_constants), tie[2])
        values = offset(as_floats(problem.tie_work), tie[3])
        full[tie[0]] = forward(offset(tie, 4), tie[1], constants, full, values)
        backward(offset(tie, 4), tie[1], values, offset(values, tie[1]))


@routine
def apply_ties(problem: Any, count: Any) -> None:
    """Chain rule: rows of tied parameters into the rows of what they depend on."""
    ties = as_integers(problem.ties)
    width = problem.width
    n_ties = problem.n_ties
    for number in range(n_ties):
        tie = offset(ties, ties[n_ties - 1 - number])
        adjoints = offset(as_floats(problem.tie_work), tie[3] + tie[1])
        for k in range(tie[1]):
            code = offset(tie, 4 + 3 * k)
            if code[0] == PARAMETER:
                for o in range(width):
                    source = row(problem, tie[0] * width + o)
                    target = row(problem, code[1] * width + o)
                    add_scaled(target, source, adjoints[k], count)
