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
from physfit.engine.spin_moments import four_sites, moments, pair_number
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
    pairs, n_units = _features(products)
    sites = np.pad(spins, ((0, 0), (0, n_units)), constant_values=1)
    sums = moments(np.ascontiguousarray(sites))
    values = np.concatenate([[sums.n], sums.two, sums.four])
    places = np.flatnonzero(np.diff(pairs[:, 2], prepend=-1))
    table = values[_pair_places(products)]
    if len(places) < len(pairs):
        table = np.add.reduceat(np.add.reduceat(table, places, 0), places, 1)
    numbers, size = pairs[places, 2], products.n_parameters
    gram = np.zeros((size, size))
    gram[np.ix_(numbers, numbers)] = table
    if products.constant >= 0:  # the only feature that is not the negative of products
        gram[products.constant] *= -1.0
        gram[:, products.constant] *= -1.0
    return gram


def _features(products: Products) -> tuple[IntArray, int]:
    """Pairs as rows (i, j, parameter) by the parameter, and how many units they need.

    A unit is a site behind the spins that is always up: a field acts on the pairs of
    each spin with the first unit, a constant is that of both units.
    """
    n, field, constant = products.n_spins, products.field, products.constant
    rows = [pairs_of(products)]
    if field >= 0:
        rows.append(np.column_stack([np.arange(n), np.full(n, n), np.full(n, field)]))
    if constant >= 0:
        rows.append(np.array([[n, n + 1, constant]]))
    pairs = np.concatenate(rows)
    n_units = 2 if constant >= 0 else int(field >= 0)
    return pairs[np.argsort(pairs[:, 2], kind="stable")], n_units


@lru_cache(maxsize=4)
def _pair_places(products: Products) -> NDArray[np.int32]:
    """Where the sum of the product of two pairs stands: n, then pairs, then sets."""
    pairs, n_units = _features(products)
    i, j, _ = pairs.T
    n_sites = products.n_spins + n_units
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
