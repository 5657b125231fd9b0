"""Gauss-Newton matrices of energies of spins, counted by bits.

With features F_k (the partials, which depend on the spins alone) and weights w the
matrix is sum_n w_n^2 F_kn F_ln. If every weight of a window is the same and parameters
are those of single pairs, it follows from the moments of two and four spins, which are
counted by bits and exact.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from physfit.data.base import Window
from physfit.engine.layout import Layout
from physfit.engine.spin_moments import Moments, four_sites, moments, pair_number
from physfit.engine.spin_table import Products, is_dense, pairs_of, products_of
from physfit.typing import FloatArray, IntArray

__all__ = ["counts_bits", "exact_gram", "gram_of"]


def counts_bits(layout: Layout) -> bool:
    """Whether a model's parameters are those of single pairs of spins, and untied."""
    if not layout.takes_spins or layout.ties:
        return False
    return is_dense(products_of(layout.kernels[0]))


def gram_of(layout: Layout, window: Window) -> FloatArray | None:
    """Matrix (P, P) of a window's rows; None if they are not weighted alike.

    Parameters
    ----------
    layout : Layout
        One that `counts_bits`.
    window : Window
    """
    weights = window.weights[0, : window.n]
    if not window.n or window.x.dtype != np.int8 or weights.min() != weights.max():
        return None
    products = products_of(layout.kernels[0])
    gram = exact_gram(products, window.x[: window.n])
    return float(weights[0]) ** 2 * gram[np.ix_(layout.free, layout.free)]


def exact_gram(products: Products, spins: NDArray[np.int8]) -> FloatArray:
    """Gram matrix of features of single pairs, from moments; its entries are exact."""
    has_unit = products.field >= 0 or products.constant >= 0
    found = moments(np.ascontiguousarray(spins), has_unit)
    values = np.concatenate([[found.n], found.two, found.four])
    pairs = pairs_of(products)
    places = np.flatnonzero(np.diff(pairs[:, 2], prepend=-1))
    numbers = pairs[places, 2]
    table = values[_pair_places(products)]
    if len(places) < len(pairs):
        table = np.add.reduceat(np.add.reduceat(table, places, 0), places, 1)
    size = products.n_parameters
    gram = np.zeros((size, size), dtype=np.int64)
    gram[np.ix_(numbers, numbers)] = table
    if has_unit:
        _add_singles(products, found, numbers, places, gram)
    return gram.astype(np.float64)


def _add_singles(
    products: Products,
    found: Moments,
    numbers: IntArray,
    places: IntArray,
    gram: IntArray,
) -> None:
    """Rows of the field and the constant: products with the unit are single spins."""
    n_spins = products.n_spins
    first, second, _ = pairs_of(products).T
    sites = np.arange(n_spins)
    if products.field >= 0:
        # Sum over i of s_i s_a s_b: one spin is left where i is a or b.
        row = found.two[pair_number(first, np.full(len(first), n_spins))]
        row = row + found.two[pair_number(second, np.full(len(first), n_spins))]
        for i in sites:
            other = (first != i) & (second != i)
            a, b = first[other], second[other]
            unit = np.full(len(a), n_spins)
            row[other] += found.four[four_sites(np.stack([a, b, 0 * a + i, unit]))]
        _set(gram, products.field, numbers, np.add.reduceat(row, places))
        j, k = np.tril_indices(n_spins, -1)
        pairs = int(found.two[pair_number(k, j)].sum())
        gram[products.field, products.field] = n_spins * found.n + 2 * pairs
    if products.constant >= 0:
        row = -found.two[pair_number(first, second)]
        _set(gram, products.constant, numbers, np.add.reduceat(row, places))
        gram[products.constant, products.constant] = found.n
    if products.field >= 0 and products.constant >= 0:
        single = found.two[pair_number(sites, np.full(n_spins, n_spins))].sum()
        _set(gram, products.constant, np.array([products.field]), -single)


def _set(gram: IntArray, own: int, others: IntArray, values: IntArray) -> None:
    gram[own, others] = gram[others, own] = values


@lru_cache(maxsize=4)
def _pair_places(products: Products) -> NDArray[np.int32]:
    """Where the sum of the product of two pairs stands: n, then pairs, then sets."""
    i, j, _ = pairs_of(products).T
    n_sites = products.n_spins + (products.field >= 0 or products.constant >= 0)
    n_two = n_sites * (n_sites - 1) // 2
    places = np.empty((len(i), len(i)), dtype=np.int32)
    for p, (a, b) in enumerate(zip(i.tolist(), j.tolist(), strict=True)):
        # The pair of sites that is left where one is shared.
        left = np.where((i == a) | (j == a), b, a)
        right = np.where((i == a) | (i == b), j, i)
        shared = (i == a) | (i == b) | (j == a) | (j == b)
        row = 1 + n_two + four_sites(np.stack([i, j, 0 * i + a, 0 * i + b]))
        low, high = np.minimum(left, right), np.maximum(left, right)
        row[shared] = 1 + pair_number(low, high)[shared]
        row[p] = 0
        places[p] = row
    return places
