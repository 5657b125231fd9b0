"""A fit of one curve in one call: its columns copied and checked, fitted, looked at.

The fit of 200 samples takes 5 us in compiled code; what surrounds it in Python took
five times as long. The columns of the caller are copied to rows of memory that the
result keeps: x, y and, where it is given, sigma.
"""

from __future__ import annotations

from typing import Any

from physfit.engine.abi import address_at, at, is_null, offset
from physfit.engine.dense import fill
from physfit.engine.fit import advanced
from physfit.engine.linear_solver import DENSE
from physfit.engine.residuals import correlation
from physfit.engine.roles import entry, routine, summation
from physfit.engine.state import EXACT, RUNNING, FitState, variables
from physfit.engine.structs import Problem

__all__ = ["HEAD", "UNUSABLE", "fit_curve"]

#: Doubles before the weights: correlation of neighbouring residuals, and the least x.
HEAD = 2
#: What is returned where a sample is not finite, or its standard deviation too small.
UNUSABLE = -1


@entry("i64(i64, i64, i64, i64, f64*, f64*, f64*, f64, f64, i64, f64*, f64*, i64)")
def fit_curve(
    sums: Any,
    address: Any,
    state: Any,
    n_free: Any,
    x: Any,
    y: Any,
    sigma: Any,
    alike: Any,
    least_sigma: Any,
    n: Any,
    rows: Any,
    work: Any,
    budget: Any,
) -> Any:
    """Fit a program to a curve, by at most `budget` steps; the status, or `UNUSABLE`.

    Where `sigma` is NULL all samples have the standard deviation `alike`, which is not
    known where it is 0; only then it is seen whether neighbouring residuals go
    together.
    """
    weights = offset(work, HEAD)
    check = _copied(x, n, rows) + _copied(y, n, offset(rows, n))
    if not is_null(sigma):
        deviations = offset(rows, 2 * n)
        check += _copied(sigma, n, deviations)
        check += _inverted(deviations, n, least_sigma, weights)
    elif alike > 0.0:
        fill(offset(rows, 2 * n), alike, n)
        fill(weights, 1.0 / alike, n)
    else:
        fill(weights, 1.0, n)
    if check != 0.0:
        return UNUSABLE
    problem, own = at(address, Problem), at(state, FitState)
    _bind(problem, rows, weights, n)
    status = advanced(sums, address, own, n_free, budget)
    work[0], work[1] = 0.0, _least(rows, n)
    if is_null(sigma) and alike == 0.0 and RUNNING < status <= EXACT:
        work[0] = correlation(problem, variables(own, n_free, DENSE).theta)
    return status


@routine
def _bind(problem: Any, rows: Any, weights: Any, n: Any) -> None:
    """Point a problem to its data."""
    problem.x = address_at(rows)
    problem.y = address_at(offset(rows, n))
    problem.weights = address_at(weights)
    problem.ldx = problem.ldy = problem.n_samples = problem.capacity = n


@summation
def _copied(source: Any, n: Any, target: Any) -> Any:
    """Copy numbers; 0, or NaN if one is not finite."""
    check = 0.0
    for i in range(n):
        target[i] = source[i]
        check += source[i] * 0.0
    return check


@summation
def _inverted(sigma: Any, n: Any, least: Any, weights: Any) -> Any:
    """Weights of standard deviations; how many of these are not as large as `least`."""
    bad = 0.0
    for i in range(n):
        weights[i] = 1.0 / sigma[i]
        bad += 0.0 if sigma[i] >= least else 1.0
    return bad


@summation
def _least(x: Any, n: Any) -> Any:
    least = x[0]
    for i in range(n):
        least = min(least, x[i])
    return least
