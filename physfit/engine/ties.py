"""Full parameters from free ones, and the chain rule back.

Ties are evaluated in order. Afterwards each row of a tied parameter, times the
derivative of its expression, is added to the rows of what it depends on, last tie
first.
"""

from __future__ import annotations

from typing import Any

from physfit.engine.abi import TIES as SIGNATURE
from physfit.engine.abi import as_floats, as_integers, call_ties, offset
from physfit.engine.roles import entry, routine
from physfit.engine.slots import (
    FREE,
    FULL,
    N_FREE,
    N_OUTPUTS,
    N_TIES,
    TIE_CONSTANTS,
    TIE_FUNCTION,
    TIE_WORK,
    TIES,
    add_scaled,
    row,
)
from physfit.engine.tape import PARAMETER, backward, forward

__all__ = ["apply_ties", "evaluate_ties", "resolve"]


@routine
def resolve(problem: Any, theta: Any) -> None:
    """Full parameters from free ones: copy, then evaluate the ties in order."""
    full = as_floats(problem[FULL])
    free = as_integers(problem[FREE])
    for k in range(problem[N_FREE]):
        full[free[k]] = theta[k]
    if problem[N_TIES] > 0:
        call_ties(problem[TIE_FUNCTION], problem)


@entry(SIGNATURE)
def evaluate_ties(problem: Any) -> None:
    """Values of tied parameters and the derivatives of their expressions, in order."""
    full = as_floats(problem[FULL])
    ties = as_integers(problem[TIES])
    for number in range(problem[N_TIES]):
        tie = offset(ties, ties[number])
        constants = offset(as_floats(problem[TIE_CONSTANTS]), tie[2])
        values = offset(as_floats(problem[TIE_WORK]), tie[3])
        full[tie[0]] = forward(offset(tie, 4), tie[1], constants, full, values)
        backward(offset(tie, 4), tie[1], values, offset(values, tie[1]))


@routine
def apply_ties(problem: Any, count: Any) -> None:
    """Chain rule: rows of tied parameters into the rows of what they depend on."""
    ties = as_integers(problem[TIES])
    n_outputs = problem[N_OUTPUTS]
    n_ties = problem[N_TIES]
    for number in range(n_ties):
        tie = offset(ties, ties[n_ties - 1 - number])
        adjoints = offset(as_floats(problem[TIE_WORK]), tie[3] + tie[1])
        for k in range(tie[1]):
            code = offset(tie, 4 + 3 * k)
            if code[0] == PARAMETER:
                for o in range(n_outputs):
                    source = row(problem, tie[0] * n_outputs + o)
                    target = row(problem, code[1] * n_outputs + o)
                    add_scaled(target, source, adjoints[k], count)
