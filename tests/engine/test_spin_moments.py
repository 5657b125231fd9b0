"""Sums of products of two and four spins, against their definition."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from physfit.engine.abi import popcount
from physfit.engine.spin_moments import four_sites, moments, pair_number

ROWS = [1, 7, 8, 63, 64, 65, 4096, 4097, 5000]


def configurations(n: int, n_spins: int, seed: int = 0):
    rng = np.random.default_rng(seed)
    return np.where(rng.random((n, n_spins)) < 0.4, 1, -1).astype(np.int8)


@pytest.mark.parametrize("n_units", [0, 1, 2])
@pytest.mark.parametrize("n_spins", [2, 5, 8, 9])
@pytest.mark.parametrize("n", ROWS)
def test_moments_are_sums_of_products(n, n_spins, n_units):
    """Exactly, around the sizes of bytes, words and chunks; also of sites all up."""
    units = np.ones((n, n_units), dtype=np.int8)
    spins = np.hstack([configurations(n, n_spins), units])
    found = moments(spins)
    sites = spins.astype(np.int64)
    pairs = list(combinations(range(sites.shape[1]), 2))
    two = [sites[:, [i, j]].prod(axis=1).sum() for i, j in pairs]
    i, j = np.array(pairs).T
    np.testing.assert_array_equal(found.two[pair_number(i, j)], two)
    sets = list(combinations(range(sites.shape[1]), 4))
    four = [sites[:, list(own)].prod(axis=1).sum() for own in sets]
    numbers = four_sites(np.array(sets, dtype=np.int64).reshape(-1, 4).T)
    np.testing.assert_array_equal(found.four[numbers], np.array(four, dtype=int))


def test_every_set_has_a_number_of_its_own_whatever_the_order():
    """The numbers of sets of four of 9 sites are 0 to 125, each once."""
    sets = np.array(list(combinations(range(9), 4))).T
    numbers = four_sites(sets)
    assert sorted(numbers) == list(range(126))
    np.testing.assert_array_equal(four_sites(sets[[2, 0, 3, 1]]), numbers)


def test_bits_of_negative_words_are_counted_too():
    """-1 has all 64 bits set; the interpreter's form agrees with the processor's."""
    assert [popcount(word) for word in (0, 1, -1, -(2**63))] == [0, 1, 64, 1]
