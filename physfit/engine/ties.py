"""Full parameters from free ones, and the chain rule back.

Ties are evaluated in order. Afterwards each row of a tied parameter, times the
derivative of its expression, is added to the rows of what it depends on, last tie
first. Expressions in every row of a table are ties, too: `tape_rows`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from physfit.engine import jit
from physfit.engine.abi import TIES as SIGNATURE
from physfit.engine.abi import as_floats, as_integers, at, call_ties, offset
from physfit.engine.roles import entry, routine
from physfit.engine.structs import Problem, add_scaled, row
from physfit.engine.tape import Tape, forward
from physfit.typing import FloatArray, IntArray

__all__ = ["apply_ties", "evaluate_ties", "packed_ties", "resolve", "tape_rows"]

#: Words of a tie before its derivatives; the last is their number.
HEADER = 6


def packed_ties(
    ties: Sequence[tuple[int, Tape]],
) -> tuple[IntArray, FloatArray, int]:
    """Ties one after the other, after a table of where each begins.

    A tie is the parameter, the number of its codes, where its constants and its part of
    the working memory begin, the step of its value, how many parameters it depends on,
    each of them with the step of the derivative, and the codes. The constants of all
    ties and the doubles of working memory, one for each code, are returned as well.
    """
    words = [0] * len(ties)
    constants: list[float] = []
    n_work = 0
    for number, (target, tape) in enumerate(ties):
        words[number] = len(words)
        n_codes = len(tape.codes)
        words += [target, n_codes, len(constants), n_work, tape.value]
        words += [len(tape.slopes), *(word for pair in tape.slopes for word in pair)]
        words += [word for step in tape.codes for word in step]
        constants += tape.constants
        n_work += n_codes
    return np.array(words, dtype=np.int64), np.array(constants), n_work


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
    full, constants = as_floats(problem.full), as_floats(problem.tie_constants)
    ties, work = as_integers(problem.ties), as_floats(problem.tie_work)
    for number in range(problem.n_ties):
        tie = offset(ties, ties[number])
        full[tie[0]] = _evaluated(tie, constants, full, work)


@routine
def _evaluated(tie: Any, constants: Any, full: Any, work: Any) -> Any:
    """Value of an expression; values of its steps to the work."""
    values = offset(work, tie[3])
    codes = offset(tie, HEADER + 2 * tie[HEADER - 1])
    forward(codes, tie[1], offset(constants, tie[2]), full, values)
    return values[tie[4]]


@routine
def apply_ties(problem: Any, count: Any) -> None:
    """Chain rule: rows of tied parameters into the rows of what they depend on."""
    ties = as_integers(problem.ties)
    width = problem.width
    n_ties = problem.n_ties
    for number in range(n_ties):
        tie = offset(ties, ties[n_ties - 1 - number])
        values = offset(as_floats(problem.tie_work), tie[3])
        for k in range(tie[HEADER - 1]):
            slope = offset(tie, HEADER + 2 * k)
            for o in range(width):
                source = row(problem, tie[0] * width + o)
                target = row(problem, slope[0] * width + o)
                add_scaled(target, source, values[slope[1]], count)


def tape_rows(
    ties: Iterable[tuple[int, Tape]], tape: Tape, full: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Value of an expression in every row, and its partials through the ties.

    Parameters
    ----------
    ties : iterable of (int, Tape)
        Tied parameters by their positions, and their expressions, in order.
    tape : Tape
    full : ndarray, shape (n_rows, n_full)
        All parameters; tied ones are filled in.

    Returns
    -------
    value : ndarray, shape (n_rows,)
    partials : ndarray, shape (n_rows, n_full)
        Those by parameters that are not tied are whole; zero where the expression does
        not depend on the parameter.
    """
    tapes = [*ties, (-1, tape)]
    words, constants, n_work = packed_ties(tapes)
    work = np.empty(n_work)
    value, partials = np.empty(len(full)), np.zeros(full.shape)
    jit.compiled(sweep_rows).call(
        words.ctypes.data,
        len(tapes),
        *(array.ctypes.data for array in (constants, full)),
        *full.shape,
        *(array.ctypes.data for array in (work, value, partials)),
    )
    return value, partials


@entry("void(i64*, i64, f64*, f64*, i64, i64, f64*, f64*, f64*)")
def sweep_rows(
    ties: Any,
    n_ties: Any,
    constants: Any,
    full: Any,
    n_rows: Any,
    n_full: Any,
    work: Any,
    value: Any,
    partials: Any,
) -> None:
    """Fill `value` and add to `partials`; the last tie is the expression."""
    for i in range(n_rows):
        row = offset(full, i * n_full)
        for number in range(n_ties):
            tie = offset(ties, ties[number])
            value[i] = _evaluated(tie, constants, row, work)
            if tie[0] >= 0:
                row[tie[0]] = value[i]
        slopes = offset(partials, i * n_full)
        for number in range(n_ties - 1, -1, -1):
            tie = offset(ties, ties[number])
            seed = 1.0 if tie[0] < 0 else slopes[tie[0]]
            if seed != 0.0:  # an infinite slope of what has no part is none
                _add_slopes(tie, work, seed, slopes)


@routine
def _add_slopes(tie: Any, work: Any, seed: Any, slopes: Any) -> None:
    """Derivatives of an expression by the parameters it reads, times the seed."""
    values = offset(work, tie[3])
    for k in range(tie[HEADER - 1]):
        slope = offset(tie, HEADER + 2 * k)
        slopes[slope[0]] += seed * values[slope[1]]
