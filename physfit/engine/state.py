"""State of a fit: one array of doubles, and how it is laid out.

A header of numbers, then vectors of one double per free parameter, then square
matrices. It can be stored, resumed, or have a million siblings.
"""

from __future__ import annotations

from typing import Any

from physfit.engine.abi import offset
from physfit.engine.roles import routine

__all__ = ["hold_active", "matrix", "state_size", "vector"]

# Header of the state.
STATUS = 0
COST = 1
TRIAL_COST = 2
DELTA = 3
LAMBDA = 4
PREDICTED = 5
STEP_NORM = 6
N_STEPS = 7
N_EVALS = 8
FTOL = 9
XTOL = 10
GTOL = 11
MAX_STEPS = 12
OPTIMALITY = 13
CONDITION = 14
NOT_FINITE = 15
FLOOR = 16
LAST_PREDICTED = 17
#: Whether the last step may be taken without a look at where it leads.
ENDS_UNSEEN = 18
HEADER = 19
# Vectors of the state.
THETA = 0
TRIAL = 1
LOWER = 2
UPPER = 3
GRADIENT = 4
TRIAL_GRADIENT = 5
#: Squares of Marquardt's scaling.
SCALE = 6
STEP = 7
HELD = 8
RIGHT = 9
N_VECTORS = 10
# Matrices of the state.
MATRIX = 0
TRIAL_MATRIX = 1
FACTOR = 2
INVERSE = 3
N_MATRICES = 4

# Status numbers; the sentences stand in solve.base.Status.
RUNNING = 0
FTOL_REACHED = 1
XTOL_REACHED = 2
GTOL_REACHED = 3
EXACT = 4
MAX_STEPS_REACHED = 20
NOT_FINITE_AT_START = 21
NOT_FINITE_AROUND = 22
STALLED = 23


def state_size(n: int) -> int:
    """Doubles in the state of a fit of `n` free parameters."""
    return HEADER + N_VECTORS * n + N_MATRICES * n * n


@routine
def vector(state: Any, n: Any, number: Any) -> Any:
    """Vector `number` of the state."""
    return offset(state, HEADER + number * n)


@routine
def matrix(state: Any, n: Any, number: Any) -> Any:
    """Matrix `number` of the state."""
    return offset(state, HEADER + N_VECTORS * n + number * n * n)


@routine
def hold_active(state: Any, n: Any) -> None:
    """Hold parameters on a bound that the gradient pushes outwards."""
    theta = vector(state, n, THETA)
    lower = vector(state, n, LOWER)
    upper = vector(state, n, UPPER)
    gradient = vector(state, n, GRADIENT)
    held = vector(state, n, HELD)
    for k in range(n):
        held[k] = 0.0
        if theta[k] <= lower[k] and gradient[k] >= 0.0:
            held[k] = -1.0
        elif theta[k] >= upper[k] and gradient[k] <= 0.0:
            held[k] = 1.0
