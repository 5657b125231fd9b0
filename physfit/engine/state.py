"""State of a fit: one array of doubles, and how it is laid out.

A head of numbers, then vectors of one double per free parameter, then matrices.
A plain array: checkpoint it, or allocate one per row.
"""

from __future__ import annotations

from typing import Any

from physfit.engine.abi import behind, offset
from physfit.engine.roles import routine
from physfit.engine.struct import Float64, Struct

__all__ = ["FitState", "hold_active", "matrix", "state_size", "vector"]


class FitState(Struct):
    """Head of the state."""

    status: Float64
    cost: Float64
    trial_cost: Float64
    delta: Float64
    damping: Float64
    predicted: Float64
    step_norm: Float64
    n_steps: Float64
    n_evals: Float64
    ftol: Float64
    xtol: Float64
    gtol: Float64
    max_steps: Float64
    optimality: Float64
    condition: Float64
    not_finite: Float64
    floor: Float64
    #: Sum of the squared weighted data; negative where the problem is asked for it.
    squares: Float64
    last_predicted: Float64
    #: Whether the last step is accepted without evaluating the cost.
    ends_unseen: Float64


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
FACTOR = 1
TRIAL_MATRIX = 2
#: Of a fit that has ended, which tries nothing any more.
INVERSE = TRIAL_MATRIX
N_MATRICES = 3

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


def state_size(n: int, matrix_size: int) -> int:
    """Doubles in the state of a fit of `n` free parameters."""
    return FitState.SIZE + N_VECTORS * n + N_MATRICES * matrix_size


@routine
def vector(state: Any, n: Any, number: Any) -> Any:
    """Vector `number` of the state."""
    return offset(behind(state), number * n)


@routine
def matrix(state: Any, n: Any, number: Any, solver: Any) -> Any:
    """Matrix `number` of the state, stored as a `LinearSolver` stores it."""
    return offset(behind(state), N_VECTORS * n + number * solver.size(n))


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
