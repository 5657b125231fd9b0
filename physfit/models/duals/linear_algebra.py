"""Rules of numpy.linalg, for dual numbers.

With A v = lambda v and vectors of unit length, lambda moves by v^H dA v for a Hermitian
matrix, and by u^H dA v / u^H v with the left vector u for others; the vectors by the
others of the same matrix. Where eigenvalues meet, those of a Hermitian matrix do not
move smoothly one by one; there is no derivative then.

References
----------
J. R. Magnus, H. Neudecker, Matrix Differential Calculus (Wiley 1999), chapter 8.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from physfit.models.duals.dual import Dual, dual_of, function_of

__all__: list[str] = []

#: Distance of eigenvalues, relative to the largest, that is none.
CLOSE = 1e-12


@function_of(np.linalg.inv)
def inv(a: Any) -> Any:
    """Inverse: d(A^-1) = -A^-1 dA A^-1."""
    a = dual_of(a)
    inverse = np.linalg.inv(a.value)
    if a.partials is None:
        return Dual(inverse)
    return Dual(inverse, -inverse @ a.partials @ inverse)


@function_of(np.linalg.solve)
def solve(a: Any, b: Any) -> Any:
    """Solution of A x = b: dx = A^-1 (db - dA x)."""
    a, b = dual_of(a), dual_of(b)
    is_vector = b.ndim == 1
    right = b.reshape(*b.shape, 1) if is_vector else b
    x = np.linalg.solve(a.value, right.value)
    total: Any = None
    if a.partials is not None:
        total = -np.linalg.solve(a.value, a.partials @ x)
    if right.partials is not None:
        moved = np.linalg.solve(a.value, right.partials)
        total = moved if total is None else total + moved
    if is_vector:
        return Dual(x[..., 0], None if total is None else total[..., 0])
    return Dual(x, total)


@function_of(np.linalg.det)
def det(a: Any) -> Any:
    """Determinant: d det A = det A tr(A^-1 dA)."""
    a = dual_of(a)
    value = np.linalg.det(a.value)
    if a.partials is None:
        return Dual(value)
    moved = np.linalg.solve(a.value, a.partials)
    return Dual(value, value * np.einsum("...kk->...", moved))


@function_of(np.linalg.slogdet)
def slogdet(a: Any) -> Any:
    """Sign and logarithm of a determinant."""
    a = dual_of(a)
    sign, log = np.linalg.slogdet(a.value)
    if a.partials is None:
        return sign, Dual(log)
    if np.iscomplexobj(a.value):
        raise TypeError("dual numbers do not know slogdet of complex matrices")
    moved = np.linalg.solve(a.value, a.partials)
    return sign, Dual(log, np.einsum("...kk->...", moved))


@function_of(np.linalg.eigvalsh)
def eigvalsh(a: Any, UPLO: str = "L") -> Any:
    """Eigenvalues of a Hermitian matrix."""
    return eigh(a, UPLO)[0]


@function_of(np.linalg.eigh)
def eigh(a: Any, UPLO: str = "L") -> Any:
    """Eigenvalues and vectors of a Hermitian matrix."""
    a = _hermitian(dual_of(a), UPLO)
    values, vectors = np.linalg.eigh(a.value)
    if a.partials is None:
        return Dual(values), Dual(vectors)
    turned = np.conj(np.swapaxes(vectors, -1, -2)) @ a.partials @ vectors
    moved = np.real(np.einsum("...kk->...k", turned))
    gaps = values[..., None, :] - values[..., :, None]
    size = np.abs(values).max(axis=-1, initial=0.0)[..., None, None]
    meets = np.abs(gaps) <= CLOSE * size
    mixed = np.where(meets, 0.0, turned / np.where(meets, 1.0, gaps))
    off = meets & ~np.eye(values.shape[-1], dtype=bool)
    if off.any():  # each one by one has no derivative there
        lost = off.any(axis=-1)
        moved = np.where(lost, np.nan, moved)
        mixed = np.where(lost[..., None, :], np.nan, mixed)
    return Dual(values, moved), Dual(vectors, vectors @ mixed)


def _hermitian(a: Dual, triangle: str) -> Dual:
    """The matrix that a triangle stands for: the other one is not read."""
    if triangle.upper() == "L":
        half = a.each(lambda own: np.tril(own, -1))
    else:
        half = a.each(lambda own: np.triu(own, 1))
    n = a.shape[-1]
    diagonal = a.each(lambda own: np.real(own) * np.eye(n))
    other = half.each(lambda own: np.conj(np.swapaxes(own, -1, -2)))
    return dual_of(half + other + diagonal)


@function_of(np.linalg.eigvals)
def eigvals(a: Any) -> Any:
    """Eigenvalues of any matrix."""
    a = dual_of(a)
    values, vectors = np.linalg.eig(a.value)
    if a.partials is None:
        return Dual(values)
    turned = np.linalg.solve(vectors, a.partials @ vectors)
    return Dual(values, np.einsum("...kk->...k", turned))


@function_of(np.linalg.matrix_power)
def matrix_power(a: Any, n: int) -> Any:
    """Power of a matrix, a whole number."""
    a = dual_of(a)
    base = inv(a) if n < 0 else a
    found = Dual(np.broadcast_to(np.eye(a.shape[-1]), a.shape))
    for _ in range(abs(n)):
        found = np.matmul(found, base)
    return found


@function_of(np.linalg.multi_dot)
def multi_dot(arrays: Any) -> Any:
    """Product of several matrices."""
    found, *others = arrays
    for own in others:
        found = np.dot(found, own)
    return found


@function_of(np.linalg.norm)
def norm(x: Any, ord: Any = None, axis: Any = None, **kwargs: Any) -> Any:
    """Euclidean length of vectors, or the root of the sum of squares of a matrix."""
    x = dual_of(x)
    if not (ord is None or (ord == 2 and (x.ndim == 1 or isinstance(axis, int)))):
        raise TypeError(f"dual numbers do not know the norm {ord!r}")
    if kwargs.get("keepdims"):
        raise TypeError("dual numbers do not know a norm with keepdims")
    return np.sqrt(np.sum(np.abs(x) ** 2, axis=axis))
