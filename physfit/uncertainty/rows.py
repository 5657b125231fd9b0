"""Covariances of the fits of many rows, all at once.

The same rules as for one fit (`covariance`): absolute errors, errors scaled by chi2 /
dof, or Huber's factor. A parameter at a bound has NaN. Where the Gauss-Newton matrix
has no inverse, or one without digits, its eigenvectors say which parameters take part
in a direction that the row does not determine: their variance is infinite.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from physfit.models.loss import Loss
from physfit.solve.records import Records
from physfit.typing import FloatArray, IntArray
from physfit.uncertainty.covariance import ROBUST

__all__ = ["diagonal_places", "packed_covariances", "packed_places", "unpacked"]

#: Eigenvalues of the scaled matrix below this are rounding noise of its sums.
NOISE = 1e-13
#: Share in an undetermined direction from which on a parameter takes part in it.
SHARE = 1e-6


def packed_places(n: int) -> tuple[IntArray, IntArray]:
    """Row and column of each number of a packed lower triangle."""
    rows, columns = np.tril_indices(n)
    return rows.astype(np.int64), columns.astype(np.int64)


def diagonal_places(n: int) -> IntArray:
    """Places of the diagonal in a packed lower triangle."""
    numbers = np.arange(n, dtype=np.int64)
    places: IntArray = numbers * (numbers + 3) // 2
    return places


def unpacked(packed: FloatArray, n: int) -> FloatArray:
    """Symmetric matrices, shape (..., n, n), of packed triangles."""
    rows, columns = packed_places(n)
    full = np.empty((*packed.shape[:-1], n, n))
    full[..., rows, columns] = packed
    full[..., columns, rows] = packed
    return full


def packed_covariances(
    records: Records, loss: Loss, absolute: bool, n_outputs: int
) -> FloatArray:
    """Packed covariances of all rows, shape (n_fits, P (P + 1) / 2).

    Parameters
    ----------
    records : Records
    loss : Loss
    absolute : bool
        Whether the weights are the true ones (sigma given, or counts).
    n_outputs : int
        Real numbers in a sample.
    """
    n = records.n_free
    packed = records.inverse.copy()
    held = records.at_bound != 0
    rank = n - held.sum(axis=1)
    singular = np.flatnonzero(np.isposinf(records.condition))
    for chosen in np.array_split(singular, -(-len(singular) // 4096) or 1):
        matrices = unpacked(packed[chosen], n)
        rank[chosen], packed[chosen] = _by_eigenvectors(matrices, held[chosen])
    n_numbers = records.n_samples.astype(np.float64) * n_outputs
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        factor = _factor(records, loss, absolute, n_numbers, rank)
        packed *= factor[:, None]
    return packed


def _factor(
    records: Records,
    loss: Loss,
    absolute: bool,
    n_numbers: FloatArray,
    rank: NDArray[np.int64],
) -> FloatArray:
    """What each inverse is multiplied by."""
    dof = n_numbers - rank
    if loss.name in ROBUST:
        squares, bends, bend_squares = records.moments.T
        mean = bends / n_numbers
        variance = bend_squares / n_numbers - mean**2
        correction = 1.0 + rank / n_numbers * variance / mean**2
        factor = correction**2 * squares / dof / mean**2
        return np.where((dof > 0) & (mean > 0.0), factor, np.nan)
    if absolute:
        return np.ones(len(dof))
    return np.where(dof > 0, 2.0 * records.cost / dof, np.nan)


def _by_eigenvectors(
    matrices: FloatArray, held: NDArray[np.bool_]
) -> tuple[IntArray, FloatArray]:
    """Ranks and packed inverses of matrices that are singular, or not finite."""
    n = matrices.shape[-1]
    out = held[:, :, None] | held[:, None, :]
    matrices = np.where(out, 0.0, matrices)
    usable = np.isfinite(matrices).all(axis=(1, 2))
    matrices[~usable] = 0.0
    diagonal = np.einsum("ikk->ik", matrices)
    units = 1.0 / np.sqrt(np.where(diagonal > 0.0, diagonal, 1.0))
    values, vectors = np.linalg.eigh(matrices * units[:, :, None] * units[:, None, :])
    known = values > NOISE * n * np.maximum(values[:, -1:], 0.0)
    parts = (
        vectors
        * np.where(known, 1.0 / np.sqrt(np.where(known, values, 1.0)), 0.0)[:, None, :]
    )
    inverse = parts @ parts.transpose(0, 2, 1) * units[:, :, None] * units[:, None, :]
    loose = (np.abs(vectors) * ~known[:, None, :] > SHARE).any(axis=2) & ~held
    inverse[loose[:, :, None] | loose[:, None, :]] = np.nan
    numbers = np.arange(n)
    inverse[:, numbers, numbers] = np.where(loose, np.inf, inverse[:, numbers, numbers])
    inverse[out] = np.nan
    inverse[~usable] = np.nan
    rows, columns = packed_places(n)
    return known.sum(axis=1).astype(np.int64), inverse[:, rows, columns]
