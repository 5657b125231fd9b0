"""Energies of spin configurations: models that are linear in their couplings.

    E_n = offset - sum_{i < j} J_ij s_i s_j - h sum_i s_i ,    s_i = 1 or -1 .

A family of declarations, one for each lattice and choice of couplings, each made when
its name is first asked for: ``ising_energy(40, all_pairs)``.

Two conventions stand in the literature. Here a pair counts once, and the symmetric
matrix of couplings holds J_ij on both sides of an empty diagonal. Mehta et al. sum over
all ordered pairs, diagonal included, E = -sum_ij J_ij s_i s_j: 1600 features of 40
spins, of which the data determine the sums J_ij + J_ji only, so that each has half of
the coupling here.

References
----------
P. Mehta et al., Phys. Rep. 810 (2019) 1, section VI.D.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from physfit.engine.spin_table import Products, pairs_of, products_of
from physfit.engine.spins import spin_kernel
from physfit.errors import ModelError
from physfit.models.declaration import FAMILIES, Declaration
from physfit.models.lattice import (
    COUPLINGS,
    checked_couplings,
    checked_shape,
    couplings_of,
)
from physfit.models.model import Model, component
from physfit.models.param import Param
from physfit.typing import FloatArray

__all__ = ["IsingEnergy", "coupling_matrix", "ordered_pairs"]

NAME = "ising_energy"
FIELD, NO_FIELD, OFFSET = "field", "no_field", "offset"
_ALLOWED = (
    "it takes the sides of the lattice, one of nearest, by_distance and all_pairs, and "
    "field, no_field or offset, as in 'ising_energy(40, all_pairs)' or "
    "'ising_energy(8, 8, nearest, offset)'"
)


def IsingEnergy(
    shape: int | tuple[int, ...],
    couplings: str = "nearest",
    *,
    field: bool | None = None,
    offset: bool = False,
    prefix: str = "",
) -> Model:
    """Energy of spin configurations on a periodic chain or square lattice.

    The model takes configurations of 1 and -1, one a row (`n` of them have the shape
    (n, L) or (n, L, L)), and is linear in its parameters. All couplings start at 0.

    Parameters
    ----------
    shape : int or tuple of int
        (L,) for a chain, (L, L) for a lattice; sides of at least 2.
    couplings : {"nearest", "by_distance", "all_pairs"}
        One coupling J of nearest neighbours, one for each distance (J1, J2, ... from
        the nearest on), or one for each pair of sites (J_i_j, i < j).
    field : bool, optional
        Whether there is a field h; there is unless the couplings are those of all
        pairs.
    offset : bool
        Whether there is a constant energy `offset`.
    prefix : str
        Precedes the names of the parameters.

    Returns
    -------
    Model

    Raises
    ------
    InputError, ModelError
        When the shape or the couplings are not those above, or too many.

    Examples
    --------
    >>> model = IsingEnergy((4,), field=False)
    >>> model.names, model.expression
    (('J',), 'ising_energy(4, nearest, no_field)')
    >>> model([[1, 1, 1, 1], [1, -1, 1, -1]], J=2.0)
    array([-8.,  8.])
    """
    sides, couplings = checked_shape(shape), checked_couplings(couplings)
    has_field = couplings != "all_pairs" if field is None else field
    return component(declared(_name(sides, couplings, has_field, offset)), prefix)


def _name(shape: tuple[int, ...], couplings: str, field: bool, offset: bool) -> str:
    """Name of a declaration; it says only what is not the default."""
    words = [*map(str, shape), couplings]
    if field != (couplings != "all_pairs"):
        words.append(FIELD if field else NO_FIELD)
    if offset:
        words.append(OFFSET)
    return f"{NAME}({', '.join(words)})"


@lru_cache(maxsize=64)
def declared(name: str) -> Declaration:
    """Declaration of a name such as "ising_energy(40, all_pairs)"."""
    words = [word.strip() for word in name[len(NAME) + 1 : -1].split(",")]
    sides = [word for word in words if word.isdecimal()]
    options = words[len(sides) :]
    allowed = {*COUPLINGS, FIELD, NO_FIELD, OFFSET}
    chosen = [word for word in options if word in COUPLINGS]
    is_clear = len(set(options)) == len(options)
    is_clear &= not {FIELD, NO_FIELD} <= set(options)
    if not sides or not set(options) <= allowed or len(chosen) > 1 or not is_clear:
        raise ModelError(f"cannot read the model {name!r}: {_ALLOWED}.")
    couplings = chosen[0] if chosen else COUPLINGS[0]
    field = FIELD in options or (couplings != "all_pairs" and NO_FIELD not in options)
    shape = checked_shape(tuple(map(int, sides)))
    return _declaration(shape, couplings, field, OFFSET in options)


FAMILIES[NAME] = declared


def _declaration(
    shape: tuple[int, ...], couplings: str, field: bool, offset: bool
) -> Declaration:
    """Declaration of the energy on one lattice."""
    texts, pairs = couplings_of(shape, couplings)
    n_couplings, n_spins = len(texts), int(np.prod(shape))
    texts += [("h", "field")] * field + [("offset", "constant energy")] * offset
    products = Products(
        n_spins,
        pairs.tobytes(),
        n_couplings if field else -1,
        n_couplings + field if offset else -1,
        len(texts),
    )
    lattice = "chain" if len(shape) == 1 else "lattice"
    terms = "offset - sum J s_i s_j" if offset else "-sum J s_i s_j"
    parameters = tuple(name for name, _ in texts)
    name = _name(shape, couplings, field, offset)
    return Declaration(
        kernel=spin_kernel(name, products, parameters),
        description=f"Ising energies of configurations of a periodic {lattice}",
        formula=f"E = {terms}" + " - h sum s_i" * field + ", each pair of sites once",
        parameters=tuple(Param(name, "y", text, start=0.0) for name, text in texts),
        spins=shape,
    )


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
