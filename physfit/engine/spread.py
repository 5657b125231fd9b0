"""Moments of weighted residuals that Huber's covariance takes its factor from."""

from __future__ import annotations

from typing import Any

from physfit.engine.abi import STRIDE, as_floats, call_loss, offset
from physfit.engine.program import VALUES, over_blocks
from physfit.engine.roles import routine, summation
from physfit.engine.structs import stack_entry
from physfit.engine.ties import resolve

__all__ = ["moments_of_residuals"]


@routine
def moments_of_residuals(problem: Any, theta: Any, moments: Any) -> None:
    """Sums of psi^2, psi' and psi'^2 at `theta` over the samples.

    psi and psi' are slope and curvature of the loss by the residual in units of sigma.
    """
    resolve(problem, theta)
    for k in range(3):
        moments[k] = 0.0
    over_blocks(problem, 0, problem.n_samples, VALUES, _add_block, moments)


@routine
def _add_block(problem: Any, output: Any, start: Any, count: Any, moments: Any) -> Any:
    """Add the moments of a block; its cost."""
    place = output * problem.ldy + start
    y = offset(as_floats(problem.y), place)
    w = offset(as_floats(problem.weights), place)
    f = offset(stack_entry(problem, 0), output * STRIDE)
    slope = as_floats(problem.terms)
    weight = offset(slope, STRIDE)
    # The rows of the Jacobian are not in use here; the first holds curvatures.
    bend = as_floats(problem.jac)
    hyper = as_floats(problem.hyper)
    cost = call_loss(problem.loss, y, f, w, count, hyper, slope, weight, bend)
    _add_moments(slope, bend, w, count, moments)
    return cost


@summation
def _add_moments(slope: Any, bend: Any, w: Any, count: Any, moments: Any) -> None:
    squares = bends = bend_squares = 0.0
    for i in range(count):
        psi = slope[i] / w[i]
        turn = bend[i] / (w[i] * w[i])
        squares += psi * psi
        bends += turn
        bend_squares += turn * turn
    moments[0] += squares
    moments[1] += bends
    moments[2] += bend_squares
