"""The schemes of the bootstrap: what data sets are made of, and how that moves the fit.

With J the partials of the model, W = 1 / sigma, z = (f - y) / sigma, psi = d rho / d z
and C = inv((W J)' (W J)), the parameters move to first order by

    d theta = -C sum_i W_i J_i psi_i .

- residual: y* = f + sigma e*, with e* drawn from e_i = r_i / (sigma_i sqrt(1 - h_i)),
  less the place at which their psi sum to 0: their mean, or where a robust loss puts
  their middle, so that the refits scatter around the fit. h_i is the leverage of
  sample i, the diagonal of W J C (W J)': a fit leaves residuals of the variance
  (1 - h_i) sigma_i^2. The sources of noise are the samples, their parts C W_i J_i, and
  their cumulants those of all psi.
- pairs: (x, y, sigma) drawn with replacement. What a sample moves is what the fit
  without it says, or beyond some samples its term of the sum above.
- parametric: y* = f + sigma times normal numbers, which have no third cumulant; sigma
  is the scatter of the residuals where none was given. For counts y* is drawn from
  Poisson's law, all of whose cumulants are f.

References
----------
Davison & Hinkley, Bootstrap Methods and their Application (1997), sections 5.4, 6.2.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from physfit.errors import InputError
from physfit.many_fits.replicas import BLOCK_BYTES, lost
from physfit.many_fits.resampling import (
    Resampling,
    implied,
    left_out,
    noise,
    pairs,
)
from physfit.many_fits.row_job import RowJob
from physfit.models.loss import Loss
from physfit.models.samples import joined
from physfit.result.fit_result import FitResult
from physfit.typing import FloatArray
from physfit.uncertainty.covariance import factorised
from physfit.uncertainty.intervals import Influence, spread_error

__all__ = ["checked_fit", "influence", "resampling", "slopes"]

#: Samples up to which pairs leave one out after the other.
MOST_LEFT_OUT = 2000
#: Means that the middle of residuals is sought by at most, and when one settles it, in
#: units of their scale.
REWEIGHTED, SETTLED = 100, 1e-9
#: Leverage from which on a residual says nothing of its noise.
ALONE = 1.0 - 1e-8


class Slopes(NamedTuple):
    """First order of a fit at its solution, for all n_outputs * n numbers of the data.

    Attributes
    ----------
    partials : ndarray, shape (P, m)
        W J, zero for parameters at a bound.
    psi : ndarray, shape (m,)
    inverse : ndarray, shape (P, P)
        C.
    values : ndarray, shape (m,)
        The fitted curve.
    """

    partials: FloatArray
    psi: FloatArray
    inverse: FloatArray
    values: FloatArray


def slopes(result: FitResult) -> Slopes:
    """First order of a fit, with weights by sigma or by the noise that is implied."""
    objective, held = result.objective, result.uncertainty.held
    values, partials = objective.values_and_partials(result.solution.theta)
    terms = objective.loss_terms(values)
    law = result.loss.traits.noise
    scale = objective.weights if law is None else np.sqrt(terms[2])
    rows = (partials * scale).reshape(len(partials), -1)
    rows[held] = 0.0
    inverse = factorised(rows, result.solution.at_bound).core
    psi = np.divide(terms[1], scale, out=np.zeros_like(scale), where=scale > 0.0)
    return Slopes(rows, psi.ravel(), inverse, values.ravel())


def checked_fit(result: FitResult, kind: str) -> None:
    """Refuse what cannot be repeated.

    Raises
    ------
    InputError, ConvergenceError
        With a sentence that says what to take instead.
    """
    if not isinstance(result, FitResult):
        raise InputError(
            f"`result` must be what pf.fit returns, but is {type(result).__name__}."
        )
    if result.data.n_total is not None or result.model.spins:
        raise InputError(
            "a bootstrap needs all samples in memory, but this fit was made in passes "
            "over rows; its report has sandwich errors, which need no theory either."
        )
    if result.weight_decay > 0.0:
        raise InputError(
            "refits have no weight decay, but this fit had; fit without it first."
        )
    if not result.free_names:
        raise InputError(
            f"{result.model.expression} has no free parameter to refit; free one with "
            "where(name=pf.param()), and fit again."
        )
    result.require()
    loose = [result.free_names[k] for k in result.uncertainty.undetermined]
    if loose:
        raise InputError(
            f"the data do not determine {', '.join(loose)}; fix or tie some of them, "
            "and fit again."
        )
    _check_loss(result, kind)


def _check_loss(result: FitResult, kind: str) -> None:
    traits = result.loss.traits
    if traits.noise is not None and kind == "residual":
        raise InputError(
            f"residuals of {traits.data} are not alike; take kind='parametric' or "
            "'pairs'."
        )
    if not traits.is_likelihood and kind == "parametric":
        raise InputError(
            f"`{result.loss}` does not say what the noise is; take kind='residual' or "
            "'pairs'."
        )
    if kind == "pairs" and result.model.depends_on_grid:
        raise InputError(
            f"{result.model.expression} gives a sample another value when others are "
            "left out, so that samples cannot be drawn; take kind='residual' or "
            "'parametric'."
        )
    if kind != "pairs" and result.dof <= 0 and result.data.sigma is None:
        raise InputError(
            f"{result.n_samples} samples for {result.n_fitted} parameters leave no "
            "residuals to take the noise from; give sigma, and kind='parametric'."
        )


def resampling(result: FitResult, kind: str, found: Slopes) -> Resampling:
    """How the data sets of a bootstrap come about."""
    data = result.data
    if kind == "pairs":
        return pairs(data)
    curve = found.values.reshape(data.y.shape)
    if kind == "residual":
        return noise(data.x, curve, data.sigma, data.sigma, _pool(result, found))
    traits = result.loss.traits
    if traits.noise is not None:
        return implied(data.x, np.maximum(curve, traits.lower), result.loss)
    spread = data.sigma
    if spread is None:
        spread = np.full(curve.shape, math.sqrt(result.reduced_chi2))
    return noise(data.x, curve, spread, data.sigma)


def _pool(result: FitResult, found: Slopes) -> NDArray[Any]:
    """Residuals in units of sigma that have the variance of the noise, centred.

    Of a robust loss without sigma they are in units of y.
    """
    shape = result.data.y.shape
    scale = 1.0 if result.data.sigma is None else result.data.sigma
    residual = (result.data.y - found.values.reshape(shape)) / scale
    # Share of each number in its own fitted value.
    factors = found.partials, found.inverse, found.partials
    leverage = np.einsum("ki,kl,li->i", *factors, optimize=True).reshape(shape)
    known = (leverage < ALONE).all(axis=0)
    residual = residual[:, known] / np.sqrt(1.0 - leverage[:, known])
    if not known.any():
        raise InputError(
            "each sample determines a parameter by itself, so that there are no "
            "residuals; take kind='parametric'."
        )
    weight = 1.0 if result.scale is None else 1.0 / result.scale
    middles = [[_middle(result.loss, part, weight)] for part in residual]
    return joined(residual - np.array(middles))


def _middle(loss: Loss, values: FloatArray, weight: float) -> float:
    """Where a loss puts the middle of numbers of one weight: the mean for chi2.

    By reweighting (Huber 1981, section 7.8), from 0 on: a fit has put it near there.
    """
    middle, weights = 0.0, np.full_like(values, weight)
    for _ in range(REWEIGHTED):
        by = loss.terms(values, np.full_like(values, middle), weights)[2]
        before, middle = middle, float(np.average(values, weights=by))
        if abs(middle - before) * weight < SETTLED:
            break
    return middle


def influence(result: FitResult, kind: str, found: Slopes, job: RowJob) -> Influence:
    """How the noise that a scheme draws moves the parameters."""
    one, none = np.ones(()), np.zeros(())
    if kind == "parametric":
        law = result.loss.traits.noise
        third = none
        if law is not None:
            third = law.skewness(found.values, *result.loss.hyper)
        return Influence(found.inverse @ found.partials, one, third)
    if kind == "residual":
        away = found.psi.mean() - found.psi
        second, third = np.mean(away**2), np.mean(away**3)
        skewness = third / second**1.5 if second > 0.0 else none
        # Errors that come from the residuals vary as those of the refits do.
        common = 0.0
        if result.is_absolute and result.loss.traits.is_likelihood:
            common = max(spread_error(away), 1.0 / math.sqrt(2.0 * away.size))
        parts = found.inverse @ found.partials
        return Influence(parts, one, np.asarray(skewness), common=common)
    n_outputs, n = result.data.y.shape
    if len(found.partials) < n <= MOST_LEFT_OUT:
        return Influence(_without(result, job), one, one, True)
    parts = -(found.inverse @ (found.partials * found.psi))
    parts = parts.reshape(-1, n_outputs, n).sum(axis=1)
    return Influence(parts, one, one, True)


def _without(result: FitResult, job: RowJob) -> FloatArray:
    """What each sample moves, by fits without it; 0 where one fails."""
    data, n = result.data, result.data.y.shape[1]
    size = max(1, BLOCK_BYTES // n)
    frame, theta = job.frame._replace(shape=(n,)), np.empty((n, len(job.start.values)))
    job = RowJob(job.plan._replace(frame=frame))
    for first in range(0, n, size):
        stop = min(first + size, n)
        table = job.fit_blocks(left_out(data, first, stop), first)
        theta[first:stop] = np.where(lost(table)[:, None], np.nan, table.theta)
    moved: FloatArray = np.nanmean(theta, axis=0) - theta
    return np.nan_to_num(moved, nan=0.0).T
