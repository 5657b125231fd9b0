"""Covariances of the fits of many rows.

Compiled code writes the inverses of their Gauss-Newton matrices, where the condition is
bad from singular values of the Jacobian. Here they are multiplied by the same factor as
for one fit (`covariance`): 1 for absolute errors, chi2 / dof, or Huber's.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from physfit.models.loss import Loss
from physfit.solve.base import Status
from physfit.solve.row_table import Records, RowTable
from physfit.typing import FloatArray, IntArray
from physfit.uncertainty.covariance import variance_factor

__all__ = ["degrees_of_freedom", "diagonal_places"]
__all__ += ["settle_covariances", "standard_errors", "unpacked"]


def diagonal_places(n: int) -> IntArray:
    """Places of the diagonal in a packed lower triangle."""
    numbers = np.arange(n, dtype=np.int64)
    places: IntArray = numbers * (numbers + 3) // 2
    return places


@np.errstate(all="ignore")
def standard_errors(covariance: FloatArray, n: int) -> FloatArray:
    """Roots of the variances in packed triangles, shape (n_rows, n)."""
    errors: FloatArray = np.empty((len(covariance), n), order="F")
    for k, place in enumerate(diagonal_places(n)):
        np.sqrt(covariance[:, place], out=errors[:, k])
    return errors


def degrees_of_freedom(
    table: RowTable, errors: FloatArray, n_outputs: int
) -> NDArray[np.int32]:
    """Samples in use less the parameters that they determine, shape (n_rows,).

    Parameters
    ----------
    table : RowTable
    errors : ndarray, shape (n_rows, P)
        Standard errors of its free parameters.
    n_outputs : int
        Real numbers in a sample.
    """
    dof = table.n_samples * np.int32(n_outputs)
    # Column by column: sums along the short axis of a table are ten times slower.
    for k in range(errors.shape[1]):
        is_fitted = (table.at_bound[:, k] == 0) & (errors[:, k] != np.inf)
        dof -= is_fitted & (table.n_samples > 0)
    return dof


def unpacked(packed: FloatArray, n: int) -> FloatArray:
    """Symmetric matrices, shape (..., n, n), of packed triangles."""
    rows, columns = np.tril_indices(n)
    full = np.empty((*packed.shape[:-1], n, n))
    full[..., rows, columns] = packed
    full[..., columns, rows] = packed
    return full


@np.errstate(all="ignore")
def settle_covariances(
    records: Records, loss: Loss, absolute: bool, n_outputs: int
) -> None:
    """Covariances of fits from the inverses of their matrices, in place.

    Parameters
    ----------
    records : Records
        The covariance of their table holds the inverse of the Gauss-Newton matrix of
        each fit.
    loss : Loss
    absolute : bool
        Whether the weights are the true ones (sigma given, or counts).
    n_outputs : int
        Real numbers in a sample.
    """
    moments = None if loss.traits.is_likelihood else records.moments.T
    if absolute and moments is None:
        return
    table, n = records.table, records.table.theta.shape[1]
    rank = np.full(table.n_rows, n)
    for k, place in enumerate(diagonal_places(n)):
        rank -= (table.at_bound[:, k] != 0) | (table.covariance[:, place] == np.inf)
    is_finished = np.flatnonzero(records.ranks >= 0)
    is_open = table.status[is_finished] == Status.UNDETERMINED
    finished = records.ranks[is_finished]
    most = np.where(is_open, rank[is_finished], finished)
    rank[is_finished] = np.minimum(finished, most)
    factor = variance_factor(
        table.n_samples.astype(np.float64) * n_outputs,
        rank,
        table.chi2,
        absolute=absolute,
        moments=moments,
    )
    exact = np.flatnonzero(factor == 0.0)
    endless = table.covariance[exact] == np.inf
    table.covariance[:] *= factor[:, None]
    table.covariance[exact] = np.where(endless, np.inf, table.covariance[exact])
