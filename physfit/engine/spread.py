"""Moments of weighted residuals that Huber's covariance takes its factor from."""

from __future__ import annotations

from typing import Any

from physfit.engine.abi import BLOCK, STRIDE, as_floats, call_loss, offset
from physfit.engine.program import run_block
from physfit.engine.roles import routine, summation
from physfit.engine.slots import (
    HYPER,
    JAC,
    LDY,
    LOSS,
    N_OUTPUTS,
    N_SAMPLES,
    TERMS,
    W,
    Y,
    slot,
)
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
    start = 0
    while start < problem[N_SAMPLES]:
        count = min(BLOCK, problem[N_SAMPLES] - start)
        run_block(problem, start, count, False)
        for o in range(problem[N_OUTPUTS]):
            place = o * problem[LDY] + start
            y = offset(as_floats(problem[Y]), place)
            w = offset(as_floats(problem[W]), place)
            f = offset(slot(problem, 0), o * STRIDE)
            slope = as_floats(problem[TERMS])
            weight = offset(slope, STRIDE)
            # The rows of the Jacobian are not in use here; the first holds curvatures.
            bend = as_floats(problem[JAC])
            hyper = as_floats(problem[HYPER])
            call_loss(problem[LOSS], y, f, w, count, hyper, slope, weight, bend)
            _add_moments(slope, bend, w, count, moments)
        start += BLOCK


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
