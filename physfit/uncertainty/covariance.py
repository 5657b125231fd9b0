"""Covariance of the free parameters at a solution.

With the weighted Jacobian `A` (row i: partials of sample i times the root of its
weight) the covariance is a factor times `inv(A' A)`:

- chi2 with sigma: the weights are 1 / sigma**2, the factor 1. Without sigma the weights
  are 1 and the factor is chi2 / dof, the variance that the residuals show.
- likelihoods that imply the noise: the weights are 1 / variance at the model (1 / f for
  poisson), so that `A' A` is the Fisher information; factor 1.
- M-estimators, such as huber. With z = (f - y) / sigma, psi = d rho / d z and
  the weights 1 / sigma**2, the factor is Huber's

      K**2 [sum psi**2 / (n - p)] / [mean psi']**2 ,
      K = 1 + (p / n) var psi' / (mean psi')**2 .

  It takes the spread from the residuals, in units of sigma where that was given. It is
  the sandwich inv(H) M inv(H) with psi**2 and psi' replaced by their means, as such
  residuals have one law.

The solver's inverse is used while it has eight digits to spare; otherwise `A`, its
columns scaled to unit length, is factorised (QR, then the SVD of R), which does not
square the condition number. Singular values that are rounding noise span the directions
that the data do not determine: parameters that take part in one have an infinite
error, the others keep theirs. So have those that the fit found undetermined
(`engine.determined`). A parameter held at a bound leaves the covariance: its rows are
NaN, and the others are those with that parameter fixed where it is.

References
----------
P. J. Huber, Robust Statistics (Wiley, 1981), section 7.6, eq. (6.5).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Annotated, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from physfit.data.files.schema import Array, Count
from physfit.document.fields import fields_html
from physfit.engine.orthogonal import NOISE, SHARE
from physfit.models.loss import Loss
from physfit.objective import Objective
from physfit.solve.base import Solution
from physfit.solve.derivatives import TRUSTED, lengths
from physfit.typing import FloatArray, IntArray

__all__ = ["Assessment", "Covariance", "correlation_of", "covariance", "factorised"]
__all__ += ["from_inverse", "variance_factor"]


@dataclass(frozen=True, eq=False)
class Covariance:
    """Covariance of the P free parameters, and what of it is not known.

    Attributes
    ----------
    core : ndarray, shape (P, P)
        Covariance within the determined directions; zero for parameters at a bound.
    held : ndarray of bool, shape (P,)
        Parameters at a bound.
    null : ndarray, shape (P, r)
        Orthonormal undetermined directions, in parameters times `scale`.
    scale : ndarray, shape (P,)
        Lengths of the columns of the weighted Jacobian.
    rank : int
        How many parameters, or combinations of them, the data determine.
    """

    core: Annotated[FloatArray, Array("n_free", "n_free")]
    held: Annotated[NDArray[np.bool_], Array("n_free")]
    null: Annotated[FloatArray, Array("n_free", "*")]
    scale: Annotated[FloatArray, Array("n_free")]
    rank: Count

    @property
    def is_complete(self) -> bool:
        """Whether every free parameter has an error."""
        return self.rank == len(self.held)

    @property
    def undetermined(self) -> tuple[int, ...]:
        """Numbers of the free parameters that the data do not determine."""
        leaves = self._leaves(np.eye(len(self.held)))
        return tuple(np.flatnonzero(leaves).tolist())

    @property
    def matrix(self) -> FloatArray:
        """Covariance, shape (P, P).

        Rows and columns of a parameter at a bound are NaN; those of an undetermined one
        too, but for the infinite variance.
        """
        if self.is_complete:
            return self.core
        return self.propagate(np.eye(len(self.held)))

    def propagate(self, jacobian: FloatArray) -> FloatArray:
        """Covariance of quantities with these partials by the free parameters.

        Parameters
        ----------
        jacobian : ndarray, shape (m, P)

        Returns
        -------
        ndarray, shape (m, m)
            Zero for a quantity that depends on no free parameter. One that depends on
            none but parameters at a bound has NaN; one that the data do not determine
            has an infinite variance and NaN elsewhere.
        """
        with np.errstate(all="ignore"):
            result: FloatArray = jacobian @ self.core @ jacobian.T
        constant, held, leaves = self._kinds(jacobian)
        result[constant] = result[:, constant] = 0.0
        unknown = held | leaves
        result[unknown] = result[:, unknown] = np.nan
        result[leaves, leaves] = np.inf
        return result

    def variances(self, jacobian: FloatArray) -> FloatArray:
        """Diagonal of what `propagate` gives, shape (m,), for many quantities."""
        with np.errstate(all="ignore"):
            result: FloatArray = np.einsum("mi,mi->m", jacobian @ self.core, jacobian)
        constant, held, leaves = self._kinds(jacobian)
        result[constant], result[held], result[leaves] = 0.0, np.nan, np.inf
        return result

    def _kinds(self, jacobian: FloatArray) -> tuple[NDArray[np.bool_], ...]:
        """Which quantities are constant, held at a bound, and not determined."""
        depends = jacobian != 0.0
        constant = ~depends.any(axis=1)
        held = ~constant & ~depends[:, ~self.held].any(axis=1)
        return constant, held, self._leaves(jacobian)

    def scaled(
        self,
        n_samples: int,
        chi2: float,
        *,
        absolute: bool,
        moments: ArrayLike | None = None,
    ) -> Covariance:
        """The same times `variance_factor`, of which these are the arguments."""
        if absolute and moments is None:
            return self
        factor = variance_factor(
            n_samples, self.rank, chi2, absolute=absolute, moments=moments
        )
        return self.times(float(factor))

    @np.errstate(all="ignore")
    def times(self, factor: float) -> Covariance:
        """The same times a factor."""
        core = self.core * factor
        if self.rank < len(core):
            core[self.held] = core[:, self.held] = 0.0
        return replace(self, core=core)

    @np.errstate(all="ignore")
    def opened(self, is_open: NDArray[np.bool_]) -> Covariance:
        """The same, where some parameters count as undetermined.

        Parameters
        ----------
        is_open : ndarray of bool, shape (P,)
        """
        core = self.core.copy()
        core[is_open] = core[:, is_open] = 0.0
        null = np.hstack([self.null, np.eye(len(is_open))[:, is_open]])
        rank = min(self.rank, int((~self.held & ~is_open).sum()))
        return replace(self, core=core, null=null, rank=rank)

    @np.errstate(all="ignore")
    def _leaves(self, jacobian: FloatArray) -> NDArray[np.bool_]:
        """Which quantities change along an undetermined direction."""
        if not self.null.shape[1]:
            return np.zeros(len(jacobian), dtype=np.bool_)
        scaled = np.where(self.held, 0.0, jacobian / self.scale)
        along = np.linalg.norm(scaled / lengths(scaled)[:, None] @ self.null, axis=1)
        leaves: NDArray[np.bool_] = along > SHARE
        return leaves


class Assessment(NamedTuple):
    """What the rows say about parameters, however these were obtained.

    Attributes
    ----------
    solution : Solution
        Cost, gradient, inverse Gauss-Newton matrix and what is held there; status
        and numbers of steps are those handed in.
    covariance : Covariance
        By the rules of a fit in memory.
    sandwich : Covariance or None
        Whatever the weights claim; None where it was not taken.
    step : ndarray, shape (P,)
        Newton step to the minimum; 0 for parameters at a bound.
    distance : float
        Its largest component in standard errors; NaN if there are none.
    n_samples : int
        Real numbers in the rows in use.
    curvature : str
        Where H is from: "gauss_newton", "loss", or "mean of the loss".
    notes : tuple of str
        What else the pass found, in sentences: combinations that the data do not
        determine.
    """

    solution: Solution
    covariance: Covariance
    sandwich: Covariance | None
    step: Annotated[FloatArray, Array("n_free")]
    distance: float
    n_samples: Count
    curvature: str
    notes: tuple[str, ...] = ()

    def _repr_html_(self) -> str:
        return fields_html(self)


@np.errstate(all="ignore")
def correlation_of(covariance: FloatArray) -> FloatArray:
    """Correlations, shape (..., P, P), of such covariances; NaN without a variance."""
    error = np.sqrt(np.einsum("...kk->...k", covariance))
    scaled: FloatArray = covariance / (error[..., :, None] * error[..., None, :])
    return scaled


def covariance(
    solution: Solution,
    loss: Loss,
    n_samples: int,
    absolute: bool,
    objective: Callable[[], Objective],
) -> Covariance:
    """Covariance at a solution.

    Parameters
    ----------
    solution : Solution
    loss : Loss
    n_samples : int
        Number of real numbers in the data.
    absolute : bool
        Whether the weights are the true ones (sigma given, or implied).
    objective : callable
        Returns the objective; called only where the solver's inverse will not do.

    Returns
    -------
    Covariance
        All NaN when the partials are not finite, or when there are no degrees of
        freedom to take the spread from.
    """
    is_open = np.isposinf(solution.covariance.diagonal())
    if not loss.traits.is_likelihood:
        return _from_residuals(solution, objective(), is_open)
    result = from_inverse(solution.covariance, solution.condition, solution.at_bound)
    if result is None:
        rows = objective().weighted_rows(solution.theta)[0]
        result = factorised(rows, solution.at_bound)
    if any(is_open.tolist()):
        result = result.opened(is_open)
    return result.scaled(n_samples, 2.0 * solution.cost, absolute=absolute)


def from_inverse(
    inverse: FloatArray, condition: float, at_bound: IntArray
) -> Covariance | None:
    """An inverse Gauss-Newton matrix as it stands, if it is good to eight digits."""
    if not condition < TRUSTED:
        return None
    regular = _regular(len(inverse))
    if not any(at_bound.tolist()):
        held, null, scale = regular.held, regular.null, regular.scale
        return Covariance(inverse, held, null, scale, regular.rank)
    held = at_bound != 0
    core = np.where(held | held[:, None], 0.0, inverse)
    return replace(regular, core=core, held=held, rank=int((~held).sum()))


@lru_cache(maxsize=64)
def _regular(n: int) -> Covariance:
    """Of `n` parameters that are all determined; its covariance is still to be put."""
    held = np.zeros(n, dtype=np.bool_)
    return Covariance(np.zeros((n, n)), held, np.empty((n, 0)), np.ones(n), n)


@np.errstate(all="ignore")
def _from_residuals(
    solution: Solution, objective: Objective, is_open: NDArray[np.bool_]
) -> Covariance:
    """That of an M-estimator."""
    values, partials = objective.values_and_partials(solution.theta)
    rows = (partials * objective.weights).reshape(len(partials), values.size)
    result = factorised(rows, solution.at_bound)
    result = result.opened(is_open) if any(is_open.tolist()) else result
    terms = objective.loss_terms(values)
    psi = terms[1] / objective.weights
    bend = terms[3] / objective.weights**2
    moments = [float(terms.sum()) for terms in (psi**2, bend, bend**2)]
    chi2 = 2.0 * solution.cost
    return result.scaled(objective.n_samples, chi2, absolute=False, moments=moments)


@np.errstate(all="ignore")
def variance_factor(
    n: int | FloatArray,
    p: int | IntArray,
    chi2: float | FloatArray,
    *,
    absolute: bool,
    moments: ArrayLike | None = None,
) -> FloatArray:
    """What the inverse of the weighted products of partials is multiplied by.

    Parameters
    ----------
    n, p : int or ndarray
        Real numbers in the data, and parameters that they determine.
    chi2 : float or ndarray
        Twice the cost.
    absolute : bool
        Whether the weights are the true ones.
    moments : array_like, shape (3, ...), optional
        Sums of psi**2, psi' and psi'**2, for an M-estimator.

    Returns
    -------
    ndarray
        NaN where the factor comes from the residuals and there are no degrees of
        freedom, or where the mean psi' is not above 0.
    """
    if moments is None:
        if absolute:
            return np.ones(np.shape(p))
        return np.where(np.greater(n, p), np.divide(chi2, np.subtract(n, p)), np.nan)
    squares, bends, bend_squares = np.asarray(moments, dtype=np.float64)
    mean = bends / n
    variance = np.maximum(bend_squares / n - mean**2, 0.0)
    correction = 1.0 + np.divide(p, n) * variance / mean**2
    factor = correction**2 * squares / np.subtract(n, p) / mean**2
    return np.where(np.greater(n, p) & (mean > 0.0), factor, np.nan)


@np.errstate(all="ignore")
def factorised(rows: FloatArray, at_bound: IntArray) -> Covariance:
    """Inverse of `rows @ rows.T` over the parameters not at a bound, by QR and SVD."""
    n = len(rows)
    held = at_bound != 0
    core, scale = np.zeros((n, n)), np.ones(n)
    moved = np.flatnonzero(~held)
    if not np.isfinite(rows[moved]).all():
        core[np.ix_(moved, moved)] = np.nan
        return Covariance(core, held, np.empty((n, 0)), scale, len(moved))
    length = lengths(rows[moved])
    scale[moved] = np.where(length > 0.0, length, 1.0)
    upper = np.linalg.qr(rows[moved].T / scale[moved], mode="r")
    _, singular, right = np.linalg.svd(upper)
    singular = np.append(singular, np.zeros(len(moved) - len(singular)))
    known = singular > NOISE * max(1, len(moved)) * singular.max(initial=0.0)
    root = right[known] / (singular[known, None] * scale[moved])
    core[np.ix_(moved, moved)] = root.T @ root
    null = np.zeros((n, len(moved) - int(known.sum())))
    null[moved] = right[~known].T
    return Covariance(core, held, null, scale, int(known.sum()))
