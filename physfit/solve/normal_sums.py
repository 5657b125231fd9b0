"""Normal equations of models that are linear in their parameters, summed in one pass.

With features F_k (the partials, which depend on the spins alone) and weights w,

    G_kl = sum_n w_n^2 F_kn F_ln ,    b_k = sum_n w_n^2 y_n F_kn .

`b` is minus the gradient of half of chi2 where all parameters are 0. If every weight of
a window is the same and the parameters are those of single pairs, `G` follows from the
moments of two and four spins, which are counted by bits and exact; otherwise the
features of a block are multiplied as floats. Either way G is exact for weights of 1,
since its entries are integers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Any, NamedTuple, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

import physfit.kernels.losses  # noqa: F401  fills the registry
from physfit.engine import jit
from physfit.engine.binding import Binding, Rows
from physfit.engine.gradient import gradient_of_rows
from physfit.engine.layout import Layout
from physfit.engine.problem import address_of
from physfit.engine.program import evaluate
from physfit.engine.spin_moments import Moments, four_sites, moments, pair_number
from physfit.engine.spin_table import Products, is_dense, pairs_of
from physfit.engine.spin_table import products_of as _products
from physfit.engine.workers import undisturbed
from physfit.errors import ModelError
from physfit.models.loss import LEAST_SQUARES
from physfit.typing import FloatArray, IntArray

__all__ = ["NormalSums", "Passes", "cost_and_gradient", "in_memory", "normal_sums"]
__all__ += ["products_of"]

T = TypeVar("T")
#: Rows whose features are multiplied as floats at a time.
FLOAT_ROWS = 1024
#: Rows of a window of data in memory.
WINDOW_ROWS = 65536


class Passes(Protocol):
    """Calls a function of a window and a worker's number on all windows, in order."""

    def __call__(self, function: Callable[[Rows, int], T], /) -> Iterable[T]:
        """Results in the order of the windows."""


class NormalSums(NamedTuple):
    """Sums over rows, by all parameters of the model.

    Attributes
    ----------
    gram : ndarray, shape (n_full, n_full)
    vector : ndarray, shape (n_full,)
    square : float
        Sum of (w y)^2.
    n : int
        Number of rows.
    """

    gram: FloatArray
    vector: FloatArray
    square: float
    n: int


class _Window(NamedTuple):
    x: NDArray[Any]
    y: FloatArray
    weights: FloatArray
    n: int


def in_memory(spins: NDArray[np.int8], y: FloatArray, weights: FloatArray) -> Passes:
    """Passes over arrays: spins (n, n_spins), y and weights (1, n)."""

    def run(function: Callable[[Rows, int], T]) -> Iterator[T]:
        for start in range(0, len(spins), WINDOW_ROWS):
            rows = slice(start, min(start + WINDOW_ROWS, len(spins)))
            n = rows.stop - rows.start
            yield function(_Window(spins[rows], y[:, rows], weights[:, rows], n), 0)

    return run


@undisturbed
def normal_sums(layout: Layout, passes: Passes) -> NormalSums:
    """Normal equations of a sum of products of spins, from one pass over the data.

    Parameters
    ----------
    layout : Layout
        Of `IsingEnergy`; what is free, fixed or tied plays no part here.
    passes : callable
        Runs a function over all windows, such as `in_memory(spins, y, weights)`.
    """
    products = products_of(layout)
    whole = _whole(layout)

    def sums(window: Rows, worker: int) -> NormalSums:
        zero = np.zeros(products.n_parameters)
        cost, gradient = _window_gradient(whole, zero, window)
        return NormalSums(_gram(whole, window), -gradient, 2.0 * cost, window.n)

    size = products.n_parameters
    gram, vector, square, n = np.zeros((size, size)), np.zeros(size), 0.0, 0
    for part in passes(sums):
        gram += part.gram
        vector += part.vector
        square += part.square
        n += part.n
    return NormalSums(gram, vector, square, n)


@undisturbed
def cost_and_gradient(
    layout: Layout, passes: Passes, full: FloatArray
) -> tuple[float, FloatArray]:
    """Half of chi2 and its gradient by all parameters, from one pass over the data."""
    whole = _whole(layout)

    def at(window: Rows, worker: int) -> tuple[float, FloatArray]:
        return _window_gradient(whole, full, window)

    cost, gradient = 0.0, np.zeros(layout.n_full)
    for part in passes(at):
        cost += part[0]
        gradient += part[1]
    return cost, gradient


def products_of(layout: Layout) -> Products:
    """The sum of products that a layout consists of."""
    if layout.takes_spins:
        return _products(layout.kernels[0])
    raise ModelError(
        "normal equations in one pass need a model that is linear in its parameters, "
        "such as ising_energy(40, all_pairs); take method='lm' for others."
    )


def _whole(layout: Layout) -> Layout:
    """The same model with every parameter free."""
    return layout._replace(free=tuple(range(layout.n_full)), fixed=(), ties=())


def _window_gradient(
    whole: Layout, theta: FloatArray, window: Rows
) -> tuple[float, FloatArray]:
    gradient = np.zeros(whole.n_full)
    theta = np.ascontiguousarray(theta)
    binding = Binding(whole, LEAST_SQUARES.kernel)
    binding.bind(window)
    cost = jit.compiled(gradient_of_rows).call(
        binding.problem, address_of(theta), 0, window.n, address_of(gradient)
    )
    binding.release()
    return float(cost), gradient


def _gram(whole: Layout, window: Rows) -> FloatArray:
    products = products_of(whole)
    if window.n == 0:
        return np.zeros((products.n_parameters, products.n_parameters))
    weights = window.weights[0, : window.n]
    spins = window.x[: window.n]
    if is_dense(products) and weights.min() == weights.max():
        return float(weights[0]) ** 2 * exact_gram(products, spins)
    return float_gram(whole, spins, weights)


def float_gram(
    layout: Layout, spins: NDArray[np.int8], weights: FloatArray
) -> FloatArray:
    """Gram matrix of weighted features, block by block as products of floats."""
    size = layout.n_full
    gram, full = np.zeros((size, size)), np.zeros(size)
    for start in range(0, len(spins), FLOAT_ROWS):
        rows = slice(start, start + FLOAT_ROWS)
        _, partials = evaluate(layout, full, spins[rows], partials=True)
        assert partials is not None
        features = partials[:, 0] * weights[rows]
        gram += features @ features.T
    return gram


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
