"""Couplings of a model of spins as a matrix of sites, and back as features.

Two conventions stand in the literature. Here a pair counts once,

    E = -sum_{i < j} J_ij s_i s_j ,

and the symmetric matrix holds J_ij on both sides of an empty diagonal. Mehta et al.
sum over all ordered pairs, diagonal included, E = -sum_ij J_ij s_i s_j: 1600 features
of 40 spins, of which the data determine the sums J_ij + J_ji only, so that each has
half of the coupling here.

References
----------
P. Mehta et al., Phys. Rep. 810 (2019) 1, section VI.D.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from physfit.engine.spin_table import pairs_of, products_of
from physfit.errors import ModelError
from physfit.models.model import Model
from physfit.typing import FloatArray

__all__ = ["coupling_matrix", "ordered_pairs"]


def coupling_matrix(
    model: Model, values: Mapping[str, float] | None = None
) -> FloatArray:
    """Couplings of all pairs of sites as a symmetric matrix.

    Parameters
    ----------
    model : Model
        Of `IsingEnergy`, whatever its couplings.
    values : mapping of str to float, optional
        Parameters by name, such as the `values` of a result; those left out are at
        their start.

    Returns
    -------
    ndarray, shape (n_spins, n_spins)
        Zero on the diagonal and for pairs without a coupling. Sites of a lattice are
        numbered row by row.

    Raises
    ------
    ModelError
        When the model has no couplings, or a name is unknown.

    Examples
    --------
    >>> from physfit.models import IsingEnergy
    >>> coupling_matrix(IsingEnergy(4, field=False), {"J": 2.0})
    array([[0., 2., 0., 2.],
           [2., 0., 2., 0.],
           [0., 2., 0., 2.],
           [2., 0., 2., 0.]])
    """
    if not model.spins:
        raise ModelError(
            f"{model.expression} has no couplings; take one of "
            "pf.models.IsingEnergy(...)."
        )
    full = model.full_values(values)
    products = products_of(model.layout.kernels[0])
    i, j, k = pairs_of(products).T
    matrix = np.zeros((products.n_spins, products.n_spins))
    matrix[i, j] = matrix[j, i] = full[k]
    return matrix


def ordered_pairs(matrix: NDArray[np.floating]) -> FloatArray:
    """Coefficients of the features s_i s_j of all ordered pairs, shape (n_spins^2,).

    Parameters
    ----------
    matrix : ndarray, shape (n_spins, n_spins)
        Symmetric, as `coupling_matrix` gives it.

    Returns
    -------
    ndarray
        Row by row, with E = -sum over all i and j; half of each coupling.

    Examples
    --------
    >>> import numpy as np
    >>> ordered_pairs(np.array([[0.0, 3.0], [3.0, 0.0]]))
    array([0. , 1.5, 1.5, 0. ])
    """
    return np.asarray(matrix, dtype=np.float64).ravel() / 2.0
