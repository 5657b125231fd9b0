"""State of a fit: one array of doubles, and how it is laid out.

A head of numbers, then vectors of one double per free parameter, then matrices.
A plain array: checkpoint it, or allocate one per row.
"""

from __future__ import annotations

from functools import cache
from itertools import accumulate, pairwise, starmap
from typing import Any, NamedTuple

from physfit.engine.abi import behind, offset
from physfit.engine.roles import routine
from physfit.engine.struct import Float64, Struct

__all__ = ["FitState", "hold_active", "places", "state_size", "variables"]


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
    #: Share of the last step, if it was a whole Newton step, that the next one is.
    shrinking: Float64
    #: Whether what is left to gain has become negligible.
    arrived: Float64
    #: Whether the last step is accepted without evaluating the cost.
    ends_unseen: Float64
    #: Status of a fit that has converged and is examined (see `release`), else 0.
    kept: Float64
    #: Share of the release that is tried; 0 while it is not known.
    leap: Float64
    #: Numbers in the data less free parameters.
    freedom: Float64
    #: Whether the loss is robust: outliers may make up the cost, so that the variance
    #: of weighted data is taken for 1 at most, that of the noise.
    is_robust: Float64
    #: Cost when it was last looked whether the fit is lost, and when it is next.
    looked_at_cost: Float64
    next_look: Float64


class Variables(NamedTuple):
    """What the steps of a fit work with besides the head of its state.

    The vectors have one double per free parameter, the matrices are stored as the
    `LinearSolver` stores them; in the state they stand in this order. The number of
    parameters is no field but an argument beside it: where it is a constant, only an
    argument makes LLVM unroll the loops over it.
    """

    solver: Any
    theta: Any
    trial: Any
    lower: Any
    upper: Any
    gradient: Any
    trial_gradient: Any
    #: Squares of Marquardt's scaling.
    scale: Any
    step: Any
    held: Any
    right: Any
    matrix: Any
    factor: Any
    #: Takes the inverse when the fit has ended, which tries nothing any more.
    trial_matrix: Any


N_VECTORS = 10
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
#: Not fitted: the loss cannot take one of the values.
OUTSIDE_DOMAIN = 30
UNDETERMINED = 32


def state_size(n: int, matrix_size: int) -> int:
    """Doubles in the state of a fit of `n` free parameters."""
    return FitState.SIZE + N_VECTORS * n + N_MATRICES * matrix_size


@cache
def places(n: int) -> Variables:
    """Places of the vectors and the dense matrices in the array, as slices."""
    sizes = (FitState.SIZE,) + N_VECTORS * (n,) + N_MATRICES * (n * n,)
    return Variables(None, *starmap(slice, pairwise(accumulate(sizes))))


@routine
def variables(state: Any, n: Any, solver: Any) -> Any:
    """Vectors and matrices of the state of a fit of `n` free parameters."""
    vectors = behind(state)
    matrices = offset(vectors, N_VECTORS * n)
    size = solver.size(n)
    return Variables(
        solver,
        vectors,
        offset(vectors, n),
        offset(vectors, 2 * n),
        offset(vectors, 3 * n),
        offset(vectors, 4 * n),
        offset(vectors, 5 * n),
        offset(vectors, 6 * n),
        offset(vectors, 7 * n),
        offset(vectors, 8 * n),
        offset(vectors, 9 * n),
        matrices,
        offset(matrices, size),
        offset(matrices, 2 * size),
    )


#: What `held` is where the step in hand takes a parameter to its bound; of those that
#: the gradient holds there it is -1 at the lower and 1 at the upper one.
INTO_BOUND = 2.0


@routine
def hold_active(v: Any, n: Any) -> None:
    """Hold parameters on a bound that the gradient pushes outwards."""
    for k in range(n):
        v.held[k] = 0.0
        if v.theta[k] <= v.lower[k] and v.gradient[k] >= 0.0:
            v.held[k] = -1.0
        elif v.theta[k] >= v.upper[k] and v.gradient[k] <= 0.0:
            v.held[k] = 1.0
