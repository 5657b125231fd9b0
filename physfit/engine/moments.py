"""Moments of weighted residuals that Huber's covariance takes its factor from."""

from __future__ import annotations

from typing import Any

from physfit.engine.abi import SUMS, as_floats, at, offset
from physfit.engine.normal import terms_of_block
from physfit.engine.program import VALUES, over_blocks
from physfit.engine.roles import entry, routine, summation
from physfit.engine.structs import Problem
from physfit.engine.ties import resolve

__all__ = ["add_moments", "moments_of_residuals"]


@entry(SUMS)
def moments_of_residuals(address: Any, theta: Any, moments: Any, _matrix: Any) -> Any:
    """Sums of psi^2, psi' and psi'^2 at `theta` over the samples; returns the cost.

    psi and psi' are slope and curvature of the loss by the residual in units of sigma.
    """
    problem = at(address, Problem)
    resolve(problem, theta)
    for k in range(3):
        moments[k] = 0.0
    return over_blocks(problem, 0, problem.n_samples, VALUES, _add_block, moments)


@routine
def _add_block(problem: Any, output: Any, start: Any, count: Any, moments: Any) -> Any:
    """Add the moments of a block; its cost."""
    # The rows of the Jacobian are not in use here; the first holds curvatures.
    curvature = as_floats(problem.jac)
    cost = terms_of_block(problem, output, start, count, curvature)
    add_moments(problem, output, start, count, curvature, moments)
    return cost


@summation
def add_moments(
    problem: Any, output: Any, start: Any, count: Any, curvature: Any, moments: Any
) -> None:
    """Add the sums of psi^2, psi' and psi'^2 over a block whose terms are at hand."""
    w = offset(as_floats(problem.weights), output * problem.ldy + start)
    slope = as_floats(problem.terms)
    squares = bends = bend_squares = 0.0
    for i in range(count):
        psi = slope[i] / w[i]
        bend = curvature[i] / (w[i] * w[i])
        squares += psi * psi
        bends += bend
        bend_squares += bend * bend
    moments[0] += squares
    moments[1] += bends
    moments[2] += bend_squares
