"""What an estimate from a file is worth, by one pass over its rows.

Three answers, from the sums of `engine.score_sums` at theta, with g the gradient of the
cost, G its Gauss-Newton matrix and M the sum of squared block gradients:

- the covariance of `covariance`, which believes the weights: inv(G), scaled by chi2 /
  dof without sigma, or Huber's formula for robust losses;
- the sandwich inv(H) M inv(H), which does not: M is how much the gradient varies from
  block to block. It is right if sigma is not (wrong by a factor, or by another one for
  each row), and it sees the correlation of rows that stand together in the file. H is
  the expected curvature: G for likelihoods; for robust losses that of the loss,
  sum c_i J_i J_i', or its mean times sum w_i**2 J_i J_i' if that is not positive;
- the distance to the minimum in standard errors, by the Newton step that is left:

      max over k of |(inv(H) g)_k| / stderr_k ,

  parameters at a bound left out. Below 0.1 the minimum would not change the answer. A
  step that leaves the box ends on its bounds: with C = inv(H) and B the parameters that
  leave, to be moved by r, it is p + C_B inv(C_BB) (r - p_B), the minimum where they are
  there.

M is taken around its mean, g g' / (number of blocks), which is zero at a minimum, and
times n / (n - p), as residuals of fitted data are smaller than errors.

References
----------
H. White, Econometrica 48 (1980) 817; P. J. Huber, Proc. 5th Berkeley Symp. 1 (1967)
221.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from physfit.engine.score_sums import ScoreSums
from physfit.solve.base import Solution, Status
from physfit.solve.derivatives import (
    held_at_bounds,
    scaled_inverse,
    solution_at,
)
from physfit.solve.sums import StreamedObjective
from physfit.typing import FloatArray, IntArray
from physfit.uncertainty.covariance import (
    Assessment,
    Covariance,
    factorised,
    from_inverse,
)

__all__ = ["assess", "newton_distance"]


def assess(
    objective: StreamedObjective,
    theta: FloatArray,
    lower: FloatArray,
    upper: FloatArray,
    *,
    absolute: bool,
    n_steps: int = 0,
) -> Assessment:
    """Covariance, sandwich and distance to the minimum, by one pass.

    Parameters
    ----------
    objective : StreamedObjective
    theta, lower, upper : ndarray, shape (P,)
        Parameters inside their bounds.
    absolute : bool
        Whether the weights are the true ones (sigma given, or implied).
    n_steps : int
        Of the search, for the solution.

    Returns
    -------
    Assessment
        All NaN when the model is not finite there. An ill-conditioned matrix costs a
        second pass.
    """
    is_likelihood = objective.loss.traits.is_likelihood
    sums = objective.score_sums(theta, is_likelihood=is_likelihood)
    gradient = sums.gradient
    solution = solution_at(
        *(theta.copy(), sums.cost, gradient, sums.gauss_newton),
        held_at_bounds(theta, gradient, lower, upper),
        status=Status.REPORTED,
        n_steps=n_steps,
        n_evals=objective.n_evals,
    )
    base = _base(objective, sums, solution)
    n, chi2 = objective.n_samples, 2.0 * sums.cost
    moments = None if is_likelihood else sums.moments
    covariance = base.scaled(n, chi2, absolute=absolute, moments=moments)
    bread, curvature = base, "gauss_newton"
    if not is_likelihood:
        bread, curvature = _robust_bread(sums, base, solution.at_bound, n)
    step = _step(bread, gradient, lower - theta, upper - theta)
    return Assessment(
        solution,
        covariance,
        _sandwich(sums, bread, n),
        step,
        newton_distance(step, covariance),
        n,
        curvature,
    )


def _step(
    bread: Covariance, gradient: FloatArray, down: FloatArray, up: FloatArray
) -> FloatArray:
    """Newton step within a box that reaches so far down and up."""
    core = bread.core
    whole: FloatArray = -(core @ gradient)
    step, leaving = whole, np.zeros(len(whole), dtype=np.bool_)
    reach = np.zeros(len(whole))
    for _ in range(len(whole)):
        kept = np.clip(step, down, up)
        more = ~bread.held & ~leaving & (step != kept)
        if not more.any():
            break
        # The first that the way leads out; others may not leave once it is held.
        first = int(np.argmin(np.where(more, kept / step, np.inf)))
        leaving[first], reach[first] = True, kept[first]
        inner = core[np.ix_(leaving, leaving)]
        excess = reach[leaving] - whole[leaving]
        if not (np.isfinite(inner).all() and np.isfinite(excess).all()):
            return np.full(len(whole), np.nan)
        push = np.linalg.lstsq(inner, excess, rcond=None)[0]
        step = whole + core[:, leaving] @ push
        step[leaving] = reach[leaving]
    return step


def _base(
    objective: StreamedObjective, sums: ScoreSums, solution: Solution
) -> Covariance:
    """Inverse of the weighted products of partials; by their factor if it must be."""
    is_likelihood = objective.loss.traits.is_likelihood
    inverse, condition = solution.covariance, solution.condition
    if not is_likelihood:
        inverse, condition = scaled_inverse(sums.plain, solution.at_bound)
    result = from_inverse(inverse, condition, solution.at_bound)
    if result is None:
        rows = objective.weighted_rows(solution.theta, plain=not is_likelihood)[0]
        result = factorised(rows, solution.at_bound)
    return result


def _robust_bread(
    sums: ScoreSums, base: Covariance, at_bound: IntArray, n: int
) -> tuple[Covariance, str]:
    """Inverse of the loss's curvature if it is positive, else of its mean."""
    inverse, condition = scaled_inverse(sums.curvature, at_bound)
    bread = from_inverse(inverse, condition, at_bound)
    if bread is not None:
        moved = ~bread.held
        if _is_positive(bread.core[np.ix_(moved, moved)]):
            return bread, "loss"
    mean = sums.moments[1] / n
    return base.times(1.0 / mean if mean > 0.0 else np.nan), "mean of the loss"


@np.errstate(all="ignore")
def _is_positive(matrix: FloatArray) -> bool:
    """Whether all eigenvalues are above zero; in units in which the diagonal is 1."""
    diagonal = matrix.diagonal()
    if not (diagonal > 0.0).all():
        return False
    scaled = matrix / np.sqrt(np.outer(diagonal, diagonal))
    return bool((np.linalg.eigvalsh(scaled) > 0.0).all())


@np.errstate(all="ignore")
def _sandwich(sums: ScoreSums, bread: Covariance, n: int) -> Covariance:
    mean = np.outer(sums.gradient, sums.gradient) / max(sums.n_blocks, 1)
    freedom = n - bread.rank
    factor = n / freedom if freedom > 0 else np.nan
    core = bread.core @ (sums.meat - mean) @ bread.core
    return replace(bread, core=core).times(factor)


@np.errstate(all="ignore")
def newton_distance(step: FloatArray, covariance: Covariance) -> float:
    """Largest component of a step in standard errors, over parameters that have one."""
    variance = np.where(covariance.held, np.inf, covariance.matrix.diagonal())
    if not np.isfinite(step).all() or np.isnan(variance).any():
        return float("nan")
    ratio = np.abs(step) / np.sqrt(variance)
    return float(ratio[step != 0.0].max(initial=0.0))
